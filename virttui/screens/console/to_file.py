"""Consoles that are kept in files: each is a task, and goes on when its page is left.

The owner lives as long as the app. A page hands its open console over when it is left, and takes it
back, with its terminal, when it is opened again. A file has no gaps: it ends where the console is
no longer attached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from textual.app import App

from virttui import formatting
from virttui.local.stream_file import StreamFile
from virttui.model.commands import Command, Target, Verb
from virttui.model.domains.consoles import ConsoleFileArguments, ConsolePhase, ConsoleState
from virttui.model.errors import HostLost, OperationError, PartiallyDone
from virttui.model.identity import Kind
from virttui.screens.base.beside import beside
from virttui.screens.console.left_terminals import Console, LeftTerminal, left_terminals
from virttui.screens.console.session import ConsoleSession
from virttui.terminal.screen import TerminalScreen

if TYPE_CHECKING:
    from virttui.widgets.app_protocol import AppServices

_NOW = b"--- from here on as it comes, with what a terminal obeys ---\n"

_GOES_ON = (None, ConsolePhase.ATTACHING, ConsolePhase.ATTACHED, ConsolePhase.READING)
"""Phases in which nothing of the guest's output was lost so far."""


@dataclass(slots=True)
class ConsoleRecording:
    """An open console and its file; ``is_shown`` while a page has it, which then closes it."""

    console: Console
    name: str
    session: ConsoleSession
    terminal: TerminalScreen
    file: StreamFile
    is_shown: bool = True
    size_typed: bool = False
    task: int = field(default=0)

    @property
    def words(self) -> str:
        """Its path and size."""
        return f"{self.file.path}, {formatting.size(self.file.written)}"


class ConsoleRecordings:
    """The consoles of one app that are kept in files."""

    def __init__(self, app: App[Any], services: AppServices) -> None:
        self._app = app
        self._services = services
        self._kept: dict[Console, ConsoleRecording] = {}
        services.follow_consoles(self._take_state)

    async def begin(
        self, typed: str, name: str, session: ConsoleSession, terminal: TerminalScreen
    ) -> str:
        """Keep a console of the domain ``name`` in a new file; returns why not, "" where it is."""
        failures: list[str] = []
        console = (session.request.domain, session.request.device)
        if console in self._kept:
            return "it is kept already"
        make = partial(_made, typed, terminal, partial(self._failed, console, failures))
        made = await beside(make, lambda late: late.close() if not isinstance(late, str) else None)
        if isinstance(made, str):
            return made
        if session.is_closed or console in self._kept:
            made.close()
            return f"the console was let go of; {made.path} has the lines until then"
        kept = self._kept[console] = ConsoleRecording(console, name, session, terminal, made)
        session.copy = made.write
        target = Target(Kind.DOMAIN, console[0], name)
        command = Command(
            Verb.KEEP_CONSOLE, target, ConsoleFileArguments(console[1], str(made.path))
        )
        kept.task = self._services.local_tasks.begin(
            command, lambda: f"{console[1]} in {kept.words}", lambda: self._end(kept)
        )
        if failures:
            self._tell_failure(console, failures[0])
        else:
            self._judge(kept)
        return ""

    def find(self, console: Console) -> ConsoleRecording | None:
        """The console, if it is kept."""
        return self._kept.get(console)

    def end(self, console: Console) -> bool:
        """Keep a console no longer; false where it was not kept."""
        kept = self._kept.get(console)
        if kept is not None:
            self._end(kept)
        return kept is not None

    def join(self, console: Console, *, read_along: bool) -> ConsoleRecording | None:
        """Give a kept console to a page that opens it; the page must hand it over again.

        One that is read along ends where the console itself is wanted, and the other way round.
        """
        kept = self._kept.get(console)
        if kept is None or kept.is_shown:
            return None
        if kept.session.request.read_along is not read_along:
            self._end(kept)
            return None
        kept.is_shown = True
        return kept

    def hand_over(self, session: ConsoleSession, *, size_typed: bool) -> ConsoleRecording | None:
        """Take the console of a page that is left, if it is kept; else the page closes it."""
        kept = self._kept.get((session.request.domain, session.request.device))
        if kept is None or kept.session is not session:
            return None
        session.on_change = None
        kept.is_shown, kept.size_typed = False, size_typed
        return kept

    # -- its end -----------------------------------------------------------------------------

    def _take_state(self, state: ConsoleState) -> None:
        """Take a change of an open console: no page may be there to do it."""
        for kept in tuple(self._kept.values()):
            if kept.session.number == state.id:
                kept.session.take(state)
                self._judge(kept)

    def _judge(self, kept: ConsoleRecording) -> None:
        """End the file where the guest's output no longer comes in."""
        state = kept.session.state
        if state is None or state.phase in _GOES_ON:
            return
        why = f": {state.reason}" if state.reason else ""
        when = formatting.clock(state.since)
        if state.phase is ConsolePhase.OFF:
            self._end(kept, f"{kept.name} went off at {when}{why}")
        elif state.phase is ConsolePhase.HOST_LOST:
            self._fail(kept, HostLost, f"its host was lost at {when}{why}")
        elif state.phase is ConsolePhase.REFUSED:
            self._fail(kept, PartiallyDone, f"it ended at {when}{why}")
        else:
            self._fail(kept, PartiallyDone, f"somebody else took the console over at {when}")

    def _failed(self, console: Console, failures: list[str], why: str) -> None:
        """Called on the thread of the file."""
        failures.append(why)
        with suppress(RuntimeError):  # the app has ended
            self._app.call_later(self._tell_failure, console, why)

    def _tell_failure(self, console: Console, why: str) -> None:
        if (kept := self._kept.get(console)) is not None:
            self._fail(kept, PartiallyDone, why)

    def _fail(self, kept: ConsoleRecording, kind: type[OperationError], why: str) -> None:
        trouble = kind(f"{kept.console[1]} is kept no longer: {why}; it is in {kept.words}")
        self._end(kept, trouble=trouble)

    def _end(
        self, kept: ConsoleRecording, why: str = "", trouble: OperationError | None = None
    ) -> None:
        """End the file and its task, and let go of the console where no page shows it."""
        if self._kept.pop(kept.console, None) is None:
            return
        kept.session.copy = None
        kept.file.close()
        begin = f"{why}; " if why else ""
        words = f"{begin}{kept.console[1]} is kept no longer: it is in {kept.file.path}"
        self._services.local_tasks.finish(kept.task, words, trouble)
        if not kept.is_shown:
            attached = kept.session.phase is ConsolePhase.ATTACHED
            let_go_at = self._services.look.epoch if attached else kept.session.let_go_at
            kept.session.close()
            left = LeftTerminal(kept.terminal, let_go_at, kept.size_typed)
            left_terminals(self._app).put(kept.console, left)


_OF_APPS: WeakKeyDictionary[App[Any], ConsoleRecordings] = WeakKeyDictionary()


def console_recordings(app: App[Any], services: AppServices) -> ConsoleRecordings:
    """The consoles that are kept in files, of an app; ``services`` is the app as screens see it."""
    found = _OF_APPS.get(app)
    if found is None:
        found = _OF_APPS[app] = ConsoleRecordings(app, services)
    return found


def _made(
    typed: str, terminal: TerminalScreen, on_failure: Callable[[str], None]
) -> StreamFile | str:
    try:
        return StreamFile(Path(typed).expanduser(), _head(terminal), on_failure)
    except FileExistsError:
        return f"there is a file {typed} already"
    except OSError as error:
        return f"{typed}: {error.strerror or error}"
    except RuntimeError as error:  # "~" of a user who is not there
        return str(error)


def _head(terminal: TerminalScreen) -> Iterator[bytes]:
    """The lines that are kept, as text."""
    for _, lines in terminal.text():
        yield "".join(f"{line.rstrip()}\n" for line in lines).encode()
    yield _NOW

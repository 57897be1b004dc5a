"""A console that is kept in a file: the lines that are kept already, then all that comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from virttui import formatting
from virttui.local.stream_file import StreamFile
from virttui.screens.base.beside import beside
from virttui.screens.console.session import ConsoleSession
from virttui.terminal.screen import TerminalScreen

_NOW = b"--- from here on as it comes, with what a terminal obeys ---\n"


class ConsoleFile:
    """The file of the console that is shown, if it has one.

    ``show_message`` says what became of it; ``call`` runs something on the app's thread.
    """

    def __init__(
        self, show_message: Callable[[str, bool], None], call: Callable[[Callable[[], None]], None]
    ) -> None:
        self._show_message = show_message
        self._call = call
        self._file: StreamFile | None = None
        self._session: ConsoleSession | None = None

    @property
    def words(self) -> str:
        """Its path and size; "" while there is none."""
        file = self._file
        return f"{file.path}, {formatting.size(file.written)}" if file is not None else ""

    async def begin(self, typed: str, session: ConsoleSession, terminal: TerminalScreen) -> None:
        """Begin a file at a path that was typed, or say why there can be none."""
        make = partial(_made, typed, terminal, self._failed)
        made = await beside(make, lambda late: late.close() if not isinstance(late, str) else None)
        if isinstance(made, str):
            self._show_message(f"nothing is kept: {made}", True)
            return
        self.end()
        self._file, self._session = made, session
        session.copy = made.write
        self._show_message(f"kept in {made.path} from now on; e ends it", False)

    def end(self) -> str:
        """End it; returns words for what is in it, "" where there was none."""
        file, session = self._file, self._session
        self._file = self._session = None
        if session is not None:
            session.copy = None
        if file is None:
            return ""
        file.close()
        return f"it is in {file.path}"

    def _failed(self, why: str) -> None:
        """Called on the thread of the file."""
        with suppress(RuntimeError):  # the app has ended
            self._call(lambda: self._tell_failure(why))

    def _tell_failure(self, why: str) -> None:
        if kept := self.end():
            self._show_message(f"it is kept no longer: {why}; {kept}", True)


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

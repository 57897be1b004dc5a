"""One open console: the thread that feeds its terminal, its phase, and its number."""

from __future__ import annotations

from collections.abc import Callable

from virttui import formatting
from virttui.model.backend import Consoles
from virttui.model.domains.consoles import ConsolePhase, ConsoleRequest, ConsoleState
from virttui.screens.base.beside import beside
from virttui.terminal.parser import Parser
from virttui.terminal.printed import Printed
from virttui.terminal.screen import TerminalScreen


async def make_terminal() -> TerminalScreen:
    """A terminal, made beside the app: the first one loads its engine, which takes 0.2 s."""
    return await beside(TerminalScreen, TerminalScreen.close)


class ConsoleSession:
    """An open console until ``close``; ``on_change``, if any, is called on the parser's thread."""

    def __init__(
        self,
        consoles: Consoles,
        request: ConsoleRequest,
        terminal: TerminalScreen,
        on_change: Callable[[], None] | None,
        names: tuple[str, str],
        printed: Printed,
    ) -> None:
        self.request = request
        self.state: ConsoleState | None = None
        self.was_attached = False
        self.let_go_at: float | None = None
        self.copy: Callable[[bytes], None] | None = None
        self._noted_end: ConsolePhase | None = None
        self._consoles = consoles
        self._name, self._host = names
        self._printed = printed
        self.on_change = on_change
        self.is_closed = False
        self._parser = Parser(terminal, self._changed, self._reply, replies=not request.read_along)
        self.number = consoles.open_console(request, self._feed)

    @property
    def phase(self) -> ConsolePhase | None:
        """Its phase; None before the first one was told."""
        return self.state.phase if self.state is not None else None

    @property
    def taken(self) -> int:
        """Bytes of long writes that libvirt took so far."""
        return self.state.taken if self.state is not None else 0

    def take(self, state: ConsoleState) -> bool:
        """Take a state that was told; returns whether the phase is another one.

        Where output may be missing, a rule in the terminal says so.
        """
        before, self.state = self.phase, state
        if state.phase is before:
            return False
        if state.phase is ConsolePhase.ATTACHED:
            if self.was_attached:
                self._note_return(formatting.clock(state.since))
            self.was_attached, self._noted_end = True, None
        elif state.phase is ConsolePhase.READING:
            self.was_attached = True
        elif self.was_attached and state.phase is not self._noted_end:
            self._note_end(state)
        return True

    def _note_return(self, now: str) -> None:
        """Say where output may be missing: since it was let go, or lost."""
        let_go, self.let_go_at = self.let_go_at, None
        if let_go is not None and self._noted_end is None:
            self.note(f"let go {formatting.clock(let_go)}, back {now}")
        else:
            self.note(f"attached again at {now}")

    def _note_end(self, state: ConsoleState) -> None:
        when = formatting.clock(state.since)
        why = f": {state.reason}" if state.reason else ""
        if state.phase is not ConsolePhase.ATTACHING:  # it is found out why it ended
            self._noted_end = state.phase
        if state.phase is ConsolePhase.OFF:
            self.note(f"{self._name} went off at {when}{why}", ended=True)
        elif state.phase is ConsolePhase.HOST_LOST:
            self.note(f"{self._host} was lost at {when}{why}")
        elif state.phase is ConsolePhase.TAKEN_OVER:
            self.note(f"taken over by somebody else at {when}")

    def _feed(self, data: bytes) -> None:
        """Take output of the guest, on a thread of the backend."""
        self._parser.feed(data)
        self._printed.add(data)
        if (copy := self.copy) is not None:
            copy(data)

    def note(self, text: str, *, ended: bool = False) -> None:
        """Put a rule with a sentence of ours behind the guest's output."""
        self._parser.note(text, ended=ended)
        self._printed.note(text)

    def write(self, data: bytes) -> None:
        """Send bytes to the guest."""
        if data:
            self._consoles.write_console(self.number, data)

    def attach(self, *, force: bool = False) -> None:
        """Ask for the console anew; ``force`` takes it from whoever has it."""
        self._consoles.attach_console(self.number, force=force)

    def close(self) -> None:
        """Let go of the console, and end the thread."""
        self.is_closed = True
        self._consoles.close_console(self.number)
        self._parser.close()

    def _changed(self) -> None:
        """Called on the parser's thread."""
        if (tell := self.on_change) is not None:
            tell()

    def _reply(self, data: bytes) -> None:
        """Send what the terminal replies, while the console is ours."""
        if self.phase is ConsolePhase.ATTACHED:
            self.write(data)

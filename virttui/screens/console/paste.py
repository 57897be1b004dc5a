"""A paste on its way into a guest: a piece at a time, each once libvirt took the one before."""

from __future__ import annotations

from virttui import formatting
from virttui.screens.console.session import ConsoleSession
from virttui.terminal.paste import PIECE, Paste


class RunningPaste:
    """Hands a paste over; ``taken`` is called with each count of bytes that libvirt took."""

    def __init__(self, session: ConsoleSession, paste: Paste) -> None:
        self._session = session
        self._paste = paste
        self._taken_before = session.taken
        self._counted = 0
        self._send()

    @property
    def session(self) -> ConsoleSession:
        """The console that it goes to."""
        return self._session

    @property
    def is_done(self) -> bool:
        """Whether everything was handed over and taken."""
        return self._paste.is_done

    @property
    def sent(self) -> str:
        """How much was handed over."""
        return formatting.size(self._paste.sent)

    @property
    def words(self) -> str:
        """How far it is."""
        return f"pasting, {self.sent} of {formatting.size(self._paste.total)}"

    def taken(self) -> None:
        """Go on, once the pieces so far were taken."""
        if self._session.taken - self._taken_before >= self._counted:
            self._send()

    def stop(self) -> None:
        """Give up the rest."""
        self._session.write(self._paste.stop())

    def _send(self) -> None:
        """Hand over one piece; shorter ones than ``PIECE`` are not counted, and so the last."""
        piece = self._paste.next_piece()
        self._session.write(piece)
        if len(piece) == PIECE:
            self._counted += PIECE

"""The tokens in each line of a text that is being typed.

Only where a line begins is kept (inside a comment, a tag, a value); a line's tokens are scanned
when it is drawn. After a change it is scanned anew from there, until lines begin as they did.
"""

from __future__ import annotations

from collections.abc import Sequence

from virttui.libvirtxml.text.tokenizer import Mode, Token, line_tokens
from virttui.render.line import Role


class Syntax:
    """The modes that the lines of one text begin in."""

    def __init__(self) -> None:
        self._modes: list[Mode] = [Mode.TEXT]
        self._doubtful: int | None = None
        self._certain = 0

    def changed(self, top: int, old_bottom: int, new_bottom: int) -> None:
        """Lines ``top`` to ``old_bottom`` became ``top`` to ``new_bottom`` (both included)."""
        self._drop_doubtful(top)
        known = self._modes
        if top + 1 >= len(known):
            return
        behind = known[old_bottom + 1 :]
        if not behind:
            del known[top + 1 :]
            self._doubtful = None
            return
        known[top + 1 :] = [Mode.TEXT] * (new_bottom - top) + behind
        self._doubtful, self._certain = top, new_bottom + 1

    def _drop_doubtful(self, top: int) -> None:
        """A second change before the first was scanned: what lies behind it is not known."""
        if self._doubtful is not None:
            del self._modes[min(self._doubtful, top) + 1 :]
            self._doubtful = None

    def forget(self) -> None:
        """Another text."""
        self._modes, self._doubtful = [Mode.TEXT], None

    def mode(self, lines: Sequence[str], row: int) -> Mode:
        """The state in which one line begins."""
        if self._doubtful is not None:
            self._settle(lines)
        modes = self._modes
        while len(modes) <= row:
            modes.append(line_tokens(lines[len(modes) - 1], modes[-1])[1])
        return modes[row]

    def tokens(self, lines: Sequence[str], row: int) -> list[Token]:
        """The tokens of one line."""
        return line_tokens(lines[row], self.mode(lines, row))[0]

    def _settle(self, lines: Sequence[str]) -> None:
        row = self._doubtful or 0
        self._doubtful = None
        modes = self._modes
        while row + 1 < len(modes):
            after = line_tokens(lines[row], modes[row])[1]
            row += 1
            if row >= self._certain and modes[row] is after:
                return
            modes[row] = after


ROLES = {
    "<": Role.ACCENT,
    "</": Role.ACCENT,
    ">": Role.ACCENT,
    "/>": Role.ACCENT,
    "name": Role.ACCENT,
    "attribute": Role.MUTED,
    "=": Role.MUTED,
    "value": Role.TEXT,
    "blank": Role.TEXT,
    "text": Role.TEXT,
    "comment": Role.MUTED,
    "cdata": Role.TEXT,
    "instruction": Role.MUTED,
    "doctype": Role.BAD,
    "wrong": Role.BAD,
}
"""What each part of a text is drawn as, by ``Part``: three colours and no more."""

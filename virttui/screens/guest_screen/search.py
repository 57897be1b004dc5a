"""Searching the text of a guest's screen."""

from __future__ import annotations

from collections.abc import Sequence

from virttui.render.line import text_width

Match = tuple[int, int, int]
"""Row, first column and one behind the last, from 0."""


class ScreenSearch:
    """What is searched for, and its matches from the top; capitals count where one is typed."""

    def __init__(self) -> None:
        self.text = ""
        self.matches: Sequence[Match] = ()
        self._place = -1

    @property
    def found(self) -> tuple[int, int]:
        """The number of the match that is shown, from 1, 0 for none, and how many there are."""
        return self._place + 1, len(self.matches)

    @property
    def match(self) -> Match | None:
        """The match that is shown."""
        return self.matches[self._place] if 0 <= self._place < len(self.matches) else None

    def look(self, text: str, lines: Sequence[str], step: int = 0) -> None:
        """Search; show the next match (1), the one before (-1), or the last one (0)."""
        before = self.match
        self.text = text
        self.matches = _matches(text, lines)
        if not self.matches:
            self._place = -1
        elif before is None or not step:
            kept = before in self.matches and not step
            self._place = self.matches.index(before) if kept and before else len(self.matches) - 1
        elif step > 0:
            self._place = next((n for n, one in enumerate(self.matches) if one > before), 0)
        else:
            earlier = [n for n, one in enumerate(self.matches) if one < before]
            self._place = earlier[-1] if earlier else len(self.matches) - 1

    def clear(self) -> None:
        """Search for nothing any more."""
        self.text, self.matches, self._place = "", (), -1


def _matches(text: str, lines: Sequence[str]) -> list[Match]:
    fold = text == text.casefold()
    wanted = text.casefold() if fold else text
    found: list[Match] = []
    for row, line in enumerate(lines):
        searched = line.casefold() if fold else line
        at = searched.find(wanted) if wanted else -1
        while at >= 0:
            start = text_width(line[:at])
            found.append((row, start, start + text_width(line[at : at + len(text)])))
            at = searched.find(wanted, at + len(wanted))
    return found

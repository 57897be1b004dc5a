"""A page of text that may grow: scrolled, searched, one line under the cursor; pure.

``TextPage`` keeps lines as they came and makes lines of runs of those in view alone, so that a page
of two hundred thousand lines costs what a screen of them does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from virttui.render.glyphs import RenderContext
from virttui.render.line import Background, Line, Role, Run, clean, merged, text_width, within

LONGEST = 4096
"""Longer lines go on in the next: one endless line must not cost more than a screen."""
_SIDEWAYS = 20


class TextPage:
    """Lines, the cursor's line, how far it is scrolled, and what is searched for.

    With ``follow`` the cursor keeps to the last line while it stands there.
    """

    def __init__(self, *, follow: bool = False) -> None:
        self.lines: list[str] = []
        self.place = 0
        self.hits: list[int] = []
        self.searched = ""
        self._tones: Sequence[Role] = ()
        self._follow = follow
        self._offset = 0
        self._left = 0
        self._height = 1

    # -- growing ---------------------------------------------------------------------------

    def add(self, lines: Iterable[str]) -> None:
        """Put lines behind the others."""
        at_end = self.place >= len(self.lines) - 1
        for line in lines:
            shown = line.rstrip("\r").expandtabs(8)
            for start in range(0, max(1, len(shown)), LONGEST):
                part = shown[start : start + LONGEST]
                if self.searched and self._holds(part):
                    self.hits.append(len(self.lines))
                self.lines.append(part)
        if self._follow and at_end:
            self.go(len(self.lines) - 1)

    def set_lines(self, lines: Sequence[str], tones: Sequence[Role]) -> None:
        """Have these lines, each in its tone, instead of the ones before.

        The cursor stays on its line where that is still there, what is searched for is lit anew.
        """
        at = self.lines[self.place] if self.lines else ""
        self.lines = list(lines)
        self._tones = tones
        if not (self.place < len(self.lines) and self.lines[self.place] == at):
            same = [place for place, line in enumerate(self.lines) if line == at]
            self.place = min(same, key=lambda place: abs(place - self.place), default=self.place)
        self.hits = [n for n, line in enumerate(self.lines) if self._holds(line)]
        self.hits = self.hits if self.searched else []
        self.go(self.place)

    # -- moving ----------------------------------------------------------------------------

    def resize(self, height: int) -> None:
        """So many lines are in view."""
        self._height = max(1, height)
        self.go(self.place)

    def go(self, place: int) -> None:
        """Put the cursor on a line and scroll as far as it needs."""
        self.place = max(0, min(place, len(self.lines) - 1))
        self._offset = max(0, min(self._offset, len(self.lines) - self._height))
        self._offset = min(self._offset, self.place)
        self._offset = max(self._offset, self.place - self._height + 1)

    def move(self, by: int) -> None:
        """Move the cursor."""
        self.go(self.place + by)

    def turn(self, pages: float) -> None:
        """Scroll by pages (``0.5`` is half of one); the cursor goes along."""
        by = int(self._height * pages)
        self._offset = max(0, min(self._offset + by, len(self.lines) - self._height))
        self.go(self.place + by)

    def sideways(self, steps: int) -> None:
        """Show what stands further right, or left again."""
        widest = max((text_width(clean(line)) for line in self._in_view()), default=0)
        self._left = max(0, min(self._left + steps * _SIDEWAYS, widest - 1))

    # -- searching -------------------------------------------------------------------------

    def search(self, words: str) -> None:
        """Look for words; capitals in them are meant, small letters are either."""
        self.searched = words
        self.hits = [n for n, line in enumerate(self.lines) if self._holds(line)] if words else []
        ahead = next((hit for hit in self.hits if hit >= self.place), None)
        if self.hits:
            self.go(self.hits[0] if ahead is None else ahead)

    def next_hit(self, step: int) -> bool:
        """Go to the next line that holds the words, or the one before; false when none does."""
        if not self.hits:
            return False
        if step > 0:
            found = next((hit for hit in self.hits if hit > self.place), self.hits[0])
        else:
            found = next((hit for hit in reversed(self.hits) if hit < self.place), self.hits[-1])
        self.go(found)
        return True

    def counted(self) -> str:
        """``3 of 41`` lines that hold what is searched for; "" when nothing is."""
        if not self.searched:
            return ""
        if not self.hits:
            return "no match"
        at = sum(1 for hit in self.hits if hit <= self.place)
        return f"{at} of {len(self.hits)}"

    def _holds(self, line: str) -> bool:
        words = self.searched
        return words in (line if words != words.lower() else line.lower())

    # -- drawing ---------------------------------------------------------------------------

    @property
    def position(self) -> str:
        """``line 12 of 480``."""
        return f"line {self.place + 1} of {len(self.lines)}" if self.lines else ""

    def _in_view(self) -> list[str]:
        return self.lines[self._offset : self._offset + self._height]

    def draw(self, look: RenderContext, width: int) -> list[Line]:
        """The lines in view, each in exactly ``cells``."""
        return [
            self._line(line, self._offset + n, look, width)
            for n, line in enumerate(self._in_view())
        ]

    def _line(self, line: str, place: int, look: RenderContext, width: int) -> Line:
        lit = place == self.place
        row_role = self._tones[place] if place < len(self._tones) else Role.TEXT
        background = Background.CURSOR if lit else Background.PLAIN
        shown = clean(line[self._left :])
        runs = [
            Run(look.glyphs.cursor if lit else " ", Role.ACCENT if lit else Role.TEXT, background)
        ]
        for part, found in self._parts(shown):
            chosen = Background.CHOSEN if found else background
            runs.append(Run(part, Role.STRONG if found else row_role, chosen))
        return within(merged(runs), width, background)

    def _parts(self, shown: str) -> list[tuple[str, bool]]:
        """The text in pieces, each with whether it is what is searched for."""
        words = self.searched
        haystack = shown if words != words.lower() else shown.lower()
        # Some letters change their length when they become small: then nothing is lit.
        if not words or len(haystack) != len(shown):
            return [(shown, False)]
        parts: list[tuple[str, bool]] = []
        start = 0
        while (found := haystack.find(words, start)) >= 0:
            parts += [(shown[start:found], False), (shown[found : found + len(words)], True)]
            start = found + len(words)
        return [*parts, (shown[start:], False)]

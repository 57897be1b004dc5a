"""What is searched for in all lines that a terminal keeps, and the match that is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace

from virttui.screens.base.beside import beside
from virttui.terminal.screen import TerminalScreen
from virttui.terminal.search import Match, find
from virttui.widgets.terminal_view import TerminalView


class ConsoleSearch:
    """A search in one terminal; ``found`` is the number of the match, from 1, and how many.

    The match is pinned: lines get other numbers as old ones go.
    """

    def __init__(self, terminal: TerminalScreen, view: TerminalView) -> None:
        self.text = ""
        self.found = (0, 0)
        self._terminal = terminal
        self._view = view
        self._match: Match | None = None
        self._pin: int | None = None
        self._one_by_one = asyncio.Lock()

    async def look(self, text: str, step: int = 0) -> None:
        """Search again, and show the next match (1), the one before (-1), or the newest (0)."""
        async with self._one_by_one:
            result = await beside(partial(find, self._terminal, text))
            self.text = text
            place = self._place(result.matches, step)
            self.found = (0 if place is None else place + 1, len(result.matches))
            self._show(None if place is None else result.matches[place])

    def follow(self) -> None:
        """Keep the match on its line after the guest wrote something."""
        if self._match is None or self._pin is None:
            return
        line = self._terminal.pinned_line(self._pin)
        if line is None:
            self._show(None)
        elif line != self._match.line:
            self._match = replace(self._match, line=line)
            self._view.show_match(self._match)

    def clear(self) -> None:
        """Search for nothing any more."""
        if self.text:
            self.text, self.found = "", (0, 0)
            self._show(None)

    def _place(self, matches: Sequence[Match], step: int) -> int | None:
        """Which of the matches comes next; after the last one the first."""
        if not matches:
            return None
        self.follow()
        if self._match is None or not step:
            return len(matches) - 1
        here = (self._match.line, self._match.column)
        places = [(one.line, one.column) for one in matches]
        if step > 0:
            return next((n for n, place in enumerate(places) if place > here), 0)
        return next((n for n in range(len(places) - 1, -1, -1) if places[n] < here), -1) % len(
            places
        )

    def _show(self, match: Match | None) -> None:
        if self._pin is not None:
            self._terminal.unpin(self._pin)
        self._pin = None if match is None else self._terminal.pin(match.line)
        self._match = match
        self._view.show_match(match)

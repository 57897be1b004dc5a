"""The kept definitions of one document: when, what was done, and how each differs from now."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from virttui import formatting
from virttui.panes.xml_editor.diff_page import DiffPage
from virttui.panes.xml_editor.diff_rows import ScrollState
from virttui.render.glyphs import RenderContext
from virttui.render.line import BLANK, Background, Line, Role, Run, clean, fit, within

LIST_WIDTH = 40
"""Cells of the list beside the difference."""


class HistoryRow(Struct, frozen=True):
    """One kept definition. ``epoch`` is when it was replaced, ``action`` by what."""

    epoch: float
    action: str
    name: str


class HistoryPage:
    """The list, its cursor, and the difference of the one under it."""

    def __init__(self) -> None:
        self.versions: Sequence[HistoryRow] = ()
        self.cursor = 0
        self.page: DiffPage | None = None
        self.loading = True
        self.trouble = ""
        self._scroll = ScrollState()

    def take(self, rows: Sequence[HistoryRow]) -> None:
        """Take the list as it is in the files, newest first."""
        self.versions, self.loading = rows, False
        self.cursor = max(0, min(self.cursor, len(rows) - 1))

    def move(self, by: int) -> bool:
        """Move the cursor; whether it moved."""
        before = self.cursor
        self.cursor = max(0, min(self.cursor + by, len(self.versions) - 1))
        return self.cursor != before

    def lines(self, look: RenderContext, width: int, height: int) -> list[Line]:
        """The list, and the difference beside it or under it."""
        if self.trouble or not self.versions:
            words = self.trouble or (
                "reading the history" if self.loading else "no earlier versions yet"
            )
            return [within(BLANK, width), within((Run(f"   {clean(words)}", Role.MUTED),), width)]
        wide = width >= 100
        room = height if wide else min(len(self.versions), max(3, height // 3))
        self._scroll.fit(len(self.versions), room)
        self._scroll.show(self.cursor)
        first = self._scroll.offset
        rows = [
            self._row(row, number, look, LIST_WIDTH if wide else width)
            for number, row in enumerate(self.versions[first : first + room], first)
        ]
        if self.page is None:
            return rows
        if not wide:
            return [*rows, within(BLANK, width), *self.page.lines(look, width, height - room - 1)]
        beside = self.page.lines(look, width - LIST_WIDTH - 2, height)
        lines: list[Line] = []
        for n in range(max(len(rows), len(beside))):
            left = rows[n] if n < len(rows) else within(BLANK, LIST_WIDTH)
            right = beside[n] if n < len(beside) else ()
            lines.append(within((*left, Run("  "), *right), width))
        return lines

    def _row(self, row: HistoryRow, number: int, look: RenderContext, width: int) -> Line:
        here = number == self.cursor
        background = Background.CURSOR if here else Background.PLAIN
        age = formatting.span(max(0.0, look.epoch - row.epoch))
        return within(
            (
                Run(look.glyphs.cursor if here else " ", Role.ACCENT, background),
                Run(f" {formatting.clock(row.epoch)} ", Role.TEXT, background),
                Run(fit(f"{age} ago", 11), Role.MUTED, background),
                Run(f" {clean(row.action)}", Role.TEXT, background),
            ),
            width,
            background,
        )

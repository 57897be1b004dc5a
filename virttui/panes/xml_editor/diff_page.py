"""A page of differences: scrolled, walked change by change, side by side where it is wide."""

from __future__ import annotations

from virttui.panes.xml_editor.diff_rows import Difference, ScrollState, draw, draw_beside
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, within

SCROLL_COLUMNS = 20


class DiffPage:
    """The state of looking at a difference. ``after`` are lines that follow it on narrow pages."""

    def __init__(self, difference: Difference, empty: str = "no differences") -> None:
        self.difference = difference
        self.scroll = ScrollState()
        self.beside = False
        self._empty = empty
        self._left = 0
        self._change = 0

    @property
    def counts(self) -> str:
        """``+4 -3``."""
        return f"+{self.difference.added} -{self.difference.removed}"

    def lines(
        self, look: RenderContext, width: int, height: int, after: list[Line] | None = None
    ) -> list[Line]:
        """The lines in view."""
        rows = self.difference.rows
        more = after or []
        if not rows:
            note = within((Run(f"   {self._empty}", Role.MUTED),), width)
            return [within((), width), note, within((), width), *more][:height]
        if self.beside:
            lines = [*draw_beside(rows, look, width), *more]
            self.scroll.fit(len(lines), height)
            return lines[self.scroll.window()]
        self.scroll.fit(len(rows) + len(more), height)
        first, last = self.scroll.offset, self.scroll.offset + height
        shown = [draw(row, look, width, self._left) for row in rows[first:last]]
        return [*shown, *more[max(0, first - len(rows)) : max(0, last - len(rows))]]

    def press(self, key: str) -> bool:
        """A key of every page of differences."""
        scroll = self.scroll
        moves = {
            "up": -1, "k": -1, "down": 1, "j": 1,
            "pageup": -scroll.height, "pagedown": scroll.height, "space": scroll.height,
            "ctrl+u": -(scroll.height // 2), "ctrl+d": scroll.height // 2,
            "home": -(10**6), "g": -(10**6), "end": 10**6, "G": 10**6,
        }  # fmt: skip
        if key in moves:
            scroll.move(moves[key])
        elif key in ("left", "right"):
            self._left = max(
                0, self._left + (SCROLL_COLUMNS if key == "right" else -SCROLL_COLUMNS)
            )
        elif key in ("n", "N", "f8"):
            self._go(-1 if key == "N" else 1)
        elif key == "s":
            self.beside = not self.beside
        else:
            return False
        return True

    def _go(self, step: int) -> None:
        starts = self.difference.starts
        if starts:
            self._change = (self._change + step) % len(starts)
            self.scroll.show(max(0, starts[self._change] - 1))

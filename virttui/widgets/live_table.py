"""A table of ten thousand rows that draws only those in view.

Its rows come from a ``VisibleRows``; cursor, marks and offset live in a ``ListCursor``, by key. The
table turns both into lines, scrolls, and tells which rows are in view and where the mouse was
clicked."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.message import Message

from virttui.model.identity import ObjectId
from virttui.render.columns import RowFlags
from virttui.render.glyphs import RenderContext
from virttui.render.line import BLANK, Line
from virttui.render.list_view import TableContent
from virttui.widgets.line_view import LineView

_WHEEL = 3


class LiveTable(LineView):
    """Header and rows of one view."""

    class Picked(Message):
        """A row was clicked; ``open`` when it was clicked twice."""

        def __init__(self, table: LiveTable, place: int, open: bool) -> None:
            super().__init__()
            self.table, self.place, self.open = table, place, open

    class Sorted(Message):
        """A header was clicked."""

        def __init__(self, table: LiveTable, column: str) -> None:
            super().__init__()
            self.table, self.column = table, column

    class Scrolled(Message):
        """The wheel moved what is in view."""

        def __init__(self, table: LiveTable, by: int) -> None:
            super().__init__()
            self.table, self.by = table, by

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._table: TableContent | None = None
        self._known: dict[ObjectId, tuple[tuple[object, ...], Line]] = {}

    def show(self, table: TableContent, height: int, look: RenderContext) -> tuple[ObjectId, ...]:
        """Draw a view in ``height`` rows below its header; returns the keys in view."""
        self._table = table
        list_cursor, listing = table.view.cursor, table.view.listing
        focused, marks, cursor = table.focused, list_cursor.marks, list_cursor.cursor

        rows = [
            self._row(item, table, look, RowFlags(item.key == cursor, item.key in marks, focused))
            for item in listing.rows[list_cursor.offset : list_cursor.offset + height]
        ]
        if not rows and table.words:
            rows = [BLANK, table.words]
        self.set_lines([look.with_glyphs(table.head), *rows])
        seen = tuple(list_cursor.visible(height))
        if len(self._known) > 4 * height:
            self._known = {key: known for key, known in self._known.items() if key in seen}
        return seen

    def _row(self, item: Any, table: TableContent, look: RenderContext, flags: RowFlags) -> Line:
        """The line of a row; drawn again only when the row, its flags or the second changed."""
        reasons = (item, table.shape, flags, int(look.now))
        known = self._known.get(item.key)
        if known is not None and known[0] == reasons:
            return known[1]
        line = look.with_glyphs(table.view.listing.line(item, table.shape, look, flags))
        self._known[item.key] = (reasons, line)
        return line

    def on_click(self, event: events.Click) -> None:
        """The header sorts; a row takes the cursor, and opens when clicked twice."""
        table = self._table
        if table is None or self.screen.get_selected_text():
            return
        if event.y == 0:
            for placed in table.shape.columns:
                if placed.start - 1 <= event.x < placed.start + placed.width:
                    self.post_message(self.Sorted(self, placed.column.id))
            return
        place = table.view.cursor.offset + event.y - 1
        if place < len(table.view.listing.rows):
            self.post_message(self.Picked(self, place, event.chain == 2))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrolls; the cursor stays on its row."""
        event.stop()
        self.post_message(self.Scrolled(self, _WHEEL))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrolls; the cursor stays on its row."""
        event.stop()
        self.post_message(self.Scrolled(self, -_WHEEL))

"""A table of ten thousand rows that draws only those in view.

Its rows come from a ``Listing``; cursor, marks and offset live in a ``Hold``, by key. The table
turns both into lines, scrolls, and tells which rows are in view and where the mouse was clicked.
"""

from __future__ import annotations

from textual import events
from textual.message import Message

from virttui.model.inventory import Key
from virttui.panes.columns import Flags
from virttui.panes.glyphs import Look
from virttui.panes.line import BLANK, Line
from virttui.panes.stage import Table
from virttui.widgets.lines import Lines

_WHEEL = 3


class LiveTable(Lines):
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
        self._table: Table | None = None

    def show(self, table: Table, height: int, look: Look) -> tuple[Key, ...]:
        """Draw a view in ``height`` rows below its header; returns the keys in view."""
        self._table = table
        hold, listing = table.view.hold, table.view.listing
        focused, marks, cursor = table.focused, hold.marks, hold.cursor

        def flags(key: Key) -> Flags:
            return Flags(key == cursor, key in marks, focused)

        rows = listing.lines(table.shape, hold.offset, height, look, flags)
        if not rows and table.words:
            rows = [BLANK, table.words]
        lines: list[Line] = [table.head, *rows]
        self.put([look.spelled(line) for line in lines])
        return tuple(hold.visible(height))

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
        place = table.view.hold.offset + event.y - 1
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

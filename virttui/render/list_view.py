"""The state of one list, and the whole main screen as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from virttui.model.identity import ObjectId
from virttui.render.columns import Layout
from virttui.render.grid import Grid
from virttui.render.grouping import Heading, heading_key
from virttui.render.line import Line
from virttui.render.list_cursor import ListCursor
from virttui.render.list_pane import ListOptions, Pane, VisibleRows, arrange
from virttui.store.fleet_state import FleetState


@dataclass(slots=True)
class ListView:
    """The state of one list: its options, its cursor and its rows as last arranged."""

    pane: Pane[Any]
    choice: ListOptions
    cursor: ListCursor = field(default_factory=ListCursor)
    listing: VisibleRows = field(init=False)
    _arranged: ListOptions | None = None
    _rows: tuple[FleetState, Sequence[Any]] | None = None
    _shape: tuple[tuple[object, ...], Layout[Any]] | None = None

    def __post_init__(self) -> None:
        self.listing = VisibleRows(self.pane)

    def arrange(self, fleet_state: FleetState, height: int) -> None:
        """Arrange the rows of a fleet state; cursor and marks stay on their keys."""
        if self._rows is None or self._rows[0] is not fleet_state:
            self._rows = (fleet_state, self.pane.rows(fleet_state))
        self.listing = arrange(self.pane, fleet_state, self.choice, self._rows[1])
        by_hand, self._arranged = self.choice != self._arranged, self.choice
        self.cursor.settle(
            self.listing.keys, height, known=self.pane.ready(fleet_state), by_hand=by_hand
        )

    def shape(self, fleet_state: FleetState, width: int) -> Layout[Any]:
        """The columns that fit; the same object as long as nothing about them changed."""
        hidden = self.pane.hidden(fleet_state, self.choice)
        basis = (width, hidden, self.choice.on, self.choice.sort)
        if self._shape is None or self._shape[0] != basis:
            self._shape = (basis, self.pane.shape(self.choice, hidden, width))
        return self._shape[1]

    @property
    def row(self) -> Any:
        """The row under the cursor, or None; a heading is no row."""
        found = self._at_cursor
        return None if isinstance(found, Heading) else found

    @property
    def heading(self) -> Heading | None:
        """The heading under the cursor, if it is on one."""
        found = self._at_cursor
        return found if isinstance(found, Heading) else None

    @property
    def _at_cursor(self) -> Any:
        rows = self.listing.rows
        return rows[self.cursor.index] if rows else None

    def fold(self) -> ObjectId | None:
        """Shut or open the group of the cursor's row; gives its heading's key, if rows have one."""
        how = self.pane.groups.get(self.choice.group)
        if how is None or (row := self._at_cursor) is None:
            return None
        key = row.key if isinstance(row, Heading) else heading_key(self.choice.group, how.of(row))
        self.choice = replace(self.choice, folded=self.choice.folded ^ {key.uuid})
        return key

    @property
    def rows_marked(self) -> list[Any]:
        """The marked rows that no filter hides, in the order of the list; folded ones count."""
        if not self.cursor.marks:
            return []
        return [row for row in self.listing.members if row.key in self.cursor.marks]


class TableContent(Struct, frozen=True):
    """The data a table widget needs to draw one view."""

    view: ListView
    shape: Layout[Any]
    head: Line
    focused: bool
    words: Line = ()


class MainScreenLines(Struct, frozen=True):
    """The whole screen but the rows, which the table draws as it is scrolled."""

    grid: Grid
    tabs: Line
    strip: list[Line]
    rule: Line
    table: TableContent
    below: list[Line]
    lower_rule: Line
    lower: TableContent | None
    answer: Line
    keys: Line

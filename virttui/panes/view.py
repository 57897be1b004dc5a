"""One list as the hands left it, and the whole screen as lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from virttui.panes.columns import Layout
from virttui.panes.grid import Grid
from virttui.panes.hold import Hold
from virttui.panes.line import Line
from virttui.panes.pane import Choice, Listing, Pane, arrange
from virttui.panes.survey import Survey


@dataclass(slots=True)
class View:
    """One list as the hands left it, and its rows as last arranged."""

    pane: Pane[Any]
    choice: Choice
    hold: Hold = field(default_factory=Hold)
    listing: Listing = field(init=False)
    _arranged: Choice | None = None
    _shape: tuple[int, frozenset[str], Layout[Any]] | None = None

    def __post_init__(self) -> None:
        self.listing = Listing(self.pane)

    def arrange(self, survey: Survey, height: int) -> None:
        """Take the rows of a survey; cursor and marks stay on their keys."""
        self.listing = arrange(self.pane, survey, self.choice)
        by_hand, self._arranged = self.choice != self._arranged, self.choice
        self.hold.settle(self.listing.keys, height, known=self.pane.ready(survey), by_hand=by_hand)

    def shape(self, survey: Survey, cells: int) -> Layout[Any]:
        """The columns that fit; the same object as long as nothing about them changed."""
        without = self.pane.without(survey)
        if self._shape is None or self._shape[:2] != (cells, without):
            self._shape = (cells, without, self.pane.shape(survey, cells))
        return self._shape[2]

    @property
    def row(self) -> Any:
        """The row under the cursor, or None."""
        rows = self.listing.rows
        return rows[self.hold.place] if rows else None

    @property
    def rows_marked(self) -> list[Any]:
        """The marked rows among those shown or hidden, in the order of the list."""
        if not self.hold.marks:
            return []
        return [row for row in self.listing.rows if row.key in self.hold.marks]


@dataclass(frozen=True, slots=True)
class Table:
    """What a table widget needs to draw one view."""

    view: View
    shape: Layout[Any]
    head: Line
    focused: bool
    words: Line = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """The whole screen but the rows, which the table draws as it is scrolled."""

    grid: Grid
    tabs: Line
    strip: list[Line]
    rule: Line
    table: Table
    below: list[Line]
    lower_rule: Line
    lower: Table | None
    answer: Line
    keys: Line

"""A pane as a record: its columns, its rows and how they are judged; and how rows are arranged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from virttui.model.inventory import Key, Kind
from virttui.panes.columns import Column, Drop, Flags, Layout, header, layout, row
from virttui.panes.filter import EVERYTHING, Facts, Filter
from virttui.panes.glyphs import Look
from virttui.panes.line import Line, Role
from virttui.panes.survey import Survey


class Row(Protocol):
    """Whatever a pane lists: it knows its key."""

    @property
    def key(self) -> Key:
        """The row's identity."""


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Choice:
    """How one list is shown: its sort, its filter, and whether only what needs eyes."""

    sort: str = ""
    descending: bool = False
    filter: Filter = EVERYTHING
    eyes_only: bool = False
    eyes_first: bool = True


@dataclass(frozen=True, slots=True)
class Pane(Generic[R]):
    """One pane. ``rows`` come in the order that breaks ties: by name, or newest first.

    ``eyes`` tells which rows need eyes where that is not for the survey to say.
    ``sentence`` is what the answer line says of a row: its name in bold, then words.
    ``pins`` says whether rows that need eyes may come first: in a list in order of time they may
    not. ``about`` is what stands behind the title in the pane's rule instead of a count.
    """

    id: str
    kind: Kind | None
    columns: tuple[Column[R], ...]
    drops: tuple[Drop, ...]
    rows: Callable[[Survey], Sequence[R]]
    tone: Callable[[R], Role]
    facts: Callable[[R], Facts]
    sentence: Callable[[R, Survey, Look], Line]
    eyes: Callable[[R], bool] | None = None
    sort: str = ""
    order: str = ""
    pins: bool = True
    minimum: Callable[[int], int] = lambda cells: 0
    ready: Callable[[Survey], bool] = lambda survey: True
    about: Callable[[Survey], str] | None = None
    without: Callable[[Survey], frozenset[str]] = lambda survey: frozenset()

    def column(self, id: str) -> Column[R] | None:
        """The column with that id."""
        return next((column for column in self.columns if column.id == id), None)

    def choice(self) -> Choice:
        """How this pane is shown at first."""
        column = self.column(self.sort)
        return Choice(self.sort, bool(column and column.descends))

    def shape(self, survey: Survey, cells: int) -> Layout[R]:
        """The columns that fit."""
        return layout(
            self.columns,
            self.drops,
            cells,
            minimum=self.minimum(cells),
            without=self.without(survey),
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of a pane, filtered and sorted. ``total`` counts them before the filter."""

    pane: Pane[Any]
    rows: Sequence[Any] = ()
    keys: Sequence[Key] = ()
    total: int = 0

    def line(self, item: Any, shape: Layout[Any], look: Look, flags: Flags) -> Line:
        """The line of one row."""
        return row(shape, item, self.pane.tone(item), look, flags)

    def head(self, shape: Layout[Any], choice: Choice, look: Look) -> Line:
        """The header line."""
        return header(shape, choice.sort, choice.descending, look)

    def find(self, key: Key | None) -> Any:
        """The row with that key, or None."""
        if key is None:
            return None
        try:
            return self.rows[self.keys.index(key)]
        except ValueError:
            return None


def arrange(pane: Pane[R], survey: Survey, choice: Choice) -> Listing:
    """Filter and sort a pane's rows. Rows that need eyes come first, whatever the sort."""
    rows = pane.rows(survey)
    total = len(rows)
    urgent = survey.urgent
    eyes = pane.eyes or (lambda item: item.key in urgent)
    if choice.eyes_only:
        rows = [item for item in rows if eyes(item)]
    if choice.filter:
        rows = [item for item in rows if choice.filter.passes(pane.facts(item))]
    rows = _sorted(pane, rows, choice)
    if choice.eyes_first and pane.pins:
        first = [item for item in rows if eyes(item)] if urgent else []
        if first:
            rows = first + [item for item in rows if not eyes(item)]
    return Listing(pane, rows, [item.key for item in rows], total)


def _sorted(pane: Pane[R], rows: Sequence[R], choice: Choice) -> Sequence[R]:
    """Sort by the displayed value; what is unknown comes last, ties keep the order they had."""
    column = pane.column(choice.sort)
    if column is None or column.sort is None:
        return rows
    values: list[Any] = list(map(column.sort, rows))
    known = [place for place, value in enumerate(values) if value is not None]
    known.sort(key=values.__getitem__, reverse=choice.descending)
    if len(known) < len(values):
        known += [place for place, value in enumerate(values) if value is None]
    return [rows[place] for place in known]


def next_sort(pane: Pane[R], choice: Choice, shown: Sequence[str], step: int) -> Choice:
    """The choice sorted by the next column to the right (or left) among those shown."""
    ids = [c.id for c in pane.columns if c.sort is not None and c.id in shown]
    if not ids:
        return choice
    at = ids.index(choice.sort) if choice.sort in ids else -1
    chosen = ids[(at + step) % len(ids)]
    column = pane.column(chosen)
    return replace(choice, sort=chosen, descending=bool(column and column.descends))

"""A pane as a record: its columns, its rows and how they are judged; and how rows are arranged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from virttui.model.identity import Kind, ObjectId
from virttui.render.columns import Column, HideRule, Layout, RowFlags, header, layout, row
from virttui.render.filter import EVERYTHING, Filter, FilterLanguage
from virttui.render.glyphs import RenderContext
from virttui.render.grouping import Groupings, Heading, grouped, heading_line
from virttui.render.lazy_rows import keys_of, picked, sort_keys_of
from virttui.render.line import Line, Role
from virttui.store.fleet_state import FleetState


class Row(Protocol):
    """Whatever a pane lists: it knows its key."""

    @property
    def key(self) -> ObjectId:
        """The row's identity."""


R = TypeVar("R", bound=Row)


class ListOptions(Struct, frozen=True):
    """The options of one list: its sort, its filter, its groups and its columns.

    ``group`` is the name of a grouping, ``folded`` the headings that are shut. ``on`` and ``off``
    are the columns the user chose.
    """

    sort: str = ""
    descending: bool = False
    filter: Filter = EVERYTHING
    attention_only: bool = False
    attention_first: bool = True
    group: str = ""
    folded: frozenset[str] = frozenset()
    on: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()


class Pane(Struct, Generic[R], frozen=True):
    """One pane. ``rows`` come in the order that breaks ties: by name, or newest first.

    ``needs_attention`` tells which rows need attention where the fleet state's alerts do not.
    ``status_text`` is what the answer line says of a row: its name in bold, then words. ``pins``
    says whether rows that need attention may come first: in a list in order of time they may not.
    ``about`` is what stands behind the title in the pane's rule instead of a count. ``extra`` are
    columns shown only when chosen, ``trouble`` the only ones while nothing but what needs attention
    is shown. ``summary`` says of a group's rows what its heading does."""

    id: str
    kind: Kind | None
    columns: tuple[Column[R], ...]
    drops: tuple[HideRule, ...]
    rows: Callable[[FleetState], Sequence[R]]
    row_role: Callable[[R], Role]
    language: FilterLanguage[R]
    status_text: Callable[[R, FleetState, RenderContext], Line]
    needs_attention: Callable[[R], bool] | None = None
    sort: str = ""
    order: str = ""
    pins: bool = True
    minimum: Callable[[int], int] = lambda width: 0
    ready: Callable[[FleetState], bool] = lambda fleet_state: True
    about: Callable[[Sequence[R]], str] | None = None
    without: Callable[[FleetState], frozenset[str]] = lambda fleet_state: frozenset()
    extra: frozenset[str] = frozenset()
    trouble: frozenset[str] = frozenset()
    groups: Groupings = field(default_factory=dict)
    summary: Callable[[Sequence[R]], str] = lambda rows: ""

    def column(self, id: str) -> Column[R] | None:
        """The column with that id."""
        return next((column for column in self.columns if column.id == id), None)

    def choice(self) -> ListOptions:
        """The options of this pane at first."""
        column = self.column(self.sort)
        return ListOptions(self.sort, bool(column and column.descends))

    def hidden(self, fleet_state: FleetState, choice: ListOptions) -> frozenset[str]:
        """The columns that are not shown whatever the room."""
        if choice.attention_only and self.trouble:
            others = frozenset(c.id for c in self.columns) - self.trouble
            return others | self.without(fleet_state)
        # What a list is sorted by has to be seen.
        return self.without(fleet_state) | choice.off | (self.extra - choice.on - {choice.sort})

    def shape(self, choice: ListOptions, hidden: frozenset[str], width: int) -> Layout[R]:
        """The columns that fit; those the user chose, and the one it is sorted by, go last."""
        return layout(
            self.columns,
            self.drops,
            width,
            minimum=self.minimum(width),
            without=hidden,
            pinned=choice.on | {choice.sort},
        )


class VisibleRows(Struct, frozen=True):
    """The rows of a pane, filtered, sorted and under headings where they are grouped.

    ``total`` counts them before the filter, ``passed`` after it; headings are counted in neither.
    ``members`` are those that passed, whether a heading hides them or not.
    """

    pane: Pane[Any]
    rows: Sequence[Any] = ()
    keys: Sequence[ObjectId] = ()
    total: int = 0
    passed: int = 0
    members: Sequence[Any] = ()

    def line(self, item: Any, shape: Layout[Any], look: RenderContext, flags: RowFlags) -> Line:
        """The line of one row."""
        if isinstance(item, Heading):
            return heading_line(item, self.pane.summary(item.rows), look, flags, shape.width)
        return row(shape, item, self.pane.row_role(item), look, flags)

    def head(self, shape: Layout[Any], choice: ListOptions, look: RenderContext) -> Line:
        """The header line."""
        return header(shape, choice.sort, choice.descending, look)

    def find(self, key: ObjectId | None) -> Any:
        """The row with that key, or None."""
        if key is None:
            return None
        try:
            return self.rows[self.keys.index(key)]
        except ValueError:
            return None


def arrange(
    pane: Pane[R], fleet_state: FleetState, choice: ListOptions, all_rows: Sequence[R] | None = None
) -> VisibleRows:
    """Filter and sort a pane's rows. Rows that need attention come first, whatever the sort.

    ``all_rows`` are the pane's rows of this fleet state, where they are known already.
    """
    rows = pane.rows(fleet_state) if all_rows is None else all_rows
    total = len(rows)
    if choice.attention_only:
        rows = picked(rows, _attention(pane, fleet_state, rows, range(total))[0])
    rows = choice.filter.narrow(rows)
    places = _sorted(pane, rows, choice)
    if choice.attention_first and pane.pins and fleet_state.concerns:
        first, others = _attention(pane, fleet_state, rows, places)
        if first:
            keys = keys_of(rows)
            first.sort(key=lambda place: not _alarming(fleet_state, keys[place]))
            places = first + others
    members = picked(rows, places)
    how = pane.groups.get(choice.group)
    shown = members if how is None else grouped(members, choice.group, how, choice.folded)
    return VisibleRows(pane, shown, keys_of(shown), total, len(rows), members)


def _attention(
    pane: Pane[R], fleet_state: FleetState, rows: Sequence[R], places: Sequence[int]
) -> tuple[list[int], list[int]]:
    """The places of rows that need attention, and the others, each in the order they had."""
    if pane.needs_attention is not None:
        needs = pane.needs_attention
        flags = [needs(rows[place]) for place in places]
    else:
        keys, concerns = keys_of(rows), fleet_state.concerns
        flags = [keys[place] in concerns for place in places]
    others = [not flag for flag in flags]
    return list(compress(places, flags)), list(compress(places, others))


def _alarming(fleet_state: FleetState, key: ObjectId) -> bool:
    concern = fleet_state.concerns.get(key)
    return concern is not None and concern.alarm


def _sorted(pane: Pane[R], rows: Sequence[R], choice: ListOptions) -> Sequence[int]:
    """The places of the rows, sorted by the displayed value; what is unknown comes last.

    Ties keep the order they had.
    """
    column = pane.column(choice.sort)
    places: Sequence[int] = range(len(rows))
    if column is None or column.sort is None:
        return places
    values = sort_keys_of(rows, column.id, column.sort)
    unknown: list[int] = []
    if None in values:
        unknown = [place for place in places if values[place] is None]
        places = [place for place in places if values[place] is not None]
    return sorted(places, key=values.__getitem__, reverse=choice.descending) + unknown


def next_sort(pane: Pane[R], choice: ListOptions, shown: Sequence[str], step: int) -> ListOptions:
    """The choice sorted by the next column to the right (or left) among those shown."""
    ids = [c.id for c in pane.columns if c.sort is not None and c.id in shown]
    if not ids:
        return choice
    at = ids.index(choice.sort) if choice.sort in ids else -1
    chosen = ids[(at + step) % len(ids)]
    column = pane.column(chosen)
    return replace(choice, sort=chosen, descending=bool(column and column.descends))

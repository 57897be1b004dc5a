"""Columns: what a cell says, how wide it is, and which columns fit a width.

Changing figures have fixed widths and stand right-aligned; one column, the first, takes what is
left. When it would fall under its minimum, columns go in the order of the pane's ``drops``,
and some fold into others on the way (READ and WRITE into DISK).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from msgspec import Struct

from virttui.natural_sort import natural
from virttui.render.glyphs import RenderContext
from virttui.render.line import (
    Background,
    Line,
    LineBuilder,
    Role,
    Run,
    clean,
    cut,
    cut_end,
    fit,
    length,
    merged,
    text_width,
)
from virttui.store.fleet_state import FleetState

R = TypeVar("R")

Cell = str | Run | Line
SortKey = float | int | str | tuple[object, ...] | None

MARGIN = 2
"""Cells before the first column: the cursor bar and the mark."""


class Column(Struct, Generic[R], frozen=True):
    """One column. ``gap`` is the number of blank cells before it.

    ``cell`` gives the text, or styled runs where a cell differs from its row; ``sort`` gives the
    displayed value as a number or a word, None for unknown (which always sorts last).
    ``prose`` is cut at its end, names in the middle.
    A ``flex`` column takes what is left up to ``most`` cells; its ``width`` is its minimum.
    """

    id: str
    title: str
    width: int
    cell: Callable[[R, RenderContext], Cell]
    sort: Callable[[R], SortKey] | None = None
    right: bool = False
    gap: int = 1
    flex: bool = False
    most: int = 999
    descends: bool = False
    word: str = ""
    prose: bool = False

    @property
    def name(self) -> str:
        """The name of a sort by this column in the pane's rule."""
        return self.word or self.title.strip().lower()


class HideRule(Struct, frozen=True):
    """One step of making room: columns that go, and those that stand in for them."""

    away: tuple[str, ...]
    instead: tuple[str, ...] = ()


class PlacedColumn(Struct, Generic[R], frozen=True):
    """A column that fits, with the width it gets and the cell it starts at."""

    column: Column[R]
    width: int
    start: int


class Layout(Struct, Generic[R], frozen=True):
    """The columns of one table at one width."""

    columns: tuple[PlacedColumn[R], ...]
    width: int


def layout(
    columns: Sequence[Column[R]],
    drops: Sequence[HideRule],
    width: int,
    *,
    minimum: int = 0,
    without: frozenset[str] = frozenset(),
    pinned: frozenset[str] = frozenset(),
) -> Layout[R]:
    """Fit ``columns`` into ``cells``, dropping until the first has at least ``minimum``.

    ``without`` names columns that do not apply at all (the host's name on a single host),
    ``pinned`` those that go only when all others are gone.
    """
    standins = {name for drop in drops for name in drop.instead}
    shown = {column.id for column in columns} - standins - without
    least = {column.id: column.width for column in columns}
    if columns and minimum:
        least[columns[0].id] = minimum

    def needed() -> int:
        return MARGIN + sum(least[c.id] + c.gap for c in columns if c.id in shown) - columns[0].gap

    spared = [drop for drop in drops if pinned.intersection(drop.away)]
    for drop in (*(drop for drop in drops if drop not in spared), *spared):
        if needed() <= width:
            break
        if shown.intersection(drop.away):
            shown = (shown - set(drop.away)) | (set(drop.instead) - without)
    fitting = [column for column in columns if column.id in shown]
    return Layout(_placed(fitting, least, width - needed()), width)


def _placed(
    shown: Sequence[Column[R]], least: dict[str, int], spare: int
) -> tuple[PlacedColumn[R], ...]:
    """Give the spare cells to the flexible columns, first ones first; a lack is the first one's."""
    widths = {column.id: least[column.id] for column in shown}
    for column in shown:
        if column.flex:
            more = min(spare, max(column.most, least[column.id]) - widths[column.id])
            widths[column.id] = max(1, widths[column.id] + more)
            spare -= more
    if spare > 0 and shown and shown[0].flex:
        widths[shown[0].id] += spare
    placed: list[PlacedColumn[R]] = []
    start = MARGIN
    for index, column in enumerate(shown):
        start += column.gap if index else 0
        placed.append(PlacedColumn(column, widths[column.id], start))
        start += widths[column.id]
    return tuple(placed)


def header(shape: Layout[R], sorted_by: str, descending: bool, look: RenderContext) -> Line:
    """The header line; the sorted column's word is preceded by its mark and keeps its edge."""
    runs: list[Run] = []
    position = 0
    for placed in shape.columns:
        column = placed.column
        chosen = column.id == sorted_by
        title = column.title
        start = placed.start
        if chosen:
            mark = look.glyphs.down if descending else look.glyphs.up
            title = mark + title.lstrip(" ") if title.strip() else ""
        if column.right:
            start = placed.start + placed.width - text_width(title)
        elif chosen:
            # A title that leads with blanks has room for the mark; others move one to the right.
            start += text_width(column.title) - text_width(column.title.lstrip(" "))
            start -= 1 if column.title.startswith(" ") else 0
        title = title[: max(0, shape.width - start)]
        if start > position:
            runs.append(Run(" " * (start - position), Role.MUTED))
        runs.append(Run(title, Role.ACCENT_STRONG if chosen else Role.MUTED))
        position = max(position, start) + text_width(title)
    if position < shape.width:
        runs.append(Run(" " * (shape.width - position), Role.MUTED))
    return merged(runs)


class RowFlags(Struct, frozen=True):
    """The flags of one row: under the cursor, marked, in the table with the focus."""

    cursor: bool = False
    marked: bool = False
    focused: bool = True


PLAIN_ROW = RowFlags()


def row(
    shape: Layout[R], item: R, row_role: Role, look: RenderContext, flags: RowFlags = PLAIN_ROW
) -> Line:
    """One row in exactly the layout's cells, in as few runs as its cells allow."""
    lit = flags.cursor and flags.focused
    background = Background.CURSOR if lit else Background.PLAIN
    if lit and row_role is Role.MUTED:
        row_role = Role.TEXT
    line, mark = LineBuilder(), look.glyphs.cut
    if flags.cursor:
        line.add(look.glyphs.cursor, Role.ACCENT, background)
    else:
        line.add(" ", row_role, background)
    if flags.marked:
        line.add(look.glyphs.marked, Role.ACCENT_STRONG, background)
    else:
        line.add(" ", row_role, background)
    position = MARGIN
    for index, placed in enumerate(shape.columns):
        column, width = placed.column, placed.width
        line.add(" " * (placed.start - position), row_role, background)
        cell = column.cell(item, look)
        if isinstance(cell, str):
            role = Role.ACCENT_STRONG if flags.marked and index == 0 else row_role
            if column.prose:
                cell = cut_end(clean(cell), width, mark)
            line.add(fit(cell, width, right=column.right, mark=mark), role, background)
        elif isinstance(cell, Run):
            role = Role.TEXT if lit and cell.role is Role.MUTED else cell.role
            line.add(fit(cell.text, width, right=column.right, mark=mark), role, background)
        else:
            for text, role, _ in _cell(cell, placed, row_role, look):
                role = Role.TEXT if lit and role is Role.MUTED else role
                line.add(text, role, background)
        position = placed.start + width
    line.add(" " * (shape.width - position), row_role, background)
    return line.line()


def _cell(cell: Line, placed: PlacedColumn[R], row_role: Role, look: RenderContext) -> list[Run]:
    """The runs of one cell of several styles in exactly its width."""
    runs = list(cell)
    spare = placed.width - length(runs)
    if spare < 0:
        last = runs[-1]
        room = max(0, text_width(last.text) + spare)
        shorten = cut_end if placed.column.prose else cut
        runs[-1] = last._replace(text=shorten(last.text, room, look.glyphs.cut))
        spare = placed.width - length(runs)
    pad = Run(" " * max(0, spare), row_role)
    return [pad, *runs] if placed.column.right else [*runs, pad]


class StateCell(Struct, frozen=True):
    """The content of a STATE cell: glyph and word; ``alarm`` paints the whole cell."""

    glyph: str
    word: str
    glyph_role: Role = Role.OK
    word_role: Role | None = None
    alarm: bool = False
    age: str = ""


STATE_WIDTH = 15
ALARM_WIDTH = 14


def state_cell(state: StateCell, row_role: Role, width: int = STATE_WIDTH) -> Line:
    """A STATE cell; an alarm is one block that leaves the last cell free, an age stands right."""
    text = clean_word(state)
    if state.alarm:
        return (Run(fit(f"{state.glyph} {text}", min(ALARM_WIDTH, width)), Role.ALARM),)
    role = row_role if state.word_role is None else state.word_role
    if state.age:
        rest = fit(f" {text}", width - 1 - text_width(state.age)) + state.age
        return (Run(state.glyph, row_role), Run(rest, row_role))
    glyph_role = row_role if row_role is Role.MUTED else state.glyph_role
    return (Run(state.glyph, glyph_role), Run(fit(f" {text}", width - 1), role))


def name_column(title: str, width: int, most: int, name: Callable[[R], str]) -> Column[R]:
    """The names of a list, in their natural order: at least ``width`` cells, at most ``most``."""
    return Column(
        "name",
        title,
        width,
        lambda row, look: name(row),
        lambda row: natural(name(row)),
        flex=True,
        most=most,
    )


def state_column(
    state: Callable[[R, RenderContext], StateCell],
    role: Callable[[R], Role],
    word: Callable[[R], str],
) -> Column[R]:
    """The STATE column of a list, sorted by ``word``."""
    return Column(
        "state",
        "STATE",
        STATE_WIDTH,
        lambda row, look: state_cell(state(row, look), role(row)),
        word,
    )


def autostart_column(autostart: Callable[[R], bool]) -> Column[R]:
    """The AUTO column: whether the host starts an object by itself."""
    return Column(
        "auto",
        "AUTO",
        4,
        lambda row, look: "on" if autostart(row) else "",
        lambda row: int(autostart(row)),
        descends=True,
    )


def host_column() -> Column[Any]:
    """The HOST column of every list whose rows carry the ``inventory`` they come from."""
    return Column(
        "host",
        "HOST",
        7,
        lambda row, look: row.inventory.host.name,
        lambda row: row.inventory.host.name,
        gap=2,
    )


def hides_host(fleet_state: FleetState) -> frozenset[str]:
    """The columns that say nothing while there is one host."""
    return frozenset() if fleet_state.several else frozenset({"host"})


def clean_word(state: StateCell) -> str:
    """The state's word in the room a STATE cell has after its glyph and blank."""
    return cut(state.word, STATE_WIDTH - 2)

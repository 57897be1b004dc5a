"""A widget that shows rows of a guest's screen, and repaints only the lines that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from rich.segment import Segment
from textual.geometry import Region
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from virttui.render.line import Background, Role
from virttui.terminal.row import Row, row_text
from virttui.widgets.guest_colours import guest_styles, reversed_style
from virttui.widgets.themes import styles

GUTTER = "│"
"""Stands before the guest's rows, where there is room for it."""

_NOTHING: Row = ()


class _Line(Struct, frozen=True):
    """One line of the widget; ``lit`` are cells of a match, ``is_guest`` says that it is a row."""

    row: Row = _NOTHING
    is_guest: bool = False
    lit: tuple[int, int] | None = None


class RowsView(Widget):
    """Shows as much as fits of rows, from ``top`` and ``left`` on.

    It keeps the row ``anchor`` in view, until one scrolls: then it stays where it is.
    """

    ALLOW_SELECT = True

    DEFAULT_CSS = "RowsView { height: 1fr; }"

    class Resized(Message):
        """It has another size."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.columns = 80
        self.top = self.left = 0
        self._rows: Sequence[Row] = ()
        self._anchor = 0
        self._follows = True
        self._lit: tuple[int, int, int] | None = None
        self._lines: list[_Line] = []
        self._strips: dict[int, Strip] = {}
        self._theme = ""

    def on_mount(self) -> None:
        """Follow the theme."""
        self.restyle(self.app.theme)
        self.app.theme_changed_signal.subscribe(self, lambda theme: self.restyle(theme.name))

    def on_unmount(self) -> None:
        """Let go of the signal."""
        self.app.theme_changed_signal.unsubscribe(self)

    def restyle(self, theme: str) -> None:
        """Draw in another theme."""
        self._theme = theme.removeprefix("virttui-")
        self._strips.clear()
        self.refresh()

    # -- what is in view -------------------------------------------------------------------

    def set_rows(self, rows: Sequence[Row], columns: int, anchor: int) -> None:
        """Show other rows, which are ``columns`` wide; lines that are the same cost nothing."""
        if columns != self.columns:
            self.left = 0
            self._strips.clear()
            self.refresh()
        self._rows, self.columns, self._anchor = rows, columns, anchor
        self._arrange()

    @property
    def visible_rows(self) -> tuple[int, int]:
        """The first row in view and one behind the last, from 0."""
        height = self.size.height or len(self._rows)
        return self.top, min(len(self._rows), self.top + height)

    @property
    def text(self) -> str:
        """What is in view, as text."""
        return "\n".join(row_text(line.row) for line in self._lines)

    def light(self, match: tuple[int, int, int] | None) -> None:
        """Draw some cells reversed: row, first column, and one behind the last; None for none."""
        self._lit = match
        if match is not None:
            row, start, end = match
            first, last = self.visible_rows
            if not first <= row < last:
                self.top, self._follows = row - self.size.height // 2, False
            if not self.left <= start <= end <= self.left + self._room:
                self.left = max(0, min(start, self.columns - self._room))
                self._strips.clear()
                self.refresh()
        self._arrange()

    def scroll_rows(self, by: int) -> None:
        """Go so many rows up (less than 0) or down."""
        self.top, self._follows = self.top + by, False
        self._arrange()

    def scroll_columns(self, by: int) -> None:
        """Go so many columns to the left (less than 0) or to the right."""
        before = self.left
        self.left = max(0, min(self.left + by, self.columns - self._room))
        if self.left != before:
            self._strips.clear()
            self.refresh()

    def follow(self) -> None:
        """Keep the anchor in view again."""
        self._follows = True
        self._arrange()

    @property
    def _room(self) -> int:
        return self.size.width - self._gutter

    @property
    def _gutter(self) -> int:
        return 1 if self.size.width > self.columns else 0

    def _arrange(self) -> None:
        """Find out what is to be seen, and repaint the lines that differ."""
        height = self.size.height
        if self._follows:
            self.top = self._anchor - height + 1
        self.top = max(0, min(self.top, len(self._rows) - height))
        new = list(self._visible()) if height else []
        regions = []
        for y in range(max(len(new), len(self._lines))):
            before = self._lines[y] if y < len(self._lines) else None
            if before != (new[y] if y < len(new) else None):
                self._strips.pop(y, None)
                regions.append(Region(0, y, self.size.width, 1))
        self._lines = new
        if regions:
            self.refresh(*regions)

    def _visible(self) -> Iterator[_Line]:
        for number, row in enumerate(self._rows[self.top : self.top + self.size.height], self.top):
            lit = self._lit
            cells = (lit[1], lit[2]) if lit is not None and lit[0] == number else None
            yield _Line(row, True, cells)

    # -- drawing ---------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line in exactly the widget's width."""
        selection = self.text_selection
        strip = self._strips.get(y) if selection is None else None
        if strip is None or strip.cell_length != self.size.width:
            strip = self._strip(y, selection)
            if selection is None:
                self._strips[y] = strip
        return strip

    def _strip(self, y: int, selection: Selection | None) -> Strip:
        width = self.size.width
        if not self._theme:
            return Strip.blank(width)
        line = self._lines[y] if y < len(self._lines) else _Line()
        looks = styles(self._theme)
        style_of = guest_styles(self._theme)
        plain = looks[Role.TEXT, Background.PLAIN]
        gutter = self._gutter
        strip = Strip([Segment(run.text, style_of(run.style)) for run in line.row])
        strip = strip.adjust_cell_length(max(self.columns, width), plain)
        if line.lit is not None:
            strip = _reversed(strip, *line.lit)
        strip = strip.crop(self.left, self.left + width - gutter)
        strip = strip.adjust_cell_length(width - gutter, plain).apply_offsets(self.left, y)
        if gutter:
            mark = Segment(GUTTER if line.is_guest else " ", looks[Role.LINE, Background.PLAIN])
            strip = Strip.join([Strip([mark], 1), strip])
        span = selection.get_span(y) if selection is not None else None
        if span is not None:
            start, end = span
            end = strip.cell_length if end == -1 else end - self.left + gutter
            strip = _reversed(strip, max(0, start - self.left + gutter), end)
        return strip

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text under a selection made with the mouse."""
        return selection.extract(self.text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selection."""
        self._strips.clear()
        self.refresh()

    def on_resize(self) -> None:
        """Other rows are in view, in another width."""
        self._strips.clear()
        self._arrange()
        self.post_message(self.Resized())


def _reversed(strip: Strip, start: int, end: int) -> Strip:
    """The strip with the colours of some cells exchanged."""
    parts = (strip.crop(0, start), strip.crop(start, end), strip.crop(end, strip.cell_length))
    before, within, after = parts
    changed = [Segment(part.text, reversed_style(part.style) if part.style else None)
               for part in within]  # fmt: skip
    return Strip.join([before, Strip(changed, within.cell_length), after])

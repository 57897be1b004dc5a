"""A widget that shows a guest's terminal: its screen, what scrolled out above, or older lines."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from virttui.render.line import Background, Role, text_width
from virttui.terminal.row import Row, row_text
from virttui.terminal.screen import TerminalScreen
from virttui.terminal.search import Match
from virttui.widgets.guest_colours import guest_styles, reversed_style
from virttui.widgets.themes import styles

GUTTER = "│"
"""Stands before the rows that the guest's screen has now, where there is room for it."""

_NOTHING: Row = ()


class _ShownLine(msgspec.Struct, frozen=True):
    """One line of the widget: ``is_guest`` where it is a row of the screen as it is now."""

    row: Row = _NOTHING
    is_guest: bool = False
    cursor: int | None = None
    lit: tuple[tuple[int, int], ...] = ()


class TerminalView(Widget):
    """Shows a terminal, and repaints only the lines that changed.

    It follows the screen, with older lines above where there is room, and else the part of it with
    the cursor, until one scrolls back; then it stays where it is, however much the guest writes.
    """

    ALLOW_SELECT = True

    DEFAULT_CSS = "TerminalView { height: 1fr; }"

    def __init__(self, terminal: TerminalScreen, id: str | None = None) -> None:
        super().__init__(id=id)
        self._terminal = terminal
        self._shown: list[_ShownLine] = []
        self._strips: dict[int, Strip] = {}
        self._top = 0
        self._pin: int | None = None
        self._match: Match | None = None
        self._shows_cursor = False
        self._theme = ""

    def on_mount(self) -> None:
        """Follow the theme."""
        self.restyle(self.app.theme)
        self.app.theme_changed_signal.subscribe(self, lambda theme: self.restyle(theme.name))

    def on_unmount(self) -> None:
        """Let go of the signal and of the pinned line."""
        self.app.theme_changed_signal.unsubscribe(self)
        self._follow()

    def restyle(self, theme: str) -> None:
        """Draw in another theme."""
        self._theme = theme.removeprefix("virttui-")
        self._strips.clear()
        self.refresh()

    # -- what is shown ---------------------------------------------------------------------

    @property
    def is_following(self) -> bool:
        """Whether it shows the screen as it is now."""
        return self._pin is None

    @property
    def visible_lines(self) -> tuple[int, int]:
        """The first line that is seen, and one behind the last, as the terminal numbers them."""
        count, height = self._terminal.line_count, max(1, self.size.height)
        if self._pin is not None:
            first = self._terminal.pinned_line(self._pin) or 0
        elif len(self._terminal.rows) > height:
            first = count - len(self._terminal.rows) + self._top
        else:
            first = max(0, count - height)
        return first, min(count, first + height)

    @property
    def text(self) -> str:
        """What is seen, as text."""
        return "\n".join(row_text(line.row) for line in self._shown)

    def read_terminal(self) -> None:
        """Show what changed; to be called when the parser told of a change, on the app's thread."""
        changed = self._terminal.update()
        if self._pin is None or changed:
            self._arrange()

    def show_cursor(self, shows: bool) -> None:
        """Draw the cursor, as while keys go to the guest, or do not."""
        self._shows_cursor = shows
        self._arrange()

    # -- scrolling -------------------------------------------------------------------------

    def scroll_lines(self, by: int) -> None:
        """Go so many lines back (less than 0) or forth; behind the last one it follows again."""
        self.show_line(self.visible_lines[0] + by)

    def scroll_page(self, step: int) -> None:
        """Go a page back (-1) or forth (1); one line stays in view."""
        self.scroll_lines(step * max(1, self.size.height - 1))

    def show_newest(self) -> None:
        """Follow the screen again."""
        self._follow()
        self._arrange()

    def show_line(self, line: int) -> None:
        """Have a line be the first that is seen, as far as there are lines below it."""
        last = self._terminal.line_count - max(1, self.size.height)
        self._follow()
        if line < last:
            self._pin = self._terminal.pin(max(0, line))
        self._arrange()

    def show_match(self, match: Match | None) -> None:
        """Draw a match of a search reversed, and scroll so that it is seen; None: none."""
        self._match = match
        first, end = self.visible_lines
        if match is not None and not first <= match.line < end:
            self.show_line(match.line - self.size.height // 2)
        else:
            self._arrange()

    def _follow(self) -> None:
        if self._pin is not None:
            self._terminal.unpin(self._pin)
        self._pin = None

    # -- lines -----------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Find out what is to be seen, and repaint the lines that differ."""
        new = list(self._lines())
        regions = []
        for y in range(max(len(new), len(self._shown))):
            before = self._shown[y] if y < len(self._shown) else _ShownLine()
            after = new[y] if y < len(new) else _ShownLine()
            if before != after:
                self._strips.pop(y, None)
                width = self._gutter + last_changed_cell(before, after)
                regions.append(Region(0, y, min(width, self.size.width), 1))
        self._shown = new
        if regions:
            self.refresh(*regions)

    def _lines(self) -> Iterator[_ShownLine]:
        height, rows = self.size.height, self._terminal.rows
        if not height:
            return
        if self._pin is not None:
            first, end = self.visible_lines
            guest = self._terminal.line_count - len(rows)
            for line, row in enumerate(self._terminal.lines(first, end - first), first):
                yield _ShownLine(row, line >= guest, lit=self._lit(line))
            return
        screen_first = self._terminal.line_count - len(rows)
        above = min(max(0, height - len(rows)), screen_first)
        for line, row in enumerate(self._terminal.lines(screen_first - above, above)):
            yield _ShownLine(row, lit=self._lit(screen_first - above + line))
        cursor = self._terminal.cursor
        self._top = min(self._top, max(0, len(rows) - height), cursor.row)
        self._top = max(self._top, cursor.row - height + 1)
        for number, row in enumerate(rows[self._top : self._top + height], self._top):
            has_cursor = self._shows_cursor and cursor.visible and number == cursor.row
            yield _ShownLine(
                row, True, cursor.column if has_cursor else None, self._lit(screen_first + number)
            )

    def _lit(self, line: int) -> tuple[tuple[int, int], ...]:
        """The cells of a line that the match takes; it may have begun in a line before."""
        if self._match is None or line < self._match.line:
            return ()
        columns = self._terminal.size[0]
        start = (self._match.line - line) * columns + self._match.column
        start, end = max(0, start), min(columns, start + self._match.width)
        return ((start, end),) if end > start else ()

    @property
    def _gutter(self) -> int:
        return 1 if self.size.width > self._terminal.size[0] else 0

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
        if not self._theme:
            return Strip.blank(self.size.width)
        line = self._shown[y] if y < len(self._shown) else _ShownLine()
        gutter = self._gutter
        looks = styles(self._theme)
        plain = looks[Role.TEXT, Background.PLAIN]
        strip = Strip(self._segments(line)).adjust_cell_length(self.size.width - gutter, plain)
        for start, end in line.lit:
            strip = _restyled(strip, start, end, None)
        if line.cursor is not None:
            end = line.cursor + _cell_width(line.row, line.cursor)
            strip = _restyled(strip, line.cursor, end, looks[Role.TAB, Background.PLAIN])
        strip = strip.apply_offsets(0, y)  # a selection counts the guest's cells
        if gutter:
            mark = Segment(GUTTER if line.is_guest else " ", looks[Role.LINE, Background.PLAIN])
            strip = Strip.join([Strip([mark], 1), strip])
        span = selection.get_span(y) if selection is not None else None
        if span is not None:
            start, end = span
            end = strip.cell_length if end == -1 else end + gutter
            strip = _restyled(strip, start + gutter, end, None)
        return strip

    def _segments(self, line: _ShownLine) -> Iterator[Segment]:
        """The runs of a line: in the guest's colours on its screen, muted above it."""
        style_of = guest_styles(self._theme)
        muted = styles(self._theme)[Role.MUTED, Background.PLAIN]
        for run in line.row:
            text = " " * text_width(run.text) if run.style.invisible else run.text
            yield Segment(text, style_of(run.style) if line.is_guest else muted)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text under a selection made with the mouse."""
        return selection.extract(self.text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selection."""
        self._strips.clear()
        self.refresh()

    def on_resize(self) -> None:
        """Other lines are in view, in another width."""
        self._strips.clear()
        self._arrange()


def last_changed_cell(old: _ShownLine, new: _ShownLine) -> int:
    """The number of cells that must be painted when one line replaces another."""
    if old.is_guest != new.is_guest:
        return max(_width(old.row), _width(new.row), 1)
    marks = {*old.lit} ^ {*new.lit}
    end = max((end for _, end in marks), default=0)
    if (old.cursor, old.row) != (new.cursor, new.row):
        end = max([end, *(one.cursor + 2 for one in (old, new) if one.cursor is not None)])
    return max(end, _last_change(old.row, new.row))


def _last_change(old: Row, new: Row) -> int:
    """The same of their runs: up to where both are the same, seen from the right end."""
    end = _width(new)
    if end != _width(old):
        return max(end, _width(old))
    for one, other in zip(reversed(old), reversed(new), strict=False):
        if one != other:
            same = 0
            if one.style == other.style:
                pairs = zip(reversed(one.text), reversed(other.text), strict=False)
                for a, b in pairs:
                    if a != b:
                        break
                    same += text_width(a)
            return end - same
        end -= text_width(one.text)
    return end


def _width(row: Row) -> int:
    return sum(text_width(run.text) for run in row)


def _cell_width(row: Row, column: int) -> int:
    """How many cells the character in a column takes."""
    at = 0
    for run in row:
        for char in run.text:
            width = text_width(char)
            if at <= column < at + width:
                return width
            at += width
    return 1


def _restyled(strip: Strip, start: int, end: int, style: Style | None) -> Strip:
    """The strip with some cells in another style; None: with their colours exchanged."""
    before, within, after = (
        strip.crop(0, start), strip.crop(start, end), strip.crop(end, strip.cell_length),
    )  # fmt: skip
    changed = [
        Segment(part.text, style or reversed_style(part.style or Style())) for part in within
    ]
    return Strip.join([before, Strip(changed, within.cell_length), after])

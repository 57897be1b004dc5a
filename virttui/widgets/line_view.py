"""A widget that shows lines of runs and repaints only what changed.

The compositor crops what it repaints at the right end only, so each changed line becomes one
region from its first cell to its last changed one. Equal lines cost nothing, not even a byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from virttui.render.line import BLANK, Background, Line, Role, on, plain, text_width, toned
from virttui.widgets.themes import Styles, styles


def last_change(old: Line, new: Line) -> int:
    """The number of cells that must be painted when ``new`` replaces ``old``; 0 if none."""
    if old == new:
        return 0
    total, before = (sum(text_width(run.text) for run in line) for line in (new, old))
    if before != total:
        # What the longer one showed behind the shorter one has to go.
        return max(total, before)
    # Walk both lines from the right as long as runs are the same.
    end = total
    for one, other in zip(reversed(old), reversed(new), strict=False):
        if one == other:
            end -= text_width(one.text)
            continue
        if one.role == other.role and one.background == other.background:
            end -= _same_tail(one.text, other.text)
        return end
    return end


def _same_tail(one: str, other: str) -> int:
    """How many cells at the right end are the same."""
    same = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b:
            break
        same += 1
    return text_width(one[len(one) - same :]) if same else 0


@lru_cache(maxsize=8192)
def _placed(style: Style, x: int, y: int) -> Style:
    """A style that says at which character of which line it is, for selecting with the mouse.

    Kept, because runs begin where they began before: making one takes longer than all else of a
    segment.
    """
    return style + Style.from_meta({"offset": (x, y)})


class LineView(Widget):
    """Shows exactly the lines it was given last, top first."""

    ALLOW_SELECT = True

    DEFAULT_CSS = "LineView { height: 1; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        self._styles: Styles = {}
        self._faint = False

    def on_mount(self) -> None:
        """Follow the theme."""
        self.restyle(self.app.theme)
        self.app.theme_changed_signal.subscribe(self, lambda theme: self.restyle(theme.name))

    def on_unmount(self) -> None:
        """Let go of the signal, which would keep this widget and its strips for ever."""
        self.app.theme_changed_signal.unsubscribe(self)

    def restyle(self, theme: str) -> None:
        """Draw in another theme."""
        self._styles = styles(theme.removeprefix("virttui-"))
        self._strips.clear()
        self.refresh()

    @property
    def lines(self) -> Sequence[Line]:
        """The lines as last given."""
        return self._lines

    @property
    def text(self) -> str:
        """The lines as plain text."""
        return "\n".join(plain(line).rstrip() for line in self._lines)

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines; what is the same as before is not painted again."""
        if self._faint:
            lines = [toned(on(line, Background.PLAIN), Role.FAINT) for line in lines]
        regions: list[Region] = []
        for y in range(max(len(lines), len(self._lines))):
            new = lines[y] if y < len(lines) else BLANK
            old = self._lines[y] if y < len(self._lines) else BLANK
            width = self.size.width if new == BLANK and old != new else last_change(old, new)
            if width:
                self._strips.pop(y, None)
                regions.append(Region(0, y, width, 1))
        self._lines = list(lines)
        if regions:
            self.refresh(*regions)

    def dim(self, faint: bool) -> None:
        """Draw everything in one faint style, as what lies behind a modal."""
        self._faint = faint
        if faint:
            self.set_lines(self._lines)

    def render_line(self, y: int) -> Strip:
        """One line in exactly the widget's width."""
        selection = self.text_selection
        strip = self._strips.get(y) if selection is None else None
        if strip is None or strip.cell_length != self.size.width:
            strip = self._strip(y, selection)
            if selection is None:
                self._strips[y] = strip
        return strip

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a region: past Textual's cache of styled lines, which has nothing to add.

        Lines have no border or padding, and come with their colours. A screen of 50 is rendered in
        0.9 ms in place of 1.9.
        """
        if self.gutter:
            return super().render_lines(crop)
        strips = [self.render_line(y) for y in crop.line_range]
        for filter in self.get_line_filters():
            ground = self.background_colors[1]
            strips = [strip.apply_filter(filter, ground) for strip in strips]
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def _strip(self, y: int, selection: Selection | None) -> Strip:
        width = self.size.width
        if not self._styles:
            return Strip.blank(width)
        line = self._lines[y] if y < len(self._lines) else BLANK
        blank = self._styles[Role.TEXT, line[-1].background if line else Background.PLAIN]
        segments: list[Segment] = []
        characters = cells = 0
        for run in line:
            style = self._styles[run.role, run.background]
            segments.append(Segment(run.text, _placed(style, characters, y)))
            characters += len(run.text)
            cells += text_width(run.text)
        if cells < width:
            segments.append(Segment(" " * (width - cells), _placed(blank, characters, y)))
        strip = Strip(segments, max(cells, width)).crop(0, width)
        span = selection.get_span(y) if selection is not None else None
        if span is not None:
            start, end = span
            end = strip.cell_length if end == -1 else end
            lit = self.screen.get_component_rich_style("screen--selection")
            parts = strip.divide([start, end, strip.cell_length])
            strip = Strip.join([parts[0], parts[1].apply_style(lit), *parts[2:]])
        return strip

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text under a selection made with the mouse."""
        return selection.extract(self.text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selection."""
        self._strips.clear()
        self.refresh()

    def on_resize(self) -> None:
        """Strips have the widget's width."""
        self._strips.clear()

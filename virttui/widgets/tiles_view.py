"""A widget that shows tiles, lines of ours above rows of a guest's screen, and repaints only the
lines of a tile that changed."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from virttui.render.line import Background, Line, Role
from virttui.terminal.row import Row
from virttui.widgets.guest_colours import guest_styles
from virttui.widgets.themes import styles


class PlacedTile(Struct, frozen=True):
    """A tile at a column and line of the widget, in so many cells.

    ``lines`` are ours, first its heading. ``rows`` are of a guest's screen, from its column
    ``left`` on. Before all lines but the heading stands ``mark``; ``chosen`` draws it in the
    accent. ``faded`` says that the rows are old: text loses its colours.
    """

    x: int
    y: int
    width: int
    height: int
    lines: tuple[Line, ...] = ()
    rows: tuple[Row, ...] = ()
    left: int = 0
    mark: str = "│"
    chosen: bool = False
    faded: bool = False

    def line(self, number: int) -> tuple[object, ...]:
        """All that the look of one of its lines depends on."""
        content = self.lines[number] if number < len(self.lines) else self._row(number)
        return number == 0, content, self.left, self.mark, self.chosen, self.faded

    def _row(self, number: int) -> Row:
        place = number - len(self.lines)
        return self.rows[place] if place < len(self.rows) else ()


class TilesView(Widget):
    """Shows exactly the tiles it was given last."""

    DEFAULT_CSS = "TilesView { height: 1fr; }"

    class Pressed(Message):
        """The mouse pressed a tile; ``number`` is its place among those shown."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    class Resized(Message):
        """It has another size."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tiles: tuple[PlacedTile, ...] = ()
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

    def set_tiles(self, tiles: Sequence[PlacedTile]) -> None:
        """Show these tiles; lines that are the same as before cost nothing."""
        before, self.tiles = self.tiles, tuple(tiles)
        if [_place(one) for one in before] != [_place(one) for one in self.tiles]:
            self._strips.clear()
            self.refresh()
            return
        regions = []
        for old, new in zip(before, self.tiles, strict=True):
            if old == new:
                continue
            for number in range(new.height):
                if old.line(number) != new.line(number):
                    self._strips.pop(new.y + number, None)
                    regions.append(Region(new.x, new.y + number, new.width, 1))
        if regions:
            self.refresh(*regions)

    # -- drawing ---------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line in exactly the widget's width."""
        strip = self._strips.get(y)
        if strip is None or strip.cell_length != self.size.width:
            strip = self._strips[y] = self._strip(y)
        return strip

    def _strip(self, y: int) -> Strip:
        width = self.size.width
        if not self._theme:
            return Strip.blank(width)
        plain = styles(self._theme)[Role.TEXT, Background.PLAIN]
        parts: list[Strip] = []
        at = 0
        for tile in self.tiles:
            if tile.y <= y < tile.y + tile.height:
                parts.append(Strip.blank(tile.x - at, plain))
                parts.append(self._part(tile, y - tile.y, plain))
                at = tile.x + tile.width
        return Strip.join(parts).adjust_cell_length(width, plain)

    def _part(self, tile: PlacedTile, number: int, plain: Style) -> Strip:
        """One line of a tile in exactly its width."""
        looks = styles(self._theme)
        room = tile.width - 1 if number else tile.width
        if number < len(tile.lines):
            segments = [Segment(run.text, looks[run.role, run.background])
                        for run in tile.lines[number]]  # fmt: skip
            strip = Strip(segments)
        else:
            style_of = guest_styles(self._theme)
            muted = looks[Role.MUTED, Background.PLAIN]
            place = number - len(tile.lines)
            row = tile.rows[place] if place < len(tile.rows) else ()
            strip = Strip(
                [Segment(run.text, muted if tile.faded else style_of(run.style)) for run in row]
            )
            strip = strip.crop(tile.left, tile.left + room)
        strip = strip.adjust_cell_length(room, plain)
        if not number:
            return strip
        role = Role.ACCENT if tile.chosen else Role.LINE
        mark = Segment(tile.mark, looks[role, Background.PLAIN])
        return Strip.join([Strip([mark], 1), strip])

    # -- the mouse and the size ------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Tell which tile was pressed."""
        for number, tile in enumerate(self.tiles):
            if Region(tile.x, tile.y, tile.width, tile.height).contains(event.x, event.y):
                self.post_message(self.Pressed(number))

    def on_resize(self) -> None:
        """Strips have the widget's width."""
        self._strips.clear()
        self.post_message(self.Resized())


def _place(tile: PlacedTile) -> tuple[int, int, int, int]:
    return tile.x, tile.y, tile.width, tile.height

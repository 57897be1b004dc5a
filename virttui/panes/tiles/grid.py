"""How the tiles of several domains share a terminal."""

from __future__ import annotations

from msgspec import Struct

GAP = 2
"""Columns between two tiles."""

_WIDEST = 67
"""Columns from which on one tile more stands beside: most lines of a guest are no longer."""
_LOWEST, _USUAL = 10, 14
"""Lines of a tile: at least, and where there is room for it."""


class TileGrid(Struct, frozen=True):
    """``columns`` of tiles, each ``width`` cells wide, and the ``heights`` of their rows."""

    columns: int
    width: int
    heights: tuple[int, ...]

    @property
    def fits(self) -> int:
        """How many tiles are in view."""
        return self.columns * len(self.heights)

    def corner(self, number: int) -> tuple[int, int]:
        """The column and line at which a tile begins; they are counted row by row."""
        row, column = divmod(number, self.columns)
        return column * (self.width + GAP), sum(self.heights[:row])

    def height(self, number: int) -> int:
        """The lines of a tile."""
        return self.heights[number // self.columns]


def tile_grid(width: int, height: int, count: int) -> TileGrid:
    """The tiles of ``count`` domains in so many cells: fewer have larger ones."""
    columns = max(1, min(count, -(-width // _WIDEST)))
    if columns > 1 and (width - GAP * (columns - 1)) // columns < 30:
        columns -= 1
    most = max(1, min(height // _LOWEST, -(-height // _USUAL)))
    rows = max(1, min(most, -(-count // columns)))
    each, more = divmod(height, rows)
    heights = tuple(each + (number < more) for number in range(rows))
    return TileGrid(columns, (width - GAP * (columns - 1)) // columns, heights)

"""Draws a picture in the cells of a terminal: by quadrants, by half blocks, or by letters.

A cell is taken to be twice as high as it is wide. Up to nine points of the picture are averaged for
each point that is drawn; each cell has two colours at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from operator import itemgetter

from msgspec import Struct

from virttui.terminal.cells import RowBuilder
from virttui.terminal.images.image import Image
from virttui.terminal.row import CellStyle, Row

Point = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""


class Drawing(StrEnum):
    """How a cell is drawn.

    QUADRANTS has four points in a cell, of two colours; HALVES has two, each in its own colour;
    LETTERS has one, without colours. TERMINAL is drawn by the terminal itself, which has graphics.
    """

    QUADRANTS = "quadrants"
    HALVES = "half blocks"
    LETTERS = "letters"
    TERMINAL = "the terminal"


_QUADRANTS = " ▗▖▄▝▐▞▟▘▚▌▙▀▜▛█"
"""By the lit quarters: 8 upper left, 4 upper right, 2 lower left, 1 lower right."""

_LETTERS = " .:-=+*#%@"

_FLAT = 24
"""Quarters whose brightness differs by no more are drawn in one colour."""

_MOST_SAMPLES = 3


class CellImage(Struct, frozen=True):
    """A picture in ``columns`` cells, as rows."""

    columns: int
    rows: tuple[Row, ...]


def fitting(image: Image, columns: int, rows: int) -> tuple[int, int]:
    """The columns and rows that a picture takes in so many, whole and not stretched."""
    scale = max(image.width / max(1, columns), image.height / max(1, 2 * rows))
    return (
        max(1, min(columns, round(image.width / scale))),
        max(1, min(rows, round(image.height / scale / 2))),
    )


def draw(image: Image, columns: int, rows: int, drawing: Drawing) -> CellImage:
    """The picture in at most so many columns and rows; blank where the terminal draws it."""
    columns, rows = fitting(image, columns, rows)
    if drawing is Drawing.TERMINAL:
        return CellImage(columns, ((),) * rows)
    across = 2 if drawing is Drawing.QUADRANTS else 1
    down = 1 if drawing is Drawing.LETTERS else 2
    points = list(_sampled(image, columns * across, rows * down))
    make = {
        Drawing.QUADRANTS: _quadrants, Drawing.HALVES: _halves, Drawing.LETTERS: _letters,
    }[drawing]  # fmt: skip
    lines = (points[at : at + down] for at in range(0, len(points), down))
    return CellImage(columns, tuple(make(line) for line in lines))


def _sampled(image: Image, width: int, height: int) -> Iterator[list[Point]]:
    """The picture in another size, row by row."""
    xs = _samples(image.width, width)
    ys = _samples(image.height, height)
    getters = [
        itemgetter(*places) if width > 1 else _first(places) for places in zip(*xs, strict=True)
    ]
    stride = image.stride
    for places in ys:
        lines = [image.rgb[y * stride : (y + 1) * stride] for y in places]
        channels = []
        for channel in range(3):
            found = [get(line[channel::3]) for line in lines for get in getters]
            count = len(found)
            channels.append([total // count for total in map(sum, zip(*found, strict=True))])
        yield list(zip(*channels, strict=True))


def _first(places: Sequence[int]) -> itemgetter[slice]:
    return itemgetter(slice(places[0], places[0] + 1))


def _samples(length: int, count: int) -> list[list[int]]:
    """For each of ``count`` parts of a length the places that are looked at, as many for each."""
    each = max(1, min(_MOST_SAMPLES, length // count))
    return [
        [
            min(length - 1, int((part + (number + 0.5) / each) * length / count))
            for number in range(each)
        ]
        for part in range(count)
    ]


def _quadrants(lines: Sequence[list[Point]]) -> Row:
    upper, lower = lines
    builder = RowBuilder()
    for at in range(0, len(upper), 2):
        quarters = (upper[at], upper[at + 1], lower[at], lower[at + 1])
        lights = [_light(one) for one in quarters]
        low, high = min(lights), max(lights)
        if high - low <= _FLAT:
            builder.add_ascii(" ", CellStyle(background=_mean(quarters)))
            continue
        middle = (low + high) / 2
        lit = [one for one, light in zip(quarters, lights, strict=True) if light > middle]
        dark = [one for one, light in zip(quarters, lights, strict=True) if light <= middle]
        number = 0
        for light in lights:
            number = number << 1 | (light > middle)
        builder.add(_QUADRANTS[number], 1, CellStyle(_mean(lit), _mean(dark)))
    return builder.row()


def _halves(lines: Sequence[list[Point]]) -> Row:
    builder = RowBuilder()
    for upper, lower in zip(*lines, strict=True):
        above, below = _mean((upper,)), _mean((lower,))
        if above == below:
            builder.add_ascii(" ", CellStyle(background=above))
        else:
            builder.add("▀", 1, CellStyle(above, below))
    return builder.row()


def _letters(lines: Sequence[list[Point]]) -> Row:
    builder = RowBuilder()
    for point in lines[0]:
        builder.add_ascii(_LETTERS[_light(point) * len(_LETTERS) // 256], CellStyle())
    return builder.row()


def _light(point: Point) -> int:
    """The brightness, 0 to 255."""
    red, green, blue = point
    return (54 * red + 183 * green + 19 * blue) >> 8


def _mean(points: Sequence[Point]) -> Point:
    """The mean colour, in 32 levels each: neighbours of nearly one colour become one run."""
    count = len(points)
    red, green, blue = (
        (value & 0xF8) | (value >> 5)
        for value in (sum(channel) // count for channel in zip(*points, strict=True))
    )
    return red, green, blue

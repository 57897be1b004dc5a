"""Graphs of cells: a trail resampled to two samples a cell, drawn in braille, blocks or ASCII.

A sample of zero draws the lowest dot, no sample draws nothing: a gap is a gap. Cells begin at
whole multiples of their own span, so a graph moves by a whole cell or not at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from virttui.model.domains.history import GAP, MetricHistory

# Dots of a braille cell from its bottom to its top: left column, then right.
_LEFT = (0x40, 0x04, 0x02, 0x01)
_RIGHT = (0x80, 0x20, 0x10, 0x08)

STEPS = (1, 2, 5)
COARSE_STEP = 10.0


def times(width: int, span: float, now: float) -> list[float]:
    """The end of each half cell, oldest first, for ``span`` seconds a cell; the last is past."""
    last = math.floor(now / span) * span
    return [last - (2 * width - 1 - place) * span / 2 for place in range(2 * width)]


def buckets(
    trail: MetricHistory, ends: Sequence[float], step: float, interval: float
) -> list[slice]:
    """For each end the moments of the ``step`` before it, as a slice of the trail.

    A moment that came a little late is carried over at most one and a half intervals.
    """
    at, found = trail.at, []
    place, last = 0, None
    while place < len(at) and at[place] <= ends[0] - step:
        last, place = place, place + 1
    for end in ends:
        first = place
        while place < len(at) and at[place] <= end:
            place += 1
        if place > first:
            found.append(slice(first, place))
            last = place - 1
        elif last is not None and end - at[last] <= step / 2 + 1.5 * (
            COARSE_STEP if last < trail.coarse else interval
        ):
            found.append(slice(last, last + 1))
        else:
            found.append(slice(0, 0))
    return found


def resampled(series: Sequence[float], parts: Sequence[slice]) -> list[float | None]:
    """The highest value of each part, or None where nothing was known."""
    tops = [max(series[part], default=GAP) for part in parts]
    return [top if top >= 0 else None for top in tops]


def levels(values: Sequence[float | None], top: float, rows: int) -> list[int]:
    """Heights in dots of 0 (nothing known) to ``4 * rows``; what is known draws at least one."""
    full = 4 * rows
    return [
        0 if value is None else max(1, min(full, round(value / top * full))) if top else 1
        for value in values
    ]


def draw(
    heights: Sequence[int], rows: int, *, down: bool = False, kind: str = "braille"
) -> list[str]:
    """The rows of one graph, top row first; ``down`` hangs it from its upper edge.

    ``kind`` is braille, blocks or ascii; the last two show the higher of a cell's two samples.
    """
    width = _CELLS[kind][down]
    lines: list[str] = []
    for row in range(rows):
        below = 4 * (row if down else rows - 1 - row)
        inside = [max(0, min(4, height - below)) for height in heights]
        pairs = zip(inside[::2], inside[1::2], strict=True)
        lines.append("".join([width[5 * left + right] for left, right in pairs]))
    return lines


def _width(left: tuple[int, ...], right: tuple[int, ...]) -> list[str]:
    """The braille cell for each pair of heights 0 to 4, by ``5 * left + right``."""
    return [
        chr(0x2800 + sum(left[:one]) + sum(right[:other])) if one or other else " "
        for one in range(5)
        for other in range(5)
    ]


_STANDING = _width(_LEFT, _RIGHT)
_HANGING = _width(_LEFT[::-1], _RIGHT[::-1])


def _highest(levels: str) -> list[str]:
    return [levels[max(one, other)] for one in range(5) for other in range(5)]


_CELLS = {
    "braille": (_STANDING, _HANGING),
    "blocks": (_highest(" ▂▄▆█"), _highest(" ▔▀▀█")),
    "ascii": (_highest(" .:|#"), _highest(" .:|#")),
}


def scale(values: Sequence[float | None], least: float = 10_000.0) -> float:
    """The smallest of 1, 2, 5, 10 … that holds all values, in bytes a second."""
    top = max((value for value in values if value is not None), default=0.0)
    decade = least
    while True:
        for step in STEPS:
            if decade * step >= top:
                return decade * step
        decade *= 10


def ticks(width: int, span: float) -> list[tuple[int, str]]:
    """Round times for the axis: the cell where each label starts, and the label.

    ``span`` is seconds a cell. The last label, ``now``, ends at the right edge.
    """
    whole = width * span
    step = next((s for s in (30, 60, 120, 300, 600, 900, 1800) if whole / s <= 4.4), 3600)
    found = []
    ago = step
    while (place := width - round(ago / span)) > 0:
        label = f"-{ago}s" if ago < 120 and step < 60 else f"-{ago // 60}m"
        start = place - (len(label) - 1) // 2
        if start >= 0:
            found.append((start, label))
        ago += step
    return [*reversed(found), (width - 3, "now")]

"""Graphs of cells: a trail resampled to two samples a cell, drawn in braille or ASCII.

A sample of zero draws the lowest dot, no sample draws nothing: a gap is a gap. Cells begin at
whole multiples of their own span, so a graph moves by a whole cell or not at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from virttui.model.inventory import Sample

# Dots of a braille cell from its bottom to its top: left column, then right.
_LEFT = (0x40, 0x04, 0x02, 0x01)
_RIGHT = (0x80, 0x20, 0x10, 0x08)
_ASCII = " .:|#"

STEPS = (1, 2, 5)


def times(cells: int, span: float, now: float) -> list[float]:
    """The end of each half cell, oldest first, for ``span`` seconds a cell; the last is past."""
    last = math.floor(now / span) * span
    return [last - (2 * cells - 1 - place) * span / 2 for place in range(2 * cells)]


def resampled(
    samples: Sequence[Sample], ends: Sequence[float], step: float, interval: float
) -> list[Sample | None]:
    """For each end the highest figures of the ``step`` before it, or None where nothing was known.

    A sample that came a little late is carried over at most one and a half intervals.
    """
    found: list[Sample | None] = []
    place, last = 0, None
    for end in ends:
        inside: list[Sample] = []
        while place < len(samples) and samples[place].at <= end:
            if samples[place].at > end - step:
                inside.append(samples[place])
            last = samples[place]
            place += 1
        if inside:
            found.append(inside[0] if len(inside) == 1 else _highest(inside))
        elif last is not None and end - last.at <= 1.5 * interval + step / 2:
            found.append(last)
        else:
            found.append(None)
    return found


def _highest(samples: Sequence[Sample]) -> Sample:
    def top(name: str) -> float | None:
        values = [v for s in samples if (v := getattr(s, name)) is not None]
        return max(values, default=None)

    return Sample(
        samples[-1].at, top("cpu"), top("memory"), top("read"), top("write"), top("rx"), top("tx")
    )


def levels(values: Sequence[float | None], top: float, rows: int) -> list[int]:
    """Heights in dots of 0 (nothing known) to ``4 * rows``; what is known draws at least one."""
    full = 4 * rows
    return [
        0 if value is None else max(1, min(full, round(value / top * full))) if top else 1
        for value in values
    ]


def drawn(
    heights: Sequence[int], rows: int, *, down: bool = False, braille: bool = True
) -> list[str]:
    """The rows of one graph, top row first; ``down`` hangs it from its upper edge."""
    cells = (_HANGING if down else _STANDING) if braille else _PLAIN
    lines: list[str] = []
    for row in range(rows):
        below = 4 * (row if down else rows - 1 - row)
        inside = [max(0, min(4, height - below)) for height in heights]
        pairs = zip(inside[::2], inside[1::2], strict=True)
        lines.append("".join([cells[5 * left + right] for left, right in pairs]))
    return lines


def _cells(left: tuple[int, ...], right: tuple[int, ...]) -> list[str]:
    """The braille cell for each pair of heights 0 to 4, by ``5 * left + right``."""
    return [
        chr(0x2800 + sum(left[:one]) + sum(right[:other])) if one or other else " "
        for one in range(5)
        for other in range(5)
    ]


_STANDING = _cells(_LEFT, _RIGHT)
_HANGING = _cells(_LEFT[::-1], _RIGHT[::-1])
_PLAIN = [_ASCII[max(one, other)] for one in range(5) for other in range(5)]


def scale(values: Sequence[float | None], least: float = 10_000.0) -> float:
    """The smallest of 1, 2, 5, 10 … that holds all values, in bytes a second."""
    top = max((value for value in values if value is not None), default=0.0)
    decade = least
    while True:
        for step in STEPS:
            if decade * step >= top:
                return decade * step
        decade *= 10


def ticks(cells: int, span: float) -> list[tuple[int, str]]:
    """Round times for the axis: the cell where each label starts, and the label.

    ``span`` is seconds a cell. The last label, ``now``, ends at the right edge.
    """
    whole = cells * span
    step = next((s for s in (30, 60, 120, 300, 600, 900, 1800) if whole / s <= 4.4), 3600)
    found = []
    ago = step
    while (place := cells - round(ago / span)) > 0:
        label = f"-{ago}s" if ago < 120 and step < 60 else f"-{ago // 60}m"
        start = place - (len(label) - 1) // 2
        if start >= 0:
            found.append((start, label))
        ago += step
    return [*reversed(found), (cells - 3, "now")]

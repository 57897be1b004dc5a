"""The figures of ``growth`` as one picture: a panel for each figure and axis, as SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from .budgets import number
from .growth import DOMAINS, FIGURES, HOSTS, name
from .plan import Plan

Point = tuple[int, float]

WIDTH, HEIGHT = 300, 150
"""Of one panel, in pixels."""
_LEFT, _TOP, _RIGHT, _BOTTOM = 52, 30, 16, 26


def slope(points: Sequence[Point]) -> float:
    """The growth of a figure for each further domain or host: the least squares' line."""
    count = len(points)
    mean_at = sum(at for at, _ in points) / count
    mean = sum(value for _, value in points) / count
    spread = sum((at - mean_at) ** 2 for at, _ in points)
    if not spread:
        return 0.0
    return sum((at - mean_at) * (value - mean) for at, value in points) / spread


def series(figures: Mapping[str, float], plan: Plan, figure: str, axis: str) -> list[Point]:
    """The points of one figure along one axis, as far as they were measured."""
    places = plan.sizes if axis == DOMAINS else plan.counts
    named = ((at, name(figure, axis, at)) for at in places)
    return [(at, figures[what]) for at, what in named if what in figures]


def slopes(figures: Mapping[str, float], plan: Plan) -> list[str]:
    """A line for each figure: what 1,000 further domains, or 10 further hosts, add to it."""
    lines = []
    for figure, unit in FIGURES.items():
        for axis, step in ((DOMAINS, 1000), (HOSTS, 10)):
            points = series(figures, plan, figure, axis)
            if len(points) > 1:
                grown = slope(points) * step
                ends = f"{number(points[0][1], unit)} to {number(points[-1][1], unit)}"
                lines.append(f"{figure:18} {grown:+8.3f} {unit:4} per {step:,} {axis:8} ({ends})")
    return lines


def picture(figures: Mapping[str, float], plan: Plan) -> str:
    """The SVG: the figures below one another, domains at the left and hosts at the right."""
    panels = []
    for down, (figure, unit) in enumerate(FIGURES.items()):
        for across, axis in enumerate((DOMAINS, HOSTS)):
            points = series(figures, plan, figure, axis)
            if points:
                title = f"{figure}, {unit}, by {axis}"
                move = f"translate({across * WIDTH},{down * HEIGHT})"
                panels.append(f'<g transform="{move}">{_panel(title, points)}</g>')
    width, height = 2 * WIDTH, len(FIGURES) * HEIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="11">\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        + "\n".join(panels)
        + "\n</svg>\n"
    )


def _panel(title: str, points: Sequence[Point]) -> str:
    """One panel: the horizontal axis is logarithmic, the vertical one begins at 0."""
    first, last = math.log10(points[0][0]), math.log10(points[-1][0])
    top = max(value for _, value in points) or 1.0
    wide, high = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def placed(point: Point) -> tuple[float, float]:
        share = (math.log10(point[0]) - first) / ((last - first) or 1.0)
        return round(_LEFT + share * wide, 1), round(_TOP + high - point[1] / top * high, 1)

    floor = _TOP + high
    parts = [
        f'<text x="{_LEFT}" y="{_TOP - 12}" font-weight="bold">{escape(title)}</text>',
        f'<path d="M{_LEFT} {_TOP}V{floor}H{_LEFT + wide}" fill="none" stroke="#888888"/>',
        f'<text x="{_LEFT - 4}" y="{_TOP + 4}" text-anchor="end">{number(top, "")}</text>',
        f'<text x="{_LEFT - 4}" y="{floor}" text-anchor="end">0</text>',
    ]
    places = [placed(point) for point in points]
    way = " ".join(f"{x},{y}" for x, y in places)
    parts.append(f'<polyline points="{way}" fill="none" stroke="#1f6feb" stroke-width="2"/>')
    for (x, y), (at, _) in zip(places, points, strict=True):
        parts.append(f'<circle cx="{x}" cy="{y}" r="2.5" fill="#1f6feb"/>')
        parts.append(f'<text x="{x}" y="{floor + 14}" text-anchor="middle">{at}</text>')
    return "".join(parts)

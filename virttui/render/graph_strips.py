"""Graph strips over one time axis: a block of labels, then the graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from virttui import formatting
from virttui.model.domains.history import MetricHistory
from virttui.render import graph
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, fit

LABEL = 17
"""Cells of the label block; a strip may be given a narrower one."""

Values = Sequence[float | None]


class GraphStrip(Struct, frozen=True):
    """One strip: its labels, the figure(s), and where its series are in a trail.

    Two series are mirrored, the second hanging down. ``top`` is the value that fills the strip,
    a share for a single series and bytes a second for two. ``peak_first`` puts the peak before the
    scale, where there is no room for both.
    """

    name: str
    figures: tuple[tuple[str, str], ...]
    note: str
    series: tuple[Callable[[MetricHistory], Sequence[float]], ...]
    warned: bool = False
    figure_role: Role = Role.STRONG
    top: float = 1.0
    peak_first: bool = False


def highest(series: Sequence[Values]) -> float:
    """The highest value that is known, 0 without any."""
    return max((value for one in series for value in one if value), default=0.0)


def strip_lines(
    strip: GraphStrip, values: Sequence[Values], rows: int, look: RenderContext, label: int = LABEL
) -> list[Line]:
    """The lines of one strip: label block, then graph."""
    kind = look.glyphs.graph
    if len(values) == 1:
        lines = graph.draw(graph.levels(values[0], strip.top, rows), rows, kind=kind)
        peak = max((value for value in values[0] if value is not None), default=None)
        scale = (f"0{formatting.UNKNOWN}{percent_words(strip.top)}", f"peak {percent_words(peak)}")
        scale = scale[::-1] if strip.peak_first else scale
    else:
        up, down = (graph.levels(series, strip.top, rows // 2) for series in values)
        lines = graph.draw(up, rows // 2, kind=kind)
        lines += graph.draw(down, rows // 2, down=True, kind=kind)
        scale = (f"±{formatting.rate(strip.top)}/s", "")
    role = Role.WARN if strip.warned else Role.GRAPH
    labels = _labels(strip, scale, label)
    blank: Line = (Run(" " * label),)
    return [
        (*(labels[place] if place < len(labels) else blank), Run(line, role))
        for place, line in enumerate(lines)
    ]


def _labels(strip: GraphStrip, scale: Sequence[str], label: int) -> list[Line]:
    """The label block: name and figure, second figure, scale, peak as room allows."""
    gap = 2 if label >= LABEL else 1
    end = label - gap
    lines: list[Line] = []
    for place, (letter, figure) in enumerate(strip.figures):
        name = strip.name if place == 0 else ""
        lines.append(
            (
                Run(f" {fit(name, end - 8)}", Role.MUTED),
                Run(f"{letter:<2}{figure:>5}" if letter else f"{figure:>7}", strip.figure_role),
                Run(" " * gap),
            )
        )
    notes = (strip.note, *scale)
    lines += [(Run(f"{note:>{end}}{' ' * gap}", Role.MUTED),) for note in notes if note]
    return lines


def axis(width: int, span: float, label: int = LABEL) -> Line:
    """Round times under the graphs, for ``span`` seconds a cell."""
    shown = " " * label
    for start, words in graph.ticks(width, span):
        if label + start > len(shown):
            shown += " " * (label + start - len(shown)) + words
    return (Run(shown, Role.FAINT),)


def window_words(seconds: float) -> str:
    """The time that the graphs span, and the keys that change it."""
    minutes = max(1, round(seconds / 60))
    shown = f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"
    return f"{shown}  [ ] window"


def percent_words(share: float | None) -> str:
    """``78%``."""
    return formatting.UNKNOWN if share is None else f"{formatting.percent(share)}%"

"""The lines below a list: graphs or details of the selected row, and the answer line."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from virttui.panes.domains import graph_drawer
from virttui.panes.hosts import details as host_details
from virttui.panes.main import key_hints, task_details
from virttui.panes.networks import details as network_details
from virttui.panes.storage import pool_details
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, cut_end, length, within
from virttui.render.scales import GraphScales
from virttui.store.fleet_state import FleetState

_DETAILS: dict[str, Callable[[Any, RenderContext, int, int], list[Line]]] = {
    "networks": network_details.detail_lines,
    "storage": pool_details.detail_lines,
    "hosts": host_details.detail_lines,
}


class LinesBelow:
    """The lines below the list, drawn again when what they tell changed, or after a second.

    Most keys change nothing of them, and drawing them takes half the time of a frame.
    """

    def __init__(self, scales: GraphScales) -> None:
        self._scales = scales
        self._objects: tuple[object, ...] = ()
        self._values: tuple[object, ...] = ()
        self._lines: list[Line] = []

    def lines(
        self, pane: str, row: Any, fleet_state: FleetState, look: RenderContext, width: int,
        height: int, seconds: int,
    ) -> list[Line]:  # fmt: skip
        """The ``height`` lines below the list of a pane, for its selected row.

        ``seconds`` is the time span of a domain's graphs.
        """
        objects = (row, fleet_state, look.glyphs, look.limits)
        values = (pane, look.unavailable, int(look.now), width, height, seconds)
        same = self._values == values and all(map(operator.is_, self._objects, objects))
        if not same:
            self._objects, self._values = objects, values
            self._lines = self._draw(pane, row, fleet_state, look, width, height, seconds)
        return self._lines

    def _draw(
        self, pane: str, row: Any, fleet_state: FleetState, look: RenderContext, width: int,
        height: int, seconds: int,
    ) -> list[Line]:  # fmt: skip
        if not height:
            return []
        if pane == "domains":
            return graph_drawer.drawer(row, fleet_state, seconds, self._scales, look, width, height)
        if row is None:
            return [within((), width)] * height
        if pane in _DETAILS:
            return _DETAILS[pane](row, look, width, height)
        command = key_hints.equivalent_commands(row, fleet_state)
        return task_details.detail_lines(row, fleet_state, command, look, width, height)


def answer_line(words: Line, whole: str, look: RenderContext, width: int) -> Line:
    """The answer line; ``whole`` says which key shows words whole that do not fit."""
    if length(words) + 2 <= width:
        whole = ""
    runs = [Run(" ")]
    for run in words:
        room = width - length(runs) - 1 - len(whole)
        runs.append(run._replace(text=cut_end(clean(run.text), room, look.glyphs.cut)))
    return within([*runs, *([Run(whole, Role.ACCENT)] if whole else [])], width)

"""The lines below a list: graphs or details of the selected row, and the answer line."""

from __future__ import annotations

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


def lines(
    pane: str, row: Any, fleet_state: FleetState, look: RenderContext, width: int, height: int,
    seconds: int, scales: GraphScales,
) -> list[Line]:  # fmt: skip
    """The ``height`` lines below the list of a pane, for its selected row.

    ``seconds`` and ``scales`` are the time span and the scales of a domain's graphs.
    """
    if not height:
        return []
    if pane == "domains":
        return graph_drawer.drawer(row, fleet_state, seconds, scales, look, width, height)
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

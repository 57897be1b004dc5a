"""The lines below the list are drawn again whenever they would say something else."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.panes.test_goldens import LOOK, view_state_of
from tests.scenes import fleet
from virttui.model.thresholds import Thresholds
from virttui.panes.main.below_list import LinesBelow
from virttui.render.glyphs import ASCII
from virttui.render.scales import GraphScales

STATE = view_state_of((120, 36))


def row(name: str) -> Any:
    rows = STATE.views["domains"].listing.rows
    return next(one for one in rows if one.domain.name == name)


FIRST: dict[str, Any] = {
    "pane": "domains",
    "row": row("db-primary-01"),
    "fleet_state": STATE.fleet_state,
    "look": LOOK,
    "width": 120,
    "height": 18,
    "seconds": 0,
}


def test_they_are_kept_within_a_second() -> None:
    below = LinesBelow(GraphScales())
    lines = below.lines(**FIRST)
    assert below.lines(**FIRST | {"look": replace(LOOK, now=fleet.NOW + 0.1)}) is lines


CHANGES: dict[str, dict[str, Any]] = {
    "another row": {"row": row("web-01")},
    "no row": {"row": None},
    "no tasks": {"fleet_state": replace(STATE.fleet_state, tasks=())},
    "later": {"look": replace(LOOK, now=fleet.NOW + 60)},
    "ascii": {"look": replace(LOOK, glyphs=ASCII)},
    "no bars": {"look": replace(LOOK, unavailable=False)},
    "limits": {"look": replace(LOOK, limits=Thresholds(memory=0.01))},
    "narrower": {"width": 100},
    "lower": {"height": 14},
    "none": {"height": 0},
    "five minutes": {"seconds": 300},
    "another pane": {"pane": "storage", "row": None},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_they_are_drawn_again(changes: dict[str, Any]) -> None:
    scales = GraphScales()
    below = LinesBelow(scales)
    before = below.lines(**FIRST)
    after = below.lines(**FIRST | changes)
    assert after != before
    assert after == LinesBelow(scales).lines(**FIRST | changes)

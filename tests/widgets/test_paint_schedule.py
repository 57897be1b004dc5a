"""The screen is painted for no more than its share of a core, and figures once a tick."""

from __future__ import annotations

import pytest

from virttui.widgets.paint_schedule import MOST, SHARE_OF_A_CORE, PaintSchedule


def test_at_first_nothing_waits() -> None:
    assert PaintSchedule(1.0).wait(5.0, gather=False) == 0.0
    assert PaintSchedule(1.0).wait(5.0, gather=True) == 0.0


def test_painting_takes_no_more_than_its_share() -> None:
    schedule = PaintSchedule(1.0)
    schedule.painted(10.0, 0.03)
    assert schedule.wait(10.0, gather=False) == pytest.approx(0.03 / SHARE_OF_A_CORE)
    assert schedule.wait(10.6, gather=False) == 0.0
    schedule.painted(20.0, 5.0)
    assert schedule.wait(20.0, gather=False) == MOST, "what is shown is never much older"


@pytest.mark.parametrize(("interval", "pause"), [(1.0, 0.9), (0.2, 0.18), (30.0, 0.9)])
def test_figures_are_gathered_over_an_interval(interval: float, pause: float) -> None:
    schedule = PaintSchedule(interval)
    schedule.painted(10.0, 0.001)
    assert schedule.wait(10.0, gather=True) == pytest.approx(pause)
    assert schedule.wait(10.1, gather=False) == 0.0, "news is not"
    assert schedule.age(10.5) == 0.5

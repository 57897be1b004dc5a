"""Histories: fixed in size, a gap stays a gap, and both rings become one trail."""

from __future__ import annotations

import sys

from virttui.metrics.history import (
    COARSE_LENGTH,
    FINE_LENGTH,
    FINE_SAMPLES,
    CoarseHistory,
    FineHistory,
    History,
)
from virttui.model.domains.history import GAP, SERIES
from virttui.model.identity import ObjectId

NONE = (None,) * len(SERIES)


def figures(cpu: float | None) -> tuple[float | None, ...]:
    return (cpu, *NONE[1:])


def test_the_fine_ring_is_bounded_both_ways() -> None:
    fine = FineHistory()
    for moment in range(FINE_LENGTH + 10):
        fine.record("a", float(moment), NONE)
    times, values = fine.rings("a")
    assert len(times) == FINE_LENGTH and times[-1] == FINE_LENGTH + 9
    assert len(values) == FINE_LENGTH * len(SERIES)
    for number in range(FINE_SAMPLES + 5):
        fine.seen("a")
        fine.record(f"other-{number}", 0.0, NONE)
    assert fine.rings("a")[0], "what is looked at stays"
    assert len(fine.known()) == FINE_SAMPLES


def test_the_coarse_ring_holds_the_highest_of_each_ten_seconds() -> None:
    coarse = CoarseHistory()
    assert not coarse.close(100.0)
    coarse.add("a", 0.2, 10.0, None)
    coarse.add("a", 0.7, None, 5.0)
    coarse.add("a", 0.3, None, None)
    assert not coarse.close(109.9)
    assert coarse.close(110.2)
    at, values = coarse.ring("a")
    assert at == [110.0]
    assert [round(value, 3) for value in values] == [0.7, 10.0, 5.0]
    assert round(coarse.peaks()["a"], 3) == 0.7


def test_steps_that_nobody_measured_are_gaps() -> None:
    coarse = CoarseHistory()
    coarse.close(0.0)
    coarse.add("a", 0.5, None, None)
    coarse.close(10.0)
    coarse.close(40.0)
    at, values = coarse.ring("a")
    assert at == [10.0, 20.0, 30.0, 40.0]
    assert list(values[::3]) == [0.5, GAP, GAP, GAP]


def test_an_hour_is_all_that_is_kept_and_its_bytes_are_those_told() -> None:
    coarse, fine = CoarseHistory(), FineHistory()
    coarse.close(0.0)
    for step in range(1, COARSE_LENGTH + 50):
        coarse.add("a", 0.5, 1.0, 1.0)
        coarse.close(step * 10.0)
        fine.record("a", float(step), NONE)
    at, values = coarse.ring("a")
    assert len(at) == COARSE_LENGTH and at[-1] == (COARSE_LENGTH + 49) * 10.0
    assert len(values) * values.itemsize == 4320
    # An array may hold a little more than it shows.
    assert sys.getsizeof(values) < 4320 * 1.2 + 100
    assert sum(len(ring) * ring.itemsize for ring in fine.rings("a")) == 12_000


def test_a_trail_is_coarse_until_the_fine_ring_begins() -> None:
    history = History()
    history.coarse.close(0.0)
    for step in (1, 2, 3):
        history.coarse.add("a", step / 10, 1.0, 2.0)
        history.coarse.close(step * 10.0)
    for moment in (25.0, 26.0):
        history.fine.record("a", moment, figures(0.9))
    trail = history.trail(ObjectId("h", "a"))
    assert list(trail.at) == [10.0, 20.0, 25.0, 26.0] and trail.coarse == 2
    assert [round(value, 2) for value in trail.cpu] == [0.1, 0.2, 0.9, 0.9]
    assert list(trail.memory) == [GAP] * 4
    assert list(trail.rx) == [1.0, 1.0, GAP, GAP]


def test_what_is_usual_is_the_median_of_what_is_known() -> None:
    fine = FineHistory()
    place = SERIES.index("latency")
    for moment in range(40):
        found: list[float | None] = [None] * len(SERIES)
        found[place] = 0.002 if moment % 4 else None
        fine.record("a", float(moment), found)
    usual = fine.median("a", "latency")
    assert usual is not None and round(usual, 4) == 0.002
    assert fine.median("a", "latency", least=31) is None
    assert fine.median("b", "latency") is None


def test_a_gone_domain_leaves_nothing() -> None:
    history = History()
    history.coarse.close(0.0)
    history.coarse.add("a", 0.5, None, None)
    history.coarse.close(10.0)
    history.fine.record("a", 10.0, figures(0.5))
    history.forget("a")
    assert not history.trail(ObjectId("h", "a")).at and not history.coarse.peaks()

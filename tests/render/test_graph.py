from __future__ import annotations

from virttui.model.domains.history import GAP, MetricHistory
from virttui.model.identity import ObjectId
from virttui.render import graph
from virttui.render.scales import GraphScales


def trail(at: list[float], cpu: list[float], coarse: int = 0) -> MetricHistory:
    return MetricHistory(ObjectId("h", "u"), at=at, cpu=cpu, coarse=coarse)


def shown(found: MetricHistory, ends: list[float], step: float) -> list[float | None]:
    return graph.resampled(found.cpu, graph.buckets(found, ends, step, 1.0))


def test_a_graph_moves_by_whole_cells() -> None:
    assert graph.times(4, 2.0, 100.0) == graph.times(4, 2.0, 101.9)
    assert graph.times(4, 2.0, 102.0)[-1] == graph.times(4, 2.0, 100.0)[-1] + 2


def test_a_gap_is_a_gap_and_a_late_sample_is_carried() -> None:
    found = trail([1.0, 2.1, 3.0, 9.0], [0.5] * 4)
    ends = [float(t) for t in range(1, 11)]
    assert [value is not None for value in shown(found, ends, 1.0)] == [
        True, True, True, True, True, False, False, False, True, True,
    ]  # fmt: skip


def test_what_was_not_known_then_is_a_gap_too() -> None:
    assert shown(trail([1.0, 2.0, 3.0], [0.5, GAP, 0.5]), [1.0, 2.0, 3.0], 1.0) == [0.5, None, 0.5]


def test_wider_windows_show_the_highest() -> None:
    assert shown(trail([1.0, 2.0, 3.0], [0.1, 0.9, 0.2]), [4.0], 4.0) == [0.9]


def test_what_is_older_than_the_window_is_passed_over() -> None:
    assert shown(trail([1.0, 2.0, 9.0, 10.0], [0.9, 0.9, 0.2, 0.3]), [9.0, 10.0], 1.0) == [0.2, 0.3]


def test_coarse_moments_stand_for_their_ten_seconds() -> None:
    found = trail([10.0, 20.0, 21.0], [0.1, 0.2, 0.3], coarse=2)
    assert shown(found, [10.0, 15.0, 20.0, 21.0], 1.0) == [0.1, 0.1, 0.2, 0.3]


def test_zero_draws_a_dot_and_nothing_known_draws_none() -> None:
    assert graph.levels([0.0, None, 1.0, 0.5], 1.0, 2) == [1, 0, 8, 4]
    assert graph.draw([1, 1, 0, 0], 1) == ["⣀ "]
    assert graph.draw([8, 8], 2) == ["⣿", "⣿"]
    assert graph.draw([1, 5], 2) == ["⢀", "⣸"]
    assert graph.draw([1, 2], 1, down=True) == ["⠙"]
    assert graph.draw([4, 1, 0, 0], 1, kind="ascii") == ["# "]
    assert graph.draw([4, 1, 1, 0], 1, kind="blocks") == ["█▂"]


def test_the_scale_steps_by_one_two_five() -> None:
    assert graph.scale([None, 0.0]) == 10_000
    assert graph.scale([112e6]) == 200e6
    assert graph.scale([18e6, 21e6]) == 50e6
    assert graph.scale([1e6]) == 1e6


def test_ticks_are_round_times() -> None:
    assert graph.ticks(51, 2.0) == [(5, "-90s"), (20, "-60s"), (35, "-30s"), (48, "now")]
    assert graph.ticks(111, 2.0) == [(20, "-3m"), (50, "-2m"), (80, "-1m"), (108, "now")]
    assert [label for _, label in graph.ticks(51, 3600 / 51)][:2] == ["-45m", "-30m"]


def test_one_scale_holds_for_all_rows_and_shrinks_with_patience() -> None:
    scales = GraphScales()
    assert scales.top("disk", 112e6, 0.0, 60.0) == 200e6
    assert scales.top("disk", 3e6, 30.0, 60.0) == 200e6, "another row is drawn on the same"
    assert scales.top("disk", 3e6, 91.0, 60.0) == 5e6
    assert scales.top("disk", 300e6, 92.0, 60.0) == 500e6

from __future__ import annotations

from virttui.model.inventory import Sample
from virttui.panes import graph


def sample(at: float, value: float | None = 0.5) -> Sample:
    return Sample(at, value, value, value, value, value, value)


def test_a_graph_moves_by_whole_cells() -> None:
    assert graph.times(4, 2.0, 100.0) == graph.times(4, 2.0, 101.9)
    assert graph.times(4, 2.0, 102.0)[-1] == graph.times(4, 2.0, 100.0)[-1] + 2


def test_a_gap_is_a_gap_and_a_late_sample_is_carried() -> None:
    samples = [sample(1.0), sample(2.1), sample(3.0), sample(9.0)]
    ends = [float(t) for t in range(1, 11)]
    found = graph.resampled(samples, ends, 1.0, 1.0)
    assert [s is not None for s in found] == [
        True, True, True, True, True, False, False, False, True, True,
    ]  # fmt: skip


def test_wider_windows_show_the_highest() -> None:
    samples = [sample(1.0, 0.1), sample(2.0, 0.9), sample(3.0, 0.2)]
    (found,) = graph.resampled(samples, [4.0], 4.0, 1.0)
    assert found is not None
    assert found.cpu == 0.9


def test_zero_draws_a_dot_and_nothing_known_draws_none() -> None:
    assert graph.levels([0.0, None, 1.0, 0.5], 1.0, 2) == [1, 0, 8, 4]
    assert graph.drawn([1, 1, 0, 0], 1) == ["⣀ "]
    assert graph.drawn([8, 8], 2) == ["⣿", "⣿"]
    assert graph.drawn([1, 5], 2) == ["⢀", "⣸"]
    assert graph.drawn([1, 2], 1, down=True) == ["⠙"]
    assert graph.drawn([4, 1, 0, 0], 1, braille=False) == ["# "]


def test_the_scale_steps_by_one_two_five() -> None:
    assert graph.scale([None, 0.0]) == 10_000
    assert graph.scale([112e6]) == 200e6
    assert graph.scale([18e6, 21e6]) == 50e6
    assert graph.scale([1e6]) == 1e6


def test_ticks_are_round_times() -> None:
    assert graph.ticks(51, 2.0) == [(5, "-90s"), (20, "-60s"), (35, "-30s"), (48, "now")]
    assert graph.ticks(111, 2.0) == [(20, "-3m"), (50, "-2m"), (80, "-1m"), (108, "now")]
    assert [label for _, label in graph.ticks(51, 3600 / 51)][:2] == ["-45m", "-30m"]

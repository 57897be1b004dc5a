"""Turns in a large crowd."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from virttui.hypervisor.polling.timing import RoundRobin


@given(st.integers(1, 50), st.integers(0, 120))
def test_everybody_is_asked_once_a_round(size: int, crowd: int) -> None:
    rota, members = RoundRobin(size), [str(number) for number in range(crowd)]
    turns = [rota.turn(members)]
    turns += [rota.turn(members) for _ in range(rota.rounds - 1)]
    assert {name for turn in turns for name in turn} == set(members)
    assert all(len(turn) <= size for turn in turns)


def test_the_pace_fits_the_budget() -> None:
    rota = RoundRobin(100)
    rota.turn([str(number) for number in range(100)])
    rota.pace(0.004, 0.2)
    assert len(rota.turn([str(number) for number in range(100)])) == 50
    assert rota.rounds == 2
    rota.pace(10.0, 0.2)
    assert len(rota.turn(["a", "b"])) == 1, "somebody is always asked"


def test_all_hosts_share_what_is_asked_out_of_view() -> None:
    crowd = [str(number) for number in range(200)]
    for hosts, figures, definitions in ((1, 200, 200), (10, 100, 25), (50, 20, 5), (400, 20, 5)):
        assert len(RoundRobin.of_figures(hosts).turn(crowd)) == figures
        assert len(RoundRobin.of_definitions(hosts).turn(crowd)) == definitions


def test_a_spread_crowd_is_asked_once_in_so_many_turns() -> None:
    crowd = [str(number) for number in range(72)]
    turns = RoundRobin(1000, spread=5)
    asked = [turns.turn(crowd) for _ in range(5)]
    assert turns.rounds == 5 and max(map(len, asked)) == 15
    assert {name for turn in asked for name in turn} == set(crowd)
    assert len(RoundRobin(1000, spread=5).turn(["a", "b"])) == 1
    assert RoundRobin(10, spread=5).turn(crowd) == crowd[:10], "no more than its size"


def test_a_turn_that_comes_half_as_often_is_twice_as_large() -> None:
    crowd = [str(number) for number in range(200)]
    turns = RoundRobin.of_figures(50)
    assert len(turns.turn(crowd, ticks=2)) == 40 and turns.rounds == 5
    assert len(turns.turn(crowd)) == 20 and turns.rounds == 10

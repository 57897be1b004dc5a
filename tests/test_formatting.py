from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from virttui import formatting

K, M, G, T = 1024, 1024**2, 1024**3, 1024**4


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (None, "–"),
        (0, "0"),
        (900, "900B"),
        (366 * K, "366K"),
        (512 * M, "512M"),
        (7.84 * G, "7.8G"),
        (15 * G, "15.0G"),
        (46.72 * G, "46.7G"),
        (128 * G, "128G"),
        (1000 * G, "1.0T"),
        (1.8 * T, "1.8T"),
    ],
)
def test_measured_sizes(count: float | None, words: str) -> None:
    assert formatting.size(count) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(16 * G, "16G"), (1.5 * G, "1.5G"), (512 * M, "512M"), (200 * G, "200G"), (None, "–")],
)
def test_promised_sizes_have_no_point_zero(count: float | None, words: str) -> None:
    assert formatting.whole_size(count) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (0, "0"),
        (0.2, "0"),
        (900, "900B"),
        (999.6, "1.0K"),
        (14_000, "14K"),
        (1_240_000, "1.2M"),
        (9_960_000, "10M"),
        (112e6, "112M"),
        (1.1e9, "1.1G"),
    ],
)
def test_rates(value: float | None, words: str) -> None:
    assert formatting.rate(value) == words


@given(st.floats(0, 1e15))
def test_rates_take_four_cells_and_sizes_five(value: float) -> None:
    assert len(formatting.rate(value)) <= 4
    assert len(formatting.size(value)) <= 5
    assert len(formatting.whole_size(value)) <= 5


@given(st.floats(0, 1e14), st.floats(0, 1e14))
def test_what_looks_the_same_sorts_the_same(one: float, other: float) -> None:
    if formatting.rate(one) == formatting.rate(other):
        assert formatting.rounded_rate(one) == formatting.rounded_rate(other)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "–"), (0.4, "0.4s"), (3, "3s"), (41.9, "41s"), (65, "1m 5s"), (3120, "52m"),
     (21600, "6h"), (63 * 86400, "63d")],
)  # fmt: skip
def test_durations(seconds: float | None, words: str) -> None:
    assert formatting.duration(seconds) == words


@given(st.floats(0, 1e9))
def test_ages_take_four_cells(seconds: float) -> None:
    assert len(formatting.age(seconds)) <= 4


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(42, "42 s"), (65, "1 min 5 s"), (660, "11 min"), (7800, "2 h 10 min"), (300000, "3 days")],
)
def test_spans_in_sentences(seconds: float, words: str) -> None:
    assert formatting.span(seconds) == words


def test_overcommit() -> None:
    assert [formatting.times(v) for v in (None, 0.94, 1.0, 1.82)] == ["×–", "×0.94", "×1.0", "×1.8"]


def test_lists_in_words() -> None:
    assert formatting.listed([]) == ""
    assert formatting.listed(["a"]) == "a"
    assert formatting.listed(["a", "b", "c"]) == "a, b and c"
    assert formatting.counted(1, "task") == "1 task"
    assert formatting.counted(3, "task") == "3 tasks"

"""A broken promise says which line is gone, new or changed."""

from __future__ import annotations

import pytest

from .promise import differences, hold


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (["a", "b", "c"], []),
        (["a", "c"], ["  gone:    b"]),
        (["a", "b", "x", "c"], ["  new:     x"]),
        (["a", "x", "c"], ["  changed: b", "       to: x"]),
        (["a", "c", "b"], ["  new:     c", "  gone:    c"]),
    ],
)
def test_each_difference_is_told(now: list[str], told: list[str]) -> None:
    assert list(differences(["a", "b", "c"], now)) == told


def test_what_is_broken_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FROZEN", raising=False)
    with pytest.raises(AssertionError, match=r"frozen/list\.txt is a promise to users(?s:.)*gone:"):
        hold("list", [])

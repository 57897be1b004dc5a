"""``drop snapshots``: which snapshots of the selected domain are meant."""

from __future__ import annotations

from typing import Any

import pytest

from virttui.commandline.drop_snapshots import read_drop
from virttui.commandline.parsed import DropSnapshotsCommand
from virttui.model.commands import Target
from virttui.model.identity import Kind, ObjectId

WEB = Target(Kind.DOMAIN, ObjectId("h", "u"), "web")


@pytest.mark.parametrize(("typed", "meant"), [
    ("older than 30d", {"older": 30 * 86400.0}), ("older 90m", {"older": 5400.0}),
    ("but 3", {"keep": 3}), ("but 0", {"keep": 0}),
    ("one 'two words'", {"names": ("one", "two words")}),
    ("older", None), ("older than", None), ("older than soon", None), ("but", None),
    ("but x", None), ("", None),
])  # fmt: skip
def test_what_is_typed_is_meant(typed: str, meant: dict[str, Any] | None) -> None:
    result = read_drop(typed, 0, (WEB,))
    assert result.intent == (None if meant is None else DropSnapshotsCommand((WEB,), **meant))
    assert bool(result.error) is (meant is None)


def test_one_domain_at_a_time() -> None:
    assert read_drop("but 3", 0, ()).error == "no domain is selected"
    assert "one domain at a time" in read_drop("but 3", 0, (WEB, WEB)).error

"""What the kernel says of waiting, and kernels that say nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from virttui.metrics.host import parse_pressure, pressure
from virttui.model.host_resources import NO_PRESSURE, Pressure, PressureAverages

TOLD = """some avg10=23.10 avg60=2.46 avg300=3.26 total=1369082643
full avg10=1.00 avg60=0.50 avg300=0.00 total=12
"""


def test_some_is_read_as_shares() -> None:
    found = parse_pressure(TOLD)
    assert found is not None
    assert (found.avg10, found.avg60) == pytest.approx((0.231, 0.0246))


@pytest.mark.parametrize(
    "text", ["", "\n", "full avg10=1.00 avg60=0.50", "some avg10=x avg60=1", "some avg10=1.00"]
)
def test_what_makes_no_sense_is_unknown(text: str) -> None:
    assert parse_pressure(text) is None


def test_each_resource_may_be_missing(tmp_path: Path) -> None:
    assert pressure(tmp_path / "none") == NO_PRESSURE
    (tmp_path / "cpu").write_text("some avg10=50.00 avg60=25.00 avg300=0.00 total=1\n")
    (tmp_path / "io").mkdir()  # cannot be read
    (tmp_path / "memory").write_bytes(b"\xff")
    assert pressure(tmp_path) == Pressure(cpu=PressureAverages(0.5, 0.25))

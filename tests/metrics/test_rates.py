"""Counters into rates: true, or none."""

from __future__ import annotations

import pytest

from virttui.metrics.rates import CpuMeter, DeviceMeter, HostCpuMeter, LatencyMeter, guest_memory

SECOND = 1_000_000_000


def test_the_first_sample_has_no_share() -> None:
    assert CpuMeter().share("a", 1, 0.0, 5 * SECOND, 2) is None


def test_share_is_of_its_own_vcpus() -> None:
    meter = CpuMeter()
    meter.share("a", 1, 10.0, 0, 4)
    assert meter.share("a", 1, 12.0, 4 * SECOND, 4) == pytest.approx(0.5)


def test_the_interval_is_what_passed_and_not_what_was_meant() -> None:
    meter = CpuMeter()
    meter.share("a", 1, 0.0, 0, 1)
    assert meter.share("a", 1, 4.0, SECOND, 1) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("domain_id", "counter"), [(2, 9 * SECOND), (1, SECOND)], ids=["restarted", "counter fell"]
)
def test_a_reset_is_dropped_and_counting_goes_on(domain_id: int, counter: int) -> None:
    meter = CpuMeter()
    meter.share("a", 1, 0.0, 5 * SECOND, 1)
    assert meter.share("a", domain_id, 1.0, counter, 1) is None
    assert meter.share("a", domain_id, 2.0, counter + SECOND // 2, 1) == pytest.approx(0.5)


def test_two_samples_at_once_give_nothing_and_lose_nothing() -> None:
    meter = CpuMeter()
    meter.share("a", 1, 0.0, 0, 1)
    assert meter.share("a", 1, 0.01, SECOND // 100, 1) is None
    assert meter.share("a", 1, 1.0, SECOND, 1) == pytest.approx(1.0)


def test_a_forgotten_domain_begins_anew() -> None:
    meter = CpuMeter()
    meter.share("a", 1, 0.0, 0, 1)
    meter.forget("a")
    assert meter.share("a", 1, 1.0, SECOND, 1) is None


def test_devices_are_summed_by_name() -> None:
    meter = DeviceMeter()
    assert meter.rates("a", 1, 0.0, {"vda": (0, 0), "vdb": (100, 0)}) is None
    # vda was unplugged and vdc came: places shifted, names did not.
    assert meter.rates("a", 1, 2.0, {"vdb": (300, 40), "vdc": (9_999, 9_999)}) == (100.0, 20.0)
    assert meter.rates("a", 1, 3.0, {"vdb": (300, 40), "vdc": (10_099, 9_999)}) == (100.0, 0.0)


def test_a_device_whose_counter_fell_is_left_out_once() -> None:
    meter = DeviceMeter()
    meter.rates("a", 1, 0.0, {"vda": (500, 500), "vdb": (0, 0)})
    assert meter.rates("a", 1, 1.0, {"vda": (0, 0), "vdb": (10, 0)}) == (10.0, 0.0)
    assert meter.rates("a", 1, 2.0, {"vda": (7, 0), "vdb": (10, 0)}) == (7.0, 0.0)


def test_a_restarted_domain_has_no_rates_at_first() -> None:
    meter = DeviceMeter()
    meter.rates("a", 1, 0.0, {"vda": (0, 0)})
    assert meter.rates("a", 2, 1.0, {"vda": (1_000, 0)}) is None


@pytest.mark.parametrize(
    ("balloon", "used", "exact"),
    [
        ({"actual": 1000, "available": 900, "usable": 300, "unused": 100}, 600, True),
        ({"actual": 1000, "available": 900, "unused": 100, "disk_caches": 50}, 750, True),
        ({"actual": 1000, "rss": 700}, None, False),
        ({"actual": 1000, "rss": 700, "rss_is_use": 700}, 700, False),
        ({}, None, False),
        ({"available": 100, "usable": 200}, None, False),
        ({"actual": 1000, "available": 2**62, "usable": 5}, None, False),
        ({"actual": 1000, "available": 900, "unused": -5}, None, False),
    ],
)
def test_memory_use_by_the_most_honest_figure(
    balloon: dict[str, int], used: int | None, exact: bool
) -> None:
    found = guest_memory(balloon)
    assert found.used == (None if used is None else used * 1024)
    assert found.exact is exact


def test_the_node_is_busy_for_the_part_that_is_not_idle() -> None:
    meter = HostCpuMeter()
    assert meter.share({"user": 10, "kernel": 10, "idle": 80}) is None
    assert meter.share({"user": 30, "kernel": 20, "idle": 140, "iowait": 10}) == pytest.approx(0.3)
    assert meter.share({"user": 0, "kernel": 0, "idle": 0}) is None, "a reset gives nothing"


def test_a_request_takes_what_all_took_over_their_number() -> None:
    meter = LatencyMeter()
    assert meter.each("a", 1, 100, SECOND) is None
    assert meter.each("a", 1, 104, SECOND + SECOND // 100) == pytest.approx(0.0025)
    assert meter.each("a", 1, 104, SECOND + SECOND // 100) is None, "no request, no figure"
    assert meter.each("a", 2, 5, 0) is None, "restarted"

"""Readings into figures: what libvirt does not tell grows old, and nothing stands in for it."""

from __future__ import annotations

from virttui.hypervisor.polling.counters import RawCounters
from virttui.hypervisor.polling.usage import RefreshIntervals, UsageTracker
from virttui.model.domains.usage import Usage

TURNS = RefreshIntervals(1.0, 1.0, 1.0)
KIB = 1024
TELLS = {"actual": 256 * KIB, "available": 240 * KIB, "usable": 203 * KIB, "rss": 90 * KIB}
HANGS = {"actual": 256 * KIB}
DISKS = {"vda": (0, 0)}


def usage_after(*readings: RawCounters) -> Usage:
    """What is known after readings a second apart."""
    figures = UsageTracker()
    for at, reading in enumerate(readings, 1):
        figures.take([(reading, 1, TURNS, ())], float(at))
    return figures.usage["a"]


def test_what_a_hung_guest_is_given_is_not_what_it_uses() -> None:
    told = RawCounters("a", 1, memory=TELLS, disks=DISKS)
    hangs = RawCounters("a", 1, memory=HANGS)
    usage = usage_after(told, told, *[hangs] * 4)
    assert usage.memory_used == 37 * KIB**2 and usage.read == 0.0
    assert usage.monitor_at == 2.0 and usage.monitor_old(6.0), "they are not the present"
    assert usage.memory_given == 256 * KIB**2


def test_a_guest_that_tells_nothing_of_its_memory_has_no_figure() -> None:
    usage = usage_after(*[RawCounters("a", 1, memory=HANGS, disks=DISKS)] * 2)
    assert usage.memory_used is None and usage.memory_given == 256 * KIB**2
    assert usage.monitor_at == 2.0 and not usage.monitor_old(2.0)


def test_a_guest_whose_balloon_stops_telling_has_no_figure_any_more() -> None:
    told = RawCounters("a", 1, memory=TELLS, disks=DISKS)
    assert usage_after(told, RawCounters("a", 1, memory=HANGS, disks=DISKS)).memory_used is None


def test_a_guest_without_disks_tells_its_memory() -> None:
    told = RawCounters("a", 1, memory=TELLS, disks={})
    silent_balloon = RawCounters("a", 1, memory={**HANGS, "rss": 90 * KIB}, disks={})
    usage = usage_after(told, silent_balloon)
    assert usage.memory_used is None and usage.monitor_at == 2.0


def test_a_hung_guest_without_disks_tells_nothing_new() -> None:
    told = RawCounters("a", 1, memory=TELLS, disks={})
    usage = usage_after(told, *[RawCounters("a", 1, memory=HANGS, disks={})] * 3)
    assert usage.memory_used == 37 * KIB**2 and usage.monitor_at == 1.0

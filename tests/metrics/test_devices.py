"""Figures of one domain's devices: rates that are true, or none."""

from __future__ import annotations

import pytest

from virttui.metrics.devices import (
    DetailMeter,
    DiskCounters,
    DomainCounters,
    NicCounters,
    VcpuCounters,
)


def disk(at: float, done: int, seconds: float, domain_id: int = 1) -> DomainCounters:
    count = DiskCounters(reads=done, read=done * 4096, read_time=seconds, writes=0, write=0,
                      write_time=0.0, flushes=0, flush_time=0.0)  # fmt: skip
    return DomainCounters(at, domain_id, disks={"vda": count})


def test_rates_and_latency() -> None:
    meter = DetailMeter()
    first = meter.take(disk(10.0, 100, 1.0)).disks["vda"]
    assert first.reads is None and first.read_latency is None, "one look is no rate"
    use = meter.take(disk(12.0, 150, 1.25)).disks["vda"]
    assert (use.reads, use.requests, use.read) == (25.0, 25.0, 102_400.0)
    assert use.read_latency == pytest.approx(0.005)
    assert use.write_latency is None, "nothing was written: there is no latency"
    still = meter.take(disk(13.0, 150, 1.25)).disks["vda"]
    assert still.reads == 0.0 and still.read_latency == pytest.approx(0.005)
    idle = meter.take(disk(40.0, 150, 1.25)).disks["vda"]
    assert idle.read_latency is None, "what was long ago is not the present"


def test_a_look_without_counters_costs_only_its_own_figures() -> None:
    meter = DetailMeter()
    meter.take(DomainCounters(9.0, 1, disks={"vda": DiskCounters()}))
    meter.take(disk(10.0, 100, 1.0))
    assert meter.take(disk(11.0, 150, 1.25)).disks["vda"].read_latency == pytest.approx(0.005)


@pytest.mark.parametrize(
    "second", [disk(11.0, 50, 0.5), disk(11.0, 150, 2.0, domain_id=2), disk(10.01, 150, 2.0)]
)
def test_no_rate_after_a_reset_a_restart_or_too_soon(second: DomainCounters) -> None:
    meter = DetailMeter()
    meter.take(disk(10.0, 100, 1.0))
    assert meter.take(second).disks["vda"].reads is None


def test_nics_fail_while_errors_grow() -> None:
    meter = DetailMeter()

    def look(at: float, drops: int) -> object:
        nic = NicCounters(rx=1000, tx=500, packets=10, errors=0, drops=drops)
        return meter.take(DomainCounters(at, 1, nics={"vnet0": nic})).nics["vnet0"].failing

    assert [look(1.0, 7), look(2.0, 7), look(3.0, 9), look(4.0, 9)] == [False, False, True, False]


def test_steal_is_told_for_each_vcpu() -> None:
    meter = DetailMeter()
    for at, first, second in ((1.0, 0.0, 0.0), (2.0, 0.3, 0.1)):
        vcpus = (VcpuCounters(0, 0.0, 0.0, first, 3), VcpuCounters(1, 0.0, 0.0, second, 4, "4-7"))
        figures = meter.take(DomainCounters(at, 1, vcpus=vcpus))
    assert [vcpu.steal for vcpu in figures.vcpus] == pytest.approx([0.3, 0.1])
    assert figures.vcpus[1].pinned == "4-7"


def test_what_is_unplugged_keeps_no_trail() -> None:
    meter = DetailMeter()
    meter.take(disk(1.0, 1, 0.0))
    assert "disk vda" in meter.trails()
    meter.take(DomainCounters(2.0, 1))
    assert "disk vda" not in meter.trails()


def test_swap_is_a_rate_in_bytes() -> None:
    meter = DetailMeter()
    for at, swapped in ((1.0, 0), (3.0, 8)):
        figures = meter.take(DomainCounters(at, 1, memory={"actual": 1024, "swap_in": swapped}))
    assert figures.memory is not None
    assert (figures.memory.swap_in, figures.memory.given) == (4096.0, 1024**2)
    assert figures.memory.swap_out is None and figures.memory.caches is None

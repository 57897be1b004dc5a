"""Counters of one domain's devices into figures, and their recent past.

Kept only while somebody looks at that one domain. The rules are those of ``metrics.rates``: no
figure for the first look, after a restart, or when a counter fell.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from msgspec import Struct, field

from virttui.metrics.rates import SHORTEST, guest_memory
from virttui.model.domains.details import (
    DiskMetrics,
    GraphPoint,
    MemoryMetrics,
    NicMetrics,
    VcpuMetrics,
)

LENGTH = 300
# A disk may do nothing for some seconds; what its last requests took is still worth a look.
LATENCY_SPAN = 10.0


class DiskCounters(Struct, frozen=True):
    """Counters of a disk since it was plugged in: requests, bytes, seconds spent on them."""

    reads: int | None = None
    read: int | None = None
    read_time: float | None = None
    writes: int | None = None
    write: int | None = None
    write_time: float | None = None
    flushes: int | None = None
    flush_time: float | None = None
    allocation: int | None = None
    capacity: int | None = None


class NicCounters(Struct, frozen=True):
    """Counters of a NIC since it was plugged in."""

    rx: int | None = None
    tx: int | None = None
    packets: int | None = None
    errors: int | None = None
    drops: int | None = None


class VcpuCounters(Struct, frozen=True):
    """Counters of a vCPU in seconds, the host CPU it is on, and where it may be."""

    number: int
    time: float | None = None
    wait: float | None = None
    delay: float | None = None
    cpu: int | None = None
    pinned: str = ""


class DomainCounters(Struct, frozen=True):
    """All counters of one domain at ``at``. ``life`` is its id, another after a restart.

    ``memory`` is libvirt's balloon statistics by their names in ``memoryStats``, in KiB.
    """

    at: float
    domain_id: int | None
    disks: Mapping[str, DiskCounters] = field(default_factory=dict)
    nics: Mapping[str, NicCounters] = field(default_factory=dict)
    vcpus: tuple[VcpuCounters, ...] = ()
    memory: Mapping[str, int] | None = None


class DeviceMetrics(Struct, frozen=True):
    """The result of one sample."""

    disks: Mapping[str, DiskMetrics]
    nics: Mapping[str, NicMetrics]
    vcpus: tuple[VcpuMetrics, ...]
    memory: MemoryMetrics | None


class DetailMeter:
    """Figures and trails of one domain. ``take`` hears each count; ``trails`` keeps 300 looks."""

    def __init__(self) -> None:
        self._counts: deque[DomainCounters] = deque()
        self._rings: dict[str, deque[GraphPoint]] = {}

    def take(self, count: DomainCounters) -> DeviceMetrics:
        """The figures between the last count and this one."""
        last = self._counts[-1] if self._counts else None
        if last is not None and last.domain_id != count.domain_id:
            self._counts.clear()
            last = None
        if last is not None and count.at - last.at < SHORTEST:
            last = None
        self._counts.append(count)
        while count.at - self._counts[0].at > LATENCY_SPAN:
            self._counts.popleft()
        figures = DeviceMetrics(
            {name: self._disk(name, now, last, count) for name, now in count.disks.items()},
            {name: _nic(name, now, last, count) for name, now in count.nics.items()},
            tuple(_vcpu(now, last, count) for now in count.vcpus),
            _memory(count, last),
        )
        self._remember(count.at, figures)
        return figures

    def trails(self) -> dict[str, tuple[GraphPoint, ...]]:
        """The recent past by name, oldest first."""
        return {name: tuple(ring) for name, ring in self._rings.items()}

    def _remember(self, at: float, figures: DeviceMetrics) -> None:
        points = {
            f"disk {name}": GraphPoint(at, u.read, u.write) for name, u in figures.disks.items()
        }
        points |= {f"nic {name}": GraphPoint(at, u.rx, u.tx) for name, u in figures.nics.items()}
        points |= {
            f"lag {name}": GraphPoint(at, u.read_latency, u.write_latency)
            for name, u in figures.disks.items()
        }
        for name, point in points.items():
            self._rings.setdefault(name, deque(maxlen=LENGTH)).append(point)
        # What was unplugged keeps no ring.
        self._rings = {name: ring for name, ring in self._rings.items() if name in points}

    def _disk(
        self, name: str, now: DiskCounters, last: DomainCounters | None, count: DomainCounters
    ) -> DiskMetrics:
        sizes = DiskMetrics(allocation=now.allocation, capacity=now.capacity)
        before = last.disks.get(name) if last is not None else None
        if last is None or before is None:
            return sizes
        elapsed = count.at - last.at
        # A look that found the monitor busy has the disk without its counters.
        past = (old for one in self._counts if (old := one.disks.get(name)) is not None)
        oldest = next((old for old in past if old.reads is not None), before)
        return DiskMetrics(
            reads=_rate(now.reads, before.reads, elapsed),
            writes=_rate(now.writes, before.writes, elapsed),
            read=_rate(now.read, before.read, elapsed),
            write=_rate(now.write, before.write, elapsed),
            read_latency=_each(now.read_time, oldest.read_time, now.reads, oldest.reads),
            write_latency=_each(now.write_time, oldest.write_time, now.writes, oldest.writes),
            flush_latency=_each(now.flush_time, oldest.flush_time, now.flushes, oldest.flushes),
            allocation=now.allocation,
            capacity=now.capacity,
        )


def _nic(
    name: str, now: NicCounters, last: DomainCounters | None, count: DomainCounters
) -> NicMetrics:
    before = last.nics.get(name) if last is not None else None
    if last is None or before is None:
        return NicMetrics(errors=now.errors, drops=now.drops)
    elapsed = count.at - last.at
    grown = ((now.errors, before.errors), (now.drops, before.drops))
    return NicMetrics(
        packets=_rate(now.packets, before.packets, elapsed),
        rx=_rate(now.rx, before.rx, elapsed),
        tx=_rate(now.tx, before.tx, elapsed),
        errors=now.errors,
        drops=now.drops,
        failing=any(a is not None and b is not None and a > b for a, b in grown),
    )


def _rate(now: float | None, before: float | None, elapsed: float) -> float | None:
    """Growth a second; None where a counter is missing or fell."""
    if now is None or before is None or now < before:
        return None
    return (now - before) / elapsed


def _each(
    now: float | None, before: float | None, count: int | None, counted: int | None
) -> float | None:
    """Seconds a request, None when there was none."""
    if now is None or before is None or count is None or counted is None:
        return None
    done = count - counted
    return (now - before) / done if done > 0 and now >= before else None


def _vcpu(now: VcpuCounters, last: DomainCounters | None, count: DomainCounters) -> VcpuMetrics:
    before = next((one for one in last.vcpus if one.number == now.number), None) if last else None
    if last is None or before is None:
        return VcpuMetrics(now.number, cpu=now.cpu, pinned=now.pinned)
    elapsed = count.at - last.at
    return VcpuMetrics(
        now.number,
        use=_rate(now.time, before.time, elapsed),
        wait=_rate(now.wait, before.wait, elapsed),
        steal=_rate(now.delay, before.delay, elapsed),
        cpu=now.cpu,
        pinned=now.pinned,
    )


def _memory(count: DomainCounters, last: DomainCounters | None) -> MemoryMetrics | None:
    raw = count.memory
    if raw is None:
        return None
    memory = guest_memory(raw)
    before = (last.memory if last is not None else None) or {}
    elapsed = count.at - last.at if last is not None else 1.0

    def growth(name: str, unit: int) -> float | None:
        rate = _rate(raw.get(name), before.get(name), elapsed)
        return None if rate is None else rate * unit

    def amount(name: str) -> int | None:
        return raw[name] * 1024 if name in raw else None

    return MemoryMetrics(
        given=memory.current,
        used=memory.used,
        exact=memory.exact,
        caches=amount("disk_caches"),
        swap_in=growth("swap_in", 1024),
        swap_out=growth("swap_out", 1024),
        faults=growth("major_fault", 1),
        rss=amount("rss"),
    )

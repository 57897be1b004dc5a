"""Counters of one host's domains into what they use now, and what they used before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from virttui.hypervisor.polling.counters import RawCounters
from virttui.metrics.history import History
from virttui.metrics.rates import (
    SHORTEST,
    CpuMeter,
    DeviceMeter,
    LatencyMeter,
    Meter,
    guest_memory,
)
from virttui.model.domains.history import MetricHistory
from virttui.model.domains.usage import NO_USAGE, Counters, Filesystem, Usage
from virttui.model.identity import ObjectId
from virttui.model.inventory import Disk


class RefreshIntervals(Struct, frozen=True):
    """Seconds between two reads of a row's figures."""

    cpu: float
    net: float
    monitor: float


class UsageTracker:
    """The meters and histories of one host. ``usage`` is replaced, never changed."""

    def __init__(self) -> None:
        self.usage: dict[str, Usage] = {}
        self._cpu, self._net, self._disk = CpuMeter(), DeviceMeter(), DeviceMeter()
        self._errors, self._steal, self._waits = Meter(), CpuMeter(), LatencyMeter()
        self._history = History()
        self._peaks: dict[str, float] = {}
        self._usual: dict[str, float | None] = {}
        self._filesystems: dict[str, Filesystem] = {}

    def take(
        self,
        readings: Iterable[tuple[RawCounters, int, RefreshIntervals, Sequence[Disk]]],
        at: float,
    ) -> None:
        """Take raw counters, each with its domain's vCPUs, turns and disks."""
        usage = dict(self.usage)
        for reading, vcpus, turns, disks in readings:
            known = usage.get(reading.uuid, NO_USAGE)
            fresh = self._usage(known, reading, at, turns, vcpus, disks)
            usage[reading.uuid] = fresh
            self._history.coarse.add(reading.uuid, fresh.cpu, fresh.rx, fresh.tx)
        self.usage = usage

    def _usage(
        self, known: Usage, reading: RawCounters, at: float, turns: RefreshIntervals, vcpus: int,
        disks: Sequence[Disk],
    ) -> Usage:  # fmt: skip
        uuid, domain_id = reading.uuid, reading.domain_id
        cpu, cpu_at = known.cpu, known.cpu_at
        if reading.cpu_ns is not None:
            share = self._cpu.share(uuid, domain_id, at, reading.cpu_ns, vcpus)
            # Two samples at almost one moment give no figure, and cost the last one nothing.
            if share is not None or at - cpu_at >= SHORTEST:
                cpu, cpu_at = share, at
        rx, tx, net_at, errors = self._nets(known, reading, at)
        read, write, monitor_at, latency, full = self._disks(known, reading, at, disks)
        steal = known.steal
        if reading.steal_ns is not None:
            steal = self._steal.share(uuid, domain_id, at, reading.steal_ns, vcpus)
        used, current, exact = known.memory_used, known.memory_given, known.memory_exact
        if reading.memory is not None:
            memory = guest_memory(reading.memory)
            current = current if memory.current is None else memory.current
            # Of a hung guest libvirt tells what it is given, and nothing else: that is no news of
            # the rest, which grows old from here on.
            if memory.used is not None or reading.from_monitor:
                used, exact, monitor_at = memory.used, memory.exact, at
        return Usage(
            cpu, cpu_at, turns.cpu, rx, tx, net_at, turns.net,
            used, current, exact, read, write, monitor_at, turns.monitor,
            errors, steal, latency, self._usual.get(uuid), full, self._peaks.get(uuid),
            self._filesystems.get(uuid), counted(known.counters, reading),
        )  # fmt: skip

    def _nets(
        self, known: Usage, reading: RawCounters, at: float
    ) -> tuple[float | None, float | None, float, float | None]:
        """Received, sent, when, and errors and drops a second."""
        if reading.nets is None:
            return known.rx, known.tx, known.net_at, known.net_errors
        uuid, domain_id, errors = reading.uuid, reading.domain_id, known.net_errors
        rates = self._net.rates(uuid, domain_id, at, reading.nets)
        if reading.net_errors is not None:
            errors = self._errors.per_second(uuid, domain_id, at, reading.net_errors)
        if rates is None and at - known.net_at < SHORTEST:
            return known.rx, known.tx, known.net_at, errors
        return *(rates or (None, None)), at, errors

    def _disks(
        self, known: Usage, reading: RawCounters, at: float, disks: Sequence[Disk]
    ) -> tuple[float | None, float | None, float, float | None, float | None]:
        """Read, written, when, seconds a request, and how far the fullest has filled its device."""
        if reading.disks is None or not reading.from_monitor:
            return known.read, known.write, known.monitor_at, known.latency, known.disk_full
        uuid, domain_id = reading.uuid, reading.domain_id
        rates = self._disk.rates(uuid, domain_id, at, reading.disks)
        full = fullest(reading.blocks or {}, disks)
        if rates is None and at - known.monitor_at < SHORTEST:
            return known.read, known.write, known.monitor_at, known.latency, full
        waited = None
        if reading.requests is not None:
            waited = self._waits.each(uuid, domain_id, *reading.requests)
        return *(rates or (None, None)), at, waited, full

    def take_filesystems(self, fullest_of: Mapping[str, Filesystem | None]) -> None:
        """Take the fullest file system of guests, as their agents tell; None where none does."""
        usage = dict(self.usage)
        for uuid, found in fullest_of.items():
            if found is None:
                self._filesystems.pop(uuid, None)
            else:
                self._filesystems[uuid] = found
            if uuid in usage:
                usage[uuid] = replace(usage[uuid], filesystem=found)
        self.usage = usage

    # --- the past -----------------------------------------------------------------------------

    def remember(self, at: float, samples: Mapping[str, Sequence[float | None]]) -> None:
        """Add figures, in the order of ``model.domains.history.SERIES``, to the fine rings."""
        for uuid, figures in samples.items():
            self._history.fine.record(uuid, at, figures)
        self._close(at)

    def seen(self, uuids: Iterable[str]) -> None:
        """Somebody looks at these: keep their fine rings longest."""
        for uuid in uuids:
            self._history.fine.seen(uuid)

    @property
    def remembered(self) -> tuple[str, ...]:
        """The domains with a fine ring."""
        return self._history.fine.known()

    def gap(self, at: float) -> None:
        """The host did not answer in this tick."""
        self._history.fine.gap(at)
        self._close(at)

    def _close(self, at: float) -> None:
        if self._history.coarse.close(at):
            self._peaks = self._history.coarse.peaks()
            self._usual = {
                uuid: self._history.fine.median(uuid, "latency") for uuid in self.remembered
            }

    def trail(self, key: ObjectId) -> MetricHistory:
        """The past of a domain."""
        return self._history.trail(key)

    # --- forgetting ---------------------------------------------------------------------------

    def stopped(self, uuids: Iterable[str]) -> None:
        """A domain that stopped has no figures, and its next counters begin anew."""
        usage = dict(self.usage)
        meters = (self._cpu, self._net, self._disk, self._errors, self._steal, self._waits)
        for uuid in uuids:
            usage.pop(uuid, None)
            self._filesystems.pop(uuid, None)
            for meter in meters:
                meter.forget(uuid)
        self.usage = usage

    def forget(self, uuids: Iterable[str]) -> None:
        """A domain that is gone leaves nothing."""
        uuids = tuple(uuids)
        self.stopped(uuids)
        for uuid in uuids:
            self._history.forget(uuid)
            self._peaks.pop(uuid, None)
            self._usual.pop(uuid, None)


def counted(known: Counters, reading: RawCounters) -> Counters:
    """The newest counters: those of this reading, and of an earlier one what it was not about."""
    if reading.cpu_ns is None and not reading.disks and not reading.nets:
        return known
    cpu, read, write = known.cpu_seconds, known.read, known.write
    rx, tx = known.rx, known.tx
    if reading.cpu_ns is not None:
        cpu = reading.cpu_ns / 1e9
    if reading.disks:
        read, write = map(sum, zip(*reading.disks.values(), strict=True))
    if reading.nets:
        rx, tx = map(sum, zip(*reading.nets.values(), strict=True))
    return Counters(cpu, read, write, rx, tx)


def fullest(blocks: Mapping[str, tuple[int, int, int]], disks: Sequence[Disk]) -> float | None:
    """The used share (0 to 1) of a block device, of the fullest image on one.

    Only an image that may grow past its device counts: there the guest is paused when it is full.
    ``blocks`` is disk name -> (allocation, capacity, physical) bytes.
    """
    shares = [
        allocation / physical
        for disk in disks
        if disk.block and (sizes := blocks.get(disk.target)) is not None
        for allocation, capacity, physical in [sizes]
        if physical and capacity > physical
    ]
    return max(shares, default=None)

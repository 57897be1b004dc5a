"""libvirt's ever-growing counters into rates that are true, or none.

A rate is the difference of two counters over the monotonic time between them. No rate is given
for the first sample, after a restart (the domain's id changed), when a counter fell, or when the
two samples are too close together for the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

# Under this the clock's and the scheduler's noise is larger than the figure.
SHORTEST = 0.05


@dataclass(slots=True)
class _Last:
    domain_id: int | None
    at: float
    value: float


class Meter:
    """The rate of one counter of each domain. One instance a host and counter."""

    def __init__(self) -> None:
        self._last: dict[str, _Last] = {}

    def per_second(self, uuid: str, domain_id: int | None, at: float, value: float) -> float | None:
        """Growth a second since the last sample.

        ``life`` is the domain's id: another one means that it was restarted in between.
        """
        last = self._last.get(uuid)
        if last is None:
            self._last[uuid] = _Last(domain_id, at, value)
            return None
        grown, elapsed = value - last.value, at - last.at
        same = last.domain_id == domain_id and grown >= 0
        if same and elapsed < SHORTEST:
            return None
        last.domain_id, last.at, last.value = domain_id, at, value
        return grown / elapsed if same else None

    def forget(self, uuid: str) -> None:
        """Drop what is known of a domain that stopped or is gone."""
        self._last.pop(uuid, None)


class CpuMeter(Meter):
    """CPU shares by domain. One instance a host."""

    def share(
        self, uuid: str, domain_id: int | None, at: float, nanoseconds: int, vcpus: int
    ) -> float | None:
        """The share of its own ``vcpus`` since the last sample, 0 to 1; may pass 1 a little.

        libvirt's cpu.time includes the emulator's own threads.
        """
        spent = self.per_second(uuid, domain_id, at, nanoseconds)
        return None if spent is None else spent / 1e9 / max(vcpus, 1)


class LatencyMeter:
    """The average time of a domain's disk requests. One instance a host."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int | None, int, int]] = {}

    def each(
        self, uuid: str, domain_id: int | None, requests: int, nanoseconds: int
    ) -> float | None:
        """Seconds a request since the last sample; None when there was no request."""
        last, self._last[uuid] = self._last.get(uuid), (domain_id, requests, nanoseconds)
        if last is None or last[0] != domain_id:
            return None
        count, took = requests - last[1], nanoseconds - last[2]
        return took / count / 1e9 if count > 0 and took >= 0 else None

    def forget(self, uuid: str) -> None:
        """Drop what is known of a domain that stopped or is gone."""
        self._last.pop(uuid, None)


Devices = Mapping[str, tuple[int, int]]


class DeviceMeter:
    """Summed rates of a domain's disks or NICs, in two directions. One instance a host.

    Counters are keyed by the device's name, never by its place: places shift on hot-unplug. A
    device seen for the first time adds nothing yet; one whose counter fell is left out once.
    """

    def __init__(self) -> None:
        self._last: dict[str, tuple[int | None, float, Devices]] = {}

    def rates(
        self, uuid: str, domain_id: int | None, at: float, devices: Devices
    ) -> tuple[float, float] | None:
        """Bytes a second (read, write) or (received, sent) over all devices, or None."""
        last = self._last.get(uuid)
        if last is not None and last[0] == domain_id and at - last[1] < SHORTEST:
            return None
        self._last[uuid] = (domain_id, at, devices)
        if last is None or last[0] != domain_id:
            return None
        elapsed, one, other = at - last[1], 0.0, 0.0
        for name, (now_in, now_out) in devices.items():
            before = last[2].get(name)
            if before is None or now_in < before[0] or now_out < before[1]:
                continue
            one += (now_in - before[0]) / elapsed
            other += (now_out - before[1]) / elapsed
        return one, other

    def forget(self, uuid: str) -> None:
        """Drop what is known of a domain that stopped or is gone."""
        self._last.pop(uuid, None)


class GuestMemory(Struct, frozen=True):
    """Memory in bytes; ``used`` is None where nothing tells the use: what is given is not that.

    ``exact`` is false where it is not the guest's own view of it.
    """

    used: int | None
    current: int | None
    exact: bool


def guest_memory(balloon: Mapping[str, Any]) -> GuestMemory:
    """Memory use from libvirt's balloon statistics (KiB), by the most honest figure there is.

    Keys are those of ``memoryStats``: the guest's view without reclaimable cache first, then
    without the caches it names. Containers give ``rss`` alone.
    """
    current = balloon.get("actual")
    available, usable = balloon.get("available"), balloon.get("usable")
    unused, caches = balloon.get("unused"), balloon.get("disk_caches", 0)
    exact = True
    if available and usable is not None:
        used = available - usable
    elif available and unused is not None:
        used = available - unused - caches
    else:
        used, exact = balloon.get("rss_is_use"), False
    has = available if current is None or not available else min(available, current)
    if exact and not 0 <= used <= has:
        # A guest's driver may tell anything; what cannot be so is not known.
        used, exact = None, False
    return GuestMemory(
        used=None if used is None else used * 1024,
        current=None if current is None else current * 1024,
        exact=exact,
    )


class HostCpuMeter:
    """The share of a host's CPUs at work, from its counters of CPU time, in any one unit."""

    def __init__(self) -> None:
        self._last: tuple[float, float] | None = None

    def share(self, counters: Mapping[str, float]) -> float | None:
        """Busy over all time since the last sample, 0 to 1; None at first or after a reset."""
        idle = counters.get("idle", 0) + counters.get("iowait", 0)
        busy = sum(counters.get(name, 0) for name in ("user", "kernel", "intr"))
        last, self._last = self._last, (busy, idle)
        if last is None:
            return None
        worked, all_time = busy - last[0], (busy - last[0]) + (idle - last[1])
        if worked < 0 or all_time <= 0:
            return None
        return min(1.0, worked / all_time)

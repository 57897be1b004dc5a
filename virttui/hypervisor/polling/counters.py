"""libvirt's counters as they arrive: bulk statistics and the per-domain calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from msgspec import Struct

from virttui.hypervisor.connection.calls import or_none_unless_gone
from virttui.hypervisor.connection.types import DomainHandle, Stats

Raw = Stats
Devices = dict[str, tuple[int, int]]

# virDomainMemoryStat tags as the bulk call names them -> as ``memoryStats`` names them.
_BALLOON = {
    "balloon.current": "actual",
    "balloon.available": "available",
    "balloon.usable": "usable",
    "balloon.unused": "unused",
    "balloon.disk_caches": "disk_caches",
    "balloon.rss": "rss",
}


class RawCounters(Struct, frozen=True, gc=False):
    """Raw counters of one domain at one moment; None is "not asked or not told".

    ``life`` is the domain's id, which changes when it is restarted. CPU time in nanoseconds,
    ``memory`` as ``memoryStats`` gives it (KiB), devices as name -> (in, out) bytes.
    ``net_errors`` sums errors and drops of all NICs, ``steal_ns`` the time all vCPUs waited for
    a host CPU, ``requests`` is (number, nanoseconds) of all disks, ``blocks`` disk name ->
    (allocation, capacity, physical) bytes.
    """

    uuid: str
    domain_id: int | None
    cpu_ns: int | None = None
    vcpus: int | None = None
    memory_current: int | None = None
    memory: Mapping[str, int] | None = None
    nets: Devices | None = None
    disks: Devices | None = None
    net_errors: int | None = None
    steal_ns: int | None = None
    requests: tuple[int, int] | None = None
    blocks: Mapping[str, tuple[int, int, int]] | None = None

    @property
    def from_monitor(self) -> bool:
        """Return true if the bulk call with NOWAIT had the domain's monitor.

        While another call has it, disks have no counters, and the memory has no ``rss``: of a
        domain without disks that is the only sign.
        """
        return bool(self.disks) or (self.disks is not None and "rss" in (self.memory or ()))


def domain_id_of(domain: DomainHandle) -> int | None:
    """libvirt's running id of a handle; None when off. Local, no call."""
    number = domain.ID()
    return number if number >= 0 else None


def from_bulk(domain: DomainHandle, raw: Raw) -> RawCounters:
    """One entry of a bulk call."""
    return RawCounters(
        uuid=domain.UUIDString(),
        domain_id=domain_id_of(domain),
        cpu_ns=raw.get("cpu.time"),
        vcpus=raw.get("vcpu.current"),
        memory=_balloon(raw),
        nets=_devices(raw, "net", "rx.bytes", "tx.bytes"),
        disks=_devices(raw, "block", "rd.bytes", "wr.bytes"),
        net_errors=_net_errors(raw),
        steal_ns=_steal(raw),
        requests=_requests(raw),
        blocks=_blocks(raw),
    )


def _numbered(raw: Raw, group: str) -> Iterable[str]:
    return (f"{group}.{number}." for number in range(raw.get(f"{group}.count", 0)))


def _net_errors(raw: Raw) -> int | None:
    if "net.count" not in raw:
        return None
    names = ("rx.errs", "tx.errs", "rx.drop", "tx.drop")
    return sum(int(raw.get(at + name, 0)) for at in _numbered(raw, "net") for name in names)


def _steal(raw: Raw) -> int | None:
    """vCPUs may be numbered with gaps, so their own ``delay`` keys are what is summed."""
    delays = [
        raw[key]
        for number in range(raw.get("vcpu.maximum", 0))
        if (key := f"vcpu.{number}.delay") in raw
    ]
    return sum(delays) if delays else None


def _requests(raw: Raw) -> tuple[int, int] | None:
    disks = [at for at in _numbered(raw, "block") if f"{at}rd.reqs" in raw]
    if not disks:
        return None
    requests = sum(raw[f"{at}rd.reqs"] + raw.get(f"{at}wr.reqs", 0) for at in disks)
    took = sum(raw.get(f"{at}rd.times", 0) + raw.get(f"{at}wr.times", 0) for at in disks)
    return requests, took


def _blocks(raw: Raw) -> Mapping[str, tuple[int, int, int]] | None:
    found = {
        raw.get(f"{at}name", ""): (
            raw[f"{at}allocation"],
            raw.get(f"{at}capacity", 0),
            raw.get(f"{at}physical", 0),
        )
        for at in _numbered(raw, "block")
        if f"{at}allocation" in raw
    }
    return found or None


def _balloon(raw: Raw) -> Mapping[str, int] | None:
    found = {ours: raw[theirs] for theirs, ours in _BALLOON.items() if theirs in raw}
    return found or None


def _devices(raw: Raw, group: str, one: str, other: str) -> Devices | None:
    """Counters by device name. A hung guest's entry has the count and not the counters."""
    count = raw.get(f"{group}.count")
    if count is None:
        return None
    found: Devices = {}
    for number in range(count):
        prefix = f"{group}.{number}."
        name = raw.get(f"{prefix}name", str(number))
        if f"{prefix}{one}" in raw:
            found[name] = (raw[f"{prefix}{one}"], raw.get(f"{prefix}{other}", 0))
    return found if found or not count else None


def from_single_calls(
    domain: DomainHandle, uuid: str, nics: Iterable[str], disks: Iterable[str], *, container: bool
) -> RawCounters:
    """The counters of one domain by the calls for one: for drivers without the bulk call.

    What the driver does not know is None. Raises libvirtError when the domain is gone.
    """
    info = or_none_unless_gone(domain.info) or (None,) * 5
    memory: Stats | None = or_none_unless_gone(domain.memoryStats)
    if memory is not None and container:
        memory = {**memory, "rss_is_use": memory.get("rss", info[2])}
    nets = _of_devices(domain.interfaceStats, nics)
    return RawCounters(
        uuid=uuid,
        domain_id=domain_id_of(domain),
        cpu_ns=info[4],
        vcpus=info[3],
        memory_current=None if info[2] is None else info[2] * 1024,
        memory=memory,
        nets=_two(nets, 0, 4),
        disks=_two(_of_devices(domain.blockStats, disks), 1, 3),
        net_errors=_summed(nets),
    )


def from_info(domain: DomainHandle, uuid: str) -> RawCounters:
    """CPU time, vCPUs and memory alone, by ``info()``: never asks the monitor."""
    _state, _most, balloon, vcpus, cpu_ns = domain.info()
    return RawCounters(
        uuid, domain_id_of(domain), cpu_ns=cpu_ns, vcpus=vcpus, memory_current=balloon * 1024
    )


def _of_devices(ask: Callable[[str], Any], names: Iterable[str]) -> Stats:
    stats = ((name, or_none_unless_gone(partial(ask, name))) for name in names)
    return {name: numbers for name, numbers in stats if numbers is not None}


def _two(stats: Stats, one: int, other: int) -> Devices | None:
    """Two of the numbers of each device, where the driver knows them (-1 is unknown)."""
    found = {
        name: (numbers[one], numbers[other]) for name, numbers in stats.items() if numbers[one] >= 0
    }
    return found or None


def _summed(stats: Stats) -> int | None:
    """Errors and drops of ``interfaceStats``, both ways."""
    known = [max(0, numbers[at]) for numbers in stats.values() for at in (2, 3, 6, 7)]
    return sum(known) if known else None

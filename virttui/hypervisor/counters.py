"""What libvirt counts, as it comes off the wire: bulk statistics and the per-domain calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import libvirt

Raw = Mapping[str, Any]
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


@dataclass(frozen=True, slots=True)
class Reading:
    """Raw counters of one domain at one moment; None is "not asked or not told".

    ``life`` is the domain's id, which changes when it is restarted. CPU time in nanoseconds,
    ``memory`` as ``memoryStats`` gives it (KiB), devices as name -> (in, out) bytes.
    """

    uuid: str
    life: int | None
    cpu_ns: int | None = None
    vcpus: int | None = None
    given: int | None = None
    memory: Mapping[str, int] | None = None
    nets: Devices | None = None
    disks: Devices | None = None


def life_of(domain: Any) -> int | None:
    """libvirt's running id of a handle; None when off. Local, no call."""
    number = domain.ID()
    return number if number >= 0 else None


def from_bulk(domain: Any, raw: Raw) -> Reading:
    """One entry of a bulk call."""
    return Reading(
        uuid=domain.UUIDString(),
        life=life_of(domain),
        cpu_ns=raw.get("cpu.time"),
        vcpus=raw.get("vcpu.current"),
        memory=_balloon(raw),
        nets=_devices(raw, "net", "rx.bytes", "tx.bytes"),
        disks=_devices(raw, "block", "rd.bytes", "wr.bytes"),
    )


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


def each(
    domain: Any, uuid: str, nics: Iterable[str], disks: Iterable[str], *, container: bool
) -> Reading:
    """The counters of one domain by the calls for one: for drivers without the bulk call.

    What the driver does not know is None. Raises libvirtError when the domain is gone.
    """
    info = _told(domain.info) or (None,) * 5
    memory = _told(domain.memoryStats)
    if memory is not None and container:
        memory = {**memory, "rss_is_use": memory.get("rss", info[2])}
    return Reading(
        uuid=uuid,
        life=life_of(domain),
        cpu_ns=info[4],
        vcpus=info[3],
        given=None if info[2] is None else info[2] * 1024,
        memory=memory,
        nets=_told_devices(domain.interfaceStats, nics, 0, 4),
        disks=_told_devices(domain.blockStats, disks, 1, 3),
    )


def brief(domain: Any, uuid: str) -> Reading:
    """CPU time, vCPUs and memory alone, by ``info()``: never asks the monitor."""
    _state, _most, given, vcpus, cpu_ns = domain.info()
    return Reading(uuid, life_of(domain), cpu_ns=cpu_ns, vcpus=vcpus, given=given * 1024)


def _told(ask: Any) -> Any:
    try:
        return ask()
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
            raise
        return None


def _told_devices(ask: Any, names: Iterable[str], one: int, other: int) -> Devices | None:
    found: Devices = {}
    for name in names:
        numbers = _told(lambda name=name: ask(name))
        if numbers is not None and numbers[one] >= 0:
            found[name] = (numbers[one], numbers[other])
    return found or None

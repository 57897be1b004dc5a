"""The calls for the domain whose page is open. Its methods run on workers.

Figures have a worker of their own: what a hung guest holds there delays nothing else. libvirt's
units are converted here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import libvirt
from msgspec import Struct
from msgspec.structs import replace

from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.calls import or_none_unless_gone, xml_of
from virttui.hypervisor.connection.types import Connection, DomainHandle, Stats
from virttui.hypervisor.polling.counters import domain_id_of
from virttui.hypervisor.polling.disk_errors import disk_errors, paused_by_error
from virttui.libvirtxml.domain_summary import count_pending_changes, domain_definition
from virttui.metrics.devices import DiskCounters, DomainCounters, NicCounters, VcpuCounters
from virttui.metrics.process import QemuProcessFinder
from virttui.model.domains.details import (
    DomainDefinition,
    GuestAgentInfo,
    GuestFilesystem,
    GuestNic,
    QemuProcess,
)
from virttui.model.errors import InvalidInput, NotFound

# What a disk takes changes slowly and costs a monitor call each.
SIZES_AGAIN = 10.0
_RESTS = (0.0, 0.05, 0.1, 0.2, 0.3)
"""Seconds before each try to find a domain's monitor free."""
# The guest agent gets so many seconds for one answer.


class StatsResult(Struct, frozen=True):
    """One look at the figures. ``errors`` are the disks that paused it, each with why."""

    count: DomainCounters
    process: QemuProcess | None = None
    errors: tuple[tuple[str, str], ...] = ()


class DefinitionResult(Struct, frozen=True):
    """One reading of the definition; ``fault`` says why there is none."""

    definition: DomainDefinition | None
    waiting: int | None = None
    fault: str = ""


class DetailsReader:
    """The state that workers keep for one domain while its page is open.

    ``bulk`` says whether the driver gives all figures in one call, ``here`` whether its processes
    are this machine's. ``look`` runs on the worker "inspect" alone, ``define`` on "detail",
    ``guest`` on "agent".
    """

    def __init__(self, uuid: str, *, bulk: bool, here: bool) -> None:
        self._uuid = uuid
        self._bulk = bulk
        self._finder = QemuProcessFinder(uuid) if here else None
        self._sizes: dict[str, tuple[int, int]] = {}
        self._sizes_at: float | None = None

    def read_stats(
        self, connection: Connection, disks: tuple[str, ...], nics: tuple[str, ...]
    ) -> StatsResult:
        """All counters now. ``disks`` and ``nics`` are asked one by one where there is no bulk.

        Raises NotFound when the domain is gone. Never waits for a guest that another call waits
        for, but the first call on a guest that hangs hangs with it.
        """
        domain = self._domain(connection)
        domain_id = domain_id_of(domain)
        raw = self._raw(connection, domain, disks, nics)
        count = DomainCounters(
            at=time.monotonic(),
            domain_id=domain_id,
            disks=self._with_sizes(
                domain, dict(_disks(raw)) or dict.fromkeys(disks, DiskCounters())
            ),
            nics=dict(_nics(raw)),
            vcpus=tuple(
                _vcpus(raw, or_none_unless_gone(domain.vcpus) if domain_id is not None else None)
            ),
            memory=raw.get("memory"),
        )
        process = self._finder.figures(domain_id) if self._finder is not None else None
        errors = disk_errors(domain) if paused_by_error(domain) else ()
        return StatsResult(count, process, errors)

    def define(self, connection: Connection) -> DefinitionResult:
        """The definition as it runs, and how much of what is stored waits for the next boot."""
        domain = self._domain(connection)
        try:
            live = domain_definition(xml_of(domain))
            later = None
            if domain_id_of(domain) is not None and domain.isPersistent():
                later = count_pending_changes(
                    live, domain_definition(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
                )
        except InvalidInput as error:
            return DefinitionResult(None, fault=error.message)
        return DefinitionResult(live, later)

    def guest(self, connection: Connection) -> GuestAgentInfo:
        """The data of the guest agent. Raises libvirtError when it does not answer.

        libvirt waits as long as it takes: a time limit would be the domain's, for all clients.
        """
        domain = self._domain(connection)
        return guest_info_of(domain.guestInfo(0, 0))

    def _domain(self, connection: Connection) -> DomainHandle:
        try:
            return connection.lookupByUUIDString(self._uuid)
        except libvirt.libvirtError as error:
            if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
                raise NotFound("the domain is gone") from error
            raise

    def _raw(
        self,
        connection: Connection,
        domain: DomainHandle,
        disks: tuple[str, ...],
        nics: tuple[str, ...],
    ) -> Stats:
        """Counters under the names of the bulk call, and "memory" under those of its own."""
        if not self._bulk:
            return _one_by_one(domain, disks, nics)
        raw = _all_at_once(connection, domain)
        memory = {name: raw[f"balloon.{theirs}"] for name, theirs in _BALLOON.items()
                  if f"balloon.{theirs}" in raw}  # fmt: skip
        return {**raw, "memory": memory} if memory else raw

    def _with_sizes(
        self, domain: DomainHandle, disks: dict[str, DiskCounters]
    ) -> dict[str, DiskCounters]:
        """Add what each disk takes. The bulk call tells only how far it was ever written."""
        now = time.monotonic()
        if (
            self._sizes_at is None
            or now - self._sizes_at > SIZES_AGAIN
            or disks.keys() - self._sizes
        ):
            self._sizes_at = now
            for name in disks:
                sizes = or_none_unless_gone(partial(domain.blockInfo, name))
                self._sizes[name] = (sizes[0], sizes[1]) if sizes else (0, 0)
        return {
            name: replace(disk, capacity=size[0] or None, allocation=size[1] if size[0] else None)
            for name, disk in disks.items()
            for size in [self._sizes[name]]
        }


# memoryStats' names -> those of the bulk call.
_BALLOON = {
    "actual": "current", "available": "available", "usable": "usable", "unused": "unused",
    "disk_caches": "disk_caches", "rss": "rss", "swap_in": "swap_in", "swap_out": "swap_out",
    "major_fault": "major_fault",
}  # fmt: skip


# What blockStats and interfaceStats give, in their order, as the bulk call names it.
_BLOCK = ("rd.reqs", "rd.bytes", "wr.reqs", "wr.bytes")
_NET = (
    "rx.bytes", "rx.pkts", "rx.errs", "rx.drop", "tx.bytes", "tx.pkts", "tx.errs", "tx.drop",
)  # fmt: skip


def _named(prefix: str, name: str, parts: tuple[str, ...], values: tuple[int, ...] | None) -> Stats:
    """One device's counters; libvirt says -1 for those it does not have."""
    if values is None:
        return {}
    known = zip(parts, values, strict=False)
    return {f"{prefix}name": name, **{f"{prefix}{p}": value for p, value in known if value >= 0}}


def _all_at_once(connection: Connection, domain: DomainHandle) -> Stats:
    """The bulk call for one domain, made again while another call has its monitor.

    The rows are asked as often as the page is, so that the two can meet at each tick.
    """
    flags = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
    raw: Stats = {}
    for rest in _RESTS:
        time.sleep(rest)
        records = connection.domainListGetStats([domain], 0, flags)
        raw = dict(records[0][1]) if records else {}
        if not _without_counters(raw):
            break
    return raw


def _without_counters(raw: Stats) -> bool:
    """Return true if the domain runs and has disks, and none of them reported read counters."""
    runs = raw.get("state.state") not in (None, libvirt.VIR_DOMAIN_SHUTOFF)
    disks = range(int(raw.get("block.count", 0)))
    return runs and bool(disks) and not any(f"block.{one}.rd.reqs" in raw for one in disks)


def _one_by_one(domain: DomainHandle, disks: tuple[str, ...], nics: tuple[str, ...]) -> Stats:
    """The counters of a driver without the bulk call, under the bulk call's names."""
    raw: Stats = {}
    memory = or_none_unless_gone(domain.memoryStats)
    if memory:
        raw["memory"] = memory
    for number, name in enumerate(disks):
        values = or_none_unless_gone(partial(domain.blockStats, name))
        raw |= _named(f"block.{number}.", name, _BLOCK, values)
    for number, name in enumerate(nics):
        values = or_none_unless_gone(partial(domain.interfaceStats, name))
        raw |= _named(f"net.{number}.", name, _NET, values)
    return raw


def _numbered(raw: Stats, group: str) -> Iterator[tuple[str, str]]:
    """The prefix and the name of each device of a group; a chain's lower layers have none."""
    for key, name in raw.items():
        if key.startswith(f"{group}.") and key.endswith(".name"):
            yield key.removesuffix("name"), name


def _disks(raw: Stats) -> Iterator[tuple[str, DiskCounters]]:
    for prefix, name in _numbered(raw, "block"):
        yield (
            name,
            DiskCounters(
                reads=raw.get(f"{prefix}rd.reqs"),
                read=raw.get(f"{prefix}rd.bytes"),
                read_time=_seconds(raw.get(f"{prefix}rd.times")),
                writes=raw.get(f"{prefix}wr.reqs"),
                write=raw.get(f"{prefix}wr.bytes"),
                write_time=_seconds(raw.get(f"{prefix}wr.times")),
                flushes=raw.get(f"{prefix}fl.reqs"),
                flush_time=_seconds(raw.get(f"{prefix}fl.times")),
            ),
        )


def _nics(raw: Stats) -> Iterator[tuple[str, NicCounters]]:
    for prefix, name in _numbered(raw, "net"):
        yield (
            name,
            NicCounters(
                rx=raw.get(f"{prefix}rx.bytes"),
                tx=raw.get(f"{prefix}tx.bytes"),
                packets=_sum(raw, prefix, "pkts"),
                errors=_sum(raw, prefix, "errs"),
                drops=_sum(raw, prefix, "drop"),
            ),
        )


def _sum(raw: Stats, prefix: str, what: str) -> int | None:
    """Received and sent together."""
    known = [raw[name] for way in ("rx", "tx") if (name := f"{prefix}{way}.{what}") in raw]
    return sum(known) if known else None


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / 1e9


def _vcpus(raw: Stats, live: Any) -> Iterator[VcpuCounters]:
    """vCPUs by the call that knows their host CPU, with the counters of the bulk call.

    Without bulk figures the call's own CPU time stands in for use; a driver may know neither.
    """
    placed, pins = live or ((), ())
    for place, (number, _state, nanoseconds, cpu) in enumerate(placed):
        prefix = f"vcpu.{number}."
        yield VcpuCounters(
            number,
            time=_seconds(raw.get(f"{prefix}time", nanoseconds)),
            wait=_seconds(raw.get(f"{prefix}wait")),
            delay=_seconds(raw.get(f"{prefix}delay")),
            cpu=cpu if cpu >= 0 else None,
            pinned=_cpuset(pins[place]) if place < len(pins) else "",
        )


def _cpuset(allowed: tuple[bool, ...]) -> str:
    """``0-3,8`` of a map of host CPUs; "" when all are allowed."""
    if all(allowed):
        return ""
    parts, begin = [], None
    for number, here in enumerate((*allowed, False)):
        if here and begin is None:
            begin = number
        elif not here and begin is not None:
            parts.append(str(begin) if begin == number - 1 else f"{begin}-{number - 1}")
            begin = None
    return ",".join(parts)


# -- the guest agent -----------------------------------------------------------------------------


def guest_info_of(raw: Stats) -> GuestAgentInfo:
    """``guestInfo``'s parameters as facts. Groups that the agent does not know are missing."""
    users = raw.get("user.count")
    return GuestAgentInfo(
        at=time.monotonic(),
        os=str(raw.get("os.pretty-name", "")),
        kernel=str(raw.get("os.kernel-release", "")),
        hostname=str(raw.get("hostname", "")),
        timezone=str(raw.get("timezone.name", "")),
        users=None if users is None else tuple(
            (str(raw.get(f"user.{n}.name", "")), translate.moment(raw.get(f"user.{n}.login-time")))
            for n in range(users)
        ),
        disks=tuple(_guest_disks(raw)) if "fs.count" in raw else None,
        nics=tuple(_guest_nics(raw)) if "if.count" in raw else None,
        load=translate.load(raw.get("load.1m")),
    )  # fmt: skip


def _guest_disks(raw: Stats) -> Iterator[GuestFilesystem]:
    for number in range(raw["fs.count"]):
        prefix = f"fs.{number}."
        used, total = raw.get(f"{prefix}used-bytes"), raw.get(f"{prefix}total-bytes")
        bytes = translate.evaluate(used, total) or (None, None)
        name = raw.get(f"{prefix}name", "")
        yield GuestFilesystem(
            mount=str(raw.get(f"{prefix}mountpoint") or name or "without a name"),
            type=str(raw.get(f"{prefix}fstype", "")),
            used=bytes[0],
            total=bytes[1],
            disks=tuple(
                str(raw.get(f"{prefix}disk.{n}.alias", ""))
                for n in range(raw.get(f"{prefix}disk.count", 0))
            ),
        )


def _guest_nics(raw: Stats) -> Iterator[GuestNic]:
    for number in range(raw["if.count"]):
        prefix = f"if.{number}."
        yield GuestNic(
            name=str(raw.get(f"{prefix}name", "")),
            mac=str(raw.get(f"{prefix}hwaddr", "")),
            addresses=tuple(
                f"{raw.get(f'{prefix}addr.{n}.addr', '')}/{raw.get(f'{prefix}addr.{n}.prefix', '')}"
                for n in range(raw.get(f"{prefix}addr.count", 0))
            ),
        )

"""Data that only guests have: their addresses and the usage of their file systems.

Asked on the agent worker, which nobody else waits for; an agent that hangs is left behind.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from functools import partial

import libvirt

from virttui.hypervisor.connection.calls import or_none
from virttui.hypervisor.connection.handles import DomainHandleCache
from virttui.hypervisor.connection.translate import address, evaluate
from virttui.hypervisor.connection.types import Connection, Stats
from virttui.hypervisor.polling.host_context import HostContext
from virttui.hypervisor.polling.timing import RoundRobin, Timetable
from virttui.model.domains.usage import Filesystem
from virttui.model.errors import OperationError

# Guests asked for their addresses by agent or ARP are asked again after this.
ADDRESSES_AGAIN = 30.0
# File systems fill slowly, and asking takes an agent a while.
FILESYSTEMS_AGAIN = 60.0
AT_ONCE = 5
ROUND_INTERVAL = 2.0
# One round asks no further guest after so long; each that hangs takes libvirt five.
BUDGET = 8.0
# A call that takes longer is left where it is: libvirt itself would wait for ever.
DEADLINE = 20.0
# Full by nature: media that are read only.
_ALWAYS_FULL = frozenset({"iso9660", "udf", "squashfs", "erofs", "cramfs", "overlay"})


class GuestPoller:
    """The plan for one host's guests. Runs on the fleet thread."""

    def __init__(self, context: HostContext, *, bulk: bool) -> None:
        self._context = context
        self._bulk = bulk
        self._agents = GuestAgentReader()
        self._times = Timetable()
        self._asked_at: dict[tuple[str, str], float] = {}
        self._asked_now: list[tuple[str, str]] = []
        self._round_robin = RoundRobin(AT_ONCE)

    def tick(self, now: float, in_view: list[str]) -> None:
        """Ask what is due: guests in view first."""
        context = self._context
        if context.fleet.settings.read_only:
            return
        if context.calls.busy("agent"):
            if context.calls.waited("agent", now) > DEADLINE:
                context.calls.detach_stuck("agent", "agent", "guest")
                self._agents = GuestAgentReader()
            return
        if self._times.take("addresses", now, ROUND_INTERVAL):
            self._ask_addresses(now, in_view)
        elif self._times.take("filesystems", now, ROUND_INTERVAL):
            self._ask_filesystems(now, in_view)

    def refresh(self) -> None:
        """Make everything due."""
        self._times.clear()
        self._asked_at.clear()

    def _ask_again(self, what: str, uuid: str, next_due: float) -> None:
        self._asked_at[what, uuid] = next_due
        self._asked_now.append((what, uuid))

    def _late(self, what: str, uuid: str, now: float) -> bool:
        return now >= self._asked_at.get((what, uuid), now)

    # --- addresses ----------------------------------------------------------------------------

    def _ask_addresses(self, now: float, in_view: list[str]) -> None:
        """Agent and ARP for rows in view that no lease names, each at most every 30 s."""
        builder, sources_of = self._context.builder, {}
        for uuid in in_view:
            if not self._late("addresses", uuid, now) or uuid in builder.silent:
                continue
            if not builder.leases_of(uuid) and (sources := tuple(self._sources(uuid))):
                sources_of[uuid] = sources
                self._ask_again("addresses", uuid, now + ADDRESSES_AGAIN)
        if sources_of:
            agents = self._agents
            self._context.calls.call(
                "agent", "agent", lambda c: agents.addresses(c, sources_of), self._on_addresses
            )

    def _again(self, what: str, outcome: Collection[str]) -> None:
        """Those that a round had no time for are asked in the next."""
        for kind, uuid in self._asked_now:
            if kind == what and uuid not in outcome:
                self._asked_at.pop((kind, uuid), None)
        self._asked_now.clear()

    def _sources(self, uuid: str) -> Iterable[int]:
        """The sources of addresses for ``uuid``, the best first.

        Drivers without bulk calls have at most leases of their own. The test driver's crash the
        process (libvirt 9.0) when a NIC's network has no address, so such a guest is not asked.
        """
        if self._bulk:
            if self._context.builder.facts(uuid).agent:
                yield libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT
            yield libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP
        elif self._on_addressed_networks(uuid):
            yield libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE

    def _on_addressed_networks(self, uuid: str) -> bool:
        known = {
            network.name for network in self._context.builder.networks.values() if network.subnets
        }
        nics = self._context.builder.facts(uuid).nics
        return bool(nics) and all(nic.kind == "network" and nic.source in known for nic in nics)

    def _on_addresses(self, outcome: dict[str, tuple[str, ...]] | OperationError) -> None:
        if not isinstance(outcome, OperationError):
            self._again("addresses", outcome)
            if self._context.builder.take_addresses(outcome):
                self._context.publish_soon()

    # --- file systems -------------------------------------------------------------------------

    def _ask_filesystems(self, now: float, in_view: list[str]) -> None:
        """The file systems of guests with an agent, each at most every minute, in turns."""
        builder = self._context.builder
        able = [
            uuid
            for uuid in builder.active
            if builder.facts(uuid).agent
            and uuid not in builder.silent
            and builder.domains[uuid].state.runs
            and self._late("filesystems", uuid, now)
        ]
        view = set(in_view)
        uuids = [uuid for uuid in able if uuid in view][:AT_ONCE] or self._round_robin.turn(able)
        if not uuids:
            return
        for uuid in uuids:
            self._ask_again("filesystems", uuid, now + FILESYSTEMS_AGAIN)
        agents = self._agents
        self._context.calls.call(
            "agent", "agent", lambda c: agents.filesystems(c, uuids), self._on_filesystems
        )

    def _on_filesystems(self, outcome: dict[str, Filesystem | None] | OperationError) -> None:
        if not isinstance(outcome, OperationError):
            self._again("filesystems", outcome)
            self._context.builder.figures.take_filesystems(outcome)


class GuestAgentReader:
    """The calls to agents and the ARP table. On the agent worker."""

    def __init__(self) -> None:
        self._handles = DomainHandleCache()

    def addresses(
        self, connection: Connection, sources_of: Mapping[str, tuple[int, ...]]
    ) -> dict[str, tuple[str, ...]]:
        """Addresses by UUID, from the first source of each that has any; () where none has.

        Those that the budget left no time for are missing.
        """
        started = time.monotonic()
        found: dict[str, tuple[str, ...]] = {}
        for uuid, sources in sources_of.items():
            if time.monotonic() - started > BUDGET:
                break
            handles = self._handles.some(connection, (uuid,))
            found[uuid] = ()
            for source in sources if handles else ():
                interfaces = or_none(connection, partial(handles[0].interfaceAddresses, source, 0))
                if listed := tuple(_usable(interfaces)):
                    found[uuid] = listed
                    break
        return found

    def filesystems(
        self, connection: Connection, uuids: Iterable[str]
    ) -> dict[str, Filesystem | None]:
        """The fullest file system of each guest, None where its agent tells of none."""
        kind = libvirt.VIR_DOMAIN_GUEST_INFO_FILESYSTEM
        started = time.monotonic()
        found: dict[str, Filesystem | None] = {}
        for uuid in uuids:
            if time.monotonic() - started > BUDGET:
                break
            for domain in self._handles.some(connection, (uuid,)):
                info = or_none(connection, partial(domain.guestInfo, kind, 0))
                mounted = mounts(info or {})
                found[uuid] = max(mounted, key=lambda one: one.share, default=None)
        return found


def mounts(info: Stats) -> tuple[Filesystem, ...]:
    """The file systems that can fill, of what ``guestInfo`` gives."""
    found = []
    for number in range(info.get("fs.count", 0)):
        at = f"fs.{number}."
        bytes = evaluate(info.get(f"{at}used-bytes"), info.get(f"{at}total-bytes"))
        if bytes is not None and bytes[1] and info.get(f"{at}fstype") not in _ALWAYS_FULL:
            found.append(Filesystem(str(info.get(f"{at}mountpoint", "")), *bytes))
    return tuple(found)


def _usable(interfaces: Stats | None) -> Iterable[str]:
    """Addresses worth showing, IPv4 first; loopback and link-local ones say nothing."""
    found = [
        address(entry["addr"])
        for name, interface in (interfaces or {}).items()
        if name != "lo"
        for entry in interface.get("addrs") or ()
    ]
    shown = [one for one in found if one and not one.startswith(("127.", "::1", "fe80:"))]
    return sorted(dict.fromkeys(shown), key=lambda one: ":" in one)

"""Slow reads: definitions, networks, pools, addresses and the machine itself.

Each of these can take long (a pool on a dead file system, an agent that sleeps), so none of them is
on the way of the lists, and those that hang most easily have workers of their own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import libvirt
from msgspec import Struct
from msgspec.structs import replace

from virttui.hypervisor.commands.reattach_nics import DetachedNicFinder
from virttui.hypervisor.connection.calls import listed, or_none, xml_of
from virttui.hypervisor.connection.handles import DomainHandleCache
from virttui.hypervisor.connection.translate import address
from virttui.hypervisor.connection.types import Connection, NetworkHandle, PoolHandle, Stats
from virttui.hypervisor.queries.local_networks import LocalNetworks
from virttui.libvirtxml import read
from virttui.libvirtxml.network_records import records
from virttui.libvirtxml.read import DomainFacts
from virttui.metrics.host import LocalHostSampler
from virttui.metrics.process import starts
from virttui.metrics.rates import HostCpuMeter
from virttui.model.errors import InvalidInput
from virttui.model.identity import ObjectId
from virttui.model.inventory import HostMetrics, Lease, Network, Nic, Pool

# What one job may take before the rest waits for its next turn.
BUDGET = 0.1
# One definition is parsed at a time: with 50 hosts that connect at once, 50 threads that want the
# interpreter took a core and a half for 40 s, and delayed each key.
_PARSING = threading.Lock()

_POOL_STATES = {
    libvirt.VIR_STORAGE_POOL_INACTIVE: "inactive",
    libvirt.VIR_STORAGE_POOL_BUILDING: "building",
    libvirt.VIR_STORAGE_POOL_RUNNING: "running",
    libvirt.VIR_STORAGE_POOL_DEGRADED: "degraded",
    libvirt.VIR_STORAGE_POOL_INACCESSIBLE: "inaccessible",
}


class DefinitionResults(Struct, frozen=True):
    """Facts by UUID; a string says why a definition could not be read. ``gone`` were undefined."""

    facts: Mapping[str, DomainFacts | str]
    missing: tuple[str, ...] = ()


class DefinitionReader:
    """The state that a details worker keeps of its connection. Methods run on that worker only."""

    def __init__(self, host: str, here: str = "") -> None:
        """``here`` is the URI where the host is this machine, else ""."""
        self._host = host
        self._nearby = LocalNetworks(here)
        self._detached_nics = DetachedNicFinder(self._nearby)
        self._handles = DomainHandleCache()
        self._node = HostCpuMeter()
        self._machine = LocalHostSampler()
        self._parsed: dict[str, tuple[int, DomainFacts | str]] = {}
        # Seconds that the present job has waited for the parsing of others.
        self._waited = 0.0

    def definitions(self, connection: Connection, uuids: Iterable[str]) -> DefinitionResults:
        """Read definitions in the order given, as many as the budget allows, at least one."""
        started, self._waited = time.monotonic(), 0.0
        facts: dict[str, DomainFacts | str] = {}
        requested = tuple(uuids)
        found = {
            domain.UUIDString(): domain for domain in self._handles.some(connection, requested)
        }
        missing = [uuid for uuid in requested if uuid not in found]
        for uuid in missing:
            self._parsed.pop(uuid, None)
        for uuid, domain in found.items():
            try:
                facts[uuid] = self._facts(uuid, xml_of(domain))
            except libvirt.libvirtError as error:
                self._handles.keep(uuid, None)
                if not connection.isAlive():
                    raise
                if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
                    missing.append(uuid)
                else:
                    facts[uuid] = f"its XML cannot be read: {error.get_error_message()}"
            if time.monotonic() - started - self._waited > BUDGET:
                break
        return DefinitionResults(facts, tuple(missing))

    def _facts(self, uuid: str, xml: str) -> DomainFacts | str:
        """Parse only what changed: most re-reads find the same text."""
        known, mark = self._parsed.get(uuid), hash(xml)
        if known is not None and known[0] == mark:
            return known[1]
        found: DomainFacts | str
        asked = time.monotonic()
        with _PARSING:
            self._waited += time.monotonic() - asked
            try:
                found = read.domain(xml)
            except InvalidInput as error:
                found = error.message
        self._parsed[uuid] = (mark, found)
        return found

    def networks(self, connection: Connection) -> dict[str, Network]:
        """Every virtual network with its leases; none where the driver has no networks."""
        found: dict[str, Network] = {}
        nics = [
            (uuid, nic)
            for uuid, (_, facts) in self._parsed.items()
            if not isinstance(facts, str)
            for nic in facts.nics
            if nic.target
        ]
        for network in listed(partial(connection.listAllNetworks, 0)):
            key = ObjectId(self._host, network.UUIDString())
            try:
                found[key.uuid] = self._network(connection, network, key, nics)
            except libvirt.libvirtError as error:
                if error.get_error_code() != libvirt.VIR_ERR_NO_NETWORK:
                    raise
        return found

    def _network(
        self,
        connection: Connection,
        network: NetworkHandle,
        key: ObjectId,
        nics: Sequence[tuple[str, Nic]],
    ) -> Network:
        active, fault, facts = bool(network.isActive()), "", read.NetworkFacts(mode="")
        persistent, inactive_xml = bool(network.isPersistent()), None
        try:
            facts = read.network(network.XMLDesc(0))
            if active and persistent:
                inactive = libvirt.VIR_NETWORK_XML_INACTIVE
                inactive_xml = or_none(connection, partial(network.XMLDesc, inactive))
            stored = records(inactive_xml) if inactive_xml else facts.records
        except InvalidInput as error:
            fault, stored = error.message, ()
        leases = or_none(connection, network.DHCPLeases) if active else None
        name = network.name()
        result = Network(
            key=key,
            name=name,
            active=active,
            persistent=persistent,
            autostart=bool(or_none(connection, network.autostart)),
            mode=facts.mode,
            bridge=facts.bridge,
            subnets=facts.subnets,
            dhcp=facts.dhcp,
            domain_name=facts.domain_name,
            leases=None if leases is None else tuple(_lease(found) for found in leases),
            records=facts.records,
            stored=stored if persistent else (),
            serves=facts.serves,
            dnsmasq=self._nearby.dnsmasq(name) if active and facts.serves else None,
            fault=fault,
            parts=facts.parts,
        )
        return replace(
            result, unplugged=self._detached_nics.lost(connection, network, result, nics)
        )

    def here(self, _connection: Connection) -> HostMetrics:
        """Figures of this machine, by psutil."""
        return self._machine.figures()

    def starts(self, _connection: Connection) -> dict[str, float]:
        """The start times of the processes of this machine's domains (wall clock), by UUID."""
        return starts()

    def node(self, connection: Connection) -> HostMetrics:
        """Figures of a remote machine, by libvirt's node counters."""
        cpu = or_none(connection, partial(connection.getCPUStats, -1))
        memory = or_none(connection, partial(connection.getMemoryStats, -1))
        return HostMetrics(
            cpu=self._node.share(cpu) if cpu else None,
            memory_total=memory["total"] * 1024 if memory else None,
            memory_used=_node_used(memory) if memory else None,
        )


class PoolReader:
    """The pools of one host. Runs on the storage worker only."""

    def __init__(self, host: str) -> None:
        self._host = host

    def pools(self, connection: Connection) -> dict[str, Pool]:
        """Every storage pool; none where the driver has no storage. Volumes are only counted."""
        found: dict[str, Pool] = {}
        for pool in listed(partial(connection.listAllStoragePools, 0)):
            key = ObjectId(self._host, pool.UUIDString())
            try:
                found[key.uuid] = self._pool(connection, pool, key)
            except libvirt.libvirtError as error:
                if error.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_POOL:
                    raise
        return found

    def _pool(self, connection: Connection, pool: PoolHandle, key: ObjectId) -> Pool:
        state, capacity, allocation, available = pool.info()
        fault, facts = "", read.PoolFacts()
        try:
            facts = read.pool(pool.XMLDesc(0))
        except InvalidInput as error:
            fault = error.message
        active = state != libvirt.VIR_STORAGE_POOL_INACTIVE
        return Pool(
            key=key,
            name=pool.name(),
            state=_POOL_STATES.get(state, "inaccessible"),
            type=facts.type,
            path=facts.path,
            capacity=capacity,
            allocation=allocation,
            available=available,
            persistent=bool(pool.isPersistent()),
            autostart=bool(or_none(connection, pool.autostart)),
            volumes=or_none(connection, pool.numOfVolumes) if active else None,
            fault=fault,
            devices=facts.devices,
            source=facts.source,
            origin=facts.origin,
        )


def _node_used(memory: Mapping[str, int]) -> int:
    """Total without free, buffers and cache (KiB): libvirt names no "available" before 12.3."""
    reclaimable = sum(memory.get(name, 0) for name in ("free", "buffers", "cached"))
    return max(0, memory["total"] - reclaimable) * 1024


def _lease(raw: Stats) -> Lease:
    return Lease(
        mac=raw.get("mac") or "",
        address=address(raw.get("ipaddr")),
        hostname=raw.get("hostname") or "",
        expires_epoch=int(raw.get("expirytime") or 0),
    )

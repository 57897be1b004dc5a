"""The inventory of one host at one moment: frozen rows that every screen draws from.

An unchanged object is the *same* object in the next inventory, so a table compares by identity.
Structure (``domains``, ``networks``, ``pools``) changes on events; ``usage`` changes each tick.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from virttui.model.domains.history import MetricHistory
from virttui.model.domains.jobs import Job
from virttui.model.domains.usage import Usage
from virttui.model.errors import OperationError
from virttui.model.host_resources import NO_PRESSURE, NumaCell, Pressure
from virttui.model.identity import ObjectId
from virttui.model.network_parts import NO_PARTS, NetworkParts
from virttui.model.network_records import NetworkRecord


class DomainState(StrEnum):
    """libvirt's ``virDomainState``; the value is printed by ``list --json``.

    ``active``: the domain has a process (libvirt's "active"). ``runs``: the guest's CPUs run, so
    that its counters change.
    """

    active: bool
    runs: bool

    NOSTATE = "nostate"
    RUNNING = "running"
    IDLE = "idle"
    PAUSED = "paused"
    SHUTDOWN = "shutdown"
    SHUTOFF = "shutoff"
    CRASHED = "crashed"
    PMSUSPENDED = "pmsuspended"


# Attributes and not properties: they are asked of every row in every tick.
for _state in DomainState:
    _state.active = _state not in (DomainState.SHUTOFF, DomainState.CRASHED)
    _state.runs = _state.active and _state not in (DomainState.PAUSED, DomainState.PMSUSPENDED)


class Disk(Struct, frozen=True):
    """One ``<disk>``: its name in the guest and its source.

    ``source`` is a path, the name of a volume of ``pool``, or for anything else a text that begins
    with the server or bus (``rbd:vms/a``, ``nvme:0000:01:00.0/1``); "" is an empty drive. ``kind``
    is libvirt's type: file, block, dir, network, volume, nvme, vhostuser. ``block``: it is a block
    device of the host, which an image on it cannot outgrow.
    """

    target: str
    device: str = "disk"
    source: str = ""
    pool: str = ""
    format: str = ""
    bus: str = ""
    shareable: bool = False
    read_only: bool = False
    block: bool = False
    kind: str = "file"


class Nic(Struct, frozen=True):
    """One ``<interface>``. ``target`` is the host's device (vnet3) and ``port`` the UUID of its
    network port; both are known while it runs. ``filter`` is the name of its network filter."""

    mac: str
    kind: str = "network"
    source: str = ""
    target: str = ""
    model: str = ""
    port: str = ""
    filter: str = ""


class Domain(Struct, frozen=True):
    """A virtual machine or container. ``None`` is "not known yet", never zero.

    ``memory`` is the guest's memory now, ``memory_max`` its maximum (bytes). ``reason`` is
    libvirt's constant in lower case ("booted", "ioerror"). ``silent_at`` is set while its QEMU does
    not answer a monitor call. ``fault`` is the reason why its definition could not be read; the row
    is shown all the same. ``tags`` are VirtTUI's own, kept in its metadata. ``started_epoch`` is
    known where its process can be seen, or its start was.
    """

    key: ObjectId
    name: str
    state: DomainState
    reason: str = "unknown"
    id: int | None = None
    persistent: bool = True
    autostart: bool = False
    saved: bool = False
    vcpus: int | None = None
    memory: int | None = None
    memory_max: int | None = None
    title: str = ""
    os_type: str = ""
    disks: tuple[Disk, ...] = ()
    nics: tuple[Nic, ...] = ()
    addresses: tuple[str, ...] = ()
    agent: bool = False
    silent_at: float | None = None
    fault: str = ""
    tags: tuple[str, ...] = ()
    started_epoch: float | None = None


class Lease(Struct, frozen=True):
    """A DHCP lease. ``expires_epoch`` is 0 for a lease that never expires."""

    mac: str
    address: str
    hostname: str = ""
    expires_epoch: int = 0


class Dnsmasq(Struct, frozen=True):
    """The dnsmasq process of a network; ``pid`` is None when it is not running.

    ``config`` is the path of its configuration on its host.
    """

    config: str
    pid: int | None = None


OWN_BRIDGE = frozenset({"nat", "route", "open", "isolated"})
"""The modes in which libvirt creates and removes the bridge with the network."""


class Network(Struct, frozen=True):
    """A virtual network. ``subnets`` and ``dhcp`` are as shown ("192.168.122.0/24", "2-254").

    ``mode`` is nat, route, open, isolated, bridge, ovs, macvtap, hostdev or libvirt's own word.
    ``leases`` is None where the driver has none; ``records`` are its reservations and DNS records
    in effect, ``stored`` those of its next start. ``serves``: a dnsmasq belongs to it; ``dnsmasq``
    is that, None where it cannot be seen. ``unplugged`` are the host's devices of running NICs that
    are not on its bridge, because it was restarted under them. ``parts`` are its elements that can
    occur several times.
    """

    key: ObjectId
    name: str
    active: bool
    persistent: bool = True
    autostart: bool = False
    mode: str = ""
    bridge: str = ""
    subnets: tuple[str, ...] = ()
    dhcp: str = ""
    domain_name: str = ""
    leases: tuple[Lease, ...] | None = None
    records: tuple[NetworkRecord, ...] = ()
    stored: tuple[NetworkRecord, ...] = ()
    serves: bool = False
    dnsmasq: Dnsmasq | None = None
    unplugged: frozenset[str] = frozenset()
    fault: str = ""
    parts: NetworkParts = NO_PARTS

    @property
    def waiting(self) -> tuple[NetworkRecord, ...]:
        """The records that its next start adds or removes."""
        if not self.active or not self.persistent:
            return ()
        added = tuple(record for record in self.stored if record not in self.records)
        return added + tuple(record for record in self.records if record not in self.stored)

    @property
    def own_bridge(self) -> bool:
        """True if libvirt creates and removes its bridge with it."""
        return self.mode in OWN_BRIDGE

    def holds(self, nic: Nic) -> bool:
        """True if a NIC of its host is on it: by its name, or by the bridge that is its own."""
        if nic.kind == "bridge":
            return bool(self.bridge) and nic.source == self.bridge and self.own_bridge
        return nic.kind == "network" and nic.source == self.name


class Volume(Struct, frozen=True):
    """A storage volume. ``allocation`` is the space it takes now, ``capacity`` the size the guest
    sees.

    Without ``known`` only its name and path have been read.
    """

    name: str
    path: str
    format: str = ""
    capacity: int = 0
    allocation: int = 0
    backing: str = ""
    known: bool = True


class Pool(Struct, frozen=True):
    """A storage pool. ``state`` is inactive, building, running, degraded or inaccessible.

    ``promised`` is the sum of its volumes' capacities, None until they were read. ``devices`` are
    the block devices of the host that it consists of; ``source`` identifies its storage, alike on
    every host that sees it, "" for storage of one host alone. ``origin`` is the same for people:
    pairs of a label ("server", "target") and its value.
    """

    key: ObjectId
    name: str
    state: str
    type: str = ""
    path: str = ""
    capacity: int = 0
    allocation: int = 0
    available: int = 0
    persistent: bool = True
    autostart: bool = False
    volumes: int | None = None
    promised: int | None = None
    fault: str = ""
    devices: tuple[str, ...] = ()
    source: str = ""
    origin: tuple[tuple[str, str], ...] = ()

    @property
    def active(self) -> bool:
        """True if the pool can be used now."""
        return self.state in ("running", "degraded", "building")


class ConnectionState(StrEnum):
    """States of a host's connection; the transitions are in ``virttui.hypervisor``."""

    CONNECTING = "connecting"
    LIVE = "live"
    SILENT = "silent"
    LOST = "lost"
    DENIED = "denied"


class HostMetrics(Struct, frozen=True):
    """Metrics of a host from libvirt's node figures; the last five are known of the local host
    only.

    ``cpu`` is the share of all cores in use; ``load`` the three load averages. ``disk_used`` and
    ``disk_total`` are those of the file system with libvirt's images.
    """

    cpus: int | None = None
    cpu: float | None = None
    memory_total: int | None = None
    memory_used: int | None = None
    load: tuple[float, float, float] | None = None
    swap: float | None = None
    disk_used: int | None = None
    disk_total: int | None = None
    pressure: Pressure = NO_PRESSURE


class HostState(Struct, frozen=True):
    """A host of the fleet: its connection, its facts and its metrics.

    ``since_at`` is when the phase began, ``answered_at`` when the host last answered,
    ``next_try_at`` when a lost or denied host is tried again. ``vcpus_promised`` and
    ``memory_promised`` are the sums over its active domains. ``cells`` are known once they were
    asked for, and None where the driver has none.
    """

    id: str
    uri: str
    name: str
    phase: ConnectionState
    since_at: float = 0.0
    answered_at: float | None = None
    answered_epoch: float | None = None
    next_try_at: float | None = None
    trouble: OperationError | None = None
    hypervisor: str = ""
    libvirt: str = ""
    local: bool = False
    read_only: bool = False
    figures: HostMetrics = field(default_factory=HostMetrics)
    running: int = 0
    vcpus_promised: int | None = None
    memory_promised: int | None = None
    cells: tuple[NumaCell, ...] | None = None


class Part(StrEnum):
    """Parts of an inventory, by their names on the screen. Each is read by itself and can fail
    by itself."""

    DEFINITIONS = "definitions"
    NETWORKS = "networks"
    POOLS = "pools"


class Inventory(Struct, frozen=True):
    """The state of one host at ``at``. It replaces the host's previous inventory.

    ``listed`` is false until the first list of domains was read. ``missing_parts`` are the parts
    that were not read, each with the reason, "" for not yet: an empty mapping of such a part means
    nothing.
    """

    host: HostState
    at: float
    interval: float = 1.0
    listed: bool = False
    domains: Mapping[str, Domain] = field(default_factory=dict)
    usage: Mapping[str, Usage] = field(default_factory=dict)
    networks: Mapping[str, Network] = field(default_factory=dict)
    pools: Mapping[str, Pool] = field(default_factory=dict)
    trail: MetricHistory | None = None
    jobs: tuple[Job, ...] = ()
    missing_parts: Mapping[Part, str] = field(default_factory=dict)

    def awaits(self, *parts: Part) -> bool:
        """True if one of these parts may still come."""
        return any(self.missing_parts.get(part) == "" for part in parts)

    @property
    def current(self) -> bool:
        """True if the rows show the present."""
        return self.host.phase is ConnectionState.LIVE

"""What one host holds at one moment: the frozen rows that every screen draws from.

An unchanged object is the *same* object in the next inventory, so a table compares by identity.
Structure (``domains``, ``networks``, ``pools``) changes on events; ``usage`` changes each tick.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from virttui.model.domains.history import MetricHistory
from virttui.model.domains.jobs import Job
from virttui.model.domains.usage import Usage
from virttui.model.errors import OperationError
from virttui.model.host_resources import NO_PRESSURE, NumaCell, Pressure
from virttui.model.identity import ObjectId
from virttui.model.network_parts import NO_PARTS, NetworkParts
from virttui.model.network_records import NetworkRecord


class DomainState(StrEnum):
    """libvirt's ``virDomainState`` in the field's words; the value is what ``list --json`` says."""

    NOSTATE = "nostate"
    RUNNING = "running"
    IDLE = "idle"
    PAUSED = "paused"
    SHUTDOWN = "shutdown"
    SHUTOFF = "shutoff"
    CRASHED = "crashed"
    PMSUSPENDED = "pmsuspended"

    @property
    def active(self) -> bool:
        """Whether a process stands behind the domain (libvirt's "active")."""
        return self is not _SHUTOFF and self is not _CRASHED

    @property
    def runs(self) -> bool:
        """Whether the guest's CPUs run, so that its counters move."""
        return self.active and self is not _PAUSED and self is not _PMSUSPENDED


# Asked for every row in every tick, and a member looked up on its class is slow.
_SHUTOFF, _CRASHED = DomainState.SHUTOFF, DomainState.CRASHED
_PAUSED, _PMSUSPENDED = DomainState.PAUSED, DomainState.PMSUSPENDED


@dataclass(frozen=True, slots=True)
class Disk:
    """One ``<disk>``: where the guest sees it and what stands behind it.

    ``source`` is a path, the name of a volume of ``pool``, or for what is neither a text that
    begins with what serves it (``rbd:vms/a``, ``nvme:0000:01:00.0/1``); "" is an empty drive.
    ``kind`` is libvirt's word for it: file, block, dir, network, volume, nvme, vhostuser.
    ``block`` says that it is a block device of the host, whose size an image on it cannot outgrow.
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


@dataclass(frozen=True, slots=True)
class Nic:
    """One ``<interface>``. ``target`` is the host's device (vnet3) and is known while it runs.

    So is ``port``, the UUID of its network port. ``filter`` is the name of its network filter.
    """

    mac: str
    kind: str = "network"
    source: str = ""
    target: str = ""
    model: str = ""
    port: str = ""
    filter: str = ""


@dataclass(frozen=True, slots=True)
class Domain:
    """One virtual machine or container. ``None`` is "not known yet", never zero.

    ``memory`` is what the guest is given now, ``memory_max`` what it may grow to (bytes).
    ``reason`` is libvirt's constant in lower case ("booted", "ioerror").
    ``silent_at`` is set while its QEMU holds a monitor call without an answer.
    ``fault`` says what could not be read of it; the row is shown all the same.
    ``tags`` are this project's own, kept in its metadata. ``started_epoch`` is known where its
    process can be seen, or its start was.
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


@dataclass(frozen=True, slots=True)
class Lease:
    """One DHCP lease. ``expires_epoch`` is 0 for a lease that never ends."""

    mac: str
    address: str
    hostname: str = ""
    expires_epoch: int = 0


@dataclass(frozen=True, slots=True)
class Dnsmasq:
    """The process that hands out a network's addresses and names; ``pid`` None says it is gone.

    ``config`` is where its configuration lies on its host.
    """

    config: str
    pid: int | None = None


OWN_BRIDGE = frozenset({"nat", "route", "open", "isolated"})
"""The modes whose bridge comes and goes with the network."""


@dataclass(frozen=True, slots=True)
class Network:
    """One virtual network. ``subnets`` and ``dhcp`` are as written ("192.168.122.0/24", "2-254").

    ``mode`` is nat, route, open, isolated, bridge, ovs, macvtap, hostdev or libvirt's own word.
    ``leases`` is None where the driver has none to give; ``records`` are its reservations and DNS
    records as they are in effect, ``stored`` those of its next start. ``serves`` says that a
    dnsmasq belongs to it; ``dnsmasq`` is that, None where it cannot be seen. ``unplugged`` are the
    host's devices of NICs that run and are not on its bridge: it was started again under them.
    ``parts`` is what it has several of.
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
        """What is handed out otherwise from its next start on: records that come, or go."""
        if not self.active or not self.persistent:
            return ()
        comes = tuple(record for record in self.stored if record not in self.records)
        return comes + tuple(record for record in self.records if record not in self.stored)

    @property
    def own_bridge(self) -> bool:
        """Whether its bridge comes and goes with it."""
        return self.mode in OWN_BRIDGE

    def holds(self, nic: Nic) -> bool:
        """Whether a NIC of its host is on it: by its name, or by the bridge that is its own."""
        if nic.kind == "bridge":
            return bool(self.bridge) and nic.source == self.bridge and self.own_bridge
        return nic.kind == "network" and nic.source == self.name


@dataclass(frozen=True, slots=True)
class Volume:
    """One storage volume. ``allocation`` is what it takes now, ``capacity`` what the guest sees.

    Without ``known`` nothing but its name and path was read yet.
    """

    name: str
    path: str
    format: str = ""
    capacity: int = 0
    allocation: int = 0
    backing: str = ""
    known: bool = True


@dataclass(frozen=True, slots=True)
class Pool:
    """One storage pool. ``state`` is inactive, building, running, degraded or inaccessible.

    ``promised`` is the sum of its volumes' capacities, known once somebody has looked.
    ``devices`` are the block devices of the host that it is made of; ``source`` is where its
    storage comes from, alike on every host that sees it, "" for what is one host's own. ``origin``
    says the same for people: what it is made of, each by what that is called ("server", "target").
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
        """Whether the pool can be used now."""
        return self.state in ("running", "degraded", "building")


class ConnectionState(StrEnum):
    """Where a host's connection stands; the table of moves is in ``virttui.hypervisor``."""

    CONNECTING = "connecting"
    LIVE = "live"
    SILENT = "silent"
    LOST = "lost"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class HostMetrics:
    """What the machine itself is doing. From libvirt's node figures; the last five are told
    of this machine alone.

    ``cpu`` is the share of all cores at work; ``load`` the three load averages.
    ``disk_used`` and ``disk_total`` are those of the file system with libvirt's images.
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


@dataclass(frozen=True, slots=True)
class HostState:
    """One host of the fleet: how it is reached, how that stands, what it is and what it does.

    ``since_at`` is when the phase began, ``answered_at`` when the host last answered,
    ``next_try_at`` when a lost or denied host is tried again.
    ``vcpus_promised`` and ``memory_promised`` are the sums over its active domains. ``cells`` are
    known once somebody has looked, and are None where the driver tells of none.
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
    """A part of an inventory, as people call it. Each comes by itself, or does not."""

    DEFINITIONS = "definitions"
    NETWORKS = "networks"
    POOLS = "pools"


@dataclass(frozen=True, slots=True)
class Inventory:
    """One host, whole, at ``at``. The newest inventory of a host replaces the one before.

    ``listed`` is false until the first list of domains has come. ``untold`` are the parts that have
    not come, each with why not, "" for not yet: what is empty then is not known to be empty.
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
    untold: Mapping[Part, str] = field(default_factory=dict)

    def awaits(self, *parts: Part) -> bool:
        """Whether one of these parts may still come."""
        return any(self.untold.get(part) == "" for part in parts)

    @property
    def current(self) -> bool:
        """Whether the rows may be drawn as the present."""
        return self.host.phase is ConnectionState.LIVE

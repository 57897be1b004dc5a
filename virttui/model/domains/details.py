"""One domain in full, as its page shows it: what it is, and how each of its devices fares.

Told while the page is open and at no other time. ``None`` is "not known", never zero. Sizes are
bytes, times seconds, rates per second, shares 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from virttui.model.identity import ObjectId
from virttui.model.inventory import Disk, Nic


@dataclass(frozen=True, slots=True)
class Device:
    """One element below ``<devices>``.

    ``element`` is libvirt's name of it ("disk", "hostdev"), ``name`` is unique among its like
    ("vda", "nic1", "serial1"), ``words`` say what it is in a few words and ``more`` the rest, a
    line each. ``disk`` and ``nic`` are there for those two kinds.
    """

    element: str
    name: str
    words: str = ""
    more: tuple[str, ...] = ()
    disk: Disk | None = None
    nic: Nic | None = None
    linked: bool = True


@dataclass(frozen=True, slots=True)
class DomainDefinition:
    """What a domain's XML says beyond its row.

    ``firmware`` is "UEFI secure", "BIOS", "kernel" (booted directly) or "init" (containers).
    ``boot`` names devices, in order. ``pins`` are cpusets as written, by vCPU. ``agent`` is the
    state of the guest agent's channel: "" without one, else "connected" or "disconnected".
    """

    description: str = ""
    os: str = ""
    machine: str = ""
    arch: str = ""
    firmware: str = ""
    emulator: str = ""
    cpu: str = ""
    topology: str = ""
    vcpus: int | None = None
    vcpus_max: int | None = None
    memory: int | None = None
    memory_max: int | None = None
    hugepages: str = ""
    boot: tuple[str, ...] = ()
    pins: Mapping[int, str] = field(default_factory=dict)
    agent: str = ""
    devices: tuple[Device, ...] = ()


@dataclass(frozen=True, slots=True)
class DiskMetrics:
    """How one disk fares. Latencies are those of the last ten seconds; None while nothing was done.

    ``reads`` and ``writes`` are requests a second, ``read`` and ``write`` bytes a second.
    ``allocation`` is what it takes on its storage, ``capacity`` what the guest sees.
    """

    reads: float | None = None
    writes: float | None = None
    read: float | None = None
    write: float | None = None
    read_latency: float | None = None
    write_latency: float | None = None
    flush_latency: float | None = None
    allocation: int | None = None
    capacity: int | None = None

    @property
    def requests(self) -> float | None:
        """Reads and writes a second."""
        if self.reads is None or self.writes is None:
            return None
        return self.reads + self.writes

    @property
    def fill(self) -> float | None:
        """The share of the capacity that is allocated."""
        if self.allocation is None or not self.capacity:
            return None
        return self.allocation / self.capacity


@dataclass(frozen=True, slots=True)
class NicMetrics:
    """How one NIC fares. ``errors`` and ``drops`` count since it was plugged in.

    ``failing`` is true while either of them grows.
    """

    packets: float | None = None
    rx: float | None = None
    tx: float | None = None
    errors: int | None = None
    drops: int | None = None
    failing: bool = False


@dataclass(frozen=True, slots=True)
class VcpuMetrics:
    """How one vCPU fares: shares of the time since the last look.

    ``steal`` is the time it was ready to run and another had its host CPU; ``wait`` the time it
    waited for I/O. ``cpu`` is the host CPU it is on, ``pinned`` where it may be ("" anywhere).
    """

    number: int
    use: float | None = None
    wait: float | None = None
    steal: float | None = None
    cpu: int | None = None
    pinned: str = ""


@dataclass(frozen=True, slots=True)
class MemoryMetrics:
    """Memory seen from the guest (``used``, ``caches``, swap) and from the host (``rss``)."""

    given: int | None = None
    used: int | None = None
    exact: bool = True
    caches: int | None = None
    swap_in: float | None = None
    swap_out: float | None = None
    faults: float | None = None
    rss: int | None = None


@dataclass(frozen=True, slots=True)
class QemuProcess:
    """The QEMU process, where this machine runs it. ``files`` is None where that is forbidden."""

    pid: int
    started_epoch: float
    threads: int | None = None
    rss: int | None = None
    files: int | None = None


@dataclass(frozen=True, slots=True)
class GuestFilesystem:
    """One filesystem inside the guest. ``disks`` are the domain's disks it lies on."""

    mount: str
    type: str = ""
    total: int | None = None
    used: int | None = None
    disks: tuple[str, ...] = ()

    @property
    def fill(self) -> float | None:
        """The share that is used."""
        return self.used / self.total if self.used is not None and self.total else None


@dataclass(frozen=True, slots=True)
class GuestNic:
    """One interface inside the guest, addresses with their prefix."""

    name: str
    mac: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GuestAgentInfo:
    """What the guest agent told at ``at``. ``load`` is the average of the last minute."""

    at: float
    os: str = ""
    kernel: str = ""
    hostname: str = ""
    timezone: str = ""
    users: tuple[tuple[str, float], ...] | None = None
    disks: tuple[GuestFilesystem, ...] | None = None
    nics: tuple[GuestNic, ...] | None = None
    load: float | None = None


class GraphPoint(NamedTuple):
    """One point of a device's graph; ``second`` is the other direction where there is one."""

    at: float
    first: float | None
    second: float | None = None


@dataclass(frozen=True, slots=True)
class DomainDetails:
    """One domain in full. ``at`` is when its figures were taken, None before the first.

    ``disks`` go by target ("vda"), ``nics`` by the host's device ("vnet3"). ``guest_why`` says why
    the agent has told nothing. ``waiting`` counts what the next boot changes, None when not known.
    ``trails`` go by "disk vda", "lag vda" (latencies) and "nic vnet3", oldest first.
    ``hung`` is true while its QEMU holds what was asked. ``fault`` says why the definition cannot
    be shown. ``disk_errors`` are the disks that paused it by an I/O error, each with why.
    """

    key: ObjectId
    at: float | None = None
    interval: float = 1.0
    definition: DomainDefinition | None = None
    fault: str = ""
    waiting: int | None = None
    disks: Mapping[str, DiskMetrics] = field(default_factory=dict)
    nics: Mapping[str, NicMetrics] = field(default_factory=dict)
    vcpus: tuple[VcpuMetrics, ...] = ()
    memory: MemoryMetrics | None = None
    process: QemuProcess | None = None
    guest: GuestAgentInfo | None = None
    guest_why: str = ""
    trails: Mapping[str, tuple[GraphPoint, ...]] = field(default_factory=dict)
    hung: bool = False
    disk_errors: tuple[tuple[str, str], ...] = ()

    def old(self, now: float) -> bool:
        """Whether the figures are older than two looks."""
        return self.at is not None and now - self.at > 2 * self.interval + 0.5

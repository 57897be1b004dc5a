"""The details of one domain, as its page shows them: its definition, and metrics of its devices.

They are sent only while the page is open. ``None`` is "not known", never zero. Sizes are bytes,
times seconds, rates per second, shares 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct, field

from virttui.model.identity import ObjectId
from virttui.model.inventory import Disk, Nic


class Device(Struct, frozen=True):
    """One element below ``<devices>``.

    ``element`` is libvirt's name of it ("disk", "hostdev"), ``name`` is unique among its kind
    ("vda", "nic1", "serial1"), ``words`` is a short description and ``more`` the rest, a line each.
    ``disk`` and ``nic`` are set for those two kinds.
    """

    element: str
    name: str
    words: str = ""
    more: tuple[str, ...] = ()
    disk: Disk | None = None
    nic: Nic | None = None
    linked: bool = True


class DomainDefinition(Struct, frozen=True):
    """Facts of a domain's XML that its row does not hold.

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


class DiskMetrics(Struct, frozen=True):
    """Metrics of one disk. Latencies are those of the last ten seconds; None without requests.

    ``reads`` and ``writes`` are requests a second, ``read`` and ``write`` bytes a second.
    ``allocation`` is the space it takes on its storage, ``capacity`` the size the guest sees.
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


class NicMetrics(Struct, frozen=True):
    """Metrics of one NIC. ``errors`` and ``drops`` count since it was plugged in.

    ``failing`` is true while either of them grows.
    """

    packets: float | None = None
    rx: float | None = None
    tx: float | None = None
    errors: int | None = None
    drops: int | None = None
    failing: bool = False


class VcpuMetrics(Struct, frozen=True):
    """Metrics of one vCPU: shares of the time since the previous reading.

    ``steal`` is the time it was ready to run and another had its host CPU; ``wait`` the time it
    waited for I/O. ``cpu`` is the host CPU it is on, ``pinned`` the CPUs it may use ("" for any).
    """

    number: int
    use: float | None = None
    wait: float | None = None
    steal: float | None = None
    cpu: int | None = None
    pinned: str = ""


class MemoryMetrics(Struct, frozen=True):
    """Memory seen from the guest (``used``, ``caches``, swap) and from the host (``rss``)."""

    given: int | None = None
    used: int | None = None
    exact: bool = True
    caches: int | None = None
    swap_in: float | None = None
    swap_out: float | None = None
    faults: float | None = None
    rss: int | None = None


class QemuProcess(Struct, frozen=True):
    """The QEMU process, on the local host. ``files`` is None where reading them is not
    permitted."""

    pid: int
    started_epoch: float
    threads: int | None = None
    rss: int | None = None
    files: int | None = None


class GuestFilesystem(Struct, frozen=True):
    """A file system inside the guest. ``disks`` are the domain's disks that it is on."""

    mount: str
    type: str = ""
    total: int | None = None
    used: int | None = None
    disks: tuple[str, ...] = ()

    @property
    def fill(self) -> float | None:
        """The share that is used."""
        return self.used / self.total if self.used is not None and self.total else None


class GuestNic(Struct, frozen=True):
    """A network interface inside the guest; addresses have their prefix."""

    name: str
    mac: str = ""
    addresses: tuple[str, ...] = ()


class GuestAgentInfo(Struct, frozen=True):
    """The guest agent's answers at ``at``. ``load`` is the average of the last minute."""

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
    """A point of a device's graph; ``second`` is the other direction where there is one."""

    at: float
    first: float | None
    second: float | None = None


class DomainDetails(Struct, frozen=True):
    """The details of one domain. ``at`` is when its metrics were read, None before the first time.

    ``disks`` are keyed by target ("vda"), ``nics`` by the host's device ("vnet3"). ``guest_why`` is
    the reason why the agent has not answered. ``waiting`` counts the changes that the next boot
    brings, None when not known. ``trails`` are keyed by "disk vda", "lag vda" (latencies) and "nic
    vnet3", oldest first. ``hung`` is true while its QEMU does not answer. ``fault`` is the reason
    why the definition cannot be shown. ``disk_errors`` are the disks that paused it by an I/O
    error, each with the error.
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
        """True if the metrics are older than two readings."""
        return self.at is not None and now - self.at > 2 * self.interval + 0.5

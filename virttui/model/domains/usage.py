"""Resource usage of a domain: rates, shares and sizes, each with the time it was measured."""

from __future__ import annotations

from msgspec import Struct


class Filesystem(Struct, frozen=True):
    """A file system inside a guest, as its agent reports it; sizes are bytes."""

    mountpoint: str
    used: int
    total: int

    @property
    def share(self) -> float:
        """The share that is used."""
        return self.used / self.total if self.total else 0.0


class Counters(Struct, frozen=True, gc=False):
    """libvirt's counters since the start of the domain: seconds, bytes. None is "not known"."""

    cpu_seconds: float | None = None
    read: int | None = None
    write: int | None = None
    rx: int | None = None
    tx: int | None = None


NO_COUNTERS = Counters()


# A leaf of which a thousand are made a tick: the garbage collector need not look at it (gc=False).
class Usage(Struct, frozen=True, gc=False):
    """Resource usage of a domain. Rates are bytes a second; ``None`` is "not known", never zero.

    ``cpu`` is the share of the domain's own vCPUs. ``memory_exact`` is false when the guest has no
    balloon driver, and ``memory_used`` is the balloon's size. Each group has the time it was
    measured (``_at``) and the interval of this row (``_turn``).

    ``net_errors`` are errors and drops a second; ``steal`` the share of time its vCPUs waited for a
    host CPU; ``latency`` seconds a disk request, ``usual_latency`` its median of five minutes.
    ``disk_full`` is the share of the block device that its fullest disk uses and cannot outgrow,
    ``peak`` the highest ``cpu`` of five minutes, ``filesystem`` the guest's fullest, ``counters``
    the source of the rates.
    """

    cpu: float | None = None
    cpu_at: float = 0.0
    cpu_turn: float = 1.0
    rx: float | None = None
    tx: float | None = None
    net_at: float = 0.0
    net_turn: float = 1.0
    memory_used: int | None = None
    memory_given: int | None = None
    memory_exact: bool = True
    read: float | None = None
    write: float | None = None
    monitor_at: float = 0.0
    monitor_turn: float = 1.0
    net_errors: float | None = None
    steal: float | None = None
    latency: float | None = None
    usual_latency: float | None = None
    disk_full: float | None = None
    peak: float | None = None
    filesystem: Filesystem | None = None
    counters: Counters = NO_COUNTERS

    def cpu_old(self, now: float) -> bool:
        """True if the CPU figure is older than two of its own intervals."""
        return self.cpu is not None and now - self.cpu_at > 2 * self.cpu_turn + 0.5

    def net_old(self, now: float) -> bool:
        """True if the network rates are older than two of their own intervals."""
        return self.rx is not None and now - self.net_at > 2 * self.net_turn + 0.5

    def monitor_old(self, now: float) -> bool:
        """True if memory and disk figures are older than two of their own intervals."""
        known = self.memory_used is not None or self.read is not None
        return known and now - self.monitor_at > 2 * self.monitor_turn + 0.5


NO_USAGE = Usage()

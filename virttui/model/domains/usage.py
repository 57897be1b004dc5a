"""Resource usage of a domain: rates, shares and sizes, each with the time it was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Filesystem:
    """A file system inside a guest, as its agent tells: where it is mounted, bytes."""

    mountpoint: str
    used: int
    total: int

    @property
    def share(self) -> float:
        """How full it is."""
        return self.used / self.total if self.total else 0.0


class Counters(NamedTuple):
    """What libvirt has counted since the domain was started: seconds, bytes. None is "not told"."""

    cpu_seconds: float | None = None
    read: int | None = None
    write: int | None = None
    rx: int | None = None
    tx: int | None = None


NO_COUNTERS = Counters()


@dataclass(frozen=True, slots=True)
class Usage:
    """What a domain uses. Rates are bytes a second; ``None`` is "not known", never zero.

    ``cpu`` is the share of the domain's own vCPUs. ``memory_exact`` is false when the guest
    has no balloon driver and the balloon's size stands in for its use.
    Each group has the time it was taken and its turn: how often it is asked for this row.

    ``net_errors`` are errors and drops a second; ``steal`` the share of time its vCPUs waited for
    a host CPU; ``latency`` seconds a disk request, ``usual_latency`` its median of five minutes.
    ``disk_full`` is how far its fullest disk has filled the block device it may not outgrow,
    ``peak`` the highest ``cpu`` of five minutes, ``filesystem`` the guest's fullest, ``counters``
    what the rates come from.
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
        """Whether the CPU figure is older than two of its own turns."""
        return self.cpu is not None and now - self.cpu_at > 2 * self.cpu_turn + 0.5

    def net_old(self, now: float) -> bool:
        """Whether the network rates are older than two of their own turns."""
        return self.rx is not None and now - self.net_at > 2 * self.net_turn + 0.5

    def monitor_old(self, now: float) -> bool:
        """Whether memory and disk figures are older than two of their own turns."""
        known = self.memory_used is not None or self.read is not None
        return known and now - self.monitor_at > 2 * self.monitor_turn + 0.5


NO_USAGE = Usage()

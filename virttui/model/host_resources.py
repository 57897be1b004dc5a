"""The machine under a host: its NUMA cells, its huge pages, and how long work waits for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HugePages:
    """Huge pages of one size (bytes), counted. ``free`` is None where libvirt does not tell."""

    size: int
    total: int
    free: int | None = None

    @property
    def used(self) -> int | None:
        """How many are taken."""
        return None if self.free is None else max(0, self.total - self.free)


@dataclass(frozen=True, slots=True)
class NumaCell:
    """One NUMA cell: how many CPUs it has, its memory in bytes, its huge pages by size."""

    id: int
    cpus: int
    memory: int | None = None
    free: int | None = None
    pages: tuple[HugePages, ...] = ()


@dataclass(frozen=True, slots=True)
class PressureAverages:
    """The shares of the last 10 s and 60 s in which something waited for a resource."""

    avg10: float
    avg60: float


@dataclass(frozen=True, slots=True)
class Pressure:
    """What the kernel says of waiting, by resource; None where it cannot be seen."""

    cpu: PressureAverages | None = None
    memory: PressureAverages | None = None
    io: PressureAverages | None = None


NO_PRESSURE = Pressure()

"""Hardware of a host: its NUMA cells, its huge pages, and its pressure stall figures."""

from __future__ import annotations

from msgspec import Struct


class HugePages(Struct, frozen=True):
    """The number of huge pages of one size (bytes). ``free`` is None where libvirt does not say."""

    size: int
    total: int
    free: int | None = None

    @property
    def used(self) -> int | None:
        """The number of pages in use."""
        return None if self.free is None else max(0, self.total - self.free)


class NumaCell(Struct, frozen=True):
    """A NUMA cell: its number of CPUs, its memory in bytes, its huge pages by size."""

    id: int
    cpus: int
    memory: int | None = None
    free: int | None = None
    pages: tuple[HugePages, ...] = ()


class PressureAverages(Struct, frozen=True):
    """Shares of the last 10 s and 60 s in which something waited for a resource."""

    avg10: float
    avg60: float


class Pressure(Struct, frozen=True):
    """The kernel's pressure stall figures by resource; None where they cannot be read."""

    cpu: PressureAverages | None = None
    memory: PressureAverages | None = None
    io: PressureAverages | None = None


NO_PRESSURE = Pressure()

"""Over-commit of a host (promised against real resources), and its pressure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from virttui import formatting
from virttui.model.host_resources import Pressure
from virttui.model.inventory import HostState, Inventory, Pool
from virttui.model.thresholds import Thresholds


class Overcommit(NamedTuple):
    """Bytes promised against bytes there are; either may be unknown."""

    promised: int | None
    real: int | None

    @property
    def ratio(self) -> float | None:
        """Promised divided by real."""
        return self.promised / self.real if self.promised is not None and self.real else None


def vcpu_ratio(host: HostState) -> float | None:
    """vCPUs promised for each core."""
    return Overcommit(host.vcpus_promised, host.figures.cpus).ratio


def memory_ratio(host: HostState) -> float | None:
    """Memory promised against what the machine has."""
    return Overcommit(host.memory_promised, host.figures.memory_total).ratio


def pool_overcommit(pool: Pool) -> Overcommit:
    """The size that a pool's volumes may grow to against the size of the pool."""
    return Overcommit(pool.promised, pool.capacity or None)


def distinct(pools: Iterable[Pool]) -> list[Pool]:
    """One pool of each storage: folders of one file system tell one size and one free space."""
    return list({(pool.capacity, pool.available): pool for pool in pools if pool.capacity}.values())


def storage_overcommit(pools: Iterable[Pool]) -> Overcommit:
    """The sum over the pools that tell what they promise, against the storage behind them."""
    known = [pool for pool in pools if pool.promised is not None and pool.capacity]
    if not known:
        return Overcommit(None, None)
    real = sum(pool.capacity for pool in distinct(known))
    return Overcommit(sum(pool.promised or 0 for pool in known), real)


def storage_fill(pools: Iterable[Pool]) -> float | None:
    """The share that is taken of the storage behind these pools."""
    behind = distinct(pools)
    size = sum(pool.capacity for pool in behind)
    return sum(pool.allocation for pool in behind) / size if size else None


def over(value: float | None, limit: float) -> bool:
    """Return true if a figure is known and has reached its limit."""
    return value is not None and value >= limit


_WAITS = {
    "cpu": ("CPU", "guests wait for a core"),
    "memory": ("memory", "it waits for memory to be freed"),
    "io": ("I/O", "guests wait for disks"),
}


def pressed(pressure: Pressure, limits: Thresholds) -> Iterator[str]:
    """The resources under pressure, in words."""
    for name, (word, means) in _WAITS.items():
        stall = getattr(pressure, name)
        if stall is not None and stall.avg10 >= limits.pressure:
            yield f"{word} pressure {formatting.percent(stall.avg10)} %: {means}"


def strained(inventory: Inventory, limits: Thresholds) -> Iterator[str]:
    """Over-commit and pressure beyond their limits, in words; nothing when all is well."""
    host = inventory.host
    ratios = list(_ratios(host, limits))
    if ratios:
        yield f"over-committed: {formatting.listed(ratios)}"
    yield from pressed(host.figures.pressure, limits)
    thin = [pool for pool in inventory.pools.values() if is_overcommitted(pool, limits)]
    thin.sort(key=lambda pool: -(pool_overcommit(pool).ratio or 0.0))
    for pool in thin[:1]:
        others = f", {formatting.counted(len(thin) - 1, 'other')} too" if len(thin) > 1 else ""
        yield f"pool {pool.name} is over-committed {_times(pool_overcommit(pool).ratio)}{others}"


def is_overcommitted(pool: Pool, limits: Thresholds) -> bool:
    """Return true if a pool is over-committed beyond its limit."""
    return over(pool_overcommit(pool).ratio, limits.pool_promised)


def _ratios(host: HostState, limits: Thresholds) -> Iterator[str]:
    """vCPUs and memory, both as soon as one is beyond its limit."""
    vcpus, memory = vcpu_ratio(host), memory_ratio(host)
    if over(vcpus, limits.vcpus_promised) or over(memory, limits.memory_promised):
        if vcpus is not None:
            yield f"{vcpus:.1f} vCPUs a core"
        if memory is not None:
            yield f"{formatting.percent(memory)} % of its memory"


def _times(ratio: float | None) -> str:
    return f"{formatting.times(ratio, '')} times"

"""Top consumers of a host: the domains with the most CPU, memory, disk and network use."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import NamedTuple

from virttui import formatting
from virttui.model.domains.usage import NO_USAGE, Usage
from virttui.model.inventory import Domain, Inventory
from virttui.natural_sort import natural

# Two figures that read the same are no further apart than this share and this much.
_NEAR = (0.1, 0.1)


class Consumer(NamedTuple):
    """One domain and its use of a resource: the figure, and its share of the total.

    ``sure`` is false for a figure that is old, or that replaces one which is not reported.
    """

    name: str
    shown: str
    share: float | None
    sure: bool


class ConsumerRanking(NamedTuple):
    """The top consumers of one resource, the largest first. ``known`` is false without figures."""

    title: str
    unit: str
    consumers: tuple[Consumer, ...]
    known: bool


class _Resource(NamedTuple):
    """One resource: a domain's use of it, None where unknown, and whether that figure is sure."""

    title: str
    unit: str
    taken: Callable[[Domain, Usage], float | None]
    sure: Callable[[Usage, float], bool]
    show: Callable[[float], str]
    shown: Callable[[float], float | None]


def _cores(domain: Domain, usage: Usage) -> float | None:
    return None if usage.cpu is None or not domain.vcpus else usage.cpu * domain.vcpus


def _memory(domain: Domain, usage: Usage) -> float | None:
    """The memory the guest uses, else what it is given, in bytes."""
    return usage.memory_used or usage.memory_given or domain.memory


def _disk(_domain: Domain, usage: Usage) -> float | None:
    return None if usage.read is None or usage.write is None else usage.read + usage.write


def _network(_domain: Domain, usage: Usage) -> float | None:
    return None if usage.rx is None or usage.tx is None else usage.rx + usage.tx


def _memory_is_exact(usage: Usage, now: float) -> bool:
    exact = usage.memory_used is not None and usage.memory_exact
    return exact and not usage.monitor_old(now)


def _tenths(value: float) -> float:
    return round(value, 1)


def _cpu_is_new(usage: Usage, now: float) -> bool:
    return not usage.cpu_old(now)


def _disk_is_new(usage: Usage, now: float) -> bool:
    return not usage.monitor_old(now)


def _network_is_new(usage: Usage, now: float) -> bool:
    return not usage.net_old(now)


_CPU = _Resource("cpu", "cores", _cores, _cpu_is_new, "{:.1f}".format, _tenths)
_MEMORY = _Resource(
    "memory", "used", _memory, _memory_is_exact, formatting.size, formatting.rounded_size
)
_DISK = _Resource("disk", "b/s", _disk, _disk_is_new, formatting.rate, formatting.rounded_rate)
_NETWORK = _Resource(
    "network", "b/s", _network, _network_is_new, formatting.rate, formatting.rounded_rate
)


def top_consumers(inventory: Inventory, now: float, most: int) -> tuple[ConsumerRanking, ...]:
    """CPU in cores, memory in bytes, disk and network in bytes a second; at most
    ``most`` consumers each.

    Shares of CPU and memory are of what the host has, those of rates of the sum of all domains.
    """
    figures, usages = inventory.host.figures, inventory.usage
    active = [
        (domain, usages.get(uuid, NO_USAGE))
        for uuid, domain in inventory.domains.items()
        if domain.state.active
    ]
    wholes = {_CPU: figures.cpus, _MEMORY: figures.memory_total, _DISK: None, _NETWORK: None}
    return tuple(_ranking(resource, active, whole, now, most) for resource, whole in wholes.items())


def _ranking(
    resource: _Resource,
    active: Sequence[tuple[Domain, Usage]],
    whole: float | None,
    now: float,
    most: int,
) -> ConsumerRanking:
    """The domains whose use is above zero as shown. Without ``whole``, shares are of the sum."""
    taken = resource.taken
    known = [
        (value, domain, usage)
        for domain, usage in active
        if (value := taken(domain, usage)) is not None
    ]
    whole = whole or sum(value for value, _, _ in known)
    # Only those near the first few are put in the order that is read: equal ones by name.
    first = heapq.nlargest(most, known, key=itemgetter(0))
    least = first[-1][0] * (1 - _NEAR[0]) - _NEAR[1] if first else 0.0
    near = [one for one in known if one[0] >= least]
    near.sort(key=lambda one: (-(resource.shown(one[0]) or 0.0), natural(one[1].name)))
    nothing = resource.show(0.0)
    consumers = tuple(
        Consumer(domain.name, shown, value / whole if whole else None, resource.sure(usage, now))
        for value, domain, usage in near[:most]
        if (shown := resource.show(value)) != nothing
    )
    return ConsumerRanking(resource.title, resource.unit, consumers, bool(known))

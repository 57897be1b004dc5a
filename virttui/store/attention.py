"""The alerts of hosts and objects, their reasons, and the limits of their figures.

Two levels: *warn* turns a figure yellow; *alarm* is a white-on-red STATE cell. What needs attention
is every alarm, and of the warnings those that do not pass by themselves: it comes first in its list
("attention first") and is counted at the right end of the tabs. Rows of a host that does not answer
are not judged: the host itself is what needs attention then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from virttui import formatting
from virttui.model.domains.usage import Usage
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import (
    ConnectionState,
    Domain,
    DomainState,
    HostState,
    Inventory,
    Network,
    Pool,
)
from virttui.model.thresholds import Thresholds

_ALARMING_PAUSES = frozenset({"ioerror", "crashed", "postcopy_failed", "watchdog"})
# What has needed attention goes on to until it is so far below its limit: no row jumps to and fro.
_EASED = 0.8


class Alert(NamedTuple):
    """A reason why something needs attention."""

    alarm: bool
    words: str
    kind: Kind


def domain_alarms(domain: Domain) -> bool:
    """Crashed, paused by trouble, or its QEMU silent."""
    state = domain.state
    if domain.silent_at is not None or state is DomainState.CRASHED:
        return True
    if state is DomainState.SHUTOFF:
        return domain.reason == "crashed"
    return state is DomainState.PAUSED and domain.reason in _ALARMING_PAUSES


def fill(pool: Pool) -> float | None:
    """The share of a pool that is taken; None when it is off or tells no size."""
    if not pool.active or not pool.capacity:
        return None
    return pool.allocation / pool.capacity


def pool_alarms(pool: Pool, limits: Thresholds) -> bool:
    """Nearly full, or the storage behind it gone."""
    taken = fill(pool)
    return pool.state == "inaccessible" or (taken is not None and taken >= limits.full_alarm)


def dnsmasq_gone(network: Network) -> bool:
    """Active, and what hands out its addresses and names has ended; where that can be seen."""
    return network.active and network.dnsmasq is not None and network.dnsmasq.pid is None


def network_problems(network: Network) -> str:
    """The problems of an active network, in words; "" when none is known."""
    if not network.active:
        return ""
    problems = []
    if dnsmasq_gone(network):
        problems.append("its dnsmasq is gone: no addresses, no names")
    count = len(network.unplugged)
    if count:
        have = "has" if count == 1 else "have"
        problems.append(f"{formatting.counted(count, 'running NIC')} {have} no link")
    return "; ".join(problems)


def host_alarms(host: HostState) -> bool:
    """Anything but live or on its way to be."""
    return host.phase in (ConnectionState.SILENT, ConnectionState.LOST, ConnectionState.DENIED)


def images_full(host: HostState) -> float | None:
    """The used share of the file system of libvirt's images, where it is known."""
    figures = host.figures
    if figures.disk_used is None or not figures.disk_total:
        return None
    return figures.disk_used / figures.disk_total


def slow(usage: Usage, limits: Thresholds) -> bool:
    """Return true if the disks answer far slower than usual."""
    if usage.latency is None or usage.usual_latency is None:
        return False
    return usage.latency >= max(limits.latency, limits.latency_times * usage.usual_latency)


def alarm_words(domain: Domain, inventory: Inventory, limits: Thresholds) -> str:
    """The reason of a domain's alarm that its state gives; "" where it gives none."""
    state, reason = domain.state, domain.reason
    if state is DomainState.CRASHED or (
        reason == "crashed" and state in (DomainState.SHUTOFF, DomainState.PAUSED)
    ):
        active = domain.id is not None
        return (
            "crashed; still in memory, D ends it" if active else "crashed; s starts it, l says why"
        )
    if state is not DomainState.PAUSED:
        return ""
    if reason == "ioerror":
        pools = {disk.pool for disk in domain.disks}
        full = [
            f", pool {pool.name} has no space"
            for pool in inventory.pools.values()
            if pool.name in pools and (fill(pool) or 0.0) >= limits.full_alarm
        ]
        return "paused itself: a disk got an I/O error" + "".join(full)
    if reason == "watchdog":
        return "paused by its watchdog: the guest had stopped feeding it"
    return "paused: its migration failed half-way" if reason == "postcopy_failed" else ""


def strains(usage: Usage, limits: Thresholds, ease: float = 1.0) -> Iterator[str]:
    """The lasting problems of a running domain in words, the worst first."""
    full = usage.disk_full
    if full is not None and full >= limits.full * ease:
        share = formatting.percent(full)
        yield f"a disk has filled {share} % of its device; it pauses when that is full"
    found = usage.filesystem
    if found is not None and found.share >= limits.filesystem * ease:
        left = formatting.size(found.total - found.used)
        share = formatting.percent(found.share)
        yield f"{found.mountpoint} inside it is {share} % full, {left} left"
    if usage.steal is not None and usage.steal >= limits.steal * ease:
        yield f"steal {formatting.percent(usage.steal)} %: its vCPUs wait for host CPUs"


def strained(usage: Usage, limits: Thresholds, concern: Alert | None) -> list[str]:
    """The present strain on a running domain, in words; it ends with the alert."""
    return list(strains(usage, limits, 1.0 if concern is None else _EASED))


def domain_alert(
    domain: Domain, usage: Usage, inventory: Inventory, limits: Thresholds, *, eased: bool
) -> Alert | None:
    """The alert of one domain, or None; ``eased``: it needed attention when it was judged last."""
    if domain_alarms(domain):
        words = alarm_words(domain, inventory, limits) or "its QEMU does not answer"
        return Alert(True, words, Kind.DOMAIN)
    if not domain.state.runs:
        return None
    words = next(strains(usage, limits, _EASED if eased else 1.0), "")
    return Alert(False, words, Kind.DOMAIN) if words else None


def host_alerts(inventory: Inventory, limits: Thresholds) -> dict[ObjectId, Alert]:
    """The alerts of a host's networks, of its pools and of the host itself; or the host only."""
    host, found = inventory.host, {}
    mine = ObjectId(host.id, "")
    if not inventory.current:
        if host_alarms(host):
            found[mine] = Alert(True, "does not answer", Kind.HOST)
        return found
    found.update(_served(inventory, limits))
    taken = images_full(host)
    if taken is not None and taken >= limits.full_alarm:
        words = f"the disk of its images is {formatting.percent(taken)} % full"
        found[mine] = Alert(True, words, Kind.HOST)
    return found


def _served(inventory: Inventory, limits: Thresholds) -> Iterator[tuple[ObjectId, Alert]]:
    """The networks and pools that need attention."""
    for pool in inventory.pools.values():
        if pool_alarms(pool, limits):
            taken = fill(pool)
            unreachable = "the storage behind it is gone"
            words = unreachable if taken is None else f"{formatting.percent(taken)} % full"
            yield pool.key, Alert(True, words, Kind.POOL)
    for network in inventory.networks.values():
        if words := network_problems(network):
            yield network.key, Alert(dnsmasq_gone(network), words, Kind.NETWORK)

"""What needs eyes, and from when on a figure is a warning.

Two levels: *warn* turns a figure yellow; *alarm* is a white-on-red STATE cell, pins the row to the
top ("eyes first") and is counted at the right end of the tabs. Rows of a host that does not answer
are not judged: the host itself is what needs eyes then.
"""

from __future__ import annotations

from virttui.model.inventory import Domain, DomainState, HostState, Inventory, Key, Phase, Pool

WARN_CPU = 0.90
WARN_MEMORY = 0.95
WARN_POOL = 0.90
ALARM_POOL = 0.95

_ALARMING_PAUSES = frozenset({"ioerror", "crashed", "postcopy_failed", "watchdog"})


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


def pool_alarms(pool: Pool) -> bool:
    """Nearly full, or the storage behind it gone."""
    taken = fill(pool)
    return pool.state == "inaccessible" or (taken is not None and taken >= ALARM_POOL)


def host_alarms(host: HostState) -> bool:
    """Anything but live or on its way to be."""
    return host.phase in (Phase.SILENT, Phase.LOST, Phase.DENIED)


def urgent(inventory: Inventory) -> frozenset[Key]:
    """What of one host needs eyes: its domains and pools, or the host alone."""
    if not inventory.fresh:
        host = inventory.host
        return frozenset({Key(host.id, "")}) if host_alarms(host) else frozenset()
    return frozenset(
        [domain.key for domain in inventory.domains.values() if domain_alarms(domain)]
        + [pool.key for pool in inventory.pools.values() if pool_alarms(pool)]
    )

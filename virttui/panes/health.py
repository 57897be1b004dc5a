"""What needs eyes, and from when on a figure is a warning.

Two levels: *warn* turns a figure yellow; *alarm* is a white-on-red STATE cell, pins the row to the
top ("eyes first") and is counted at the right end of the tabs. Rows of a host that does not answer
are not judged: the host itself is what needs eyes then.
"""

from __future__ import annotations

from virttui.model.inventory import Domain, DomainState, HostState, Inventory, Key, Phase, Pool
from virttui.panes.survey import Survey

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


def eyes_of(inventory: Inventory) -> int:
    """How many things of one host need eyes."""
    if not inventory.fresh:
        return int(host_alarms(inventory.host))
    return sum(map(domain_alarms, inventory.domains.values())) + sum(
        map(pool_alarms, inventory.pools.values())
    )


def eyes(survey: Survey) -> int:
    """How many domains, hosts and pools need eyes."""
    return sum(map(eyes_of, survey.inventories.values()))


def alarms(survey: Survey, key: Key) -> bool:
    """Whether the object with this key needs eyes now."""
    inventory = survey.inventories.get(key.host)
    if inventory is None:
        return False
    if not inventory.fresh or not key.uuid:
        return not key.uuid and host_alarms(inventory.host)
    domain = inventory.domains.get(key.uuid)
    if domain is not None:
        return domain_alarms(domain)
    pool = inventory.pools.get(key.uuid)
    return pool is not None and pool_alarms(pool)

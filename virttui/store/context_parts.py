"""Parts that several form contexts share: pools, networks and hosts of the fleet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from virttui import formatting
from virttui.model.documents import Option
from virttui.model.domains.disk_jobs import TargetPool
from virttui.model.identity import ObjectId
from virttui.model.inventory import ConnectionState, Inventory, Network, Pool
from virttui.model.volumes import PoolContext
from virttui.natural_sort import natural
from virttui.store.fleet_state import FleetState


def active_pools(inventory: Inventory | None) -> list[Pool]:
    """The active pools of a host, by name; none of a host that is not known."""
    found = inventory.pools.values() if inventory is not None else ()
    return sorted((one for one in found if one.active), key=lambda one: natural(one.name))


def free_space(pool: Pool) -> str:
    """The free space of a pool in words."""
    return f"{formatting.size(pool.available)} free"


def pool_context(
    fleet_state: FleetState, pool: ObjectId, secrets: tuple[Option, ...] = ()
) -> PoolContext:
    """The context of a new volume in a pool; ``secrets`` are those that can encrypt it."""
    found = fleet_state.pool(pool)
    volumes = tuple(fleet_state.volumes.get(pool, ()))
    if found is None:
        return PoolContext("", 0, volumes, secrets)
    return PoolContext(found.type, found.available, volumes, secrets)


def target_pools(fleet_state: FleetState, inventory: Inventory | None) -> tuple[TargetPool, ...]:
    """The active pools of a host as places for a new volume, by name."""
    return tuple(
        TargetPool(
            pool.key,
            pool.name,
            PoolContext(pool.type, pool.available, tuple(fleet_state.volumes.get(pool.key, ()))),
            free_space(pool),
            pool.path,
        )
        for pool in active_pools(inventory)
    )


def network_options(networks: Iterable[Network]) -> tuple[Option, ...]:
    """Networks by name, those that are active first."""
    found = sorted(networks, key=lambda one: (not one.active, natural(one.name)))
    return tuple(Option(one.name, one.mode if one.active else "is off now") for one in found)


def writable_hosts(fleet_state: FleetState, first: Sequence[str]) -> list[Inventory]:
    """The connected hosts that are not read-only; those whose ids are in ``first`` come first."""
    found = [
        one for one in fleet_state.inventories.values() if one.current and not one.host.read_only
    ]
    return sorted(found, key=lambda one: one.host.id not in first)


def no_writable_host(fleet_state: FleetState) -> str:
    """The reason, in words, why no host can create anything now."""
    hosts = [inventory.host for inventory in fleet_state.inventories.values()]
    if not hosts or any(host.phase is ConnectionState.CONNECTING for host in hosts):
        return "no host is connected yet"
    live = [host for host in hosts if host.phase is ConnectionState.LIVE]
    return "every host is read-only" if live else "no host answers now"

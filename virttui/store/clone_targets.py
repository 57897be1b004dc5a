"""The hosts and pools that clones of a domain can be written to."""

from __future__ import annotations

from virttui.model.identity import ObjectId
from virttui.model.inventory import Inventory, Part
from virttui.model.provision.clone import CloneTargetHost, CloneTargetPool
from virttui.store.context_parts import active_pools, writable_hosts
from virttui.store.fleet_state import FleetState


def clone_targets(fleet_state: FleetState, source: ObjectId) -> tuple[CloneTargetHost, ...]:
    """The hosts that take changes now, that of the source first."""
    hosts = writable_hosts(fleet_state, [source.host])
    return tuple(_clone_target(inventory, fleet_state) for inventory in hosts)


def _clone_target(inventory: Inventory, fleet_state: FleetState) -> CloneTargetHost:
    host, pools = inventory.host, active_pools(inventory)
    elsewhere = {
        domain.name: other.host.name
        for other in fleet_state.inventories.values()
        if other.host.id != host.id
        for domain in other.domains.values()
    }
    return CloneTargetHost(
        host=host.id,
        name=host.name,
        uri=host.uri,
        pools=tuple(
            CloneTargetPool(pool.key, pool.name, pool.type, pool.path, pool.available)
            for pool in pools
        ),
        names=frozenset(domain.name for domain in inventory.domains.values()),
        names_elsewhere=elsewhere,
        networks=None
        if Part.NETWORKS in inventory.missing_parts
        else frozenset(network.name for network in inventory.networks.values()),
        volumes={
            pool.key.uuid: frozenset(volume.name for volume in fleet_state.volumes[pool.key])
            for pool in pools
            if pool.key in fleet_state.volumes
        },
        local=host.local,
    )

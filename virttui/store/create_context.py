"""The context of a new domain on a host, from the state of the fleet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from virttui.model.inventory import ConnectionState, Inventory
from virttui.model.inventory import Part as HostPart
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import HostCapabilities
from virttui.model.provision.network_pool import HostEnvironment
from virttui.store.context_parts import network_options, target_pools
from virttui.store.device_context import macs as macs_of
from virttui.store.device_context import portgroups
from virttui.store.fleet_state import FleetState
from virttui.store.volume_users import users, with_first_user


def context(
    fleet_state: FleetState,
    inventory: Inventory,
    uuid: str,
    macs: Sequence[str],
    can: HostCapabilities | None,
    around: HostEnvironment,
) -> CreateContext:
    """The context of a new domain on a host: its pools, networks, names and capabilities."""
    host = inventory.host
    uses = users(fleet_state, inventory)
    return CreateContext(
        host=host.id,
        name=host.name,
        uri=host.uri,
        uuid=uuid,
        pools=target_pools(fleet_state, inventory),
        networks=network_options(inventory.networks.values()),
        bridges=around.bridges,
        cards=around.cards,
        portgroups=portgroups(inventory),
        names=frozenset(domain.name for domain in inventory.domains.values()),
        names_elsewhere=tuple(_elsewhere(fleet_state, host.id)),
        volume_users=with_first_user(uses),
        volume_writers=with_first_user(use for use in uses if use.writes),
        running=frozenset(use.who for use in uses if use.runs),
        free_macs=tuple(macs),
        used_macs=macs_of(fleet_state),
        capabilities=can,
        cpus=host.figures.cpus or 0,
        memory=host.figures.memory_total or 0,
        memory_promised=host.memory_promised or 0,
        vcpus_promised=host.vcpus_promised or 0,
        container=host.hypervisor.upper().startswith("LXC"),
        unknown_parts=tuple(_unread_parts(fleet_state, inventory, can, around)),
        unknown_hosts=tuple(unheard(fleet_state, host.id)),
        networks_known=HostPart.NETWORKS not in inventory.missing_parts,
    )


def unheard(fleet_state: FleetState, mine: str) -> Iterator[str]:
    """The hosts whose machines are not known, or no longer, each with why where it is known."""
    for id, one in fleet_state.inventories.items():
        host = one.host
        if host.phase in (ConnectionState.LOST, ConnectionState.DENIED):
            why = host.trouble.message if host.trouble is not None else "does not answer"
            yield f"{host.name} ({why})"
        elif not one.listed:
            yield f"{host.name} (not known yet)"
        elif HostPart.DEFINITIONS in one.missing_parts:
            reason = one.missing_parts[HostPart.DEFINITIONS] or "not all read yet"
            yield f"{host.name} ({reason})"
        elif id != mine and host.phase is ConnectionState.SILENT:
            yield f"{host.name} (does not answer)"


def _unread_parts(
    fleet_state: FleetState,
    inventory: Inventory,
    can: HostCapabilities | None,
    around: HostEnvironment,
) -> Iterator[str]:
    """The parts of a host that could not be read, each with the reason where it is known."""
    found = {
        f"its {part}": why
        for part, why in inventory.missing_parts.items()
        if part is not HostPart.DEFINITIONS
    }
    for pool in inventory.pools.values():
        if pool.active and pool.key not in fleet_state.volumes:
            found[f"the volumes of {pool.name}"] = ""
    if inventory.host.id not in fleet_state.users_by_path:
        found["who uses its volumes"] = ""
    if can is None or can.error:
        found["its capabilities"] = can.error if can is not None else ""
    if around.error:
        found["its devices"] = around.error
    for what, why in found.items():
        yield f"{what} ({why})" if why else what


def _elsewhere(fleet_state: FleetState, mine: str) -> Iterator[tuple[str, str]]:
    """The names of the domains of other hosts, each with its host."""
    for id, inventory in fleet_state.inventories.items():
        if id != mine:
            for domain in inventory.domains.values():
                yield domain.name, inventory.host.name

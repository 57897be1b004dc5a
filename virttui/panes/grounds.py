"""What a host has for a new machine, from what is known of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from virttui import text
from virttui.model.disks import Shelf
from virttui.model.documents import Value
from virttui.model.founding import Surroundings
from virttui.model.installing import Ground
from virttui.model.inventory import Inventory, Phase
from virttui.model.machines import HostCan
from virttui.model.volumes import Room
from virttui.panes.offering import macs as macs_of
from virttui.panes.survey import Survey, natural


def ground(
    survey: Survey,
    inventory: Inventory,
    uuid: str,
    macs: Sequence[str],
    can: HostCan | None,
    around: Surroundings,
) -> Ground:
    """The ground of a new machine on a host."""
    host = inventory.host
    pools = sorted(
        (one for one in inventory.pools.values() if one.active), key=lambda one: natural(one.name)
    )
    shelves = tuple(
        Shelf(
            pool.key,
            pool.name,
            Room(pool.type, pool.available, tuple(survey.volumes.get(pool.key, ()))),
            f"{text.size(pool.available)} free",
            pool.path,
        )
        for pool in pools
    )
    networks = sorted(
        inventory.networks.values(), key=lambda one: (not one.active, natural(one.name))
    )
    return Ground(
        host=host.id,
        name=host.name,
        uri=host.uri,
        uuid=uuid,
        pools=shelves,
        networks=tuple(
            Value(one.name, one.mode if one.active else "is off now") for one in networks
        ),
        bridges=around.bridges,
        names=frozenset(domain.name for domain in inventory.domains.values()),
        elsewhere=tuple(_elsewhere(survey, host.id)),
        used=tuple(_used(inventory, shelves)),
        macs=tuple(macs),
        taken=macs_of(survey),
        can=can,
        cpus=host.figures.cpus or 0,
        memory=host.figures.memory_total or 0,
        memory_promised=host.memory_promised or 0,
        vcpus_promised=host.vcpus_promised or 0,
        container=host.hypervisor.upper().startswith("LXC"),
    )


def able(survey: Survey, first: Sequence[str]) -> list[Inventory]:
    """The hosts that take changes now; those whose ids are in ``first`` come first."""
    found = [one for one in survey.inventories.values() if one.fresh and not one.host.read_only]
    return sorted(found, key=lambda one: one.host.id not in first)


def _elsewhere(survey: Survey, mine: str) -> Iterator[tuple[str, str]]:
    """The names of the domains of other hosts, each with its host."""
    for id, inventory in survey.inventories.items():
        if id != mine:
            for domain in inventory.domains.values():
                yield domain.name, inventory.host.name


def _used(inventory: Inventory, shelves: Sequence[Shelf]) -> Iterator[tuple[str, str]]:
    """The volumes and paths that domains have as disks, with a domain each."""
    known = {
        volume.path: f"{shelf.name}/{volume.name}"
        for shelf in shelves
        for volume in shelf.room.volumes
    }
    for domain in inventory.domains.values():
        for disk in domain.disks:
            if disk.source:
                place = f"{disk.pool}/{disk.source}" if disk.pool else disk.source
                yield place, domain.name
                if disk.source in known:
                    yield known[disk.source], domain.name


def nobody(survey: Survey) -> str:
    """Why nothing can be made anywhere, in words."""
    hosts = [inventory.host for inventory in survey.inventories.values()]
    if not hosts or any(host.phase is Phase.CONNECTING for host in hosts):
        return "no host is connected yet"
    live = [host for host in hosts if host.phase is Phase.LIVE]
    return "every host is read-only" if live else "no host answers now"

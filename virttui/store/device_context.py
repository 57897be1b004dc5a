"""The context of a form for a new device, from the state of the fleet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from virttui import formatting
from virttui.model.documents import HostValues, Option
from virttui.model.domains.devices import CandidateVolume, DeviceContext, HostDevice
from virttui.model.inventory import Inventory, Volume
from virttui.model.volumes import FILE_POOLS
from virttui.natural_sort import natural
from virttui.store.context_parts import active_pools, free_space, network_options
from virttui.store.fleet_state import FleetState
from virttui.store.volume_users import users


def offered(
    fleet_state: FleetState,
    hosts: Sequence[str],
    knowledge: HostValues | None = None,
    devices: tuple[HostDevice, ...] | None = None,
    mac: str = "",
    *,
    many: bool = False,
    cards: tuple[str, ...] = (),
) -> DeviceContext:
    """The choices on the first of ``hosts``; of networks only those that all of them have."""
    found = [one for id in hosts if (one := fleet_state.inventories.get(id)) is not None]
    if not found:
        return DeviceContext(knowledge, devices=devices, mac=mac, many=many)
    first = found[0]
    used: dict[str, str] = {}
    for use in users(fleet_state, first):
        used.setdefault(use.place, use.words)
    pools = {pool.name: pool for pool in active_pools(first)}
    return DeviceContext(
        host_values=knowledge,
        networks=_shared_networks(found),
        pools=tuple(Option(name, free_space(pool)) for name, pool in pools.items()),
        volumes={
            name: _candidates(name, fleet_state.volumes[pool.key], used)
            for name, pool in pools.items()
            if pool.key in fleet_state.volumes
        },
        volume_users=used,
        portgroups=portgroups(first),
        vlan_networks=frozenset(
            one.name
            for one in first.networks.values()
            if one.parts.virtualport or one.mode in ("ovs", "hostdev")
        ),
        cards=cards,
        devices=devices,
        mac=mac,
        libvirt=first.host.libvirt,
        many=many,
        file_pools=frozenset(name for name, pool in pools.items() if pool.type in FILE_POOLS),
        can_create_volumes=not many,
    )  # fmt: skip


def macs(fleet_state: FleetState) -> frozenset[str]:
    """Every MAC address that a domain of the fleet has, in lower case."""
    every = fleet_state.inventories.values()
    domains = (domain for one in every for domain in one.domains.values())
    return frozenset(nic.mac.lower() for domain in domains for nic in domain.nics)


def portgroups(inventory: Inventory) -> dict[str, tuple[Option, ...]]:
    """The portgroups of the networks that have any, each with what it does."""
    return {
        network.name: tuple(Option(one.name, one.words) for one in network.parts.portgroups)
        for network in inventory.networks.values()
        if network.parts.portgroups
    }


def _shared_networks(inventories: Sequence[Inventory]) -> tuple[Option, ...]:
    """The networks of the first host that all have."""
    shared = set.intersection(*({n.name for n in i.networks.values()} for i in inventories))
    return network_options(one for one in inventories[0].networks.values() if one.name in shared)


def _candidates(
    pool: str, volumes: Iterable[Volume], used: Mapping[str, str]
) -> tuple[CandidateVolume, ...]:
    found = []
    for volume in sorted(volumes, key=lambda one: natural(one.name)):
        user = used.get(f"{pool}/{volume.name}", "").partition(", which ")[0]
        words = [volume.format, formatting.size(volume.capacity), f"used by {user}" if user else ""]
        note = ", ".join(word for word in words if word)
        found.append(CandidateVolume(volume.name, volume.format, note, bool(user)))
    return tuple(found)

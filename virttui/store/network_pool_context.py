"""The context of the forms for a new network or pool, from the state of the fleet."""

from __future__ import annotations

from msgspec.structs import replace

from virttui.model.identity import Kind
from virttui.model.inventory import Inventory
from virttui.model.provision.network_pool import HostEnvironment, NetworkPoolContext

_OWN_BRIDGE = ("nat", "route", "open", "isolated")


def site(
    inventory: Inventory, kind: Kind, surroundings: HostEnvironment, uuid: str
) -> NetworkPoolContext:
    """The site of a new network or pool on a host."""
    networks, pools = inventory.networks.values(), inventory.pools.values()
    named = networks if kind is Kind.NETWORK else pools
    # Guests of two networks would be on one bridge, and libvirt takes its own bridges down.
    own = {one.bridge for one in networks if one.mode in _OWN_BRIDGE}
    bridges = tuple(one for one in surroundings.bridges if one not in own)
    return NetworkPoolContext(
        uuid=uuid,
        names=frozenset(one.name for one in named),
        used_subnets=tuple((subnet, one.name) for one in networks for subnet in one.subnets),
        used_folders=tuple((one.path, one.name) for one in pools if one.path),
        host_environment=replace(surroundings, bridges=bridges),
        libvirt=inventory.host.libvirt,
    )

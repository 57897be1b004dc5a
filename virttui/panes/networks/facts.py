"""Facts that a network has several of, a line each: subnets, ranges, routes, portgroups …"""

from __future__ import annotations

from collections.abc import Iterator

from virttui.model.inventory import Network


def facts(network: Network) -> tuple[tuple[str, str], ...]:
    """Each by what it is called, in words; nothing of what the list tells whole."""
    return tuple(_facts(network))


def _facts(network: Network) -> Iterator[tuple[str, str]]:
    parts = network.parts
    if len(network.subnets) > 1:
        yield from (("subnet", subnet) for subnet in network.subnets)
    if len(parts.ranges) > 1 or (parts.ranges and len(network.subnets) > 1):
        yield from (("dhcp", span) for span in parts.ranges)
    yield from (("route", route) for route in parts.routes)
    if parts.nat:
        yield "nat", ", ".join(parts.nat)
    yield from (("forwards by", device) for device in parts.devices)
    if parts.virtualport:
        yield "virtualport", parts.virtualport
    if parts.vlan:
        yield "vlan", parts.vlan
    for group in parts.portgroups:
        yield "portgroup", f"{group.name}: {group.words}" if group.words else group.name

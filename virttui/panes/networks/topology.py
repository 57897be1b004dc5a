"""The topology as one tree: host, network, bridge, NIC, domain, addresses; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from virttui import formatting
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Domain, Inventory, Network, Nic
from virttui.natural_sort import natural
from virttui.panes.domains.rows import word
from virttui.panes.hosts.pane import host_words
from virttui.panes.networks.facts import facts
from virttui.render.glyphs import RenderContext
from virttui.render.line import Role, fit, plain
from virttui.store.attention import dnsmasq_gone
from virttui.store.fleet_state import FleetState


class TopologyRow(NamedTuple):
    """One line of the tree, and what of the inventory it is about."""

    text: str
    role: Role = Role.TEXT
    kind: Kind | None = None
    key: ObjectId | None = None


class _Node(NamedTuple):
    """A spot without its branches, and what hangs below it."""

    spot: TopologyRow
    below: Sequence[_Node] = ()


def topology(fleet_state: FleetState, look: RenderContext) -> list[TopologyRow]:
    """All hosts in their order; on each its networks, then what is on none of libvirt's."""
    spots: list[TopologyRow] = []
    for inventory in fleet_state.inventories.values():
        spots += [TopologyRow("")] if spots else []
        spots += _host(inventory, look)
    return spots


def _host(inventory: Inventory, look: RenderContext) -> Iterator[TopologyRow]:
    key = ObjectId(inventory.host.id, "")
    if not inventory.current:
        yield TopologyRow(plain(host_words(inventory, look)), Role.WARN, Kind.HOST, key)
    else:
        yield TopologyRow(inventory.host.name, Role.STRONG, Kind.HOST, key)
    networks = sorted(
        inventory.networks.values(), key=lambda one: (not one.active, natural(one.name))
    )
    wires = _wires(inventory)
    nodes = [_network(network, wires, look) for network in networks]
    nodes += _others(wires, look)
    if not nodes:
        nodes = [_Node(TopologyRow("no networks and no NICs", Role.MUTED))]
    for spot in _tree_rows(nodes, "", look):
        yield spot if inventory.current else spot._replace(role=Role.MUTED)


def _tree_rows(nodes: Sequence[_Node], before: str, look: RenderContext) -> Iterator[TopologyRow]:
    """The nodes with the branches that lead to them."""
    glyphs = look.glyphs
    for place, node in enumerate(nodes):
        last = place == len(nodes) - 1
        branch = glyphs.last if last else glyphs.tree
        yield node.spot._replace(text=f"{before}{branch} {node.spot.text}")
        yield from _tree_rows(node.below, f"{before}{' ' if last else glyphs.wall} ", look)


class _Wires(NamedTuple):
    """The NICs of a host by kind and source, and what is leased by MAC address.

    What a network holds is taken out of ``places``.
    """

    places: dict[tuple[str, str], list[tuple[Domain, Nic]]]
    leased: dict[str, list[str]]


def _wires(inventory: Inventory) -> _Wires:
    places: dict[tuple[str, str], list[tuple[Domain, Nic]]] = {}
    for domain in inventory.domains.values():
        for nic in domain.nics:
            places.setdefault((nic.kind, nic.source), []).append((domain, nic))
    leased: dict[str, list[str]] = {}
    for network in inventory.networks.values():
        for lease in network.leases or ():
            leased.setdefault(lease.mac.lower(), []).append(lease.address)
    return _Wires(places, leased)


def _network(network: Network, wires: _Wires, look: RenderContext) -> _Node:
    found = wires.places.pop(("network", network.name), [])
    if network.own_bridge:
        found = found + wires.places.pop(("bridge", network.bridge), [])
    nics = [
        _nic(domain, nic, wires, look, lost=nic.target in network.unplugged)
        for domain, nic in sorted(found, key=_running)
    ]
    below = nics
    if network.bridge:
        words = f"{network.bridge}  {'' if network.own_bridge else 'of the host'}".rstrip()
        below = [_Node(TopologyRow(words, _tone(network), Kind.NETWORK, network.key), nics)]
    notes = [network.mode, "" if network.active else "off", *network.subnets]
    if network.dnsmasq is not None and network.dnsmasq.pid is not None:
        notes.append(f"dnsmasq {network.dnsmasq.pid}")
    if dnsmasq_gone(network):
        notes.append("dnsmasq gone")
    if not nics:
        notes.append("nothing is connected")
    words = "  ".join(part for part in notes if part)
    spot = TopologyRow(
        f"{fit(network.name, 14)} {words}", _tone(network), Kind.NETWORK, network.key
    )
    lines = [
        _Node(TopologyRow(f"{label}  {value}", Role.MUTED, Kind.NETWORK, network.key))
        for label, value in facts(network)
        if label != "subnet"
    ]
    return _Node(spot, [*lines, *below])


def _tone(network: Network) -> Role:
    if not network.active:
        return Role.MUTED
    return Role.BAD if dnsmasq_gone(network) else Role.STRONG


def _others(wires: _Wires, look: RenderContext) -> list[_Node]:
    """NICs outside libvirt's networks: bridges of the host, its cards, host devices, sockets."""
    nodes = []
    for (kind, source), found in sorted(wires.places.items()):
        nics = [_nic(domain, nic, wires, look) for domain, nic in sorted(found, key=_running)]
        nodes.append(_Node(TopologyRow(_place(kind, source), Role.STRONG), nics))
    return [_Node(TopologyRow("on no libvirt network", Role.MUTED), nodes)] if nodes else []


_PLACES = {
    "bridge": "bridge of the host",
    "direct": "macvtap on a host interface",
    "hostdev": "a host device, passed through",
    "user": "user mode, by QEMU or passt",
    "ethernet": "created outside libvirt",
    "vhostuser": "vhost-user socket",
    "network": "a network that does not exist",
}


def _place(kind: str, source: str) -> str:
    text = _PLACES.get(kind, kind)
    return f"{source}  {text}" if source else text


def _running(pair: tuple[Domain, Nic]) -> tuple[object, ...]:
    domain, nic = pair
    return not domain.state.active, natural(nic.target), natural(domain.name)


def _nic(
    domain: Domain, nic: Nic, wires: _Wires, look: RenderContext, *, lost: bool = False
) -> _Node:
    on = domain.state.active
    known = wires.leased.get(nic.mac.lower(), [])
    if not known and len(domain.nics) == 1:
        known = list(domain.addresses)
    glyph = look.glyphs.running if on else look.glyphs.off
    parts = [
        fit(nic.target or formatting.UNKNOWN, 8),
        f"{glyph} {fit(domain.name, 18)}",
        fit(nic.mac, 17),
        "no link" if lost else "",
        (", ".join(known) or formatting.UNKNOWN) if on else word(domain),
    ]
    role = Role.WARN if lost else Role.TEXT if on else Role.MUTED
    words = " ".join(part for part in parts if part)
    return _Node(TopologyRow(words, role, Kind.DOMAIN, domain.key))


def place_of(spots: Iterable[TopologyRow], key: ObjectId) -> int:
    """The line of an object, 0 where there is none."""
    return next((place for place, spot in enumerate(spots) if spot.key == key), 0)

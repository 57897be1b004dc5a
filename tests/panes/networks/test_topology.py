"""The tree of how guests are wired, as text."""

from __future__ import annotations

from msgspec.structs import replace

from tests.panes.test_goldens import LOOK, Golden
from tests.scenes import fleet
from virttui.model.identity import Kind
from virttui.model.inventory import Dnsmasq, Inventory, Nic
from virttui.panes.networks.topology import place_of, topology
from virttui.render.glyphs import ASCII, RenderContext
from virttui.render.line import Role
from virttui.store.fleet_state import FleetState, FleetStore


def fleet_state(*inventories: Inventory) -> FleetState:
    store = FleetStore(fleet.SPECS, fleet.NOW)
    for inventory in inventories:
        store.apply_inventory(inventory)
    return store.fleet_state(fleet.NOW, fleet.EPOCH)


def wired() -> list[Inventory]:
    """The scene, with guests on bridges and cards of the host, and one that lost its link."""
    first, *others = fleet.inventories()
    domains = dict(first.domains)
    ways = (
        Nic("52:54:00:00:01:01", "bridge", "br0", "vnet40"),
        Nic("52:54:00:00:01:02", "direct", "eth0", "macvtap0"),
        Nic("52:54:00:00:01:03", "hostdev", ""),
        Nic("52:54:00:00:01:04", "network", "br-prod", "vnet41"),
        Nic("52:54:00:00:01:05", "bridge", "virbr0", "vnet42"),
        Nic("52:54:00:00:01:06", "network", "long-gone", ""),
    )
    running = [uuid for uuid, one in domains.items() if one.state.active]
    for uuid, nic in zip(running, ways, strict=False):
        domains[uuid] = replace(domains[uuid], nics=(nic,))
    networks = dict(first.networks)
    for uuid, network in networks.items():
        if network.name == "default":
            networks[uuid] = replace(network, unplugged=frozenset({"vnet42"}), serves=True,
                                     dnsmasq=Dnsmasq("/etc", 1841))  # fmt: skip
        elif network.name == "mgmt":
            networks[uuid] = replace(network, serves=True, dnsmasq=Dnsmasq("/etc"))
    return [replace(first, domains=domains, networks=networks), *others]


def test_topology(golden: Golden) -> None:
    spots = topology(fleet_state(*wired()), LOOK)
    golden("topology", [spot.text for spot in spots])


def test_each_line_knows_what_it_is_about() -> None:
    shown = fleet_state(*wired())
    spots = topology(shown, LOOK)
    lost = next(spot for spot in spots if "no link" in spot.text)
    assert lost.role is Role.WARN and lost.kind is Kind.DOMAIN
    gone = next(spot for spot in spots if "dnsmasq gone" in spot.text)
    assert gone.role is Role.BAD and gone.kind is Kind.NETWORK and gone.key is not None
    assert spots[place_of(spots, gone.key)] == gone
    every = {d.key for i in shown.inventories.values() for d in i.domains.values() if d.nics}
    assert {spot.key for spot in spots if spot.kind is Kind.DOMAIN} == every, "nobody is left out"


def test_in_ascii_and_of_a_host_that_is_silent() -> None:
    first, *_ = wired()
    look = RenderContext(ASCII, True, fleet.NOW, fleet.EPOCH)
    spots = topology(fleet_state(fleet.silent(first)), look)
    assert "has not answered for" in spots[0].text
    assert {spot.role for spot in spots[1:] if "vnet" in spot.text} == {Role.MUTED}

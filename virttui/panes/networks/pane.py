"""The virtual networks, and who is on the selected one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from virttui import formatting
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory, Network
from virttui.natural_sort import natural
from virttui.panes.hosts.pane import host_words
from virttui.panes.networks.users import stop_warning
from virttui.panes.row_state import stale_or_working, working
from virttui.render.columns import (
    Cell,
    Column,
    HideRule,
    StateCell,
    autostart_column,
    hides_host,
    host_column,
    name_column,
    state_column,
)
from virttui.render.filter import FilterLanguage, NumericField, Unit
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run
from virttui.render.list_pane import Pane
from virttui.store.attention import dnsmasq_gone, network_problems
from virttui.store.fleet_state import FleetState


class NetworkRow(NamedTuple):
    """One network, its host, and how many interfaces of its host's domains are on it."""

    key: ObjectId
    network: Network
    inventory: Inventory
    nics: int
    working: str


def rows(fleet_state: FleetState) -> Sequence[NetworkRow]:
    """All networks by name."""
    found = []
    for inventory in fleet_state.inventories.values():
        for network in inventory.networks.values():
            nics, task = fleet_state.nics_on(network), working(fleet_state, network.key)
            found.append(NetworkRow(network.key, network, inventory, nics, task))
    return sorted(found, key=lambda row: (natural(row.network.name), row.key))


def state_of(row: NetworkRow, look: RenderContext) -> StateCell:
    """The text of the STATE cell."""
    network, glyphs = row.network, look.glyphs
    text = "active" if network.active else "off"
    passing = stale_or_working(row.inventory, network.active, text, row.working, look)
    if passing is not None:
        return passing
    if network.fault:
        return StateCell(glyphs.warning, text, Role.WARN)
    if dnsmasq_gone(network):
        return StateCell(glyphs.warning, "dnsmasq gone", alarm=True)
    if network.active and network.unplugged:
        return StateCell(glyphs.warning, f"{len(network.unplugged)} unplugged", Role.WARN)
    if network.active:
        return StateCell(glyphs.running, text)
    return StateCell(glyphs.off, text, Role.MUTED)


def row_role(row: NetworkRow) -> Role:
    """Networks that are off or stale are muted."""
    return Role.TEXT if row.inventory.current and row.network.active else Role.MUTED


def _leases(row: NetworkRow, look: RenderContext) -> Cell:
    leases = row.network.leases
    return formatting.UNKNOWN if leases is None else str(len(leases))


def _subnet(row: NetworkRow, look: RenderContext) -> Cell:
    """The first, and how many more there are: the story below and the topology have all."""
    subnets = row.network.subnets
    if not subnets:
        return formatting.UNKNOWN
    return f"{subnets[0]} +{len(subnets) - 1}" if len(subnets) > 1 else subnets[0]


COLUMNS: tuple[Column[NetworkRow], ...] = (
    name_column("NAME", 13, 28, lambda row: row.network.name),
    state_column(state_of, row_role, lambda row: "active" if row.network.active else "off"),
    Column(
        "mode",
        "MODE",
        10,
        lambda row, look: row.network.mode or formatting.UNKNOWN,
        lambda row: row.network.mode or None,
    ),
    Column(
        "bridge",
        "BRIDGE",
        8,
        lambda row, look: row.network.bridge or formatting.UNKNOWN,
        lambda row: row.network.bridge or None,
    ),
    Column(
        "subnet",
        "SUBNET",
        18,
        _subnet,
        lambda row: row.network.subnets[0] if row.network.subnets else None,
    ),
    Column("dhcp", "DHCP", 8, lambda row, look: row.network.dhcp or formatting.UNKNOWN, right=True),
    Column(
        "leases",
        "LEASES",
        7,
        _leases,
        lambda row: None if row.network.leases is None else len(row.network.leases),
        right=True,
        descends=True,
    ),
    Column(
        "nics",
        "NICS",
        5,
        lambda row, look: str(row.nics),
        lambda row: row.nics,
        right=True,
        descends=True,
    ),
    host_column(),
    autostart_column(lambda row: row.network.autostart),
)

DROPS = (
    HideRule(("dhcp",)),
    HideRule(("bridge",)),
    HideRule(("auto",)),
    HideRule(("nics",)),
    HideRule(("leases",)),
    HideRule(("subnet",)),
    HideRule(("mode",)),
    HideRule(("host",)),
)


def _vlans(row: NetworkRow) -> str:
    parts = row.network.parts
    return "\n".join([parts.vlan, *(one.vlan for one in parts.portgroups)]).strip()


LANGUAGE: FilterLanguage[NetworkRow] = FilterLanguage(
    {
        "name": lambda row: row.network.name,
        "host": lambda row: row.inventory.host.name,
        "state": lambda row: "active" if row.network.active else "off\ninactive",
        "mode": lambda row: row.network.mode,
        "bridge": lambda row: row.network.bridge,
        "subnet": lambda row: "\n".join(row.network.subnets),
        "dhcp": lambda row: "\n".join(row.network.parts.ranges),
        "route": lambda row: "\n".join(row.network.parts.routes),
        "device": lambda row: "\n".join(row.network.parts.devices),
        "vlan": _vlans,
        "portgroup": lambda row: "\n".join(one.name for one in row.network.parts.portgroups),
    },
    {"leases": NumericField(Unit.COUNT, lambda row: len(row.network.leases or ()))},
)
"""What a filter may ask of a network."""


def status_text(row: NetworkRow, fleet_state: FleetState, look: RenderContext) -> Line:
    """The network in words, with what stopping it would cost."""
    if not row.inventory.current:
        return host_words(row.inventory, look)
    network = row.network
    name = Run(f"{network.name} on {row.inventory.host.name}", Role.STRONG)
    if network.fault:
        return name, Run(f"  {network.fault}")
    error = network_problems(network)
    if not network.active:
        text = "is off; s starts it"
    elif error:
        mends = "R restarts it" if dnsmasq_gone(network) else "P reattaches them"
        text = f"{error}. {mends}"
    else:
        text = f"is active. If it stops, {stop_warning(network, row.inventory)}"
    return name, Run(f"  {text}")


NETWORKS: Pane[NetworkRow] = Pane(
    id="networks",
    kind=Kind.NETWORK,
    columns=COLUMNS,
    drops=DROPS,
    rows=rows,
    row_role=row_role,
    language=LANGUAGE,
    status_text=status_text,
    sort="name",
    minimum=lambda width: 10 if width < 80 else 13,
    without=hides_host,
)

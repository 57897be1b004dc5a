"""The virtual networks, and who is on the selected one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from virttui import text
from virttui.model.identity import Key, Kind
from virttui.model.inventory import Domain, Inventory, Lease, Network, Nic
from virttui.model.records import Section
from virttui.panes.chrome import rule
from virttui.panes.columns import Cell, Column, Drop, State, host_column, state_cell
from virttui.panes.domain_rows import word
from virttui.panes.filter import Figure, Language, Unit
from virttui.panes.glyphs import Look
from virttui.panes.hosts import host_words
from virttui.panes.line import Line, Role, Run, clean, fit, merged, within
from virttui.panes.pane import Pane
from virttui.panes.survey import Survey, natural


class NetworkRow(NamedTuple):
    """One network, its host, and how many interfaces of its host's domains are on it."""

    key: Key
    network: Network
    inventory: Inventory
    nics: int
    working: str


def rows(survey: Survey) -> Sequence[NetworkRow]:
    """All networks by name."""
    found = []
    for inventory in survey.inventories.values():
        counts = survey.nics.get(inventory.host.id, {})
        for network in inventory.networks.values():
            task = survey.at_work.get(network.key)
            working = "" if task is None else f"{task.command.verb.value} "
            working += "" if task is None else text.age(task.took(survey.now))
            nics = counts.get(network.name, 0)
            found.append(NetworkRow(network.key, network, inventory, nics, working))
    return sorted(found, key=lambda row: (natural(row.network.name), row.key))


def state_of(row: NetworkRow, look: Look) -> State:
    """What the STATE cell says."""
    network, glyphs = row.network, look.glyphs
    said = "active" if network.active else "off"
    if not row.inventory.fresh:
        answered = row.inventory.host.answered_at
        since = row.inventory.at if answered is None else answered
        glyph = glyphs.running if network.active else glyphs.off
        return State(glyph, said, age=text.age(look.now - since))
    if row.working:
        return State(glyphs.working, row.working, Role.ACCENT, Role.ACCENT)
    if network.fault:
        return State(glyphs.warning, said, Role.WARN)
    if network.active:
        return State(glyphs.running, said)
    return State(glyphs.off, said, Role.MUTED)


def tone(row: NetworkRow) -> Role:
    """Networks that are off or stale are muted."""
    return Role.TEXT if row.inventory.fresh and row.network.active else Role.MUTED


def _leases(row: NetworkRow, look: Look) -> Cell:
    leases = row.network.leases
    return text.UNKNOWN if leases is None else str(len(leases))


COLUMNS: tuple[Column[NetworkRow], ...] = (
    Column(
        "name",
        "NAME",
        13,
        lambda row, look: row.network.name,
        lambda row: natural(row.network.name),
        flex=True,
        most=28,
    ),
    Column(
        "state",
        "STATE",
        15,
        lambda row, look: state_cell(state_of(row, look), tone(row)),
        lambda row: "active" if row.network.active else "off",
    ),
    Column(
        "mode",
        "MODE",
        10,
        lambda row, look: row.network.mode or text.UNKNOWN,
        lambda row: row.network.mode or None,
    ),
    Column(
        "bridge",
        "BRIDGE",
        8,
        lambda row, look: row.network.bridge or text.UNKNOWN,
        lambda row: row.network.bridge or None,
    ),
    Column(
        "subnet",
        "SUBNET",
        18,
        lambda row, look: row.network.subnets[0] if row.network.subnets else text.UNKNOWN,
        lambda row: row.network.subnets[0] if row.network.subnets else None,
    ),
    Column("dhcp", "DHCP", 8, lambda row, look: row.network.dhcp or text.UNKNOWN, right=True),
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
    Column(
        "auto",
        "AUTO",
        4,
        lambda row, look: "on" if row.network.autostart else "",
        lambda row: int(row.network.autostart),
        descends=True,
    ),
)

DROPS = (
    Drop(("dhcp",)),
    Drop(("bridge",)),
    Drop(("auto",)),
    Drop(("nics",)),
    Drop(("leases",)),
    Drop(("subnet",)),
    Drop(("mode",)),
    Drop(("host",)),
)


LANGUAGE: Language[NetworkRow] = Language(
    {
        "name": lambda row: row.network.name,
        "host": lambda row: row.inventory.host.name,
        "state": lambda row: "active" if row.network.active else "off\ninactive",
        "mode": lambda row: row.network.mode,
        "bridge": lambda row: row.network.bridge,
        "subnet": lambda row: "\n".join(row.network.subnets),
    },
    {"leases": Figure(Unit.COUNT, lambda row: len(row.network.leases or ()))},
)
"""What a filter may ask of a network."""


def members(network: Network, inventory: Inventory) -> list[tuple[Domain, Nic]]:
    """The interfaces on a network, those of running domains first, by the host's device."""
    found = [
        (domain, nic)
        for domain in inventory.domains.values()
        for nic in domain.nics
        if nic.kind == "network" and nic.source == network.name
    ]
    return sorted(
        found,
        key=lambda pair: (not pair[0].state.active, natural(pair[1].target), natural(pair[0].name)),
    )


def if_stopped(network: Network, inventory: Inventory) -> str:
    """What stopping a network costs, in words."""
    running = {d.key for d, _ in members(network, inventory) if d.state.active}
    if not running:
        return "nothing is cut off: no running domain is on it"
    verb = "loses its link" if len(running) == 1 else "lose their link"
    return f"{text.counted(len(running), 'running domain')} {verb}"


def if_deleted(network: Network, inventory: Inventory) -> str:
    """What deleting a network costs its domains, in words; "" when there are none."""
    count = len({domain.key for domain, _ in members(network, inventory)})
    if not count:
        return ""
    has = "has a NIC on it and does" if count == 1 else "have a NIC on it and do"
    return f"{text.counted(count, 'domain')} {has} not start without it."


def who(network: Network, inventory: Inventory, look: Look) -> list[Line]:
    """The interfaces on a network, a line each: domain, the host's device, MAC address."""
    lines: list[Line] = []
    for domain, nic in members(network, inventory):
        on = domain.state.active
        glyph = look.glyphs.running if on else look.glyphs.off
        device = fit(nic.target or text.UNKNOWN, 9)
        lines.append(
            (
                Run(f" {glyph}", Role.OK if on else Role.MUTED),
                Run(f" {fit(domain.name, 22)} ", Role.TEXT if on else Role.MUTED),
                Run(f"{device} {clean(nic.mac)}", Role.MUTED),
            )
        )
    return lines


def sentence(row: NetworkRow, survey: Survey, look: Look) -> Line:
    """The network in words, with what stopping it would cost."""
    if not row.inventory.fresh:
        return host_words(row.inventory, look)
    network = row.network
    name = Run(f"{network.name} on {row.inventory.host.name}", Role.STRONG)
    if network.fault:
        return name, Run(f"  {network.fault}")
    if not network.active:
        said = "is off; s starts it"
    else:
        said = f"is active. If it stops, {if_stopped(network, row.inventory)}"
    return name, Run(f"  {said}")


# -- below the table ---------------------------------------------------------------------------


def story(row: NetworkRow, look: Look, cells: int, height: int) -> list[Line]:
    """Who is on the network (left) and its leases (right), in exactly ``height`` lines."""
    left = cells * 57 // 120 if cells >= 120 else cells
    right = cells - left - 2 if cells >= 120 else 0
    one = _tree(row, look, left, height)
    if not right:
        return one
    other = _lease_lines(row, look, right, height)
    return [merged((*a, Run("  "), *b)) for a, b in zip(one, other, strict=True)]


def _tree(row: NetworkRow, look: Look, cells: int, height: int) -> list[Line]:
    network, glyphs = row.network, look.glyphs
    lines = [rule(f"{network.name}, who is on it", row.inventory.host.name, look, cells)]
    lines.append((Run(f" {fit(network.name, 12)} ", Role.STRONG), Run(network.mode)))
    subnet = network.subnets[0] if network.subnets else ""
    lines.append(
        (
            Run(f" {glyphs.last} ", Role.MUTED),
            Run(fit(network.bridge or text.UNKNOWN, 10) + " ", Role.STRONG),
            Run(subnet),
        )
    )
    on_it = members(network, row.inventory)
    notes = _notes(row)
    room = max(0, height - len(lines) - len(notes) - 1)
    by_mac = {lease.mac: lease for lease in network.leases or ()}
    shown = on_it[:room] if len(on_it) <= room else on_it[: max(0, room - 1)]
    for place, (domain, nic) in enumerate(shown):
        branch = glyphs.last if place == len(on_it) - 1 else glyphs.tree
        lines.append(_member(domain, nic, by_mac.get(nic.mac), branch, look))
    if len(shown) < len(on_it):
        more = f"   {glyphs.last} and {len(on_it) - len(shown)} more"
        lines.append((Run(more, Role.MUTED),))
    lines.append(())
    lines.extend(notes)
    lines.extend([()] * height)
    return [within(line, cells) for line in lines[:height]]


def _member(domain: Domain, nic: Nic, lease: Lease | None, branch: str, look: Look) -> Line:
    on = domain.state.active
    role = Role.TEXT if on else Role.MUTED
    address = lease.address if lease else (domain.addresses[0] if domain.addresses else "")
    glyph = look.glyphs.running if on else look.glyphs.off
    return (
        Run(f"   {branch} {fit(nic.target or text.UNKNOWN, 8)} ", Role.MUTED),
        Run(glyph, Role.OK if on else Role.MUTED),
        Run(f" {fit(domain.name, 19)} ", role),
        Run(address or (text.UNKNOWN if on else word(domain)), Role.MUTED),
    )


def _notes(row: NetworkRow) -> list[Line]:
    network = row.network
    on_it = members(network, row.inventory)
    domains = len({domain.key for domain, _ in on_it})
    used = f"{text.counted(len(on_it), 'nic')} of {text.counted(domains, 'domain')}"
    notes: list[Line] = []
    if network.domain_name:
        notes.append((Run(" dns          ", Role.MUTED), Run(clean(network.domain_name))))
    if network.records:
        fixed = sum(record.section is Section.RESERVATION for record in network.records)
        names = len(network.records) - fixed
        said = f"{text.counted(fixed, 'reservation')}, {text.counted(names, 'DNS record')}"
        notes.append((Run(" hands out    ", Role.MUTED), Run(said)))
    notes.append((Run(" used by      ", Role.MUTED), Run(used)))
    if network.active:
        cost = if_stopped(network, row.inventory)
        harmless = cost.startswith("nothing ")
        notes.append(
            (
                Run(" if stopped   ", Role.MUTED),
                Run(cost, Role.TEXT if harmless else Role.WARN),
            )
        )
    return notes


def _lease_lines(row: NetworkRow, look: Look, cells: int, height: int) -> list[Line]:
    leases = row.network.leases
    count = text.UNKNOWN if leases is None else str(len(leases))
    lines = [rule(f"leases {count}", "soonest first", look, cells)]
    head = f" {'HOSTNAME':<12} {'ADDRESS':<15} {'MAC':<17} {'LEFT':>6} KIND"
    lines.append((Run(head, Role.MUTED),))
    owners = {nic.mac: domain for domain, nic in members(row.network, row.inventory)}
    known = sorted(leases or (), key=lambda lease: lease.expires_epoch or float("inf"))
    fixed = {record.name.lower() for record in row.network.records}
    for lease in known[: max(0, height - 2)]:
        lines.append(_lease(lease, owners.get(lease.mac), lease.mac.lower() in fixed, look))
    if leases is None:
        lines.append((Run(" this network hands out no addresses", Role.MUTED),))
    elif not leases:
        lines.append((Run(" no leases", Role.MUTED),))
    lines.extend([()] * height)
    return [within(line, cells) for line in lines[:height]]


def _lease(lease: Lease, owner: Domain | None, fixed: bool, look: Look) -> Line:
    left = "never" if not lease.expires_epoch else text.age(lease.expires_epoch - look.epoch)
    hostname = lease.hostname or (owner.name if owner else text.UNKNOWN)
    said = f" {fit(hostname, 12)} {fit(lease.address, 15)} {fit(lease.mac, 17)} {left:>6}"
    said += " fixed" if fixed else ""
    if owner is None:
        return (Run(said, Role.MUTED),)
    return (Run(said),)


NETWORKS: Pane[NetworkRow] = Pane(
    id="networks",
    kind=Kind.NETWORK,
    columns=COLUMNS,
    drops=DROPS,
    rows=rows,
    tone=tone,
    language=LANGUAGE,
    sentence=sentence,
    sort="name",
    minimum=lambda cells: 10 if cells < 80 else 13,
    without=lambda survey: frozenset() if survey.several else frozenset({"host"}),
)

"""The details of the selected network: its domains, reservations and leases."""

from __future__ import annotations

from virttui import formatting
from virttui.model.inventory import Domain, Lease, Network, Nic
from virttui.model.network_records import RecordKind
from virttui.panes.domains.rows import word
from virttui.panes.networks.facts import facts
from virttui.panes.networks.pane import NetworkRow
from virttui.panes.networks.users import detached_users, stop_warning, users
from virttui.render.chrome import rule
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, fit, merged, within
from virttui.store.attention import dnsmasq_gone


def detail_lines(row: NetworkRow, look: RenderContext, width: int, height: int) -> list[Line]:
    """The domains of the network (left) and its leases (right), in exactly ``height`` lines."""
    left = width * 57 // 120 if width >= 120 else width
    right = width - left - 2 if width >= 120 else 0
    one = _tree(row, look, left, height)
    if not right:
        return one
    other = _lease_lines(row, look, right, height)
    return [merged((*a, Run("  "), *b)) for a, b in zip(one, other, strict=True)]


def _tree(row: NetworkRow, look: RenderContext, width: int, height: int) -> list[Line]:
    network, glyphs = row.network, look.glyphs
    lines = [rule(f"{network.name}, its domains", row.inventory.host.name, look, width)]
    lines.append((Run(f" {fit(network.name, 12)} ", Role.STRONG), Run(network.mode)))
    subnet = network.subnets[0] if network.subnets else ""
    lines.append(
        (
            Run(f" {glyphs.last} ", Role.MUTED),
            Run(fit(network.bridge or formatting.UNKNOWN, 10) + " ", Role.STRONG),
            Run(subnet),
        )
    )
    for label, value in facts(network):
        lines.append((Run(f"   {fit(label, 11)} ", Role.MUTED), Run(clean(value))))
    on_it = users(network, row.inventory)
    notes = _notes(row)
    room = max(0, height - len(lines) - len(notes) - 1)
    by_mac = {lease.mac: lease for lease in network.leases or ()}
    shown = on_it[:room] if len(on_it) <= room else on_it[: max(0, room - 1)]
    for place, (domain, nic) in enumerate(shown):
        branch = glyphs.last if place == len(on_it) - 1 else glyphs.tree
        off = nic.target in network.unplugged
        lines.append(_member(domain, nic, by_mac.get(nic.mac), branch, look, off=off))
    if len(shown) < len(on_it):
        more = f"   {glyphs.last} and {len(on_it) - len(shown)} more"
        lines.append((Run(more, Role.MUTED),))
    lines.append(())
    lines.extend(notes)
    lines.extend([()] * height)
    return [within(line, width) for line in lines[:height]]


def _member(
    domain: Domain, nic: Nic, lease: Lease | None, branch: str, look: RenderContext, *, off: bool
) -> Line:
    on = domain.state.active
    role = Role.TEXT if on else Role.MUTED
    address = lease.address if lease else (domain.addresses[0] if domain.addresses else "")
    glyph = look.glyphs.running if on else look.glyphs.off
    last = Run(address or (formatting.UNKNOWN if on else word(domain)), Role.MUTED)
    if off:
        last = Run("no link", Role.WARN)
    return (
        Run(f"   {branch} {fit(nic.target or formatting.UNKNOWN, 8)} ", Role.MUTED),
        Run(glyph, Role.OK if on else Role.MUTED),
        Run(f" {fit(domain.name, 19)} ", role),
        last,
    )


def _notes(row: NetworkRow) -> list[Line]:
    network = row.network
    on_it = users(network, row.inventory)
    domains = len({domain.key for domain, _ in on_it})
    used = f"{formatting.counted(len(on_it), 'nic')} of {formatting.counted(domains, 'domain')}"
    notes: list[Line] = []
    if network.domain_name:
        notes.append((Run(" dns          ", Role.MUTED), Run(clean(network.domain_name))))
    if network.records:
        fixed = sum(record.kind is RecordKind.RESERVATION for record in network.records)
        forwarders = [one.name for one in network.records if one.kind is RecordKind.FORWARDER]
        names = len(network.records) - fixed - len(forwarders)
        text = (
            f"{formatting.counted(fixed, 'reservation')}, {formatting.counted(names, 'DNS record')}"
        )
        notes.append((Run(" hands out    ", Role.MUTED), Run(text)))
        if forwarders:
            notes.append(
                (Run(" forwards to  ", Role.MUTED), Run(clean(formatting.listed(forwarders))))
            )
    if network.waiting:
        text = f"{formatting.counted(len(network.waiting), 'change')}; R restarts it now"
        notes.append((Run(" next start   ", Role.MUTED), Run(text, Role.ACCENT)))
    if network.active and network.serves:
        role = Role.BAD if dnsmasq_gone(network) else Role.TEXT
        notes.append((Run(" dnsmasq      ", Role.MUTED), Run(_dnsmasq(network), role)))
        if network.dnsmasq is not None:
            notes.append((Run("              "), Run(network.dnsmasq.config, Role.MUTED)))
    notes.append((Run(" used by      ", Role.MUTED), Run(used)))
    off = detached_users(network, row.inventory)
    if off:
        text = f"{formatting.counted(len(off), 'nic')}; P reattaches them"
        notes.append((Run(" no link      ", Role.MUTED), Run(text, Role.WARN)))
    if network.active:
        cost = stop_warning(network, row.inventory)
        harmless = cost.startswith("nothing ")
        notes.append(
            (
                Run(" if stopped   ", Role.MUTED),
                Run(cost, Role.TEXT if harmless else Role.WARN),
            )
        )
    return notes


def _dnsmasq(network: Network) -> str:
    """The state of the dnsmasq process that serves a network."""
    if network.dnsmasq is None:
        return "unknown: only visible on the host itself"
    pid = network.dnsmasq.pid
    return "gone; R restarts the network" if pid is None else f"running, pid {pid}"


def _lease_lines(row: NetworkRow, look: RenderContext, width: int, height: int) -> list[Line]:
    leases = row.network.leases
    count = formatting.UNKNOWN if leases is None else str(len(leases))
    lines = [rule(f"leases {count}", "soonest first", look, width)]
    head = f" {'HOSTNAME':<12} {'ADDRESS':<15} {'MAC':<{_mac_cells(width)}} {'LEFT':>6} DOMAIN"
    head = fit(head, width - 6) + " KIND"
    lines.append((Run(head, Role.MUTED),))
    owners = {
        nic.mac.lower(): domain for domain in row.inventory.domains.values() for nic in domain.nics
    }
    known = sorted(leases or (), key=lambda lease: lease.expires_epoch or float("inf"))
    fixed = {record.name.lower() for record in row.network.records}
    for lease in known[: max(0, height - 2)]:
        mac = lease.mac.lower()
        lines.append(_lease(lease, owners.get(mac), mac in fixed, look, width))
    if leases is None:
        lines.append((Run(" no DHCP on this network", Role.MUTED),))
    elif not leases:
        lines.append((Run(" no leases", Role.MUTED),))
    lines.extend([()] * height)
    return [within(line, width) for line in lines[:height]]


def _mac_cells(width: int) -> int:
    """A whole MAC address where there is room, else its end, which tells guests apart."""
    return 17 if width >= 74 else 5


def _lease(
    lease: Lease, owner: Domain | None, fixed: bool, look: RenderContext, width: int
) -> Line:
    left = "never" if not lease.expires_epoch else formatting.age(lease.expires_epoch - look.epoch)
    hostname = lease.hostname or formatting.UNKNOWN
    wide = _mac_cells(width)
    text = f" {fit(hostname, 12)} {fit(lease.address, 15)} {lease.mac[-wide:]:<{wide}} {left:>6}"
    who = owner.name if owner else "no domain"
    text = fit(f"{text} {clean(who)}", width - 6) + (" fixed" if fixed else "")
    return (Run(text, Role.TEXT if owner else Role.MUTED),)

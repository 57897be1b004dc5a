"""The users of a network, their link, and the cost of stopping or deleting it."""

from __future__ import annotations

from virttui import formatting
from virttui.model.identity import ObjectId
from virttui.model.inventory import Domain, Inventory, Network, Nic, Part
from virttui.natural_sort import natural
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, fit


def users(network: Network, inventory: Inventory) -> list[tuple[Domain, Nic]]:
    """The interfaces on a network, those of running domains first, by the host's device."""
    found = [
        (domain, nic)
        for domain in inventory.domains.values()
        for nic in domain.nics
        if network.holds(nic)
    ]
    return sorted(
        found,
        key=lambda pair: (not pair[0].state.active, natural(pair[1].target), natural(pair[0].name)),
    )


def stop_warning(network: Network, inventory: Inventory) -> str:
    """The cost of stopping a network, in words."""
    cut = len(_losing_link(network, inventory))
    if not any(domain.state.active for domain, _ in users(network, inventory)):
        if Part.DEFINITIONS in inventory.missing_parts:
            return "what is cut off is not known: not all definitions were read"
        return "nothing is cut off: no running domain is on it"
    if not network.own_bridge:
        return "nothing is cut off: its bridge or device is the host's, and stays"
    verb = "loses its link" if cut == 1 else "lose their link"
    return f"{formatting.counted(cut, 'running domain')} {verb}"


def stop_confirmation(network: Network, inventory: Inventory) -> str:
    """The same for a question, with the way back."""
    cost = stop_warning(network, inventory)
    text = f"{cost[:1].upper()}{cost[1:]}."
    if not network.persistent:
        return f"{text} It is transient: it is gone for good then."
    back = "s starts it and reattaches them."
    return f"{text} {back}" if _losing_link(network, inventory) else text


def _losing_link(network: Network, inventory: Inventory) -> set[ObjectId]:
    """The running domains that lose their link when it stops."""
    if not network.own_bridge:
        return set()
    return {d.key for d, _ in users(network, inventory) if d.state.active}


def detached_users(network: Network, inventory: Inventory) -> list[tuple[Domain, Nic]]:
    """The interfaces of running domains that are not plugged into its bridge."""
    return [
        (domain, nic)
        for domain, nic in users(network, inventory)
        if domain.state.active and nic.target in network.unplugged
    ]


def delete_warning(network: Network, inventory: Inventory) -> str:
    """The cost of deleting a network for its domains, in words; "" when there is none."""
    count = len({domain.key for domain, _ in users(network, inventory)})
    if not count:
        return ""
    has = "has a NIC on it and does" if count == 1 else "have a NIC on it and do"
    return f"{formatting.counted(count, 'domain')} {has} not start without it."


def user_lines(network: Network, inventory: Inventory, look: RenderContext) -> list[Line]:
    """The interfaces on a network, a line each: domain, the host's device, MAC address."""
    lines: list[Line] = []
    for domain, nic in users(network, inventory):
        on = domain.state.active
        glyph = look.glyphs.running if on else look.glyphs.off
        device = fit(nic.target or formatting.UNKNOWN, 9)
        off = "  no link" if nic.target in network.unplugged else ""
        lines.append(
            (
                Run(f" {glyph}", Role.OK if on else Role.MUTED),
                Run(f" {fit(domain.name, 22)} ", Role.TEXT if on else Role.MUTED),
                Run(f"{device} {clean(nic.mac)}", Role.MUTED),
                *([Run(off, Role.WARN)] if off else []),
            )
        )
    return lines

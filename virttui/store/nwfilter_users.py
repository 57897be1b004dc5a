"""The owners and the users of documents about NICs."""

from __future__ import annotations

from collections.abc import Sequence

from virttui import formatting
from virttui.model.documents import Document
from virttui.model.identity import Kind
from virttui.model.inventory import Domain, Inventory, Nic
from virttui.natural_sort import natural


def filter_users(name: str, inventory: Inventory) -> list[tuple[Domain, Nic]]:
    """The NICs that name a network filter, those of running domains first."""
    found = [
        (domain, nic)
        for domain in inventory.domains.values()
        for nic in domain.nics
        if nic.filter == name
    ]
    return sorted(found, key=lambda pair: (not pair[0].state.active, natural(pair[0].name)))


def used_by(name: str, inventory: Inventory) -> str:
    """``2 NICs: web-01, db-02``, "" for none."""
    found = filter_users(name, inventory)
    if not found:
        return ""
    names = list(dict.fromkeys(domain.name for domain, _ in found))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{formatting.counted(len(found), 'NIC')}: {', '.join(names[:3])}{more}"


def about(documents: Sequence[Document], inventory: Inventory) -> list[str]:
    """A word about each: who uses a filter, whose a port or a binding is; "" for none."""
    ports: dict[str, str] = {}
    owners: dict[str, str] = {}
    for domain in inventory.domains.values():
        for nic in domain.nics:
            owners[nic.target] = domain.name
            ports[nic.port] = f"{nic.target} of {domain.name}"
    found = []
    for one in documents:
        word = one.part if one.part != one.name else ""
        if one.kind is Kind.NWFILTER:
            used = used_by(one.name, inventory)
            word = f"used by {used}" if used else "no NIC uses it"
        elif one.kind is Kind.NETWORK_PORT:
            word = ports.get(one.part, "of an unknown domain")
        elif one.kind is Kind.NWFILTER_BINDING and one.key.uuid in owners:
            word = f"{one.part}, of {owners[one.key.uuid]}"
        found.append(word)
    return found

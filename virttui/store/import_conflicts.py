"""Conflicts of an imported machine with the machines of all hosts."""

from __future__ import annotations

from virttui.model.provision.appliance import ExistingIds
from virttui.store.fleet_state import FleetState


def others(fleet_state: FleetState) -> ExistingIds:
    """The owners of each UUID and MAC address, on every host."""
    uuids: dict[str, str] = {}
    macs: dict[str, str] = {}
    for inventory in fleet_state.inventories.values():
        for uuid, domain in inventory.domains.items():
            who = f"{domain.name} on {inventory.host.name}"
            uuids.setdefault(uuid.lower(), who)
            for nic in domain.nics:
                macs.setdefault(nic.mac.lower(), who)
    return ExistingIds(uuids, macs)

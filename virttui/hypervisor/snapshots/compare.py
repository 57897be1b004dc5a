"""How the definition of a domain differs from that of one of its snapshots."""

from __future__ import annotations

import libvirt

from virttui.hypervisor.connection.types import Connection
from virttui.libvirtxml.snapshots.compare import differences
from virttui.libvirtxml.snapshots.moment import stored_definition
from virttui.model.snapshots.changes import SnapshotComparison


def compare(connection: Connection, uuid: str, name: str) -> SnapshotComparison:
    """Return the definition at the moment of a snapshot and now. Raises libvirtError,
    InvalidInput."""
    domain = connection.lookupByUUIDString(uuid)
    then = stored_definition(domain.snapshotLookupByName(name, 0).getXMLDesc(0))
    now = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE if domain.isPersistent() else 0)
    return SnapshotComparison(name, then, now, differences(then, now) if then else ())

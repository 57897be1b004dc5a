"""The definition of a snapshot written anew."""

from __future__ import annotations

import libvirt

from virttui.hypervisor.connection.types import SnapshotHandle


def redefine(snapshot: SnapshotHandle, xml: str, flags: int = 0) -> None:
    """Give a snapshot another definition; the current one stays so. Raises libvirtError."""
    flags |= libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE
    # Without it the domain would have no current snapshot any more.
    if snapshot.isCurrent(0):
        flags |= libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT
    snapshot.getDomain().snapshotCreateXML(xml, flags)

"""The snapshots of all domains of a host in figures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import libvirt

from virttui.hypervisor.connection.calls import listed, or_none, xml_of
from virttui.hypervisor.connection.types import Connection, DomainHandle, SnapshotHandle
from virttui.libvirtxml.disks.chains import chains
from virttui.libvirtxml.snapshots.read import snapshot
from virttui.model.errors import InvalidInput
from virttui.model.snapshots.summary import SnapshotSummary


def snapshot_summaries(connection: Connection) -> Iterator[tuple[str, SnapshotSummary]]:
    """Yield the UUID and the figures of each domain that has snapshots or runs.

    A domain that is gone meanwhile, or that cannot be asked, is left out. Raises libvirtError.
    """
    for domain in connection.listAllDomains(0):
        found = or_none(connection, partial(_summary, domain))
        if found is not None:
            yield domain.UUIDString(), found


def _summary(domain: DomainHandle) -> SnapshotSummary:
    count = domain.snapshotNum(0)
    # The newest has no child: one is taken after its parent. A long history has few leaves.
    leaves = listed(partial(domain.listAllSnapshots, _LEAVES)) if count else []
    taken = [moment for one in leaves if (moment := _taken(one)) is not None]
    return SnapshotSummary(count, max(taken, default=None), _longest(domain))


_LEAVES = libvirt.VIR_DOMAIN_SNAPSHOT_LIST_LEAVES


def _taken(handle: SnapshotHandle) -> float | None:
    try:
        return snapshot(handle.getXMLDesc(0)).taken
    except InvalidInput:
        return None


def _longest(domain: DomainHandle) -> int | None:
    """The files of its longest chain; while it is off libvirt tells no chain."""
    if not domain.isActive():
        return None
    try:
        return max((len(one.layers) for one in chains(xml_of(domain))), default=None)
    except InvalidInput:
        return None

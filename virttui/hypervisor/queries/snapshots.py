"""The snapshots of a domain, and what the files of external ones take."""

from __future__ import annotations

from functools import partial

import libvirt
from msgspec.structs import replace

from virttui.hypervisor.connection.calls import listed, or_none
from virttui.hypervisor.connection.types import Connection, DomainHandle, SnapshotHandle
from virttui.libvirtxml.snapshots.read import snapshot
from virttui.model.domains.snapshots import Snapshot, SnapshotDisk
from virttui.model.errors import InvalidInput


def snapshots(connection: Connection, domain: DomainHandle) -> tuple[Snapshot, ...]:
    """Return the snapshots of a domain, in libvirt's order. Raises libvirtError.

    One that is deleted meanwhile is left out. Nothing in libvirt tells what an internal one takes;
    of external ones the size of a file is that of its volume, where it lies in an active pool.
    """
    handles = listed(partial(domain.listAllSnapshots, 0))
    current = ""
    if handles and domain.hasCurrentSnapshot(0):
        current = domain.snapshotCurrent(0).getName()
    found = (_snapshot(handle, current) for handle in handles)
    return tuple(_with_sizes(connection, one) for one in found if one is not None)


def _snapshot(handle: SnapshotHandle, current: str) -> Snapshot | None:
    name = handle.getName()
    try:
        return snapshot(handle.getXMLDesc(0), current=name == current)
    except InvalidInput as error:
        return Snapshot(name, current=name == current, fault=error.message)
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT:
            return None
        raise


def _with_sizes(connection: Connection, found: Snapshot) -> Snapshot:
    def sized(disk: SnapshotDisk) -> SnapshotDisk:
        return replace(disk, overlay_bytes=_allocation(connection, disk.overlay))

    return replace(
        found,
        disks=tuple(sized(disk) if disk.overlay else disk for disk in found.disks),
        memory_bytes=_allocation(connection, found.memory_file),
    )


def _allocation(connection: Connection, path: str) -> int | None:
    """The bytes that a file takes on its host; None where libvirt knows no volume of it."""
    if not path.startswith("/"):
        return None
    volume = or_none(connection, partial(connection.storageVolLookupByPath, path))
    info = or_none(connection, volume.info) if volume is not None else None
    return info[2] if info is not None else None

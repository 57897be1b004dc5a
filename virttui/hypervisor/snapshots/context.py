"""What decides which snapshots a domain can have, as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import libvirt
from msgspec.structs import replace

from virttui.hypervisor.connection.calls import listed, or_none, volume_names, xml_of
from virttui.hypervisor.connection.types import Connection, DomainHandle, PoolHandle
from virttui.hypervisor.queries.snapshots import snapshots
from virttui.libvirtxml import read
from virttui.libvirtxml.snapshots.domain import reverts_external, snapshot_context
from virttui.model.snapshots.changes import FilePool, SnapshotContext, SnapshotDiskFacts
from virttui.model.volumes import FILE_POOLS

_STATES = {
    libvirt.VIR_DOMAIN_RUNNING: "running",
    libvirt.VIR_DOMAIN_BLOCKED: "running",
    libvirt.VIR_DOMAIN_PMSUSPENDED: "paused",
    libvirt.VIR_DOMAIN_PAUSED: "paused",
}


def context_of(
    connection: Connection, domain: DomainHandle, *, refresh: bool = False
) -> SnapshotContext:
    """Return what decides about the snapshots of a domain. Raises libvirtError, InvalidInput.

    Free space is as libvirt saw it last; with ``refresh`` its pools are looked through first.
    """
    active = bool(domain.isActive())
    told = snapshot_context(xml_of(domain))
    disks = tuple(_with_place(connection, disk) for disk in told.disks)
    checkpoints = listed(
        partial(domain.listAllCheckpoints, libvirt.VIR_DOMAIN_CHECKPOINT_LIST_TOPOLOGICAL)
    )
    return replace(
        told,
        state=_STATES.get(domain.state()[0], "running") if active else "shutoff",
        persistent=bool(domain.isPersistent()),
        agent=active and told.agent,
        disks=disks,
        checkpoints=tuple(one.getName() for one in checkpoints),
        snapshots=snapshots(connection, domain),
        pools=tuple(_pools(connection, disks, refresh=refresh)),
        reverts_external=_reverts_external(connection),
        version=connection.getLibVersion(),
    )


def _reverts_external(connection: Connection) -> bool:
    told = or_none(connection, connection.getCapabilities)
    return told is not None and reverts_external(told)


def _with_place(connection: Connection, disk: SnapshotDiskFacts) -> SnapshotDiskFacts:
    """A disk with its pool and what it takes, where an active pool knows its image."""
    if disk.kind == "volume" and disk.pool:
        pool = or_none(connection, partial(connection.storagePoolLookupByName, disk.pool))
        volume = (
            or_none(connection, partial(pool.storageVolLookupByName, disk.source)) if pool else None
        )
        path = or_none(connection, volume.path) if volume is not None else None
        disk = replace(disk, source=path or disk.source)
    elif disk.source.startswith("/"):
        volume = or_none(connection, partial(connection.storageVolLookupByPath, disk.source))
    else:
        return disk
    if volume is None:
        return disk
    info = or_none(connection, volume.info)
    pool = or_none(connection, volume.storagePoolLookupByVolume)
    name = pool.name() if pool is not None else ""
    return replace(disk, pool=name, allocation=info[2] if info is not None else None)


def _pools(
    connection: Connection, disks: tuple[SnapshotDiskFacts, ...], *, refresh: bool
) -> Iterator[FilePool]:
    """The active pools of files; of those that a disk lies in, also which files they hold."""
    used = {disk.pool for disk in disks if disk.pool}
    active = listed(
        partial(connection.listAllStoragePools, libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)
    )
    for pool in active:
        found = or_none(connection, partial(_pool, connection, pool, used, refresh=refresh))
        if found is not None:
            yield found


def _pool(
    connection: Connection, pool: PoolHandle, used: set[str], *, refresh: bool
) -> FilePool | None:
    name = pool.name()
    facts = read.pool(pool.XMLDesc(0))
    if facts.type not in FILE_POOLS or not facts.path:
        return None
    if refresh and name in used:
        or_none(connection, partial(pool.refresh, 0))
    names = volume_names(connection, pool) if name in used else ()
    files = frozenset(f"{facts.path}/{one}" for one in names or ())
    return FilePool(name, facts.path, pool.info()[3], files)

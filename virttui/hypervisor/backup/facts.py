"""What is known of a domain and a pool before a backup."""

from __future__ import annotations

from functools import partial

import libvirt

from virttui.hypervisor.backup.stored import backups_in
from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.calls import (
    listed,
    or_none,
    or_none_on,
    volume_names,
    xml_of,
)
from virttui.hypervisor.connection.types import Connection, DomainHandle, PoolHandle, VolumeHandle
from virttui.libvirtxml import read
from virttui.libvirtxml.backup.read import (
    Checkpoint,
    DiskDefinition,
    checkpoint,
    disks,
    has_tpm,
    holds_bitmaps,
)
from virttui.libvirtxml.disks.sources import lookup_path
from virttui.libvirtxml.snapshots.read import snapshot
from virttui.model.domains.snapshots import SnapshotKind
from virttui.model.errors import InvalidInput
from virttui.planning.backup.plan import BackupFacts, DiskFacts


def read_facts(connection: Connection, domain: DomainHandle, pool: PoolHandle) -> BackupFacts:
    """The facts for a backup of a domain into a pool. Raises libvirtError or InvalidInput."""
    active = bool(domain.isActive())
    xml = xml_of(domain)
    facts = read.domain(xml)
    found = read.pool(pool.XMLDesc(0))
    room = or_none(connection, pool.info)
    return BackupFacts(
        name=domain.name(),
        active=active,
        disks=tuple(_disk(connection, domain, one, active=active) for one in disks(xml)),
        checkpoints=checkpoints_of(domain, sizes=active),
        backups=backups_in(connection, pool, uuid=domain.UUIDString()).backups,
        pool_type=found.type,
        pool_path=found.path,
        available=int(room[3]) if room and room[1] else None,
        agent=facts.agent,
        nvram=facts.nvram,
        tpm=has_tpm(xml),
        job=job_of(domain) if active else "",
        internal_snapshots=_internal_snapshots(domain),
        volumes=volume_names(connection, pool) or (),
        saved=bool(or_none(connection, partial(domain.hasManagedSaveImage, 0))),
    )


def _disk(
    connection: Connection, domain: DomainHandle, definition: DiskDefinition, *, active: bool
) -> DiskFacts:
    if definition.device not in ("disk", "lun") or not definition.source:
        return DiskFacts(definition)
    volume = _volume_of(connection, definition)
    sizes = or_none(connection, partial(domain.blockInfo, definition.target)) if active else None
    if sizes is None and volume is not None:
        info = or_none(connection, volume.info)
        sizes = [info[1], info[2]] if info is not None else None
    return DiskFacts(
        definition,
        capacity=int(sizes[0]) if sizes else None,
        allocation=int(sizes[1]) if sizes else None,
        bitmaps=_holds_bitmaps(connection, volume),
    )


def _volume_of(connection: Connection, definition: DiskDefinition) -> VolumeHandle | None:
    if definition.pool:
        pool = or_none(connection, partial(connection.storagePoolLookupByName, definition.pool))
        if pool is None:
            return None
        return or_none(connection, partial(pool.storageVolLookupByName, definition.source))
    path = lookup_path(definition.source)
    return or_none(connection, partial(connection.storageVolLookupByPath, path))


def _holds_bitmaps(connection: Connection, volume: VolumeHandle | None) -> bool:
    """Whether an image can store bitmaps; true where no pool has it: libvirt says so then."""
    xml = or_none(connection, partial(volume.XMLDesc, 0)) if volume is not None else None
    try:
        return xml is None or holds_bitmaps(xml)
    except InvalidInput:
        return True


def checkpoints_of(domain: DomainHandle, *, sizes: bool) -> tuple[Checkpoint, ...]:
    """The checkpoints of a domain, with what changed since each where that is told.

    Raises libvirtError. A hypervisor without checkpoints has none.
    """
    found: list[Checkpoint] = []
    for handle in listed(partial(domain.listAllCheckpoints, 0)):
        flags = libvirt.VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN
        xml = None
        if sizes:
            # Refused where a bitmap is missing or broken: what follows it is refused as well.
            asked = partial(handle.getXMLDesc, flags | libvirt.VIR_DOMAIN_CHECKPOINT_XML_SIZE)
            xml = or_none(domain.connect(), asked)
        found.append(checkpoint(xml or handle.getXMLDesc(flags)))
    return tuple(found)


def job_of(domain: DomainHandle) -> str:
    """What libvirt does on a running domain now, "" for nothing. Raises libvirtError."""
    stats = or_none_on((libvirt.VIR_ERR_NO_SUPPORT,), partial(domain.jobStats, 0)) or {}
    if not stats.get("type", 0):
        return ""
    return translate.OPERATIONS.get(stats.get("operation", 0), "a job")


def _internal_snapshots(domain: DomainHandle) -> int:
    count = 0
    for handle in listed(partial(domain.listAllSnapshots, 0)):
        xml = or_none(domain.connect(), partial(handle.getXMLDesc, 0))
        try:
            kind = snapshot(xml).kind if xml else SnapshotKind.EMPTY
        except InvalidInput:
            kind = SnapshotKind.EMPTY
        count += kind in (SnapshotKind.INTERNAL, SnapshotKind.MIXED)
    return count

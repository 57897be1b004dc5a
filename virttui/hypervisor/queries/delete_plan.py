"""The plan of a deletion: the storage of a domain, its other users, snapshots, saved state."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from functools import partial

import libvirt
from msgspec.structs import replace

from virttui.hypervisor.connection.calls import ignoring, listed, named, or_none, or_none_on, xml_of
from virttui.hypervisor.connection.types import Connection, DomainHandle, PoolHandle, VolumeHandle
from virttui.hypervisor.queries.file_references import of_snapshots
from virttui.hypervisor.queries.file_users import FileUsers
from virttui.hypervisor.queries.image_headers import is_utf8, printable_name
from virttui.libvirtxml import read
from virttui.libvirtxml.disks.backing_files import normalized
from virttui.libvirtxml.disks.sources import is_path, lookup_path
from virttui.model.domains.delete_plan import DeletePlan, DomainStorage, StorageRole
from virttui.model.errors import InvalidInput
from virttui.model.inventory import Volume


def volumes(pool: PoolHandle) -> tuple[Volume, ...]:
    """The volumes of a pool by name. One that vanishes is left out."""
    known = named(pool)
    found: list[Volume] = []
    for name, volume in known.volumes:
        try:
            found.append(read.volume(xml_of(volume)))
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_VOL:
                raise
        except InvalidInput:
            found.append(Volume(name=name, path=""))
    return (*found, *known.rest)


def delete_plan(connection: Connection, domain: DomainHandle) -> DeletePlan:
    """Every piece of storage of ``domain``, what that lies on, and who else uses each."""
    facts = read.domain(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    uses = FileUsers(connection, without=domain.UUIDString())
    pieces: dict[str, DomainStorage] = {}
    for disk in facts.disks:
        if not disk.source:
            continue
        volume = _volume_of(connection, disk.pool, disk.source)
        path = volume.path() if volume is not None else disk.source
        shared = disk.shareable or disk.read_only or disk.device in ("cdrom", "floppy")
        pieces.setdefault(path, _storage(disk.target, path, volume, shared=shared))
        if disk.format in ("", "raw"):
            continue
        for under, data in uses.under(path):
            role = StorageRole.DATA if data else StorageRole.UNDER
            volume = _volume_of(connection, "", normalized(under)) if is_utf8(under) else None
            place = printable_name(normalized(under))
            piece = _storage(disk.target, place, volume, shared=shared, role=role)
            pieces.setdefault(piece.path, piece)
    for one in of_snapshots(domain):
        volume = _volume_of(connection, one.pool, one.place)
        path = volume.path() if volume is not None else normalized(one.place)
        piece = _storage("snapshot", path, volume, shared=False, role=StorageRole.SNAPSHOT)
        pieces.setdefault(path, piece)
    return DeletePlan(
        storage=tuple(
            replace(one, also=tuple(sorted(uses.of(one.path, beside=pieces))))
            for one in pieces.values()
        ),
        snapshots=snapshots_of(domain),
        saved=bool(count(domain.hasManagedSaveImage)),
        nvram=facts.nvram,
        unknown=tuple(sorted({words for path in pieces for words in uses.not_known(path)})),
    )


def _storage(
    target: str,
    path: str,
    volume: VolumeHandle | None,
    *,
    shared: bool,
    role: StorageRole = StorageRole.DISK,
) -> DomainStorage:
    return DomainStorage(
        target=target,
        path=path,
        pool=volume.storagePoolLookupByVolume().name() if volume is not None else "",
        allocation=volume.info()[2] if volume is not None else 0,
        volume=volume is not None,
        shared=shared,
        role=role,
    )


def disks_of(domain: DomainHandle) -> set[tuple[str, str]]:
    """The disks in both definitions of a domain, by pool ("" for paths) and place.

    One that goes meanwhile or makes no sense has none to tell.
    """
    found: set[tuple[str, str]] = set()
    try:
        with ignoring(libvirt.VIR_ERR_NO_DOMAIN):
            for flags in (0, libvirt.VIR_DOMAIN_XML_INACTIVE):
                found.update(read.sources(xml_of(domain, flags)))
    except InvalidInput:
        pass
    return found


def path_of(connection: Connection, pool: str, place: str) -> str:
    """The one path of a disk's source: its volume's where a pool holds it, else normalized."""
    volume = _volume_of(connection, pool, place)
    path = str(volume.path()) if volume is not None else place
    return posixpath.normpath(path) if is_path(path) else path


def _volume_of(connection: Connection, pool: str, source: str) -> VolumeHandle | None:
    """The volume behind a disk's source, or None where no pool holds it."""

    def look_up() -> VolumeHandle:
        if pool:
            return connection.storagePoolLookupByName(pool).storageVolLookupByName(source)
        return connection.storageVolLookupByPath(lookup_path(source))

    return or_none(connection, look_up)


def snapshots_of(domain: DomainHandle) -> int:
    """Snapshots and checkpoints: libvirt drops the definition only together with both."""
    checkpoints = listed(partial(domain.listAllCheckpoints, 0))
    return count(domain.snapshotNum) + len(checkpoints)


def count(ask: Callable[..., int]) -> int:
    """A count, or 0 where the driver keeps none."""
    return or_none_on((libvirt.VIR_ERR_NO_SUPPORT,), partial(ask, 0)) or 0

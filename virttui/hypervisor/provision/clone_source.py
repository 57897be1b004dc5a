"""Facts about a domain to clone, and the domains that could write to the clones' bases."""

from __future__ import annotations

import logging
import posixpath
from collections.abc import Iterable, Mapping
from functools import partial

import libvirt
from msgspec.structs import replace

from virttui.hypervisor.connection.calls import ignoring, or_none, volume_names, xml_of
from virttui.hypervisor.connection.streams import head
from virttui.hypervisor.connection.types import Connection, DomainHandle, VolumeHandle
from virttui.hypervisor.provision import sysprep
from virttui.hypervisor.provision.copy_volume import pool_of_folder
from virttui.hypervisor.queries.delete_plan import count, path_of, snapshots_of
from virttui.hypervisor.queries.file_references import namings
from virttui.hypervisor.queries.file_users import FileUsers
from virttui.hypervisor.queries.firmware import firmware_of
from virttui.hypervisor.queries.host_files import HostFiles
from virttui.libvirtxml import read
from virttui.libvirtxml.disks.sources import is_path, lookup_path
from virttui.libvirtxml.snapshots.moment import definition_then
from virttui.libvirtxml.snapshots.read import snapshot as read_snapshot
from virttui.model.domains.snapshots import SnapshotKind
from virttui.model.errors import InvalidInput, Refused
from virttui.model.identity import ObjectId
from virttui.model.inventory import Disk
from virttui.model.provision.clone import CloneSource, CloudInitSeed, SourceDisk
from virttui.planning.clone.cloud_init import MAX_SIZE, read_seed

log = logging.getLogger(__name__)


def source_of(
    connection: Connection, key: ObjectId, snapshot: str = "", *, here: bool = False
) -> CloneSource:
    """The source of a clone, now or as of a ``snapshot``; ``here``: its host is this machine.

    Raises libvirtError, Refused or InvalidInput.
    """
    domain = connection.lookupByUUIDString(key.uuid)
    if connection.getType() == "LXC":
        raise Refused(
            f"{domain.name()} is a container: its root is a folder of the host, which libvirt does"
            " not copy, and a clone would share it",
            advice="copy the folder by hand, then n creates a container from it",
        )
    flags = libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE
    xml = domain.XMLDesc(flags)
    facts = read.domain(xml)
    active = bool(domain.isActive())
    running = read.domain(xml_of(domain)) if active else read.DomainFacts()
    look = _Look(connection, key.host, domain.UUIDString(), {disk.target for disk in running.disks})
    if snapshot:
        return _moment(connection, domain, key, snapshot, look, sysprep=here and sysprep.there())
    return CloneSource(
        key=key,
        name=domain.name(),
        xml=xml,
        active=active,
        persistent=bool(domain.isPersistent()),
        disks=tuple(look.disk(disk) for disk in facts.disks if disk.source),
        snapshots=snapshots_of(domain),
        saved=bool(count(domain.hasManagedSaveImage)),
        agent=running.agent,
        nvram=firmware_of(connection, xml, facts.nvram)[1],
        volumes=_names(connection),
        sysprep=here and sysprep.there(),
    )


def _moment(
    connection: Connection,
    domain: DomainHandle,
    key: ObjectId,
    name: str,
    look: _Look,
    *,
    sysprep: bool,
) -> CloneSource:
    """A snapshot as the source of a clone: its definition then, on the files of that moment."""
    found = domain.snapshotLookupByName(name, 0)
    text = found.getXMLDesc(libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE)
    then = read_snapshot(text)
    if then.being_deleted:
        raise Refused(f"what {name} held is not whole any more: its deletion was begun")
    if then.kind is not SnapshotKind.EXTERNAL:
        raise Refused(
            f"{name} lies inside the images of {domain.name()}, and libvirt copies nothing out of"
            " an image",
            advice=f"clone {domain.name()} as it is now, or revert it",
        )
    xml = definition_then(text)
    facts = read.domain(xml)
    kept = {disk.target for disk in then.kept_disks}
    disks = []
    for disk in facts.disks:
        if not disk.source:
            continue
        seen = look.disk(disk)
        if disk.target in kept:
            base = {"backing": seen.path, "backing_format": seen.format} if seen.pool else {}
            seen = replace(seen, live=False, backing_users=(), **base)
        disks.append(seen)
    return CloneSource(
        key=key,
        name=domain.name(),
        xml=xml,
        disks=tuple(disks),
        nvram=firmware_of(connection, xml, facts.nvram)[1],
        volumes=_names(connection),
        sysprep=sysprep,
        snapshot=name,
    )


def _names(connection: Connection) -> dict[str, frozenset[str]]:
    """The names of the volumes of all active pools."""
    flags = libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE
    return {
        pool.UUIDString(): frozenset(volume_names(connection, pool) or ())
        for pool in connection.listAllStoragePools(flags)
    }


class _Look:
    """Finds out about disks of one domain; who uses what is asked once."""

    def __init__(self, connection: Connection, host: str, uuid: str, live: set[str]) -> None:
        self._connection, self._host, self._live = connection, host, live
        self._uses = FileUsers(connection, without=uuid)
        self._writers = writers(connection)

    def disk(self, disk: Disk) -> SourceDisk:
        """One disk, with its volume where a pool holds it."""
        plain = SourceDisk(
            disk.target,
            disk.device,
            disk.source,
            disk.format or "raw",
            kind=disk.kind,
            shared=disk.shareable or disk.read_only,
            live=disk.target in self._live,
            other_users=self._used_by(disk.source),
        )
        volume = self._volume(disk)
        if volume is None:
            return plain
        pool = volume.storagePoolLookupByVolume()
        xml = xml_of(volume)
        found = read.volume(xml)
        # Only of a qcow2 does its domain follow what it says to lie on.
        backing = found.backing if plain.format not in ("raw", "") else ""
        return SourceDisk(
            target=plain.target,
            device=plain.device,
            path=found.path,
            format=plain.format,
            detected_format=found.format,
            pool=ObjectId(self._host, pool.UUIDString()),
            pool_name=pool.name(),
            pool_type=read.pool(pool.XMLDesc(0)).type,
            volume=found.name,
            capacity=found.capacity,
            allocation=found.allocation,
            backing=backing,
            backing_format=read.backing_format(xml) if backing else "",
            backing_users=tuple(sorted(writers_of(self._connection, backing, self._writers)))
            if backing
            else (),
            kind=plain.kind,
            shared=plain.shared,
            live=plain.live,
            other_users=self._used_by(found.path),
            seed=self._seed(volume, found.capacity, plain),
        )

    def _used_by(self, place: str) -> tuple[str, ...]:
        """The others that have the same storage."""
        return tuple(sorted(self._uses.of(place)))

    def _seed(self, volume: VolumeHandle, capacity: int, disk: SourceDisk) -> CloudInitSeed | None:
        """The cloud-init data of a disk that is small enough to be a seed."""
        if (
            not 0 < capacity <= MAX_SIZE
            or disk.format != "raw"
            or disk.device not in ("disk", "cdrom")
        ):
            return None
        data = or_none(self._connection, lambda: head(self._connection, volume, capacity))
        return read_seed(data) if data else None

    def _volume(self, disk: Disk) -> VolumeHandle | None:
        if disk.pool:
            pool = or_none(
                self._connection, lambda: self._connection.storagePoolLookupByName(disk.pool)
            )
            if pool is None:
                return None
            look_up = partial(pool.storageVolLookupByName, disk.source)
            return or_none(self._connection, look_up)
        connection, path = self._connection, lookup_path(disk.source)
        found = or_none(connection, lambda: connection.storageVolLookupByPath(path))
        if found is not None or not is_path(path):
            return found
        if pool := pool_of_folder(connection, posixpath.dirname(path)):
            # It may have been put there behind libvirt's back.
            or_none(connection, lambda: pool.refresh(0))
            found = or_none(connection, lambda: connection.storageVolLookupByPath(path))
        return found


def writers(connection: Connection) -> Mapping[str, set[str]]:
    """Path -> who could write to it: domains that have it as a disk, in either definition.

    What a disk only lies on is not written to; internal snapshots count, since a revert would go on
    there. A revert to an external one goes on in a file of its own.
    Names of one file are one path, where that can be told.
    """
    found: dict[str, set[str]] = {}
    files = HostFiles.of(connection)
    for domain in connection.listAllDomains(0):
        for disk in _disks(domain):
            if disk.source and not disk.read_only:
                path = path_of(connection, disk.pool, disk.source)
                found.setdefault(_same(files, path), set()).add(domain.name())
    for one in namings(connection, "", log.debug):
        if one.domain is None and not one.stays:
            path = path_of(connection, one.pool, one.place)
            found.setdefault(_same(files, path), set()).add(one.who)
    return found


def writers_of(connection: Connection, path: str, known: Mapping[str, set[str]]) -> set[str]:
    """Those of ``writers`` that could write to a path, by any of its names."""
    return known.get(_same(HostFiles.of(connection), posixpath.normpath(path)), set())


def _same(files: HostFiles | None, path: str) -> str:
    """An identity that all names of one file share."""
    found = files.identity(path) if files is not None and path.startswith("/") else None
    return found if found is not None else path


def _disks(domain: DomainHandle) -> Iterable[Disk]:
    """The disks of both definitions; none of a domain that goes meanwhile or makes no sense."""
    try:
        with ignoring(libvirt.VIR_ERR_NO_DOMAIN):
            for flags in (0, libvirt.VIR_DOMAIN_XML_INACTIVE):
                yield from read.domain(xml_of(domain, flags)).disks
    except InvalidInput:
        pass


def untouched(connection: Connection, paths: Iterable[str]) -> None:
    """Raises Refused when anybody could write to one of these: overlays on it would be lost."""
    originals = {posixpath.normpath(path) for path in paths}
    if not originals:
        return
    known = writers(connection)
    for path in sorted(originals):
        if names := writers_of(connection, path, known):
            raise Refused(
                f"{path} cannot be a base: {', '.join(sorted(names))} could write to it",
                advice="clone it again: the form says what has to be changed first",
            )

"""The files of a domain and of its snapshots, looked at right before something is merged or goes.

Chains come from the live definition of a running domain, from the headers of the images of one
that is off: its definition may still name files that were merged long ago.
"""

from __future__ import annotations

import posixpath
import struct
from collections.abc import Iterable, Sequence
from functools import partial

import libvirt

from virttui.hypervisor.connection.calls import or_none, xml_of
from virttui.hypervisor.connection.connect import in_process
from virttui.hypervisor.connection.streams import BREAKS, head
from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.hypervisor.provision.copy_volume import pool_of_folder
from virttui.hypervisor.queries.file_users import FileUsers
from virttui.hypervisor.queries.host_files import HostFiles
from virttui.libvirtxml import read
from virttui.libvirtxml.disks.chains import chains
from virttui.model.domains.disk_jobs import BackingChain, ChainLayer
from virttui.model.domains.snapshot_deletion import SnapshotFile, SnapshotFiles
from virttui.model.domains.snapshots import Snapshot
from virttui.model.inventory import Disk

_HEADER = 72
"""Bytes of a qcow2 header up to its number of snapshots, which are the four from 60 on."""


def snapshot_files(
    connection: Connection, domain: DomainHandle, snapshots: Sequence[Snapshot]
) -> SnapshotFiles:
    """What the disks and snapshots of a domain are made of, now. Raises libvirtError."""
    running = bool(domain.isActive())
    named = [path for one in snapshots for path in _paths(one)]
    xml = xml_of(domain, 0 if running else libvirt.VIR_DOMAIN_XML_INACTIVE)
    first = [one.layers[0].source for one in chains(xml)]
    known = _refresh(connection, (*named, *first))
    users = FileUsers(connection, without=domain.UUIDString())
    if running:
        found = chains(xml)
    else:
        found = tuple(_stored(users, disk) for disk in read.domain(xml).disks if disk.source)
    depths = {one.disk: len(one.layers) for one in chains(xml)}
    unresolved = [one.disk for one in found if len(one.layers) > depths.get(one.disk, 0)]
    mine = [layer.source for chain in found for layer in chain.layers]
    paths = tuple(dict.fromkeys(path for path in (*mine, *named) if path))
    busy = [chain.disk for chain in found if running and domain.blockJobInfo(chain.disk, 0)]
    return SnapshotFiles(
        running,
        int(connection.getLibVersion()),
        found,
        tuple(_file(connection, users, path, paths, known) for path in paths),
        tuple(busy),
        tuple(unresolved),
    )


def _paths(snapshot: Snapshot) -> Iterable[str]:
    for disk in snapshot.kept_disks:
        yield disk.source
        yield disk.overlay
    yield snapshot.memory_file


def _refresh(connection: Connection, paths: Iterable[str]) -> set[str]:
    """Have the pools of files look again: overlays are made behind their backs.

    Returns the folders of those that did.
    """
    known: set[str] = set()
    for folder in {posixpath.dirname(path) for path in paths if path.startswith("/")}:
        pool = pool_of_folder(connection, folder)
        if pool is not None and or_none(connection, partial(pool.refresh, 0)) is not None:
            known.add(folder)
    return known


def _stored(users: FileUsers, disk: Disk) -> BackingChain:
    """The chain of a disk of a domain that is off."""
    below = () if disk.format in ("", "raw") else users.under(disk.source)
    lower = (ChainLayer(path) for path, data in below if not data)
    return BackingChain(disk.target, (ChainLayer(disk.source, disk.format, disk.pool), *lower))


def _file(
    connection: Connection, users: FileUsers, path: str, mine: Sequence[str], known: set[str]
) -> SnapshotFile:
    volume = None
    if path.startswith("/"):
        volume = or_none(connection, partial(connection.storageVolLookupByPath, path))
    pool = or_none(connection, volume.storagePoolLookupByVolume) if volume is not None else None
    info = or_none(connection, volume.info) if volume is not None else None
    return SnapshotFile(
        path,
        tuple(below for below, data in users.under(path) if not data),
        tuple(sorted(users.of(path, beside=mine))),
        users.not_known(path),
        internal_snapshots(connection, path),
        info[2] if info is not None else None,
        pool.name() if pool is not None else "",
        volume is not None or posixpath.dirname(path) not in known,
    )


def internal_snapshots(connection: Connection, path: str) -> int | None:
    """How many snapshots the header of an image counts; None where it cannot be read."""
    uri = connection.getURI()
    if in_process(uri):
        return 0  # the test driver keeps no content
    begin = _begin(connection, uri, path)
    if begin is None:
        return None
    if not begin.startswith(b"QFI\xfb") or len(begin) < _HEADER:
        return 0
    return int(struct.unpack_from(">I", begin, 60)[0])


def _begin(connection: Connection, uri: str, path: str) -> bytes | None:
    files = HostFiles.at(uri)
    if files is not None:
        try:
            with files.open(path) as file:
                return file.read(_HEADER)
        except OSError:
            pass  # a device, or not to be read by this user: libvirt may read it
    volume = or_none(connection, partial(connection.storageVolLookupByPath, path))
    if volume is None:
        return None
    try:
        return head(connection, volume, _HEADER)
    except BREAKS:
        if not connection.isAlive():
            raise
        return None

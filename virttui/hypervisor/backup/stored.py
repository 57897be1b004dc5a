"""The backups that lie in the pools of a host, by their manifests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from functools import partial
from typing import NamedTuple, TypeVar

import libvirt
from msgspec import Struct

from virttui.hypervisor.backup.small_volumes import read_volume
from virttui.hypervisor.connection.calls import named, or_none
from virttui.hypervisor.connection.types import Connection, PoolHandle, VolumeHandle
from virttui.libvirtxml import read
from virttui.model.backup.manifest import BackupCheck, BackupManifest, StoredBackup
from virttui.model.errors import InvalidInput
from virttui.model.volumes import FILE_POOLS
from virttui.planning.backup.manifest_file import MOST_BYTES, read_check, read_manifest
from virttui.planning.backup.names import MANIFEST_ENDING, check_volume

log = logging.getLogger(__name__)

T = TypeVar("T")
_CACHE_SIZE = 20_000


class UnreadableManifest(Struct, frozen=True):
    """A manifest that cannot be read: its pool, the name of its volume, and why."""

    pool_name: str
    volume: str
    reason: str


class PoolBackups(NamedTuple):
    """The backups of a pool, in no order, and the manifests that cannot be read."""

    backups: tuple[StoredBackup, ...]
    unreadable: tuple[UnreadableManifest, ...]


_manifests: dict[tuple[str, str, str], BackupManifest] = {}
_checks: dict[tuple[str, str, str], BackupCheck] = {}
"""What was read, by its pool, its volume and when that was written: neither changes."""


def backups_in(connection: Connection, pool: PoolHandle, *, uuid: str = "") -> PoolBackups:
    """The backups in a pool, of one domain or of all. Raises libvirtError.

    The pool is refreshed first: others may have written to its folder.
    """
    # Refused while a volume of it is written; what is made through libvirt it knows anyway.
    or_none(connection, partial(pool.refresh, 0))
    id, name = pool.UUIDString(), pool.name()
    volumes = dict(named(pool).volumes)
    found: list[StoredBackup] = []
    unreadable: list[UnreadableManifest] = []
    for volume_name, volume in volumes.items():
        if not volume_name.endswith(MANIFEST_ENDING):
            continue
        try:
            manifest = _cached(connection, _manifests, (id, volume_name), volume, read_manifest)
        except InvalidInput as error:
            unreadable.append(UnreadableManifest(name, volume_name, error.message))
            continue
        if uuid and manifest.uuid != uuid:
            continue
        check = _check(connection, id, volumes.get(check_volume(volume_name)), manifest)
        missing = tuple(one for one in manifest.volumes if one not in volumes)
        found.append(StoredBackup(id, name, volume_name, manifest, check, missing))
    return PoolBackups(tuple(found), tuple(unreadable))


def _check(
    connection: Connection, pool: str, volume: VolumeHandle | None, manifest: BackupManifest
) -> BackupCheck | None:
    """What the last verification found; None where it was of another manifest, or is unreadable."""
    if volume is None:
        return None
    try:
        check = _cached(connection, _checks, (pool, volume.name()), volume, read_check)
    except InvalidInput as error:
        log.debug("%s: %s", volume.name(), error.message)
        return None
    return check if (check.id, check.manifest) == (manifest.id, manifest.sha256) else None


def _cached(
    connection: Connection,
    cache: dict[tuple[str, str, str], T],
    place: tuple[str, str],
    volume: VolumeHandle,
    parse: Callable[[bytes], T],
) -> T:
    """What a file says, read once for each time it is written. Raises InvalidInput."""
    try:
        stamp = read.volume_stamp(volume.XMLDesc(0))
    except (libvirt.libvirtError, InvalidInput) as error:
        raise InvalidInput(f"it cannot be read: {error}") from error
    key = (*place, repr(stamp))
    if key in cache:
        return cache[key]
    try:
        parsed = parse(read_volume(connection, volume, MOST_BYTES))
    except libvirt.libvirtError as error:
        if not connection.isAlive():
            raise
        raise InvalidInput(f"it cannot be read: {error.get_error_message()}") from error
    if len(cache) >= _CACHE_SIZE:
        cache.clear()
    cache[key] = parsed
    return parsed


def backups_on(
    connection: Connection, *, uuid: str = "", pools: Collection[str] = ()
) -> PoolBackups:
    """The backups in all active pools of files of a host, or in those of some UUIDs.

    A pool that cannot be read is left out. Raises libvirtError when the connection broke.
    """
    found: list[StoredBackup] = []
    unreadable: list[UnreadableManifest] = []
    for pool in connection.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE):
        xml = or_none(connection, partial(pool.XMLDesc, 0))
        if xml is None or read.pool(xml).type not in FILE_POOLS:
            continue
        if pools and pool.UUIDString() not in pools:
            continue
        here = or_none(connection, partial(backups_in, connection, pool, uuid=uuid))
        if here is not None:
            found += here.backups
            unreadable += here.unreadable
    return PoolBackups(tuple(found), tuple(unreadable))

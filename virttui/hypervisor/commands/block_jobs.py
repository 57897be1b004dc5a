"""Block jobs of running domains: move a disk to another pool, commit or pull its chain.

Each begins a block job of libvirt's, follows it to its end and tells by its rope how far it is. A
copy, and a commit of the layer that is written to, have to be switched to once they are whole. When
one is ended by hand the disk is as it was; what was made for it is taken away.
"""

from __future__ import annotations

import logging
import posixpath
from functools import partial

import libvirt
from msgspec.structs import replace

from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.calls import or_none, xml_of
from virttui.hypervisor.connection.translate import BLOCK_JOBS
from virttui.hypervisor.connection.types import Connection, DomainHandle, PoolHandle, VolumeHandle
from virttui.hypervisor.provision.journaled_volume import noted
from virttui.hypervisor.queries.delete_plan import path_of
from virttui.hypervisor.queries.file_users import FileUsers
from virttui.libvirtxml.disks.chains import chains, copy_target_xml
from virttui.model.commands import Command, JobArguments
from virttui.model.domains.disk_jobs import BackingChain, ChainLayer, DiskJob
from virttui.model.errors import Cancelled, InvalidInput, OperationError, PartiallyDone, Refused
from virttui.model.volumes import NewVolume
from virttui.planning.network_pool.volume import volume_xml

log = logging.getLogger(__name__)

# Seconds between two looks at a job.
EVERY = 0.2
_BREAKS = (libvirt.libvirtError, OperationError)


def chains_of(connection: Connection, uuid: str) -> tuple[BackingChain, ...]:
    """The disks of a running domain with their sizes. Raises Refused for one that is off."""
    domain = connection.lookupByUUIDString(uuid)
    found = []
    for chain in _chains(domain):
        info = or_none(connection, partial(domain.blockInfo, chain.disk))
        if info is not None:
            chain = replace(chain, capacity=info[0], allocation=info[1])
        found.append(chain)
    return tuple(found)


def _chains(domain: DomainHandle) -> tuple[BackingChain, ...]:
    if not domain.isActive():
        raise Refused("it is off", advice="change its volumes on the storage pane (3)")
    return chains(xml_of(domain))


def _chain(domain: DomainHandle, disk: str) -> BackingChain:
    for chain in _chains(domain):
        if chain.disk == disk:
            return chain
    raise Refused(f"it has no disk {disk} with a medium")


def _begin(
    connection: Connection, command: Command, work: DiskJob
) -> tuple[DomainHandle, BackingChain]:
    """The domain, and the backing chain of the disk. Raises Refused if that has changed."""
    domain = connection.lookupByUUIDString(command.target.key.uuid)
    chain = _chain(domain, work.disk)
    if work.chain and work.chain != tuple(layer.source for layer in chain.layers):
        raise Refused(f"the backing chain of {work.disk} has changed", advice="open the form again")
    if _job(domain, work.disk):
        raise Refused(f"{work.disk} has a job already", advice="end or finish it first")
    return domain, chain


def _job(domain: DomainHandle, disk: str) -> dict[str, int]:
    """The block job of a disk as libvirt reports it; empty where there is none."""
    return domain.blockJobInfo(disk, 0) or {}


# -- moving ------------------------------------------------------------------------------------


def copy(connection: Connection, command: Command, work: DiskJob, control: TaskControl) -> str:
    """Copy a disk to a new volume while its guest runs, and have the guest go on with that.

    Raises Cancelled when ended by hand; whatever keeps it from ending well, the guest goes on with
    what it had and the new volume is deleted.
    """
    domain, chain = _begin(connection, command, work)
    if work.new is None or work.target_pool is None:
        raise InvalidInput("no pool was named")
    pool = connection.storagePoolLookupByUUIDString(work.target_pool.uuid)
    capacity = int(domain.blockInfo(work.disk)[0])
    new = replace(work.new, capacity=capacity)
    with noted(connection, command.target.key, pool, new.name, "moving a disk to"):
        name = _moved(connection, domain, work, pool, new, control)
    old = chain.layers[0]
    done = f"{work.disk} is on {work.target_pool_name} now, as {name}"
    if work.delete_old:
        left = _drop(connection, (old,))
        return f"{done}; {old.name} {'is left' if left else 'is deleted'}"
    return f"{done}; {old.name} is left as it was"


def _moved(
    connection: Connection,
    domain: DomainHandle,
    work: DiskJob,
    pool: PoolHandle,
    new: NewVolume,
    control: TaskControl,
) -> str:
    """Copy a disk and have its guest go on with that; the new volume's name. Undone if it fails."""
    volume = pool.createXML(volume_xml(new), 0)
    try:
        kind = volume.info()[0]
        if kind not in (libvirt.VIR_STORAGE_VOL_FILE, libvirt.VIR_STORAGE_VOL_BLOCK):
            raise Refused(
                f"QEMU cannot copy into a volume of {work.target_pool_name} while the guest runs"
            )
        xml = copy_target_xml(
            volume.path(), new.format, block=kind == libvirt.VIR_STORAGE_VOL_BLOCK
        )
        limit = {libvirt.VIR_DOMAIN_BLOCK_COPY_BANDWIDTH: work.limit} if work.limit else {}
        flags = libvirt.VIR_DOMAIN_BLOCK_COPY_REUSE_EXT
        flags |= libvirt.VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB
        domain.blockCopy(work.disk, xml, limit, flags)
        _follow(domain, work.disk, control, switches=True)
        _arrived(domain, work.disk, volume.path())
    except _BREAKS as error:
        _undo(connection, domain, work, volume, error)
        raise
    return str(volume.name())


def _arrived(domain: DomainHandle, disk: str, path: str) -> None:
    """Raises Refused when a disk is not on what was made for it: its job failed."""
    place = _chain(domain, disk).layers[0].source
    if posixpath.normpath(place) != posixpath.normpath(path):
        raise Refused(
            f"the copy of {disk} failed; the guest keeps its old disk",
            advice="check the free space of the pool, and the log (l)",
        )


def _undo(
    connection: Connection,
    domain: DomainHandle,
    work: DiskJob,
    volume: VolumeHandle,
    why: libvirt.libvirtError | OperationError,
) -> None:
    """End the job and delete what was made for it. Raises PartiallyDone when that cannot be."""
    if not connection.isAlive():
        return
    _end(domain, work.disk)
    name = f"{volume.name()} in {work.target_pool_name}"
    reason = why.message if isinstance(why, OperationError) else why.get_error_message()
    try:
        used = any(path == _path(volume) for path in _first_places(domain))
        if used:
            raise PartiallyDone(f"{work.disk} is on {name} already: {reason}")
        volume.delete(0)
    except libvirt.libvirtError as error:
        raise PartiallyDone(
            f"{name} could not be deleted: {reason}",
            advice=":leftovers lists and removes it",
            libvirt_message=error.get_error_message(),
        ) from error


def _path(volume: VolumeHandle) -> str:
    return posixpath.normpath(str(volume.path()))


def _first_places(domain: DomainHandle) -> list[str]:
    """The sources that the disks write to now; empty when the domain is off."""
    if not domain.isActive():
        return []
    return [posixpath.normpath(chain.layers[0].source) for chain in _chains(domain)]


# -- shorter chains ----------------------------------------------------------------------------


def commit(connection: Connection, command: Command, work: DiskJob, control: TaskControl) -> str:
    """Write layers of a chain into one below them. Raises Refused when others lie on them."""
    domain, chain = _begin(connection, command, work)
    layers = chain.layers
    if not 0 <= work.top < work.base < len(layers):
        raise InvalidInput("there is nothing to commit into")
    # What is written into the base, and what is merged away, must be nobody else's.
    _own(connection, domain, layers, layers[work.top + 1 : work.base + 1])
    active = work.top == 0
    flags = libvirt.VIR_DOMAIN_BLOCK_COMMIT_ACTIVE if active else 0
    flags |= libvirt.VIR_DOMAIN_BLOCK_COMMIT_BANDWIDTH_BYTES
    top = None if active else _numbered(work.disk, layers[work.top])
    base = _numbered(work.disk, layers[work.base])
    domain.blockCommit(work.disk, base, top, work.limit, flags)
    _followed(domain, work.disk, control, switches=active)
    merged, target = layers[work.top : work.base], layers[work.base]
    _shortened(domain, work.disk, merged)
    left = _drop(connection, merged) if work.delete_old else [layer.name for layer in merged]
    summary = f"{work.disk}: {_names(merged)} went into {target.name}"
    return f"{summary}; left as files: {', '.join(left)}" if left else summary


def pull(connection: Connection, command: Command, work: DiskJob, control: TaskControl) -> str:
    """Take what a disk lies on into its first layer, down to a base that stays or to the end."""
    domain, chain = _begin(connection, command, work)
    layers = chain.layers
    if not 1 <= work.base <= len(layers) or len(layers) < 2:
        raise InvalidInput("it has no backing file")
    flags = libvirt.VIR_DOMAIN_BLOCK_PULL_BANDWIDTH_BYTES
    if work.base == len(layers):
        domain.blockPull(work.disk, work.limit, flags)
    else:
        base = _numbered(work.disk, layers[work.base])
        domain.blockRebase(work.disk, base, work.limit, flags)
    _followed(domain, work.disk, control, switches=False)
    merged = layers[1 : work.base]
    _shortened(domain, work.disk, merged)
    return f"{work.disk} no longer lies on {_names(merged)}; what was under it is left as it was"


def _numbered(disk: str, layer: ChainLayer) -> str:
    """A layer as libvirt knows it without doubt: two may have one path by different ways."""
    return f"{disk}[{layer.index}]" if layer.index else layer.source


def _own(
    connection: Connection,
    domain: DomainHandle,
    layers: tuple[ChainLayer, ...],
    touched: tuple[ChainLayer, ...],
) -> None:
    """Raises Refused when another domain or overlay lies on what would change or go."""
    mine = frozenset(path_of(connection, layer.pool, layer.source) for layer in layers)
    uses = FileUsers(connection, without=domain.UUIDString())
    for layer in touched:
        if others := uses.of(path_of(connection, layer.pool, layer.source), beside=mine):
            raise Refused(
                f"{layer.name} is used by {', '.join(sorted(others))} too; nothing was changed",
                advice="pull instead: that changes nothing but this disk",
            )


def _shortened(domain: DomainHandle, disk: str, merged: tuple[ChainLayer, ...]) -> None:
    """Raises Refused when layers that were to go are still there: the job failed."""
    there = {layer.source for layer in _chain(domain, disk).layers}
    if any(layer.source in there for layer in merged):
        raise Refused(
            f"the job on {disk} failed; its chain is unchanged",
            advice="check the free space of the pool, and the log (l)",
        )


def _names(layers: tuple[ChainLayer, ...]) -> str:
    return ", ".join(layer.name for layer in layers)


def _drop(connection: Connection, layers: tuple[ChainLayer, ...]) -> list[str]:
    """Delete volumes that are no longer used; the names of those that are left."""
    left = []
    for layer in layers:
        volume = _unused_volume(connection, layer)
        if volume is None:
            left.append(layer.name)
            continue
        try:
            volume.delete(0)
        except libvirt.libvirtError as error:
            if not connection.isAlive():
                raise
            log.debug("deleting %s: %s", layer.source, error)
            left.append(layer.name)
    return left


def _unused_volume(connection: Connection, layer: ChainLayer) -> VolumeHandle | None:
    """The volume of a layer, unless no pool holds it or somebody uses it."""
    for pool in connection.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE):
        # Overlays of snapshots are made behind the back of their pool.
        or_none(connection, partial(pool.refresh, 0))
    path = path_of(connection, layer.pool, layer.source)
    uses = FileUsers(connection)
    if uses.of(path) or uses.not_known(path):
        return None
    return or_none(connection, lambda: connection.storageVolLookupByPath(path))


# -- the job itself ----------------------------------------------------------------------------


def finish(connection: Connection, command: Command, arguments: JobArguments) -> str:
    """Switch a disk to its copy that is whole, or end a commit that is: asked for by anybody."""
    domain = connection.lookupByUUIDString(command.target.key.uuid)
    disk, info = arguments.disk, _job(domain, arguments.disk)
    if not info:
        raise Refused("that job has ended already")
    if arguments.operation and arguments.operation != BLOCK_JOBS.get(info.get("type", 0), ""):
        raise Refused(f"{disk} has another job now")
    if not _chain(domain, disk).ready:
        raise Refused("it is not ready yet", advice="wait until all of it is copied")
    domain.blockJobAbort(disk, libvirt.VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT)
    return f"{disk}: its job is finished"


def _followed(domain: DomainHandle, disk: str, control: TaskControl, *, switches: bool) -> None:
    """Follow a job; when anything comes between, it is ended and the disk is as it was."""
    try:
        _follow(domain, disk, control, switches=switches)
    except _BREAKS:
        _end(domain, disk)
        raise


def _follow(domain: DomainHandle, disk: str, control: TaskControl, *, switches: bool) -> None:
    """Follow a job until it is over. Raises Cancelled once the rope was pulled."""
    while info := _job(domain, disk):
        done, total = info.get("cur", 0), info.get("end", 0)
        control.reach(done, total)
        # A mirror is ready a moment after all of it was copied.
        if switches and done >= total and _chain(domain, disk).ready:
            domain.blockJobAbort(disk, libvirt.VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT)
            return
        if control.rest(EVERY):
            raise Cancelled("cancelled; the disk is unchanged")


def _end(domain: DomainHandle, disk: str) -> None:
    """End the job of a disk: libvirt returns when it is gone. One that has ended is well."""
    try:
        if _job(domain, disk):
            domain.blockJobAbort(disk, 0)
    except libvirt.libvirtError as error:
        log.debug("ending the job on %s: %s", disk, error)

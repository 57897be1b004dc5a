"""Create, copy, resize, wipe and delete volumes; refuse what would damage one in use."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable

import libvirt

from virttui.hypervisor.connection.calls import xml_of
from virttui.hypervisor.connection.types import Connection, DomainHandle, PoolHandle, VolumeHandle
from virttui.hypervisor.queries.file_users import FileUsers
from virttui.libvirtxml import read
from virttui.model.commands import Command
from virttui.model.domains.disk_jobs import DiskJob
from virttui.model.errors import InvalidInput, Refused
from virttui.model.volumes import VolumeOperation
from virttui.planning.network_pool.volume import volume_xml

_GROWS_LIVE = libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES


def pool_of(connection: Connection, work: VolumeOperation) -> PoolHandle:
    """The pool of a volume, by its UUID."""
    return connection.storagePoolLookupByUUIDString(work.pool.uuid)


def volume_of(connection: Connection, command: Command, work: VolumeOperation) -> VolumeHandle:
    """The volume a command is for, by its pool and name: some pools have no paths."""
    return pool_of(connection, work).storageVolLookupByName(command.target.name)


def create(connection: Connection, command: Command, work: VolumeOperation) -> str:
    """Make a volume."""
    if work.new is None:
        raise InvalidInput("no volume was described")
    flags = libvirt.VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA if work.new.metadata else 0
    volume = pool_of(connection, work).createXML(volume_xml(work.new), flags)
    return f"created: {volume.path()}"


def clone(connection: Connection, command: Command, work: VolumeOperation) -> str:
    """Copy a volume, in its pool or into another one of the host."""
    if work.new is None:
        raise InvalidInput("no volume was described")
    uuid = (work.target_pool or work.pool).uuid
    pool = connection.storagePoolLookupByUUIDString(uuid)
    volume = pool.createXMLFrom(volume_xml(work.new), volume_of(connection, command, work), 0)
    return f"copied: {volume.path()}"


def resize(connection: Connection, command: Command, work: VolumeOperation) -> str:
    """Change what a volume holds; by its running domain, where one has it as a disk."""
    volume = volume_of(connection, command, work)
    now = volume.info()[1]
    shrinks = work.capacity < now
    if shrinks and not work.allow_shrink:
        raise Refused("it is larger than that now", advice="z again shows its size and asks")
    running = running_disks(connection, work.pool_name, volume)
    if len(running) > 1:
        names = ", ".join(sorted(domain.name() for domain, _ in running))
        raise Refused(f"several running domains have it: {names}", advice="shut down all but one")
    if running and shrinks:
        raise Refused(f"{running[0][0].name()} runs on it", advice="shut it down, then shrink")
    if not running:
        _not_under_anything(connection, volume, shrinks=shrinks)
        volume.resize(work.capacity, libvirt.VIR_STORAGE_VOL_RESIZE_SHRINK if shrinks else 0)
        return "is smaller now" if shrinks else "is grown"
    domain, target = running[0]
    domain.blockResize(target, work.capacity, _GROWS_LIVE)
    return f"is grown; {domain.name()} sees it as {target} at once"


def grow_disk(connection: Connection, command: Command, work: DiskJob) -> str:
    """Grow a disk of a running domain, whatever it is on."""
    domain = connection.lookupByUUIDString(command.target.key.uuid)
    if not domain.isActive():
        raise Refused("it is off", advice="z on its volume in the storage pane grows it")
    if work.capacity <= domain.blockInfo(work.disk)[0]:
        raise Refused("it is as large as that now; a disk that runs can only grow")
    domain.blockResize(work.disk, work.capacity, _GROWS_LIVE)
    return f"{work.disk} is grown; its guest sees it at once"


def _not_under_anything(connection: Connection, volume: VolumeHandle, *, shrinks: bool) -> None:
    """Raises Refused when what lies on top of it, or runs through it, would lose its end."""
    users = FileUsers(connection).of(volume.path())
    running = _names_running(connection) & users
    if running:
        raise Refused(f"it backs a disk of {', '.join(sorted(running))}, which runs")
    overlays = sorted(name for name in users if name.startswith("overlay "))
    if shrinks and overlays:
        raise Refused(f"it backs {', '.join(overlays)}, which would lose what is cut off")


def _names_running(connection: Connection) -> set[str]:
    active = connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)
    return {domain.name() for domain in active}


def running_disks(
    connection: Connection, pool: str, volume: VolumeHandle
) -> list[tuple[DomainHandle, str]]:
    """The running domains that have a volume as a disk, each with the disk's target."""
    path, name = posixpath.normpath(volume.path()), volume.name()
    found = []
    for domain in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE):
        try:
            disks = read.domain(xml_of(domain)).disks
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
                raise
            continue
        except InvalidInput:
            continue
        for disk in disks:
            by_path = not disk.pool and disk.source and posixpath.normpath(disk.source) == path
            if by_path or (disk.pool == pool and disk.source == name):
                found.append((domain, disk.target))
    return found


def unused(connection: Connection, command: Command, work: VolumeOperation) -> VolumeHandle:
    """The volume a command is for, when nobody uses it now. Raises Refused that names who does,
    or what is not known of that and was not agreed on."""
    # Overlays made behind libvirt's back count too.
    pool_of(connection, work).refresh(0)
    volume = volume_of(connection, command, work)
    uses = FileUsers(connection)
    if users := uses.of(volume.path()):
        raise Refused(f"it is used by {', '.join(sorted(users))}; nothing was changed")
    require_accepted(work.despite, uses.not_known(volume.path()))
    return volume


def require_accepted(despite: Collection[str], unknown: Iterable[str]) -> None:
    """Raises Refused for what is not known and was not named when somebody agreed."""
    if new := [words for words in unknown if words not in despite]:
        raise Refused(
            f"not known: {'; '.join(new)}; nothing was changed",
            advice="press the same key again to see why and confirm",
        )


def delete(connection: Connection, command: Command, work: VolumeOperation) -> str:
    """Delete a volume that nobody uses."""
    unused(connection, command, work).delete(0)
    return "is deleted"


def wipe(connection: Connection, command: Command, work: VolumeOperation) -> str:
    """Overwrite a volume that nobody uses with zeros."""
    unused(connection, command, work).wipe(0)
    return "is wiped"

"""The pieces of a recipe: each is noted before it is made, and can be taken away again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import libvirt
from msgspec.structs import replace

from virttui.appliances.qemu_img import scratch
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.calls import or_none_on
from virttui.hypervisor.connection.streams import BREAKS, abort
from virttui.hypervisor.connection.types import Connection, PoolHandle, VolumeHandle
from virttui.hypervisor.provision import container_root, copy_volume
from virttui.hypervisor.provision.copy_between_hosts import pass_on
from virttui.hypervisor.provision.download import fetch
from virttui.hypervisor.provision.free_space import has_room
from virttui.hypervisor.provision.mirror_disks import Mirror, mirror
from virttui.hypervisor.provision.send_file_part import send_part, unpacked
from virttui.hypervisor.provision.upload_download import (
    BLOCK,
    data_of,
    file_size,
    length_of,
    send_file,
)
from virttui.model.errors import HostLost, Refused
from virttui.model.identity import ObjectId
from virttui.model.provision.file_slice import FileSlice
from virttui.model.provision.plan import (
    CreatedResource,
    FileCopy,
    ProvisionPlan,
    ResourceKind,
    RootFolder,
    VolumeStep,
)
from virttui.persistence.provision_journal import Journal
from virttui.planning.network_pool.volume import volume_xml

log = logging.getLogger(__name__)


class RollbackLog:
    """The resources created so far, in order: logged before creation, removed when a step fails."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._created: list[tuple[CreatedResource, Callable[[], object]]] = []
        self._started: CreatedResource | None = None

    def begins(self, piece: CreatedResource) -> None:
        """This is made next. Raises Refused where that cannot be noted."""
        self._journal.note(piece)
        self._started = piece

    def created(self, piece: CreatedResource, take_away: Callable[[], object]) -> None:
        """It is there now."""
        self._created.append((piece, take_away))
        self._started = None

    def all(self, *, alive: bool) -> list[str]:
        """Take away what was made, last first; returns what could not be.

        A call that got no answer, since the connection is not ``alive``, may have made its piece.
        """
        left: list[str] = []
        if self._started is not None and not alive:
            left.append(f"{self._started.words}, if it is there")
        for piece, take_away in reversed(self._created):
            try:
                take_away()
            except BREAKS as error:
                log.debug("undoing %s: %s", piece.words, error)
                left.append(piece.words)
        return left


def _piece(step: VolumeStep) -> CreatedResource:
    return CreatedResource(ResourceKind.VOLUME, step.new.name, step.pool.uuid, step.pool_name)


def volume(
    connection: Connection,
    plan: ProvisionPlan,
    step: VolumeStep,
    control: TaskControl,
    undo: RollbackLog,
) -> None:
    """Make one volume; what was begun can be undone from its first moment on.

    Raises Refused, with the pool's name, when that is full.
    """
    try:
        _volume(connection, plan, step, control, undo)
    except libvirt.libvirtError as error:
        message = error.get_error_message()
        if "No space left" not in message:
            raise
        full = f"{step.pool_name} is full: {step.new.name} has no room there"
        advice = "free some space there, or choose another pool"
        raise Refused(full, advice=advice, libvirt_message=message) from error


def _volume(
    connection: Connection,
    plan: ProvisionPlan,
    step: VolumeStep,
    control: TaskControl,
    undo: RollbackLog,
) -> None:
    control.reach(0, 0)
    if step.copy_of is not None:
        _copied(connection, step, step.copy_of, control, undo)
        return
    if step.slice is not None:
        _part(connection, plan.scratch, step, step.slice, control, undo)
        return
    created = _empty(connection, step, undo)
    if step.file:
        send_file(connection, created, step.file, control)
    elif step.url:
        fetch(connection, created, step.url, step.new.capacity, step.sha256, control)
    elif step.content:
        _write(connection, created, step.content, control)


def _copied(
    connection: Connection,
    step: VolumeStep,
    origin: tuple[ObjectId, str],
    control: TaskControl,
    undo: RollbackLog,
) -> None:
    """Make a volume with the content of another one, of this host or another."""
    pool = connection.storagePoolLookupByUUIDString(step.pool.uuid)
    key, source = origin
    if key.host == step.pool.host:
        source_pool = connection.storagePoolLookupByUUIDString(key.uuid)
        original = source_pool.storageVolLookupByName(source)
        if step.streamed:
            _stream(connection, connection, (pool, step), original, control, undo)
            return
        _absent(pool, step, undo)
        if step.reflink:
            created = copy_volume.reflink(pool, step.new, original)
        else:
            created = copy_volume.copy(
                connection, step.pool.host, pool, step.new, original, control
            )
        undo.created(_piece(step), lambda: created.delete(0))
        return
    with control.visit(key.host) as there:
        try:
            place = there.storagePoolLookupByUUIDString(key.uuid)
            original = place.storageVolLookupByName(source)
            _stream(connection, there, (pool, step), original, control, undo)
        except libvirt.libvirtError as error:
            if there.isAlive():
                raise
            # The worker knows only whether its own host is there.
            message = error.get_error_message()
            words = "the connection to the host it is copied from broke"
            raise HostLost(words, advice="clone it again", libvirt_message=message) from error


def _part(
    connection: Connection,
    folder: str,
    step: VolumeStep,
    part: FileSlice,
    control: TaskControl,
    undo: RollbackLog,
) -> None:
    """Make a volume of a part of a file, converted first where it has to be."""
    pool = connection.storagePoolLookupByUUIDString(step.pool.uuid)
    with ExitStack() as stack:
        place = stack.enter_context(scratch(folder)) if part.convert else Path()
        ready = unpacked(part, place, control)
        control.reach(0, 0)
        new = copy_volume.as_it_is(step.new, ready.size, files=step.files)
        _absent(pool, step, undo)
        data = file_size(ready.path)[1] if part.convert else part.stored
        has_room(pool, step.pool_name, step.new.name, data)
        volume = pool.createXML(volume_xml(new), 0)
        undo.created(_piece(step), lambda: volume.delete(0))
        if part.convert:
            send_file(connection, volume, ready.path, control)
        else:
            send_part(connection, volume, ready, control)


def _stream(
    connection: Connection,
    there: Connection,
    into: tuple[Any, VolumeStep],
    original: Any,
    control: TaskControl,
    undo: RollbackLog,
) -> None:
    """Copy a volume as it is, byte by byte."""
    pool, step = into
    length = length_of(original)
    new = copy_volume.as_it_is(step.new, length, files=step.files)
    _absent(pool, step, undo)
    has_room(pool, step.pool_name, step.new.name, data_of(original, length))
    volume = pool.createXML(volume_xml(new), 0)
    undo.created(_piece(step), lambda: volume.delete(0))
    pass_on((there, original), (connection, volume), length, control)


def mirrors(
    connection: Connection, plan: ProvisionPlan, control: TaskControl, undo: RollbackLog
) -> None:
    """Copy disks of a running domain, all of them as they are at one moment."""
    found: list[Mirror] = []
    uuid = ""
    for step in plan.volumes:
        if step.mirror_of is not None:
            uuid, disk = step.mirror_of
            # Its size now: it may have grown since it was looked at.
            capacity = int(connection.lookupByUUIDString(uuid).blockInfo(disk)[0])
            sized = replace(step, new=replace(step.new, capacity=capacity))
            volume = _empty(connection, sized, undo)
            found.append(Mirror(disk, volume, step.new.format))
    if found:
        mirror(connection, uuid, found, control)


def root_folder(
    connection: Connection, root: RootFolder, control: TaskControl, undo: RollbackLog
) -> None:
    """Unpack a container's root folder; from its first file on it is taken away on a failure."""
    if container_root.place(connection, root).exists():
        raise Refused(f"{root.path} is there already", advice="name another folder")
    piece = CreatedResource(ResourceKind.FOLDER, root.path)
    undo.begins(piece)
    undo.created(piece, lambda: container_root.remove(connection, root))
    container_root.unpack(connection, root, control)


def nvram(
    connection: Connection, host: str, what: FileCopy, control: TaskControl, undo: RollbackLog
) -> None:
    """Copy the variables of its firmware, where the source has some already."""
    piece = CreatedResource(ResourceKind.FILE, what.path)
    undo.begins(piece)
    if what.slice is not None:
        with copy_volume.new_file(connection, what.path, what.slice.size) as volume:
            undo.created(piece, lambda: copy_volume.delete_file(connection, what.path))
            send_part(connection, volume, what.slice, control)
    elif copy_volume.copy_file(connection, host, what, control):
        undo.created(piece, lambda: copy_volume.delete_file(connection, what.path))


def _empty(connection: Connection, step: VolumeStep, undo: RollbackLog) -> Any:
    """A new volume with nothing in it yet."""
    flags = libvirt.VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA if step.new.metadata else 0
    pool = connection.storagePoolLookupByUUIDString(step.pool.uuid)
    new, data = step.new, step.new.capacity if step.url else 0
    if step.file:
        # How large it is only the file itself tells.
        size, data = file_size(step.file)
        new = replace(new, capacity=size)
    _absent(pool, step, undo)
    if data:
        has_room(pool, step.pool_name, new.name, data)
    volume = pool.createXML(volume_xml(new), flags)
    undo.created(_piece(step), lambda: volume.delete(0))
    return volume


def _absent(pool: PoolHandle, step: VolumeStep, undo: RollbackLog) -> None:
    """Raises Refused when its name is taken; else it is noted as what is made next."""
    look_up = partial(pool.storageVolLookupByName, step.new.name)
    if or_none_on((libvirt.VIR_ERR_NO_STORAGE_VOL,), look_up) is not None:
        message = f"{step.new.name} is in {step.pool_name} already"
        raise Refused(message, advice="choose another name")
    undo.begins(_piece(step))


def _write(
    connection: Connection, volume: VolumeHandle, content: bytes, control: TaskControl
) -> None:
    """Write content that is in memory."""
    stream = connection.newStream(0)
    try:
        volume.upload(stream, 0, len(content), 0)
        place = 0
        while place < len(content):
            sent = stream.send(content[place : place + BLOCK])
            place += sent
            control.advance(sent, len(content))
        stream.finish()
    except BREAKS:
        abort(stream)
        raise

"""A volume copied to a pool of another host: streamed through, block by block, kept nowhere.

The command has two connections to itself, one to each host, on one thread: what one host sends is
handed to the other. Holes are told and not sent. What is interrupted is taken away at the far end;
what cannot be is named.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterator

import libvirt

from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.commands.volumes import volume_of
from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.calls import or_none, xml_of
from virttui.hypervisor.connection.streams import BREAKS, abort
from virttui.hypervisor.connection.types import Connection, VolumeHandle
from virttui.hypervisor.provision.free_space import has_room
from virttui.hypervisor.provision.journaled_volume import noted
from virttui.hypervisor.provision.upload_download import (
    BLOCK,
    HOLE,
    data_of,
    delete_partial_volume,
    length_of,
    send_all,
    start_transfer,
)
from virttui.libvirtxml import read
from virttui.model.commands import Command
from virttui.model.errors import InvalidInput, Refused
from virttui.model.identity import ObjectId
from virttui.model.volumes import NewVolume, VolumeOperation
from virttui.planning.network_pool.volume import volume_xml

_ZEROS = bytes(1024**2)
MOST_HOLES = 8 * 1024**3
"""Bytes of holes beyond which no checksum is told: their zeros would take longer than the copy."""


def relay(
    connection: Connection, command: Command, work: VolumeOperation, control: TaskControl
) -> str:
    """Copy a volume to another host. Raises Refused when what it lies on is not there.

    When it is interrupted the copy is deleted; PartiallyDone names one that could not be.
    """
    if work.new is None or work.target_pool is None:
        raise InvalidInput("no pool was named")
    source = volume_of(connection, command, work)
    with control.visit(work.target_pool.host) as there:
        try:
            pool = there.storagePoolLookupByUUIDString(work.target_pool.uuid)
            _can_be_there(connection, source, there, work)
            size = length_of(source)
            # libvirt finds out by itself, once it is there, what is in it.
            new = NewVolume(
                work.new.name, size, "raw" if work.files else "", 0 if work.files else None
            )
            has_room(pool, work.target_pool_name, new.name, data_of(source, size))
            with noted(there, ObjectId(work.target_pool.host, ""), pool, new.name, "copying"):
                volume = pool.createXML(volume_xml(new), 0)
                try:
                    checksum = pass_on((connection, source), (there, volume), size, control)
                except BREAKS as error:
                    delete_partial_volume(volume, f"{new.name} in {work.target_pool_name}", error)
                    raise
        except libvirt.libvirtError as error:
            # The worker knows only whether its own host is there.
            alive = bool(connection.isAlive() and there.isAlive())
            raise translate.operation_error(error, alive=alive) from error
    words = f"is in {work.target_pool_name}, as {work.new.name}: {size} bytes"
    return f"{words}, sha256 {checksum}" if checksum else words


def _can_be_there(
    connection: Connection, source: VolumeHandle, there: Connection, work: VolumeOperation
) -> None:
    """Raises Refused when the copy would lie on a file that the other host does not have."""
    backing = read.volume(xml_of(source)).backing
    if not backing:
        return
    path = posixpath.normpath(backing)
    if or_none(there, lambda: there.storageVolLookupByPath(path)) is None:
        raise Refused(
            f"its backing file {path} is in no pool of the other host",
            advice="o to a pool of its own host creates a copy without one; copy that",
        )


def pass_on(
    here: tuple[Connection, VolumeHandle],
    there: tuple[Connection, VolumeHandle],
    size: int,
    control: TaskControl,
) -> str:
    """Hand on what a volume holds; returns its checksum, "" where that would take too long."""
    (connection, source), (other, volume) = here, there
    digest = hashlib.sha256()
    out, back = connection.newStream(0), other.newStream(0)
    holes = 0
    try:
        flag = libvirt.VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM
        sparse = start_transfer(lambda flags: source.download(out, 0, size, flags), flag)
        flag = libvirt.VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM
        takes = start_transfer(lambda flags: volume.upload(back, 0, size, flags), flag)
        while data := out.recvFlags(BLOCK, libvirt.VIR_STREAM_RECV_STOP_AT_HOLE if sparse else 0):
            if data == HOLE:
                length = out.recvHole(0)
                holes += length
                if takes:
                    back.sendHole(length, 0)
                for piece in _zeros(length if not takes or holes <= MOST_HOLES else 0):
                    digest.update(piece)
                    if not takes:
                        send_all(back, piece)
            else:
                length = len(data)
                send_all(back, data)
                digest.update(data)
            control.advance(length, size)
        out.finish()
        back.finish()
    except BREAKS:
        abort(out)
        abort(back)
        raise
    return digest.hexdigest() if holes <= MOST_HOLES else ""


def _zeros(length: int) -> Iterator[bytes]:
    while length > 0:
        piece = min(length, len(_ZEROS))
        yield _ZEROS if piece == len(_ZEROS) else _ZEROS[:piece]
        length -= piece

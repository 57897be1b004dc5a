"""The content of volumes, between a file of this machine and a pool of any host, by streams.

Each transfer has the connection and the thread of its command to itself. Holes are told and not
sent where the driver knows how. No more than a few blocks are held in memory. What is interrupted
is taken away again; what cannot be is named.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import libvirt

from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.commands.volumes import pool_of, volume_of
from virttui.hypervisor.connection.streams import BREAKS, abort
from virttui.hypervisor.connection.types import Connection, StreamHandle, VolumeHandle
from virttui.hypervisor.provision.checksum import Checksum
from virttui.hypervisor.provision.free_space import has_room
from virttui.hypervisor.provision.journaled_volume import noted
from virttui.model.commands import Command
from virttui.model.errors import InvalidInput, OperationError, PartiallyDone
from virttui.model.identity import ObjectId
from virttui.model.volumes import NewVolume, VolumeOperation
from virttui.planning.network_pool.volume import volume_xml

log = logging.getLogger(__name__)

# What one message of libvirt's protocol takes, less its head.
BLOCK = 256 * 1024 - 24
HOLE = -3
"""What libvirt answers instead of bytes where a hole begins."""


def start_transfer(begin: Callable[[int], object], flag: int) -> bool:
    """Begin a transfer with holes, else without; true when holes are told."""
    try:
        begin(flag)
    except libvirt.libvirtError as error:
        if "unsupported flags" not in error.get_error_message():
            raise
        begin(0)
        return False
    return True


def send_all(stream: StreamHandle, data: bytes) -> None:
    """Send a block; libvirt may take it in several goes."""
    done = stream.send(data)
    while done < len(data):
        done += stream.send(data[done:])


def _local(work_file: str) -> Path:
    if not work_file:
        raise InvalidInput("no file was named")
    return Path(work_file).expanduser()


# -- from a volume -----------------------------------------------------------------------------


def download(
    connection: Connection, command: Command, work: VolumeOperation, control: TaskControl
) -> str:
    """Copy a volume's content to a file that is not there yet. Raises InvalidInput about the
    file."""
    path = _local(work.file)
    volume = volume_of(connection, command, work)
    part = path.with_name(f"{path.name}.part")
    if path.exists():
        raise InvalidInput(f"{path} is there already")
    try:
        fd = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            size, checksum = _receive(connection, volume, fd, control)
            # A hole at the end is no bytes: the length is told by hand.
            os.ftruncate(fd, size)
            part.rename(path)
        except BREAKS:
            part.unlink(missing_ok=True)
            raise
        finally:
            os.close(fd)
    except OSError as error:
        raise InvalidInput(f"{part}: {error.strerror}") from error
    return _end_message(f"is in {path}: {size} bytes", checksum, control)


def _end_message(words: str, checksum: Checksum, control: TaskControl) -> str:
    """The words for the end of a transfer; the checksum is told later if it is not there yet."""
    found = checksum.end(lambda late: control.amend(f"{words}, sha256 {late}"))
    return f"{words}, sha256 {found}" if found else words


def _receive(
    connection: Connection, volume: VolumeHandle, fd: int, control: TaskControl
) -> tuple[int, Checksum]:
    """Write a volume's content into a file; returns how many bytes it is long."""
    total, size = length_of(volume), 0
    checksum = Checksum(fd, fixed=False)

    def advance(length: int) -> None:
        nonlocal size
        control.advance(length, total)
        size += length

    def take(data: bytes) -> None:
        _write(fd, data)
        checksum.data(len(data))
        advance(len(data))

    def skip(length: int) -> None:
        os.lseek(fd, length, os.SEEK_CUR)
        checksum.hole(length)
        advance(length)

    try:
        receive_content(connection, volume, 0, take, skip)
    except BREAKS:
        checksum.drop()
        raise
    return size, checksum


def receive_content(
    connection: Connection,
    volume: VolumeHandle,
    length: int,
    take: Callable[[bytes], None],
    skip: Callable[[int], None],
) -> None:
    """Give the content of a volume to ``take`` block by block, and its holes to ``skip``.

    ``length`` are the bytes of it, 0 for all. Raises what libvirt or one of the two raises, once
    the stream is ended.
    """
    stream = connection.newStream(0)
    try:
        flag = libvirt.VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM
        sparse = start_transfer(lambda flags: volume.download(stream, 0, length, flags), flag)
        holes = libvirt.VIR_STREAM_RECV_STOP_AT_HOLE if sparse else 0
        while data := stream.recvFlags(BLOCK, holes):
            if data == HOLE:
                skip(stream.recvHole(0))
            else:
                take(data)
        stream.finish()
    except BREAKS:
        abort(stream)
        raise


def length_of(volume: VolumeHandle) -> int:
    """The length of the content: the file of a qcow2 is shorter than its capacity."""
    try:
        return int(volume.infoFlags(libvirt.VIR_STORAGE_VOL_GET_PHYSICAL)[2])
    except libvirt.libvirtError as error:
        if error.get_error_code() not in (libvirt.VIR_ERR_NO_SUPPORT, libvirt.VIR_ERR_INVALID_ARG):
            raise
        return int(volume.info()[2])


def data_of(volume: VolumeHandle, length: int) -> int:
    """The allocated bytes of the content, as far as its pool reports them."""
    return min(int(volume.info()[2]), length)


def _write(fd: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]


# -- to a volume -------------------------------------------------------------------------------


def upload(
    connection: Connection, command: Command, work: VolumeOperation, control: TaskControl
) -> str:
    """Make a volume of a file's content. Raises InvalidInput about the file.

    When it is interrupted the volume is deleted; PartiallyDone names one that could not be.
    """
    name = command.target.name
    path = _local(work.file)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from error
    try:
        size = os.lseek(fd, 0, os.SEEK_END)
        if not size:
            raise InvalidInput(f"{path} is empty")
        # libvirt finds out by itself, once it is there, what is in it.
        files = NewVolume(name, size, "raw" if work.files else "", 0 if work.files else None)
        pool = pool_of(connection, work)
        has_room(pool, work.pool_name, name, _data(fd, size))
        with noted(connection, ObjectId(work.pool.host, ""), pool, name, "uploading"):
            volume = pool.createXML(volume_xml(files), 0)
            try:
                checksum = _send(connection, volume, fd, size, control)
            except BREAKS as error:
                delete_partial_volume(volume, f"{name} in {work.pool_name}", error)
                raise
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from error
    finally:
        os.close(fd)
    return _end_message(f"is in {work.pool_name}: {size} bytes", checksum, control)


def send_file(
    connection: Connection, volume: VolumeHandle, path: str, control: TaskControl
) -> None:
    """Write a file of this machine into a volume. Raises InvalidInput about the file."""
    try:
        fd = os.open(_local(path), os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from error
    try:
        _send(connection, volume, fd, os.lseek(fd, 0, os.SEEK_END), control).drop()
    finally:
        os.close(fd)


def file_size(path: str) -> tuple[int, int]:
    """The size and the allocated bytes of a file of this machine. Raises InvalidInput."""
    try:
        fd = os.open(_local(path), os.O_RDONLY | os.O_CLOEXEC)
        try:
            size = os.lseek(fd, 0, os.SEEK_END)
            data = _data(fd, size)
        finally:
            os.close(fd)
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from error
    if not size:
        raise InvalidInput(f"{path} is empty")
    return size, data


def delete_partial_volume(volume: VolumeHandle, what: str, why: BaseException) -> None:
    """Delete a volume that is not whole. Raises PartiallyDone when that cannot be."""
    try:
        volume.delete(0)
    except libvirt.libvirtError as error:
        reason = why.message if isinstance(why, OperationError) else str(why)
        raise PartiallyDone(
            f"{what} is not whole and could not be deleted: {reason}",
            advice=":leftovers lists and removes it when the host answers",
            libvirt_message=error.get_error_message(),
        ) from error


def _send(
    connection: Connection, volume: VolumeHandle, fd: int, size: int, control: TaskControl
) -> Checksum:
    """Write a file's content into a volume."""
    stream, checksum = connection.newStream(0), Checksum(fd, fixed=True)
    try:
        flag = libvirt.VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM
        sparse = start_transfer(lambda flags: volume.upload(stream, 0, size, flags), flag)
        for hole, start, end in _parts(fd, size):
            if hole and sparse:
                stream.sendHole(end - start, 0)
                checksum.hole(end - start)
                control.advance(end - start, size)
            else:
                for length in _sent(stream, fd, start, end):
                    checksum.data(length)
                    control.advance(length, size)
        stream.finish()
    except BREAKS:
        checksum.drop()
        abort(stream)
        raise
    return checksum


def _sent(stream: StreamHandle, fd: int, start: int, end: int) -> Iterator[int]:
    """Send a part of a file, and tell how much was sent, block by block."""
    while start < end:
        data = os.pread(fd, min(BLOCK, end - start), start)
        if not data:
            raise InvalidInput("the file became shorter while it was read")
        send_all(stream, data)
        yield len(data)
        start += len(data)


def _data(fd: int, size: int) -> int:
    """The bytes of a file that are no holes."""
    return sum(end - start for hole, start, end in _parts(fd, size) if not hole)


def _parts(fd: int, size: int) -> Iterator[tuple[bool, int, int]]:
    """The parts of a file in order: whether each is a hole, its start and its end."""
    place = 0
    while place < size:
        try:
            data = os.lseek(fd, place, os.SEEK_DATA)
        except OSError:
            data = size  # nothing but a hole is left
        if data > place:
            yield True, place, min(data, size)
        if data < size:
            place = min(os.lseek(fd, data, os.SEEK_HOLE), size)
            yield False, data, place
        else:
            place = size

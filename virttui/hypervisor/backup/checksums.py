"""SHA-256 of the bytes of a volume's file.

Where the host is this machine its file is read, elsewhere it comes through a stream; both give what
``sha256sum`` gives there.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import BinaryIO

from virttui.hypervisor.connection.types import Connection, VolumeHandle
from virttui.hypervisor.provision.upload_download import length_of, receive_content
from virttui.hypervisor.queries.host_files import HostFiles

_PIECE = 1024**2
_ZEROS = bytes(_PIECE)

Advance = Callable[[int], None]
"""Is told how many more bytes are done; may raise Cancelled."""


def checksum_of(connection: Connection, volume: VolumeHandle, advance: Advance) -> tuple[int, str]:
    """The length of a volume's file in bytes, and its SHA-256. Raises libvirtError, OSError."""
    file = _local_file(connection, volume)
    if file is None:
        return _streamed(connection, volume, advance)
    with file:
        return _read(file, advance)


def _local_file(connection: Connection, volume: VolumeHandle) -> BinaryIO | None:
    """The file of a volume where it can be read from here, else None."""
    files = HostFiles.of(connection)
    if files is None:
        return None
    try:
        return files.open(volume.path())
    except OSError:
        return None  # the stream reads it, or says why not


def _read(file: BinaryIO, advance: Advance) -> tuple[int, str]:
    digest, length = hashlib.sha256(), 0
    descriptor = file.fileno()
    size = os.fstat(descriptor).st_size
    while length < size:
        for piece in _next_blocks(descriptor, length, size):
            digest.update(piece)
            length += len(piece)
            advance(len(piece))
    return length, digest.hexdigest()


def _next_blocks(descriptor: int, start: int, size: int) -> list[bytes | memoryview]:
    """The next bytes; zeros for a hole are not read."""
    try:
        data = os.lseek(descriptor, start, os.SEEK_DATA)
    except OSError:
        data = size  # nothing but a hole is left, or the file system does not tell
        if os.pread(descriptor, 1, start) not in (b"", b"\0"):
            data = start
    if data > start:
        return [memoryview(_ZEROS)[: min(data - start, _PIECE)]]
    read = os.pread(descriptor, min(_PIECE, size - start), start)
    if not read:
        raise OSError("the file became shorter while it was read")
    return [read]


def _streamed(connection: Connection, volume: VolumeHandle, advance: Advance) -> tuple[int, str]:
    digest, length = hashlib.sha256(), 0

    def take(data: bytes | memoryview) -> None:
        nonlocal length
        digest.update(data)
        length += len(data)
        advance(len(data))

    def skip(hole: int) -> None:
        for start in range(0, hole, _PIECE):
            take(memoryview(_ZEROS)[: min(hole - start, _PIECE)])

    receive_content(connection, volume, length_of(volume), take, skip)
    return length, digest.hexdigest()

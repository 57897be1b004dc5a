"""Parts of files of this machine that become volumes: checked, converted where need be, sent.

What is sent is held against its checksum on the way, so that it is read once; a wrong one raises,
and whoever made the volume takes it away. Holes are told and not sent.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import libvirt
from msgspec.structs import replace

from virttui.appliances.disk_assembly import join
from virttui.appliances.image_headers import examine, plain_file
from virttui.appliances.qemu_img import convert
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.streams import BREAKS, abort
from virttui.hypervisor.connection.types import Connection, StreamHandle, VolumeHandle
from virttui.hypervisor.provision.upload_download import BLOCK, send_all, start_transfer
from virttui.model.errors import InvalidInput
from virttui.model.provision.file_slice import FileSlice

_PIECE = 1024**2
_ZEROS = bytes(BLOCK)


def unpacked(part: FileSlice, folder: Path, control: TaskControl) -> FileSlice:
    """A part that can be sent as it is: converted into a folder where it has to be.

    Its checksum is held against it first. What is compressed, in pieces or has holes is one plain
    file before it is converted. Raises InvalidInput, or Cancelled when ended by hand.
    """
    if not part.convert:
        return part
    for one in (part, *part.next_slices):
        control.reach(0, 0)
        if one.digest:
            _cursor(one, control)
    to, joined = folder / "disk", folder / "joined"
    for old in (to, joined):
        old.unlink(missing_ok=True)
    control.reach(0, 0)
    if not part.is_contiguous:
        join(part, joined, control.reach)
        image = examine(str(joined))
        part = FileSlice(str(joined), image.length, convert=image.format, into=part.into,
                        label=part.label)  # fmt: skip
        control.reach(0, 0)
    convert(part, to, control.reach)
    joined.unlink(missing_ok=True)
    to.chmod(0o600)
    return FileSlice(str(to), to.stat().st_size, label=part.label)


def _cursor(part: FileSlice, control: TaskControl) -> None:
    """Hold a part against its checksum. Raises InvalidInput when it is another."""
    fd = plain_file(part.path)
    try:
        digest = _digest(part)
        stored = replace(part, next_slices=()).stored
        place, end = part.offset, part.offset + stored
        while place < end:
            data = os.pread(fd, min(_PIECE, end - place), place)
            if not data:
                raise InvalidInput(f"{part.label} is shorter than it was")
            digest.update(data)
            place += len(data)
            control.advance(len(data), stored)
        _same(part, digest.hexdigest())
    finally:
        os.close(fd)


def _digest(part: FileSlice) -> Any:
    kind = part.digest.partition(":")[0]
    return hashlib.new(kind or "sha256", usedforsecurity=False)


def _same(part: FileSlice, found: str) -> None:
    expected = part.digest.partition(":")[2]
    if expected and found != expected:
        raise InvalidInput(
            f"{part.label} does not match its checksum: it was changed or is damaged",
            advice="fetch the file again",
        )


def send_part(
    connection: Connection, volume: VolumeHandle, part: FileSlice, control: TaskControl
) -> None:
    """Write a part into a volume. Raises InvalidInput when its checksum is another."""
    fd = plain_file(part.path)
    stream, digest = connection.newStream(0), _digest(part)
    try:
        flag = libvirt.VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM
        takes = start_transfer(lambda flags: volume.upload(stream, 0, part.size, flags), flag)
        for hole, place, length in _holes_and_blocks(part):
            if hole:
                _skip(stream, length, takes=takes)
            else:
                data = os.pread(fd, length, place)
                if len(data) < length:
                    raise InvalidInput(f"{part.label} is shorter than it was")
                digest.update(data)
                send_all(stream, data)
            control.advance(length, part.size)
        _same(part, digest.hexdigest())
        stream.finish()
    except BREAKS:
        abort(stream)
        raise
    finally:
        os.close(fd)


def _holes_and_blocks(part: FileSlice) -> Iterator[tuple[bool, int, int]]:
    """Holes and blocks in order: whether it is a hole, where a block lies in the file, how long."""
    place, stored = 0, part.offset
    for start, length in part.extents if part.extents is not None else ((0, part.size),):
        if start > place:
            yield True, 0, start - place
        place, end = start, start + length
        while place < end:
            size = min(BLOCK, end - place)
            yield False, stored, size
            place, stored = place + size, stored + size
    if place < part.size:
        yield True, 0, part.size - place


def _skip(stream: StreamHandle, length: int, *, takes: bool) -> None:
    if takes:
        stream.sendHole(length, 0)
        return
    while length > 0:
        size = min(length, len(_ZEROS))
        send_all(stream, _ZEROS[:size])
        length -= size


def delete_temporary_files(parts: Iterable[FileSlice | None]) -> None:
    """Delete the files that were there for this one time."""
    for part in parts:
        if part is not None and part.delete_after_use:
            Path(part.path).unlink(missing_ok=True)

"""Disks that lie compressed, in pieces or with holes: made one plain file before QEMU sees them.

Only the first bytes are read when a file is opened. The whole is written into a private folder when
the disk is brought in, with holes for its zeros, and never beyond what is free there.
"""

from __future__ import annotations

import bz2
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from virttui.appliances.image_headers import plain_file
from virttui.appliances.qemu_img import SPARE
from virttui.formatting import size as sized
from virttui.model.errors import InvalidInput
from virttui.model.provision.file_slice import FileSlice
from virttui.model.types import OnProgress

_BLOCK = 1024**2
_ROOM = 64 * 1024**2
"""Bytes that are written between two looks at what is free."""


def head(part: FileSlice, most: int) -> bytes:
    """The first bytes of its content. Raises InvalidInput where they cannot be read."""
    found = bytearray()
    for hole, data in _content(part, lambda count: None):
        found += bytes(min(hole, most)) + data
        if len(found) >= most:
            break
    return bytes(found[:most])


def join(part: FileSlice, to: Path, told: OnProgress) -> None:
    """Write its whole content into a file. Raises InvalidInput, and whatever ``told`` raises."""
    total, done = max(part.stored, 1), 0

    def read(count: int) -> None:
        nonlocal done
        done += count
        told(min(done, total), total)

    try:
        with to.open("xb") as file:
            place, looked = 0, -_ROOM
            for hole, data in _content(part, read):
                place += hole
                if data and place - looked >= _ROOM:
                    _has_room(to, part)
                    looked = place
                if data.strip(b"\0"):
                    file.seek(place)
                    file.write(data)
                place += len(data)
            file.truncate(place)
    except OSError as error:
        raise InvalidInput(f"{part.label} cannot be unpacked into {to.parent.parent}: "
                       f"{error.strerror}") from error  # fmt: skip


def _has_room(to: Path, part: FileSlice) -> None:
    free = _free(to.parent)
    if free < SPARE + _ROOM:
        raise InvalidInput(
            f"{to.parent.parent} has {sized(free)} free, too little to unpack {part.label}",
            advice="set scratch in config.toml to a folder with more room",
        )


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _content(part: FileSlice, read: Callable[[int], None]) -> Iterator[tuple[int, bytes]]:
    """Its content in order: how many bytes are a hole, and what comes behind that."""
    if not part.compression:
        yield from _stored(part, read)
        return
    unpack = _unpacker(part)
    for _, data in _stored(part, read):
        for piece in unpack(data):
            yield 0, piece
    for piece in unpack(b""):
        yield 0, piece


def _stored(part: FileSlice, read: Callable[[int], None]) -> Iterator[tuple[int, bytes]]:
    """What is stored in all its files, one after the other."""
    for one in (part, *part.next_slices):
        fd = plain_file(one.path)
        try:
            place, behind = one.offset, 0
            for start, length in ((0, one.size),) if one.extents is None else one.extents:
                hole, behind = start - behind, start + length
                while length:
                    data = os.pread(fd, min(_BLOCK, length), place)
                    if not data:
                        raise InvalidInput(f"{one.label} is shorter than it was")
                    read(len(data))
                    yield hole, data
                    place, length, hole = place + len(data), length - len(data), 0
            if one.size > behind:
                yield one.size - behind, b""
        finally:
            os.close(fd)


def _unpacker(part: FileSlice) -> Callable[[bytes], Iterator[bytes]]:
    """What turns stored bytes into content, in bounded pieces; b"" says that these were all."""
    return _Gzip(part.label).feed if part.compression == "gzip" else _Bzip2(part.label).feed


class _Gzip:
    """One or several gzip members, one behind the other."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._now = zlib.decompressobj(wbits=31)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The content of more bytes."""
        if not data and not self._now.eof:
            raise InvalidInput(f"{self._label} is cut off: it does not unpack to its end")
        try:
            while data:
                if self._now.eof:
                    if not data.strip(b"\0"):
                        return
                    self._now = zlib.decompressobj(wbits=31)
                yield self._now.decompress(data, _BLOCK)
                data = self._now.unconsumed_tail or self._now.unused_data
        except zlib.error as error:
            raise InvalidInput(f"{self._label} does not unpack: {error}") from error


class _Bzip2:
    """One or several bzip2 streams, one behind the other."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._now = bz2.BZ2Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The content of more bytes."""
        if not data and not self._now.eof:
            raise InvalidInput(f"{self._label} is cut off: it does not unpack to its end")
        try:
            while data or not (self._now.eof or self._now.needs_input):
                if self._now.eof:
                    self._now = bz2.BZ2Decompressor()
                yield self._now.decompress(data, _BLOCK)
                data = self._now.unused_data if self._now.eof else b""
        except (OSError, EOFError) as error:
            raise InvalidInput(f"{self._label} does not unpack: {error}") from error

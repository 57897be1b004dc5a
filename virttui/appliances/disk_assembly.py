"""Compressed, split or sparse disks, joined into one plain file before QEMU reads them.

Only the first bytes are read when a file is opened. The complete content is written into a private
folder during the import, with holes for zeros, and never beyond the free space there.
"""

from __future__ import annotations

import bz2
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from virttui.appliances.image_headers import plain_file
from virttui.appliances.qemu_img import MIN_FREE
from virttui.formatting import size as sized
from virttui.model.errors import InvalidInput
from virttui.model.provision.file_slice import FileSlice
from virttui.model.types import OnProgress

_BLOCK = 1024**2
_CHECK_INTERVAL = 64 * 1024**2
"""Bytes that are written between two checks of the free space."""


def head(part: FileSlice, most: int) -> bytes:
    """Return the first bytes of a content. Raises InvalidInput where they cannot be read."""
    found = bytearray()
    for hole, data in _content(part, lambda count: None):
        found += bytes(min(hole, most)) + data
        if len(found) >= most:
            break
    return bytes(found[:most])


def join(part: FileSlice, to: Path, on_progress: OnProgress) -> None:
    """Write a complete content into a file. Raises InvalidInput, and any error of
    ``on_progress``."""
    total, done = max(part.stored, 1), 0

    def read(count: int) -> None:
        nonlocal done
        done += count
        on_progress(min(done, total), total)

    try:
        with to.open("xb") as file:
            place, checked = 0, -_CHECK_INTERVAL
            for hole, data in _content(part, read):
                place += hole
                if data and place - checked >= _CHECK_INTERVAL:
                    _check_space(to, part)
                    checked = place
                if data.strip(b"\0"):
                    file.seek(place)
                    file.write(data)
                place += len(data)
            file.truncate(place)
    except OSError as error:
        raise InvalidInput(f"{part.label} cannot be unpacked into {to.parent.parent}: "
                       f"{error.strerror}") from error  # fmt: skip


def _check_space(to: Path, part: FileSlice) -> None:
    free = _free(to.parent)
    if free < MIN_FREE + _CHECK_INTERVAL:
        raise InvalidInput(
            f"{to.parent.parent} has {sized(free)} free, too little to unpack {part.label}",
            advice="set scratch in config.toml to a folder with more room",
        )


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _content(part: FileSlice, read: Callable[[int], None]) -> Iterator[tuple[int, bytes]]:
    """Yield the content in order: the bytes of a hole, and the data after it."""
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
    """Yield the stored data of all its files, one after the other."""
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
    """Return a function that unpacks stored bytes, in bounded pieces; b"" marks the end."""
    return _Gzip(part.label).feed if part.compression == "gzip" else _Bzip2(part.label).feed


class _Gzip:
    """One or several gzip members in a row."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._now = zlib.decompressobj(wbits=31)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the content of more bytes."""
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
    """One or several bzip2 streams in a row."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._now = bz2.BZ2Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the content of more bytes."""
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

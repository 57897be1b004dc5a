"""The other files that a disk image names in its header: its backing file, and its data files.

They are read to find the users of a file. Files named there are not opened.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator

from msgspec import Struct

Read = Callable[[int, int], bytes]
"""Returns a number of bytes from an offset of an image; fewer at its end."""

HEAD = 4096
"""Bytes that are read first: mostly all that is needed."""
_MAX_NAME = 64 * 1024
_MAX_EXTENSIONS = 64
_MAX_OFFSET = 16 * 1024**2
_DATA_FILE = 0x44415441
_PARENT = re.compile(rb'parentFileNameHint\s*=\s*"([^"\r\n]*)"', re.IGNORECASE)
_EXTENT = re.compile(rb'^\s*(?:RW|RDONLY|NOACCESS)\s+\d+\s+[A-Z0-9]+\s+"([^"\r\n]+)"', re.MULTILINE)


class ReferencedFiles(Struct, frozen=True):
    """The files that an image names: ``backing`` is its backing file, "" for none; ``data`` are
    the files that hold its data. Both as written in its header."""

    backing: str = ""
    data: tuple[str, ...] = ()


NO_FILES = ReferencedFiles()


class InvalidHeader(ValueError):
    """A header that names a file in a way that cannot be followed."""


def referenced_files(read: Read) -> ReferencedFiles:
    """Return the files that an image names. Raises InvalidHeader, and any error of ``read``."""
    head = read(0, HEAD)
    if head.startswith(b"QFI\xfb") and len(head) >= 20:
        return _qcow(head, read)
    if head.startswith(b"QED\0") and len(head) >= 64:
        return _qed(head, read)
    if head.startswith(b"KDMV") and len(head) >= 44:
        place, length = struct.unpack_from("<QQ", head, 28)
        if not place:
            return NO_FILES
        return _vmdk(_piece(read, place * 512, min(length * 512, _MAX_NAME)))
    if head.startswith(b"COWD"):
        raise InvalidHeader("the delta of a VMware snapshot")
    if head.lstrip().lower().startswith(b"# disk descriptorfile"):
        return _vmdk(read(0, _MAX_NAME))
    return NO_FILES


def _piece(read: Read, place: int, length: int) -> bytes:
    if place > _MAX_OFFSET or length > _MAX_NAME:
        raise InvalidHeader("a name where none can be")
    data = read(place, length)
    if len(data) < length:
        raise InvalidHeader("it is cut off")
    return data


def _words(raw: bytes) -> str:
    """Return a name of any bytes, in Python's encoding of file names."""
    return raw.rstrip(b"\0").decode("utf-8", "surrogateescape")


def _qcow(head: bytes, read: Read) -> ReferencedFiles:
    version, place, length = struct.unpack_from(">IQI", head, 4)
    backing = _words(_piece(read, place, length)) if place else ""
    if version < 3 or len(head) < 104:
        return ReferencedFiles(backing)
    features, size = struct.unpack_from(">Q", head, 72)[0], struct.unpack_from(">I", head, 100)[0]
    if not features & 4:
        return ReferencedFiles(backing)
    name = next((content for kind, content in _extensions(read, size) if kind == _DATA_FILE), b"")
    if not name:
        raise InvalidHeader("its data is in a file that it does not name")
    return ReferencedFiles(backing, (_words(name),))


def _extensions(read: Read, place: int) -> Iterator[tuple[int, bytes]]:
    """Yield the extensions after the header of a qcow2: kind and content."""
    for _ in range(_MAX_EXTENSIONS):
        kind, length = struct.unpack(">II", _piece(read, place, 8))
        if not kind:
            return
        # What is not asked for may be longer than any name.
        yield kind, _piece(read, place + 8, length) if kind == _DATA_FILE else b""
        place += 8 + (length + 7) // 8 * 8


def _qed(head: bytes, read: Read) -> ReferencedFiles:
    features = struct.unpack_from("<Q", head, 16)[0]
    place, length = struct.unpack_from("<II", head, 56)
    return ReferencedFiles(_words(_piece(read, place, length))) if features & 1 else NO_FILES


def _vmdk(descriptor: bytes) -> ReferencedFiles:
    parent = _PARENT.search(descriptor)
    extents = tuple(dict.fromkeys(_words(one) for one in _EXTENT.findall(descriptor)))
    return ReferencedFiles(_words(parent[1]) if parent else "", extents)

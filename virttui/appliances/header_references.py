"""The other files that a disk image names in its header: what it lies on, where its data is.

Read for those who want to know who needs a file. Nothing is opened by what is found here.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Read = Callable[[int, int], bytes]
"""Reads so many bytes from a place of an image; fewer at its end."""

HEAD = 4096
"""Bytes that are read first: mostly all that is needed."""
_LONGEST_NAME = 64 * 1024
_MOST_EXTENSIONS = 64
_FARTHEST = 16 * 1024**2
_DATA_FILE = 0x44415441
_PARENT = re.compile(rb'parentFileNameHint\s*=\s*"([^"\r\n]*)"', re.IGNORECASE)
_EXTENT = re.compile(rb'^\s*(?:RW|RDONLY|NOACCESS)\s+\d+\s+[A-Z0-9]+\s+"([^"\r\n]+)"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ReferencedFiles:
    """What an image names: ``backing`` is what it lies on, "" for nothing; ``data`` are the files
    that its data is in. Both as written in its header."""

    backing: str = ""
    data: tuple[str, ...] = ()


NOTHING = ReferencedFiles()


class InvalidHeader(ValueError):
    """A header that names something and cannot be followed to what it names."""


def others_of(read: Read) -> ReferencedFiles:
    """What the image behind ``read`` names. Raises InvalidHeader, and whatever ``read`` raises."""
    head = read(0, HEAD)
    if head.startswith(b"QFI\xfb") and len(head) >= 20:
        return _qcow(head, read)
    if head.startswith(b"QED\0") and len(head) >= 64:
        return _qed(head, read)
    if head.startswith(b"KDMV") and len(head) >= 44:
        place, length = struct.unpack_from("<QQ", head, 28)
        if not place:
            return NOTHING
        return _vmdk(_piece(read, place * 512, min(length * 512, _LONGEST_NAME)))
    if head.startswith(b"COWD"):
        raise InvalidHeader("the delta of a VMware snapshot")
    if head.lstrip().lower().startswith(b"# disk descriptorfile"):
        return _vmdk(read(0, _LONGEST_NAME))
    return NOTHING


def _piece(read: Read, place: int, length: int) -> bytes:
    if place > _FARTHEST or length > _LONGEST_NAME:
        raise InvalidHeader("a name where none can be")
    told = read(place, length)
    if len(told) < length:
        raise InvalidHeader("it is cut off")
    return told


def _words(told: bytes) -> str:
    """A name of any bytes, as the names of files are written in Python."""
    return told.rstrip(b"\0").decode("utf-8", "surrogateescape")


def _qcow(head: bytes, read: Read) -> ReferencedFiles:
    version, place, length = struct.unpack_from(">IQI", head, 4)
    backing = _words(_piece(read, place, length)) if place else ""
    if version < 3 or len(head) < 104:
        return ReferencedFiles(backing)
    features, size = struct.unpack_from(">Q", head, 72)[0], struct.unpack_from(">I", head, 100)[0]
    if not features & 4:
        return ReferencedFiles(backing)
    named = next((told for kind, told in _extensions(read, size) if kind == _DATA_FILE), b"")
    if not named:
        raise InvalidHeader("its data is in a file that it does not name")
    return ReferencedFiles(backing, (_words(named),))


def _extensions(read: Read, place: int) -> Iterator[tuple[int, bytes]]:
    """The extensions behind the header of a qcow2: kind and content."""
    for _ in range(_MOST_EXTENSIONS):
        kind, length = struct.unpack(">II", _piece(read, place, 8))
        if not kind:
            return
        # What is not asked for may be longer than any name.
        yield kind, _piece(read, place + 8, length) if kind == _DATA_FILE else b""
        place += 8 + (length + 7) // 8 * 8


def _qed(head: bytes, read: Read) -> ReferencedFiles:
    features = struct.unpack_from("<Q", head, 16)[0]
    place, length = struct.unpack_from("<II", head, 56)
    return ReferencedFiles(_words(_piece(read, place, length))) if features & 1 else NOTHING


def _vmdk(descriptor: bytes) -> ReferencedFiles:
    parent = _PARENT.search(descriptor)
    extents = tuple(dict.fromkeys(_words(one) for one in _EXTENT.findall(descriptor)))
    return ReferencedFiles(_words(parent[1]) if parent else "", extents)

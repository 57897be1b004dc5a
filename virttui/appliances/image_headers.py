"""Disk images by their headers: their format, their size, and that they name no other file.

The header of an image can name any path of this computer as its backing file, its data or an
extent, and a conversion would read that. So an image is checked before QEMU reads it, and QEMU is
told its format and that it has no backing file. QEMU never detects these by itself.
"""

from __future__ import annotations

import os
import re
import stat
import struct
from pathlib import Path

from msgspec import Struct

from virttui.model.errors import InvalidInput

MAX_CAPACITY = 64 * 1024**4
"""Bytes; a larger size in a header is taken for a mistake."""
_SECTOR = 512
_MAX_DESCRIPTOR = 64 * 1024
_VMDK = struct.Struct("<4sIIQQQQI")
_QCOW2 = struct.Struct(">4sIQIIQI")
_EXTENT = re.compile(
    r'(RW|RDONLY|NOACCESS)\s+(\d{1,18})\s+([A-Z0-9]+)(?:\s+"([^"]*)"(?:\s+(\d+))?)?'
)
_FLAT = frozenset({"FLAT", "VMFS"})
_SPARSE = frozenset({"SPARSE"})
NAMES = {
    "vmdk": "a VMware disk",
    "qcow2": "a qcow2 image",
    "vdi": "a VirtualBox disk",
    "vpc": "a Virtual PC disk",
    "vhdx": "a Hyper-V disk",
    "raw": "a raw disk",
}


class DiskImage(Struct, frozen=True):
    """A disk image. ``capacity`` is the size a guest sees in bytes, 0 where the header does not
    contain it.

    ``files`` are further files that it consists of, all in the same folder and checked as well;
    ``length`` is the length of all together.
    """

    format: str
    capacity: int
    length: int
    files: tuple[str, ...] = ()


Extents = tuple[tuple[int, int], ...]


class _Piece:
    """A part of a file, read as its user will read it, with zeros for holes."""

    def __init__(self, fd: int, offset: int, size: int, extents: Extents | None = None) -> None:
        self._fd, self._offset, self.size = fd, offset, size
        self._extents = ((0, size),) if extents is None else extents

    @property
    def end(self) -> int:
        """The offset in the file after the last stored byte."""
        return self._offset + sum(length for _, length in self._extents)

    def read(self, place: int, length: int) -> bytes:
        """Return at most ``length`` bytes."""
        end = place + min(length, self.size - place)
        if place < 0 or end <= place:
            return b""
        data_read, stored = bytearray(end - place), self._offset
        for start, count in self._extents:
            since, until = max(start, place), min(start + count, end)
            if since < until:
                data = os.pread(self._fd, until - since, stored + since - start)
                data_read[since - place : since - place + len(data)] = data
            stored += count
        return bytes(data_read)


def examine(
    path: str, offset: int = 0, size: int = -1, extents: Extents | None = None
) -> DiskImage:
    """Return the image in a file, or in a part of it. Raises InvalidInput for one that must not be
    converted.

    Of a part with holes only its ``extents`` are stored, one after the other. The content with the
    holes is checked, since that is what QEMU reads.
    """
    fd = plain_file(path)
    try:
        length = os.fstat(fd).st_size
        piece = _Piece(fd, offset, length - offset if size < 0 else size, extents)
        if piece.end > length:
            raise InvalidInput(f"{path} is shorter than it was")
        image = _examined(piece, path if offset == 0 and size < 0 else "")
    finally:
        os.close(fd)
    if image.capacity > MAX_CAPACITY:
        raise InvalidInput(f"{_base(path)} claims to be larger than any disk")
    return image


class _Memory(_Piece):
    """The first bytes of a content that can only be read in order; the rest of it as zeros."""

    def __init__(self, head: bytes, size: int) -> None:
        super().__init__(-1, 0, size)
        self._head = head

    def read(self, place: int, length: int) -> bytes:
        """Return at most ``length`` bytes."""
        end = place + min(length, self.size - place)
        if place < 0 or end <= place:
            return b""
        return self._head[place:end].ljust(end - place, b"\0")


def examine_head(head: bytes, size: int) -> DiskImage:
    """Return the image in a content of that size, by its first bytes. Raises InvalidInput as
    ``examine`` does.

    Marks at the end of a content are not seen here: the complete content is checked again later.
    """
    image = _examined(_Memory(head, size), "")
    if image.capacity > MAX_CAPACITY:
        raise InvalidInput("it claims to be larger than any disk")
    return image


def plain_file(path: str) -> int:
    """Open a file for reading. Raises InvalidInput for anything but a regular file."""
    try:
        fd = os.open(Path(path).expanduser(), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path}: {getattr(error, 'strerror', error)}") from error
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise InvalidInput(f"{path} is not a plain file")
    return fd


def _examined(piece: _Piece, path: str) -> DiskImage:
    """Return the image in a part of a file; ``path`` is the file's, "" where no files beside it
    can belong to it."""
    head = piece.read(0, 4096)
    if head.startswith(b"KDMV"):
        return DiskImage("vmdk", _vmdk(piece, head), piece.size)
    if head.startswith((b"COWD", b"\xbe\xba\xfe\xca")):
        raise InvalidInput("it is the delta of a snapshot: consolidate the snapshots first")
    if head.lstrip().lower().startswith(b"# disk descriptorfile"):
        return _described_vmdk(piece, path)
    if head.startswith(b"QFI\xfb"):
        return DiskImage("qcow2", _qcow2(piece, head), piece.size)
    if head[64:68] == b"\x7f\x10\xda\xbe":
        return DiskImage("vdi", _vdi(head), piece.size)
    if head.startswith(b"vhdxfile"):
        return DiskImage("vhdx", 0, piece.size)
    if head.startswith(b"conectix") or piece.read(piece.size - _SECTOR, 8) == b"conectix":
        return DiskImage("vpc", _vpc(piece), piece.size)
    if head.startswith((b"QED\0", b"<qcow", b"json:")):
        raise InvalidInput("it is an image of a kind that is not supported")
    return DiskImage("raw", piece.size, piece.size)


# -- VMDK --------------------------------------------------------------------------------------


def _vmdk(piece: _Piece, head: bytes) -> int:
    """Return the capacity of a sparse VMDK that names no other file."""
    if len(head) < _SECTOR:
        raise InvalidInput("it is cut off")
    _, version, _, sectors, _, place, length, _ = _VMDK.unpack_from(head)
    if version > 3:
        raise InvalidInput(f"it is a VMware disk of version {version}, which is not known")
    if not sectors:
        # QEMU takes such a header for a wrapping around a descriptor, and that may name any file.
        raise InvalidInput("it is a VMware disk whose header names other files")
    descriptor = piece.read(_SECTOR, 20 * _SECTOR)
    if length:
        descriptor += piece.read(place * _SECTOR, min(length * _SECTOR, _MAX_DESCRIPTOR))
    _check_no_parent(descriptor)
    return int(sectors) * _SECTOR


def _check_no_parent(descriptor: bytes) -> None:
    words = descriptor.lower()
    if b"parentfilenamehint" in words:
        raise InvalidInput("it needs another disk: consolidate its snapshots, or export it whole")


def _described_vmdk(piece: _Piece, path: str) -> DiskImage:
    """Return a VMDK whose descriptor names its extents: each a plain file beside it."""
    if not path:
        raise InvalidInput("it is a VMware disk that names other files")
    if piece.size > _MAX_DESCRIPTOR:
        raise InvalidInput("its descriptor is too long")
    descriptor = piece.read(0, piece.size)
    _check_no_parent(descriptor)
    sectors, length, files = 0, piece.size, []
    for line in descriptor.decode("utf-8", "replace").splitlines():
        if not line.strip().startswith(("RW", "RDONLY", "NOACCESS")):
            continue
        match = _EXTENT.fullmatch(line.strip())
        if match is None:
            raise InvalidInput(
                f"its descriptor has a line that makes no sense: {line.strip()[:60]!r}"
            )
        sectors += int(match[2])
        if match[3] == "ZERO":
            continue
        name = match[4] or ""
        files.append(str(Path(path).expanduser().with_name(_sibling_name(name))))
        length += _extent(files[-1], match[3])
    if not files:
        raise InvalidInput("its descriptor names no extents")
    return DiskImage("vmdk", sectors * _SECTOR, length, tuple(files))


def _sibling_name(name: str) -> str:
    """Return the name of a file in the same folder. Raises InvalidInput for any other."""
    if not name or "/" in name or "\\" in name or ":" in name or name in (".", ".."):
        raise InvalidInput(f"it names a file that is not beside it: {name[:80]!r}")
    if not name.isprintable():
        raise InvalidInput("it names a file with a name that cannot be written")
    return name


def _extent(path: str, kind: str) -> int:
    """Return the length of an extent, after checking it."""
    if kind not in _FLAT | _SPARSE:
        raise InvalidInput(f"it has an extent of the kind {kind}, which is a device or a snapshot")
    if Path(path).is_symlink():
        raise InvalidInput(f"{_base(path)} is a link")
    fd = plain_file(path)
    try:
        size = os.fstat(fd).st_size
        if kind in _SPARSE:
            piece = _Piece(fd, 0, size)
            head = piece.read(0, 4096)
            if not head.startswith(b"KDMV"):
                raise InvalidInput(f"{_base(path)} is not an extent of a VMware disk")
            _vmdk(piece, head)
    finally:
        os.close(fd)
    return size


# -- the others --------------------------------------------------------------------------------


def _qcow2(piece: _Piece, head: bytes) -> int:
    if len(head) < 104:
        raise InvalidInput("it is cut off")
    _, version, backing, _, _, size, crypt = _QCOW2.unpack_from(head)
    if version not in (2, 3):
        raise InvalidInput(f"it is a qcow2 image of version {version}, which is not known")
    if backing:
        length = struct.unpack_from(">I", head, 16)[0]
        backing_name = piece.read(backing, min(length, 200)).decode("utf-8", "replace")
        raise InvalidInput(f"it has a backing file, {backing_name!r}: flatten it first")
    if crypt:
        raise InvalidInput("it is encrypted")
    if version == 3 and struct.unpack_from(">Q", head, 72)[0] & 4:
        raise InvalidInput("its data is in another file, which it names")
    return int(size)


def _vdi(head: bytes) -> int:
    if len(head) < 376:
        raise InvalidInput("it is cut off")
    kind = struct.unpack_from("<I", head, 76)[0]
    if kind not in (1, 2):
        raise InvalidInput(
            "it is a VirtualBox disk that needs another one: merge its snapshots first"
        )
    return int(struct.unpack_from("<Q", head, 368)[0])


def _vpc(piece: _Piece) -> int:
    foot = piece.read(piece.size - _SECTOR, _SECTOR)
    if len(foot) < _SECTOR or not foot.startswith(b"conectix"):
        raise InvalidInput("it is a Virtual PC disk that is cut off")
    if struct.unpack_from(">I", foot, 60)[0] not in (2, 3):
        raise InvalidInput("it is a Virtual PC disk that needs another one: merge it first")
    return int(struct.unpack_from(">Q", foot, 48)[0])


def _base(path: str) -> str:
    return path.rpartition("/")[2]

"""The writer of VirtTUI's archives: a tar that every tar can read, with holes that take no space.

Disks are members with GNU's sparse map (1.0). A map comes before its data, and holes are known only
later, so space for the map is reserved and filled in at the member's end: only holes above a
minimum length count as holes, so that the map never outgrows its space. The file has another name
until it is complete.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from virttui.appliances.tar_reader import BLOCK
from virttui.model.errors import InvalidInput

_MIN_HOLE = 1024**2
_MAX_ENTRIES = 32_000
_DIGITS = 15
_PAX = 1024
"""Bytes of a sparse member's extended header, padded by a comment."""
_ZEROS = bytes(1024**2)
MAX_HASHED_HOLES = 16 * 1024**3
"""Bytes of holes beyond which a file is not listed in SHA256SUMS: hashing zeros takes as long as
hashing data. The manifest has its checksum all the same, of the stored bytes."""


class ArchiveEntry(Struct, frozen=True):
    """A file of an archive. ``digest`` is that of the stored bytes, ``file_digest`` that of the
    file, "" if it has too many holes."""

    member: str
    size: int
    digest: str
    file_digest: str


class ArchiveWriter:
    """Writes an archive. Raises InvalidInput about the file; ``abort`` deletes everything."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        if path.exists():
            raise InvalidInput(f"{path} is there already", advice="choose another name")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            self._fd = os.open(self._part, flags, 0o600)
        except FileExistsError:
            raise InvalidInput(
                f"{self._part} is there already", advice="delete it, if nobody is writing it"
            ) from None
        except OSError as error:
            raise InvalidInput(f"{self._part}: {error.strerror}") from error
        self._end = 0

    def add(self, name: str, content: bytes) -> ArchiveEntry:
        """Add a small file."""
        self._append(_tar_header(name, len(content), b"0") + content + bytes(-len(content) % BLOCK))
        digest = hashlib.sha256(content).hexdigest()
        return ArchiveEntry(name, len(content), digest, digest)

    def begin(self, name: str, size: int) -> ArchiveDisk:
        """Begin a large file of ``size`` bytes, holes included; finish it before the next one
        begins."""
        return ArchiveDisk(self._fd, self._end, name, size, self._set_end)

    def _set_end(self, end: int) -> None:
        self._end = end

    def _append(self, data: bytes) -> None:
        _write(self._fd, data, self._end)
        self._end += len(data)

    def finish(self) -> int:
        """Complete the archive and give it its name; return its length in bytes."""
        try:
            self._append(bytes(2 * BLOCK))
            os.ftruncate(self._fd, self._end)
            os.fsync(self._fd)
            _give_name(self._part, self._path)
        except OSError as error:
            raise InvalidInput(f"{self._part}: {error.strerror}") from error
        finally:
            os.close(self._fd)
        return self._end

    def abort(self) -> None:
        """Delete the unfinished archive."""
        with suppress(OSError):
            os.close(self._fd)
        with suppress(OSError):
            self._part.unlink(missing_ok=True)


def _give_name(part: Path, path: Path) -> None:
    """Rename a file, without replacing another one."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise InvalidInput(
            f"{path} came to be there meanwhile", advice="choose another name"
        ) from None
    except OSError:
        # A file system without links.
        part.rename(path)
    else:
        part.unlink()


class ArchiveDisk:
    """A large file of an archive, written from its start to its end."""

    def __init__(
        self, fd: int, place: int, name: str, size: int, on_end: Callable[[int], None]
    ) -> None:
        self._fd, self._place, self._name, self._size, self._then = fd, place, name, size, on_end
        min_hole = max(_MIN_HOLE, -(-size // _MAX_ENTRIES))
        self._least, self._most = min_hole, size // min_hole + 2
        lines = (2 * self._most + 1) * (_DIGITS + 1)
        self._map = -(-lines // BLOCK) * BLOCK
        self._data = place + BLOCK + _PAX + BLOCK + self._map
        self._stored = self._at = self._holes = 0
        self._extents: list[tuple[int, int]] = []
        self._digest = hashlib.sha256()
        self._whole: hashlib._Hash | None = None

    def add_data(self, content: bytes) -> None:
        """Write the next bytes."""
        try:
            _write(self._fd, content, self._data + self._stored)
        except OSError as error:
            raise InvalidInput(f"the archive cannot be written: {error.strerror}") from error
        self._digest.update(content)
        if self._whole is not None and self._holes <= MAX_HASHED_HOLES:
            self._whole.update(content)
        if self._extents and sum(self._extents[-1]) == self._at:
            start, length = self._extents[-1]
            self._extents[-1] = (start, length + len(content))
        else:
            self._extents.append((self._at, len(content)))
        self._stored += len(content)
        self._at += len(content)

    def add_hole(self, length: int) -> None:
        """Add zeros that take no space; a short hole is written as data.

        GNU's reader takes every extent in whole blocks, so each extent but the last one is padded
        to a block.
        """
        incomplete_block = -self._extents[-1][1] % BLOCK if self._extents else 0
        written = length if length - incomplete_block < self._least else incomplete_block
        for size in _block_lengths(written):
            self.add_data(_ZEROS[:size])
        length -= written
        if not length:
            return
        if self._whole is None:
            self._whole = self._digest.copy()
        self._holes += length
        if self._holes <= MAX_HASHED_HOLES:
            for size in _block_lengths(length):
                self._whole.update(_ZEROS[:size])
        self._at += length

    def finish(self) -> ArchiveEntry:
        """Complete the file. Raises InvalidInput when its length differs from the one announced."""
        if self._at > self._size:
            raise InvalidInput(f"{self._name} became longer while it was read")
        if self._at < self._size:
            # A hole at the end is no bytes in a stream, however short it is.
            self.add_hole(self._size - self._at)
        entries = [*self._extents, *[(self._size, 0)] * (self._most - len(self._extents))]
        numbers = [len(entries), *(number for entry in entries for number in entry)]
        table = "".join(f"{number:0{_DIGITS}}\n" for number in numbers).encode()
        size = self._map + self._stored
        front = _tar_header(f"PaxHeaders/{self._name}"[:100], _PAX, b"x")
        front += _pax_header(self._name, self._size)
        front += _tar_header(f"GNUSparseFile.0/{self._name}"[:100], size, b"0")
        try:
            _write(self._fd, front + table + bytes(self._map - len(table)), self._place)
            _write(self._fd, bytes(-size % BLOCK), self._data + self._stored)
        except OSError as error:
            raise InvalidInput(f"the archive cannot be written: {error.strerror}") from error
        self._then(self._data + self._stored + -size % BLOCK)
        file_hash = self._whole or self._digest
        file_digest = file_hash.hexdigest() if self._holes <= MAX_HASHED_HOLES else ""
        return ArchiveEntry(self._name, self._size, self._digest.hexdigest(), file_digest)


def _block_lengths(length: int) -> list[int]:
    whole, rest = divmod(length, len(_ZEROS))
    return [len(_ZEROS)] * whole + ([rest] if rest else [])


def _write(fd: int, data: bytes, place: int) -> None:
    remaining = memoryview(data)
    while remaining:
        written = os.pwrite(fd, remaining, place)
        remaining, place = remaining[written:], place + written


def _tar_header(name: str, size: int, kind: bytes) -> bytes:
    """Return a member's header in POSIX's format."""
    octal = f"{size:011o}\0".encode()
    size_field = octal if len(octal) == 12 else b"\x80" + size.to_bytes(11)
    fields = [
        name.encode()[:100].ljust(100, b"\0"), b"0000600\0", b"0000000\0", b"0000000\0", size_field,
        f"{int(time.time()):011o}\0".encode(), b" " * 8, kind, bytes(100), b"ustar\0", b"00",
        b"root".ljust(32, b"\0"), b"root".ljust(32, b"\0"), b"0000000\0", b"0000000\0", bytes(167),
    ]  # fmt: skip
    header = b"".join(fields)
    return header[:148] + f"{sum(header):06o}\0 ".encode() + header[156:]


def _pax_header(name: str, real: int) -> bytes:
    """Return the extended header of a sparse member, always of the same length.

    Only the plain header has the stored size: Python's reader fails with both.
    """
    records = [
        ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", name),
        ("GNU.sparse.realsize", str(real)),
    ]  # fmt: skip
    content = b"".join(_record(key, value) for key, value in records)
    rest = _PAX - len(content)
    return content + f"{rest} comment={'.' * (rest - len(str(rest)) - 10)}\n".encode()


def _record(key: str, value: str) -> bytes:
    inner = f" {key}={value}\n".encode()
    length = len(inner) + 1
    while len(str(length)) + len(inner) != length:
        length = len(str(length)) + len(inner)
    return f"{length}".encode() + inner

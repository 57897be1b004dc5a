"""An archive of ours, written in one go: a tar that every tar reads, with holes that take no space.

Disks are members with GNU's sparse map (1.0). A map stands before its data, and holes are known
only as they come, so that its place is kept free and filled in at the member's end: holes are taken
as such from a length on, and so never outgrow it. The file has another name until it is whole.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from virttui.appliances.tar_reader import BLOCK
from virttui.model.errors import InvalidInput

_LEAST_HOLE = 1024**2
_MOST_ENTRIES = 32_000
_DIGITS = 15
_PAX = 1024
"""Bytes of a sparse member's extended header, filled up by a comment."""
_ZEROS = bytes(1024**2)
MOST_HOLES = 16 * 1024**3
"""Bytes of holes beyond which a file is not listed in SHA256SUMS: hashing zeros takes as long as
hashing data. The manifest has its checksum all the same, of what is stored."""


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """One file of an archive. ``digest`` is of what is stored, ``whole`` of the file, "" if it has
    too many holes."""

    member: str
    size: int
    digest: str
    whole: str


class ArchiveWriter:
    """An archive in the making. Raises InvalidInput about the file; ``drop`` leaves nothing of
    it."""

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
        """A small file."""
        self._append(_head(name, len(content), b"0") + content + bytes(-len(content) % BLOCK))
        digest = hashlib.sha256(content).hexdigest()
        return ArchiveEntry(name, len(content), digest, digest)

    def begin(self, name: str, size: int) -> ArchiveDisk:
        """A large file of so many bytes, holes counted, to be ended before the next begins."""
        return ArchiveDisk(self._fd, self._end, name, size, self._moved)

    def _moved(self, end: int) -> None:
        self._end = end

    def _append(self, data: bytes) -> None:
        _write(self._fd, data, self._end)
        self._end += len(data)

    def finish(self) -> int:
        """It is whole: give it its name; returns how many bytes it is long."""
        try:
            self._append(bytes(2 * BLOCK))
            os.ftruncate(self._fd, self._end)
            os.fsync(self._fd)
            _named(self._part, self._path)
        except OSError as error:
            raise InvalidInput(f"{self._part}: {error.strerror}") from error
        finally:
            os.close(self._fd)
        return self._end

    def drop(self) -> None:
        """Leave nothing of it."""
        with suppress(OSError):
            os.close(self._fd)
        with suppress(OSError):
            self._part.unlink(missing_ok=True)


def _named(part: Path, path: Path) -> None:
    """Give a file its name, over no other file."""
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
    """One large file of an archive, fed from its start to its end."""

    def __init__(
        self, fd: int, place: int, name: str, size: int, then: Callable[[int], None]
    ) -> None:
        self._fd, self._place, self._name, self._size, self._then = fd, place, name, size, then
        least = max(_LEAST_HOLE, -(-size // _MOST_ENTRIES))
        self._least, self._most = least, size // least + 2
        lines = (2 * self._most + 1) * (_DIGITS + 1)
        self._map = -(-lines // BLOCK) * BLOCK
        self._data = place + BLOCK + _PAX + BLOCK + self._map
        self._stored = self._at = self._holes = 0
        self._extents: list[tuple[int, int]] = []
        self._digest = hashlib.sha256()
        self._whole: hashlib._Hash | None = None

    def data(self, content: bytes) -> None:
        """The next bytes."""
        try:
            _write(self._fd, content, self._data + self._stored)
        except OSError as error:
            raise InvalidInput(f"the archive cannot be written: {error.strerror}") from error
        self._digest.update(content)
        if self._whole is not None and self._holes <= MOST_HOLES:
            self._whole.update(content)
        if self._extents and sum(self._extents[-1]) == self._at:
            start, length = self._extents[-1]
            self._extents[-1] = (start, length + len(content))
        else:
            self._extents.append((self._at, len(content)))
        self._stored += len(content)
        self._at += len(content)

    def hole(self, length: int) -> None:
        """So many zeros that take no space; a short hole is written out.

        GNU's reader takes every part of the data in whole blocks, so that each but the last is.
        """
        torn = -self._extents[-1][1] % BLOCK if self._extents else 0
        written = length if length - torn < self._least else torn
        for size in _pieces(written):
            self.data(_ZEROS[:size])
        length -= written
        if not length:
            return
        if self._whole is None:
            self._whole = self._digest.copy()
        self._holes += length
        if self._holes <= MOST_HOLES:
            for size in _pieces(length):
                self._whole.update(_ZEROS[:size])
        self._at += length

    def end(self) -> ArchiveEntry:
        """It is whole. Raises InvalidInput when it is not as long as was said."""
        if self._at > self._size:
            raise InvalidInput(f"{self._name} became longer while it was read")
        if self._at < self._size:
            # A hole at the end is no bytes in a stream, however short it is.
            self.hole(self._size - self._at)
        entries = [*self._extents, *[(self._size, 0)] * (self._most - len(self._extents))]
        numbers = [len(entries), *(number for entry in entries for number in entry)]
        table = "".join(f"{number:0{_DIGITS}}\n" for number in numbers).encode()
        size = self._map + self._stored
        front = _head(f"PaxHeaders/{self._name}"[:100], _PAX, b"x")
        front += _extended(self._name, self._size)
        front += _head(f"GNUSparseFile.0/{self._name}"[:100], size, b"0")
        try:
            _write(self._fd, front + table + bytes(self._map - len(table)), self._place)
            _write(self._fd, bytes(-size % BLOCK), self._data + self._stored)
        except OSError as error:
            raise InvalidInput(f"the archive cannot be written: {error.strerror}") from error
        self._then(self._data + self._stored + -size % BLOCK)
        whole = self._whole or self._digest
        found = whole.hexdigest() if self._holes <= MOST_HOLES else ""
        return ArchiveEntry(self._name, self._size, self._digest.hexdigest(), found)


def _pieces(length: int) -> list[int]:
    whole, rest = divmod(length, len(_ZEROS))
    return [len(_ZEROS)] * whole + ([rest] if rest else [])


def _write(fd: int, data: bytes, place: int) -> None:
    left = memoryview(data)
    while left:
        done = os.pwrite(fd, left, place)
        left, place = left[done:], place + done


def _head(name: str, size: int, kind: bytes) -> bytes:
    """A member's header, as POSIX has it."""
    octal = f"{size:011o}\0".encode()
    told = octal if len(octal) == 12 else b"\x80" + size.to_bytes(11)
    fields = [
        name.encode()[:100].ljust(100, b"\0"), b"0000600\0", b"0000000\0", b"0000000\0", told,
        f"{int(time.time()):011o}\0".encode(), b" " * 8, kind, bytes(100), b"ustar\0", b"00",
        b"root".ljust(32, b"\0"), b"root".ljust(32, b"\0"), b"0000000\0", b"0000000\0", bytes(167),
    ]  # fmt: skip
    whole = b"".join(fields)
    return whole[:148] + f"{sum(whole):06o}\0 ".encode() + whole[156:]


def _extended(name: str, real: int) -> bytes:
    """The extended header of a sparse member, of a length that is always the same.

    What is stored is told by the plain header alone: Python's reader loses its way with both.
    """
    records = [
        ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", name),
        ("GNU.sparse.realsize", str(real)),
    ]  # fmt: skip
    told = b"".join(_record(key, value) for key, value in records)
    rest = _PAX - len(told)
    return told + f"{rest} comment={'.' * (rest - len(str(rest)) - 10)}\n".encode()


def _record(key: str, value: str) -> bytes:
    inner = f" {key}={value}\n".encode()
    length = len(inner) + 1
    while len(str(length)) + len(inner) != length:
        length = len(str(length)) + len(inner)
    return f"{length}".encode() + inner

"""Tar archives, read member by member. Nothing is unpacked, and nothing in them is trusted.

Regular files alone are taken: ustar as OVA wants it, and pax with GNU's sparse files (1.0), as our
own archives are. Our reader and not the standard library's, which takes as much memory as a header
says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from virttui.model.errors import BadInput

BLOCK = 512
MOST_MEMBERS = 2000
MOST_EXTENTS = 1_000_000
_LONGEST_HEADER = 256 * 1024
_LONGEST_NUMBER = 20


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its content is the ``stored`` bytes from ``offset`` on.

    ``size`` is what it is when its holes are counted, ``extents`` where its data is in that.
    """

    name: str
    offset: int
    stored: int
    size: int
    extents: tuple[tuple[int, int], ...] | None = None


def members(fd: int) -> dict[str, Member]:
    """The files of an archive by their names. Raises BadInput for what must not be in one."""
    found: dict[str, Member] = {}
    extents = 0
    for member in _members(fd):
        extents += len(member.extents or ())
        if extents > MOST_EXTENTS:
            raise BadInput("it has more holes in all than makes sense")
        if member.name in found:
            raise BadInput(f"it holds {member.name[:80]} twice")
        if len(found) >= MOST_MEMBERS:
            raise BadInput(f"it holds more than {MOST_MEMBERS} files")
        found[member.name] = member
    if not found:
        raise BadInput("it is no tar archive, or an empty one")
    return found


def content(fd: int, member: Member, most: int) -> bytes:
    """What is in a small member. Raises BadInput when it is longer than ``most`` bytes."""
    if member.size > most or member.extents is not None:
        raise BadInput(f"{member.name[:80]} is too long")
    return _read(fd, member.offset, member.size)


def checked_name(name: str) -> str:
    """A member's name that leads nowhere else. Raises BadInput."""
    parts = name.split("/")
    if not name or name.startswith("/") or ".." in parts or "" in parts or "\\" in name:
        raise BadInput(f"it holds a file whose name leads out of it: {name[:80]!r}")
    if not name.isprintable():
        raise BadInput(f"it holds a file whose name cannot be written: {name[:80]!r}")
    return name


def _members(fd: int) -> Iterator[Member]:
    end = os.fstat(fd).st_size
    place = 0
    more: dict[str, str] = {}
    while place + BLOCK <= end:
        head = _read(fd, place, BLOCK)
        place += BLOCK
        if not head.strip(b"\0"):
            return
        _sane(head)
        size, kind = _number(head[124:136]), head[156:157]
        pax_size = more.get("size", "")
        if pax_size and kind not in (b"x", b"g"):
            size = _decimal(pax_size)
        if size > end - place:
            raise BadInput("it is cut off, or a size in it is wrong")
        if kind in (b"x", b"g"):
            told = _pax(_header(fd, place, size))
            more = told if kind == b"x" else more
        elif kind in (b"0", b"\0"):
            yield _member(fd, head, (place, size), more)
            more = {}
        elif kind == b"5":
            more = {}
        else:
            name = _name(head)[:80]
            raise BadInput(f"it holds {name!r}, which is no plain file: a link or a device")
        place += (size + BLOCK - 1) // BLOCK * BLOCK


def _sane(head: bytes) -> None:
    """Raises BadInput where a header's sum is not what it says."""
    wanted = _number(head[148:156])
    if wanted != sum(head[:148]) + 8 * 32 + sum(head[156:]):
        raise BadInput("it is no tar archive, or a broken one")


def _member(fd: int, head: bytes, where: tuple[int, int], more: dict[str, str]) -> Member:
    offset, size = where
    name = more.get("GNU.sparse.name") or more.get("path") or _name(head)
    name = checked_name(name.removeprefix("./"))
    if "GNU.sparse.major" not in more:
        if any(key.startswith("GNU.sparse") for key in more):
            raise BadInput(f"{name[:80]} has holes in a form that is not known")
        return Member(name, offset, size, size)
    if (more["GNU.sparse.major"], more.get("GNU.sparse.minor")) != ("1", "0"):
        raise BadInput(f"{name[:80]} has holes in a form that is not known")
    whole = _decimal(more.get("GNU.sparse.realsize", ""))
    extents, taken = _sparse(fd, offset, size)
    stored = 0
    for start, length in extents:
        if start + length > whole:
            raise BadInput(f"{name[:80]} has holes that make no sense")
        stored += length
    if taken + stored > size:
        raise BadInput(f"{name[:80]} is cut off")
    real = tuple(one for one in extents if one[1])
    return Member(name, offset + taken, stored, whole, real)


def _sparse(fd: int, offset: int, size: int) -> tuple[list[tuple[int, int]], int]:
    """Where the data of a sparse file is, and how long the list of that is in the archive."""
    numbers = _Lines(fd, offset, size)
    count = numbers.next()
    if count > MOST_EXTENTS:
        raise BadInput("it has a file with more holes than makes sense")
    extents, behind = [], 0
    for _ in range(count):
        start, length = numbers.next(), numbers.next()
        if start < behind:
            raise BadInput("it has a file whose holes are not in order")
        behind = start + length
        extents.append((start, length))
    return extents, numbers.taken


class _Lines:
    """Decimal numbers, a line each, read in blocks."""

    def __init__(self, fd: int, offset: int, size: int) -> None:
        self._fd, self._offset, self._end = fd, offset, offset + size
        self._start = offset
        self._buffer = b""

    @property
    def taken(self) -> int:
        """How many bytes were read so far, in whole blocks."""
        return self._offset - self._start

    def next(self) -> int:
        """The next number. Raises BadInput."""
        while b"\n" not in self._buffer:
            if self._offset + BLOCK > self._end or len(self._buffer) > _LONGEST_NUMBER:
                raise BadInput("it has a file whose holes make no sense")
            self._buffer += _read(self._fd, self._offset, BLOCK)
            self._offset += BLOCK
        line, _, self._buffer = self._buffer.partition(b"\n")
        return _decimal(line.decode("ascii", "replace"))


def _header(fd: int, place: int, size: int) -> bytes:
    if size > _LONGEST_HEADER:
        raise BadInput("it has a header that is too long")
    return _read(fd, place, size)


def _pax(data: bytes) -> dict[str, str]:
    """The records of a pax header: ``LENGTH KEY=VALUE`` and a line's end."""
    found: dict[str, str] = {}
    while data:
        length, blank, _ = data.partition(b" ")
        if not blank or not length.isdigit() or len(length) > _LONGEST_NUMBER:
            raise BadInput("it has a header that makes no sense")
        size = int(length)
        if size < len(length) + 3 or size > len(data):
            raise BadInput("it has a header that makes no sense")
        record = data[len(length) + 1 : size].rstrip(b"\n")
        key, _, value = record.partition(b"=")
        found[key.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
        data = data[size:]
    return found


def _name(head: bytes) -> str:
    name = _text(head[:100])
    prefix = _text(head[345:500]) if head[257:262] == b"ustar" else ""
    return f"{prefix}/{name}" if prefix else name


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "replace")


def _number(field: bytes) -> int:
    """A number in octal, or in base 256 as GNU writes large ones. Raises BadInput."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:])
    words = field.strip(b" \0")
    if not words:
        return 0
    if len(words) > len(field) or any(one not in b"01234567" for one in words):
        raise BadInput("it is no tar archive, or a broken one")
    return int(words, 8)


def _decimal(words: str) -> int:
    if not (words.isascii() and words.isdigit()) or len(words) > _LONGEST_NUMBER:
        raise BadInput("it has a number that makes no sense")
    return int(words)


def _read(fd: int, place: int, size: int) -> bytes:
    data = os.pread(fd, size, place)
    if len(data) < size:
        raise BadInput("it is cut off")
    return data

"""Tar archives, read member by member. Nothing is unpacked, and nothing in them is trusted.

Only regular files are accepted, in every format of tar: ustar as OVA requires it, the older form
before that, GNU's long names and large numbers, pax, and GNU's sparse files of every version
(VirtTUI's own archives have those of pax 1.0). It is a reader of our own because the standard
library's takes as much memory as a header says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from msgspec import Struct

from virttui.model.errors import InvalidInput

BLOCK = 512
MAX_MEMBERS = 2000
MAX_EXTENTS = 1_000_000
_MAX_HEADER = 256 * 1024
_MAX_DIGITS = 20


class TarMember(Struct, frozen=True):
    """A file in an archive: its content is the ``stored_size`` bytes from ``offset`` on.

    ``size`` includes its holes, ``extents`` are the places of its data in that.
    """

    name: str
    offset: int
    stored_size: int
    size: int
    extents: tuple[tuple[int, int], ...] | None = None


def members(fd: int) -> dict[str, TarMember]:
    """Return the files of an archive by their names. Raises InvalidInput for anything that must
    not be in one."""
    found: dict[str, TarMember] = {}
    extents = 0
    for member in _members(fd):
        extents += len(member.extents or ())
        if extents > MAX_EXTENTS:
            raise InvalidInput("it has more holes in all than makes sense")
        if member.name in found:
            raise InvalidInput(f"it holds {member.name[:80]} twice")
        if len(found) >= MAX_MEMBERS:
            raise InvalidInput(f"it holds more than {MAX_MEMBERS} files")
        found[member.name] = member
    if not found:
        raise InvalidInput("it is not a tar archive, or an empty one")
    return found


def content(fd: int, member: TarMember, most: int) -> bytes:
    """Return the content of a small member. Raises InvalidInput when it is longer than ``most``
    bytes."""
    if member.size > most or member.extents is not None:
        raise InvalidInput(f"{member.name[:80]} is too long")
    return _read(fd, member.offset, member.size)


def checked_name(name: str) -> str:
    """Return a member's name if it stays inside the archive. Raises InvalidInput."""
    parts = name.split("/")
    if not name or name.startswith("/") or ".." in parts or "" in parts or "\\" in name:
        raise InvalidInput(f"it holds a file whose name points outside it: {name[:80]!r}")
    if not name.isprintable():
        raise InvalidInput(f"it holds a file whose name cannot be written: {name[:80]!r}")
    return name


def _members(fd: int) -> Iterator[TarMember]:
    end = os.fstat(fd).st_size
    place = 0
    extended: dict[str, str] = {}
    while place + BLOCK <= end:
        head = _read(fd, place, BLOCK)
        place += BLOCK
        if not head.strip(b"\0"):
            return
        _check_header_sum(head)
        size, kind = _number(head[124:136]), head[156:157]
        if (pax_size := extended.get("size", "")) and kind not in _EXTENDED:
            size = _decimal(pax_size)
        if size > end - place:
            raise InvalidInput("it is cut off, or a size in it is wrong")
        if kind in _EXTENDED:
            extended |= _extended_header(kind, fd, place, size)
        elif kind in _PLAIN:
            yield _member(fd, head, (place, size), extended)
            extended = {}
        elif kind == b"S":
            member, behind = _old_sparse(fd, head, (place, size), extended)
            place = behind
            yield member
            extended = {}
        elif kind in (b"5", b"V"):
            extended = {}
        else:
            name = _name(head)[:80]
            raise InvalidInput(f"it holds {name!r}, which is not a plain file: a link or a device")
        place += (size + BLOCK - 1) // BLOCK * BLOCK


_PLAIN = frozenset({b"0", b"\0", b"7"})
_EXTENDED = frozenset({b"x", b"X", b"g", b"L", b"K"})
"""Headers before a member that belong to it: records of pax, GNU's long names and links."""


def _extended_header(kind: bytes, fd: int, place: int, size: int) -> dict[str, str]:
    """Return the values in a header before a member."""
    data = _header(fd, place, size)
    if kind == b"L":
        return {"path": _text(data)}
    return _pax(data) if kind in (b"x", b"X") else {}


def _check_header_sum(head: bytes) -> None:
    """Raise InvalidInput where a header's checksum is wrong; old tars added signed bytes."""
    expected = _number(head[148:156])
    rest = head[:148] + b" " * 8 + head[156:]
    if expected not in (sum(rest), sum(rest) - 256 * sum(1 for one in rest if one > 127)):
        raise InvalidInput("it is not a tar archive, or a broken one")


def _member(fd: int, head: bytes, where: tuple[int, int], extended: dict[str, str]) -> TarMember:
    offset, size = where
    name = extended.get("GNU.sparse.name") or extended.get("path") or _name(head)
    name = checked_name(name.removeprefix("./"))
    if "GNU.sparse.major" in extended:
        if (extended["GNU.sparse.major"], extended.get("GNU.sparse.minor")) != ("1", "0"):
            raise InvalidInput(f"{name[:80]} has holes in a form that is not known")
        extents, map_size = _sparse(fd, offset, size)
        whole = _decimal(extended.get("GNU.sparse.realsize", ""))
        return _with_holes(name, (offset + map_size, size - map_size), whole, extents)
    if "GNU.sparse.map" in extended:
        numbers = [_decimal(one) for one in extended["GNU.sparse.map"].split(",")]
        whole = _decimal(extended.get("GNU.sparse.size", ""))
        if len(numbers) % 2:
            raise InvalidInput(f"{name[:80]} has holes that make no sense")
        extents = list(zip(numbers[::2], numbers[1::2], strict=True))
        return _with_holes(name, where, whole, extents)
    if any(key.startswith("GNU.sparse") for key in extended):
        raise InvalidInput(f"{name[:80]} has holes in a form that is not known")
    return TarMember(name, offset, size, size)


def _with_holes(
    name: str, where: tuple[int, int], whole: int, extents: list[tuple[int, int]]
) -> TarMember:
    """Return a member of which only some extents are stored. Raises InvalidInput where they make
    no sense."""
    offset, room = where
    stored = previous_end = 0
    for start, length in extents:
        if start < previous_end:
            raise InvalidInput("it has a file whose holes are not in order")
        previous_end = start + length
        if previous_end > whole:
            raise InvalidInput(f"{name[:80]} has holes that make no sense")
        stored += length
    if stored > room:
        raise InvalidInput(f"{name[:80]} is cut off")
    return TarMember(name, offset, stored, whole, tuple(one for one in extents if one[1]))


def _old_sparse(
    fd: int, head: bytes, where: tuple[int, int], more: dict[str, str]
) -> tuple[TarMember, int]:
    """Return a sparse file in GNU's own format, and the offset of its data."""
    place, size = where
    name = checked_name((more.get("path") or _name(head)).removeprefix("./"))
    extents = _structs(head[386:482])
    extended, whole = head[482], _number(head[483:495])
    while extended:
        if len(extents) > MAX_EXTENTS:
            raise InvalidInput("it has a file with more holes than makes sense")
        block = _read(fd, place, BLOCK)
        extents += _structs(block[:504])
        extended, place = block[504], place + BLOCK
    return _with_holes(name, (place, size), whole, extents), place


def _structs(data: bytes) -> list[tuple[int, int]]:
    """Return extents in an old header: two numbers of 12 bytes each, up to the first empty one."""
    found = []
    for place in range(0, len(data), 24):
        start, length = data[place : place + 12], data[place + 12 : place + 24]
        if not length.strip(b" \0"):
            break
        found.append((_number(start), _number(length)))
    return found


def _sparse(fd: int, offset: int, size: int) -> tuple[list[tuple[int, int]], int]:
    """Return the extents of a sparse file, and the length of their list in the archive."""
    numbers = _Lines(fd, offset, size)
    count = numbers.next()
    if count > MAX_EXTENTS:
        raise InvalidInput("it has a file with more holes than makes sense")
    return [(numbers.next(), numbers.next()) for _ in range(count)], numbers.consumed


class _Lines:
    """Decimal numbers, a line each, read in blocks."""

    def __init__(self, fd: int, offset: int, size: int) -> None:
        self._fd, self._offset, self._end = fd, offset, offset + size
        self._start = offset
        self._buffer = b""

    @property
    def consumed(self) -> int:
        """The bytes read so far, in whole blocks."""
        return self._offset - self._start

    def next(self) -> int:
        """Return the next number. Raises InvalidInput."""
        while b"\n" not in self._buffer:
            if self._offset + BLOCK > self._end or len(self._buffer) > _MAX_DIGITS:
                raise InvalidInput("it has a file whose holes make no sense")
            self._buffer += _read(self._fd, self._offset, BLOCK)
            self._offset += BLOCK
        line, _, self._buffer = self._buffer.partition(b"\n")
        return _decimal(line.decode("ascii", "replace"))


def _header(fd: int, place: int, size: int) -> bytes:
    if size > _MAX_HEADER:
        raise InvalidInput("it has a header that is too long")
    return _read(fd, place, size)


def _pax(data: bytes) -> dict[str, str]:
    """Return the records of a pax header: ``LENGTH KEY=VALUE`` and a line's end."""
    found: dict[str, str] = {}
    several: list[str] = []
    place = 0
    while place < len(data):
        length, blank, _ = data[place : place + _MAX_DIGITS + 1].partition(b" ")
        if not blank or not length.isdigit():
            raise InvalidInput("it has a header that makes no sense")
        end = place + int(length)
        if end < place + len(length) + 3 or end > len(data):
            raise InvalidInput("it has a header that makes no sense")
        record = data[place + len(length) + 1 : end].rstrip(b"\n")
        name, _, value = record.partition(b"=")
        key, words = name.decode("utf-8", "replace"), _words(value)
        if key in ("GNU.sparse.offset", "GNU.sparse.numbytes"):
            # The oldest form has a record for each number of its map.
            several.append(words)
        else:
            found[key] = words
        place = end
    if several:
        found["GNU.sparse.map"] = ",".join(several)
    return found


def _name(head: bytes) -> str:
    name = _text(head[:100])
    prefix = _text(head[345:500]) if head[257:262] == b"ustar" else ""
    return f"{prefix}/{name}" if prefix else name


def _text(field: bytes) -> str:
    return _words(field.partition(b"\0")[0])


def _words(raw: bytes) -> str:
    """Return a name, which older systems wrote in Latin-1."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _number(field: bytes) -> int:
    """Return a number in octal, or in base 256 as GNU writes large ones. Raises InvalidInput."""
    if field[0] & 0x80:
        if field[0] & 0x40:
            raise InvalidInput("it has a number below zero")
        return int.from_bytes(field) & ~(0x80 << 8 * (len(field) - 1))
    words = field.strip(b" \0")
    if not words:
        return 0
    if len(words) > len(field) or any(one not in b"01234567" for one in words):
        raise InvalidInput("it is not a tar archive, or a broken one")
    return int(words, 8)


def _decimal(words: str) -> int:
    if not (words.isascii() and words.isdigit()) or len(words) > _MAX_DIGITS:
        raise InvalidInput("it has a number that makes no sense")
    return int(words)


def _read(fd: int, place: int, size: int) -> bytes:
    data = os.pread(fd, size, place)
    if len(data) < size:
        raise InvalidInput("it is cut off")
    return data

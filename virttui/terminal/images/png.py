"""PNG as QEMU writes it (RFC 2083): read without a library for images, and written for saving.

Rows are added up as one long number each, with the carries between bytes cut off: a row of 1280
pixels takes 30 µs where a loop takes 500. Only the filters Average and Paeth need the loop.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from virttui.terminal.images.image import Image, ImageError, check_size

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Colour type -> bytes a pixel, at eight bits a sample."""
_PALETTE = 3


def read_png(data: bytes) -> Image:
    """Decode eight bits a sample, not interlaced; transparency is left out. Raises ImageError."""
    header, palette, packed = b"", b"", bytearray()
    for kind, content in _chunks(data):
        if kind == b"IHDR":
            header = content
        elif kind == b"PLTE":
            palette = content
        elif kind == b"IDAT":
            packed += content
    if len(header) != 13:
        raise ImageError("its PNG header is not one")
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    check_size(width, height)
    if depth != 8 or colour not in _SAMPLES or interlaced:
        raise ImageError(f"PNG of {depth} bits and colour type {colour} is not known here")
    samples = _SAMPLES[colour]
    length = height * (1 + width * samples)
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(bytes(packed), length)
    except zlib.error as error:
        raise ImageError(f"its PNG data is broken: {error}") from None
    if len(raw) != length:
        raise ImageError("it ends before its last row")
    rows = _unfiltered(raw, width * samples, samples)
    return Image(width, height, b"".join(_as_rgb(row, colour, palette) for row in rows))


def write_png(image: Image) -> bytes:
    """The picture as PNG."""
    stride = image.stride
    rows = b"".join(b"\0" + image.rgb[at : at + stride] for at in range(0, len(image.rgb), stride))
    header = struct.pack(">IIBBBBB", image.width, image.height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return SIGNATURE + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks up to the end, or up to where the data ends."""
    at = len(SIGNATURE)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def _as_rgb(row: bytes, colour: int, palette: bytes) -> bytes:
    """One row in three bytes a pixel."""
    if colour == 2:
        return row
    if colour == _PALETTE:
        tables = [palette[channel::3].ljust(256, b"\0")[:256] for channel in range(3)]
        channels = [row.translate(table) for table in tables]
    elif colour == 6:
        channels = [row[channel::4] for channel in range(3)]
    else:
        channels = [row[:: _SAMPLES[colour]]] * 3
    rgb = bytearray(3 * len(channels[0]))
    for channel, values in enumerate(channels):
        rgb[channel::3] = values
    return bytes(rgb)


def _unfiltered(raw: bytes, length: int, pixel: int) -> Iterator[bytes]:
    """The rows without their filters; ``length`` and ``pixel`` are bytes of a row and a pixel."""
    adder = _Adder(length, pixel)
    before = bytes(length)
    for at in range(0, len(raw), length + 1):
        kind, row = raw[at], raw[at + 1 : at + 1 + length]
        if kind == 1:
            row = adder.along(row)
        elif kind == 2:
            row = adder.both(row, before)
        elif kind == 3:
            row = _average(row, before, pixel)
        elif kind == 4:
            row = _paeth(row, before, pixel)
        elif kind:
            raise ImageError(f"PNG has no filter {kind}")
        yield row
        before = row


class _Adder:
    """Adds bytes of rows modulo 256, all of a row at once."""

    def __init__(self, length: int, pixel: int) -> None:
        self._length = length
        self._low = int.from_bytes(b"\x7f" * length, "little")
        self._high = int.from_bytes(b"\x80" * length, "little")
        self._all = self._low | self._high
        self._shifts = []
        step = pixel
        while step < length:
            self._shifts.append(8 * step)
            step *= 2

    def _sum(self, one: int, other: int) -> int:
        low = self._low
        return ((one & low) + (other & low)) ^ ((one ^ other) & self._high)

    def both(self, row: bytes, before: bytes) -> bytes:
        """Filter Up: the row above is added."""
        total = self._sum(int.from_bytes(row, "little"), int.from_bytes(before, "little"))
        return total.to_bytes(self._length, "little")

    def along(self, row: bytes) -> bytes:
        """Filter Sub: each pixel is added to the one on its right, twice as far each time."""
        total = int.from_bytes(row, "little")
        for shift in self._shifts:
            total = self._sum(total, (total << shift) & self._all)
        return total.to_bytes(self._length, "little")


def _average(row: bytes, before: bytes, pixel: int) -> bytes:
    done = bytearray(len(row))
    for channel in range(pixel):
        left, values = 0, []
        for value, up in zip(row[channel::pixel], before[channel::pixel], strict=True):
            left = (value + ((left + up) >> 1)) & 255
            values.append(left)
        done[channel::pixel] = bytes(values)
    return bytes(done)


def _paeth(row: bytes, before: bytes, pixel: int) -> bytes:
    done = bytearray(len(row))
    for channel in range(pixel):
        left = corner = 0
        values: list[int] = []
        add = values.append
        for value, up in zip(row[channel::pixel], before[channel::pixel], strict=True):
            if up == corner:
                left = (value + left) & 255
            elif left == corner:
                left = (value + up) & 255
            else:
                across, down = up - corner, left - corner
                both = abs(across + down)
                across, down = abs(across), abs(down)
                if across <= down and across <= both:
                    left = (value + left) & 255
                else:
                    left = (value + (up if down <= both else corner)) & 255
            corner = up
            add(left)
        done[channel::pixel] = bytes(values)
    return bytes(done)

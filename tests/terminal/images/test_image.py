"""PNG and PPM are decoded as their makers meant, and nothing else is."""

from __future__ import annotations

import contextlib
import random
import struct
import zlib

import pytest

from virttui.terminal.images.decode import decode
from virttui.terminal.images.image import Image, ImageError
from virttui.terminal.images.png import SIGNATURE, write_png


def chunk(kind: bytes, content: bytes) -> bytes:
    length, sum = struct.pack(">I", len(content)), struct.pack(">I", zlib.crc32(kind + content))
    return length + kind + content + sum


def filtered(rows: list[bytes], pixel: int, kinds: list[int]) -> bytes:
    """Rows with filters, as the standard defines them."""
    out = bytearray()
    before = bytes(len(rows[0]))
    for row, kind in zip(rows, kinds, strict=True):
        out.append(kind)
        for at, value in enumerate(row):
            left = row[at - pixel] if at >= pixel else 0
            corner = before[at - pixel] if at >= pixel else 0
            up = before[at]
            nearest = left + up - corner
            paeth = min((left, up, corner), key=lambda one: abs(nearest - one))
            out.append(value - (0, left, up, (left + up) // 2, paeth)[kind] & 255)
        before = row
    return bytes(out)


def png(width: int, height: int, colour: int, data: bytes, *extra: bytes, depth: int = 8) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    packed = chunk(b"IDAT", zlib.compress(data))
    return SIGNATURE + chunk(b"IHDR", header) + b"".join(extra) + packed + chunk(b"IEND", b"")


@pytest.mark.parametrize(("colour", "pixel"), [(0, 1), (2, 3), (6, 4), (4, 2)])
def test_every_filter_is_undone(colour: int, pixel: int) -> None:
    chance = random.Random(colour)
    width, height = 37, 40
    # Few values, so that equal neighbours occur as in pictures of screens.
    rows = [bytes(chance.choices((0, 7, 200, 255), k=width * pixel)) for _ in range(height)]
    data = filtered(rows, pixel, [number % 5 for number in range(height)])
    image = decode(png(width, height, colour, data))
    first = 1 if colour in (0, 4) else 3
    for y, row in enumerate(rows):
        for x in range(width):
            seen = image.rgb[3 * (y * width + x) :][:3]
            samples = row[x * pixel :][:first]
            assert seen == (samples * 3 if first == 1 else samples)


def test_a_palette_is_looked_up() -> None:
    palette = chunk(b"PLTE", bytes((1, 2, 3, 40, 50, 60)))
    image = decode(png(2, 1, 3, b"\0\1\0", palette))
    assert image.rgb == bytes((40, 50, 60, 1, 2, 3))


def test_what_is_written_is_read_again() -> None:
    image = Image(5, 3, random.Random(1).randbytes(45))
    assert decode(write_png(image)) == image


def test_ppm_with_comments() -> None:
    rgb = bytes(range(18))
    image = decode(b"P6\n# CREATOR: QEMU\n3 2\n255\n" + rgb)
    assert (image.width, image.height, image.rgb) == (3, 2, rgb)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "neither PNG nor PPM"),
        (b"GIF89a", "neither PNG nor PPM"),
        (SIGNATURE, "header is not one"),
        (png(1, 1, 2, b"\0abc")[:-30], "ends before its last row"),
        (png(2, 2, 2, b"\0abcdef"), "ends before its last row"),
        (png(1, 1, 2, b"\x09abc"), "no filter 9"),
        (png(0, 1, 2, b""), "nothing in it"),
        (png(60000, 60000, 2, b""), "too large"),
        (png(1, 1, 2, b"\0" * 7, depth=16), "16 bits and colour type 2"),
        (b"P6 1 1 65535\n" + bytes(6), "samples go to 65535"),
        (b"P6 2 2 255\n" + bytes(11), "ends before its last row"),
        (b"P6 # no end", "header does not end"),
        (b"P6 1 x", "header is not one"),
    ],
)
def test_what_cannot_be_decoded_says_why(data: bytes, why: str) -> None:
    with pytest.raises(ImageError, match=why):
        decode(data)


def test_broken_bytes_raise_nothing_else() -> None:
    chance = random.Random(3)
    whole = write_png(Image(20, 20, chance.randbytes(1200)))
    for _ in range(500):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            broken[chance.randrange(8, len(broken))] = chance.randrange(256)
        with contextlib.suppress(ImageError):
            decode(bytes(broken))


def test_an_image_says_its_size_and_not_its_bytes() -> None:
    assert repr(Image(2, 1, bytes(6))) == "Image(2x1)"

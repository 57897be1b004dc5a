"""Images as sequences that a terminal draws: read back as a terminal would read them."""

from __future__ import annotations

import random
import re
import zlib
from base64 import b64decode

from virttui.terminal.images.graphics import kitty, kitty_removed, sixel
from virttui.terminal.images.image import Image


def shades(width: int, height: int) -> Image:
    """An image in which no row and no column is as its neighbour."""
    return Image(
        width, height,
        bytes((x * 5 + y * 11 + c * 60) & 255 for y in range(height) for x in range(width)
              for c in range(3)),
    )  # fmt: skip


def test_kittys_pieces_hold_the_image_and_none_is_too_long() -> None:
    image = Image(300, 200, random.Random(1).randbytes(3 * 300 * 200))
    pieces = re.findall(rb"\x1b_G([^;]*);([^\x1b]*)\x1b\\", kitty(image, 60, 20, 7))
    assert len(pieces) > 1 and all(len(piece) <= 4096 for _, piece in pieces)
    first = dict(one.split(b"=") for one in pieces[0][0].split(b","))
    assert first[b"s"] == b"300" and first[b"v"] == b"200" and first[b"i"] == b"7"
    assert (first[b"c"], first[b"r"], first[b"C"], first[b"q"]) == (b"60", b"20", b"1", b"2")
    assert [head for head, _ in pieces[1:]] == [b"m=1"] * (len(pieces) - 2) + [b"m=0"]
    assert zlib.decompress(b64decode(b"".join(piece for _, piece in pieces))) == image.rgb


def test_an_image_of_one_piece_has_an_end() -> None:
    sent = kitty(Image(1, 1, b"abc"), 1, 1, 1)
    assert sent.count(b"\x1b_G") == 1 and b"m=0;" in sent


def test_kittys_image_is_removed_by_its_number() -> None:
    assert kitty_removed(7) == b"\x1b_Ga=d,d=I,i=7,q=2\x1b\\"


def drawn(sequence: bytes) -> dict[tuple[int, int], tuple[int, int, int]]:
    """The pixels that a sixel sequence sets, in percent of each colour."""
    body = sequence.decode().removeprefix("\x1bP0;1;0q").removesuffix("\x1b\\")
    _, body = re.match(r'"1;1;\d+;\d+', body), re.sub(r'^"1;1;\d+;\d+', "", body)
    palette: dict[int, tuple[int, int, int]] = {}
    pixels: dict[tuple[int, int], tuple[int, int, int]] = {}
    x = y = colour = 0
    for token in re.finditer(r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)(.)|([$-])|([?-~])", body):
        number, red, green, blue, count, repeated, move, one = token.groups()
        if number is not None:
            colour = int(number)
            if red is not None:
                palette[colour] = int(red), int(green), int(blue)
            continue
        if move is not None:
            x, y = 0, y + (6 if move == "-" else 0)
            continue
        for _ in range(int(count or 1)):
            bits = ord(repeated or one) - 63
            for row in range(6):
                if bits >> row & 1:
                    assert (x, y + row) not in pixels, "a pixel is set once"
                    pixels[x, y + row] = palette[colour]
            x += 1
    return pixels


def test_sixel_sets_each_pixel_once_in_the_nearest_colour() -> None:
    image = shades(20, 12)
    pixels = drawn(sixel(image, 20, 12))
    assert set(pixels) == {(x, y) for x in range(20) for y in range(12)}
    for (x, y), colour in pixels.items():
        at = 3 * (y * 20 + x)
        for percent, value in zip(colour, image.rgb[at : at + 3], strict=True):
            assert abs(percent * 255 / 100 - value) <= 27


def test_sixel_is_scaled_and_a_part_of_a_band_is_left_out() -> None:
    pixels = drawn(sixel(shades(40, 40), 10, 15))
    assert {x for x, _ in pixels} == set(range(10)) and {y for _, y in pixels} == set(range(12))


def test_sixel_of_one_column_and_of_one_colour() -> None:
    pixels = drawn(sixel(Image(1, 1, b"\xff\xff\xff"), 1, 6))
    assert set(pixels.values()) == {(100, 100, 100)} and len(pixels) == 6
    flat = sixel(Image(100, 60, b"\0\0\0" * 6000), 100, 60)
    assert b"!100~" in flat and len(flat) < 400

"""Images as sequences for a terminal that draws them itself: kitty's protocol, and sixel."""

from __future__ import annotations

import re
import zlib
from base64 import standard_b64encode
from collections.abc import Iterator
from operator import itemgetter

from virttui.terminal.images.image import Image

_CHUNK = 4096
"""Bytes of base64 in one of kitty's sequences, as it demands."""
_LEVELS = 6
"""Levels of each colour in sixel: 216 colours, of the 256 that terminals have at least."""
_BAND = 6


def kitty(image: Image, columns: int, rows: int, number: int) -> bytes:
    """Show an image at the cursor, scaled to so many cells; ``number`` is its own from then on.

    The cursor stays, and the terminal does not answer.
    """
    data = standard_b64encode(zlib.compress(image.rgb, 6))
    pieces = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)]
    head = f"a=T,f=24,o=z,s={image.width},v={image.height},c={columns},r={rows},i={number},C=1,q=2,"
    out = bytearray()
    for place, piece in enumerate(pieces):
        more = int(place + 1 < len(pieces))
        out += f"\x1b_G{'' if place else head}m={more};".encode() + piece + b"\x1b\\"
    return bytes(out)


def kitty_removed(number: int) -> bytes:
    """Remove an image from the screen and from the terminal's memory."""
    return f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\".encode()


def sixel(image: Image, width: int, height: int) -> bytes:
    """Show an image at the cursor in so many pixels, in 216 colours."""
    height = max(_BAND, height - height % _BAND)
    pixels = _in_colours(image, width, height)
    steps = [round(level * 100 / (_LEVELS - 1)) for level in range(_LEVELS)]
    colours = "".join(
        f"#{number};2;{steps[number // 36]};{steps[number // 6 % 6]};{steps[number % 6]}"
        for number in sorted(set(b"".join(pixels)))
    )
    bands = "-".join("$".join(_band(pixels[y : y + _BAND])) for y in range(0, height, _BAND))
    return f'\x1bP0;1;0q"1;1;{width};{height}{colours}{bands}\x1b\\'.encode()


def _in_colours(image: Image, width: int, height: int) -> list[bytes]:
    """The image in another size, each pixel as the number of its colour."""
    get = itemgetter(*(x * image.width // width for x in range(width)), 0)
    tables = [
        bytes((value * (_LEVELS - 1) + 127) // 255 * factor for value in range(256))
        for factor in (36, 6, 1)
    ]
    found: dict[int, bytes] = {}
    rows = []
    for y in range(height):
        source = y * image.height // height
        if source not in found:
            line = image.rgb[source * image.stride : (source + 1) * image.stride]
            channels = [
                bytes(get(line[channel::3]))[:-1].translate(table)
                for channel, table in enumerate(tables)
            ]
            found[source] = _added(channels)
        rows.append(found[source])
    return rows


def _added(parts: list[bytes]) -> bytes:
    """The sums of bytes in the same place; none is above 255."""
    total = sum(int.from_bytes(part, "big") for part in parts)
    return total.to_bytes(len(parts[0]), "big")


def _band(rows: list[bytes]) -> Iterator[str]:
    """Six rows, a line for each colour: a character has the six pixels of a column as its bits."""
    for colour in sorted(set(b"".join(rows))):
        bits = [
            row.translate(bytes((1 << number) * (value == colour) for value in range(256)))
            for number, row in enumerate(rows)
        ]
        text = _added([*bits, bytes([63]) * len(rows[0])]).decode("ascii").rstrip("?")
        yield f"#{colour}" + _REPEATED.sub(_counted, text)


_REPEATED = re.compile(r"(.)\1{3,}")


def _counted(found: re.Match[str]) -> str:
    return f"!{len(found[0])}{found[1]}"

"""The fonts of text modes: which bitmap is which character.

A table is a file of lines ``CODE BITMAP``: a code of the PC's code page 437 and sixteen rows of
eight points, two hexadecimal digits each, top first. ``scripts/lab-fonts`` made both from what
guests showed: ``vga`` from the 720x400 text mode of QEMU's VGA, whose ninth column repeats the
eighth for the codes of shades and lines and is blank for the rest, and ``linux`` from the
framebuffer console of a Linux kernel.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from msgspec import Struct

HEIGHT = 16

_NINTH = range(0xB0, 0xE0)
"""Codes whose ninth column is as the eighth, in QEMU; a real VGA begins at C0."""

# What code page 437 draws for the codes that are controls elsewhere.
_LOW = " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"


def character(code: int) -> str:
    """The character of a code of page 437."""
    if code < 32:
        return _LOW[code]
    if code in (127, 255):
        return "⌂" if code == 127 else " "
    return bytes([code]).decode("cp437")


class Font(Struct, frozen=True):
    """``codes`` finds a character by the number that its bitmap makes, its top row first.

    ``without_cursor`` is the same for bitmaps whose rows of the cursor were left out.
    """

    name: str
    width: int
    characters: dict[int, str]
    without_cursor: dict[int, str]


CURSOR_ROWS = frozenset((13, 14, 15))
"""Rows of a cell in which a cursor blinks: 13 and 14 of the VGA, 14 and 15 of Linux."""


def cursor_mask(width: int) -> int:
    """The bits of a bitmap that are not in the rows of the cursor."""
    mask = 0
    for row in range(HEIGHT):
        mask = mask << width | (0 if row in CURSOR_ROWS else (1 << width) - 1)
    return mask


@lru_cache(8)
def font(name: str, width: int) -> Font:
    """The table ``name`` in cells of 8 or 9 points."""
    text = Path(__file__).with_name(f"{name}.txt").read_text(encoding="ascii")
    bitmaps = {}
    for line in text.splitlines():
        number, bitmap = line.split()
        bitmaps[int(number, 16)] = bytes.fromhex(bitmap)
    # Of codes that look the same ASCII is meant.
    order = sorted(bitmaps, key=lambda code: (not 32 <= code < 127, code))
    characters: dict[int, str] = {}
    without_cursor: dict[int, str] = {}
    mask = cursor_mask(width)
    for code in order:
        bits = _number(code, bitmaps[code], width)
        characters.setdefault(bits, character(code))
        without_cursor.setdefault(bits & mask, character(code))
    return Font(name, width, characters, without_cursor)


def _number(code: int, bitmap: bytes, width: int) -> int:
    bits = 0
    for row in bitmap:
        points = row
        if width == 9:
            points = row << 1 | (row & 1 if code in _NINTH else 0)
        bits = bits << width | points
    return bits

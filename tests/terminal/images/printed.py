"""Images of text modes, printed letter by letter from the table of a font."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import virttui.terminal.images.fonts
from virttui.terminal.images.fonts import HEIGHT, character
from virttui.terminal.images.image import Image

Colour = tuple[int, int, int]
GREY, BLACK = (168, 168, 168), (0, 0, 0)


def bitmaps(name: str) -> dict[str, tuple[int, bytes]]:
    """The code and bitmap of each character, those of ASCII before others that look the same."""
    folder = Path(virttui.terminal.images.fonts.__file__).parent
    found: dict[str, tuple[int, bytes]] = {}
    for line in (folder / f"{name}.txt").read_text().splitlines():
        code, bitmap = line.split()
        found.setdefault(character(int(code, 16)), (int(code, 16), bytes.fromhex(bitmap)))
    return found


def printed(
    lines: Sequence[str],
    *,
    font: str = "vga",
    width: int = 9,
    size: tuple[int, int] = (80, 25),
    cursor: tuple[int, int] | None = None,
    colours: Mapping[int, tuple[Colour, Colour]] | None = None,
    below: int = 0,
) -> Image:
    """An image of lines; ``colours`` are ink and ground by line, ``below`` points of a last strip.

    ``cursor`` is a column and row in which the rows 13 and 14 are lit.
    """
    table = bitmaps(font)
    columns, rows = size
    image = bytearray()
    for y in range(rows * HEIGHT):
        number, row = divmod(y, HEIGHT)
        ink, ground = (colours or {}).get(number, (GREY, BLACK))
        text = (lines[number] if number < len(lines) else "").ljust(columns)
        for x, letter in enumerate(text):
            code, bitmap = table[letter]
            points = [bool(bitmap[row] & 128 >> bit) for bit in range(8)]
            if width == 9:
                points.append(points[7] and 0xB0 <= code < 0xE0)
            if cursor == (x, number) and row in (13, 14):
                points = [True] * width
            for lit in points:
                image += bytes(ink if lit else ground)
    image += bytes(3 * columns * width * below)
    return Image(columns * width, rows * HEIGHT + below, bytes(image))

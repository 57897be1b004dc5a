"""Reads the text of a picture that shows a text mode: exactly, or not at all.

A cell has two colours at most; its points make a number, which the table of a font knows as it is
or inverted. What no table knows is not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from virttui.terminal.cells import REPLACEMENT, RowBuilder
from virttui.terminal.images.fonts import HEIGHT, Font, cursor_mask, font
from virttui.terminal.images.image import Image
from virttui.terminal.row import DEFAULT, CellStyle, Colour, Row, row_text

_VGA_TEXT = (720, 400)
"""The size of 80x25 cells of nine points by sixteen."""

_FEW = 20
"""One cell in so many may be unknown: a logo above the kernel's lines, a letter of another page."""

_CACHED = 20_000
"""Cells that are remembered; a page of text has some two hundred different ones."""

# The sixteen colours of the VGA and of Linux's console by their levels 0, 85, 170 and 255; QEMU's
# VGA has 84 or 87 and 168 for two of them.
_SIXTEEN = {
    (0, 0, 0): 0, (2, 0, 0): 1, (0, 2, 0): 2, (2, 1, 0): 3, (0, 0, 2): 4, (2, 0, 2): 5,
    (0, 2, 2): 6, (2, 2, 2): 7, (1, 1, 1): 8, (3, 1, 1): 9, (1, 3, 1): 10, (3, 3, 1): 11,
    (1, 1, 3): 12, (3, 1, 3): 13, (1, 3, 3): 14, (3, 3, 3): 15,
}  # fmt: skip


class ScreenText(Struct, frozen=True):
    """The text on a screen.

    ``rows`` have its colours, ``unknown`` counts cells that no table knows (U+FFFD in the rows).
    ``cursor`` is the column and row of a cursor that was drawn just then, from 0, else None: it
    blinks, and so is no part of what is the same.
    """

    columns: int
    rows: tuple[Row, ...]
    font: str
    unknown: int = 0
    cursor: tuple[int, int] | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """The rows as text, without blanks at their ends."""
        return tuple(row_text(row) for row in self.rows)

    @property
    def text(self) -> str:
        """All of it, without empty lines at its end."""
        return "\n".join(self.lines).rstrip()

    def same(self, other: ScreenText | None) -> bool:
        """Whether both show the same, wherever the cursor is in its blinking."""
        return other is not None and (self.columns, self.rows) == (other.columns, other.rows)


def read_text(image: Image) -> ScreenText | None:
    """The text that a picture shows; None where it shows something else.

    A cell of the VGA is nine points wide in its mode of 720x400 alone, eight elsewhere. There two
    tables are tried, the Linux kernel's and the VGA's own.
    """
    if (image.width, image.height) == _VGA_TEXT:
        return _READERS["vga", 9].read(image)
    if image.width % 8 or image.width < 320 or image.height < 200:
        return None
    found = (_READERS[key].read(image) for key in (("linux", 8), ("vga", 8)))
    return min((one for one in found if one is not None), key=lambda one: one.unknown, default=None)


class _Reading(Struct, frozen=True):
    """What a cell says; ``character`` is "" where it is unknown."""

    character: str
    style: CellStyle = DEFAULT
    cursor: bool = False


_BLANK = _Reading(" ")
_UNKNOWN = _Reading("")


class _Reader:
    """Reads cells by one font, and remembers them by their points."""

    def __init__(self, name: str, width: int) -> None:
        self._name, self._width = name, width
        self._all = (1 << (width * HEIGHT)) - 1
        self._mask = cursor_mask(width)
        self._font: Font | None = None
        self._cells: dict[bytes, _Reading] = {}

    def read(self, image: Image) -> ScreenText | None:
        """The text, or None where too much of it is unknown."""
        if self._font is None:
            self._font = font(self._name, self._width)
        columns, count = image.width // self._width, image.height // HEIGHT
        rows: list[Row] = []
        unknown = known = 0
        cursor: tuple[int, int] | None = None
        for number in range(count):
            builder = RowBuilder()
            for column, cell in enumerate(self._cells_of(image, number)):
                if not cell.character:
                    unknown += 1
                    builder.add(REPLACEMENT, 1, DEFAULT)
                    continue
                known += cell.character != " "
                cursor = (column, number) if cell.cursor else cursor
                if cell.character.isascii():
                    builder.add_ascii(cell.character, cell.style)
                else:
                    builder.add(cell.character, 1, cell.style)
            rows.append(builder.row())
            # A picture is told from text by its first rows that are not blank.
            if unknown > 4 * _FEW and unknown * _FEW > known:
                return None
        if unknown * _FEW > known:
            return None
        return ScreenText(columns, tuple(rows), self._name, unknown, cursor)

    def _cells_of(self, image: Image, number: int) -> Iterator[_Reading]:
        """The cells of one row of text."""
        stride, wide = image.stride, 3 * self._width
        at = number * HEIGHT * stride
        columns = image.width // self._width
        whole = image.rgb[at : at + HEIGHT * stride]
        if whole == whole[:3] * (HEIGHT * image.width):
            blank = self._blank(whole[:3])
            for _ in range(columns):
                yield blank
            return
        lines = [whole[line * stride : (line + 1) * stride] for line in range(HEIGHT)]
        if len(self._cells) > _CACHED:
            self._cells.clear()
        for left in range(0, columns * wide, wide):
            points = b"".join([line[left : left + wide] for line in lines])
            reading = self._cells.get(points)
            if reading is None:
                reading = self._cells[points] = self._read_cell(points)
            yield reading

    def _read_cell(self, points: bytes) -> _Reading:
        colours = {points[at : at + 3] for at in range(0, len(points), 3)}
        if len(colours) == 1:
            return self._blank(points[:3])
        if len(colours) != 2:
            return _UNKNOWN
        assert self._font is not None
        # The darker one is taken for the ground first: ▀ is ▄ inverted.
        ground, ink = sorted(colours, key=sum)
        bits = 0
        for at in range(0, len(points), 3):
            bits = bits << 1 | (points[at : at + 3] == ink)
        inverted = bits ^ self._all
        for number, fore, back in ((bits, ink, ground), (inverted, ground, ink)):
            if (found := self._font.characters.get(number)) is not None:
                return _Reading(found, _style(fore, back, found))
        for number, fore, back in ((bits, ink, ground), (inverted, ground, ink)):
            if (found := self._font.without_cursor.get(number & self._mask)) is not None:
                return _Reading(found, _style(fore, back, found), cursor=True)
        return _UNKNOWN

    def _blank(self, colour: bytes) -> _Reading:
        style = _style(colour, colour, " ")
        return _BLANK if style == DEFAULT else _Reading(" ", style)


_READERS = {key: _Reader(*key) for key in (("vga", 9), ("linux", 8), ("vga", 8))}


def _style(fore: bytes, back: bytes, shown: str) -> CellStyle:
    """The style of a cell: grey on black is the terminal's own, white on black that in bold."""
    background = _colour(back)
    background = None if background == 0 else background
    if shown == " ":
        return CellStyle(background=background) if background is not None else DEFAULT
    foreground = _colour(fore)
    if background is None and foreground in (7, 15):
        return DEFAULT if foreground == 7 else _BOLD
    return CellStyle(foreground, background)


_BOLD = CellStyle(bold=True)


def _colour(colour: bytes) -> Colour:
    """One of the sixteen where it is one, else red, green and blue."""
    levels = tuple(round(value / 85) for value in colour)
    near = all(abs(value - 85 * level) <= 4 for value, level in zip(colour, levels, strict=True))
    found = _SIXTEEN.get((levels[0], levels[1], levels[2])) if near else None
    return (colour[0], colour[1], colour[2]) if found is None else found

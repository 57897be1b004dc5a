"""What a terminal shows: rows of runs with the guest's own colours, the cursor, the modes."""

from __future__ import annotations

import msgspec

Colour = int | tuple[int, int, int] | None
"""None is the terminal's default; 0–15 are the sixteen, to 255 the palette; else red, green, blue
from 0 to 255 each."""


class CellStyle(msgspec.Struct, frozen=True):
    """Colours and attributes of cells, as the guest set them; a theme maps them."""

    foreground: Colour = None
    background: Colour = None
    bold: bool = False
    faint: bool = False
    italic: bool = False
    underline: bool = False
    blink: bool = False
    inverse: bool = False
    invisible: bool = False
    strikethrough: bool = False


DEFAULT = CellStyle()
"""The style of cells that nothing was said about."""


class Run(msgspec.Struct, frozen=True):
    """Neighbouring cells of one style; the width of the text is the number of its cells."""

    text: str
    style: CellStyle = DEFAULT


Row = tuple[Run, ...]
"""The cells of one row from the left; blank cells of the default style at its end are left out."""


class Cursor(msgspec.Struct, frozen=True):
    """Where the cursor is on the screen, from 0, and whether the guest shows it."""

    column: int = 0
    row: int = 0
    visible: bool = True


class Modes(msgspec.Struct, frozen=True):
    """What the guest asked of its terminal that keys and pastes have to follow."""

    application_cursor: bool = False
    bracketed_paste: bool = False


def row_text(row: Row) -> str:
    """The text of a row, without blanks at its end."""
    return "".join(run.text for run in row).rstrip()

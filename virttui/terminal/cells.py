"""Make what stands in a guest's cells harmless, and of exactly the width that its terminal gave it.

A cell may hold a bidi override, which turns the rest of the outer line, or nothing visible at all;
and the outer terminal, rich and the emulator do not agree on how wide a cluster is. What leaves
here has no control and no format character, and ``rich.cells.cell_len`` counts its cells.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import cell_len

from virttui.terminal.row import DEFAULT, CellStyle, Row, Run

REPLACEMENT = "\ufffd"
"""Stands in one cell for what cannot be shown in the width that it has."""

_MOST_CODE_POINTS = 8
"""A character and its marks: more of them would cover the rows above and below."""

_DROPPED_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))

# Not of those categories, and yet without a glyph: Hangul fillers, the combining grapheme joiner.
_DROPPED = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5")

# Variation selectors: the outer terminal may draw "▶" with one in two cells, or in one.
_SELECTORS = ((0xFE00, 0xFE0F), (0x180B, 0x180F), (0xE0100, 0xE01EF))


@lru_cache(4096)
def is_dropped(char: str) -> bool:
    """Whether a character is one that never leaves: control, format, filler or selector."""
    code = ord(char)
    return (
        unicodedata.category(char) in _DROPPED_CATEGORIES
        or char in _DROPPED
        or any(first <= code <= last for first, last in _SELECTORS)
    )


@lru_cache(4096)
def clean_cell(text: str, width: int) -> str:
    """What is shown of a cell's ``text``, in exactly ``width`` cells."""
    shown = unicodedata.normalize("NFC", "".join(char for char in text if not is_dropped(char)))
    shown = shown[:_MOST_CODE_POINTS]
    if not shown or not cell_len(shown[0]):  # nothing, or marks without a character below them
        return " " * width
    for part in (shown, shown[0]):
        taken = cell_len(part)
        if taken <= width:
            return part + " " * (width - taken)
    return REPLACEMENT * width


class RowBuilder:
    """Collects the cells of one row, from the left."""

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._parts: list[str] = []
        self._style = DEFAULT

    def add_ascii(self, text: str, style: CellStyle) -> None:
        """Append printable ASCII, or blanks: as many cells as characters."""
        self._to(style)
        self._parts.append(text)

    def add(self, text: str, width: int, style: CellStyle) -> None:
        """Append one cell, or one of two, with anything in it."""
        self._to(style)
        self._parts.append(clean_cell(text, width))

    def row(self) -> Row:
        """The row as it is now."""
        self._flush()
        runs = self._runs
        while runs and runs[-1].style == DEFAULT:
            text = runs[-1].text.rstrip(" ")
            if text:
                runs[-1] = Run(text)
                break
            runs.pop()
        return tuple(runs)

    def _to(self, style: CellStyle) -> None:
        if style is not self._style and style != self._style:
            self._flush()
        self._style = style

    def _flush(self) -> None:
        text = "".join(self._parts)
        if text:
            self._runs.append(Run(text, self._style))
        self._parts.clear()

"""Rows made of pyte's cells."""

from __future__ import annotations

import sys
from typing import Any

from pyte import graphics
from pyte.screens import Char, StaticDefaultDict
from wcwidth import wcwidth

from virttui.terminal.cells import RowBuilder
from virttui.terminal.row import DEFAULT, CellStyle, Colour, Row

_MOST_STYLES = 4096

_NAMED: dict[str, int] = {}
for _table, _first in (
    (graphics.FG, 30), (graphics.BG, 40), (graphics.FG_AIXTERM, 82), (graphics.BG_AIXTERM, 92),
):  # fmt: skip
    _NAMED |= {name: code - _first for code, name in _table.items() if name != "default"}
# pyte writes the 256 colours as the rgb that they usually have; the later of equal ones is fixed.
_PALETTE = {value: number for number, value in enumerate(graphics.FG_BG_256)}


class RowConverter:
    """Makes rows, and remembers the styles in them."""

    def __init__(self) -> None:
        self._styles: dict[tuple[Any, ...], CellStyle] = {}

    def row(self, line: StaticDefaultDict[int, Char], columns: int) -> Row:
        """The row of a line's cells, of which there are up to ``columns``."""
        builder = RowBuilder()
        if not line.default.reverse:
            columns = min(columns, 1 + max(line, default=-1))
        skipped = -1
        text, attributes, style = "", None, DEFAULT
        for x in range(columns):
            char = line[x]
            if x == skipped:
                continue
            data = char.data
            plain = len(data) == 1 and " " <= data <= "~"
            if char[1:] != attributes or not plain:
                if text:
                    builder.add_ascii(text, style)
                    text = ""
                attributes, style = char[1:], self._style(char)
            if plain:
                text += data
            elif wcwidth(data[:1]) != 2:
                builder.add(data, 1, style)
            elif x + 1 < columns and not line[x + 1].data:
                builder.add(data, 2, style)
                skipped = x + 1
            else:  # half of a wide character that was written over is blank
                builder.add("", 1, style)
        if text:
            builder.add_ascii(text, style)
        return builder.row()

    def _style(self, char: Char) -> CellStyle:
        key = char[1:]
        style = self._styles.get(key)
        if style is None:
            if len(self._styles) >= _MOST_STYLES:
                self._styles.clear()
            style = CellStyle(
                foreground=_colour(char.fg),
                background=_colour(char.bg),
                bold=char.bold,
                italic=char.italics,
                underline=char.underscore,
                blink=char.blink,
                inverse=char.reverse,
                strikethrough=char.strikethrough,
            )
            self._styles[key] = style = DEFAULT if style == DEFAULT else style
        return style


def row_bytes(row: Row) -> int:
    """About how many bytes of memory a row takes."""
    return 64 + sum(
        200 + (sys.getsizeof(run.text) if run.style is not DEFAULT else len(run.text))
        for run in row
    )


def _colour(name: str) -> Colour:
    if name == "default":
        return None
    if name in _NAMED:
        return _NAMED[name]
    if name in _PALETTE:
        return _PALETTE[name]
    red, green, blue = bytes.fromhex(name)
    return red, green, blue

"""Styles and colours as libghostty-vt has them."""

from __future__ import annotations

from typing import Any

from pyghostty import lib

from virttui.terminal import ghostty_abi as abi
from virttui.terminal.row import CellStyle, Colour

PALETTE_BACKGROUND = 2
"""The tag of a cell that is nothing but a colour of the palette; the next one is rgb's."""


def cell_style(raw: Any) -> CellStyle:
    """A ``GhosttyStyle``."""
    return CellStyle(
        foreground=_colour(raw.fg_color),
        background=_colour(raw.bg_color),
        bold=bool(raw.bold),
        faint=bool(raw.faint),
        italic=bool(raw.italic),
        underline=bool(raw.underline),
        blink=bool(raw.blink),
        inverse=bool(raw.inverse),
        invisible=bool(raw.invisible),
        strikethrough=bool(raw.strikethrough),
    )


def _colour(raw: Any) -> Colour:
    if raw.tag == lib.GHOSTTY_STYLE_COLOR_PALETTE:
        return int(raw.value.palette)
    if raw.tag == lib.GHOSTTY_STYLE_COLOR_RGB:
        return raw.value.rgb.r, raw.value.rgb.g, raw.value.rgb.b
    return None


def background(cell: int, tag: int) -> Colour:
    """The colour of a cell that is nothing but a background."""
    if tag == PALETTE_BACKGROUND:
        return _bits(cell, abi.PALETTE)
    return _bits(cell, abi.RED), _bits(cell, abi.GREEN), _bits(cell, abi.BLUE)


def _bits(cell: int, bits: tuple[int, int]) -> int:
    return cell >> bits[0] & (1 << bits[1]) - 1

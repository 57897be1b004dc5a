"""A guest's own colours in the theme: as they are, as the terminal's sixteen, or none at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from rich.color import Color, ColorSystem
from rich.style import Style

from virttui.render.line import Background, Role
from virttui.terminal.row import CellStyle, Colour
from virttui.widgets.themes import styles

GuestStyles = Callable[[CellStyle], Style]
"""What cells of a style look like."""


@lru_cache(8)
def guest_styles(theme: str) -> GuestStyles:
    """The looks in the theme called ``theme``; what the guest leaves open is the theme's own."""
    plain = styles(theme)[Role.TEXT, Background.PLAIN]

    @lru_cache(4096)
    def style_of(style: CellStyle) -> Style:
        shown = theme != "none"
        return plain + Style(
            color=_colour(style.foreground, theme) if shown else None,
            bgcolor=_colour(style.background, theme) if shown else None,
            bold=style.bold or None,
            dim=style.faint or None,
            italic=style.italic or None,
            underline=style.underline or None,
            reverse=style.inverse or None,
            strike=style.strikethrough or None,
        )

    return style_of


def _colour(colour: Colour, theme: str) -> Color | None:
    if colour is None:
        return None
    shown = Color.from_rgb(*colour) if isinstance(colour, tuple) else Color.from_ansi(colour)
    return shown.downgrade(ColorSystem.STANDARD) if theme == "ansi" else shown


def reversed_style(style: Style) -> Style:
    """The same style with its colours exchanged."""
    return style + Style(reverse=not style.reverse)

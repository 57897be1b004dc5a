"""The four themes, and what each role looks like in them.

The colours are theme variables (``$muted``, ``$cursor-ground`` …), so the style sheets and the
line widgets read the same ones. ``ansi`` and ``none`` use the terminal's own colours or none at
all; there the cursor row is one reversed run, and an alarm inside it is the hole in it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from rich.style import Style
from textual.theme import BUILTIN_THEMES, Theme

from virttui.render.line import Background, Role

_DARK = {
    "background": "#12161b",
    "text": "#c9d1d9",
    "muted": "#8893a0",
    "faint": "#56616d",
    "line": "#36404a",
    "accent": "#5fafd7",
    "graph": "#4f8fb3",
    "ok": "#87af87",
    "warn": "#d7af5f",
    "bad": "#e06c6c",
    "alarm": "#ffffff",
    "alarm-ground": "#a83232",
    "on-accent": "#0d1115",
    "cursor-ground": "#22384a",
    "panel-ground": "#1b2128",
    "field-ground": "#262e37",
    "chosen-ground": "#2b4a60",
    "added-ground": "#17281c",
    "removed-ground": "#301a1c",
}
_LIGHT = {
    "background": "#fbfaf7",
    "text": "#2a3138",
    "muted": "#5c666f",
    "faint": "#9aa2a9",
    "line": "#cfd3d6",
    "accent": "#005f87",
    "graph": "#4f8fae",
    "ok": "#3a6b3a",
    "warn": "#875f00",
    "bad": "#a82318",
    "alarm": "#ffffff",
    "alarm-ground": "#b02a20",
    "on-accent": "#ffffff",
    "cursor-ground": "#d3e4ee",
    "panel-ground": "#f0efea",
    "field-ground": "#e6e4de",
    "chosen-ground": "#bcd6e6",
    "added-ground": "#e2efe2",
    "removed-ground": "#f6e0de",
}
_ANSI = dict.fromkeys(_DARK, "ansi_default") | {
    "accent": "ansi_cyan",
    "graph": "ansi_cyan",
    "ok": "ansi_green",
    "warn": "ansi_yellow",
    "bad": "ansi_red",
    "alarm": "ansi_white",
    "alarm-ground": "ansi_red",
    "on-accent": "ansi_black",
}
_NONE = dict.fromkeys(_DARK, "ansi_default")

_COLOURS = {"dark": _DARK, "light": _LIGHT, "ansi": _ANSI, "none": _NONE}

_BACKGROUNDS = {
    Background.CURSOR: "cursor-ground",
    Background.PANEL: "panel-ground",
    Background.FIELD: "field-ground",
    Background.CHOSEN: "chosen-ground",
    Background.ADDED: "added-ground",
    Background.REMOVED: "removed-ground",
}
_STRONG = frozenset({Role.STRONG, Role.ACCENT_STRONG, Role.BAD_STRONG, Role.ALARM, Role.TAB})
_MARKS = {Role.OK_MARK: Role.OK, Role.BAD_MARK: Role.BAD, Role.WARN_MARK: Role.WARN}

Styles = Mapping[tuple[Role, Background], Style]


def theme(name: str) -> Theme:
    """The Textual theme called ``virttui-NAME``."""
    colours = _COLOURS[name]
    native = name in ("ansi", "none")
    return Theme(
        name=f"virttui-{name}",
        primary=colours["accent"],
        accent=colours["accent"],
        warning=colours["warn"],
        error=colours["bad"],
        success=colours["ok"],
        foreground=colours["text"],
        background=colours["background"],
        surface=colours["background"],
        panel=colours["panel-ground"],
        boost=colours["background"],
        dark=name != "light",
        variables={
            # Textual's own style sheets name variables that only its native themes have.
            **(BUILTIN_THEMES["ansi-dark"].variables if native else {}),
            **colours,
            "input-selection-background": colours["chosen-ground"],
            "input-cursor-background": "ansi_white" if native else colours["accent"],
            "input-cursor-foreground": "ansi_black" if native else colours["on-accent"],
            "input-cursor-text-style": "none",
            "screen-selection-background": "ansi_white" if native else colours["chosen-ground"],
            "screen-selection-foreground": "ansi_black" if native else colours["text"],
            "scrollbar": colours["line"],
            "scrollbar-background": colours["background"],
        },
        ansi=native,
    )


@functools.cache
def styles(name: str) -> Styles:
    """What each role looks like on each ground in the theme called ``name``.

    Kept, because each part of a screen asks for it when it is mounted: 4 ms for each.
    """
    make = {"ansi": _ansi, "none": _colourless}.get(name)
    if make is None:
        return {(r, g): _coloured(_COLOURS[name], r, g) for r in Role for g in Background}
    return {
        (role, background): make(role, background) for role in Role for background in Background
    }


def _coloured(colours: dict[str, str], role: Role, background: Background) -> Style:
    if role in _MARKS:
        return _coloured(colours, _MARKS[role], background) + Style(bold=True, underline=True)
    bold = role in _STRONG
    if role is Role.ALARM:
        return Style(color=colours["alarm"], bgcolor=colours["alarm-ground"], bold=True)
    if role in (Role.TAB, Role.BUTTON):
        return Style(color=colours["on-accent"], bgcolor=colours["accent"], bold=True)
    name = {
        Role.STRONG: "text",
        Role.ACCENT_STRONG: "accent",
        Role.BAD_STRONG: "bad",
    }.get(role, role.value)
    on = colours[_BACKGROUNDS[background]] if background in _BACKGROUNDS else colours["background"]
    return Style(color=colours[name], bgcolor=on, bold=bold or None)


def _reversed(background: Background) -> bool:
    return background in (Background.CURSOR, Background.CHOSEN)


def _ansi(role: Role, background: Background) -> Style:
    if role in _MARKS:
        return _ansi(_MARKS[role], background) + Style(bold=True, underline=True)
    if role is Role.ALARM and _reversed(background):
        return Style(bold=True, underline=True)
    if role is Role.ALARM:
        return Style(color="white", bgcolor="red", bold=True)
    if role in (Role.TAB, Role.BUTTON):
        return Style(color="black", bgcolor="cyan")
    if _reversed(background):
        return Style(reverse=True, bold=role in _STRONG or None)
    underline = True if background is Background.FIELD else None
    if role in (Role.MUTED, Role.FAINT, Role.LINE):
        return Style(dim=True, underline=underline)
    colour = {
        Role.ACCENT: "cyan",
        Role.ACCENT_STRONG: "cyan",
        Role.GRAPH: "cyan",
        Role.OK: "green",
        Role.WARN: "yellow",
        Role.BAD: "red",
        Role.BAD_STRONG: "red",
    }.get(role)
    bold = role in _STRONG or role is Role.BAD
    return Style(color=colour, bold=bold or None, underline=underline)


def _colourless(role: Role, background: Background) -> Style:
    if role in _MARKS:
        return _colourless(_MARKS[role], background) + Style(bold=True, underline=True)
    if role in (Role.ALARM, Role.TAB) and _reversed(background):
        return Style(bold=True, underline=True)  # A hole in what is reversed is still seen.
    if role is Role.ALARM:
        return Style(bold=True, reverse=True)
    if role in (Role.TAB, Role.BUTTON):
        return Style(reverse=True)
    if _reversed(background):
        return Style(reverse=True, bold=role in _STRONG or None)
    if role in (Role.MUTED, Role.FAINT, Role.LINE):
        return Style(dim=True)
    bold = role in _STRONG or role in (Role.ACCENT, Role.WARN, Role.BAD)
    return Style(bold=bold or None, underline=True if background is Background.FIELD else None)


def resolve_theme(setting: str, environment: Mapping[str, str], colours: str | None) -> str:
    """The theme for a setting, the environment and what the terminal can show.

    ``colours`` is "truecolor", "256", "standard" or None. NO_COLOR wins over ``auto`` alone.
    """
    if setting != "auto":
        return setting
    if environment.get("NO_COLOR"):
        return "none"
    return "dark" if colours in ("truecolor", "256", None) else "ansi"

"""What stands beside a guest's screen: what is known of the picture, and what it says."""

from __future__ import annotations

from virttui import formatting
from virttui.model.domains.guest_screen import Display
from virttui.panes.guest_screen.key_menu import meaning_of
from virttui.panes.guest_screen.page import GuestScreenPage
from virttui.render.chrome import rule
from virttui.render.glyphs import RenderContext
from virttui.render.line import BLANK, Line, Role, Run, clean, cut_end, length, within, wrapped

FROM_WIDTH = 100
"""Columns of the terminal from which on there is a side."""
WIDTH = 37
GAP = 2
"""Columns between the screen and its side."""
_SCREEN = 81 + GAP
_LABEL = 9
_KEY = 16
"""Cells of the names of keys."""


def side_width(whole: int) -> int:
    """The columns of the side in a terminal of ``whole``; 0 where there is none."""
    return min(WIDTH, whole - _SCREEN) if whole >= FROM_WIDTH else 0


def side(page: GuestScreenPage, look: RenderContext, width: int, height: int) -> list[Line]:
    """Exactly ``height`` lines, as far as there is room."""
    every = "frozen" if page.frozen else f"every {page.every:g} s"
    parts = [
        [rule("picture", every, look, width), *_facts(page, width)],
        [rule("what it says", "", look, width), *_says(page, width)],
    ]
    room = height - sum(len(part) for part in parts) - 1
    parts.insert(1, [_menu_rule(page, look, width), *_menu(page, look, max(3, room))])
    lines = [_within(line, look, width) for part in parts for line in part]
    return [*lines, *[BLANK] * height][:height]


def _within(line: Line, look: RenderContext, width: int) -> Line:
    """The line in the side's width; where something is cut off, that is seen."""
    if length(line) <= width:
        return within(line, width)
    return (*within(line, width - 1), Run(look.glyphs.cut, Role.MUTED))


def _labelled(label: str, text: str, role: Role = Role.TEXT) -> Line:
    return Run(f" {label:<{_LABEL}}", Role.MUTED), Run(text, role)


def _facts(page: GuestScreenPage, width: int) -> list[Line]:
    view, displays = page.view, page.displays
    room = width - _LABEL - 1
    lines: list[Line] = []
    if view is None:
        lines.append(_labelled("shows", "nothing yet", Role.MUTED))
    else:
        across, down = view.size
        kind = (
            f"text, {view.cells[0]}x{view.cells[1]}" if view.is_text else f"image, {across}x{down}"
        )
        lines.append(_labelled("shows", kind))
        if view.is_text and view.unknown:
            lines.append(_labelled("unread", formatting.counted(view.unknown, "cell"), Role.WARN))
        if not view.is_text:
            lines.append(_labelled("drawn", f"by {view.drawing}"))
        lines.append(_labelled("same", f"since {formatting.clock(view.since)}"))
    if displays is None:
        return lines
    for number, display in enumerate(displays.displays):
        lines.append(_labelled("" if number else "display", cut_end(address(display), room)))
    if not displays.displays:
        lines.append(_labelled("display", "none to connect to", Role.MUTED))
    video = formatting.listed([clean(one) for one in displays.video]) or "none"
    count = f", {formatting.counted(displays.screens, 'screen')}" if displays.screens else ""
    lines.append(_labelled("video", f"{video}{count}"))
    return lines


def address(display: Display) -> str:
    """Where a display can be reached, in words."""
    kind = clean(display.type)
    if display.socket:
        return f"{kind} {clean(display.socket)}"
    port = display.port or display.tls_port
    if port is None:
        return f"{kind}, no port" if display.type in ("vnc", "spice", "rdp") else kind
    tls = " tls" if display.port is None else ""
    return f"{kind} {clean(display.address) or '?'}:{port}{tls}"


def _menu_rule(page: GuestScreenPage, look: RenderContext, width: int) -> Line:
    """``━━ send keys ──── ↑↓ enter ─`` with the focus, else ``─ send keys ──── tab ─``."""
    line = rule("send keys", "enter sends" if page.focused else "tab", look, width)
    if not page.focused:
        return line
    strong = Run(f"{look.glyphs.strong_rule} ", Role.ACCENT)
    return (strong, line[1]._replace(role=Role.ACCENT_STRONG), *line[2:])


def _menu(page: GuestScreenPage, look: RenderContext, room: int) -> list[Line]:
    """The keys that can be sent, as many as there is room for, with the chosen one among them."""
    count = len(page.menu)
    start = max(0, min(page.place - room // 2, count - room))
    lines: list[Line] = []
    for place, item in enumerate(page.menu[start : start + room], start):
        chosen = place == page.place and page.focused
        mark = Run(look.glyphs.cursor if chosen else " ", Role.ACCENT)
        meaning = meaning_of(item, windows=page.displays is not None and page.displays.windows)
        role = Role.FAINT if page.why_no_keys else Role.STRONG if chosen else Role.TEXT
        muted = Role.FAINT if page.why_no_keys else Role.MUTED
        lines.append((mark, Run(f" {item.words:<{_KEY}} ", role), Run(meaning, muted)))
    if page.why_no_keys:
        lines = [_labelled("not now", page.why_no_keys, Role.MUTED), *lines[: room - 1]]
    return lines


def _says(page: GuestScreenPage, width: int) -> list[Line]:
    """The state that is recognised, or why none is."""
    view = page.view
    if view is None or not page.is_on:
        return []
    if not view.is_text:
        coarse = (
            "Too coarse to read: enough to tell a login, an installer, a stop screen, a desktop. "
        )
        text = f"{'' if view.is_exact else coarse}e saves the picture itself as a PNG file."
        text = text[:1].upper() + text[1:]
    else:
        text = view.sentence or "Nothing that is recognised."
    role = Role.WARN if view.trouble else Role.TEXT
    return [(Run(f" {part}", role),) for part in wrapped(text, width - 2)]

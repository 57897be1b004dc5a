"""The page of a guest's screen as lines: whose it is, what it shows, and its keys."""

from __future__ import annotations

from msgspec import Struct

from virttui import formatting
from virttui.model.domains.guest_screen import GuestDisplays
from virttui.panes.domain_page.snapshot import DetailsInput
from virttui.panes.guest_screen.key_menu import KeyMenuItem
from virttui.panes.guest_screen.viewers import ViewerLines, viewer_lines
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, clean, cut, length, within, wrapped

FULL_HEIGHT = 29
"""From so many lines on there is room for tabs and answer beside the guest's 25 rows."""


class ScreenView(Struct, frozen=True):
    """What is shown of a screen.

    ``size`` is its points across and down, ``cells`` the columns and rows that it takes here;
    ``is_text`` says that it was read as text, ``unknown`` cells of it left out, and ``drawing`` by
    what an image is drawn. ``since`` is the epoch from which on it has been as it is, as far as it
    was looked at. ``word`` and ``sentence`` say what state is recognised, "" for none; ``trouble``
    that somebody has to look at it. ``is_exact``: the terminal draws its points themselves.
    """

    size: tuple[int, int]
    cells: tuple[int, int]
    is_text: bool
    since: float
    unknown: int = 0
    drawing: str = ""
    word: str = ""
    sentence: str = ""
    trouble: bool = False
    is_exact: bool = False


class GuestScreenPage(Struct, frozen=True):
    """Everything the page is drawn from.

    ``view`` is None until there was a picture; ``why_not`` says why the last one failed, "" where
    it did not. ``visible`` are the first and last of its rows in view, from 1. ``every`` is in
    seconds. ``found`` is the number of the match that is lit, from 1, and how many there are;
    ``searched`` is "" where nothing is. ``number`` is the screen that is shown, from 0.
    ``menu`` are keys to send, ``place`` the chosen one; ``focused`` says that keys go to the menu,
    and ``why_no_keys`` why nothing can be sent.
    """

    shown: DetailsInput
    displays: GuestDisplays | None = None
    view: ScreenView | None = None
    why_not: str = ""
    visible: tuple[int, int] = (1, 25)
    every: float = 5.0
    frozen: bool = False
    searched: str = ""
    found: tuple[int, int] = (0, 0)
    number: int = 0
    menu: tuple[KeyMenuItem, ...] = ()
    place: int = 0
    focused: bool = False
    why_no_keys: str = ""

    @property
    def name(self) -> str:
        """The name of the domain."""
        return clean(self.shown.domain.name) or "(no name)"

    @property
    def host(self) -> str:
        """The name of its host."""
        return clean(self.shown.fleet_state.host_name(self.shown.key.host))

    @property
    def is_on(self) -> bool:
        """Whether the guest has a screen now."""
        return self.shown.row is not None and self.shown.domain.state.active

    @property
    def viewer_lines(self) -> ViewerLines | None:
        """How it can be looked at elsewhere; None until that is known."""
        inventory = self.shown.inventory
        if self.displays is None or inventory is None or not self.is_on:
            return None
        first = next((one for one in self.displays.displays if one.type in ("vnc", "spice")), None)
        host = inventory.host
        return viewer_lines(host.uri, self.host, self.shown.domain.name, first)

    @property
    def screens(self) -> int:
        """How many screens there are to look at, as far as that is known."""
        return max(1, self.displays.screens) if self.displays is not None else 1


def is_compact(page: GuestScreenPage, height: int) -> bool:
    """Whether the guest's rows leave room for one line above and one below alone."""
    return page.view is not None and height < FULL_HEIGHT


# -- the rule ------------------------------------------------------------------------------


def rule(page: GuestScreenPage, width: int, *, compact: bool) -> Line:
    """``━━ its screen ────────── 80x25, read as text ─``."""
    glyphs = page.shown.look.glyphs
    title = "its screen"
    if compact:
        path = f" {glyphs.path} "
        title = f"{page.host}{path}{page.name}{path}screen"
    if page.screens > 1:
        title += f" {page.number + 1} of {page.screens}"
    finish = _finish(page, compact=compact)
    says, role = _state(page, compact=compact)
    room = width - length(finish) - len(says) - 8
    title = cut(title, max(8, room), glyphs.cut)
    begin = (
        Run(f"{glyphs.strong_rule * 2} ", Role.ACCENT),
        Run(title, Role.ACCENT_STRONG),
        *((Run(f"  {says}", role),) if says else ()),
        Run(" "),
    )
    stroke = glyphs.rule * max(0, width - length(begin) - length(finish))
    return within((*begin, Run(stroke, Role.LINE), *finish), width)


def _state(page: GuestScreenPage, *, compact: bool) -> tuple[str, Role]:
    """What has to be known of the picture beside it."""
    if page.frozen:
        return "frozen", Role.ACCENT
    if page.view is None:
        return "", Role.MUTED
    if page.why_not or not page.is_on:
        return f"as of {formatting.clock(page.view.since)}", Role.WARN
    if compact and page.view.word:
        return page.view.word, Role.WARN if page.view.trouble else Role.MUTED
    return "", Role.MUTED


def _finish(page: GuestScreenPage, *, compact: bool) -> Line:
    """The right end of the rule: what is searched for, how it is read, which rows are in view."""
    view = page.view
    if view is None:
        return ()
    columns, rows = view.cells
    first, last = page.visible
    across, down = view.size
    if page.searched:
        number, matches = page.found
        text = f"/{clean(page.searched)} {number} of {matches}"
    elif last - first + 1 < rows:
        text = f"rows {first}-{last} of {rows}"
    elif view.is_text:
        text = f"{columns}x{rows}, read as text" if not compact else f"{columns}x{rows}"
    else:
        text = f"{across}x{down} in {columns}x{rows} cells" if not compact else f"{across}x{down}"
    return Run(f" {text} ", Role.MUTED), Run(page.shown.look.glyphs.rule, Role.LINE)


# -- what is said in place of the screen -----------------------------------------------------


def words(page: GuestScreenPage, width: int) -> list[Line]:
    """Sentences while there is no screen to show; none while there is."""
    if page.view is not None:
        return []
    return [
        BLANK,
        *((Run(f" {part}"),) for text in sentences(page) for part in wrapped(text, width - 2)),
    ]


def sentences(page: GuestScreenPage) -> list[str]:
    """Why no screen is seen, and what helps."""
    if page.shown.row is None:
        return [f"{page.name} is gone."]
    if not page.is_on:
        return [
            f"{page.name} is off, so it has no screen.",
            f"Its screen is shown here by itself when {page.name} starts, whoever starts it.",
        ]
    if page.displays is not None and not page.displays.screens:
        return [
            f"{page.name} has no video device, so it has no screen; its console is c.",
            ":add video gives it one, from its next start.",
        ]
    if page.why_not:
        return [f"{page.why_not}.", f"It is looked at again every {page.every:g} s; enter now."]
    return [f"{page.host} is asked for a picture of the screen of {page.name}."]


# -- the two last lines --------------------------------------------------------------------


def answer(page: GuestScreenPage) -> Line:
    """The state in one sentence."""
    view = page.view
    if page.shown.row is None:
        text = "is gone"
    elif not page.is_on:
        text = "it is off; s starts it"
    elif page.why_not:
        text = f"{page.why_not}; looked at again every {page.every:g} s"
    elif view is None:
        text = "a picture is asked for"
    elif view.sentence:
        text = view.sentence
    else:
        since = formatting.clock(view.since)
        text = f"shows the same since {since}" if view.is_text else f"shows an image since {since}"
    role = Role.WARN if view is not None and view.trouble and page.is_on else Role.TEXT
    return Run(page.name, Role.STRONG), Run(f"  {clean(text)}", role)


def hints(page: GuestScreenPage, *, wide: bool) -> list[KeyHint]:
    """The keys of the page."""
    view = page.view
    if page.focused:
        return [KeyHint("enter", "send"), KeyHint("↑↓", "choose"),
                KeyHint("esc", "send nothing", keep=True)]  # fmt: skip
    shown: list[KeyHint] = []
    if page.is_on:
        shown.append(KeyHint("tab", "send keys", not page.why_no_keys))
    if not page.is_on:
        shown.append(KeyHint("s", "start", page.shown.row is not None))
    else:
        shown.append(KeyHint("enter", "look now"))
        shown.append(KeyHint("u", "go on" if page.frozen else "freeze"))
    if view is not None:
        if view.is_text:
            shown.append(KeyHint("n N", "match") if page.searched else KeyHint("/", "search"))
        shown += [KeyHint("y", "copy"), KeyHint("e", "to a file")]
    if page.screens > 1:
        shown.append(KeyHint("o", "other screen"))
    if page.viewer_lines is not None:
        shown.append(KeyHint("h", "hand over"))
    shown.append(KeyHint("c", "console"))
    if wide:
        shown += [KeyHint("+", "whole width"), KeyHint("l", "log")]
    return [
        *shown,
        KeyHint("esc", "back", keep=True),
        KeyHint("?", "all keys" if wide else "keys", keep=True),
    ]

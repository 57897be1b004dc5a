"""The help page, made from the actions that mean something here: it is a menu too."""

from __future__ import annotations

import itertools

from msgspec import Struct
from msgspec.structs import replace

from virttui import formatting
from virttui.actions.action import Action, HelpSection
from virttui.actions.registry import ACTIONS
from virttui.actions.target import ActionContext
from virttui.model.identity import Kind
from virttui.render.glyphs import RenderContext
from virttui.render.line import (
    BLANK,
    Background,
    Line,
    Role,
    Run,
    cut,
    cut_end,
    fit,
    length,
    within,
)

_PAIRS = {
    "sort-left": ("sort-right", "sort column"),
    "window-less": ("window-more", "graph window"),
    "up": ("down", "up, down"),
    "shut": ("unfold", "collapse, expand"),
    "first": ("last", "first, last"),
    "page-down": ("page-up", "half a page"),
    "zoom": ("unzoom", "zoom the pane"),
    "next-part": ("last-part", "next list"),
}
_SECONDS = frozenset(second for second, _ in _PAIRS.values())
_NOTES = (
    "Upper-case keys interrupt or delete;",
    "they ask first where data is at risk.",
    "",
    "virttui list --json  for scripts",
    "virttui doctor       checks a host",
)


class HelpItem(Struct, frozen=True):
    """One line of the page: a key (or pair), what it does, and why not."""

    id: str
    key: str
    help: str
    why_not: str = ""


class HelpPageSection(Struct, frozen=True):
    """A titled part of the page. ``keys`` is the width of its keys."""

    title: str
    items: tuple[HelpItem, ...]
    keys: int = 9


def sections(situation: ActionContext) -> list[HelpPageSection]:
    """The parts with keys: this object, this table, moving, everywhere."""
    named = replace(
        situation,
        subjects=tuple(replace(subject, name="it") for subject in situation.subjects),
    )
    kind = situation.subjects[0].kind if situation.subjects else None
    found = []
    for place in HelpSection:
        items = tuple(
            _item(action, named)
            for action in ACTIONS
            if action.place is place and action.fits(situation) and action.id not in _SECONDS
        )
        if items:
            title = place.value.format(kind=_kind_word(kind, situation))
            found.append(HelpPageSection(title, items, 7 if place is HelpSection.OBJECT else 9))
    return found


def _kind_word(kind: Kind | None, situation: ActionContext) -> str:
    if situation.marked:
        return formatting.counted(len(situation.subjects), kind.value if kind else "row")
    return kind.value if kind else "row"


def _item(action: Action, situation: ActionContext) -> HelpItem:
    key, text = action.key, action.help
    if action.id in _PAIRS:
        second, text = _PAIRS[action.id]
        other = next(one for one in ACTIONS if one.id == second)
        key = key if action.id == "next-part" else _pair(key, other.key)
    # There is one line for it here: the whole reason is said when the key is pressed.
    reason = action.why_not(situation).removesuffix(" on it").partition(":")[0]
    reason = reason.partition(" and ")[0].replace("is already running", "runs")
    return HelpItem(action.id, key, text, reason)


def _pair(one: str, other: str) -> str:
    """``[ ]``, ``↑↓ k j``, ``ctrl+d u``."""
    if one.startswith("ctrl+") and other.startswith("ctrl+"):
        return f"{one} {other[5:]}"
    first, _, rest = one.partition(" ")
    second, _, other_rest = other.partition(" ")
    return f"{first}{second} {other_rest} {rest}" if rest else f"{one} {other}"


def matching(parts: list[HelpPageSection], typed: str) -> list[HelpItem]:
    """All items, or those that hold every word typed."""
    words = typed.casefold().split()
    return [
        item
        for part in parts
        for item in part.items
        if all(word in f"{item.key} {item.help}".casefold() for word in words)
    ]


def page(
    parts: list[HelpPageSection],
    chosen: HelpItem | None,
    found: list[HelpItem],
    look: RenderContext,
    width: int,
) -> list[Line]:
    """The page as lines: one, two or three columns; what was searched for alone, in one."""
    columns = 3 if width >= 114 else 2 if width >= 76 else 1
    each = (width - 2 * columns) // columns
    if sum(len(part.items) for part in parts) > len(found):
        return [_item_line(item, 9, item == chosen, width - 2) for item in found] or [
            (Run("  no key does that", Role.MUTED),)
        ]
    blocks = [_block(part, chosen, each) for part in parts] + [_legend(look, each), _notes(each)]
    return _beside(_shared_out(blocks, columns), each)


def _block(part: HelpPageSection, chosen: HelpItem | None, width: int) -> list[Line]:
    title = (
        Run("─ ", Role.LINE),
        Run(f"{part.title} ", Role.MUTED),
        Run("─" * max(0, width - len(part.title) - 3), Role.LINE),
    )
    return [title, *(_item_line(item, part.keys, item == chosen, width) for item in part.items)]


def _item_line(item: HelpItem, keys: int, lit: bool, width: int) -> Line:
    background = Background.CHOSEN if lit else Background.PLAIN
    if item.why_not:
        runs = (
            Run(
                f" {fit(item.key, max(keys, len(item.key) + 1))}{item.help}", Role.FAINT, background
            ),
            Run(f" – {item.why_not}", Role.MUTED, background),
        )
        room = width - length(runs[:1])
        return within(
            (runs[0], runs[1]._replace(text=cut_end(runs[1].text, room))), width, background
        )
    key = Run(f" {fit(item.key, max(keys, len(item.key) + 1))}", Role.ACCENT_STRONG, background)
    help = cut_end(item.help, width - length([key]))
    return within((key, Run(help, Role.TEXT, background)), width, background)


def _legend(look: RenderContext, width: int) -> list[Line]:
    glyphs = look.glyphs
    rows = (
        (glyphs.running, Role.OK, "running"),
        (glyphs.off, Role.MUTED, "off"),
        (glyphs.saved, Role.MUTED, "saved to disk"),
        (glyphs.paused, Role.WARN, "paused by a user"),
        (glyphs.working, Role.ACCENT, "a task is running"),
        (glyphs.warning, Role.ALARM, "I/O error"),
        (glyphs.failed, Role.ALARM, "crashed"),
        (glyphs.silent, Role.ALARM, "not answering"),
        (glyphs.marked, Role.ACCENT_STRONG, "marked"),
        (glyphs.unknown, Role.TEXT, "not known"),
    )
    title = "reading a row"
    head: Line = (
        Run("─ ", Role.LINE),
        Run(f"{title} ", Role.MUTED),
        Run("─" * max(0, width - len(title) - 3), Role.LINE),
    )
    return [
        head,
        *((Run(" "), Run(glyph, role), Run(f"   {words}")) for glyph, role, words in rows),
    ]


def _notes(width: int) -> list[Line]:
    return [(Run(f" {cut(note, width - 1)}", Role.MUTED),) for note in _NOTES]


def _shared_out(blocks: list[list[Line]], columns: int) -> list[list[Line]]:
    """Blocks in order over the columns, so that the longest of these is as short as it can be."""
    splits = itertools.combinations(range(1, len(blocks)), min(columns, len(blocks)) - 1)
    ways = (
        [_stacked(blocks[i:j]) for i, j in itertools.pairwise((0, *at, len(blocks)))]
        for at in splits
    )
    return min(ways, key=lambda way: max(map(len, way)))


def _stacked(blocks: list[list[Line]]) -> list[Line]:
    """Blocks under each other, with a blank line between."""
    lines: list[Line] = []
    for block in blocks:
        lines += [*([BLANK] if lines else []), *block]
    return lines


def _beside(columns: list[list[Line]], width: int) -> list[Line]:
    height = max(map(len, columns))
    lines: list[Line] = []
    for y in range(height):
        runs: list[Run] = [Run(" ")]
        for place, column in enumerate(columns):
            runs += [Run("  ")] if place else []
            runs += within(column[y] if y < len(column) else BLANK, width)
        lines.append(tuple(runs))
    return lines

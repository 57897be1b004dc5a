"""Rows folded under headings: by host, state, tag or network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from virttui.model.identity import ObjectId
from virttui.natural_sort import natural
from virttui.render.columns import MARGIN, RowFlags
from virttui.render.glyphs import RenderContext
from virttui.render.line import Background, Line, Role, Run, clean, cut, within


class Heading(NamedTuple):
    """The line over the rows of one group. Its key names no host, so no action can hit it."""

    key: ObjectId
    title: str
    rows: Sequence[Any]
    folded: bool


class Grouping(NamedTuple):
    """One way to group: what it is called, and the group of a row ("" where it has none)."""

    title: str
    of: Callable[[Any], str]
    without: str


def heading_key(group: str, title: str) -> ObjectId:
    """The key of a group's heading."""
    return ObjectId("", f"{group} {title}")


def grouped(rows: Sequence[Any], name: str, how: Grouping, folded: frozenset[str]) -> list[Any]:
    """The rows under their headings, groups by name, those in no group last."""
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(how.of(row), []).append(row)
    found: list[Any] = []
    for title in sorted(groups, key=lambda title: (not title, natural(title))):
        key = heading_key(name, title)
        shut = key.uuid in folded
        found.append(Heading(key, title or how.without, groups[title], shut))
        if not shut:
            found += groups[title]
    return found


def heading_line(
    heading: Heading, summary: str, look: RenderContext, flags: RowFlags, width: int
) -> Line:
    """``▼ kvm01  19 domains, 17 running  cpu 34%``: a line of the table that is no row."""
    lit = flags.cursor and flags.focused
    background = Background.CURSOR if lit else Background.PLAIN
    glyphs = look.glyphs
    text = f"  {summary}"
    title = cut(clean(heading.title), max(8, width - len(text) - 6), glyphs.cut)
    runs = (
        Run(glyphs.cursor if flags.cursor else " ", Role.ACCENT, background),
        Run(" " * (MARGIN - 1), Role.TEXT, background),
        Run(f"{glyphs.shut if heading.folded else glyphs.open} ", Role.MUTED, background),
        Run(title, Role.STRONG, background),
        Run(text, Role.TEXT if lit else Role.MUTED, background),
    )
    return within(runs, width, background)


Groupings = Mapping[str, Grouping]

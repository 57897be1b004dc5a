"""Pages of lines that are made at once and scrolled: differences and what is chosen in them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from virttui.libvirtxml.text.diff import ElementPaths, Hunk, changed_words, counts, hunks
from virttui.panes.xml_editor.text_line import Span
from virttui.render.glyphs import RenderContext
from virttui.render.line import (
    Background,
    Line,
    Role,
    Run,
    clean,
    merged,
    within,
)

AROUND = 1
"""Lines that stay as they are shown before and after a change."""


class DiffRow(Struct, frozen=True):
    """One line of a page. ``kind`` is heading, same, old, new, gap or words."""

    kind: str
    text: str = ""
    old: int | None = None
    new: int | None = None
    spans: tuple[Span, ...] = ()


class Difference(Struct, frozen=True):
    """The differences of two texts, as rows under the element each change is in."""

    rows: tuple[DiffRow, ...]
    starts: tuple[int, ...]
    added: int
    removed: int

    @property
    def changes(self) -> int:
        """In how many places."""
        return len(self.starts)


def difference(old: str, new: str) -> Difference:
    """The rows that tell how ``old`` became ``new``."""
    before, after = old.split("\n"), new.split("\n")
    rows: list[DiffRow] = []
    starts: list[int] = []
    news, olds = ElementPaths(new), ElementPaths(old)
    found = [part for hunk in hunks(before, after) for part in _by_place(hunk, news)]
    heading, shown = "", 0
    for hunk in found:
        where = " › ".join(news.at_line(hunk.new_start) if hunk.new_end > hunk.new_start
                           else olds.at_line(hunk.old_start)) or "the root"  # fmt: skip
        first = max(shown, hunk.old_start - AROUND)
        if where != heading:
            rows += [DiffRow("gap")] * bool(rows) + [DiffRow("heading", where)]
            heading = where
        elif rows and first > shown:
            rows.append(DiffRow("words", "…"))
        starts.append(len(rows))
        shift = hunk.new_start - hunk.old_start
        rows += [DiffRow("same", before[n], n, n + shift) for n in range(first, hunk.old_start)]
        rows += _changed(hunk, before, after)
        last = min(hunk.old_end + AROUND, _next_start(found, hunk, len(before)))
        shift = hunk.new_end - hunk.old_end
        rows += [DiffRow("same", before[n], n, n + shift) for n in range(hunk.old_end, last)]
        shown = last
    return Difference(tuple(rows), tuple(starts), *counts(found))


def _by_place(hunk: Hunk, places: ElementPaths) -> list[Hunk]:
    """A hunk cut where its lines go over to another element, as far as they pair up."""
    number = hunk.new_end - hunk.new_start
    if number < 2 or hunk.old_end - hunk.old_start != number:
        return [hunk]
    where = [places.at_line(hunk.new_start + n) for n in range(number)]
    cuts = [0, *(n for n in range(1, number) if where[n] != where[n - 1]), number]
    return [
        Hunk(hunk.old_start + a, hunk.old_start + b, hunk.new_start + a, hunk.new_start + b)
        for a, b in pairwise(cuts)
    ]


def _next_start(found: Sequence[Hunk], hunk: Hunk, end: int) -> int:
    place = found.index(hunk) + 1
    return found[place].old_start if place < len(found) else end


def _changed(hunk: Hunk, before: Sequence[str], after: Sequence[str]) -> list[DiffRow]:
    """Lines that went, then lines that came; words are compared where lines pair up."""
    old, new = before[hunk.old_start : hunk.old_end], after[hunk.new_start : hunk.new_end]
    pairs = [changed_words(a, b) for a, b in zip(old, new, strict=False)]
    rows: list[DiffRow] = []
    for n, line in enumerate(old):
        spans = pairs[n][0] if n < len(pairs) else []
        rows.append(DiffRow("old", line, hunk.old_start + n, None, tuple(spans)))
    for n, line in enumerate(new):
        spans = pairs[n][1] if n < len(pairs) else []
        rows.append(DiffRow("new", line, None, hunk.new_start + n, tuple(spans)))
    return rows


def draw(row: DiffRow, look: RenderContext, width: int, left: int = 0) -> Line:
    """One row of a difference in exactly ``cells``; ``left`` cells of text are scrolled away."""
    if row.kind == "heading":
        return within((Run(f" {clean(row.text)}", Role.STRONG),), width)
    if row.kind in ("gap", "words"):
        return within((Run(f"   {clean(row.text)}", Role.MUTED),), width)
    numbers = f"{_number(row.old)} {_number(row.new)} "
    role, background, sign, mark = {
        "old": (Role.BAD, Background.REMOVED, "-", Role.BAD_MARK),
        "new": (Role.OK, Background.ADDED, "+", Role.OK_MARK),
    }.get(row.kind, (Role.MUTED, Background.PLAIN, " ", Role.MUTED))
    runs = [Run(numbers, Role.FAINT, background), Run(f"{sign}  ", role, background)]
    place = left
    for start, end in row.spans:
        runs += [
            Run(clean(row.text[place:start]), role, background),
            Run(clean(row.text[max(start, place) : end]), mark, background),
        ]
        place = max(place, end)
    runs.append(Run(clean(row.text[place:]), role, background))
    return within(merged(runs), width, background)


def _number(place: int | None) -> str:
    return "    " if place is None else f"{place + 1:>4}"


def draw_beside(rows: Sequence[DiffRow], look: RenderContext, width: int) -> list[Line]:
    """The rows side by side: what was on the left, what will be on the right."""
    half = (width - 3) // 2
    lines: list[Line] = []
    olds: list[DiffRow] = []
    news: list[DiffRow] = []

    def flush() -> None:
        for n in range(max(len(olds), len(news))):
            old = olds[n] if n < len(olds) else None
            new = news[n] if n < len(news) else None
            lines.append(_beside(old, new, look, half, width))
        olds.clear()
        news.clear()

    for row in rows:
        if row.kind == "old":
            olds.append(row)
        elif row.kind == "new":
            news.append(row)
        else:
            flush()
            if row.kind == "same":
                lines.append(_beside(row, row, look, half, width))
            else:
                lines.append(draw(row, look, width))
    flush()
    return lines


def _beside(
    old: DiffRow | None, new: DiffRow | None, look: RenderContext, half: int, width: int
) -> Line:
    left = _half(old, look, half, "old") if old is not None else within((), half)
    right = _half(new, look, half, "new") if new is not None else within((), half)
    return within((*left, Run(f" {look.glyphs.wall} ", Role.LINE), *right), width)


def _half(row: DiffRow, look: RenderContext, width: int, side: str) -> Line:
    number = row.old if side == "old" else row.new
    line = draw(DiffRow(row.kind, row.text, None, None, row.spans), look, width + 5)
    # The two columns of numbers become one.
    text = list(line)
    first = text[0]
    head = f"{_number(number)} "
    text[0] = first._replace(text=head + first.text[10:])
    return within(text, width, line[-1].background)


class ScrollState:
    """The scroll position of a page of rows."""

    def __init__(self) -> None:
        self.offset = 0
        self.height = 1
        self.count = 0

    def fit(self, count: int, height: int) -> None:
        """So many rows in so many lines."""
        self.count, self.height = count, max(1, height)
        self.offset = max(0, min(self.offset, count - self.height))

    def move(self, by: int) -> None:
        """Scroll by rows."""
        self.offset = max(0, min(self.offset + by, self.count - self.height))

    def show(self, place: int) -> None:
        """Scroll as far as needed for one row, with one before it."""
        if not self.offset <= place < self.offset + self.height:
            self.offset = max(0, min(place - 1, self.count - self.height))

    def window(self) -> slice:
        """The rows in view."""
        return slice(self.offset, self.offset + self.height)

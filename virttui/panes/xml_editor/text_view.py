"""A text in view: its tokens, faults, changes and what is searched for, line by line."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from virttui.libvirtxml.text.diff import hunks, label
from virttui.libvirtxml.text.tree import Element, tree
from virttui.model.diagnostics import Diagnostic, Diagnostics
from virttui.model.severity import Severity
from virttui.panes.xml_editor.syntax import Syntax
from virttui.panes.xml_editor.text_line import (
    LineMarks,
    LineViewport,
    Span,
    gutter,
    gutter_width,
    masked,
    source,
)
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line

MAX_OUTLINE = 5000
MAX_CACHED_LINES = 500
"""Lines that are remembered as they were drawn: some screens of them."""
_NONE: list[Diagnostic] = []


class OutlineEntry(Struct, frozen=True):
    """One entry of the outline: an element's words, its depth and its 0-based line."""

    words: str
    depth: int
    row: int
    last_row: int


class TextAnalysis(Struct, frozen=True):
    """The analysis of a text, made while nobody types."""

    text: str = ""
    checked: Diagnostics = field(default_factory=Diagnostics)
    changed: frozenset[int] = frozenset()
    outline: tuple[OutlineEntry, ...] = ()

    def worst(self, first: int, last: int) -> Severity:
        """The worst severity of a problem on lines ``first`` to ``last`` (0-based)."""
        return worst(p for p in self.checked.problems if first <= p.line - 1 <= last)


def worst(problems: Iterable[Diagnostic]) -> Severity:
    """The severity of the worst problem, OK without any."""
    levels = {problem.level for problem in problems}
    return next((s for s in (Severity.ERROR, Severity.WARNING) if s in levels), Severity.OK)


def changed_rows(base: str, text: str) -> frozenset[int]:
    """The lines of ``text`` that ``base`` has not; where lines went, the one before."""
    rows: set[int] = set()
    for hunk in hunks(base.split("\n"), text.split("\n")):
        rows.update(range(hunk.new_start, hunk.new_end))
        if hunk.new_start == hunk.new_end:
            rows.add(max(0, hunk.new_start - 1))
    return frozenset(rows)


def outline(text: str) -> tuple[OutlineEntry, ...]:
    """The root, what is in it, and what is in its devices, each with what tells it apart."""
    parsed = tree(text)
    rows = _Rows(text)
    found: list[OutlineEntry] = []

    def add(element: Element, depth: int) -> None:
        if not element.name:
            return  # A tag that is being typed.
        found.append(
            OutlineEntry(label(element), depth, rows.of(element.start), rows.of(element.end - 1))
        )

    for root in parsed.top.children:
        add(root, 0)
        for child in root.children:
            add(child, 1)
            if child.name in _DEEP:
                for inner in child.children[:MAX_OUTLINE]:
                    add(inner, 2)
    return tuple(found[:MAX_OUTLINE])


_DEEP = frozenset({"devices", "guest", "host", "ip", "dns", "forward", "capability"})
"""What holds so much that its children are worth a line each."""


class _Rows:
    """Offsets to lines, asked in growing order of starts."""

    def __init__(self, text: str) -> None:
        self._ends: list[int] = []
        place = 0
        for line in text.split("\n"):
            place += len(line) + 1
            self._ends.append(place)

    def of(self, offset: int) -> int:
        return min(bisect_right(self._ends, offset), len(self._ends) - 1)


class AnalysedText:
    """The annotated lines of one text."""

    def __init__(self) -> None:
        self.syntax = Syntax()
        self.analysis = TextAnalysis()
        self.searched = ""
        self._problems: Mapping[int, list[Diagnostic]] = {}
        self._line_cache: dict[int, tuple[object, Line]] = {}

    def take(self, analysis: TextAnalysis) -> None:
        """Take what was found out; it holds until lines move."""
        self.analysis = analysis
        problems: dict[int, list[Diagnostic]] = {}
        for problem in analysis.checked.problems:
            problems.setdefault(problem.line - 1, []).append(problem)
        self._problems = problems
        self._line_cache.clear()

    def moved(self, top: int, old_bottom: int, new_bottom: int) -> None:
        """Lines were typed or deleted: marks behind them move along."""
        self.syntax.changed(top, old_bottom, new_bottom)
        by = new_bottom - old_bottom
        if not by:
            return
        self._problems = {
            row + (by if row > old_bottom else 0): found for row, found in self._problems.items()
        }
        self.analysis = TextAnalysis(
            self.analysis.text,
            self.analysis.checked,
            frozenset(row + (by if row > old_bottom else 0) for row in self.analysis.changed),
            self.analysis.outline,
        )

    def line(
        self, lines: Sequence[str], row: int, viewport: LineViewport, look: RenderContext
    ) -> Line:
        """One line with its gutter; the one drawn last where nothing about it changed."""
        problems = self._problems.get(row, _NONE)
        width = gutter_width(len(lines))
        cache_key = (
            lines[row], self.syntax.mode(lines, row), viewport, row in self.analysis.changed,
            id(problems), self.searched, width, id(look.glyphs),
        )  # fmt: skip
        cached = self._line_cache.get(row)
        if cached is None or cached[0] != cache_key:
            if len(self._line_cache) > MAX_CACHED_LINES:
                self._line_cache.clear()
            line = self._line(lines, row, viewport, look, problems, width)
            cached = self._line_cache[row] = (cache_key, line)
        return cached[1]

    def _line(
        self, lines: Sequence[str], row: int, viewport: LineViewport, look: RenderContext,
        problems: Sequence[Diagnostic], width: int,
    ) -> Line:  # fmt: skip
        tokens = self.syntax.tokens(lines, row)
        text = masked(lines[row], tokens)
        marks = LineMarks(
            row + 1,
            worst(problems),
            row in self.analysis.changed,
            [_span(p) for p in problems if p.level is Severity.ERROR and p.length],
            [_span(p) for p in problems if p.level is Severity.WARNING and p.length],
            self._found(text),
        )
        return (*gutter(marks, viewport.lit, look, width), *source(text, tokens, marks, viewport))

    def _found(self, text: str) -> list[Span]:
        """The positions of the search text in a line; lower-case letters match both cases."""
        words = self.searched
        if not words:
            return []
        haystack = text if words != words.lower() else text.lower()
        if len(haystack) != len(text):
            return []
        spans: list[Span] = []
        start = haystack.find(words)
        while start >= 0:
            spans.append((start, start + len(words)))
            start = haystack.find(words, start + len(words))
        return spans

    def holds(self, line: str) -> bool:
        """Return true if a line holds the search text."""
        words = self.searched
        return bool(words) and words in (line if words != words.lower() else line.lower())


def _span(problem: Diagnostic) -> Span:
    return (problem.column - 1, problem.column - 1 + problem.length)

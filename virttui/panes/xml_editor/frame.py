"""The frame of the text: breadcrumb and tabs, outline, problems, completions."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from virttui import formatting
from virttui.model.diagnostics import Completion, Diagnostic
from virttui.model.documents import Document
from virttui.model.identity import Kind
from virttui.model.severity import Severity
from virttui.panes.xml_editor.buffer import EditBuffer
from virttui.panes.xml_editor.text_view import OutlineEntry, TextAnalysis
from virttui.render.chrome import rule
from virttui.render.glyphs import RenderContext
from virttui.render.line import (
    Background,
    Line,
    Role,
    Run,
    clean,
    cut,
    cut_end,
    ends,
    fit,
    length,
    merged,
    within,
)

WIDE = 100
"""From so many cells on the outline stands beside the text."""
SIDE_WIDTH, REVIEW_SIDE_WIDTH = 36, 44
MAX_COMPLETIONS = 8
PANES = {Kind.DOMAIN: "domains", Kind.NETWORK: "networks", Kind.POOL: "storage"}


class EditorTab(StrEnum):
    """The pages of the editor. The first four are there whenever they apply."""

    LIVE = "live"
    STORED = "next boot"
    PENDING = "pending"
    HISTORY = "history"
    ELSEWHERE = "elsewhere"
    REVIEW = "review"
    MERGE = "merge"
    OUTCOME = "outcome"


def pane_of(document: Document) -> str:
    """The tab a document belongs to."""
    if document.kind in (Kind.SNAPSHOT, Kind.SAVED_IMAGE, Kind.DOMAIN):
        return "domains"
    if document.kind in (Kind.POOL, Kind.VOLUME):
        return "storage"
    return "networks" if document.kind is Kind.NETWORK else "hosts"


def document_path(document: Document) -> list[str]:
    """The way to a document: ``["domains", "web-01"]``, ``["web-01", "snapshot before"]``."""
    kind, name = document.kind, document.name
    if kind in PANES:
        return [PANES[kind], name]
    if kind is Kind.SNAPSHOT:
        return [name, f"snapshot {document.part}"]
    if kind is Kind.VOLUME:
        return ["storage", f"volume {name}"]
    if kind in (Kind.SAVED_IMAGE, Kind.DOMAIN_CAPABILITIES) and document.key.uuid:
        return [name, kind.value]
    if kind in (Kind.CAPABILITIES, Kind.DOMAIN_CAPABILITIES):
        return [kind.value]
    return [f"{kind.value}s", name]


def breadcrumb_line(
    host: str, document: Document, titles: Sequence[tuple[str, bool]], state: Line,
    look: RenderContext,
    width: int,
) -> Line:  # fmt: skip
    """``kvm01 › domains › web-01 › XML    live  next boot  pending 2   edited, draft kept``."""
    path = f" {look.glyphs.path} "
    tabs: list[Run] = []
    for words, active in titles:
        tabs.append(Run(f" {words} ", Role.TAB if active else Role.MUTED))
        tabs.append(Run(" "))
    way = [clean(host), *map(clean, document_path(document))]
    room = max(10, width - length(tabs) - 12)
    shown = path.join(way)
    if len(shown) > room:
        shown = cut(way[-1], room)
    left = (Run(f" {shown}{path}", Role.MUTED), Run("XML", Role.STRONG), Run("   "), *tabs)
    right = state if length(left) + length(state) <= width else ()
    return ends(merged(left), right, width)


def status_line(buffer: EditBuffer, saved_epoch: float | None, look: RenderContext) -> Line:
    """``edited, draft kept 3s ago``, ``view only``, ``as it is stored``."""
    why_not = buffer.why_not
    if buffer.definition is None and not buffer.missing:
        return ()
    if buffer.missing:
        return (Run("not on the host ", Role.WARN),)
    if why_not:
        return (Run("view only ", Role.ACCENT),)
    if not buffer.edited:
        return (Run("as it is stored ", Role.MUTED),)
    draft = (
        f", draft saved {formatting.span(max(0.0, look.epoch - saved_epoch))} ago"
        if saved_epoch is not None
        else ""
    )
    return (Run("edited", Role.ACCENT), Run(f"{draft} ", Role.MUTED))


def outline_lines(
    analysis: TextAnalysis, row: int, look: RenderContext, width: int, height: int
) -> list[Line]:
    """The outline around the heading of line ``row``."""
    headings = analysis.outline
    here = current_heading(headings, row)
    first = max(0, min(here - height // 2, len(headings) - height))
    lines = []
    for number, heading in enumerate(headings[first : first + height], first):
        level = analysis.worst(heading.row, heading.last_row)
        # A fault is shown at the innermost one alone.
        inner = number + 1 < len(headings) and headings[number + 1].depth > heading.depth
        sign = {Severity.ERROR: look.glyphs.failed, Severity.WARNING: look.glyphs.warning}.get(
            level, " "
        )
        sign = " " if inner else sign
        mine = number == here
        bar = look.glyphs.cursor if mine else " "
        role = Role.STRONG if mine else (Role.TEXT if heading.depth < 2 else Role.MUTED)
        lines.append(
            within(
                (
                    Run(sign, Role.BAD if level is Severity.ERROR else Role.WARN),
                    Run(bar, Role.ACCENT),
                    Run("  " * heading.depth),
                    Run(clean(heading.words), role),
                ),
                width,
            )
        )
    return lines


def current_heading(headings: Sequence[OutlineEntry], row: int) -> int:
    """The number of the innermost heading around a line."""
    found = 0
    for number, heading in enumerate(headings):
        if heading.row > row:
            break
        if heading.last_row >= row:
            found = number
    return found


def problem_lines(
    analysis: TextAnalysis, row: int, look: RenderContext, width: int, height: int
) -> list[Line]:
    """The rule and the problems around the cursor's line, at most ``height`` lines."""
    problems = analysis.checked.problems
    title = f"problems {len(problems)}" if problems else "no problems"
    lines = [rule(title, analysis.checked.note or _schema(analysis), look, width)]
    place = next((n for n, one in enumerate(problems) if one.line - 1 >= row), len(problems) - 1)
    room = height - 1
    first = max(0, min(place - room + 1, len(problems) - room))
    for problem in problems[first : first + room]:
        lines.append(_problem(problem, problem.line - 1 == row, look, width))
    return lines


def _schema(analysis: TextAnalysis) -> str:
    return f"schema {analysis.checked.schema}" if analysis.checked.schema else ""


def _problem(problem: Diagnostic, here: bool, look: RenderContext, width: int) -> Line:
    bad = problem.level is Severity.ERROR
    sign = look.glyphs.failed if bad else look.glyphs.warning
    words = cut_end(clean(problem.words), width - 12)
    return within(
        (
            Run(f" {sign} ", Role.BAD if bad else Role.WARN),
            Run(f"{problem.line:>5}  ", Role.STRONG if here else Role.MUTED),
            Run(words, Role.STRONG if here else Role.TEXT),
        ),
        width,
    )


def completion_lines(offer: Completion, place: int, width: int) -> list[Line]:
    """The completions, the chosen one lit, and the line that says where they come from."""
    items = offer.items
    first = max(0, min(place - MAX_COMPLETIONS + 1, len(items) - MAX_COMPLETIONS))
    shown = items[first : first + MAX_COMPLETIONS]
    wide = max(12, min(28, max(len(clean(item.label)) for item in shown)))
    lines: list[Line] = []
    for number, item in enumerate(shown, first):
        background = Background.CHOSEN if number == place else Background.PANEL
        lines.append(
            within(
                (
                    Run(
                        f" {fit(item.label, wide)} ",
                        Role.STRONG if number == place else Role.TEXT,
                        background,
                    ),
                    Run(
                        cut_end(clean(item.note), max(0, width - wide - 3)), Role.MUTED, background
                    ),
                ),
                width,
                background,
            )
        )
    left = (Run(f" {cut_end(clean(offer.title), width - 12)}", Role.MUTED, Background.PANEL),)
    right = (Run(" tab takes ", Role.MUTED, Background.PANEL),)
    lines.append(tuple(r._replace(background=Background.PANEL) for r in ends(left, right, width)))
    return lines

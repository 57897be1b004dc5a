"""One line of the text as it is drawn: its number, its marks, its tokens, cursor and selection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from virttui.libvirtxml.text.redaction import SECRET_ATTRIBUTES, is_placeholder
from virttui.libvirtxml.text.tokenizer import Part, Token
from virttui.model.severity import Severity
from virttui.panes.xml_editor.syntax import ROLES
from virttui.render.glyphs import RenderContext
from virttui.render.line import Background, Line, Role, Run, clean, merged, text_width, within

TAB = 4
Span = tuple[int, int]


class LineViewport(Struct, frozen=True):
    """The viewport of a line: the cells of the text, how many are scrolled away on the left,
    the cursor's column, what is selected."""

    width: int
    left: int = 0
    cursor: int | None = None
    lit: bool = False
    selected: Span | None = None


class LineMarks(Struct, frozen=True):
    """The annotations of a line: its number, its worst problem, its difference from the base.

    ``wrong`` and ``doubtful`` are spans of faults, ``found`` those of what is searched for.
    """

    number: int
    level: Severity = Severity.OK
    changed: bool = False
    error: Sequence[Span] = ()
    doubtful: Sequence[Span] = ()
    found: Sequence[Span] = ()


def gutter_width(lines: int) -> int:
    """The cells of number, fault and change bar before a text of so many lines."""
    return max(4, len(str(lines))) + 5


def gutter(marks: LineMarks, lit: bool, look: RenderContext, width: int) -> tuple[Run, ...]:
    """``  24 ! ┃ `` in exactly ``cells``."""
    background = Background.CURSOR if lit else Background.PLAIN
    sign = {Severity.ERROR: look.glyphs.failed, Severity.WARNING: look.glyphs.warning}.get(
        marks.level, " "
    )
    role = Role.BAD if marks.level is Severity.ERROR else Role.WARN
    bar = look.glyphs.wall_strong if marks.changed else " "
    number = f"{marks.number:>{width - 5}} "
    return (
        Run(number, Role.STRONG if lit else Role.FAINT, background),
        Run(sign, role, background),
        Run(" ", Role.TEXT, background),
        Run(bar, Role.ACCENT, background),
        Run(" ", Role.TEXT, background),
    )


def source(text: str, tokens: Sequence[Token], marks: LineMarks, viewport: LineViewport) -> Line:
    """The text of one line in exactly ``sight.cells``."""
    background = Background.CURSOR if viewport.lit else Background.PLAIN
    runs: list[Run] = []
    column = 0
    end = viewport.left + viewport.width
    for start, stop, role, under in _segments(text, tokens, marks, viewport, background):
        shown, column = visible(text[start:stop], column)
        runs.append(Run(shown, role, under))
        if column > end:
            break
    if viewport.cursor is not None and viewport.cursor >= len(text):
        runs.append(Run(" ", Role.TAB, background))
    return within(_without_left(runs, viewport.left), viewport.width, background)


def visible(text: str, column: int) -> tuple[str, int]:
    """``text`` as it is shown from a cell on, and the cell behind it: tabs reach the next stop."""
    if "\t" in text:
        parts: list[str] = []
        at = column
        for char in text:
            part = " " * (TAB - at % TAB) if char == "\t" else clean(char)
            at += text_width(part)
            parts.append(part)
        return "".join(parts), at
    shown = clean(text)
    return shown, column + text_width(shown)


def cell_of(text: str, column: int) -> int:
    """The cell at which the character ``column`` of a line begins."""
    return visible(text[:column], 0)[1]


def _segments(
    text: str,
    tokens: Sequence[Token],
    marks: LineMarks,
    viewport: LineViewport,
    background: Background,
) -> Iterable[tuple[int, int, Role, Background]]:
    """The line cut where anything about its looks changes."""
    spans = [*marks.error, *marks.doubtful, *marks.found]
    if viewport.selected is not None:
        spans.append(viewport.selected)
    if viewport.cursor is not None:
        spans.append((viewport.cursor, viewport.cursor + 1))
    if not spans:
        for token in tokens:
            yield token.start, token.end, ROLES[token.part], background
        return
    cuts = sorted({place for span in spans for place in span})
    for token in tokens:
        places = [place for place in cuts if token.start < place < token.end]
        for start, stop in zip([token.start, *places], [*places, token.end], strict=True):
            role, under = _dress(start, ROLES[token.part], background, marks, viewport)
            yield start, stop, role, under


def _dress(
    place: int, role: Role, background: Background, marks: LineMarks, viewport: LineViewport
) -> tuple[Role, Background]:
    if viewport.cursor == place:
        return Role.TAB, background
    if viewport.selected is not None and _in(place, [viewport.selected]):
        background = Background.CHOSEN
    if _in(place, marks.found):
        return Role.STRONG, Background.CHOSEN
    if _in(place, marks.error):
        return Role.BAD_MARK, background
    return (Role.WARN_MARK, background) if _in(place, marks.doubtful) else (role, background)


def _in(place: int, spans: Sequence[Span]) -> bool:
    return any(start <= place < end for start, end in spans)


def _without_left(runs: list[Run], width: int) -> list[Run]:
    """The runs from a cell on."""
    if not width:
        return list(merged(runs))
    left: list[Run] = []
    for run in runs:
        wide = text_width(run.text)
        if width >= wide:
            width -= wide
            continue
        text = run.text
        while width > 0:
            width -= text_width(text[0])
            text = text[1:]
        left.append(run._replace(text=" " * -width + text))
        width = 0
    return list(merged(left))


def masked(text: str, tokens: Sequence[Token]) -> str:
    """The line with what is being typed as a password drawn as dots, each in its own place."""
    name = ""
    for token in tokens:
        if token.part is Part.ATTRIBUTE:
            name = text[token.start : token.end]
        elif token.part is Part.VALUE and name in SECRET_ATTRIBUTES:
            closed = token.end - token.start > 1 and text[token.end - 1] == text[token.start]
            end = token.end - closed
            inside = text[token.start + 1 : end]
            if not is_placeholder(inside):
                text = f"{text[: token.start + 1]}{'*' * len(inside)}{text[end:]}"
    return text

"""The page on which clones are thought up, line by line, with a gap where the field is typed in."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from virttui import formatting
from virttui.model.form_fields import FormField
from virttui.model.provision.clone import ClonePreview
from virttui.render.chrome import Badge, pane_rule, rule, tabs
from virttui.render.form_page import (
    FIELD,
    LABEL,
    ROOMY,
    FieldGap,
    FormPageLines,
    about,
    field_line,
    framed,
    gap,
    nothing,
    signed,
    span,
)
from virttui.render.glyphs import RenderContext
from virttui.render.line import BLANK, Line, Role, Run, clean, cut_end, fit, length, within, wrapped

WIDE = 110
"""Cells from which on what will be created stands beside the fields."""
DISK = "disk "
"""How the names of the fields of disks begin."""


class ClonePageInput(Struct, frozen=True):
    """All that the page is drawn from.

    ``outline`` is what the fields come to, None while they come to nothing, and ``wrong`` why.
    ``rate`` is how many bytes a second the last copy went at, None where there was none.
    """

    host: str
    source: str
    fields: tuple[FormField, ...] = ()
    place: int = 0
    outline: ClonePreview | None = None
    error: str = ""
    note: str = ""
    choices: Line = BLANK
    rate: float | None = None
    running: int = 0
    badge: Badge = field(default_factory=lambda: Badge(1.0, 0))

    @property
    def now(self) -> FormField | None:
        """The field with the cursor."""
        return self.fields[self.place] if self.fields else None


def columns(width: int) -> tuple[int, int]:
    """The cells of the fields, and of what will be created: 0 where there is no room for that."""
    if width < WIDE:
        return width, 0
    right = max(48, min(72, width // 3))
    return width - right - 2, right


def page(
    shown: ClonePageInput, buttons: Line, look: RenderContext, width: int, lines: int
) -> FormPageLines:
    """The page in ``cells`` and ``lines``, the line of keys not counted."""
    left, right = columns(width)
    head = [tabs("domains", shown.running, shown.badge, width), _crumb(shown, width)]
    room = lines - len(head) - 1
    before, behind = _fields(shown, look, left, room)
    if shown.now is not None:
        behind += _check_lines(shown, look, left, room - len(before) - len(behind) - 3)
    body = before if shown.now is None else [*before, BLANK, *behind]
    body = [*body[: room - 2], *[BLANK] * (room - 2 - len(body)), BLANK, (Run(" "), *buttons)]
    beside = _created_lines(shown, look, right, room) if right else []
    at = len(before)
    joined = [(*within(line, left), Run("  "), *other)
              for line, other in zip(body, beside, strict=True)] if right else body  # fmt: skip
    if shown.now is None:
        return FormPageLines(tuple([*head, *joined, BLANK]))
    typed = gap(shown.now, look, left)
    if right:
        typed = FieldGap(typed.before, (*typed.note, Run("  "), *beside[at]))
    return framed(head, joined, [about(shown.now, width)], at, typed)


def _crumb(shown: ClonePageInput, width: int) -> Line:
    path = (
        Run(f" {clean(shown.host)} › domains › {clean(shown.source)} › ", Role.MUTED),
        Run("clone", Role.STRONG),
    )
    state = (Run("nothing created yet ", Role.MUTED),)
    return (*within(path, max(0, width - length(state))), *state)


# -- the fields --------------------------------------------------------------------------------


def _fields(
    shown: ClonePageInput, look: RenderContext, width: int, room: int
) -> tuple[list[Line], list[Line]]:
    """The lines before the field with the cursor, and behind it."""
    title = f"clone of {clean(shown.source)}"
    before = [pane_rule(title, "", (), "", "", focused=True, look=look, width=width)]
    behind: list[Line] = []
    if shown.now is None:
        return [*before, *nothing(shown.error, shown.note, width)], []
    roomy = room >= ROOMY
    if roomy:
        before.append(BLANK)
    first, last = span(len(shown.fields), shown.place, max(4, room - len(before) - 9))
    if first:
        before.append((Run(f"  {first} more above", Role.MUTED),))
    headed = False
    for place in range(first, last):
        field, lines = shown.fields[place], before if place <= shown.place else behind
        if field.name.startswith(DISK) and not headed and roomy:
            headed = True
            lines += [BLANK, _head()]
        if place != shown.place:
            lines.append(field_line(field, look, width))
    if last < len(shown.fields):
        behind.append((Run(f"  {len(shown.fields) - last} more below", Role.MUTED),))
    return before, [*behind, (Run("  "), *within(shown.choices, width - 4))]


def _head() -> Line:
    return (Run(f"  {fit('DISK', LABEL)}{fit(' BECOMES', FIELD)} TAKES", Role.MUTED),)


def _check_lines(shown: ClonePageInput, look: RenderContext, width: int, room: int) -> list[Line]:
    """The errors, else the properties of each clone, the checks and the notes."""
    outline = shown.outline
    if outline is None:
        return [BLANK, *signed("!", Role.WARN, shown.error, width)]
    notes = [line for words in outline.notes[:-1] for line in _note(words, width)]
    checks = [
        line
        for words in outline.checks
        for line in signed(look.glyphs.running, Role.OK, words, width)
    ]
    own: list[Line] = [BLANK, (Run("  new for each", Role.STRONG),)]
    for one in outline.identity_resets:
        tick = "[x] " if one.is_reset else "[ ] "
        role = Role.TEXT if one.is_reset else Role.MUTED
        words = fit(clean(one.identifier), 26)
        own.append((Run(f"  {tick}", Role.ACCENT if one.is_reset else Role.FAINT), Run(words, role),
                    Run(f" {cut_end(clean(one.method), width - 34)}", Role.MUTED)))  # fmt: skip
    lines = [*own, BLANK, *checks, *notes]
    if len(lines) <= room:
        return lines
    # Without room for all, what could surprise comes first.
    short: list[Line] = [BLANK, *signed(" ", Role.TEXT, outline.meaning, width), *notes]
    short += signed(" ", Role.MUTED, outline.notes[-1], width)
    return [*short, *checks][: max(1, room)]


# -- what will be created -------------------------------------------------------------------------


def _created_lines(shown: ClonePageInput, look: RenderContext, width: int, room: int) -> list[Line]:
    """All that will exist, as far as there is room, and how long it takes."""
    outline = shown.outline
    if outline is None:
        return [rule("what will be created", "", look, width), *[BLANK] * (room - 1)]
    domains = formatting.counted(len(outline.names), "domain")
    count = f"{domains}, {formatting.counted(outline.volumes, 'volume')}"
    time = [rule("time", "", look, width), *_time(outline, shown.rate, width)]
    lines: list[Line] = []
    listed = 0
    left = room - 2 - len(time)
    for name, disks in zip(outline.names, (outline.lines, *outline.further_lines), strict=False):
        block: list[Line] = [(Run(f" {cut_end(clean(name), width - 2)}", Role.STRONG),)]
        block += [(Run(f"   {cut_end(clean(disk), width - 4)}", Role.MUTED),) for disk in disks]
        if lines and len(lines) + len(block) + 1 > left - 1:
            break
        lines += [*block, BLANK]
        listed += 1
    if more := len(outline.names) - listed:
        lines.append((Run(f" and {more} more, all on the next page", Role.MUTED),))
    lines = [*lines, *[BLANK] * (left - len(lines))][:left]
    page = [rule("what will be created", count, look, width), *lines, BLANK, *time]
    return [*page, *[BLANK] * (room - len(page))][:room]


def _time(outline: ClonePreview, rate: float | None, width: int) -> Sequence[Line]:
    if not outline.copied_bytes:
        words = "nothing is copied: takes a moment"
    elif rate:
        seconds = formatting.span(outline.copied_bytes / rate)
        words = f"about {seconds} at {formatting.rate(rate)}/s, the rate of the last copy"
    else:
        words = f"{formatting.size(outline.copied_bytes)} is copied; no rate was measured yet"
    ends = (
        "X in the task list cancels at any time"
        if outline.cancellable
        else "X waits for a running copy"
    )
    lines = wrapped(f"{words}. {ends}; partial copies are removed.", width - 2)
    return [(Run(f" {one}"),) for one in lines]


def _note(words: str, width: int) -> list[Line]:
    """A warning with its sign; that something can be ended is none."""
    warns = not words.startswith("X in the task list cancels")
    return signed("!" if warns else " ", Role.WARN if warns else Role.MUTED, words, width)

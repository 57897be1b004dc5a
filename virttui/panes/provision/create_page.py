"""The whole page of one step, line by line, with a gap where the field is typed in."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from virttui.model.errors import OperationError
from virttui.model.form_fields import FormField
from virttui.model.provision.checks import Check, WizardStep
from virttui.model.provision.create import CreatePlan
from virttui.model.severity import Severity
from virttui.panes.provision.create_review import XML_CELLS, review, xml_lines
from virttui.panes.provision.disk_nic_table import part_xml, table
from virttui.panes.provision.failure import failure
from virttui.panes.provision.step_list import (
    COLUMN,
    ORDER,
    column,
    subject,
    summaries,
    tabs_of_steps,
)
from virttui.render.chrome import Badge, pane_rule, rule, tabs
from virttui.render.form_page import (
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
from virttui.render.line import BLANK, Line, Role, Run, clean, length, within, wrapped

WIDE, WIDEST = 100, 118
"""Cells from which on the steps stand in a column, and the XML beside the review."""


class WizardPageInput(Struct, frozen=True):
    """All that the page is drawn from.

    ``made`` is what the choices came to last, ``wrong`` why they come to nothing now. ``choices``
    are the values of the field with the cursor. ``hidden`` are what was typed and is shown as
    dots. ``offset`` is how far the review is scrolled. ``failed`` is why it was not made the last
    time.
    """

    host: str
    step: WizardStep
    fields: tuple[FormField, ...] = ()
    place: int = 0
    plans: tuple[CreatePlan, ...] = ()
    error: str = ""
    note: str = ""
    choices: Line = BLANK
    offset: int = 0
    running: int = 0
    badge: Badge = field(default_factory=lambda: Badge(1.0, 0))
    notice: str = ""
    failed: OperationError | None = None

    @property
    def now(self) -> FormField | None:
        """The field with the cursor."""
        return self.fields[self.place] if self.fields else None


def page(
    shown: WizardPageInput, buttons: Line, look: RenderContext, width: int, lines: int
) -> FormPageLines:
    """The page in ``cells`` and ``lines``, the line of keys not counted."""
    wide = width >= WIDE
    head = [tabs("domains", shown.running, shown.badge, width), _crumb(shown, width, wide)]
    left = COLUMN if wide else 0
    between = 2 if wide else 0
    foot = _foot(shown, width)
    room = lines - len(head) - len(foot)
    right = width - left - between
    if shown.step is WizardStep.REVIEW and shown.plans and not shown.error:
        body, most = _review(shown, buttons, look, right, room)
        above = _beside(shown, body, look, left, between, room)
        return FormPageLines(tuple([*head, *above, *foot]), most=most)
    before, behind = _fields(shown, look, right, room)
    every = before if shown.now is None else [*before, BLANK, *behind]
    joined = _beside(shown, every, look, left, between, room)
    if shown.now is None:
        return FormPageLines(tuple([*head, *joined, *foot]))
    at = len(before)
    typed = gap(shown.now, look, right)
    start = within(joined[at], left + between)
    typed = FieldGap((*start, *typed.before), typed.note)
    return framed(head, joined, foot, at, typed)


def _crumb(shown: WizardPageInput, width: int, wide: bool) -> Line:
    name = subject(shown.plans, shown.host)
    if not wide:
        number = ORDER.index(shown.step) + 1
        state = (Run(f"step {number} of {len(ORDER)} ", Role.MUTED),)
        line = tabs_of_steps(shown.step)
        room = width - length(line) - length(state)
        return (*line, Run(" " * max(0, room)), *state)
    state = (Run("draft saved, nothing created yet ", Role.MUTED),)
    line = (Run(" new domain", Role.STRONG), Run(f"   {clean(name)}", Role.MUTED))
    return (*within(line, width - length(state)), *state)


def _beside(
    shown: WizardPageInput,
    body: Sequence[Line],
    look: RenderContext,
    left: int,
    between: int,
    room: int,
) -> list[Line]:
    """The body in exactly ``room`` lines, the steps on its left where there is a column."""
    lines = [*body, *[BLANK] * (room - len(body))][:room]
    if not left:
        return lines
    steps = column(shown.step, summaries(shown.plans, shown.host), look, room)
    return [(*step, Run(" " * between), *line) for step, line in zip(steps, lines, strict=True)]


def _foot(shown: WizardPageInput, width: int) -> list[Line]:
    """The help of the field, or the last message."""
    if shown.notice:
        return [within((Run(f" {clean(shown.notice)}", Role.ACCENT),), width)]
    if shown.step is WizardStep.REVIEW:
        words = (
            Run(" nothing is created", Role.STRONG),
            Run(" until you press a. A failure undoes"),
        )
        return [within((*words, Run(" what was created")), width)]
    now = shown.now
    if now is None:
        return [BLANK]
    return [about(now, width)]


# -- a step ------------------------------------------------------------------------------------


def _fields(
    shown: WizardPageInput, look: RenderContext, width: int, room: int
) -> tuple[list[Line], list[Line]]:
    """The lines before the field with the cursor, and behind it."""
    parts = [one for one in (shown.plans[0].devices if shown.plans else ())
             if one.step is shown.step]  # fmt: skip
    count = str(len(parts)) if parts else ""
    before = [pane_rule(shown.step.value, count, (), "", "", focused=True, look=look, width=width)]
    roomy = room >= ROOMY
    now = shown.now
    if now is None:
        return [*before, *nothing(shown.error, shown.note, width)], []
    if roomy:
        before.append(BLANK)
    if parts:
        most = max(2, room // 4)
        before += [*table(parts, now.group, look, width, most), BLANK]
    behind: list[Line] = []
    places = _places(shown)
    first, last = span(len(places), places.index(shown.place), max(4, room - len(before) - 6))
    if first:
        before.append((Run(f"  {first} more above", Role.MUTED),))
    for place in places[first:last]:
        if place != shown.place:
            line = field_line(shown.fields[place], look, width)
            (before if place < shown.place else behind).append(line)
    if last < len(places):
        behind.append((Run(f"  {len(places) - last} more below", Role.MUTED),))
    behind += [(Run("  "), *shown.choices), BLANK]
    behind += _check_lines(shown, look, width)
    lit = next((one for one in parts if one.group and one.group == now.group), None)
    left = room - len(before) - 1 - len(behind)
    if lit is not None and left > 6:
        behind += [BLANK, *part_xml(lit, look, width, left - 1)]
    return before, behind


def _places(shown: WizardPageInput) -> list[int]:
    """The fields that belong together with the one that has the cursor."""
    group = shown.fields[shown.place].group
    every = enumerate(shown.fields)
    return [place for place, one in every if one.group == group or not _parted(shown.step)]


def _parted(step: WizardStep) -> bool:
    """Return true if a step shows the fields of one disk or card at a time."""
    return step in (WizardStep.DISKS, WizardStep.NETWORK)


def _check_lines(shown: WizardPageInput, look: RenderContext, width: int) -> list[Line]:
    """The errors of the step, else its checks."""
    if shown.error:
        return [(Run("  ! ", Role.WARN), Run(one, Role.WARN))
                for one in wrapped(clean(shown.error), width - 4)]  # fmt: skip
    if not shown.plans:
        return []
    found = [one for one in shown.plans[0].checks
             if one.step is shown.step or one.level is Severity.ERROR]  # fmt: skip
    return [line for one in found for line in check_lines(one, look, width)]


def check_lines(check: Check, look: RenderContext, width: int) -> list[Line]:
    """One check: its sign, its words and what to do about it."""
    sign, role = {
        Severity.OK: (look.glyphs.running, Role.OK),
        Severity.WARNING: (look.glyphs.warning, Role.WARN),
        Severity.ERROR: (look.glyphs.failed, Role.BAD),
    }[check.level]
    words = f"{check.words}: {check.fix}" if check.fix else check.words
    return signed(sign, role, words, width)


# -- the review --------------------------------------------------------------------------------


def _review(
    shown: WizardPageInput, buttons: Line, look: RenderContext, width: int, room: int
) -> tuple[list[Line], int]:
    """The review, its XML beside it where there is room; returns how far it can be scrolled."""
    wide = width + COLUMN + 2 >= WIDEST
    side = max(XML_CELLS, min(2 * XML_CELLS, width - 100)) if wide else 0
    middle = width - side - (2 if side else 0)
    lines: list[Line] = []
    if shown.failed is not None:
        lines = [rule("not created", "all fields are unchanged", look, middle)]
        why = failure(shown.failed, middle - 2)
        lines += [within((Run(" "), *line), middle) for line in why]
    lines += review(shown.plans, check_lines, look, middle)
    if not side:
        lines += [BLANK, rule("xml", "x opens it", look, middle)]
        lines += xml_lines(shown.plans[0].plan.xml, middle)
    tail_lines = 3 if room >= ROOMY else 2
    left = room - tail_lines
    most = max(0, len(lines) - left)
    offset = max(0, min(shown.offset, most))
    body = lines[offset : offset + left]
    if side:
        count = shown.plans[0].plan.xml.count("\n") + 1
        xml = [rule(f"xml {count} lines", "x opens it", look, side)]
        xml += xml_lines(shown.plans[0].plan.xml, side)
        xml += [BLANK] * left
        body += [BLANK] * (left - len(body))
        body = [(*within(line, middle), Run("  "), *within(other, side))
                for line, other in zip(body, xml, strict=False)]  # fmt: skip
    body += [BLANK] * (left - len(body))
    tail: list[Line] = [
        _edge(most - offset, look, width),
        within((Run(" "), *buttons), width),
        BLANK,
    ]
    return [*body, *tail[:tail_lines]], most


def _edge(below: int, look: RenderContext, width: int) -> Line:
    """The end of the review, and how much of it is out of view."""
    words = f" {below} more {look.glyphs.down} " if below else ""
    stroke = Run(look.glyphs.rule * (width - len(words) - 2), Role.LINE)
    return (stroke, Run(words, Role.ACCENT), Run(look.glyphs.rule * 2, Role.LINE))

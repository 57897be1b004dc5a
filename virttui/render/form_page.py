"""Forms that are whole pages: fields with labels and words, and a gap where one is typed in."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from virttui.model.form_fields import FormField
from virttui.render.glyphs import RenderContext
from virttui.render.line import (
    BLANK,
    Background,
    Line,
    Role,
    Run,
    clean,
    cut_end,
    fit,
    within,
    wrapped,
)

LABEL, FIELD = 14, 26
TYPED = FIELD - 4
"""Cells of a field that hold what is typed: a blank before it, and the mark of its choices."""
ROOMY = 26
"""Lines from which on there are blank ones between the parts of a page."""


class FormPageLines(Struct, frozen=True):
    """The lines above the field, what stands before and behind it in its own, those below.

    Without a field ``before`` and ``note`` are empty and nothing is below. ``most`` is how far a
    page without a field could be scrolled.
    """

    above: tuple[Line, ...]
    before: Line = BLANK
    note: Line = BLANK
    below: tuple[Line, ...] = ()
    most: int = 0


def framed(
    head: Sequence[Line], body: Sequence[Line], foot: Sequence[Line], at: int, gap: FieldGap
) -> FormPageLines:
    """A page whose field is in line ``at`` of the body."""
    return FormPageLines((*head, *body[:at]), gap.before, gap.note, tuple([*body[at + 1 :], *foot]))


class FieldGap(Struct, frozen=True):
    """The text before and behind the input of a field."""

    before: Line
    note: Line


def gap(field: FormField, look: RenderContext, width: int) -> FieldGap:
    """Label and word of the field with the cursor, which takes ``cells`` in all."""
    before = (*label(field, look, lit=True), Run(" ", background=Background.CHOSEN))
    choose = f" {look.glyphs.down} " if field.options else "   "
    words = within((Run(f" {word(field)}", Role.MUTED),), width - LABEL - 2 - FIELD)
    return FieldGap(before, (Run(choose, Role.MUTED, Background.CHOSEN), *words))


def label(field: FormField, look: RenderContext, *, lit: bool) -> Line:
    """``▌ size``, in bold where the cursor is."""
    mark = look.glyphs.cursor if lit else " "
    role = Role.STRONG if lit else Role.MUTED
    return (Run(f"{mark} ", Role.ACCENT), *within((Run(clean(field.label), role),), LABEL))


def field_line(field: FormField, look: RenderContext, width: int) -> Line:
    """A field without the cursor."""
    value = "········" if field.hidden and field.value else field.value
    choose = f" {look.glyphs.down} " if field.options else "   "
    return (
        *label(field, look, lit=False),
        Run(f" {fit(value, TYPED)}", Role.TEXT, Background.FIELD),
        Run(choose, Role.MUTED, Background.FIELD),
        Run(f" {cut_end(word(field), width - LABEL - 3 - FIELD)}", Role.MUTED),
    )


def word(field: FormField) -> str:
    """A word about the value where there is one, else about the field."""
    value = next((one for one in field.options if one.name == field.value), None)
    return clean(value.note if value is not None and value.note else field.note)


def span(count: int, lit: int, most: int) -> tuple[int, int]:
    """The range of fields that are in view where not all have room."""
    if count <= most:
        return 0, count
    start = max(0, min(lit - most // 2, count - most))
    return start, start + most


def about(now: FormField, width: int) -> Line:
    """The help of the field with the cursor, for the line above the keys."""
    choose = "choose with ← and →, or type how it begins" if now.options else "type a value"
    note = now.note or choose
    return within((Run(f" {clean(now.label)}", Role.STRONG), Run(f"  {clean(note)}")), width)


def nothing(error: str, text: str, width: int) -> list[Line]:
    """The reason why there are no fields."""
    role = Role.BAD if error else Role.MUTED
    return [BLANK, *((Run(f"  {one}", role),) for one in wrapped(clean(error or text), width - 4))]


def signed(sign: str, role: Role, words: str, width: int) -> list[Line]:
    """A sentence behind a sign, its further lines under its first."""
    first, *more = wrapped(clean(words), width - 5)
    return [(Run(f"  {sign} ", role), Run(first)), *((Run(f"    {one}"),) for one in more)]

"""The options of a form field: those that match what is typed, and the line that shows them."""

from __future__ import annotations

from collections.abc import Sequence

from virttui.model.documents import Option
from virttui.model.form_fields import FormField
from virttui.render.line import Line, Role, Run, clean, cut_end, text_width, within


def matching(field: FormField, typed: str) -> tuple[Option, ...]:
    """The options that contain the typed text, first those that begin with it."""
    typed = typed.strip().casefold()
    if not typed:
        return field.options
    held = [one for one in field.options if typed in one.name.casefold()]
    return tuple(sorted(held, key=lambda one: not one.name.casefold().startswith(typed)))


def options_line(field: FormField, options: Sequence[Option], width: int) -> Line:
    """The matching options in one line, scrolled to the one that is the value."""
    names = [one.name for one in options]
    lit = names.index(field.value) if field.value in names else -1
    runs: list[Run] = [Run("← → ", Role.ACCENT_STRONG)] if options else []
    start = _first_visible(names, max(lit, 0), width)
    if start:
        runs.append(Run("… ", Role.MUTED))
    for number, name in enumerate(names[start:], start):
        role = Role.STRONG if number == lit else Role.MUTED
        runs.append(Run(f"{clean(name)}  ", role))
    if not options and field.options:
        free = "not in the list; taken as typed"
        runs.append(Run("no match", Role.WARN) if field.only else Run(free, Role.MUTED))
    return within(tuple(runs), width)


def paths_line(offered: Sequence[str], width: int) -> Line:
    """The paths that ``tab`` can complete to, by their last names."""
    words = "  ".join(one.rstrip("/").rpartition("/")[2] for one in offered)
    return (Run("tab ", Role.ACCENT_STRONG), Run(cut_end(clean(words), width - 4)))


def _first_visible(names: Sequence[str], lit: int, width: int) -> int:
    """The first option that is shown, so that the highlighted one is in view."""
    room, start = width - 8, lit
    while start and (room := room - text_width(clean(names[start])) - 2) > 0:
        start -= 1
    return start if room <= 0 else 0

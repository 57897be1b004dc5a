"""The frame of a pane: the tabs, its rule, titled rules of its parts, and the line of keys."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, cut, ends, length, merged, within

TABS = ("domains", "networks", "storage", "hosts", "tasks", "events")


class Badge(Struct, frozen=True):
    """The status at the right end of the tabs.

    ``asking`` is how many hosts have not answered yet; ``as_of`` from when on the picture stands
    still, as it does behind a sheet.
    """

    interval: float
    attention: int
    alarm: bool = True
    read_only: bool = False
    asking: int = 0
    as_of: str = ""


def tabs(active: str, running: int, badge: Badge, width: int) -> Line:
    """The six panes, the active one reversed, and whether all is well."""
    runs: list[Run] = []
    for number, name in enumerate(TABS, 1):
        count = f" {running}" if name == "tasks" else ""
        role = Role.TAB if name == active else Role.MUTED
        runs.append(Run(f" {number} {name}{count} ", role))
    verb = "needs " if badge.attention == 1 else "need "
    alarm = f" ! {badge.attention} {verb}attention "
    if length(runs) + len(alarm) > width:
        alarm = f" ! {badge.attention} attention "
    end: list[Run] = [
        Run(alarm, Role.ALARM if badge.alarm else Role.WARN)
        if badge.attention
        # Nobody knows yet of hosts that did not answer.
        else Run(f" asking {badge.asking} " if badge.asking else " all well ", Role.MUTED)
    ]
    if badge.as_of and not badge.attention:
        end = []
    room = width - length(runs) - length(end)
    every = f"every {badge.interval:g} s  " if not badge.as_of else f" as of {badge.as_of} "
    if room > len(every):
        end.insert(0, Run(every, Role.MUTED))
        room -= len(every)
    if badge.read_only and room > 10:
        end.insert(0, Run("read-only  ", Role.ACCENT))
    if room < 0:
        runs = _narrow(active, width - length(end))
    return ends(tuple(runs), tuple(end), width)


def _narrow(active: str, width: int) -> list[Run]:
    """The tabs where they do not fit: numbers alone, and the active one's name."""
    runs = [
        Run(f" {number} {name} " if name == active else f" {number}", role)
        for number, name in enumerate(TABS, 1)
        for role in [Role.TAB if name == active else Role.MUTED]
    ]
    return list(within(tuple(runs), max(0, width)))


def tab_at(x: int, running: int) -> str | None:
    """The pane whose tab covers cell ``x``."""
    start = 0
    for number, name in enumerate(TABS, 1):
        count = f" {running}" if name == "tasks" else ""
        start += len(f" {number} {name}{count} ")
        if x < start:
            return name
    return None


def rule(title: str, end: str, look: RenderContext, width: int) -> Line:
    """The titled rule of a part that never has the focus."""
    stroke = look.glyphs.rule
    shown = cut(clean(title), max(4, width - len(end) - 8), look.glyphs.cut)
    begin = (Run(f"{stroke} ", Role.LINE), Run(f"{shown} ", Role.MUTED))
    finish = (Run(f" {clean(end)} ", Role.MUTED), Run(stroke, Role.LINE)) if end else ()
    room = width - length(begin) - length(finish)
    return within((*begin, Run(stroke * max(0, room), Role.LINE), *finish), width)


def pane_rule(
    title: str, count: str, notes: Sequence[Run], marks: str, order: str, *,
    focused: bool, look: RenderContext, width: int,
) -> Line:  # fmt: skip
    """``━━ domains 39 of 45 ─ /host:kvm* ──── * 2 marked ─ attention first  sort cpu▼ ─``.

    ``count`` counts rows and is "39 of 45" when some are hidden; ``notes`` say what hides them.
    """
    stroke, strong = look.glyphs.rule, look.glyphs.strong_rule
    begin = [
        Run(f"{strong * 2} ", Role.ACCENT) if focused else Run(f"{stroke} ", Role.LINE),
        Run(title, Role.ACCENT_STRONG if focused else Role.MUTED),
        Run(f" {count} " if count else " ", Role.ACCENT if " of " in count else Role.MUTED),
    ]
    for note in notes:
        begin += [Run(f"{stroke} ", Role.LINE), note, Run(" ", Role.LINE)]
    finish: list[Run] = []
    if marks:
        finish = [Run(f" {look.glyphs.marked} {marks} ", Role.ACCENT_STRONG)]
        finish += [Run(stroke, Role.LINE)] if order else []
    finish += [Run(f" {order} ", Role.MUTED)] if order else []
    finish += [Run(stroke, Role.LINE)]
    room = width - length(begin) - length(finish)
    if room < 0 and order:
        return pane_rule(title, count, notes, marks, "", focused=focused, look=look, width=width)
    return within((*begin, Run(stroke * max(0, room), Role.LINE), *finish), width)


class KeyHint(Struct, frozen=True):
    """One key of the keys line; an impossible one is faint and stays."""

    key: str
    word: str
    possible: bool = True
    id: str = ""
    keep: bool = False


def keys_line(hints: Sequence[KeyHint], width: int, before: str = "") -> Line:
    """`` s start  S shut down  …  ? keys``: as many as fit, the last one always."""
    runs: list[Run] = [Run(" ")]
    if before:
        runs.append(Run(f"{before}  ", Role.ACCENT))
    for place in fitting_hints(hints, width, before):
        hint = hints[place]
        if len(runs) > 1 + bool(before):
            runs.append(Run("  "))
        if hint.possible:
            runs += [Run(hint.key, Role.ACCENT_STRONG), Run(f" {hint.word}")]
        else:
            runs.append(Run(f"{hint.key} {hint.word}", Role.FAINT))
    return within(merged(runs), width)


def hint_at(x: int, hints: Sequence[KeyHint], before: str, width: int) -> KeyHint | None:
    """The key of the keys line that covers cell ``x``."""
    start = 1 + (len(before) + 2 if before else 0)
    for place in fitting_hints(hints, width, before):
        hint = hints[place]
        end = start + len(hint.key) + 1 + len(hint.word)
        if start <= x < end:
            return hint
        start = end + 2
    return None


def fitting_hints(hints: Sequence[KeyHint], width: int, before: str = "") -> list[int]:
    """The places of the hints that fit: those to keep always, the others from the left."""
    widths = [len(hint.key) + 3 + len(hint.word) for hint in hints]
    room = width - (len(before) + 2 if before else 0)
    room -= sum(needed for hint, needed in zip(hints, widths, strict=True) if hint.keep)
    shown: list[int] = []
    full = False
    for place, needed in enumerate(widths):
        if not hints[place].keep:
            full = full or room < needed
            if full:
                continue
            room -= needed
        shown.append(place)
    return shown

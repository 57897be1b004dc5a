"""The sources of a domain's logs: each with its state, size and end."""

from __future__ import annotations

from virttui import formatting
from virttui.model.domains.logs import LogKind, LogSource, LogState
from virttui.panes.logs.line_text import short_moment
from virttui.panes.logs.log_list import LogList
from virttui.render.glyphs import Glyphs, RenderContext
from virttui.render.line import Background, Line, Role, Run, clean, cut_end, fit, on, within

_NAME, _STATE, _SIZE, _LAST, _FILES = 9, 14, 6, 9, 8
_NO_FILES = {LogKind.LIBVIRT: "told", LogKind.TASKS: "yours", LogKind.SEEN: "seen"}
"""The kinds that are in no file, and the words for them."""
_AROUND = 6 + _NAME + 1 + _STATE + _SIZE + 2 + _LAST + 1 + 1 + _FILES


def state_glyph(state: LogState, glyphs: Glyphs) -> tuple[str, Role]:
    """The glyph of a state and its role."""
    if state is LogState.READ:
        return glyphs.running, Role.OK
    if state is LogState.EMPTY:
        return glyphs.off, Role.MUTED
    if state is LogState.ASKED:
        return glyphs.working, Role.MUTED
    if state in (LogState.SHUT, LogState.UNREADABLE):
        return glyphs.failed, Role.BAD
    return glyphs.unknown, Role.MUTED


def head(width: int) -> Line:
    """The names of the columns."""
    where = width - _AROUND
    text = (
        f"      {'SOURCE':<{_NAME}} {'STATE':<{_STATE}}{'SIZE':>{_SIZE}}  {'LAST':<{_LAST}} "
        f"{'WHERE':<{where}} {'KEPT':<{_FILES}}"
    )
    return within((Run(text, Role.MUTED),), width)


def source_line(
    source: LogSource, log: LogList, look: RenderContext, width: int, *, cursor: bool
) -> Line:
    """One source: whether it is shown, its state, size and end, and where it is or why not."""
    glyph, role = state_glyph(source.state, look.glyphs)
    off = source.name in log.hidden
    size = formatting.size(source.size)
    if source.kind in _NO_FILES:
        size = str(log.kept.count(source.name))
    last = source.last if source.last is not None else log.kept.last(source.name)
    when = short_moment(last, look.epoch) if last is not None else look.glyphs.unknown
    tone = Role.FAINT if off else Role.TEXT
    bad = Role.BAD if source.state in (LogState.SHUT, LogState.UNREADABLE) else Role.TEXT
    room = max(8, width - _AROUND)
    place = fit(clean(source.where), room)
    if not source.state.is_read:
        place = fit(cut_end(reason(source), room, look.glyphs.cut), room)
    elif source.kind in _NO_FILES:
        place = fit(cut_end(source.where, room, look.glyphs.cut), room)
    files = f"{source.kept} files" if source.kept > 1 else ""
    line = (
        Run(look.glyphs.cursor if cursor else " ", Role.ACCENT),
        Run(" [x] " if not off else " [ ] ", tone),
        Run(f"{clean(source.name):<{_NAME}} ", tone),
        Run(glyph, role),
        Run(f" {said(source):<{_STATE - 2}}", Role.FAINT if off else bad),
        Run(f"{size:>{_SIZE}}  {when:<{_LAST}} ", tone),
        Run(f"{place} {files:<{_FILES}}", Role.MUTED),
    )
    drawn = within(line, width)
    return on(drawn, Background.CURSOR) if cursor else drawn


def said(source: LogSource) -> str:
    """The state in a word: what is told, seen or yours is in no file."""
    if source.state is LogState.READ:
        return _NO_FILES.get(source.kind, "read")
    return source.state.value


def reason(source: LogSource) -> str:
    """Why a source is not read, and what to do."""
    return clean("; ".join(word for word in (source.reason, source.advice) if word))


def one_line(log: LogList, look: RenderContext) -> list[Run]:
    """All sources in a few words, for the rule: a glyph is beside those that are not read."""
    runs: list[Run] = []
    for number, source in enumerate(log.sources):
        gap = " " if number else ""
        name = f"{gap}{clean(source.name)}"
        if source.name in log.hidden:
            runs.append(Run(f"{gap}({clean(source.name)})", Role.FAINT))
        elif source.state is LogState.READ:
            runs.append(Run(name, Role.TEXT))
        else:
            glyph, role = state_glyph(source.state, look.glyphs)
            runs.append(Run(f"{name}{glyph}", Role.MUTED if role is Role.OK else role))
    return runs

"""The last lines of a domain's logs as a tile."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from virttui import formatting
from virttui.model.domains.logs import LineTime, LogLine, LogSource, LogState
from virttui.model.severity import Severity
from virttui.panes.logs.line_text import short_moment, without_time
from virttui.panes.tiles.heading import TileOwner, heading, stepped_age
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, cut_end, within, wrapped

_TIME = 8
"""Cells of a time of today, or of a date."""

_ROLES = {Severity.ERROR: Role.BAD, Severity.WARNING: Role.WARN}


def log_tile(
    owner: TileOwner,
    lines: Sequence[LogLine],
    sources: Sequence[LogSource],
    look: RenderContext,
    size: tuple[int, int],
    *,
    chosen: bool,
) -> list[Line]:
    """The heading and the newest lines that fit ``size``; why there are none where there are none.

    ``lines`` are of all sources, oldest first; of a source that is not read the reason comes first.
    """
    width, height = size
    bad = sum(line.level is Severity.ERROR for line in lines)
    says: Line = (Run(f"  {formatting.counted(bad, 'error')}", Role.WARN),) if bad else ()
    end: Line = ()
    if lines:
        end = (Run(f" {stepped_age(look.epoch - lines[-1].at)} ", Role.MUTED),)
    first = heading(owner, says, end, look, width, chosen=chosen)
    room = width - 1
    reasons = [
        within((Run(f" {part}", Role.WARN),), room)
        for source in sources
        if source.reason and source.state not in (LogState.ASKED, LogState.NOT_KEPT)
        for part in wrapped(f"{source.name} {source.state.value}: {clean(source.reason)}", room - 2)
    ][: 2 if lines else height - 1]
    shown = [_line(line, look, room) for line in _newest(lines, height - 1 - len(reasons))]
    if not shown and not reasons:
        asked = not sources or any(source.state is LogState.ASKED for source in sources)
        text = "Its logs are being opened." if asked else "Its logs have no lines yet."
        shown = [within((Run(f" {text}", Role.MUTED),), room)]
    return [first, *reasons, *shown]


def _newest(lines: Sequence[LogLine], count: int) -> list[LogLine]:
    """The last lines with something in them, oldest first."""
    said = (line for line in reversed(lines) if without_time(line).strip())
    return list(islice(said, max(0, count)))[::-1]


def _line(line: LogLine, look: RenderContext, width: int) -> Line:
    """``03:13:40 block I/O error in device …``; ``~`` before a time that is not the line's own."""
    moment = "" if line.time is LineTime.ABOVE else short_moment(line.at, look.epoch)
    sign = "~" if moment and line.time is not LineTime.OWN else " "
    text = cut_end(clean(without_time(line)), width - _TIME - 2, look.glyphs.cut)
    role = Role.MUTED if line.ours else _ROLES.get(line.level, Role.TEXT)
    return within((Run(f"{sign}{moment:<{_TIME}} ", Role.MUTED), Run(text, role)), width)

"""What the consoles of this app printed, as a source of the logs of their domain.

A console that is logged to a file that is read has its lines from there: they are not shown twice.
"""

from __future__ import annotations

from collections.abc import Collection

from virttui.model.domains.known_messages import meaning_of
from virttui.model.domains.logs import LineTime, LogKind, LogLine, LogSource, LogState

_WHERE = "printed while this app had it open"


def seen_name(sources: Collection[LogSource], alias: str) -> str:
    """The name of the source of one console; "" while it is not known whether a file of it is
    read, and where one is."""
    consoles = [one for one in sources if one.kind is LogKind.CONSOLE]
    if not consoles or any(one.state is LogState.ASKED for one in consoles):
        return ""
    if any(one.device == alias and one.state.is_read for one in consoles):
        return ""
    return alias if all(one.name != alias for one in sources) else f"{alias} seen"


def seen_source(name: str, alias: str, last: float | None) -> LogSource:
    """The source; ``last`` is the epoch at which it printed last."""
    return LogSource(name, LogKind.SEEN, LogState.READ, _WHERE, last=last, device=alias)


def seen_line(source: str, text: str, at: float, *, ours: bool) -> LogLine:
    """A line of it; ``ours`` says what happened to the console."""
    level = LogLine(source, text, at).level if ours else meaning_of(LogKind.CONSOLE, text).level
    return LogLine(source, text, at, LineTime.READ, ours, level)

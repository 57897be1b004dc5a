"""Lines of logs as plain text, to be copied or saved."""

from __future__ import annotations

import time
from collections.abc import Iterable

from virttui.model.domains.logs import LineTime, LogLine
from virttui.panes.logs.line_text import shown
from virttui.render.line import clean


def as_text(lines: Iterable[LogLine]) -> str:
    """One line each: time with its zone, source, text. ``~`` is before a time not its own."""
    return "".join(f"{_time(line)} {line.source:<8} {clean(shown(line.text))}\n" for line in lines)


def _time(line: LogLine) -> str:
    sign = " " if line.time is LineTime.OWN else "~"
    return sign + time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(line.at))

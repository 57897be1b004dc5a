"""A line of a log as it is shown: without what only a terminal would obey."""

from __future__ import annotations

import re
import time

from virttui import formatting
from virttui.model.domains.logs import LineTime, LogLine

_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-OQ-WYZ\\`-~]"
)
_STAMP = re.compile(
    r"^\s*\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d):?\s*(?:qemu-(?:system|kvm)[\w-]*: )?"
)
_CLOCK = 8
_DATED = 15


def shown(text: str) -> str:
    """A line without colours and cursor movements; of one that was written over, the last text.

    What else is no text stays, and is made visible when it is drawn.
    """
    if "\x1b" in text:
        text = _SEQUENCES.sub("", text)
    if "\r" in text:
        text = next((part for part in reversed(text.split("\r")) if part.strip()), "")
    if "\b" in text:
        while (shorter := re.sub("[^\b]\b", "", text, count=1)) != text:
            text = shorter
    return text.expandtabs(8)


def without_time(line: LogLine) -> str:
    """The text of a line as the list shows it: its time stands beside it, whose log it is too."""
    text = shown(line.text)
    return _STAMP.sub("", text, count=1) if line.time is LineTime.OWN else text


def time_width(oldest: float | None, epoch: float) -> int:
    """The cells of the times, where the oldest line is of ``oldest``."""
    return _CLOCK + 1 if oldest is None or _is_today(oldest, epoch) else _DATED + 1


def time_text(line: LogLine, epoch: float, width: int) -> str:
    """``03:13:40``, ``26 Sep 03:13:40``; ``~`` before a time that is not the line's own.

    Nothing for a line that goes on after the one above.
    """
    if line.time is LineTime.ABOVE:
        return ""
    clock = formatting.clock(line.at)
    if width > _CLOCK + 1 and not _is_today(line.at, epoch):
        clock = f"{_day(line.at)} {clock}"
    return clock if line.time is LineTime.OWN else f"~{clock}"


def moment(at: float) -> str:
    """A date and a time to the millisecond, in the zone of this computer."""
    whole = time.strftime("%-d %b %Y %H:%M:%S", time.localtime(at))
    return f"{whole}.{int(at % 1 * 1000):03}"


def short_moment(at: float, epoch: float) -> str:
    """``03:13:40`` of today, else ``26 Sep``."""
    return formatting.clock(at) if _is_today(at, epoch) else _day(at)


def _is_today(at: float, epoch: float) -> bool:
    return time.localtime(at)[:3] == time.localtime(epoch)[:3]


def _day(at: float) -> str:
    return time.strftime("%d %b", time.localtime(at)).lstrip("0")

"""Bytes, rates, shares and durations in words and figures, for the screen and for ``list``.

Every figure of a column comes in two forms: the text that is shown, and (``shown_…``) the number
that text stands for, so that a table sorts by what the eye reads and equal rows do not dance.
Unknown is ``–``, never ``0``.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

UNKNOWN = "–"

_BINARY = ("B", "K", "M", "G", "T", "P", "E")


def _scaled(value: float, step: float, one_decimal_below: float) -> tuple[float, str]:
    """The value in the unit that keeps it under four digits, rounded as it will be shown."""
    index = 0
    while value >= 999.5 and index < len(_BINARY) - 1:
        value /= step
        index += 1
    if index == 0 or value >= one_decimal_below:
        return float(round(value)), _BINARY[index]
    return round(value, 1), _BINARY[index]


def _with_unit(value: float, unit: str, *, whole: bool) -> str:
    """``value`` with its unit; ``whole`` leaves ``.0`` away."""
    if value == 0:
        return "0"
    if unit == "B" or value >= 100 or (whole and value == int(value)):
        return f"{value:.0f}{unit}"
    return f"{value:.1f}{unit}"


def size(count: float | None) -> str:
    """Bytes measured, binary, at most five cells: ``512M``, ``7.8G``, ``15.0G``, ``128G``."""
    if count is None:
        return UNKNOWN
    value, unit = _scaled(count, 1024, 99.95)
    # Whole megabytes are finer than anyone needs; decimals begin where a step is large.
    if unit in "KM" and value >= 10:
        value = round(value)
        return f"{value:.0f}{unit}"
    return _with_unit(value, unit, whole=False)


def whole_size(count: float | None) -> str:
    """Bytes promised, binary, without ``.0``: ``512M``, ``16G``, ``1.5T``."""
    if count is None:
        return UNKNOWN
    return _with_unit(*_scaled(count, 1024, 99.95), whole=True)


def short_size(count: float | None) -> str:
    """Bytes promised in at most four cells, for columns: ``512M``, ``1.5T``, ``24G``."""
    if count is None:
        return UNKNOWN
    value, unit = _scaled(count, 1024, 9.95)
    return _with_unit(value, unit, whole=True)


def rate(per_second: float | None) -> str:
    """Bytes a second, decimal, at most four cells: ``0``, ``900B``, ``14K``, ``1.2M``, ``112M``."""
    if per_second is None:
        return UNKNOWN
    value, unit = _scaled(per_second, 1000, 9.95)
    if unit == "B" or value >= 10:
        return f"{value:.0f}{unit}" if value else "0"
    return f"{value:.1f}{unit}"


def rounded_rate(per_second: float | None) -> float | None:
    """The number that ``rate`` shows, in bytes a second."""
    if per_second is None:
        return None
    value, unit = _scaled(per_second, 1000, 9.95)
    return value * 1000.0 ** _BINARY.index(unit)


def rounded_size(count: float | None) -> float | None:
    """The number that ``size`` shows, in bytes."""
    if count is None:
        return None
    value, unit = _scaled(count, 1024, 99.95)
    return value * 1024.0 ** _BINARY.index(unit)


def milliseconds(seconds: float | None) -> str:
    """A latency in milliseconds without its unit: ``0.4``, ``6.8``, ``120``."""
    if seconds is None:
        return UNKNOWN
    value = seconds * 1000
    return f"{value:.0f}" if value >= 99.95 else f"{value:.1f}"


def count(number: float) -> str:
    """A number in at most four cells, decimal: ``0``, ``412``, ``31K``."""
    value, unit = _scaled(number, 1000, 9.95)
    unit = unit if unit != "B" else ""
    return f"{value:.0f}{unit}" if not unit or value >= 10 else f"{value:.1f}{unit}"


def percent(share: float | None) -> str:
    """A share of 0 to 1 as a whole percent without its sign: ``78``."""
    return UNKNOWN if share is None else f"{share * 100:.0f}"


def times(ratio: float | None, sign: str = "×") -> str:
    """An overcommit: ``×1.8`` from one upward, ``×0.94`` below."""
    if ratio is None:
        return sign + UNKNOWN
    return f"{sign}{ratio:.1f}" if ratio >= 0.995 else f"{sign}{ratio:.2f}"


def duration(seconds: float | None) -> str:
    """At most six cells: ``0.4s``, ``3s``, ``41s``, ``1m 5s``, ``52m``, ``6h``, ``63d``."""
    if seconds is None:
        return UNKNOWN
    if 0 < seconds < 0.95:
        return f"{seconds:.1f}s"
    whole = round(seconds) if seconds < 1 else int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 600:
        return f"{whole // 60}m {whole % 60}s"
    if whole < 3600:
        return f"{whole // 60}m"
    return f"{whole // 3600}h" if whole < 48 * 3600 else f"{whole // 86400}d"


def age(seconds: float | None) -> str:
    """The age of old figures, at most four cells: ``42s``, ``12m``, ``6h``, ``63d``."""
    if seconds is None:
        return UNKNOWN
    whole = max(0, int(seconds))
    for limit, unit, length in ((100, "s", 1), (6000, "m", 60), (172800, "h", 3600)):
        if whole < limit:
            return f"{whole // length}{unit}"
    days = whole // 86400
    return f"{days}d" if days < 1000 else f"{days // 365}y"


def span(seconds: float) -> str:
    """A duration inside a sentence: ``42 s``, ``1 min 5 s``, ``2 h 10 min``, ``3 days``."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    if whole < 48 * 3600:
        hours, rest = divmod(whole // 60, 60)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{whole // 86400} days"


def clock(epoch: float) -> str:
    """Wall-clock time of day in the local zone: ``03:14:22``."""
    return time.strftime("%H:%M:%S", time.localtime(epoch))


def counted(number: int, thing: str) -> str:
    """``1 domain``, ``2 domains``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"

"""Bytes of a log to lines, and when each was written as far as that can be told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from virttui.model.domains.known_messages import meaning_of
from virttui.model.domains.logs import LineTime, LogKind, LogLine

LONGEST = 8192
"""Bytes of a line; of a longer one the rest is a line of its own."""

# QEMU: 2026-11-29T03:13:40.550817Z qemu-system-x86_64: …; libvirt: 2026-11-29 03:13:40.551+0000: …
_WITH_TIMES = (LogKind.QEMU, LogKind.DAEMON)
_OWN = re.compile(r"\s*(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,6})?)\d*(Z|[+-]\d\d:?\d\d)")


class LineSplitter:
    """Takes pieces of a file in order and gives its lines; ``rest`` is the one without an end."""

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, data: bytes) -> list[str]:
        """The lines that end in ``data``."""
        *whole, self.rest = (self.rest + data).split(b"\n")
        lines = [piece for line in whole for piece in _parts(line)]
        *long, self.rest = _parts(self.rest)
        return [text(line) for line in (*lines, *long)]

    def end(self) -> list[str]:
        """What is left, as a line: nothing follows on it."""
        rest, self.rest = self.rest, b""
        return [text(rest)] if rest else []


def _parts(line: bytes) -> list[bytes]:
    return [line[at : at + LONGEST] for at in range(0, len(line), LONGEST)] or [b""]


def text(line: bytes) -> str:
    """A line as text; a serial port ends its lines with a carriage return as well."""
    return line.decode(errors="replace").rstrip("\r")


def own_time(line: str) -> float | None:
    """The epoch that a line of QEMU's log begins with; None where it has none with a zone."""
    found = _OWN.match(line)
    if found is None:
        return None
    date, clock, zone = found.groups()
    try:
        return datetime.fromisoformat(f"{date}T{clock}{zone}").timestamp()
    except (ValueError, OverflowError):
        return None


def timed(
    source: str, kind: LogKind, lines: Sequence[str], at: float, otherwise: LineTime
) -> list[LogLine]:
    """Lines that were read together, each with its time.

    ``at`` is that of a line which neither has one nor follows on one that has; ``otherwise`` says
    what it stands for. A guest's own times are not taken: its clock may be wrong.
    """
    made: list[LogLine] = []
    above: float | None = None
    for line in _joined(lines) if kind is LogKind.QEMU else lines:
        own = own_time(line) if kind in _WITH_TIMES else None
        level = meaning_of(kind, line).level
        if own is not None:
            above = own
            made.append(LogLine(source, line, own, level=level))
        elif above is not None:
            made.append(LogLine(source, line, above, LineTime.ABOVE, level=level))
        else:
            made.append(LogLine(source, line, at, otherwise, level=level))
    return made


def _joined(lines: Sequence[str]) -> Iterator[str]:
    """Lines with those that a backslash at their end continues: QEMU's arguments are one line."""
    begun = ""
    for line in lines:
        whole = f"{begun} {line.strip()}" if begun else line
        begun = whole.removesuffix("\\").rstrip() if line.endswith(" \\") else ""
        if not begun:
            yield whole
    if begun:
        yield begun

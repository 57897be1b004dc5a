"""Logs of a domain or host: their sources, lines, and what is told of them while followed.

Open logs are no query: what was read is told as ``LogUpdate``s until they are closed. The sources
of the backend are files of the domain's host: QEMU's log and the log files of its consoles; and
libvirt's messages. The app adds its own tasks and events, and what its consoles printed.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from virttui.model.identity import ObjectId
from virttui.model.severity import Severity

QEMU, CONSOLE, LIBVIRT, TASKS, SEEN = "qemu", "console", "libvirt", "tasks", "seen"
DAEMON = "daemon"
"""The names of sources. Each of several consoles is called by libvirt's alias of it."""


class LogKind(StrEnum):
    """What a source is."""

    QEMU = QEMU
    CONSOLE = CONSOLE
    LIBVIRT = LIBVIRT
    TASKS = TASKS
    SEEN = SEEN
    DAEMON = DAEMON


class LogState(StrEnum):
    """Whether a source is read, in the word that is shown.

    READ: it is, and followed. EMPTY: its file has nothing in it. ABSENT: there is no such file.
    NOT_KEPT: the definition names no file. SHUT: this user may not read it. UNREADABLE: it failed
    otherwise. AWAY: it lies on a host whose files cannot be reached from here.
    """

    ASKED = "asked"
    READ = "read"
    EMPTY = "empty"
    ABSENT = "no file"
    NOT_KEPT = "not kept"
    SHUT = "shut"
    UNREADABLE = "unreadable"
    AWAY = "out of reach"

    @property
    def is_read(self) -> bool:
        """Return true if all that is in it is, or can be, on the page."""
        return self in (LogState.READ, LogState.EMPTY)


class LineTime(StrEnum):
    """Where the time of a line is from.

    OWN: it is written in the line. ABOVE: the line goes on after one that has its own. READ: it was
    read then, as it was written. BEFORE: it was written then at the latest, the time at which its
    file was last written before it was opened.
    """

    OWN = "own"
    ABOVE = "above"
    READ = "read"
    BEFORE = "before"


class LogLine(Struct, frozen=True):
    """One line of a source, without its end. ``at`` is an epoch, ``level`` is as it sounds.

    ``ours`` says that it is no line of the file but says something of it: that it was emptied, or
    what was left out.
    """

    source: str
    text: str
    at: float
    time: LineTime = LineTime.OWN
    ours: bool = False
    level: Severity = Severity.OK


class LogSource(Struct, frozen=True):
    """One source, as it is now.

    ``where`` is the path on its host, or in words what is told. ``size`` is in bytes and ``last``
    the epoch at which it was last written, None where that is not known. ``reason`` says why it is
    not read and ``advice`` what to do, also where there is no file. ``older`` says that more of it
    can be read, ``kept`` how many files of it there are, with those that were renamed. ``device``
    is the alias of a console.
    """

    name: str
    kind: LogKind
    state: LogState
    where: str = ""
    size: int | None = None
    last: float | None = None
    reason: str = ""
    advice: str = ""
    older: bool = False
    kept: int = 1
    device: str = ""


class LogRequest(Struct, frozen=True):
    """The logs of a domain; ``name`` is the domain's, after which QEMU's log is called."""

    domain: ObjectId
    name: str


class HostLogRequest(Struct, frozen=True):
    """The logs of a host itself: of libvirt's daemon there."""

    host: str


class LogUpdate(Struct, frozen=True):
    """What was read of open logs since the last update.

    ``sources`` are all sources of the backend as they are now. ``lines`` follow on what was told of
    their source before, ``older`` come before all of it; both are oldest first. ``unfinished``
    holds the line of each source that has no end yet, and replaces the ones that were told before.
    """

    id: int
    request: LogRequest | HostLogRequest
    sources: tuple[LogSource, ...]
    lines: tuple[LogLine, ...] = ()
    older: tuple[LogLine, ...] = ()
    unfinished: tuple[LogLine, ...] = ()

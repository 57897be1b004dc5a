"""The lines of the logs that are shown, in order of time, and the cursor among them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter

from msgspec import Struct

from virttui.model.domains.logs import (
    TASKS,
    LogKind,
    LogLine,
    LogSource,
    LogState,
    LogUpdate,
)
from virttui.model.identity import ObjectId
from virttui.model.severity import Severity
from virttui.panes.logs.app_lines import AppLines
from virttui.panes.logs.line_buffer import LineBuffer
from virttui.panes.logs.line_filter import LineFilter
from virttui.panes.logs.line_text import without_time
from virttui.render.line import wrapped
from virttui.store.fleet_state import FleetState

AROUND = 1.0
"""Seconds before and after a line within which others happened with it."""
_TASKS = LogSource(TASKS, LogKind.TASKS, LogState.READ, "of this app, of this run")


class Neighbours(Struct, frozen=True):
    """Other lines of the moment of one line, and how many sources they are of."""

    lines: tuple[LogLine, ...]
    sources: int


class LogList:
    """The lines that pass the filter, oldest first, and the cursor among them.

    ``name`` is that of the domain or host and ``host`` that of its host; ``size`` is that of the
    terminal. ``owner`` is the domain, or the id of the host.
    ``follows`` keeps the cursor on the newest line. ``hidden`` are the sources that are not shown.
    ``has_focus`` says that keys go to it.
    """

    def __init__(self, owner: ObjectId | str) -> None:
        self.is_of_host = isinstance(owner, str)
        self.name = self.host = ""
        self.size = (80, 24)
        self.kept = LineBuffer()
        self.all_lines: list[LogLine] = []
        self.lines: list[LogLine] = []
        self.told_sources: tuple[LogSource, ...] = ()
        self.seen_sources: dict[str, LogSource] = {}
        self.hidden: set[str] = set()
        self.filter = LineFilter()
        self.filter_text = ""
        self.place = 0
        self.has_focus = True
        self.follows = True
        self.wraps = False
        self.in_sources = False
        self.source_place = 0
        self.marks: dict[int, LogLine] = {}
        self.top = 0
        self.log_rows = 1
        self.text_width = 40
        self._told = AppLines(owner)
        self._arranged: tuple[object, ...] = ()

    # -- what is there ---------------------------------------------------------------------

    @property
    def sources(self) -> tuple[LogSource, ...]:
        """All sources; the app's own are the last."""
        return (*self.told_sources, *self.seen_sources.values(), _TASKS)

    @property
    def line(self) -> LogLine | None:
        """The line under the cursor."""
        return self.lines[self.place] if self.place < len(self.lines) else None

    @property
    def source(self) -> LogSource:
        """The source under the cursor of the sources."""
        return self.sources[min(self.source_place, len(self.sources) - 1)]

    def kind_of(self, name: str) -> LogKind:
        """What the source of that name is."""
        return next((one.kind for one in self.sources if one.name == name), LogKind.LIBVIRT)

    def take_logs(self, update: LogUpdate) -> None:
        """Take what was read."""
        self.told_sources = update.sources
        self.kept.take(update)
        self.arrange_lines()

    def take_seen(self, source: LogSource, lines: list[LogLine]) -> None:
        """Take lines that a console of this app printed."""
        self.seen_sources[source.name] = source
        self.kept.add(lines)
        self.arrange_lines()

    def update(self, fleet_state: FleetState) -> None:
        """Take what is known now: events and tasks of the domain are lines as well."""
        self.kept.add(self._told.new(fleet_state))
        self.arrange_lines()

    def arrange_lines(self) -> None:
        """Put the lines in order; the cursor stays on its line."""
        wanted = (self.kept.version, self.filter, frozenset(self.hidden))
        if wanted == self._arranged:
            return
        self._arranged = wanted
        before = self.line
        self.all_lines = self.kept.merged(lambda line: True)
        passes, hidden = self.filter.passes, self.hidden
        self.lines = (
            [line for line in self.all_lines if line.source not in hidden and passes(line)]
            if self.filter or hidden
            else self.all_lines
        )
        if self.follows or before is None:
            self.place = max(0, len(self.lines) - 1)
        else:
            self.place = self._place_of(before)
        if self.marks:
            there = {id(line) for line in self.all_lines}
            self.marks = {key: line for key, line in self.marks.items() if key in there}

    def _place_of(self, line: LogLine) -> int:
        """Where a line is now; of one that is gone, where one of its time would be."""
        near = bisect_left(self.lines, line.at, key=attrgetter("at"))
        for place in range(len(self.lines)):
            # Most often it has not moved far; lines of one source may differ from their order.
            for at in (self.place + place, self.place - place):
                if 0 <= at < len(self.lines) and self.lines[at] is line:
                    return at
        return min(near, max(0, len(self.lines) - 1))

    # -- what keys change -------------------------------------------------------------------

    def move_lines(self, by: int) -> bool:
        """Move the cursor of lines or sources; false where there is nothing further up."""
        if self.in_sources:
            self.source_place = max(0, min(self.source_place + by, len(self.sources) - 1))
            return True
        wanted = self.place + by
        self.place = max(0, min(wanted, len(self.lines) - 1))
        if by <= 0:
            self.follows = False
        return wanted >= 0

    def go_newest(self) -> None:
        """Go to the newest line, and stay on it."""
        self.follows = True
        self.place = max(0, len(self.lines) - 1)

    def turn_follow(self) -> None:
        """Stay on the newest line, or not."""
        if self.follows:
            self.follows = False
        else:
            self.go_newest()

    def turn_source(self) -> None:
        """Hide the source under the cursor, or show it again."""
        self.hidden ^= {self.source.name}
        self.arrange_lines()

    def narrow_lines(self, filter: LineFilter, text: str) -> None:
        """Show only the lines that pass."""
        self.filter, self.filter_text = filter, text
        self.arrange_lines()

    def mark(self) -> None:
        """Mark the line under the cursor, or take its mark, and go on to the next."""
        if self.line is not None:
            key = id(self.line)
            if self.marks.pop(key, None) is None:
                self.marks[key] = self.line
            self.follows = False
            self.place = min(self.place + 1, len(self.lines) - 1)

    def next_trouble(self, step: int) -> bool:
        """Go to the next line that sounds like trouble, or the one before; false without one."""
        places = range(self.place + step, len(self.lines) if step > 0 else -1, step)
        found = next((at for at in places if self.lines[at].level is not Severity.OK), None)
        if found is None:
            return False
        self.place, self.follows = found, False
        return True

    @property
    def chosen(self) -> list[LogLine]:
        """The marked lines in their order, or the one under the cursor."""
        if self.marks:
            return [line for line in self.all_lines if id(line) in self.marks]
        return [] if self.line is None else [self.line]

    def around(self) -> Neighbours:
        """What else happened within a second of the line under the cursor, hidden lines too."""
        line = self.line
        if line is None:
            return Neighbours((), 0)
        at = attrgetter("at")
        first = bisect_left(self.all_lines, line.at - AROUND, key=at)
        end = bisect_right(self.all_lines, line.at + AROUND, key=at)
        found = [one for one in self.all_lines[first:end] if abs(one.at - line.at) <= AROUND]
        others = tuple(one for one in found if one is not line)
        return Neighbours(others, len({one.source for one in found}))

    # -- which lines are in view ----------------------------------------------------------------

    def fit_lines(self, rows: int, width: int) -> None:
        """Take the room there is: ``rows`` of the screen, ``width`` cells of text."""
        self.log_rows, self.text_width = max(1, rows), max(8, width)
        self.place = max(0, min(self.place, len(self.lines) - 1))
        if not self.lines:
            self.top = 0
            return
        used, highest = 0, self.place
        for at in range(self.place, -1, -1):
            used += len(self.screen_rows(at))
            if used > self.log_rows and at < self.place:
                break
            highest = at
        self.top = max(highest, min(self.top, self.place))
        # The last page is full.
        used, last = 0, len(self.lines)
        while last > 0 and used + len(self.screen_rows(last - 1)) <= self.log_rows:
            last -= 1
            used += len(self.screen_rows(last))
        self.top = min(self.top, last)

    def screen_rows(self, place: int) -> Sequence[str]:
        """The rows of the screen that a line takes."""
        text = without_time(self.lines[place])
        return wrapped(text, self.text_width) if self.wraps else (text,)

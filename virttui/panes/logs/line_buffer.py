"""The lines of all sources in one order of time, as many as are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, groupby

from virttui.model.domains.logs import LogLine, LogUpdate

MOST_LINES = 20_000
"""Lines of one source that are kept."""
MOST_TEXT = 8 << 20
"""Characters of one source that are kept."""


class _Kept:
    """The lines of one source, each with the time by which it is sorted.

    A line never comes before the one above it in its source, whatever its own time says.
    """

    def __init__(self) -> None:
        self.lines: list[tuple[float, LogLine]] = []
        self.text = 0
        self.was_cut = False

    def add(self, lines: Iterable[LogLine]) -> None:
        last = self.lines[-1][0] if self.lines else float("-inf")
        for line in lines:
            last = max(last, line.at)
            self.lines.append((last, line))
            self.text += len(line.text)
        self._cut()

    def add_older(self, lines: Sequence[LogLine]) -> bool:
        """Put lines before the others; false where there is no room."""
        size = sum(len(line.text) for line in lines)
        if len(self.lines) + len(lines) > MOST_LINES or self.text + size > MOST_TEXT:
            return False
        first = self.lines[0][0] if self.lines else float("inf")
        before: list[tuple[float, LogLine]] = []
        for line in reversed(lines):
            first = min(first, line.at)
            before.append((first, line))
        self.lines[:0] = reversed(before)
        self.text += size
        return True

    def _cut(self) -> None:
        """Let the oldest go."""
        most = len(self.lines) - MOST_LINES
        gone = max(0, most)
        self.text -= sum(len(line.text) for _, line in self.lines[:gone])
        while self.text > MOST_TEXT:
            self.text -= len(self.lines[gone][1].text)
            gone += 1
        if gone:
            del self.lines[:gone]
            self.was_cut = True


class LineBuffer:
    """The lines of the sources of a domain. ``version`` changes with them."""

    def __init__(self) -> None:
        self.version = 0
        self._kept: dict[str, _Kept] = {}
        self._unfinished: tuple[LogLine, ...] = ()

    def take(self, update: LogUpdate) -> None:
        """Take what was read."""
        for name in dict.fromkeys(line.source for line in update.lines):
            self._of(name).add(line for line in update.lines if line.source == name)
        for name in dict.fromkeys(line.source for line in update.older):
            older = [line for line in update.older if line.source == name]
            kept = self._of(name)
            kept.was_cut = not kept.add_older(older) or kept.was_cut
        self._unfinished = update.unfinished
        self.version += 1

    def add(self, lines: Iterable[LogLine]) -> None:
        """Take lines that the app itself tells."""
        for source, told in groupby(lines, key=lambda line: line.source):
            self._of(source).add(told)
            self.version += 1

    def was_cut(self, source: str) -> bool:
        """Whether lines of a source were let go: what is before them cannot be read any more."""
        return source in self._kept and self._kept[source].was_cut

    def count(self, source: str) -> int:
        """The number of lines of a source that are kept."""
        return len(self._kept[source].lines) if source in self._kept else 0

    def last(self, source: str) -> float | None:
        """When the newest line of a source is from."""
        return self._kept[source].lines[-1][0] if self.count(source) else None

    def merged(self, wanted: Callable[[LogLine], bool]) -> list[LogLine]:
        """The lines that are wanted, in order of time."""
        unfinished = [(line.at, line) for line in self._unfinished]
        # Each source is in order already, which makes sorting cheap.
        runs = (*(kept.lines for kept in self._kept.values()), unfinished)
        entries = [entry for entry in chain.from_iterable(runs) if wanted(entry[1])]
        entries.sort(key=lambda entry: entry[0])
        return [line for _, line in entries]

    @property
    def total(self) -> int:
        """The number of all lines."""
        return sum(len(kept.lines) for kept in self._kept.values()) + len(self._unfinished)

    def _of(self, source: str) -> _Kept:
        return self._kept.setdefault(source, _Kept())

"""One log file that this machine can read: from its end backwards, and on as it grows.

libvirt's log daemon renames a file that has reached its size (``NAME.log.0`` is the newest of the
old ones) and begins another. A log of gigabytes costs no more than the blocks that are read of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO

from virttui import formatting
from virttui.hypervisor.logs.log_lines import LineSplitter, text, timed
from virttui.hypervisor.queries.host_files import HostFiles
from virttui.model.domains.logs import LineTime, LogLine, LogSource, LogState

FIRST = 1 << 17
"""Bytes that are read at first, of the end of a file."""
BLOCK = 1 << 16
"""Bytes that are read back at a time."""
MOST = 1 << 20
"""Bytes that are read on at a time; of more only the end is read, and the rest is said."""
SEEK_AGAIN = 5.0
"""Seconds between two looks for the daemon whose files they are, while there is no file."""

FindFiles = Callable[[], HostFiles | None]


class FileTail:
    """The end of a file, and what is added to it. ``wall`` gives the epoch."""

    def __init__(
        self,
        source: LogSource,
        find_files: FindFiles,
        wall: Callable[[], float],
        rights: str = "",
    ) -> None:
        self._source = source
        self._find_files = find_files
        self._wall = wall
        self._rights = rights
        self._files: HostFiles | None = None
        self._looked_at = float("-inf")
        self._newest: BinaryIO | None = None
        self._end = 0
        self._oldest: BinaryIO | None = None
        self._start = 0
        self._next_older = 0
        self._splitter = LineSplitter()
        self._state, self._reason, self._advice = LogState.ASKED, "", ""

    @property
    def name(self) -> str:
        """The name of its source."""
        return self._source.name

    def source(self) -> LogSource:
        """What can be said of it now."""
        said = self._source
        size = last = None
        kept = 0
        if self._newest is not None:
            found = os.fstat(self._newest.fileno())
            size, last = found.st_size, found.st_mtime
            kept = 1 + sum(1 for _ in self._renamed())
        return LogSource(
            said.name, said.kind, self._state, said.where, size, last, self._reason, self._advice,
            self._has_older(), kept, said.device,
        )  # fmt: skip

    def unfinished(self) -> LogLine | None:
        """The line that has no end yet, such as a prompt."""
        rest = self._splitter.rest
        return LogLine(self.name, text(rest), self._wall(), LineTime.READ) if rest else None

    def look(self) -> list[LogLine]:
        """What was written since the last look; at the first one, the end of the file."""
        try:
            if self._newest is None:
                return self._first()
            return [*self._added(), *self._after_renaming()]
        except OSError as error:
            self._failed(error)
            return []

    def older(self) -> list[LogLine]:
        """The lines before those that were given, a block of them."""
        if self._start == 0 and not self._open_older():
            return []
        assert self._oldest is not None
        try:
            begin = max(0, self._start - BLOCK)
            data = os.pread(self._oldest.fileno(), self._start - begin, begin)
            written = os.fstat(self._oldest.fileno()).st_mtime
        except OSError as error:
            self._failed(error)
            return []
        cut = _line_begins(data, begin)
        self._start = begin + cut
        splitter = LineSplitter()
        lines = [*splitter.feed(data[cut:]), *splitter.end()]
        return timed(self.name, self._source.kind, lines, written, LineTime.BEFORE)

    def close(self) -> None:
        """Let go of the files."""
        for file in {self._newest, self._oldest}:
            if file is not None:
                file.close()
        self._newest = self._oldest = None

    # -- the newest file ---------------------------------------------------------------------

    def _first(self) -> list[LogLine]:
        files = self._found_files()
        if files is None:
            self._state = LogState.AWAY
            self._reason = "the daemon of its host does not answer, so its files are not found"
            return []
        file = files.open(self._source.where)
        found = os.fstat(file.fileno())
        begun = self._state in (LogState.ABSENT, LogState.AWAY)
        begin = max(0, found.st_size - FIRST)
        data = os.pread(file.fileno(), found.st_size - begin, begin)
        cut = _line_begins(data, begin)
        self._newest = self._oldest = file
        self._start, self._end = begin + cut, begin + len(data)
        self._splitter = LineSplitter()
        self._is_read()
        # What appeared while it was waited for was written now.
        at, how = (self._wall(), LineTime.READ) if begun else (found.st_mtime, LineTime.BEFORE)
        return self._timed(self._splitter.feed(data[cut:]), at, how)

    def _added(self) -> list[LogLine]:
        assert self._newest is not None
        size = os.fstat(self._newest.fileno()).st_size
        notes: list[LogLine] = []
        if size < self._end:
            notes.append(self._note("its file was emptied: what is above was in it before"))
            self._end = 0
            self._splitter = LineSplitter()
            if self._oldest is self._newest:
                self._start = 0
        if size - self._end > MOST:
            left = formatting.size(size - self._end - FIRST)
            notes.append(self._note(f"{left} left out: they were written faster than shown"))
            self._splitter = LineSplitter()
            self._end = size - FIRST
        data = os.pread(self._newest.fileno(), MOST, self._end)
        self._end += len(data)
        self._is_read()
        lines = self._timed(self._splitter.feed(data), self._wall(), LineTime.READ)
        return [*notes, *lines]

    def _after_renaming(self) -> list[LogLine]:
        """Go on in the file that was begun after ours was renamed."""
        assert self._newest is not None
        files = self._files
        try:
            present = files.stat(self._source.where) if files is not None else None
        except FileNotFoundError:
            # Between two files; or its daemon ended, through whose root it was seen.
            self._found_files()
            return []
        ours = os.fstat(self._newest.fileno())
        if files is None or present is None or os.path.samestat(present, ours):
            return []
        rest = self._added()  # what came before it was renamed
        rest += self._timed(self._splitter.end(), self._wall(), LineTime.READ)
        if self._newest is not self._oldest:
            self._newest.close()
        self._newest = files.open(self._source.where)
        self._end = 0
        self._next_older += 1
        return [*rest, *self._added()]

    def _timed(self, lines: list[str], at: float, otherwise: LineTime) -> list[LogLine]:
        return timed(self.name, self._source.kind, lines, at, otherwise)

    def _note(self, words: str) -> LogLine:
        return LogLine(self.name, words, self._wall(), LineTime.READ, ours=True)

    def _is_read(self) -> None:
        self._state = LogState.READ if self._end else LogState.EMPTY
        self._reason = self._advice = ""

    # -- older files -------------------------------------------------------------------------

    def _has_older(self) -> bool:
        return self._oldest is not None and (
            self._start > 0 or any(self._renamed(self._next_older))
        )

    def _renamed(self, begin: int = 0) -> Iterator[str]:
        """The paths of the files before the newest, that of ``begin`` first."""
        while self._files is not None:
            path = f"{self._source.where}.{begin}"
            try:
                self._files.stat(path)
            except OSError:
                return
            yield path
            begin += 1

    def _open_older(self) -> bool:
        """Open the file before the oldest one that was read; false where there is none."""
        path = next(self._renamed(self._next_older), None)
        if path is None or self._files is None:
            return False
        try:
            file = self._files.open(path)
        except OSError as error:
            self._failed(error)
            return False
        if self._oldest is not None and self._oldest is not self._newest:
            self._oldest.close()
        self._oldest, self._start = file, os.fstat(file.fileno()).st_size
        self._next_older += 1
        return self._start > 0

    # -- what stands in the way ----------------------------------------------------------------

    def _found_files(self) -> HostFiles | None:
        """The files of the host; while there is none of this name, they are sought again."""
        now = self._wall()
        if self._files is None or now - self._looked_at >= SEEK_AGAIN:
            self._looked_at = now
            self._files = self._find_again()
        return self._files

    def _find_again(self) -> HostFiles | None:
        with suppress(OSError):
            return self._find_files()
        return None

    def _failed(self, error: OSError) -> None:
        self._reason, self._advice = error.strerror or str(error), ""
        if isinstance(error, FileNotFoundError):
            self._state = LogState.ABSENT
            self._reason, self._advice = "there is no such file", self._source.advice
        elif isinstance(error, PermissionError):
            self._state = LogState.SHUT
            self._reason = self._rights or "this user may not read it"
            self._advice = "libvirt keeps it for root"
        else:
            self._state = LogState.UNREADABLE


def _line_begins(data: bytes, offset: int) -> int:
    """Where the first whole line begins in what was read from ``offset`` on."""
    return data.find(b"\n") + 1 if offset else 0

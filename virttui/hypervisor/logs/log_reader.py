"""Reads the logs of one domain or host on a thread of its own, until it is stopped.

A file system or a login that hangs holds up this thread alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Protocol

from virttui.model.domains.logs import HostLogRequest, LogLine, LogRequest, LogSource, LogUpdate

EVERY = 0.5
"""Seconds between two looks."""


class Tail(Protocol):
    """The end of one log, and what is added to it."""

    @property
    def name(self) -> str:
        """The name of its source."""

    def source(self) -> LogSource:
        """What can be said of it now."""

    def unfinished(self) -> LogLine | None:
        """The line that has no end yet."""

    def look(self) -> list[LogLine]:
        """What was written since the last look."""

    def older(self) -> list[LogLine]:
        """The lines before those that were given."""

    def close(self) -> None:
        """Let go of what it holds."""


class StaticLog:
    """A source that is no file: it has the lines that it was made with."""

    def __init__(self, source: LogSource, lines: Sequence[LogLine] = ()) -> None:
        self._source = source
        self._lines = list(lines)
        self._texts = {line.text for line in lines}

    @property
    def name(self) -> str:
        """The name of its source."""
        return self._source.name

    def source(self) -> LogSource:
        """What was told of it."""
        return self._source

    def follow_on(self, before: StaticLog) -> None:
        """Give only the lines that were not told ``before``."""
        self._lines = [line for line in self._lines if line.text not in before._texts]
        self._texts |= before._texts

    def unfinished(self) -> LogLine | None:
        """None: each line is whole."""
        return None

    def look(self) -> list[LogLine]:
        """Its lines, once."""
        lines, self._lines = self._lines, []
        return lines

    def older(self) -> list[LogLine]:
        """None are kept."""
        return []

    def close(self) -> None:
        """Nothing is held."""


class LogReader:
    """Follows the logs of a request. ``publish`` is called on the reader's thread."""

    def __init__(
        self,
        number: int,
        request: LogRequest | HostLogRequest,
        tails: Sequence[Tail],
        publish: Callable[[LogUpdate], None],
    ) -> None:
        self._number = number
        self._request = request
        self._publish = publish
        self._tails = {tail.name: tail for tail in tails}
        self._wishes: SimpleQueue[Callable[[], list[LogLine]] | None] = SimpleQueue()
        self._told: tuple[object, ...] = ()
        of = request.host if isinstance(request, HostLogRequest) else request.name
        threading.Thread(target=self._run, name=f"logs of {of}", daemon=True).start()

    def stop(self) -> None:
        """Read no more; what is held is let go once the present look returns."""
        self._wishes.put(None)

    def put(self, tails: Sequence[Tail]) -> None:
        """Read these as well; each takes the place of one of its name that is no file."""
        self._wishes.put(lambda: self._take(tails))

    def read_older(self, source: str) -> None:
        """Read what comes before the lines of one source that were given."""
        self._wishes.put(lambda: self._older(source))

    def _run(self) -> None:
        try:
            while True:
                lines = [line for tail in self._tails.values() for line in tail.look()]
                self._tell(lines)
                if not self._do_what_is_wished():
                    return
        finally:
            for tail in self._tails.values():
                tail.close()

    def _do_what_is_wished(self) -> bool:
        """Wait for the next look, and do what was asked for meanwhile; false at the end."""
        try:
            wish = self._wishes.get(timeout=EVERY)
        except Empty:
            return True
        if wish is None:
            return False
        if older := wish():
            self._tell([], older)
        else:
            self._told = ()  # so that it is told that there is nothing before
        return True

    def _older(self, source: str) -> list[LogLine]:
        tail = self._tails.get(source)
        return tail.older() if tail is not None else []

    def _take(self, tails: Sequence[Tail]) -> list[LogLine]:
        for tail in tails:
            present = self._tails.get(tail.name)
            if present is not None and not isinstance(present, StaticLog):
                tail.close()
                continue
            if isinstance(tail, StaticLog) and present is not None:
                tail.follow_on(present)
            self._tails[tail.name] = tail
        return []

    def _tell(self, lines: list[LogLine], older: Sequence[LogLine] = ()) -> None:
        """Publish what is new, if anything is."""
        tails = self._tails.values()
        sources = tuple(tail.source() for tail in tails)
        unfinished = tuple(line for tail in tails if (line := tail.unfinished()) is not None)
        told = (sources, tuple((line.source, line.text) for line in unfinished))
        if not lines and not older and told == self._told:
            return
        self._told = told
        self._publish(
            LogUpdate(self._number, self._request, sources, tuple(lines), tuple(older), unfinished)
        )

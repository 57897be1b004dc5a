"""One terminal that a thread feeds while others read: every call is under one lock.

The engines may not be entered twice, and a lock that is let go of and taken again at once would
leave a reader one turn in ten: who waits is next.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from virttui.terminal.engine import Engine, new_engine
from virttui.terminal.row import Cursor, Modes, Row

MOST_COLUMNS, MOST_ROWS = 500, 200
"""The largest size; a larger one is cut down to it."""

_TEXT_AT_ONCE = 1000


class TerminalScreen:
    """The rows of a guest's screen, and the lines above it.

    The first one loads its engine, which takes 0.2 s: make it on another thread than the app's.
    ``update`` reads what changed; ``rows``, ``cursor`` and ``modes`` are of the last ``update``.
    Lines are numbered from 0, the oldest that is kept, those of the screen last; the numbers change
    as old lines go, so that a view of older lines pins the one that it begins with.
    """

    def __init__(self, columns: int = 80, rows: int = 24, engine: Engine | None = None) -> None:
        self._engine = engine or new_engine(*_allowed(columns, rows))
        self._access = threading.Lock()
        self._next_in_line = threading.Lock()
        self._closed = False
        self.piece, self.backlog = self._engine.PIECE, self._engine.BACKLOG
        self.rows: list[Row] = [()] * self._engine.rows
        self.cursor = Cursor()
        self.modes = Modes()

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return self._engine.columns, self._engine.rows

    def feed(self, data: bytes) -> bytes:
        """Take output of the guest, in pieces; returns what the terminal replies to it."""
        replies = []
        for start in range(0, len(data), self.piece):
            with self._locked() as engine:
                if engine is not None:
                    replies.append(engine.feed(data[start : start + self.piece]))
        return b"".join(replies)

    def update(self) -> Sequence[int]:
        """Read what changed; returns the numbers of the rows that look different."""
        with self._locked() as engine:
            if engine is None:
                return ()
            found = engine.changed_rows()
            self.cursor, self.modes = engine.cursor, engine.modes
        if len(self.rows) != engine.rows:
            self.rows = (self.rows + [()] * engine.rows)[: engine.rows]
        changed = [number for number, row in found.items() if self.rows[number] != row]
        for number in changed:
            self.rows[number] = found[number]
        return changed

    @property
    def line_count(self) -> int:
        """How many lines are kept, those of the screen included."""
        with self._locked() as engine:
            return 0 if engine is None else engine.line_count

    def lines(self, first: int, count: int) -> list[Row]:
        """Up to ``count`` lines from ``first`` on, as far as they are kept."""
        with self._locked() as engine:
            if engine is None:
                return []
            first, count = _within(engine, first, count)
            return engine.lines(first, count) if count else []

    def text(self) -> Iterator[tuple[int, list[str]]]:
        """All lines as text that was not cleaned: a thousand at a time, with the first's number.

        Between two parts output may go on. Where old lines went meanwhile, the next part begins
        with a lower number, and numbers of earlier parts are too high by the difference.
        """
        last: int | None = None  # a pin on the last line that was read
        try:
            while True:
                with self._locked() as engine:
                    if engine is None:
                        return
                    before = None if last is None else engine.pinned_line(last)
                    first = 0 if before is None else before + 1
                    first, count = _within(engine, first, _TEXT_AT_ONCE)
                    if not count:
                        return
                    lines = engine.text(first, count)
                    if last is not None:
                        engine.unpin(last)
                    last = engine.pin(first + count - 1)
                yield first, lines
        finally:
            if last is not None:
                self.unpin(last)

    def pin(self, line: int) -> int:
        """Follow a line while others come and go; returns what ``pinned_line`` is asked by."""
        with self._locked() as engine:
            if engine is None:
                return -1
            return engine.pin(max(0, min(line, engine.line_count - 1)))

    def pinned_line(self, pin: int) -> int | None:
        """The number that a followed line has now; None once it is no longer kept."""
        with self._locked() as engine:
            return None if engine is None else engine.pinned_line(pin)

    def unpin(self, pin: int) -> None:
        """Follow it no more."""
        with self._locked() as engine:
            if engine is not None:
                engine.unpin(pin)

    def resize(self, columns: int, rows: int) -> None:
        """Have another size, up to the largest."""
        with self._locked() as engine:
            if engine is not None:
                engine.resize(*_allowed(columns, rows))

    def close(self) -> None:
        """Free the engine. What is fed afterwards is dropped, and there are no lines any more."""
        with self._locked() as engine:
            if engine is not None:
                self._closed = True
                engine.close()

    @contextmanager
    def _locked(self) -> Iterator[Engine | None]:
        """The engine, alone; None after the end."""
        with self._next_in_line:  # held by who waits: the one who leaves cannot pass him
            self._access.acquire()
        try:
            yield None if self._closed else self._engine
        finally:
            self._access.release()


def _allowed(columns: int, rows: int) -> tuple[int, int]:
    return max(2, min(columns, MOST_COLUMNS)), max(1, min(rows, MOST_ROWS))


def _within(engine: Engine, first: int, count: int) -> tuple[int, int]:
    """The part of these lines that is kept."""
    kept = engine.line_count
    first = max(0, min(first, kept))
    return first, max(0, min(count, kept - first))

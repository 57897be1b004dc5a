"""pyte as an ``Engine``: for computers that libghostty-vt has no wheel for.

It takes a second for a megabyte, under the GIL, in place of some ten milliseconds; enough for a
serial line. What it cannot do is listed, with reasons, in ``tests/terminal/corpus.py``.
"""

from __future__ import annotations

import codecs
import itertools

import pyte

from virttui.terminal.pyte_filter import SequenceFilter
from virttui.terminal.pyte_screen import HistoryScreen
from virttui.terminal.row import Cursor, Modes, Row, row_text

# pyte shifts the numbers of private modes by five.
_APPLICATION_CURSOR, _BRACKETED_PASTE = 1 << 5, 2004 << 5


def new_engine(columns: int, rows: int) -> PyteEngine:
    """A terminal of that size."""
    return PyteEngine(columns, rows)


class PyteEngine:
    """One terminal; see ``Engine``."""

    PIECE = 1024
    BACKLOG = 512 * 1024

    def __init__(self, columns: int, rows: int) -> None:
        self._screen = HistoryScreen(columns, rows)
        self._stream = _Stream(self._screen)
        self._filter = SequenceFilter()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pins: dict[int, int] = {}
        self._pin_numbers = itertools.count()

    @property
    def columns(self) -> int:
        """The width in cells."""
        return self._screen.columns

    @property
    def rows(self) -> int:
        """The height in cells."""
        return self._screen.lines

    @property
    def line_count(self) -> int:
        """How many lines there are, those of the screen included."""
        return len(self._screen.history) + self._screen.lines

    @property
    def cursor(self) -> Cursor:
        """Where the cursor is."""
        at = self._screen.cursor
        return Cursor(min(at.x, self.columns - 1), at.y, not at.hidden)

    @property
    def modes(self) -> Modes:
        """What keys and pastes have to follow."""
        modes = self._screen.mode
        return Modes(_APPLICATION_CURSOR in modes, _BRACKETED_PASTE in modes)

    def feed(self, data: bytes) -> bytes:
        """Take output of the guest; returns what the terminal replies to it."""
        for token in self._filter.tokens(data):
            self._stream.feed(self._decoder.decode(token))
        return self._screen.take_replies()

    def changed_rows(self) -> dict[int, Row]:
        """Rows that may have changed. Scrolling by one line changes all of them."""
        changed = sorted(self._screen.dirty)
        self._screen.dirty.clear()
        return {number: self._screen.row(number) for number in changed if number < self.rows}

    def lines(self, first: int, count: int) -> list[Row]:
        """``count`` lines from ``first`` on."""
        above = len(self._screen.history)
        return [
            self._screen.history[line] if line < above else self._screen.row(line - above)
            for line in range(first, first + count)
        ]

    def text(self, first: int, count: int) -> list[str]:
        """The same lines as text."""
        return [row_text(row) for row in self.lines(first, count)]

    def pin(self, line: int) -> int:
        """Follow a line while others come and go."""
        pin = next(self._pin_numbers)
        self._pins[pin] = self._screen.dropped + line
        return pin

    def pinned_line(self, pin: int) -> int | None:
        """The number that a followed line has now."""
        line = self._pins[pin] - self._screen.dropped
        return line if line >= 0 else None

    def unpin(self, pin: int) -> None:
        """Follow it no more."""
        del self._pins[pin]

    def resize(self, columns: int, rows: int) -> None:
        """Have another size; lines are not wrapped anew."""
        self._screen.resize(rows, columns)

    def close(self) -> None:
        """Let go of all lines."""
        self._screen.clear_history()


class _Stream(pyte.Stream):
    """Text that was decoded here: so that charsets work, which pyte ignores with UTF-8."""

    def __init__(self, screen: pyte.Screen) -> None:
        self.csi = {**pyte.Stream.csi, "S": "scroll_up", "T": "scroll_down"}
        super().__init__(screen)
        self.use_utf8 = False

"""pyte as an ``Engine``: for computers that libghostty-vt has no wheel for.

It takes a second for a megabyte, under the GIL, in place of some ten milliseconds; enough for a
serial line. What it cannot do is listed, with reasons, in ``tests/terminal/corpus.py``.
"""

from __future__ import annotations

import codecs
import copy
import itertools
import sys
import unicodedata
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyte
from pyte import graphics
from pyte import modes as pyte_modes
from pyte.screens import Char, Margins, StaticDefaultDict
from pyte.screens import Cursor as PyteCursor
from wcwidth import wcwidth

from virttui.terminal.cells import RowBuilder
from virttui.terminal.engine import MOST_REPLIED, SCROLLBACK_LINES
from virttui.terminal.pyte_filter import SequenceFilter
from virttui.terminal.row import DEFAULT, CellStyle, Colour, Cursor, Modes, Row, row_text

SCROLLBACK_MAX_BYTES = 24 * 1024**2
"""Bytes of rows above the screen, as ``row_bytes`` estimates them."""

_MOST_STYLES = 4096
_MOST_CODE_POINTS = 8

# pyte shifts the numbers of private modes by five.
_ALTERNATE = frozenset(number << 5 for number in (47, 1047, 1049))
_APPLICATION_CURSOR, _BRACKETED_PASTE = 1 << 5, 2004 << 5

_NAMED: dict[str, int] = {}
for _table, _first in (
    (graphics.FG, 30), (graphics.BG, 40), (graphics.FG_AIXTERM, 82), (graphics.BG_AIXTERM, 92),
):  # fmt: skip
    _NAMED |= {name: code - _first for code, name in _table.items() if name != "default"}
# pyte writes the 256 colours as the rgb that they usually have; the later of equal ones is fixed.
_PALETTE = {value: number for number, value in enumerate(graphics.FG_BG_256)}


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


class HistoryScreen(pyte.Screen):
    """A screen with the rows that scrolled out at its top, an alternate screen, and replies."""

    def __init__(self, columns: int, lines: int) -> None:
        self.history: deque[Row] = deque()
        self.dropped = 0
        self._history_bytes = 0
        self._replies: list[str] = []
        self._styles: dict[tuple[Any, ...], CellStyle] = {}
        self._main: tuple[Any, PyteCursor] | None = None
        super().__init__(columns, lines)

    def take_replies(self) -> bytes:
        """What was replied since this was asked last."""
        text = "".join(self._replies).encode()
        self._replies.clear()
        return text

    def row(self, number: int) -> Row:
        """One row of the screen."""
        return self._row(self.buffer[number]) if number in self.buffer else ()

    def clear_history(self) -> None:
        """Drop the lines above the screen."""
        self.dropped += len(self.history)
        self.history.clear()
        self._history_bytes = 0

    # -- what pyte calls -------------------------------------------------------------------

    def write_process_input(self, data: str) -> None:
        """Collect a reply."""
        if sum(map(len, self._replies)) + len(data) <= MOST_REPLIED:
            self._replies.append(data)

    def reset(self) -> None:
        """Begin anew, on the main screen."""
        self._main = None
        self.savepoints.clear()
        self.clear_history()
        super().reset()

    def draw(self, data: str) -> None:
        """Draw text without what pyte would stop at, and with a bounded number of marks."""
        super().draw(data if data.isascii() and data.isprintable() else _drawable(data))
        line, at = self.buffer[self.cursor.y], self.cursor.x - 1
        if at in line and len(line[at].data) > _MOST_CODE_POINTS:
            line[at] = line[at]._replace(data=line[at].data[:_MOST_CODE_POINTS])

    def index(self) -> None:
        """Move down, and keep the row that goes out at the top of the main screen."""
        top, bottom = self.margins or Margins(0, self.lines - 1)
        if self.cursor.y == bottom and top == 0 and self._main is None:
            self._keep(self.row(0))
        super().index()

    def delete_lines(self, count: int | None = None) -> None:
        """Delete lines at the cursor; pyte leaves those that nothing is moved to."""
        top, bottom = self.margins or Margins(0, self.lines - 1)
        if top <= self.cursor.y <= bottom:
            self._scroll(count, Margins(self.cursor.y, bottom), up=True)
            self.carriage_return()

    def scroll_up(self, count: int | None = None) -> None:
        """Move the rows of the scrolling region up (SU)."""
        self._scroll(count, self.margins or Margins(0, self.lines - 1), up=True)

    def scroll_down(self, count: int | None = None) -> None:
        """Move the rows of the scrolling region down (SD)."""
        self._scroll(count, self.margins or Margins(0, self.lines - 1), up=False)

    def erase_in_display(self, how: int = 0, *args: Any, **kwargs: Any) -> None:
        """Erase a part of the screen; 3 erases what is above it alone."""
        with self._background_alone():
            if how == 3:
                self.clear_history()
            else:
                super().erase_in_display(how, *args, **kwargs)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """Erase a part of the line."""
        with self._background_alone():
            super().erase_in_line(how, private)

    def erase_characters(self, count: int | None = None) -> None:
        """Erase characters from the cursor on."""
        with self._background_alone():
            super().erase_characters(count)

    def save_cursor(self) -> None:
        """Keep the cursor; there is one place for it."""
        self.savepoints.clear()
        super().save_cursor()

    def restore_cursor(self) -> None:
        """Go back to the kept cursor, which stays kept."""
        kept = self.savepoints[-1:]
        copies = [one._replace(cursor=copy.copy(one.cursor)) for one in kept]
        hidden = self.cursor.hidden
        super().restore_cursor()
        self.cursor.hidden = hidden
        self.savepoints[:] = copies

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        """Set modes; the alternate screen is one, the width (DECCOLM) is ours."""
        plain, alternate = _modes(modes, private=bool(kwargs.get("private")))
        if alternate and self._main is None:
            self._main = self.buffer, copy.copy(self.cursor)
            self.buffer = copy.copy(self.buffer)
            self.buffer.clear()
            self.dirty.update(range(self.lines))
        super().set_mode(*plain, **kwargs)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        """Reset modes."""
        plain, alternate = _modes(modes, private=bool(kwargs.get("private")))
        if alternate and self._main is not None:
            hidden = self.cursor.hidden
            self.buffer, self.cursor = self._main
            self.cursor.hidden = hidden
            self.cursor.y = min(self.cursor.y, self.lines - 1)
            self._main = None
            self.dirty.update(range(self.lines))
        super().reset_mode(*plain, **kwargs)

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Have another size; rows above the cursor that do not fit any more are kept."""
        lines, columns = lines or self.lines, columns or self.columns
        self.margins = None
        for _ in range(self.cursor.y - lines + 1):
            if self._main is None:
                self._keep(self.row(0))
            self._scroll(1, Margins(0, self.lines - 1), up=True)
            self.cursor.y -= 1
        for number in [number for number in self.buffer if number >= lines]:
            del self.buffer[number]
        for line in self.buffer.values():
            for x in [x for x in line if x >= columns]:
                del line[x]
        self.tabstops |= set(range(8, columns, 8))
        self.lines, self.columns = lines, columns
        self.cursor.x = min(self.cursor.x, columns)
        self.dirty = set(range(lines))

    # -- rows ------------------------------------------------------------------------------

    @contextmanager
    def _background_alone(self) -> Iterator[None]:
        """Erased cells have the background that is set, and no attribute.

        The last column is erased too while the cursor waits behind it.
        """
        self.cursor.x = min(self.cursor.x, self.columns - 1)
        attributes = self.cursor.attrs
        self.cursor.attrs = self.default_char._replace(bg=attributes.bg)
        yield
        self.cursor.attrs = attributes

    def _scroll(self, count: int | None, margins: Margins, *, up: bool) -> None:
        height = margins.bottom - margins.top + 1
        for _ in range(min(count or 1, height)):
            rows = range(margins.top, margins.bottom + 1)
            order, step = (rows, 1) if up else (rows[::-1], -1)
            for number in order[:-1]:
                self.buffer[number] = self.buffer[number + step]
            self.buffer.pop(order[-1], None)
        self.dirty.update(range(self.lines))

    def _keep(self, row: Row) -> None:
        self.history.append(row)
        self._history_bytes += row_bytes(row)
        while len(self.history) > SCROLLBACK_LINES or self._history_bytes > SCROLLBACK_MAX_BYTES:
            self._history_bytes -= row_bytes(self.history.popleft())
            self.dropped += 1

    def _row(self, line: StaticDefaultDict[int, Char]) -> Row:
        builder = RowBuilder()
        columns = self.columns if line.default.reverse else 1 + max(line, default=-1)
        skipped = -1
        for x in range(columns):
            char = line[x]
            if x == skipped:
                continue
            style = self._style(char)
            wide = wcwidth(char.data[:1]) == 2
            if len(char.data) == 1 and char.data.isascii() and char.data.isprintable():
                builder.add_ascii(char.data, style)
            elif wide and x + 1 < columns and not line[x + 1].data:
                builder.add(char.data, 2, style)
                skipped = x + 1
            else:  # half of a wide character that was written over is blank
                builder.add("" if wide else char.data, 1, style)
        return builder.row()

    def _style(self, char: Char) -> CellStyle:
        key = char[1:]
        style = self._styles.get(key)
        if style is None:
            if len(self._styles) >= _MOST_STYLES:
                self._styles.clear()
            style = CellStyle(
                foreground=_colour(char.fg),
                background=_colour(char.bg),
                bold=char.bold,
                italic=char.italics,
                underline=char.underscore,
                blink=char.blink,
                inverse=char.reverse,
                strikethrough=char.strikethrough,
            )
            self._styles[key] = style = DEFAULT if style == DEFAULT else style
        return style


def row_bytes(row: Row) -> int:
    """About how many bytes of memory a row takes."""
    return 64 + sum(
        200 + (sys.getsizeof(run.text) if run.style is not DEFAULT else len(run.text))
        for run in row
    )


def _modes(modes: tuple[int, ...], *, private: bool) -> tuple[list[int], bool]:
    """The modes that are pyte's, and whether one of the others is the alternate screen."""
    if not private:
        return list(modes), False
    alternate = any(mode << 5 in _ALTERNATE for mode in modes)
    ours = {*_ALTERNATE, pyte_modes.DECCOLM}
    return [mode for mode in modes if mode << 5 not in ours], alternate


def _drawable(text: str) -> str:
    """Text without what takes no cell and is no mark: pyte draws nothing behind such a one."""
    found: list[str] = []
    marks = 0
    for char in text:
        width = wcwidth(char)
        if width > 0:
            marks = 0
        elif width < 0 or not unicodedata.combining(char) or marks == _MOST_CODE_POINTS:
            continue
        else:
            marks += 1
        found.append(char)
    return "".join(found)


def _colour(name: str) -> Colour:
    if name == "default":
        return None
    if name in _NAMED:
        return _NAMED[name]
    if name in _PALETTE:
        return _PALETTE[name]
    red, green, blue = bytes.fromhex(name)
    return red, green, blue

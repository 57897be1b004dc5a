"""pyte's screen with what it lacks: rows above it, an alternate screen, bounds."""

from __future__ import annotations

import copy
import unicodedata
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyte
from pyte import charsets
from pyte import modes as pyte_modes
from pyte.screens import Char, Margins
from pyte.screens import Cursor as PyteCursor
from wcwidth import wcwidth

from virttui.terminal.engine import MOST_REPLIED, SCROLLBACK_LINES
from virttui.terminal.pyte_rows import RowConverter, row_bytes
from virttui.terminal.row import Row

SCROLLBACK_MAX_BYTES = 24 * 1024**2
"""Bytes of rows above the screen, as ``row_bytes`` estimates them."""

_MOST_CODE_POINTS = 8

# pyte shifts the numbers of private modes by five.
_ALTERNATE = frozenset(number << 5 for number in (47, 1047, 1049))


class HistoryScreen(pyte.Screen):
    """A screen with the rows that scrolled out at its top, an alternate screen, and replies."""

    def __init__(self, columns: int, lines: int) -> None:
        self.history: deque[Row] = deque()
        self.dropped = 0
        self._history_bytes = 0
        self._replies: list[str] = []
        self._row_converter = RowConverter()
        self._main: tuple[Any, PyteCursor] | None = None
        super().__init__(columns, lines)

    def take_replies(self) -> bytes:
        """What was replied since this was asked last."""
        text = "".join(self._replies).encode()
        self._replies.clear()
        return text

    def row(self, number: int) -> Row:
        """One row of the screen."""
        if number not in self.buffer:
            return ()
        return self._row_converter.row(self.buffer[number], self.columns)

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
        if not (data.isascii() and data.isprintable()):
            data = _drawable(data)
        elif self._draws_plainly():
            data = self._draw_ascii(data)
        super().draw(data)
        line, at = self.buffer[self.cursor.y], self.cursor.x - 1
        if at in line and len(line[at].data) > _MOST_CODE_POINTS:
            line[at] = line[at]._replace(data=line[at].data[:_MOST_CODE_POINTS])

    def _draws_plainly(self) -> bool:
        """Whether each character of ASCII goes into the next cell as it is."""
        charset = self.g1_charset if self.charset else self.g0_charset
        return charset is charsets.LAT1_MAP and pyte_modes.IRM not in self.mode

    def _draw_ascii(self, data: str) -> str:
        """Put what fits into the row, in a third of pyte's time; returns what is behind it."""
        cursor = self.cursor
        fitting = data[: self.columns - cursor.x]
        attributes = cursor.attrs[1:]
        line = self.buffer[cursor.y]
        for x, char in enumerate(fitting, cursor.x):
            line[x] = Char(char, *attributes)
        cursor.x += len(fitting)
        self.dirty.add(cursor.y)
        return data[len(fitting) :]

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

"""The emulator of Ghostty, libghostty-vt, as an ``Engine``.

It parses about a hundred megabytes a second without the GIL. Traps, each measured with 0.1.3:
without a limit of bytes it keeps 216 to 1,028 lines; it drops whole pages of lines, so that a
limit of 10,000 leaves 9,500; a guest can resize it by DECCOLM; freed under a call that feeds it,
at the exit of Python, it crashes; a style number means something within one page of memory only.
"""

from __future__ import annotations

import itertools
import unicodedata
from array import array
from collections.abc import Iterator
from typing import Any

from pyghostty import ffi, lib

from virttui.terminal import ghostty_abi as abi
from virttui.terminal.cells import RowBuilder
from virttui.terminal.engine import MOST_REPLIED, SCROLLBACK_LINES
from virttui.terminal.ghostty_styles import PALETTE_BACKGROUND, background, cell_style
from virttui.terminal.row import DEFAULT, CellStyle, Cursor, Modes, Row

SCROLLBACK_MAX_BYTES = 24 * 1024**2
"""Keeps 10,000 plain lines of 200 columns, and bounds what hostile text takes."""

_MOST_LINES = SCROLLBACK_LINES + 1_500
"""A page of memory holds some 600 lines, and is dropped whole."""

_MOST_STYLES = 4096
_MOST_MARKS = 64

_TAG_MASK = (1 << abi.TAG[1]) - 1
_CODE_SHIFT, _CODE_MASK = abi.CODE_POINT[0], (1 << abi.CODE_POINT[1]) - 1
_STYLE_SHIFT, _STYLE_MASK = abi.STYLE_NUMBER[0], (1 << abi.STYLE_NUMBER[1]) - 1
_WIDE_SHIFT, _WIDE_MASK = abi.WIDE[0], (1 << abi.WIDE[1]) - 1
_CLUSTER = 1
_WIDE, _TAIL, _HEAD = 1, 2, 3
_APPLICATION_CURSOR, _AUTOWRAP, _BRACKETED_PASTE = 1, 7, 2004

abi.check()


def new_engine(columns: int, rows: int) -> Ghostty:
    """A terminal of that size."""
    return Ghostty(columns, rows)


class Ghostty:
    """One terminal with one render state; see ``Engine``.

    It is freed by ``close`` alone, never by a finalizer at exit.
    """

    PIECE = 64 * 1024
    BACKLOG = 16 * 1024**2

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._replies: list[bytes] = []
        self._replied = 0
        self._styles: dict[bytes, CellStyle] = {}
        self._all_changed = True
        self._pins: dict[int, Any] = {}
        self._pin_numbers = itertools.count()
        self._terminal = _new("GhosttyTerminal*", lib.ghostty_terminal_new, columns, rows)
        self._state = _new("GhosttyRenderState*", lib.ghostty_render_state_new)
        self._rows = _new(
            "GhosttyRenderStateRowIterator*", lib.ghostty_render_state_row_iterator_new
        )
        self._cells = _new("GhosttyRenderStateRowCells*", lib.ghostty_render_state_row_cells_new)
        self._on_reply = ffi.callback("GhosttyTerminalWritePtyFn", self._reply)
        self._set("WRITE_PTY", self._on_reply)
        self._limit("SCROLLBACK_MAX_LINES", "size_t", _MOST_LINES)
        self._limit("SCROLLBACK_MAX_BYTES", "size_t", SCROLLBACK_MAX_BYTES)
        self._limit("CLIPBOARD_WRITE_MAX_BYTES", "size_t", 0)
        self._limit("KITTY_IMAGE_STORAGE_LIMIT", "uint64_t", 0)
        self._out = {
            name: ffi.new(f"{kind}*")
            for values in (abi.TERMINAL_VALUES, abi.RENDER_VALUES, abi.ROW_VALUES, abi.CELL_VALUES)
            for name, kind in values.items()
        }
        self._style_out = self._out["RENDER_STATE_ROW_CELLS_DATA_STYLE"]
        self._style_out.size = ffi.sizeof("GhosttyStyle")

    @property
    def line_count(self) -> int:
        """How many lines there are, those of the screen included."""
        return int(self._get("TERMINAL_DATA_TOTAL_ROWS"))

    @property
    def cursor(self) -> Cursor:
        """Where the cursor is."""
        return Cursor(
            self._get("TERMINAL_DATA_CURSOR_X"),
            self._get("TERMINAL_DATA_CURSOR_Y"),
            bool(self._get("TERMINAL_DATA_CURSOR_VISIBLE")),
        )

    @property
    def modes(self) -> Modes:
        """What keys and pastes have to follow: DECCKM and 2004."""
        return Modes(self._mode(_APPLICATION_CURSOR), self._mode(_BRACKETED_PASTE))

    def feed(self, data: bytes) -> bytes:
        """Take output of the guest; returns what the terminal replies to it."""
        self._replied = 0
        data = data.replace(b"\x7f", b"")  # it would print DEL; terminals ignore it
        lib.ghostty_terminal_vt_write(self._terminal, data, len(data))
        size = self._get("TERMINAL_DATA_COLS"), self._get("TERMINAL_DATA_ROWS")
        if size != (self.columns, self.rows):  # DECCOLM; the guest does not resize us
            wrapping = self._mode(_AUTOWRAP)
            self._set_mode(_AUTOWRAP, False)  # or what it cleared would be wrapped into more rows
            self.resize(self.columns, self.rows)
            self._set_mode(_AUTOWRAP, wrapping)
        replies = b"".join(self._replies)
        self._replies.clear()
        return replies

    def changed_rows(self) -> dict[int, Row]:
        """Rows that may have changed. Scrolling by one line changes all of them."""
        self._update()
        dirty = self._render_get("RENDER_STATE_DATA_DIRTY")
        if self._all_changed or dirty == lib.GHOSTTY_RENDER_STATE_DIRTY_FULL:
            found = dict(enumerate(self._all_rows()))
        elif dirty == lib.GHOSTTY_RENDER_STATE_DIRTY_PARTIAL:
            found = dict(self._dirty_rows())
        else:
            found = {}
        self._all_changed = False
        abi.succeed(lib.ghostty_render_state_clean(self._state), "clean")
        return found

    def lines(self, first: int, count: int) -> list[Row]:
        """``count`` lines from ``first`` on, read by scrolling the library's own view."""
        found: list[Row] = []
        last = self.line_count - self.rows
        while len(found) < count:
            line = first + len(found)
            top = min(line, last)
            self._scroll(lib.GHOSTTY_SCROLL_VIEWPORT_ROW, top)
            self._update()
            wanted = range(line - top, min(self.rows, line - top + count - len(found)))
            page = list(self._all_rows(wanted))
            if not page:
                break
            found += page
        self._scroll(lib.GHOSTTY_SCROLL_VIEWPORT_BOTTOM, 0)
        self._all_changed = True
        return found

    def text(self, first: int, count: int) -> list[str]:
        """The same lines as text, blanks at their ends left out."""
        selection = ffi.new("GhosttySelection*")
        selection.size = ffi.sizeof("GhosttySelection")
        selection.start = self._reference(first, 0)[0]
        selection.end = self._reference(first + count - 1, self.columns - 1)[0]
        options = ffi.new("GhosttyTerminalSelectionFormatOptions*")
        options.size = ffi.sizeof("GhosttyTerminalSelectionFormatOptions")
        options.emit, options.trim = lib.GHOSTTY_FORMATTER_FORMAT_PLAIN, True
        options.selection = selection
        length = ffi.new("size_t*")
        format_into = lib.ghostty_terminal_selection_format_buf
        format_into(self._terminal, options[0], ffi.NULL, 0, length)  # says how much it takes
        buffer = ffi.new("uint8_t[]", max(1, length[0]))
        abi.succeed(
            format_into(self._terminal, options[0], buffer, len(buffer), length), "the text"
        )
        text = bytes(ffi.buffer(buffer, length[0])).decode("utf-8", "replace")
        text = unicodedata.normalize("NFC", text)
        found = [line.rstrip(" ") for line in text.split("\n")]
        return (found + [""] * count)[:count]  # blank lines at the end are left out

    def pin(self, line: int) -> int:
        """Follow a line while others come and go."""
        found = ffi.new("GhosttyTrackedGridRef*")
        abi.succeed(abi.track(self._terminal, _point(line, 0)[0], found), "following a line")
        pin = next(self._pin_numbers)
        self._pins[pin] = found[0]
        return pin

    def pinned_line(self, pin: int) -> int | None:
        """The number that a followed line has now."""
        tracked = self._pins[pin]
        if not lib.ghostty_tracked_grid_ref_has_value(tracked):
            return None
        where = ffi.new("GhosttyPointCoordinate*")
        result = lib.ghostty_tracked_grid_ref_point(tracked, lib.GHOSTTY_POINT_TAG_SCREEN, where)
        return None if result else int(where.y)

    def unpin(self, pin: int) -> None:
        """Follow it no more."""
        lib.ghostty_tracked_grid_ref_free(self._pins.pop(pin))

    def resize(self, columns: int, rows: int) -> None:
        """Have another size; lines of the main screen are wrapped anew."""
        self.columns, self.rows = columns, rows
        abi.succeed(lib.ghostty_terminal_resize(self._terminal, columns, rows, 8, 16), "resize")
        self._all_changed = True

    def close(self) -> None:
        """Free everything."""
        for pin in list(self._pins):
            self.unpin(pin)
        lib.ghostty_render_state_row_cells_free(self._cells)
        lib.ghostty_render_state_row_iterator_free(self._rows)
        lib.ghostty_render_state_free(self._state)
        lib.ghostty_terminal_free(self._terminal)
        self._terminal = self._state = self._rows = self._cells = ffi.NULL

    # -- rows ------------------------------------------------------------------------------

    def _update(self) -> None:
        abi.succeed(lib.ghostty_render_state_update(self._state, self._terminal), "update")
        result = lib.ghostty_render_state_get(
            self._state, lib.GHOSTTY_RENDER_STATE_DATA_ROW_ITERATOR, self._handle(self._rows)
        )
        abi.succeed(result, "rows")

    def _all_rows(self, wanted: range | None = None) -> Iterator[Row]:
        """The rows in view, or some of them, from the top."""
        wanted = range(self.rows) if wanted is None else wanted
        for number in range(wanted.stop):
            if not lib.ghostty_render_state_row_iterator_next(self._rows):
                return
            if number in wanted:
                yield self._row()

    def _dirty_rows(self) -> Iterator[tuple[int, Row]]:
        number = ffi.new("uint16_t*")
        while lib.ghostty_render_state_row_iterator_next_dirty(self._rows, number):
            yield number[0], self._row()

    def _row(self) -> Row:
        """The row that the iterator is at."""
        name = "RENDER_STATE_ROW_DATA_CELLS_RAW"
        view = self._out[name]
        abi.succeed(
            lib.ghostty_render_state_row_get(self._rows, getattr(lib, f"GHOSTTY_{name}"), view),
            "the cells of a row",
        )
        # Borrowed from the library: copied at once. A cell of zeros is blank and plain.
        packed = bytes(ffi.buffer(view.ptr, view.len * 8)).rstrip(b"\0")
        raw = array("Q", packed.ljust(-(-len(packed) // 8) * 8, b"\0"))
        builder = RowBuilder()
        at_cells = False
        number, style, text = 0, DEFAULT, ""
        for x, cell in enumerate(raw):
            tag, wide = cell & _TAG_MASK, cell >> _WIDE_SHIFT & _WIDE_MASK
            if wide == _TAIL:
                continue
            code = cell >> _CODE_SHIFT & _CODE_MASK
            plain = not tag and not wide and (32 <= code < 127 or not code)
            new_number = cell >> _STYLE_SHIFT & _STYLE_MASK
            if new_number != number or not plain:
                if text:
                    builder.add_ascii(text, style)
                    text = ""
                if not at_cells:
                    self._at_cells()
                    at_cells = True
                if new_number != number:
                    number, style = new_number, self._style(x) if new_number else DEFAULT
            if plain:
                text += chr(code) if code else " "
            else:
                self._add(builder, x, cell, style)
        if text:
            builder.add_ascii(text, style)
        return builder.row()

    def _at_cells(self) -> None:
        """Let ``_style`` and ``_cluster`` ask the row that the iterator is at."""
        result = lib.ghostty_render_state_row_get(
            self._rows, lib.GHOSTTY_RENDER_STATE_ROW_DATA_CELLS, self._handle(self._cells)
        )
        abi.succeed(result, "cells")

    def _add(self, builder: RowBuilder, x: int, cell: int, style: CellStyle) -> None:
        """One cell that is not printable ASCII."""
        tag, wide = cell & _TAG_MASK, cell >> _WIDE_SHIFT & _WIDE_MASK
        if tag >= PALETTE_BACKGROUND:
            builder.add_ascii(" ", CellStyle(background=background(cell, tag)))
        elif wide == _HEAD:
            builder.add_ascii(" ", style)
        else:
            code = cell >> _CODE_SHIFT & _CODE_MASK
            text = self._cluster(x) if tag == _CLUSTER else chr(code)
            builder.add(text or " ", 2 if wide == _WIDE else 1, style)

    def _cluster(self, x: int) -> str:
        abi.succeed(lib.ghostty_render_state_row_cells_select(self._cells, x), "a cell")
        length = self._cell_get("RENDER_STATE_ROW_CELLS_DATA_GRAPHEMES_LEN")[0]
        points = ffi.new("uint32_t[]", max(1, length))
        result = lib.ghostty_render_state_row_cells_get(
            self._cells, lib.GHOSTTY_RENDER_STATE_ROW_CELLS_DATA_GRAPHEMES_BUF, points
        )
        abi.succeed(result, "a cluster")
        return "".join(map(chr, points[0 : min(length, _MOST_MARKS)]))

    def _style(self, x: int) -> CellStyle:
        """The style of a cell; a style number is not the same in another page, so it is asked."""
        abi.succeed(lib.ghostty_render_state_row_cells_select(self._cells, x), "a cell")
        raw = self._cell_get("RENDER_STATE_ROW_CELLS_DATA_STYLE")
        packed = bytes(ffi.buffer(raw))
        style = self._styles.get(packed)
        if style is None:
            if len(self._styles) >= _MOST_STYLES:
                self._styles.clear()
            style = self._styles[packed] = cell_style(raw)
        return style

    # -- calls -----------------------------------------------------------------------------

    def _reply(self, _terminal: object, _data: object, text: Any, length: int) -> None:
        """Called by the library while it is fed, on the thread that feeds it."""
        if self._replied + length <= MOST_REPLIED:
            self._replied += length
            self._replies.append(bytes(ffi.buffer(text, length)))

    def _handle(self, handle: Any) -> Any:
        return ffi.new(ffi.getctype(ffi.typeof(handle), "*"), handle)

    def _get(self, name: str) -> Any:
        out = self._out[name]
        result = lib.ghostty_terminal_get(self._terminal, getattr(lib, f"GHOSTTY_{name}"), out)
        abi.succeed(result, name)
        return out[0]

    def _render_get(self, name: str) -> Any:
        out = self._out[name]
        result = lib.ghostty_render_state_get(self._state, getattr(lib, f"GHOSTTY_{name}"), out)
        abi.succeed(result, name)
        return out[0]

    def _cell_get(self, name: str) -> Any:
        out = self._out[name]
        key = getattr(lib, f"GHOSTTY_{name}")
        abi.succeed(lib.ghostty_render_state_row_cells_get(self._cells, key, out), name)
        return out

    def _mode(self, number: int) -> bool:
        mode = ffi.new("GhosttyTerminalModeConfig*")
        mode.mode = number
        result = lib.ghostty_terminal_get(self._terminal, lib.GHOSTTY_TERMINAL_DATA_MODE, mode)
        abi.succeed(result, "a mode")
        return bool(mode.value)

    def _set_mode(self, number: int, value: bool) -> None:
        self._set("MODE", ffi.new("GhosttyTerminalModeConfig*", (number, value)))

    def _set(self, option: str, value: Any) -> None:
        key = getattr(lib, f"GHOSTTY_TERMINAL_OPT_{option}")
        abi.succeed(lib.ghostty_terminal_set(self._terminal, key, value), option)

    def _limit(self, option: str, kind: str, value: int) -> None:
        """Set a limit; ``abi.TERMINAL_VALUES`` has its type, which was checked."""
        if abi.TERMINAL_VALUES[f"TERMINAL_DATA_{option}"] != kind:
            raise abi.OtherLibrary(f"{option} is no {kind}")
        self._set(option, ffi.new(f"{kind}*", value))

    def _scroll(self, tag: int, row: int) -> None:
        abi.scroll_viewport(self._terminal, ffi.new("VirttuiScroll*", (tag, row, 0))[0])

    def _reference(self, line: int, column: int) -> Any:
        reference = ffi.new("GhosttyGridRef*")
        reference.size = ffi.sizeof("GhosttyGridRef")
        point = _point(line, column)[0]
        abi.succeed(abi.grid_ref(self._terminal, point, reference), f"line {line}")
        return reference


def _new(kind: str, make: Any, *arguments: int) -> Any:
    handle = ffi.new(kind)
    abi.succeed(make(ffi.NULL, handle, *arguments), kind)
    return handle[0]


def _point(line: int, column: int) -> Any:
    return ffi.new("VirttuiPoint*", (lib.GHOSTTY_POINT_TAG_SCREEN, 0, column, line, 0))

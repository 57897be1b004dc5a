"""What a terminal emulator has to do for a ``TerminalScreen``, and which one does it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Protocol, cast

from virttui.terminal.row import Cursor, Modes, Row

SCROLLBACK_LINES = 10_000
"""At least so many lines are kept above the screen, where they fit into the engine's bytes."""

MOST_REPLIED = 4096
"""Bytes of replies to one piece of output, and in one frame; who asks more gets no more."""

ENGINES = ("virttui.terminal.ghostty", "virttui.terminal.pyte_engine")
"""Modules with a function ``new_engine``, the best first; the first that can be imported is used.

The first has wheels for x86-64 and arm64 with glibc alone, and refuses a library whose types are
not those it was written for.
"""


class Engine(Protocol):
    """A terminal emulator. It is used by one thread at a time, which holds the screen's lock.

    Lines are numbered from 0, the oldest that is kept; the rows of the screen are the last ones.
    """

    PIECE: int
    """Bytes that are fed at most in one go, so that readers wait for a millisecond or few."""

    BACKLOG: int
    """Bytes that may wait for it: what it takes in a second or two."""

    columns: int
    rows: int

    @property
    def line_count(self) -> int:
        """How many lines there are, those of the screen included."""

    @property
    def cursor(self) -> Cursor:
        """Where the cursor is."""

    @property
    def modes(self) -> Modes:
        """What keys and pastes have to follow."""

    def feed(self, data: bytes) -> bytes:
        """Take output of the guest; returns what the terminal replies to it."""

    def changed_rows(self) -> Mapping[int, Row]:
        """Rows of the screen that may have changed since this was asked last, by number."""

    def lines(self, first: int, count: int) -> list[Row]:
        """``count`` lines from ``first`` on; there must be so many."""

    def text(self, first: int, count: int) -> list[str]:
        """The same lines as text that was not cleaned, without blanks at the ends."""

    def pin(self, line: int) -> int:
        """Follow a line while others come and go; returns what ``pinned_line`` is asked by."""

    def pinned_line(self, pin: int) -> int | None:
        """The number that a followed line has now; None once it is no longer kept."""

    def unpin(self, pin: int) -> None:
        """Follow it no more."""

    def resize(self, columns: int, rows: int) -> None:
        """Have another size."""

    def close(self) -> None:
        """Free everything; nothing else may be called afterwards."""


def new_engine(columns: int, rows: int) -> Engine:
    """The best engine of this computer; imported here, when the first console is opened."""
    for module in ENGINES[:-1]:
        try:
            return engine_of(module, columns, rows)
        except (ImportError, OSError):  # no wheel for this computer, or another library than known
            continue
    return engine_of(ENGINES[-1], columns, rows)


def engine_of(module: str, columns: int, rows: int) -> Engine:
    """The engine of one module. Raises ``ImportError`` or ``OSError`` where it cannot be had."""
    make = importlib.import_module(module).new_engine
    return cast(Callable[[int, int], Engine], make)(columns, rows)

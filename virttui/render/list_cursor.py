"""The cursor, the marks and the scroll offset of one list.

All of it is held by key, so a row that moves, hides or comes back after a reconnect never changes
what a keystroke hits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from virttui.model.identity import ObjectId


@dataclass(slots=True)
class ListCursor:
    """Cursor, marks and offset of one list.

    ``touched`` is false until a key moved the cursor. ``row_vanished``: the row under the cursor
    disappeared, the cursor moved to its neighbour, and the user has not moved it since; the next
    key may be meant for the row that is gone. ``kept_in_view`` is true once the cursor was put on
    a new object: its row stays in view wherever it is sorted to, until the user moves the cursor.
    The last index of the cursor's row is kept too, for the neighbour of a row that disappears.
    """

    cursor: ObjectId | None = None
    marks: set[ObjectId] = field(default_factory=set)
    offset: int = 0
    follow: bool = False
    touched: bool = False
    row_vanished: bool = False
    kept_in_view: bool = False
    _keys: Sequence[ObjectId] = ()
    _index: int = 0
    _ordered: bool = False

    @property
    def keys(self) -> Sequence[ObjectId]:
        """The keys of the rows, in the order they are shown."""
        return self._keys

    @property
    def index(self) -> int:
        """The cursor's row number."""
        return self._index

    def settle(
        self, keys: Sequence[ObjectId], height: int, *, known: bool = True, by_hand: bool = False
    ) -> None:
        """Take a new order of rows; the cursor stays on its key.

        ``height`` is the number of rows in view. ``known`` is false while the figures the rows
        are sorted by have not come: until they did once, an untouched cursor stays on the first
        row. ``by_hand`` says that the order was asked for (a filter, a sort): then whoever asked
        looks at where the cursor is.
        """
        self._keys = keys
        if not keys:
            self._index = self.offset = 0
            return
        # Only the very first order is provisional. A figure that is missing later (a guest that has
        # just started has no CPU yet) must not move the cursor under a finger.
        self._ordered = self._ordered or known
        if self.cursor is None or not (self.touched or self._ordered):
            self._index = 0
        else:
            self._index = self._find(keys)
            self.row_vanished = (
                self.row_vanished or keys[self._index] != self.cursor
            ) and not by_hand
        self.cursor = keys[self._index]
        if self.follow or self.kept_in_view:
            self._reveal(height)
        self.offset = max(0, min(self.offset, len(keys) - height))

    def _find(self, keys: Sequence[ObjectId]) -> int:
        if self._index < len(keys) and keys[self._index] == self.cursor:
            return self._index
        if self.cursor is not None:
            with suppress(ValueError):
                return keys.index(self.cursor)
        return min(self._index, len(keys) - 1)

    def move(self, by: int, height: int) -> None:
        """Move the cursor by so many rows and bring it into view."""
        self.go(self._index + by, height)

    def go(self, place: int, height: int) -> None:
        """Put the cursor on a row number (held inside the list) and bring it into view."""
        self.touched, self.row_vanished, self.kept_in_view = True, False, False
        if not self._keys:
            return
        self._index = max(0, min(place, len(self._keys) - 1))
        self.cursor = self._keys[self._index]
        self._reveal(height)

    def jump(self, key: ObjectId, height: int) -> bool:
        """Put the cursor on a key; false when it is not in the list."""
        self.touched = True
        if key not in self._keys:
            self.cursor = key
            return False
        self.go(self._keys.index(key), height)
        return True

    def scroll(self, by: int, height: int) -> None:
        """Move what is in view, not the cursor."""
        self.kept_in_view = False
        self.offset = max(0, min(self.offset + by, len(self._keys) - height))

    def _reveal(self, height: int) -> None:
        if self._index < self.offset:
            self.offset = self._index
        elif self._index >= self.offset + height:
            self.offset = self._index - height + 1

    def toggle(self) -> None:
        """Mark the cursor's row, or unmark it; a heading has no mark."""
        if self.cursor is not None and self.cursor.host:
            self.marks ^= {self.cursor}

    def toggle_all(self, keys: Collection[ObjectId]) -> None:
        """Mark all of these, or unmark them when all are marked."""
        self.marks = self.marks - set(keys) if self.marks.issuperset(keys) else self.marks | {*keys}

    def invert(self) -> None:
        """Mark what is shown and was not marked, and the other way round."""
        self.marks ^= {key for key in self._keys if key.host}

    def visible(self, height: int) -> Sequence[ObjectId]:
        """The keys in view."""
        return self._keys[self.offset : self.offset + height]

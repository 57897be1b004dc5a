"""A picker: a list that is searched by words, or a menu whose items have keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from textual import events
from textual.widgets import Input

from virttui.modals.base.modal import Dialog
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Background, Line, Role, Run, clean, cut_end, fit, within
from virttui.render.search import PickerItem, search

T = TypeVar("T")


class PickerDialog(Dialog[T], Generic[T]):
    """Returns the value of the chosen item, or None.

    Without ``typed``, the keys of the items choose at once. An item that only says what is missing
    has None as its value, and ``why_not``.
    """

    WIDTH = 66
    LEAST_WORDS = 26
    """The least width of the column of words."""

    def __init__(
        self, title: str, entries: Sequence[PickerItem[T | None]], *, typed: bool = True
    ) -> None:
        super().__init__(title, field=typed)
        self._entries = entries
        self._typed = typed
        self._found = search(entries, "")
        self._searched = ""
        self._place = 0
        self._widths = _widths(entries, typed)

    def on_mount(self) -> None:
        """Put the cursor into the search field."""
        if self._typed:
            self._input.focus()

    def body(self) -> list[Line]:
        """The list, or nothing while the field stands above it."""
        return [] if self._typed else self._list()

    def foot(self) -> list[Line]:
        """The list under the field."""
        self.field_note(" ", BLANK)
        return [BLANK, *self._list()]

    @property
    def list_room(self) -> int:
        """How many lines there are for the items."""
        return max(1, self.room - (1 if self.tight else 3))

    def _list(self) -> list[Line]:
        room = min(14, self.list_room)
        start = max(0, min(self._place - room + 1, len(self._found) - room))
        shown = self._found[start : start + room]
        lines = [self._entry(start + place, entry) for place, entry in enumerate(shown)]
        if not lines:
            lines.append((Run("no match", Role.MUTED),))
        # The box keeps its height while it is searched; only a menu is as tall as its list.
        return lines + [BLANK] * (room - len(lines)) if self._typed else lines

    def _entry(self, place: int, entry: PickerItem[T | None]) -> Line:
        background = Background.CHOSEN if place == self._place else Background.PLAIN
        role = Role.FAINT if entry.why_not else Role.TEXT
        note = entry.why_not or entry.note
        keys, words = self._widths
        key = fit(entry.key, keys)
        words = max(self.LEAST_WORDS, min(words, self.width // 2))
        room = max(4, self.width - words - 4 - keys)
        return within(
            (
                Run(f" {key}", Role.FAINT if entry.why_not else Role.ACCENT_STRONG, background),
                Run(f" {fit(entry.words, words)} ", role, background),
                Run(
                    cut_end(clean(note), room),
                    Role.FAINT if entry.why_not else Role.MUTED,
                    background,
                ),
            ),
            self.width,
            background,
        )

    def hints(self) -> list[KeyHint]:
        """The keys."""
        shown = [
            KeyHint("↑↓", "move"),
            KeyHint("enter", "choose"),
            KeyHint("esc", "close", keep=True),
        ]
        return [KeyHint("type", "search"), *shown] if self._typed else shown

    def replace(self, entries: Sequence[PickerItem[T | None]]) -> None:
        """Show other items; the typed words still filter them."""
        self._entries = entries
        self._widths = _widths(entries, self._typed)
        self._search(self._searched)
        if self.is_mounted:
            self.draw()

    def renew(self, entries: Sequence[PickerItem[T | None]]) -> None:
        """Show the same items with new notes; the cursor stays."""
        place = self._place
        self.replace(entries)
        self._place = max(0, min(place, len(self._found) - 1))
        self.draw()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter the items while the user types."""
        self._search(event.value)
        self.draw()

    def _search(self, typed: str) -> None:
        self._searched, self._place = typed, 0
        self._found = search(self._entries, typed)

    def take_key(self, event: events.Key) -> bool:
        """Move, choose or search; without a search field the keys of the items choose."""
        steps = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}
        key = event.key
        if key in steps:
            self._place = max(0, min(self._place + steps[key], len(self._found) - 1))
            self.draw()
        elif key == "escape":
            self.finish(None)
        elif key == "enter":
            self._enter()
        elif self._typed:
            return self._input.take_key(event)
        else:
            self._press(key)
        return True

    def _enter(self) -> None:
        """Choose the item under the cursor, after the last typed letters were applied."""
        if self._typed and self._input.value != self._searched:
            self._search(self._input.value)
        if self._found:
            self._choose(self._found[self._place])

    def _press(self, key: str) -> None:
        if key in ("q", "n") and not any(entry.key == key for entry in self._entries):
            self.finish(None)
        for entry in self._entries:
            if entry.key == key:
                self._choose(entry)
                return

    def _choose(self, entry: PickerItem[T | None]) -> None:
        if not entry.why_not:
            self.finish(entry.value)


def _widths(entries: Sequence[PickerItem[object]], typed: bool) -> tuple[int, int]:
    """The widths of the key column, 0 without keys, and of the text column."""
    keys = (7 if typed else 3) if any(entry.key for entry in entries) else 0
    return keys, max((len(entry.words) for entry in entries), default=0)

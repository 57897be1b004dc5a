"""A one-line editor that takes its keys at once, and whoever takes keys.

The toolkit sends a key through the queues of the widgets it concerns, so keys that come in a burst
(a slow link, a paste, fast hands) can overtake each other on the way from one screen to the next.
Here the app gives each key to the screen on top and goes on when it has been dealt with.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from textual import events
from textual.widgets import Input


@runtime_checkable
class KeyHandler(Protocol):
    """A screen that deals with keys itself."""

    def take_key(self, event: events.Key) -> bool:
        """Deal with a key; false when it means nothing here."""


class Field(Input):
    """The field of every prompt and form."""

    def __init__(self, **options: object) -> None:
        super().__init__(select_on_focus=False, compact=True, **options)  # type: ignore[arg-type]
        self._edits = {
            "backspace": self.action_delete_left,
            "ctrl+h": self.action_delete_left,
            "delete": self.action_delete_right,
            "ctrl+d": self.action_delete_right,
            "left": self.action_cursor_left,
            "right": self.action_cursor_right,
            "ctrl+left": self.action_cursor_left_word,
            "ctrl+right": self.action_cursor_right_word,
            "home": self.action_home,
            "ctrl+a": self.action_home,
            "end": self.action_end,
            "ctrl+e": self.action_end,
            "ctrl+w": self.action_delete_left_word,
            "ctrl+u": self.action_delete_left_all,
            "ctrl+k": self.action_delete_right_all,
        }

    def fill(self, text: str) -> None:
        """Put in a value that was there before: all of it is selected, so that the first letter
        replaces it, while arrows, home and end keep it to be edited."""
        self.value = text
        self.select_all()

    def take_key(self, event: events.Key) -> bool:
        """Edit; every key with a letter is text."""
        if event.is_printable and event.character is not None:
            selection = self.selection
            if selection.is_empty:
                self.insert_text_at_cursor(event.character)
            else:
                self.replace(event.character, *selection)
            return True
        edit = self._edits.get(event.key)
        if edit is not None:
            edit()
        return edit is not None

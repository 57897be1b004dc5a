"""A dialog with one input, which ``enter`` takes if its text is valid."""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.widgets import Input

from virttui.modals.base.modal import Dialog

T = TypeVar("T")


class InputDialog(Dialog[T]):
    """Returns ``result``, or None. Subclasses compute it from the input."""

    def result(self) -> T | None:
        """The result of the typed text; None while the text is invalid."""
        raise NotImplementedError

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check the text while the user types."""
        self.draw()

    def take_key(self, event: events.Key) -> bool:
        """Enter takes a valid text, escape cancels; every other key edits."""
        if event.key == "escape":
            self.finish(None)
        elif event.key != "enter":
            return self._input.take_key(event)
        elif (result := self.result()) is not None:
            self.finish(result)
        return True

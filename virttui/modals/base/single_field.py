"""A sheet with one field, which ``enter`` takes when what is in it can be used."""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.widgets import Input

from virttui.modals.base.modal import Dialog

T = TypeVar("T")


class InputDialog(Dialog[T]):
    """Gives back ``result``, or None. Subclasses say what it is as long as it can be used."""

    def result(self) -> T | None:
        """What ``enter`` would give back; None while it cannot be used."""
        raise NotImplementedError

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check as it is typed."""
        self.draw()

    def take_key(self, event: events.Key) -> bool:
        """Enter takes what can be used, escape nothing; every other key edits."""
        if event.key == "escape":
            self.finish(None)
        elif event.key != "enter":
            return self._input.take_key(event)
        elif (result := self.result()) is not None:
            self.finish(result)
        return True

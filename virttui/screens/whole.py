"""The base of all full screens."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual import events
from textual.screen import Screen

T = TypeVar("T")


class WholeScreen(Screen[T], Generic[T], inherit_bindings=False):
    """A screen that always has the terminal's size."""

    def on_resize(self, event: events.Resize) -> None:
        """Drop what is stale: the layout's own echo of a size may overtake the terminal's next.

        The screen would be laid out for a size that the terminal has no more, and stay so.
        """
        if event.size != self.app.size:
            event.prevent_default()

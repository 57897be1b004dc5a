"""A screen that deeds are done from, as the deeds see it."""

from __future__ import annotations

from typing import Protocol

from textual.app import App

from virttui.model.commands import Target
from virttui.panes.glyphs import Look
from virttui.panes.stage import Stage
from virttui.widgets.console import Console


class Place(Protocol):
    """A screen that deeds are done from."""

    @property
    def stage(self) -> Stage:
        """What the hands have chosen there."""

    @property
    def app(self) -> App[object]:
        """Where modals are pushed."""

    @property
    def console(self) -> Console:
        """Who commands are handed to."""

    @property
    def look(self) -> Look:
        """How things are drawn now."""

    def say(self, words: str, *, bad: bool = False, name: str = "") -> None:
        """Say something in the answer line for a few seconds."""

    def show(self, target: Target) -> bool:
        """Put the cursor on an object, where this screen lists any; false while it is not there."""

    def paint(self) -> None:
        """Draw everything anew."""

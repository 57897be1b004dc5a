"""A full page that is drawn from a view state: its size, its answer line, the ends of tasks."""

from __future__ import annotations

from abc import abstractmethod
from typing import Generic, TypeVar

from textual import events

from virttui.model.tasks import Task
from virttui.panes.main.view_state import MainViewState
from virttui.render.grid import fits
from virttui.widgets.base_screen import LineScreen

T = TypeVar("T")


class StatePage(LineScreen[T], Generic[T], inherit_bindings=False):
    """A page that paints what changed of its view state."""

    view_state: MainViewState

    @abstractmethod
    def paint(self) -> None:
        """Draw everything; what is as before costs nothing."""

    def on_task(self, task: Task) -> None:
        """A task of this run changed: its end is told in the answer line."""
        self.view_state.on_task(task, self.look.now)

    def on_resize(self, event: events.Resize) -> None:
        """Share out the cells anew."""
        if fits(event.size.width, event.size.height):
            self.view_state.resize(event.size.width, event.size.height)
            if self.is_current:
                self.paint()

    def show_message(self, words: str, *, bad: bool = False, name: str = "") -> None:
        """Say something in the answer line for a few seconds."""
        self.view_state.notice(words, self.look.now, bad=bad, name=name)
        if self.is_current:
            self.paint()

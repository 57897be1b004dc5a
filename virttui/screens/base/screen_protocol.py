"""What flows and actions may use of the screen they run on."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Protocol, TypeVar

from textual.app import App
from textual.geometry import Size
from textual.screen import Screen

from virttui.model.commands import Target
from virttui.panes.main.view_state import MainViewState
from virttui.render.glyphs import RenderContext
from virttui.widgets.app_protocol import AppServices

R = TypeVar("R")


class FlowScreen(Protocol):
    """A screen that runs flows: coroutines that show dialogs or work in the background."""

    @property
    def app(self) -> App[object]:
        """The app, to open another screen."""

    def run_flow(self, flow: Coroutine[object, object, None]) -> None:
        """Run a coroutine that shows dialogs or works in the background, as a task of the screen.

        The task is cancelled when the screen is closed.
        """

    async def show_dialog(self, dialog: Screen[R]) -> R:
        """Show a dialog and return its result. Only a flow may call this."""


class ActionScreen(FlowScreen, Protocol):
    """A screen that actions run on."""

    @property
    def view_state(self) -> MainViewState:
        """The lists of the screen, with the selected and marked rows."""

    @property
    def console(self) -> AppServices:
        """The app: it takes commands and queries."""

    @property
    def look(self) -> RenderContext:
        """How things are drawn now."""

    @property
    def is_current(self) -> bool:
        """Whether the screen is on top of all others."""

    @property
    def size(self) -> Size:
        """The size of the screen in character cells."""

    def show_message(self, words: str, *, bad: bool = False, name: str = "") -> None:
        """Say something in the answer line for a few seconds."""

    def show(self, target: Target) -> bool:
        """Put the cursor on an object, where this screen lists any; false while it is not there."""

    def paint(self) -> None:
        """Draw everything anew."""

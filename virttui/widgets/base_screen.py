"""What every full screen of lines has: the app behind it, and how it lies under another one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Generator
from typing import Generic, TypeVar

from textual.screen import Screen

from virttui.render.glyphs import RenderContext
from virttui.widgets.app_protocol import AppServices, console_of
from virttui.widgets.line_view import LineView
from virttui.widgets.live_screen import LiveScreen

T = TypeVar("T")
R = TypeVar("R")


class LineScreen(LiveScreen, Screen[T], Generic[T], inherit_bindings=False):
    """A screen of lines. Behind another one it is faint; on top again it takes the newest."""

    AUTO_FOCUS = ""

    @property
    def console(self) -> AppServices:
        """The app, as screens see it."""
        return console_of(self)

    @property
    def look(self) -> RenderContext:
        """How things are drawn now."""
        return self.console.look

    def on_screen_suspend(self) -> None:
        """Frozen and faint while something lies on top."""
        for lines in self.query(LineView):
            lines.dim(True)

    def on_screen_resume(self) -> None:
        """Take the newest again."""
        for lines in self.query(LineView):
            lines.dim(False)
        self.console.update_screen()

    # -- flows -----------------------------------------------------------------------------

    def run_flow(self, flow: Coroutine[object, object, None]) -> None:
        """Run a coroutine that shows dialogs or works in the background, as a task of this screen.

        The task is cancelled when the screen is closed. An exception in it ends the app, as one in
        a handler does. No key waits for it; see ``flows_advanced``.
        """
        self.run_worker(_Flow(flow))

    async def show_dialog(self, dialog: Screen[R]) -> R:
        """Show a dialog and return its result. Only a flow may call this."""
        closed = self.app.push_screen(dialog, wait_for_dismiss=True)
        # Unlike the future itself, ``wait`` may be cancelled while the dialog is still open.
        await asyncio.wait({closed})
        return closed.result()


class _Flow(Awaitable[None]):
    """A flow that is closed when it was cancelled before its first step, so that Python does not
    report it as never awaited."""

    def __init__(self, flow: Coroutine[object, object, None]) -> None:
        self._flow = flow

    def __await__(self) -> Generator[object, object, None]:
        return self._flow.__await__()

    def __del__(self) -> None:
        self._flow.close()


async def flows_advanced() -> None:
    """Let a flow that a key has started or resumed run up to its next dialog.

    The app awaits this before it looks at the next key, which may be meant for that dialog. A task
    that was just created runs after the loop has turned once, one whose dialog was closed after
    the second time; the flow that such a one starts (the progress of a batch) after the third.
    """
    for _ in range(3):
        await asyncio.sleep(0)

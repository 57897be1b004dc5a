"""What every full screen of lines has: the app behind it, and how it lies under another one."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.screen import Screen

from virttui.render.glyphs import RenderContext
from virttui.widgets.app_protocol import AppServices, console_of
from virttui.widgets.line_view import LineView

T = TypeVar("T")


class LineScreen(Screen[T], Generic[T], inherit_bindings=False):
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
        self.console.feed()

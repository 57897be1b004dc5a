"""The page for a terminal that is too small."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from virttui.render.grid import LEAST_HEIGHT, LEAST_WIDTH
from virttui.render.line import Line, Role, Run
from virttui.widgets.app_protocol import console_of
from virttui.widgets.line_view import LineView


class SmallScreen(Screen[None], inherit_bindings=False):
    """Says what is needed, and quits on ``q``."""

    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__(name="small")
        self._page = LineView(id="page")

    def compose(self) -> ComposeResult:
        """One line, wrapped."""
        yield self._page

    def on_resize(self) -> None:
        """The sentence, as far as it fits."""
        width, height = self.app.size
        need = f"{LEAST_WIDTH}x{LEAST_HEIGHT}"
        words = f"virttui needs {need}, this is {width}x{height}"
        lines: list[Line] = [(Run(part),) for part in _broken(words, max(1, width))]
        lines.append((Run("q", Role.ACCENT_STRONG), Run(" quit")))
        self._page.set_lines(lines)

    def take_key(self, event: events.Key) -> bool:
        """Quit."""
        if event.key in ("q", "ctrl+c"):
            console_of(self).leave()
        return True


def _broken(words: str, width: int) -> list[str]:
    from virttui.render.line import wrapped

    return wrapped(words, width)

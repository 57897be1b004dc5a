"""The base of all dialogs: a bordered box of lines over a frozen screen, its keys at the bottom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget

from virttui.render.chrome import KeyHint, keys_line
from virttui.render.glyphs import RenderContext
from virttui.render.line import BLANK, Background, Line, Role, Run, clean, cut, on, within
from virttui.widgets.app_protocol import AppServices, console_of
from virttui.widgets.field import Field
from virttui.widgets.line_view import LineView
from virttui.widgets.live_screen import LiveScreen

T = TypeVar("T")


class Dialog(LiveScreen, ModalScreen[T | None], Generic[T], inherit_bindings=False):
    """A modal. Subclasses give ``body`` (lines), ``hints`` and answer ``key``."""

    AUTO_FOCUS = ""
    WIDTH = 58

    def __init__(self, title: str, *, danger: bool = False, field: bool = False) -> None:
        super().__init__(classes="danger" if danger else None)
        self._title = title
        self._field = field
        self._box = Vertical(id="box")
        self._body = LineView(id="body")
        self._foot = LineView(id="foot")
        self._keys = LineView(id="keys")
        self._input = Field()
        self._before = LineView(id="before")
        self._note = LineView(id="note")

    @property
    def console(self) -> AppServices:
        """The app, as screens see it."""
        return console_of(self)

    @property
    def look(self) -> RenderContext:
        """The glyphs and units to draw with."""
        return self.console.look

    @property
    def width(self) -> int:
        """The width inside the border and its padding of one blank each side."""
        return min(self.WIDTH, self.app.size.width - 2) - 4

    def compose(self) -> ComposeResult:
        """Border, lines, and a field where one is wanted."""
        self._box.border_title = Content(cut(clean(self._title), max(8, self.width - 4)))
        parts: list[Widget] = [self._body]
        if self._field:
            parts += [Horizontal(self._before, self._input, self._note, id="field"), self._foot]
        with self._box:
            yield from parts
        yield self._keys

    def on_mount(self) -> None:
        """Draw for the first time."""
        self.lay_out()
        self.draw()

    def on_resize(self, event: events.Resize) -> None:
        """Keep the box inside the terminal."""
        self.lay_out()
        self.draw()

    def lay_out(self) -> None:
        """Give the box its width."""
        self._box.styles.width = self.width + 4

    def take_key(self, event: events.Key) -> bool:
        """Handle a key."""
        raise NotImplementedError

    def finish(self, result: T | None) -> None:
        """Close with a result; a second call, by keys that were typed too fast, does nothing."""
        if self.is_current:
            self.dismiss(result)

    @property
    def tight(self) -> bool:
        """Whether there is no room for blank lines."""
        return self.app.size.height < 16

    @property
    def room(self) -> int:
        """The number of lines for all parts: the terminal without border and keys."""
        height = self.app.size.height
        return max(4, height - 3 if self.tight else height - 8)

    def taken(self, *parts: Sequence[Line]) -> int:
        """The number of lines that parts take here."""
        return sum(1 for part in parts for line in part if line or not self.tight)

    def draw(self) -> None:
        """Draw everything; unchanged lines cost nothing."""
        self._box.styles.padding = (0 if self.tight else 1, 0, 0, 0)
        self._put(self._body, self.body())
        if self._field:
            self._put(self._foot, self.foot())
        self._keys.set_lines([self.look.with_glyphs(keys_line(self.hints(), self.app.size.width))])

    def _put(self, target: LineView, lines: Sequence[Line]) -> None:
        lines = [line for line in lines if line or not self.tight]
        target.styles.height = len(lines)
        width = self.width + 2
        padded = [within((Run(" "), *line), width) for line in lines]
        target.set_lines([self.look.with_glyphs(on_panel(line)) for line in padded])

    def body(self) -> list[Line]:
        """The lines above the field, or all of them."""
        raise NotImplementedError

    def foot(self) -> list[Line]:
        """The lines under the field."""
        return []

    def hints(self) -> list[KeyHint]:
        """The keys of this modal."""
        return []

    def field_note(self, before: str, note: Line, role: Role = Role.TEXT) -> None:
        """Set the texts before and after the input."""
        for lines, line in ((self._before, (Run(before, role),)), (self._note, note)):
            lines.styles.width = sum(len(run.text) for run in line)
            lines.set_lines([on_panel(line)])


def on_panel(line: Line) -> Line:
    """The line on the background of a dialog; runs with a background of their own keep it."""
    return tuple(
        run._replace(background=Background.PANEL) if run.background is Background.PLAIN else run
        for run in line
    )


def button(key: str, words: str, *, focused: bool = False, possible: bool = True) -> Line:
    """A button: reversed in accent when it has the focus, else plain with its key."""
    if focused:
        return (Run(f" {words} ", Role.BUTTON),)
    if not possible:
        return on((Run(f" {words} ", Role.FAINT),), Background.FIELD)
    shown = (Run(f" {key}", Role.ACCENT_STRONG), Run(f" {words} ")) if key else (Run(f" {words} "),)
    return on(shown, Background.FIELD)


def row(*parts: Line) -> Line:
    """Several buttons in one line."""
    runs: list[Run] = []
    for part in parts:
        runs += [*([Run("  ")] if runs else []), *part]
    return tuple(runs)


def bold(text: str, name: str) -> Line:
    """``text`` with the first ``name`` in it in bold."""
    shown = clean(name)
    before, found, after = clean(text).partition(shown)
    return (Run(before), Run(found, Role.STRONG), Run(after)) if found else (Run(before),)


__all__ = ["BLANK", "Dialog", "bold", "button", "on_panel", "row"]

"""The one-line editor of ``/`` and ``:``, which takes the answer line's place."""

from __future__ import annotations

import re
from collections.abc import Callable

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from virttui.render.line import Line, Role, Run
from virttui.widgets.field import Field
from virttui.widgets.line_view import LineView


class _Underline(Highlighter):
    """Underlines the word that is wrong."""

    def __init__(self) -> None:
        self.word = ""

    def highlight(self, text: Text) -> None:
        if self.word:
            for match in re.finditer(re.escape(self.word), text.plain):
                text.stylize("underline", match.start(), match.end())


class _Ghost(Suggester):
    """Shows, faint behind the cursor, how what is typed could go on."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.complete: Callable[[str], str] = lambda typed: ""

    async def get_suggestion(self, value: str) -> str | None:
        whole = self.complete(value) if value else ""
        return whole if whole.startswith(value) else None


class Prompt(Horizontal):
    """A sign, what is typed, and a note at the right end."""

    class Typed(Message):
        """What is typed has changed."""

        def __init__(self, sign: str, text: str) -> None:
            super().__init__()
            self.sign, self.text = sign, text

    def __init__(self) -> None:
        super().__init__()
        self._underline = _Underline()
        self._ghost = _Ghost()
        self._sign = LineView(id="sign")
        self._note = LineView(id="note")
        self._input = Field(highlighter=self._underline, suggester=self._ghost)
        self.sign = ""
        self.display = False

    def compose(self) -> ComposeResult:
        """Sign, field, note."""
        yield self._sign
        yield self._input
        yield self._note

    def open(self, sign: str, text: str, *, hidden: bool = False) -> None:
        """Take the focus with ``sign`` before ``text``; ``hidden`` shows dots for what is typed."""
        self.sign = sign
        self._input.password = hidden
        self.display = True
        self._sign.set_lines([(Run(" "), Run(sign, Role.ACCENT_STRONG))])
        self._input.value = text
        self._input.cursor_position = len(text)
        self.screen.set_focus(self._input)
        self.note((), "")

    def close(self) -> None:
        """Give the line back."""
        self.sign = ""
        self.display = False
        if self._input.password:
            self._input.value = ""
            self._input.password = False
        self.screen.set_focus(None)

    @property
    def text(self) -> str:
        """What is typed."""
        return self._input.value

    def replace(self, text: str) -> None:
        """Put other text in its place."""
        self._input.value = text
        self._input.cursor_position = len(text)

    def note(self, line: Line, error: str) -> None:
        """Say something at the right end, and underline the word that is wrong."""
        width = sum(len(run.text) for run in line)
        self._note.styles.width = width
        self._note.set_lines([line])
        if self._underline.word != error:
            self._underline.word = error
            self._input.refresh()

    def complete_with(self, complete: Callable[[str], str]) -> None:
        """How what is typed could go on: the whole text for the text so far, or ""."""
        self._ghost.complete = complete

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell what is typed."""
        event.stop()
        if self.sign:
            self.post_message(self.Typed(self.sign, event.value))

    def take_key(self, event: events.Key) -> bool:
        """Edit what is typed."""
        return self._input.take_key(event)

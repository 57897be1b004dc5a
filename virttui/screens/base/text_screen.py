"""A full page of text that may grow: searched, copied, closed with ``esc``.

Where the text comes from is a ``Source``: it is started with the page and ended with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from textual import events
from textual.app import ComposeResult

from virttui import formatting
from virttui.render.chrome import KeyHint, keys_line, rule
from virttui.render.line import Line, Role, Run, clean, cut_end, ends
from virttui.render.text_page import TextPage
from virttui.screens.base.copy_menu import copy_selected
from virttui.store.fleet_state import FleetState
from virttui.widgets.base_screen import LineScreen
from virttui.widgets.line_view import LineView
from virttui.widgets.prompt import Prompt

MOST_COPIED = 1 << 20
"""Bytes that are handed to the terminal's clipboard at most."""
_AROUND = 3
"""Lines of the screen that are not the page: its rule, the answer line, the keys."""


class TextSource(Protocol):
    """What fills a page."""

    async def fill(self, page: TextScreen) -> None:
        """Add lines until there are no more; runs beside the screen's loop, may be cancelled."""

    def stop(self) -> None:
        """End at once whatever still works for this page: it is being closed."""


class TextScreen(LineScreen[None], inherit_bindings=False):
    """A title, lines, and a status on the right of the title. ``follow`` keeps to the last line."""

    def __init__(self, title: str, source: TextSource, *, follow: bool = False) -> None:
        super().__init__(name="output")
        self.page = TextPage(follow=follow)
        self._title = title
        self._source = source
        self._status: Callable[[], str] = lambda: ""
        self._job: asyncio.Task[None] | None = None
        self._said: Line = ()
        self._rule = LineView(id="rule")
        self._lines = LineView(id="page")
        self._answer = LineView(id="answer")
        self._prompt = Prompt()
        self._keys = LineView(id="keys")
        self._does: dict[str, Callable[[], object]] = {
            "up": lambda: self.page.move(-1),
            "k": lambda: self.page.move(-1),
            "down": lambda: self.page.move(1),
            "j": lambda: self.page.move(1),
            "g": lambda: self.page.go(0),
            "home": lambda: self.page.go(0),
            "G": lambda: self.page.go(len(self.page.lines)),
            "end": lambda: self.page.go(len(self.page.lines)),
            "pagedown": lambda: self.page.turn(1),
            "space": lambda: self.page.turn(1),
            "pageup": lambda: self.page.turn(-1),
            "ctrl+d": lambda: self.page.turn(0.5),
            "ctrl+u": lambda: self.page.turn(-0.5),
            "left": lambda: self.page.sideways(-1),
            "right": lambda: self.page.sideways(1),
            "slash": self._search,
            "n": lambda: self._next(1),
            "N": lambda: self._next(-1),
            "y": self._copy_line,
            "Y": self._copy_all,
            "ctrl+c": self._copy_selected,
            "escape": self._back,
            "q": self._close,
        }

    def compose(self) -> ComposeResult:
        """Title, page, answer line or what is searched for, keys."""
        yield self._rule
        yield self._lines
        yield self._answer
        yield self._prompt
        yield self._keys

    def on_mount(self) -> None:
        """Draw the empty page, then have it filled."""
        self.draw()
        self._job = asyncio.create_task(self._source.fill(self))

    async def on_unmount(self) -> None:
        """Nothing goes on behind a page that is closed, nor when the app has ended."""
        self._source.stop()
        if self._job is not None:
            self._job.cancel()
            await asyncio.wait({self._job})

    # -- what the source says --------------------------------------------------------------

    def add(self, lines: Iterable[str]) -> None:
        """Put lines behind the others."""
        self.page.add(lines)
        self.draw()

    def status(self, words: Callable[[], str]) -> None:
        """What stands right of the title; asked again each time the page is drawn."""
        self._status = words
        self.draw()

    def show_message(self, words: str, *, bad: bool = False) -> None:
        """Say something in the answer line until the next key."""
        self._said = (Run(f" {clean(words)}", Role.BAD if bad else Role.TEXT),)
        self.draw()

    # -- drawing ---------------------------------------------------------------------------

    def update_state(self, fleet_state: FleetState) -> None:
        """Time goes on."""
        self.draw()

    def on_resize(self) -> None:
        """Lines follow the width."""
        self.draw()

    def draw(self) -> None:
        """Draw everything; what is as before costs nothing."""
        if not self.is_mounted:
            return
        look = self.console.look
        width, height = self.app.size
        self.page.resize(height - _AROUND)
        self._rule.set_lines([look.with_glyphs(rule(self._title, self._status(), look, width))])
        self._lines.set_lines([look.with_glyphs(line) for line in self.page.draw(look, width)])
        said = self._said or self._search_words()
        left = tuple(run._replace(text=cut_end(run.text, width - 20)) for run in said)
        right = (Run(f"{self.page.position} ", Role.MUTED),)
        self._answer.set_lines([look.with_glyphs(ends(left, right, width))])
        self._keys.set_lines([look.with_glyphs(keys_line(self._hints(), width))])

    def _search_words(self) -> Line:
        if not self.page.searched:
            return ()
        return (
            Run(f" /{clean(self.page.searched)}  ", Role.ACCENT),
            Run(self.page.counted(), Role.MUTED),
        )

    def _hints(self) -> list[KeyHint]:
        if self._prompt.sign:
            return [KeyHint("enter", "keep"), KeyHint("esc", "discard")]
        found = bool(self.page.hits)
        return [
            KeyHint("/", "search"),
            KeyHint("n N", "next, before", found),
            KeyHint("g G", "first, last"),
            KeyHint("←→", "sideways"),
            KeyHint("y", "copy line"),
            KeyHint("Y", "copy all"),
            KeyHint("esc", "close", keep=True),
        ]

    # -- keys ------------------------------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """What is searched for is typed in the answer line; everything else moves or copies."""
        if self._prompt.sign:
            return self._type(event)
        done = self._does.get(event.key)
        if done is not None:
            self._said = ()
            done()
            self.draw()
        return True

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the page."""
        self.page.move(3)
        self.draw()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves the page."""
        self.page.move(-3)
        self.draw()

    def _back(self) -> None:
        """Take one layer away: what is searched for, then the page."""
        if self.page.searched:
            self.page.search("")
        else:
            self._close()

    def _close(self) -> None:
        if self.is_current:
            self.dismiss(None)

    # -- searching -------------------------------------------------------------------------

    def _search(self) -> None:
        self._answer.display = False
        self._prompt.open("/", self.page.searched)

    def _type(self, event: events.Key) -> bool:
        if event.key in ("enter", "escape"):
            self.page.search(self._prompt.text if event.key == "enter" else "")
            self._prompt.close()
            self._answer.display = True
            self.draw()
            return True
        return self._prompt.take_key(event)

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Search as it is typed."""
        if not self._prompt.sign:
            return
        self.page.search(event.text)
        words = self.page.counted()
        role = Role.MUTED if self.page.hits else Role.BAD
        self._prompt.note((Run(f"{words} ", role),) if words else (), "")
        self.draw()

    def _next(self, step: int) -> None:
        if not self.page.next_hit(step):
            self.show_message("nothing is searched for: / searches")

    # -- copying ---------------------------------------------------------------------------

    def _copy_line(self) -> None:
        if self.page.lines:
            self.app.copy_to_clipboard(self.page.lines[self.page.place])
            self.show_message("copied the line")

    def _copy_all(self) -> None:
        whole = "\n".join(self.page.lines)
        if len(whole) > MOST_COPIED:
            self.show_message(
                f"{formatting.size(len(whole))} are too much for a terminal's clipboard", bad=True
            )
        else:
            self.app.copy_to_clipboard(whole)
            self.show_message(f"copied {formatting.counted(len(self.page.lines), 'line')}")

    def _copy_selected(self) -> None:
        self.show_message(copy_selected(self, "esc closes"))

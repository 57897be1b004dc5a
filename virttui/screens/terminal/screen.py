"""A program of this computer on a page of its own: its terminal, its keys, how it ended."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from virttui.local.pty_process import PtyProcess
from virttui.panes.terminal import page as pages
from virttui.panes.terminal.page import TerminalPage
from virttui.render.chrome import keys_line
from virttui.render.line import Line, Role, Run, clean
from virttui.screens.base.copy_menu import copy_selected
from virttui.screens.base.key_pages import program_keys_page
from virttui.screens.console.guest_view import GuestView, TerminalChanged
from virttui.screens.console.search import ConsoleSearch
from virttui.screens.console.session import make_terminal
from virttui.store.fleet_state import FleetState
from virttui.terminal.keys import ESCAPE_KEY, key_bytes
from virttui.terminal.parser import Parser
from virttui.terminal.paste import Paste
from virttui.terminal.screen import TerminalScreen
from virttui.widgets.base_screen import LineScreen
from virttui.widgets.line_view import LineView
from virttui.widgets.prompt import Prompt

STOP_TYPING = "ctrl+right_square_bracket"
_AROUND = 3
"""Lines of the page that are not the program's: its rule, the answer, the keys."""
_OURS = frozenset({"COLORTERM", "COLUMNS", "LINES", "TERM_PROGRAM", "TERM_PROGRAM_VERSION"})
"""Variables that speak of the app's terminal and not of this one."""


class ProgramEnded(Message):
    """The program ended with a status."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


def environment() -> Mapping[str, str]:
    """The app's environment as a program on this terminal sees it."""
    kept = {name: value for name, value in os.environ.items() if name not in _OURS}
    return {**kept, "TERM": "xterm-256color"}


class TerminalProgramScreen(LineScreen[None], inherit_bindings=False):
    """Runs a program; while keys go to it, ctrl+] alone is ours, then esc ends it and goes back."""

    def __init__(self, title: str, line: Sequence[str]) -> None:
        super().__init__(name="terminal")
        self._line = tuple(line)
        self._wants_typing = True
        self._began = time.monotonic()
        self._page = TerminalPage(title)
        self._said: Line = ()
        self._process: PtyProcess | None = None
        self._terminal: TerminalScreen | None = None
        self._parser: Parser | None = None
        self._view: GuestView | None = None
        self._search: ConsoleSearch | None = None
        self._rule = LineView(id="rule")
        self._main = Vertical(self._rule, id="guest")
        self._answer = LineView(id="answer")
        self._prompt = Prompt()
        self._keys = LineView(id="keys")

    def compose(self) -> ComposeResult:
        """The rule, the program, answer or what is searched for, keys."""
        yield self._main
        yield self._answer
        yield self._prompt
        yield self._keys

    def on_mount(self) -> None:
        """Make the terminal, and start the program on it."""
        self._paint()
        self.begin()

    def begin(self) -> None:
        """Start the program."""
        self.run_flow(self._start())

    def refuse(self, why_not: str) -> None:
        """Start nothing, and say why."""
        self._set(why_not=why_not)
        self._paint()

    async def _start(self) -> None:
        terminal = self._terminal = await make_terminal()
        self._parser = Parser(terminal, self._on_change, self._reply)
        self._view = GuestView(terminal, id="terminal")
        self._search = ConsoleSearch(terminal, self._view)
        await self._main.mount(self._view)
        size = self._room
        terminal.resize(*size)
        try:
            self._process = PtyProcess(
                self._line, size, self._parser.feed, self._on_end, environment()
            )
        except OSError as error:
            self.refuse(f"there is no terminal for it: {error.strerror}")
        self._paint()

    def on_unmount(self) -> None:
        """End the program with its page, also where the app ends."""
        if self._process is not None:
            self._process.end()
        if self._parser is not None:
            self._parser.close()
        if self._terminal is not None:
            self._terminal.close()

    @property
    def _room(self) -> tuple[int, int]:
        """Columns and rows of the program."""
        return max(2, self.size.width), max(1, self.size.height - _AROUND)

    # -- what the program does -------------------------------------------------------------

    def _on_change(self) -> None:
        """Called on the parser's thread."""
        with suppress(RuntimeError):  # the app has ended, and nobody looks any more
            self.post_message(TerminalChanged())

    def _on_end(self, status: int) -> None:
        """Called on the program's thread."""
        with suppress(RuntimeError):
            self.post_message(ProgramEnded(status))

    def _reply(self, data: bytes) -> None:
        """Send what the terminal replies."""
        if self._process is not None:
            self._process.write(data)

    def on_terminal_changed(self) -> None:
        """Show what it wrote."""
        if self._view is not None:
            self._view.read_terminal()
            if self._search is not None:
                self._search.follow()
            self._paint()

    def on_program_ended(self, event: ProgramEnded) -> None:
        """Say how it ended; what it wrote stays."""
        self._set(status=event.status)
        if self._parser is not None:
            self._parser.note(pages.ended(event.status), ended=True)
        self._paint()
        self.has_ended()

    def has_ended(self) -> None:
        """The program has ended."""

    def note(self, words: str) -> None:
        """Say what came of it besides its status."""
        self._set(note=words)
        self._paint()

    # -- painting --------------------------------------------------------------------------

    @property
    def is_typing(self) -> bool:
        """Whether keys go to the program."""
        return self._wants_typing and self._process is not None and self._page.runs

    def _set(self, **changes: object) -> None:
        self._page = replace(self._page, **changes)

    def update_state(self, fleet_state: FleetState) -> None:
        """Nothing of the fleet is shown here."""

    def on_resize(self, event: events.Resize) -> None:
        """Give the program the new size."""
        if self._terminal is not None:
            self._terminal.resize(*self._room)
        if self._process is not None:
            self._process.resize(*self._room)
        self._paint()

    def _paint(self) -> None:
        if not self.is_mounted:
            return
        look, width = self.look, self.size.width
        view, terminal, search = self._view, self._terminal, self._search
        self._set(
            typing=self.is_typing,
            size=self._room,
            searched=search.text if search is not None else "",
            found=search.found if search is not None else (0, 0),
        )
        if view is not None and terminal is not None:
            view.show_cursor(self.is_typing)
            line = None if view.is_following else view.visible_lines[1]
            self._set(line=line, kept=terminal.line_count)
        shown = pages.hints(self._page)
        self._answer.display = not self._prompt.sign
        self._rule.set_lines([look.with_glyphs(pages.rule(self._page, look, width))])
        self._answer.set_lines([look.with_glyphs(self._said or pages.answer(self._page))])
        self._keys.set_lines([look.with_glyphs(keys_line(shown, width))])

    def show_message(self, words: str, *, bad: bool = False) -> None:
        """Say something in the answer line until the next key."""
        self._said = (Run(f" {clean(words)}", Role.BAD if bad else Role.TEXT),)
        self._paint()

    # -- keys ------------------------------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """A key goes to the program, all but ctrl+]; while not typing it does what is said."""
        if self._prompt.sign:
            return self._type_search(event)
        if self.is_typing:
            if event.key == STOP_TYPING:
                self._wants_typing = False
                self._paint()
            else:
                self._send_key(event)
            return True
        self._said = ()
        done = self._does().get(event.key)
        if done is not None:
            done()
        if self.is_current:
            self._paint()
        return True

    def _does(self) -> dict[str, Callable[[], object]]:
        """What each key does while not typing."""
        return {
            "enter": self._enter,
            "escape": self._leave,
            "q": self._leave,
            STOP_TYPING: self._leave,
            "right_square_bracket": lambda: self._send(ESCAPE_KEY),
            "pageup": lambda: self._scroll_page(-1),
            "pagedown": lambda: self._scroll_page(1),
            "up": lambda: self._scroll(-1),
            "down": lambda: self._scroll(1),
            "G": self._show_newest,
            "end": self._show_newest,
            "slash": self._open_search,
            "n": lambda: self._next_match(1),
            "N": lambda: self._next_match(-1),
            "question_mark": lambda: self.app.push_screen(program_keys_page()),
            "ctrl+c": lambda: self.show_message(copy_selected(self, "esc goes back")),
        }

    def _send_key(self, event: events.Key) -> None:
        if self._terminal is None:
            return
        cursor_keys = self._terminal.modes.application_cursor
        self._send(key_bytes(event.key, event.character, application_cursor=cursor_keys))
        if self._view is not None and not self._view.is_following:
            self._show_newest()

    def _send(self, data: bytes) -> None:
        if data and self._process is not None and not self._process.write(data):
            self.show_message("it does not read what is typed", bad=True)

    def _enter(self) -> None:
        """Type again; back to the list where it has ended."""
        if self._page.runs:
            self._wants_typing = True
            self._show_newest()
        else:
            self._close()

    def _leave(self) -> None:
        """Go back; asks while it runs."""
        if self._page.runs and self._process is not None:
            self.run_flow(self._confirm_end())
        else:
            self._close()

    async def _confirm_end(self) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog

        question = Confirmation(
            "end a program",
            f"End {shlex.join(self._line)[:200]}?",
            "End it",
            consequence=f"It has run for {pages.lasted(time.monotonic() - self._began)}. It is "
            "hung up on, with all that it began: what it has not saved is lost.",
            alternative="Gentler: enter types into it again, and leaves it as it likes.",
            danger=True,
        )
        if not self._page.runs or await self.show_dialog(ConfirmDialog(question)) is not None:
            self._close()

    def _close(self) -> None:
        if self.is_current:
            self.dismiss(None)

    def on_paste(self, event: events.Paste) -> None:
        """Type what the terminal pastes."""
        event.stop()
        if self._prompt.sign or self._terminal is None:
            return
        if not self.is_typing:
            self.show_message("paste: not typing; enter types again")
            return
        paste = Paste(event.text, bracketed=self._terminal.modes.bracketed_paste)
        data = b"".join(iter(paste.next_piece, b""))
        if self._process is not None and not self._process.write(data):
            self.show_message("that is more than the program reads: nothing was pasted", bad=True)

    # -- older lines, searching ---------------------------------------------------------------

    def _scroll(self, by: int) -> None:
        if self._view is not None:
            self._view.scroll_lines(by)

    def _scroll_page(self, step: int) -> None:
        if self._view is not None:
            self._view.scroll_page(step)

    def _show_newest(self) -> None:
        if self._search is not None:
            self._search.clear()
        if self._view is not None:
            self._view.show_newest()
        self._paint()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel looks at older lines; keys still go where they went."""
        self._scroll(-3)
        self._paint()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel looks at newer lines."""
        self._scroll(3)
        self._paint()

    def _open_search(self) -> None:
        if self._search is not None:
            self._prompt.open("/", self._search.text)

    def _type_search(self, event: events.Key) -> bool:
        if event.key not in ("enter", "escape"):
            return self._prompt.take_key(event)
        text = self._prompt.text if event.key == "enter" else ""
        self._prompt.close()
        if text:
            self.run_flow(self._find(text, 0))
        elif self._search is not None:
            self._search.clear()
        self._paint()
        return True

    def _next_match(self, step: int) -> None:
        if self._search is None or not self._search.text:
            self.show_message("nothing is searched for: / searches")
        else:
            self.run_flow(self._find(self._search.text, step))

    async def _find(self, text: str, step: int) -> None:
        if self._search is not None:
            await self._search.look(text, step)
            if not self._search.found[1]:
                self.show_message(f"no line has {text}")
            self._paint()

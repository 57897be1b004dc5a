"""The page of a domain's console: the guest's terminal, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from virttui import formatting
from virttui.model.domains.consoles import ConsolePhase
from virttui.panes.console.page import is_compact, no_break
from virttui.render.chrome import KeyHint
from virttui.screens.base.copy_menu import copy_selected
from virttui.screens.base.key_pages import console_keys_page
from virttui.screens.console.other_console import OtherConsole
from virttui.screens.console.page_base import ConsoleBase
from virttui.screens.console.paste import RunningPaste
from virttui.screens.console.session import ConsoleSession
from virttui.terminal.keys import ESCAPE_KEY, key_bytes
from virttui.terminal.paste import LONGEST_LINE, Paste, long_lines, size_command
from virttui.terminal.screen import TerminalScreen

STOP_TYPING = "ctrl+right_square_bracket"
STILL_TYPED = 1.0
"""Seconds for which keys are dropped after the console was lost to somebody who typed into it."""

_FILE = "to file "
"""The sign before a path that is typed."""
_ASKED_FOR = (ConsolePhase.IN_USE, ConsolePhase.TAKEN_OVER, ConsolePhase.REFUSED)
"""Phases in which enter asks for the console again."""
_FOR_BOTH = frozenset({
    "pageup", "pagedown", "up", "down", "G", "end", "slash", "n", "N", "T", "right_square_bracket",
    "vertical_line", "question_mark", "ctrl+c",
})  # fmt: skip
"""Keys that act on the console beside it while that has the keys."""
_HELD = (ConsolePhase.IN_USE, ConsolePhase.TAKEN_OVER)
"""Phases in which somebody else has the console."""


class ConsoleScreen(ConsoleBase, inherit_bindings=False):
    """While keys go to the guest, ctrl+] alone is ours; then ctrl+] or esc lets go."""

    _asked_size = (80, 24)
    _cut_lines = 0
    _paste: RunningPaste | None = None

    def does(self) -> dict[str, Callable[[], object]]:
        """What each key does while not typing."""
        return {
            "enter": self._enter,
            "escape": self.leave,
            STOP_TYPING: self.leave,
            "right_square_bracket": self._send_escape_key,
            "pageup": lambda: self._scroll_page(-1),
            "pagedown": lambda: self._scroll_page(1),
            "up": lambda: self._scroll(-1),
            "down": lambda: self._scroll(1),
            "G": self.show_newest,
            "end": self.show_newest,
            "tab": self._next_part,
            "vertical_line": self.side.change,
            "z": self._ask_size,
            "b": self._break,
            "e": self._turn_file,
            "plus": self._toggle_side,
            "T": self._take_over,
            "slash": self._open_search,
            "n": lambda: self._next_match(1),
            "N": lambda: self._next_match(-1),
            "l": self._log,
            "v": self._open_guest_screen,
            "question_mark": lambda: self.app.push_screen(console_keys_page()),
            "ctrl+c": self._copy,
        }

    def take_key(self, event: events.Key) -> bool:
        """A key goes to the guest, all but ctrl+]; while not typing it does what the page says."""
        if self.prompt.sign:
            return self._type_search(event)
        if self._paste is not None:
            if event.key in ("escape", STOP_TYPING):
                self._stop_paste()
        elif self.view_state.question:
            self._answer_size(event.key)
        elif self.keyed.is_typing:
            if event.key == STOP_TYPING:
                self.keyed.wants_typing = False
            else:
                self._send_key(event)
                return True
        elif self.look.now < self.typing_ended + STILL_TYPED:
            return True
        else:
            self._take_page_key(event.key)
        if self.is_current:
            self.paint()
        return True

    def _take_page_key(self, key: str) -> None:
        """Do what a key means while not typing: beside it, on the page, to the guest's domain."""
        self.view_state.clear_message()
        if self.side.press(key, self._press_beside):
            return
        done = self.does().get(key)
        if done is not None:
            done()
            return
        starts = self.session is not None and self.session.phase is ConsolePhase.OFF
        self.wants_typing = self.wants_typing or (starts and key == "s")
        self.lifecycle.press(key)

    def _press_beside(self, key: str) -> bool:
        """Do what a key means for the console beside it; false for one that is not for it."""
        done = self.does().get(key) if key in _FOR_BOTH else None
        if done is not None:
            done()
        return done is not None

    # -- typing ----------------------------------------------------------------------------

    @property
    def keyed(self) -> ConsoleBase | OtherConsole:
        """The console that keys are for: the one of the page, or the one beside it."""
        return self.side.keyed or self

    def _send_key(self, event: events.Key) -> None:
        terminal, view = self.keyed.terminal, self.keyed.view
        if terminal is None:
            return
        application = terminal.modes.application_cursor
        self._send(key_bytes(event.key, event.character, application_cursor=application))
        if view is not None and not view.is_following:
            self.show_newest()
            self.paint()

    def _send(self, data: bytes) -> None:
        if self.keyed.session is not None:
            self.keyed.session.write(data)

    def _send_escape_key(self) -> None:
        if self._is_attached("send ctrl+]"):
            self._send(ESCAPE_KEY)
            self.show_message("ctrl+] was sent to the guest")

    def _enter(self) -> None:
        """Type again, or ask for the console again where it is not ours."""
        session = self.session
        if session is None:
            return
        self.wants_typing = True
        if session.phase is ConsolePhase.ATTACHED:
            self.show_newest()
        elif session.request.read_along:
            self.run_flow(self.open_place(self.place))
        elif session.phase in _ASKED_FOR:
            session.attach()

    def _is_attached(self, what: str) -> bool:
        """Whether the console is ours; says so where it is not."""
        session = self.keyed.session
        attached = session is not None and session.phase is ConsolePhase.ATTACHED
        if not attached:
            self.show_message(f"{what}: the console is not attached")
        return attached

    # -- the console of somebody else, and others --------------------------------------------

    def _take_over(self) -> None:
        session = self.keyed.session
        if session is None or session.phase not in _HELD:
            self.show_message("take over: nobody else is known to hold this console")
        else:
            self.run_flow(self._confirm_take_over(self.keyed))

    def _ask_for_take_over(self, session: ConsoleSession) -> None:
        """Ask at once where the page was opened to take a console over."""
        if self.wants_take_over and session.phase is not ConsolePhase.ATTACHING:
            self.wants_take_over = False
            if session.phase in _HELD:
                self.paint()
                self._take_over()

    async def _confirm_take_over(self, console: ConsoleBase | OtherConsole) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog

        drawn = console.console_page
        logged = drawn.device is not None and bool(drawn.device.log_file)
        gentler = "Gentler: l reads along without typing." if logged and console is self else ""
        question = Confirmation(
            "take over a console",
            f"Take {drawn.alias} of {drawn.name} on {drawn.host} from whoever holds it?",
            "Take over",
            name=drawn.name,
            consequence="They are cut off at once and are told nothing. What they typed half "
            "stays on the guest's line: your first enter may run it. Press ctrl+u first in a "
            "shell.",
            alternative=gentler,
            danger=True,
            width=64,
        )
        session = console.session
        if await self.show_dialog(ConfirmDialog(question)) is None:
            return
        if session is not None and session is console.session and session.phase in _HELD:
            console.wants_typing = True
            session.attach(force=True)

    def _log(self) -> None:
        """Read the console along where somebody else has it; else show the log of its QEMU."""
        session, device = self.session, self.view_state.drawn.device
        in_use = session is not None and session.phase is ConsolePhase.IN_USE
        if in_use and device is not None and device.log_file:
            self.run_flow(self.open_place(self.place, read_along=True))
        else:
            self.lifecycle.show_log()

    def _open_guest_screen(self) -> None:
        """Look at the guest's screen; the console stays attached behind it."""
        self.lifecycle.open_page("screen")

    def _next_part(self) -> None:
        """To logs or console where one stands beside the guest, else to the next console."""
        if not self.side.take_keys():
            self._next_console()

    def _next_console(self) -> None:
        if self.devices is not None and len(self.devices) > 1:
            self.run_flow(self.open_place((self.place + 1) % len(self.devices)))
        else:
            self.show_message(f"{self.view_state.drawn.name} has no other console")

    # -- the size of the guest's terminal ----------------------------------------------------

    def _room(self) -> tuple[int, int]:
        """Columns and rows that the guest could have; one column is left for the marks."""
        width = self.view_state.guest_width
        around = 2 if is_compact(self.view_state.drawn, self.size.height) else 5
        return width - 1 if width > 80 else width, self.size.height - around

    def _ask_size(self) -> None:
        if self._is_attached("size"):
            typed = size_command(*self._room())
            name = self.view_state.drawn.name
            self._asked_size = self._room()
            self.view_state.question = (
                f'types "{typed}", enter into {name}: right only at a shell prompt'
            )
            self.view_state.question_keys = (
                KeyHint("y", "type it"),
                KeyHint("n esc enter", "do not"),
            )

    def _turn_file(self) -> None:
        """Keep the console in a file, or end that."""
        if self.recordings.end((self.view_state.key, self.view_state.drawn.alias)):
            self.paint()
        elif self.session is None or not self.session.was_attached:
            self.show_message("to a file: nothing of it was seen yet")
        else:
            name = self.view_state.drawn.name
            safe = "".join(one if one.isalnum() or one in "._-" else "_" for one in name)
            self.prompt.open(_FILE, f"~/{safe}-{self.view_state.drawn.alias}.txt")

    def _begin_file(self, typed: str) -> None:
        session = self.session
        if typed and session is not None:
            terminal = self.terminals[session.request.device]
            self.run_flow(self._keep(typed, session, terminal))

    async def _keep(self, typed: str, session: ConsoleSession, terminal: TerminalScreen) -> None:
        why = await self.recordings.begin(typed, self.view_state.drawn.name, session, terminal)
        if why:
            self.show_message(f"nothing is kept: {why}", bad=True)
        elif self.recordings.find((session.request.domain, session.request.device)) is not None:
            self.show_message(f"kept in {typed}, also while this page is left; e or X ends it")

    def _break(self) -> None:
        self.show_message(no_break(self.view_state.drawn), bad=True)

    def _toggle_side(self) -> None:
        """Give the guest the whole width, or not."""
        self.view_state.alone = not self.view_state.alone

    def _answer_size(self, key: str) -> None:
        """Type the command, or do not."""
        if key == "y" and self._is_attached("size"):
            terminal = self.terminals[self.view_state.drawn.alias]
            terminal.resize(*self._asked_size)
            self.sizes_typed.add(self.view_state.drawn.alias)
            self._send(f"{size_command(*self._asked_size)}\r".encode())
        if key in ("y", "n", "escape", "enter", STOP_TYPING):
            self.view_state.question = ""

    # -- pastes ------------------------------------------------------------------------------

    def on_paste(self, event: events.Paste) -> None:
        """Type what the terminal pastes, a piece at a time."""
        event.stop()
        if self._paste is not None or self.prompt.sign or self.view_state.question:
            return
        session, terminal = self.keyed.session, self.keyed.terminal
        if session is None or terminal is None or not self.keyed.is_typing:
            self.show_message("paste: not typing; enter types again")
            return
        self.show_newest()
        self._cut_lines = len(long_lines(event.text))
        paste = Paste(event.text, bracketed=terminal.modes.bracketed_paste)
        self._paste = RunningPaste(session, paste)
        self.state_changed(session)

    def state_changed(self, session: ConsoleSession) -> None:
        """Go on with a paste as far as the guest's host took it; ask for what ``take`` wants."""
        if session is self.session:
            self._ask_for_take_over(session)
        paste = self._paste
        if paste is None or paste.session is not session:
            return
        if session.phase is not ConsolePhase.ATTACHED:
            self._end_paste(f"the paste ended after {paste.sent}: the console was lost")
            return
        paste.taken()
        if paste.is_done:
            cut = formatting.counted(self._cut_lines, "line")
            long = f"; the guest may cut {cut} of more than {LONGEST_LINE} bytes"
            self._end_paste(f"pasted {paste.sent}{long if self._cut_lines else ''}")
        else:
            self.view_state.question = paste.words
            self.view_state.question_keys = (KeyHint("esc", "stop"),)
            self.paint()

    def _stop_paste(self) -> None:
        if self._paste is not None:
            self._paste.stop()
            self._end_paste(f"the paste was stopped after {self._paste.sent}")

    def _end_paste(self, words: str) -> None:
        self._paste = None
        self.view_state.question = ""
        self.show_message(words)

    # -- searching ---------------------------------------------------------------------------

    def _open_search(self) -> None:
        if (search := self.keyed.search) is not None:
            self.keyed.wants_typing = False
            self.prompt.open("/", search.text)

    def _type_search(self, event: events.Key) -> bool:
        """What is searched for is typed in the line above the keys."""
        if event.key not in ("enter", "escape"):
            return self.prompt.take_key(event)
        sign, text = self.prompt.sign, self.prompt.text if event.key == "enter" else ""
        self.prompt.close()
        if sign == _FILE:
            self._begin_file(text.strip())
        elif text:
            self.run_flow(self._find(text, 0))
        elif self.keyed.search is not None:
            self.keyed.search.clear()
        self.paint()
        return True

    def _next_match(self, step: int) -> None:
        search = self.keyed.search
        if search is None or not search.text:
            self.show_message("nothing is searched for: / searches")
        else:
            self.keyed.wants_typing = False
            self.run_flow(self._find(search.text, step))

    async def _find(self, text: str, step: int) -> None:
        search = self.keyed.search
        if search is not None:
            await search.look(text, step)
            if not search.found[1]:
                self.show_message(f"no line has {text}")
            self.paint()

    # -- older lines -------------------------------------------------------------------------

    def _scroll(self, by: int) -> None:
        self.keyed.wants_typing = False
        if (view := self.keyed.view) is not None:
            view.scroll_lines(by)

    def _scroll_page(self, step: int) -> None:
        self.keyed.wants_typing = False
        if (view := self.keyed.view) is not None:
            view.scroll_page(step)

    def show_newest(self) -> None:
        """Follow the guest's screen again, and search for nothing."""
        if self.keyed.search is not None:
            self.keyed.search.clear()
        if (view := self.keyed.view) is not None:
            view.show_newest()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel looks at older lines; keys still go where they went."""
        self._wheel(event, -3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel looks at newer lines."""
        self._wheel(event, 3)

    def _wheel(self, event: events.MouseEvent, by: int) -> None:
        other = self.side.other.view if self.side.other is not None else None
        is_over = other is not None and other.region.contains(event.screen_x, event.screen_y)
        if (view := other if is_over else self.view) is not None:
            view.scroll_lines(by)
            self.paint()

    def _copy(self) -> None:
        self.show_message(copy_selected(self, "esc lets go of the console"))

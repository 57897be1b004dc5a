"""The page of a guest's screen: what it shows, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from virttui import formatting
from virttui.screens.base.copy_menu import copy_selected
from virttui.screens.base.key_pages import guest_screen_keys_page
from virttui.screens.guest_screen.page_base import GuestScreenBase
from virttui.screens.guest_screen.save import proposed_name, save
from virttui.screens.guest_screen.send_keys import OTHER, TEXT
from virttui.screens.guest_screen.viewers import FILE, PASSWORD
from virttui.terminal.images.drawing import Drawing

SAVE = "save as"
"""The sign of the line in which the name of a file is typed."""

_COLUMNS = 20
"""Columns by which an arrow moves a screen that is wider than the page."""


class GuestScreen(GuestScreenBase, inherit_bindings=False):
    """Keys act on the page; nothing is sent to the guest unless it is chosen."""

    def does(self) -> dict[str, Callable[[], object]]:
        """What each key does."""
        return {
            "enter": self._look_now,
            "u": self._freeze,
            "escape": self._back,
            "up": lambda: self.rows.scroll_rows(-1),
            "down": lambda: self.rows.scroll_rows(1),
            "k": lambda: self.rows.scroll_rows(-1),
            "j": lambda: self.rows.scroll_rows(1),
            "pageup": lambda: self.rows.scroll_rows(1 - self.rows.size.height),
            "pagedown": lambda: self.rows.scroll_rows(self.rows.size.height - 1),
            "g": lambda: self.rows.scroll_rows(-len(self.text.rows) if self.text else 0),
            "G": self.rows.follow,
            "end": self.rows.follow,
            "left": lambda: self.rows.scroll_columns(-_COLUMNS),
            "right": lambda: self.rows.scroll_columns(_COLUMNS),
            "slash": self._open_search,
            "n": lambda: self._next_match(1),
            "N": lambda: self._next_match(-1),
            "i": self._next_drawing,
            "plus": self._toggle_side,
            "tab": self.sender.open_menu,
            "o": self._next_screen,
            "y": self._copy,
            "h": self.viewer_menu.open,
            "e": self._open_save,
            "c": lambda: self.lifecycle.open_page("console"),
            "l": self.lifecycle.show_log,
            "question_mark": lambda: self.app.push_screen(guest_screen_keys_page()),
            "ctrl+c": lambda: self.show_message(copy_selected(self, "esc leaves the page")),
        }

    def take_key(self, event: events.Key) -> bool:
        """A key does what the page says; while something is typed it goes there."""
        if self.prompt.sign:
            return self._type(event)
        if self.sender.busy:
            self.sender.take_key(event)
            self.paint()
            return True
        self.view_state.clear_message()
        if self.sender.focused:
            self.sender.take_menu_key(event.key)
            if self.is_current:
                self.paint()
            return True
        done = self.does().get(event.key)
        if done is not None:
            done()
        else:
            self.lifecycle.press(event.key)
        if self.is_current:
            self.paint()
        return True

    # -- looking ---------------------------------------------------------------------------

    def _back(self) -> None:
        """One layer back: the search, then the page."""
        if self.search.text:
            self._clear_search()
        else:
            self.leave()

    def _look_now(self) -> None:
        now = self.look.now
        self.screen_watch.look_soon(now)
        if self.frozen:
            self._freeze()
        elif self.view_state.content.is_on and not self.screen_watch.look_if_due(now):
            self.show_message("a picture is asked for already")

    def _freeze(self) -> None:
        """Ask for no more pictures, and go on."""
        self.frozen = not self.frozen
        if not self.frozen:
            self.screen_watch.look_soon(self.look.now)
            self.run_flow(self.redraw())

    def _toggle_side(self) -> None:
        """Give the screen the whole width, or not."""
        self.view_state.alone = not self.view_state.alone

    def _next_screen(self) -> None:
        screens = self.view_state.content.screens
        if screens == 1:
            self.show_message(f"{self.view_state.content.name} has no other screen")
            return
        self._clear_search()
        self.screen_watch.show_screen((self.screen_watch.number + 1) % screens)
        self.run_flow(self.redraw())

    def _next_drawing(self) -> None:
        """Draw by something else: text, quadrants, half blocks, letters, the terminal itself."""
        screen = self.screen_watch.screen
        if screen is None:
            return
        ways: list[Drawing | None] = [*self.drawings]
        if screen.text is not None:
            ways.insert(0, None)
        now = self.drawing if screen.text is not None else self.drawing or self.usual_drawing
        self.drawing = ways[(ways.index(now) + 1) % len(ways)]
        self._clear_search()
        self.run_flow(self.redraw())
        words = "as text" if self.drawing is None else f"as an image by {self.drawing.value}"
        self.show_message(f"drawn {words}; i goes on")

    # -- copying and saving ----------------------------------------------------------------

    def _copy(self) -> None:
        """Copy the text of the screen."""
        text = self.text
        if text is None:
            self.show_message("copy: an image is no text; e saves it as a PNG file")
            return
        self.app.copy_to_clipboard(text.text)
        count = formatting.counted(len(text.text.splitlines()), "line")
        self.show_message(f"copied {count} of its screen")

    def _open_save(self) -> None:
        if self.screen_watch.screen is None:
            self.show_message("save: there is no picture yet")
            return
        name = self.view_state.content.shown.domain.name
        self.prompt.open(f"{SAVE}: ", proposed_name(name, self.look.epoch))

    async def _save(self, typed: str) -> None:
        watch = self.screen_watch
        if watch.screen is None:
            return
        try:
            said = await save(typed, watch.data, watch.screen.image)
        except FileExistsError:
            self.show_message(f"save: {typed} is there already; choose another name", bad=True)
        except OSError as error:
            self.show_message(f"save: {typed}: {error.strerror}", bad=True)
        else:
            self.show_message(f"saved {said}")

    # -- what is typed in the line above the keys --------------------------------------------

    def _type(self, event: events.Key) -> bool:
        """Edit what is typed, use it, or drop it."""
        for_guest = self.prompt.sign.startswith((TEXT, OTHER))
        if event.key not in ("enter", "escape") and not (for_guest and event.key == "tab"):
            return self.prompt.take_key(event)
        sign, text = self.prompt.sign, self.prompt.text if event.key != "escape" else ""
        self.prompt.close()
        if sign == "/":
            self._find(text)
        elif for_guest:
            if event.key != "escape":
                self.sender.take_prompt(sign, text, event.key)
        elif text and sign.startswith(PASSWORD):
            self.run_flow(self.viewer_menu.set_password(text))
        elif text.strip() and sign.startswith(FILE):
            self.run_flow(self.viewer_menu.save(text.strip()))
        elif text.strip():
            self.run_flow(self._save(text.strip()))
        self.paint()
        return True

    # -- searching -------------------------------------------------------------------------

    def _open_search(self) -> None:
        if self.text is None:
            self.show_message("search: an image has no text")
        else:
            self.prompt.open("/", self.search.text)

    def _find(self, wanted: str, step: int = 0) -> None:
        text = self.text
        if not wanted or text is None:
            self._clear_search()
            return
        self.search.look(wanted, text.lines, step)
        self.rows.light(self.search.match)
        if self.search.match is None:
            self.show_message(f"no line has {wanted}")

    def _next_match(self, step: int) -> None:
        if self.search.text:
            self._find(self.search.text, step)
        else:
            self.show_message("nothing is searched for: / searches")

    def _clear_search(self) -> None:
        self.search.clear()
        self.rows.light(None)
        self.rows.follow()

    def on_paste(self, event: events.Paste) -> None:
        """What the terminal pastes is typed into the guest, after a yes."""
        event.stop()
        if not self.prompt.sign and not self.sender.busy:
            self.sender.paste(event.text)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel looks at rows above."""
        self.rows.scroll_rows(-3)
        self.paint()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel looks at rows below."""
        self.rows.scroll_rows(3)
        self.paint()

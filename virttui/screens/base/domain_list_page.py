"""A page with a list of what one domain has: its parts, its cursor, and the way back."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult

from virttui.model.identity import ObjectId
from virttui.panes.domain_page.list_state import DomainListViewState
from virttui.screens.base.copy_menu import copy_selected
from virttui.screens.base.domain_page import DomainPage
from virttui.widgets.line_view import LineView


class DomainListPage(DomainPage[None], inherit_bindings=False):
    """The domain is watched while the page is open, and ``watched_after`` when it is left."""

    view_state: DomainListViewState

    def __init__(
        self, name: str, view_state: DomainListViewState, watched_after: ObjectId | None
    ) -> None:
        super().__init__(name=name)
        self.view_state = view_state
        self._watched_after = watched_after
        self._top = LineView(id="top")
        self._body = LineView(id="page")
        self._answer = LineView(id="answer")
        self._keys = LineView(id="keys")

    def compose(self) -> ComposeResult:
        """Tabs and breadcrumb, the list with what is known, answer and keys."""
        yield self._top
        yield self._body
        yield self._answer
        yield self._keys

    def on_mount(self) -> None:
        """Ask what there is."""
        self._top.styles.height = 2
        self.console.watch_domain(self.view_state.key)
        self.ask()
        self.console.update_screen()

    def ask(self) -> None:
        """Ask what there is."""
        raise NotImplementedError

    def does(self) -> dict[str, Callable[[], object]]:
        """What each key does: the cursor, asking again, the way back. A page adds its own."""
        state = self.view_state
        return {
            "up": lambda: state.move(-1),
            "k": lambda: state.move(-1),
            "down": lambda: state.move(1),
            "j": lambda: state.move(1),
            "g": lambda: state.go(last=False),
            "home": lambda: state.go(last=False),
            "G": lambda: state.go(last=True),
            "end": lambda: state.go(last=True),
            "ctrl+d": lambda: state.move(state.half),
            "ctrl+u": lambda: state.move(-state.half),
            "pagedown": lambda: state.move(state.list_height),
            "pageup": lambda: state.move(-state.list_height),
            "ctrl+c": self._copy_selected,
            "ctrl+r": self.ask,
            "escape": self.leave,
            "q": self.leave,
        }

    def take_key(self, event: events.Key) -> bool:
        """Do what a key means here; no other key does anything."""
        done = self.does().get(event.key)
        if done is not None:
            self.view_state.clear_message()
            done()
            if self.is_current:
                self.paint()
        return True

    def leave(self) -> None:
        """Go back; what is at work goes on."""
        self.console.watch_domain(self._watched_after)
        self.dismiss(None)

    def _copy_selected(self) -> None:
        self.show_message(copy_selected(self, "esc goes back"))

    def paint(self) -> None:
        """Draw everything; what is as before costs nothing."""
        look = self.look
        frame = self.view_state.frame_of_list(look)
        self._top.set_lines([look.with_glyphs(line) for line in (frame.tabs, frame.crumb)])
        self._body.set_lines([look.with_glyphs(line) for line in frame.body])
        self._answer.set_lines([look.with_glyphs(frame.answer)])
        self._keys.set_lines([look.with_glyphs(frame.keys)])

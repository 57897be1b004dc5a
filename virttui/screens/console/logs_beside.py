"""The logs of a domain beside its console: read while they are shown, and moved in by keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from virttui.model.domains.logs import LogRequest, LogUpdate
from virttui.panes.console.view_state import ConsoleViewState
from virttui.panes.logs.log_list import LogList
from virttui.screens.console.printed_by import PrintedBy
from virttui.screens.logs.seen_consoles import SeenConsoles
from virttui.widgets.app_protocol import AppServices


class ConsolePageScreen(Protocol):
    """The page that they stand on."""

    @property
    def view_state(self) -> ConsoleViewState:
        """Its state."""

    @property
    def console(self) -> AppServices:
        """The app."""

    @property
    def printed_by(self) -> PrintedBy:
        """What the consoles of the app printed."""

    def show_message(self, words: str, *, bad: bool = False, name: str = "") -> None:
        """Say something for a few seconds."""


class LogsBeside:
    """Opens and closes the logs beside a console, and moves in them."""

    def __init__(self, screen: ConsolePageScreen) -> None:
        self._screen = screen
        self._number: int | None = None
        self._seen: SeenConsoles | None = None

    def open(self) -> None:
        """Show the logs."""
        state, logs = self._screen.view_state, self._screen.console.logs
        if logs is not None:
            state.log = LogList(state.key)
            state.log.has_focus = False
            self._seen = SeenConsoles(state.key)
            request = LogRequest(state.key, state.drawn.shown.domain.name)
            self._number = logs.open_logs(request)
            self._screen.console.update_screen()

    def take(self, update: LogUpdate) -> bool:
        """Take what was read; false where it is of other logs."""
        log = self._screen.view_state.log
        if update.id != self._number or log is None:
            return False
        log.take_logs(update)
        return True

    def feed(self) -> None:
        """Take what open consoles of the domain printed."""
        log = self._screen.view_state.log
        if log is not None and self._seen is not None:
            self._seen.feed(self._screen.printed_by, log)

    def close(self) -> None:
        """Read them no longer."""
        self._screen.view_state.log = None
        number, self._number = self._number, None
        if number is not None and (logs := self._screen.console.logs) is not None:
            logs.close_logs(number)

    def take_focus(self) -> bool:
        """Have keys go to the logs; false where they are not shown."""
        log = self._screen.view_state.log
        if log is None or not self._screen.view_state.shows_logs:
            return False
        log.has_focus = True
        return True

    def press(self, key: str) -> bool:
        """Take a key while they have the focus; false for one that is the console's."""
        log = self._screen.view_state.log
        if log is None or not log.has_focus or not self._screen.view_state.shows_logs:
            return False
        if key in ("tab", "escape"):
            log.has_focus = False
            return True
        if key in ("enter", "vertical_line"):
            log.has_focus = False
            return False
        done = self._does(log).get(key)
        if done is not None:
            done()
        return done is not None

    def _does(self, log: LogList) -> dict[str, Callable[[], object]]:
        rows = log.log_rows
        return {
            "up": lambda: log.move_lines(-1),
            "k": lambda: log.move_lines(-1),
            "down": lambda: log.move_lines(1),
            "j": lambda: log.move_lines(1),
            "pageup": lambda: log.move_lines(-rows),
            "pagedown": lambda: log.move_lines(rows),
            "g": lambda: log.move_lines(-log.place),
            "G": log.go_newest,
            "f": log.turn_follow,
            "n": lambda: self._next_trouble(log, 1),
            "N": lambda: self._next_trouble(log, -1),
        }

    def _next_trouble(self, log: LogList, step: int) -> None:
        if not log.next_trouble(step):
            way = "after" if step > 0 else "before"
            self._screen.show_message(f"no line {way} this one sounds like trouble")

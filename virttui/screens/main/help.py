"""The keys of this place, from the live key map. It is a menu: type, ``enter``."""

from __future__ import annotations

from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from virttui.panes.main import help
from virttui.panes.main.view_state import MainViewState
from virttui.render import chrome
from virttui.render.line import Line, Role, Run, clean, ends, plain
from virttui.widgets.app_protocol import console_of
from virttui.widgets.line_view import LineView


class HelpScreen(Screen[str | None], inherit_bindings=False):
    """Gives back the id of the action to do, or None."""

    AUTO_FOCUS = ""

    def __init__(self, view_state: MainViewState) -> None:
        super().__init__(name="help")
        self._view_state = view_state
        self._parts = help.sections(view_state.situation())
        self._found = help.matching(self._parts, "")
        self._typed = ""
        self._place = -1
        self._offset = 0
        self._top = LineView(id="top")
        self._page = LineView(id="page")
        self._keys = LineView(id="keys")

    def compose(self) -> ComposeResult:
        """Tabs and breadcrumb, the page, the keys."""
        yield self._top
        yield self._page
        yield self._keys

    def on_mount(self) -> None:
        """Draw for the first time."""
        self._top.styles.height = 3
        self.draw()

    def on_resize(self) -> None:
        """Columns follow the width."""
        self.draw()

    def draw(self) -> None:
        """Draw everything; what is as before costs nothing."""
        look = console_of(self).look
        width, height = self.app.size
        fleet_state = self._view_state.fleet_state
        tabs = chrome.tabs(
            self._view_state.pane,
            fleet_state.running_tasks,
            replace(self._view_state.badge(), as_of=""),
            width,
        )
        self._top.set_lines([look.with_glyphs(line) for line in (tabs, self._crumb(width), ())])
        chosen = self._found[self._place] if 0 <= self._place < len(self._found) else None
        lines = help.page(self._parts, chosen, self._found, look, width)
        room = max(1, height - 4)
        if chosen is not None:
            self._reveal([plain(line) for line in lines], chosen, room)
        self._offset = max(0, min(self._offset, len(lines) - room))
        shown = lines[self._offset : self._offset + room]
        self._page.set_lines([look.with_glyphs(line) for line in shown])
        hints = [
            chrome.KeyHint("type", "search"),
            chrome.KeyHint("enter", "run it", chosen is not None),
            chrome.KeyHint(look.glyphs.arrows, "move"),
            chrome.KeyHint("esc", "close"),
        ]
        if len(lines) > room:
            hints.insert(3, chrome.KeyHint("pgdn", "more"))
        self._keys.set_lines([look.with_glyphs(chrome.keys_line(hints, width))])

    def _reveal(self, lines: list[str], chosen: help.HelpItem, room: int) -> None:
        """Scroll so that the chosen item is in view."""
        wanted = f" {chosen.key} "
        for y, line in enumerate(lines):
            if wanted in line and chosen.help in line:
                if not self._offset <= y < self._offset + room:
                    self._offset = max(0, y - room // 2)
                return

    def _crumb(self, width: int) -> Line:
        situation = self._view_state.situation()
        subjects = situation.subjects
        about = f"on {situation.pane}"
        if len(subjects) == 1:
            about += f", for {clean(subjects[0].name)}"
        elif subjects:
            about += f", for {len(subjects)} marked"
        typed = f"searching {self._typed}" if self._typed else "Type to search, enter does it"
        left = (Run(" keys  ", Role.STRONG), Run(f"{about}. {typed}", Role.MUTED))
        right = (Run("made from the live key map ", Role.MUTED),) if width >= 100 else ()
        return ends(left, right, width)

    def take_key(self, event: events.Key) -> bool:
        """Letters search; arrows move; enter does what is chosen."""
        key = event.key
        steps = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}
        if key in ("escape", "ctrl+c") or (key in ("question_mark", "q") and not self._typed):
            self.dismiss(None)
            return True
        if key == "enter":
            self._enter()
            return True
        if key in ("pageup", "pagedown") and self._place < 0:
            self._offset += steps[key]
        elif key in steps:
            self._place = max(0, min(self._place + steps[key], len(self._found) - 1))
        elif key == "backspace":
            self._search(self._typed[:-1])
        elif event.is_printable and event.character is not None:
            self._search(self._typed + event.character)
        self.draw()
        return True

    def _search(self, typed: str) -> None:
        self._typed = typed
        self._found = help.matching(self._parts, typed)
        self._place = 0 if typed and self._found else -1

    def _enter(self) -> None:
        if 0 <= self._place < len(self._found) and not self._found[self._place].why_not:
            self.dismiss(self._found[self._place].id)

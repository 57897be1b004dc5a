"""The popup with completions at the cursor."""

from __future__ import annotations

import asyncio

from virttui.model.diagnostics import Completion
from virttui.panes.xml_editor import frame
from virttui.screens.xml_editor.background_check import completion
from virttui.screens.xml_editor.editor_state import EditorActions, EditorState
from virttui.widgets.line_view import LineView

WIDTH = 54
_LINES_ABOVE_TEXT = 3


class CompletionPopup:
    """Finds completions in the background, shows them, and inserts the chosen one."""

    def __init__(self, state: EditorState, actions: EditorActions, lines: LineView) -> None:
        self._state = state
        self._actions = actions
        self._lines = lines
        self._completion: Completion | None = None
        self._index = 0
        self._serial = 0
        self._searching = False

    @property
    def is_open(self) -> bool:
        """Whether completions are shown."""
        return self._completion is not None

    @property
    def is_active(self) -> bool:
        """Whether completions are shown, or being found for what was typed a moment ago."""
        return self.is_open or self._searching

    def request(self, *, explicit: bool = False) -> None:
        """Find completions for the cursor; an ``explicit`` request is told when there are none."""
        if self._state.pane.editor.read_only:
            return
        self._serial += 1
        self._searching = True
        self._actions.run_flow(self._find(self._serial, explicit))

    async def _find(self, serial: int, explicit: bool) -> None:
        state, editor = self._state, self._state.pane.editor
        offset, kind = editor.place, state.buffer.document.kind
        found = await asyncio.to_thread(completion, editor.text, offset, kind, state.host_values)
        if serial != self._serial:
            return  # Another key was pressed.
        self._searching = False
        if editor.place != offset or not state.shows_text:
            return
        if found is None or not found.items:
            self.close()
            if explicit:
                self._actions.show_message("no completions here")
            return
        self._completion, self._index = found, 0
        if explicit and len(found.items) == 1:
            self._insert(found)
        else:
            self._show(found)

    def press(self, key: str) -> bool:
        """Handle a key while completions are shown; false when it is not for them."""
        shown = self._completion
        if shown is None:
            return False
        if key == "tab":
            self._insert(shown)
        elif key == "escape":
            self.close()
        elif key in ("up", "down"):
            step = 1 if key == "down" else -1
            self._index = (self._index + step) % len(shown.items)
            self._show(shown)
        else:
            return False
        return True

    def _insert(self, shown: Completion) -> None:
        editor = self._state.pane.editor
        item = shown.items[self._index]
        self.close()
        editor.replace(item.text, editor.at(shown.start), editor.at(shown.end))
        editor.move_cursor(editor.at(shown.start + item.cursor))

    def _show(self, shown: Completion) -> None:
        """Place the popup under the cursor, or above it where there is no room below."""
        popup, screen = self._lines, self._actions.size
        width = min(WIDTH, screen.width - 2)
        lines = frame.completion_lines(shown, self._index, width)
        x, y = self._state.pane.cell_now
        below = y + 1 + len(lines) <= self._state.pane.editor.size.height
        top = _LINES_ABOVE_TEXT + (y + 1 if below else max(0, y - len(lines)))
        popup.styles.offset = (max(0, min(x, screen.width - width)), top)
        popup.styles.width, popup.styles.height = width, len(lines)
        popup.display = True
        popup.set_lines([self._actions.look.with_glyphs(line) for line in lines])

    def close(self) -> None:
        """Show no completions, and stop looking for any."""
        self._serial += 1
        self._searching = False
        if self._completion is not None:
            self._completion = None
            self._lines.display = False

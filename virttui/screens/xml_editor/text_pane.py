"""One text on the screen: the editor widget, and what is told about its lines."""

from __future__ import annotations

from virttui.panes.xml_editor.text_line import LineViewport, cell_of, gutter_width
from virttui.panes.xml_editor.text_view import AnalysedText
from virttui.render.line import Line
from virttui.widgets.app_protocol import console_of
from virttui.widgets.editor import Editor


class TextPane:
    """Draws the lines of an editor, and searches in them."""

    def __init__(self, *, read_only: bool) -> None:
        self.view = AnalysedText()
        self._gutter = gutter_width(1)
        self.editor = Editor(self)
        self.editor.read_only = read_only

    # -- what the editor asks for ----------------------------------------------------------

    @property
    def gutter(self) -> int:
        """Cells before the text."""
        return self._gutter

    def row(self, row: int, editor: Editor) -> Line:
        """One line, gutter included."""
        lines = editor.document.lines
        cursor_row, cursor = editor.cursor_location
        sight = LineViewport(
            width=max(1, editor.size.width - self._gutter),
            left=editor.scroll_offset.x,
            cursor=cursor if row == cursor_row else None,
            lit=row == cursor_row,
            selected=self._selected(row, editor),
        )
        look = console_of(editor).look
        return look.with_glyphs(self.view.line(lines, row, sight, look))

    def _selected(self, row: int, editor: Editor) -> tuple[int, int] | None:
        start, end = sorted(editor.selection)
        if start == end or not start[0] <= row <= end[0]:
            return None
        first = start[1] if row == start[0] else 0
        last = end[1] if row == end[0] else len(editor.document.lines[row]) + 1
        return first, last

    def edited(self, top: int, old_bottom: int, new_bottom: int) -> None:
        """Lines were typed or deleted."""
        self.view.moved(top, old_bottom, new_bottom)
        self._gutter = gutter_width(self.editor.document.line_count)

    def loaded(self) -> None:
        """Another text was put in."""
        self.view.syntax.forget()

    # -- the text --------------------------------------------------------------------------

    def load(self, text: str) -> None:
        """Show another text from its beginning."""
        self._gutter = gutter_width(text.count("\n") + 1)
        self.editor.load(text)

    def replace(self, text: str) -> None:
        """Put another text in its place, as one change that can be undone."""
        if text != self.editor.text:
            self.editor.replace_text(text)

    @property
    def row_now(self) -> int:
        """The cursor's line, from 0."""
        return self.editor.cursor_location[0]

    @property
    def cell_now(self) -> tuple[int, int]:
        """Where the cursor is on the screen, from the editor's corner."""
        row, column = self.editor.cursor_location
        line = self.editor.document.lines[row]
        offset = self.editor.scroll_offset
        return self._gutter + cell_of(line, column) - offset.x, row - offset.y

    # -- searching -------------------------------------------------------------------------

    def search(self, words: str) -> str:
        """Light up words and go to the first from the cursor on; returns how many lines hold it."""
        self.view.searched = words
        self.editor.redraw()
        if not words:
            return ""
        rows = self._rows()
        if not rows:
            return "no match"
        ahead = [row for row in rows if row >= self.row_now]
        self._to(ahead[0] if ahead else rows[0])
        return f"{rows.index(self.row_now) + 1} of {len(rows)}"

    def next_hit(self, step: int) -> str:
        """To the next line that holds the words; says where that is."""
        rows = self._rows()
        if not rows:
            return "no match" if self.view.searched else "ctrl+f searches"
        here = self.row_now
        if step > 0:
            row = next((row for row in rows if row > here), rows[0])
        else:
            row = next((row for row in reversed(rows) if row < here), rows[-1])
        self._to(row)
        return f"{rows.index(row) + 1} of {len(rows)}"

    def _rows(self) -> list[int]:
        lines = self.editor.document.lines
        return [row for row, line in enumerate(lines) if self.view.holds(line)]

    def _to(self, row: int) -> None:
        line = self.editor.document.lines[row]
        words = self.view.searched
        held = line if words != words.lower() else line.lower()
        self.editor.go_to(row, max(0, held.find(words)))

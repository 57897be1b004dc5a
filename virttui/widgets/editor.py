"""The text editor: the toolkit's own for what is typed, our own lines for what is seen.

The toolkit repaints everything at each key. Here a key draws the lines in view, compares them
with those on the screen, and paints the ones that differ: usually one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult

from virttui.render.line import BLANK, Line, Role, Run, text_width
from virttui.widgets.closed_widgets import watch_no_more
from virttui.widgets.line_view import last_change
from virttui.widgets.themes import Styles, styles


class LineRenderer(Protocol):
    """Whoever draws the lines of an editor."""

    @property
    def gutter(self) -> int:
        """Cells before the text."""

    def row(self, row: int, editor: Editor) -> Line:
        """One line of the document, gutter included, in exactly the editor's width."""

    def edited(self, top: int, old_bottom: int, new_bottom: int) -> None:
        """Lines ``top`` to ``old_bottom`` became ``top`` to ``new_bottom``."""

    def loaded(self) -> None:
        """Another text was put in."""


class Editor(TextArea, inherit_bindings=False):
    """Text that is edited. Keys come from the screen, one after the other."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Editor, Editor:focus {
        border: none;
        padding: 0;
        height: 1fr;
        background: $background;
        scrollbar-size: 0 0;
    }
    """

    def __init__(self, draws: LineRenderer) -> None:
        self._draws = draws
        self._shown: dict[int, Line] = {}
        self._widest = 0
        self._styles: Styles = {}
        self._due = False
        super().__init__(
            soft_wrap=False, show_line_numbers=False, compact=True, highlight_cursor_line=False
        )
        self.cursor_blink = False
        self.indent_width = 4
        self._edits: dict[str, Callable[[], object]] = {
            "backspace": self.action_delete_left,
            "ctrl+h": self.action_delete_left,
            "delete": self.action_delete_right,
            "ctrl+d": self.action_delete_right,
            "ctrl+w": self.action_delete_word_left,
            "ctrl+u": self.action_delete_to_start_of_line,
            "ctrl+k": self.action_delete_to_end_of_line,
            "ctrl+x": self.action_cut,
            "ctrl+v": self.action_paste,
            "ctrl+z": self.action_undo,
            "ctrl+y": self.action_redo,
        }
        self._moves: dict[str, Callable[[bool], object]] = {
            "up": self.action_cursor_up,
            "down": self.action_cursor_down,
            "left": self.action_cursor_left,
            "right": self.action_cursor_right,
            "ctrl+left": self.action_cursor_word_left,
            "ctrl+right": self.action_cursor_word_right,
            "home": self._home,
            "end": self.action_cursor_line_end,
            "ctrl+home": lambda select: self.move_cursor((0, 0), select=select),
            "ctrl+end": lambda select: self.move_cursor(self.document.end, select=select),
        }

    def on_mount(self) -> None:
        """Follow the theme."""
        self.restyle(self.app.theme)
        self.app.theme_changed_signal.subscribe(self, lambda theme: self.restyle(theme.name))

    def on_unmount(self) -> None:
        """Let go of the signal, which would keep this widget and its strips for ever."""
        self.app.theme_changed_signal.unsubscribe(self)
        watch_no_more(self, self.app)

    def restyle(self, theme: str) -> None:
        """Draw in another theme."""
        self._styles = styles(theme.removeprefix("virttui-"))
        self.redraw(whole=True)

    # -- keys ------------------------------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """Move or edit; every key with a letter is text. False when it means nothing here."""
        key = event.key
        select = key.startswith("shift+") or key.startswith("ctrl+shift+")
        move = self._moves.get(key.replace("shift+", "", 1))
        if move is not None:
            move(select)
        elif key in ("pagedown", "pageup"):
            self._page(1 if key == "pagedown" else -1)
        elif self.read_only:
            return False
        elif key == "enter":
            self._break_line()
        elif key in self._edits:
            self._edits[key]()
        elif event.is_printable and event.character is not None:
            self.type(event.character)
        else:
            return False
        return True

    def type(self, text: str) -> None:
        """Put text in the place of what is selected, as if it were typed."""
        self._replace_via_keyboard(text, *self.selection)

    def _break_line(self) -> None:
        """A new line begins where the one above does."""
        row, column = self.cursor_location
        line = self.document[row][:column]
        self.type("\n" + line[: len(line) - len(line.lstrip())])

    def _home(self, select: bool) -> None:
        """To the first letter of the line, then to its beginning."""
        row, column = self.cursor_location
        line = self.document[row]
        first = len(line) - len(line.lstrip())
        self.move_cursor((row, first if column != first else 0), select=select)

    def _page(self, step: int) -> None:
        row, column = self.cursor_location
        rows = max(1, self.size.height - 1)
        self.scroll_to(y=self.scroll_offset.y + step * rows, animate=False, force=True)
        row = max(0, min(row + step * rows, self.document.line_count - 1))
        self.move_cursor((row, min(column, len(self.document[row]))))

    # -- what is edited --------------------------------------------------------------------

    def load(self, text: str) -> None:
        """Put another text in; what was done before cannot be undone."""
        self._draws.loaded()
        self._widest = 0
        self.load_text(text)
        self.redraw(whole=True)

    def replace_text(self, text: str) -> None:
        """Put another text in as one change that can be undone; the cursor stays where it can."""
        row, column = self.cursor_location
        self.history.checkpoint()
        self.replace(text, (0, 0), self.document.end)
        row = min(row, self.document.line_count - 1)
        # Putting the text in has put the cursor behind its end, and that into view.
        self.scroll_to(x=0, animate=False, force=True)
        self.move_cursor((row, min(column, len(self.document[row]))))

    def edit(self, edit: Edit) -> EditResult:
        """One change; who draws is told which lines it concerns."""
        old_bottom = edit.bottom[0]
        result = super().edit(edit)
        self._draws.edited(edit.top[0], old_bottom, result.end_location[0])
        return result

    def undo(self) -> None:
        """Take the last change back."""
        super().undo()
        self._draws.loaded()

    def redo(self) -> None:
        """Make it again."""
        super().redo()
        self._draws.loaded()

    @property
    def place(self) -> int:
        """The cursor's place in the whole text, in characters."""
        row, column = self.cursor_location
        return sum(len(line) + 1 for line in self.document.lines[:row]) + column

    def at(self, place: int) -> tuple[int, int]:
        """The row and column of a place in the whole text."""
        row = 0
        lines = self.document.lines
        while row < len(lines) - 1 and place > len(lines[row]):
            place -= len(lines[row]) + 1
            row += 1
        return row, max(0, min(place, len(lines[row])))

    def go_to(self, row: int, column: int = 0) -> None:
        """Put the cursor on a line and that line into the middle, where it is out of view."""
        row = max(0, min(row, self.document.line_count - 1))
        height = self.size.height
        top = self.scroll_offset.y
        if not top <= row < top + height:
            self.scroll_to(y=max(0, row - height // 2), animate=False, force=True)
        self.move_cursor((row, min(column, len(self.document[row]))))

    # -- drawing ---------------------------------------------------------------------------

    @property
    def gutter_width(self) -> int:
        """The cells before the text, as the toolkit needs to know them for the mouse."""
        return self._draws.gutter

    def _refresh_size(self) -> None:
        """The toolkit measures every line at each key; the widest one only grows here."""
        rows = self.document.line_count
        if not self._widest:
            self._widest = max(map(len, self.document.lines), default=0)
        row = self.cursor_location[0]
        self._widest = max(self._widest, len(self.document[min(row, rows - 1)]))
        self.virtual_size = Size(self._widest + self.gutter_width + 1, rows)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Editor:
        """What the toolkit wants repainted whole is compared line by line first."""
        if regions or layout or recompose or not self._shown:
            super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        elif repaint and not self._due:
            self._due = True
            self.call_next(self.redraw)
        return self

    def redraw(self, *, whole: bool = False) -> None:
        """Paint the lines in view that differ from those on the screen."""
        self._due = False
        if not self.is_mounted or not self._styles:
            return
        shown = {y: self._line(y) for y in range(self.size.height)}
        regions = [
            Region(0, y, width, 1)
            for y, line in shown.items()
            if (width := self.size.width if whole else last_change(self._shown.get(y, BLANK), line))
        ]
        self._shown = shown
        if regions:
            super().refresh(*regions)

    def _line(self, y: int) -> Line:
        row = y + self.scroll_offset.y
        if row >= self.document.line_count:
            return (Run(" " * self.size.width),)
        return self._draws.row(row, self)

    def render_line(self, y: int) -> Strip:
        """One line in exactly the widget's width."""
        if not self._styles:
            return Strip.blank(self.size.width)
        line = self._shown.get(y)
        if line is None or sum(text_width(run.text) for run in line) != self.size.width:
            line = self._shown[y] = self._line(y)
        plain = self._styles[Role.TEXT, line[-1].background] if line else None
        segments = [Segment(run.text, self._styles[run.role, run.background]) for run in line]
        return Strip(segments).adjust_cell_length(self.size.width, plain)

    def on_resize(self) -> None:
        """Lines have the widget's width."""
        self._shown.clear()

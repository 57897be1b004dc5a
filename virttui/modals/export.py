"""The name of a file to write to."""

from __future__ import annotations

from pathlib import Path

from textual import events
from textual.widgets import Input

from virttui.modals.sheet import Sheet, button, row
from virttui.panes.chrome import KeyHint
from virttui.panes.line import BLANK, Line, Role, Run, clean, cut


class ExportSheet(Sheet[str]):
    """Gives back what was typed, or None."""

    WIDTH = 66

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"export {what}", field=True)
        self._what, self._proposed = what, name

    def on_mount(self) -> None:
        """A name is proposed, so that ``enter`` is enough."""
        self._input.value = self._proposed
        self._input.cursor_position = len(self._proposed)
        self._input.focus()

    def body(self) -> list[Line]:
        """What is written where."""
        where = cut(clean(str(Path.cwd())), self.cells - 4)
        return [
            (Run(f"The {self._what} as they are filtered now, to a file in"),),
            (Run(where, Role.MUTED),),
            BLANK,
        ]

    def foot(self) -> list[Line]:
        """The buttons; the acting one says what is missing."""
        wrong = self._wrong()
        self.field_note(" file          ", BLANK)
        buttons = row(button("esc", "Cancel"), button("enter", "Export", possible=not wrong))
        return [BLANK, (*buttons, *((Run(f"  {wrong}", Role.FAINT),) if wrong else BLANK))]

    def _wrong(self) -> str:
        name = self._input.value.strip()
        if not name:
            return "needs a name"
        ends = name.casefold().endswith((".csv", ".jsonl"))
        return "" if ends else "ends in .csv or .jsonl"

    def hints(self) -> list[KeyHint]:
        """The keys."""
        return [KeyHint("enter", "export", not self._wrong()), KeyHint("esc", "cancel", keep=True)]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check as it is typed."""
        self.draw()

    def take_key(self, event: events.Key) -> bool:
        """Enter exports, escape does not."""
        if event.key == "escape":
            self.finish(None)
        elif event.key != "enter":
            return self._input.take_key(event)
        elif not self._wrong():
            self.finish(self._input.value.strip())
        return True

"""The name of a file to write to."""

from __future__ import annotations

from pathlib import Path

from virttui.modals.base.modal import button, row
from virttui.modals.base.single_field import InputDialog
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, clean, cut


class ExportDialog(InputDialog[str]):
    """Gives back what was typed, or None."""

    WIDTH = 66

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"export {what}", field=True)
        self._what, self._proposed = what, name

    def on_mount(self) -> None:
        """A name is proposed, so that ``enter`` is enough."""
        self._input.fill(self._proposed)
        self._input.focus()

    def body(self) -> list[Line]:
        """What is written where."""
        where = cut(clean(str(Path.cwd())), self.width - 4)
        return [
            (Run(f"The {self._what} as they are filtered now, to a file in"),),
            (Run(where, Role.MUTED),),
            BLANK,
        ]

    def foot(self) -> list[Line]:
        """The buttons; the acting one says what is missing."""
        error = self._error()
        self.field_note(" file          ", BLANK)
        buttons = row(button("esc", "Cancel"), button("enter", "Export", possible=not error))
        return [BLANK, (*buttons, *((Run(f"  {error}", Role.FAINT),) if error else BLANK))]

    def _error(self) -> str:
        name = self._input.value.strip()
        if not name:
            return "needs a name"
        ends = name.casefold().endswith((".csv", ".jsonl"))
        return "" if ends else "ends in .csv or .jsonl"

    def hints(self) -> list[KeyHint]:
        """The keys."""
        return [KeyHint("enter", "export", not self._error()), KeyHint("esc", "cancel", keep=True)]

    def result(self) -> str | None:
        """What is in the field, as far as it can be used."""
        return None if self._error() else self._input.value.strip()

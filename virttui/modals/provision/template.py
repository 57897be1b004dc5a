"""A name for a template of a machine."""

from __future__ import annotations

from collections.abc import Collection

from virttui.modals.base.modal import button, row
from virttui.modals.base.single_field import InputDialog
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run


class TemplateDialog(InputDialog[str]):
    """Gives back the name, or None."""

    def __init__(self, taken: Collection[str]) -> None:
        super().__init__("save as template", field=True)
        self._taken = taken

    def on_mount(self) -> None:
        """The field is where one begins."""
        super().on_mount()
        self._input.focus()

    def body(self) -> list[Line]:
        """What it is for."""
        return [
            (Run("Saves your choices, without name and passwords,"),),
            (Run("to start from them another time:"),),
            BLANK,
        ]

    def foot(self) -> list[Line]:
        """What would be replaced, and the buttons."""
        name = self._input.value.strip()
        self.field_note(" name          ", BLANK)
        replaces = name in self._taken
        note = (Run("The template of that name is replaced.", Role.WARN),) if replaces else BLANK
        act = button("enter", "Replace" if replaces else "Save", possible=bool(name))
        return [BLANK, note, BLANK, row(button("esc", "Cancel"), act)]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        possible = self.result() is not None
        return [KeyHint("enter", "keep", possible), KeyHint("esc", "cancel", keep=True)]

    def result(self) -> str | None:
        """The name that was typed."""
        return self._input.value.strip() or None

"""A new name for a domain."""

from __future__ import annotations

from collections.abc import Collection

from virttui.modals.base.modal import bold, button, row
from virttui.modals.base.single_field import InputDialog
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run


def name_error(name: str, old: str, taken: Collection[str], host: str) -> str:
    """Why a name cannot be taken, in words; "" when it can."""
    if not name:
        return "needs a name"
    if name == old:
        return "this is its name already"
    if name in taken:
        return f"{host} already has a domain of that name"
    if "/" in name or not name.isprintable():
        return (
            'a name cannot contain "/"'
            if "/" in name
            else "a name cannot contain control characters"
        )
    return "" if name.strip() == name else "a name cannot begin or end with a space"


class RenameDialog(InputDialog[str]):
    """Gives back the new name, or None."""

    def __init__(self, name: str, host: str, taken: Collection[str]) -> None:
        super().__init__(f"rename {name}", field=True)
        self._old, self._host, self._taken = name, host, taken

    def on_mount(self) -> None:
        """The old name is what is edited."""
        self._input.fill(self._old)
        self._input.focus()

    def body(self) -> list[Line]:
        """The question."""
        return [bold(f"A new name for {self._old} on {self._host}:", self._old), BLANK]

    def foot(self) -> list[Line]:
        """The buttons; the acting one says what is missing."""
        error = self._error()
        self.field_note(" name          ", BLANK)
        buttons = row(button("esc", "Cancel"), button("enter", "Rename", possible=not error))
        note = (Run(f"  {error}", Role.FAINT),) if error else BLANK
        return [
            BLANK,
            (Run("Its disks and its uuid stay as they are.", Role.MUTED),),
            BLANK,
            (*buttons, *note),
        ]

    def _error(self) -> str:
        return name_error(self._input.value, self._old, self._taken, self._host)

    def hints(self) -> list[KeyHint]:
        """The keys."""
        return [KeyHint("enter", "rename", not self._error()), KeyHint("esc", "cancel", keep=True)]

    def result(self) -> str | None:
        """What is in the field, as far as it can be used."""
        return None if self._error() else self._input.value

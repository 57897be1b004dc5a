"""The note of a snapshot, typed anew."""

from __future__ import annotations

from virttui.modals.base.modal import button, row
from virttui.modals.base.single_field import InputDialog
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, clean, wrapped


class NoteDialog(InputDialog[str]):
    """Returns the note, "" for none, or None where nothing is to change."""

    WIDTH = 66

    def __init__(self, name: str, note: str) -> None:
        super().__init__(f"note of {name}", field=True)
        self._present = note

    def on_mount(self) -> None:
        """Put the present note into the input."""
        super().on_mount()
        self._input.value = " ".join(self._present.split())
        self._input.cursor_position = len(self._input.value)
        self._input.focus()

    def body(self) -> list[Line]:
        """What is not changed by it."""
        words = "The name stays: libvirt cannot rename a snapshot."
        return [(Run(part, Role.MUTED),) for part in wrapped(clean(words), self.width)]

    def foot(self) -> list[Line]:
        """The buttons."""
        able = self.result() is not None
        buttons = row(button("esc", "Cancel"), button("enter", "Save", possible=able))
        return [BLANK, buttons]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        able = self.result() is not None
        return [KeyHint("enter", "save", able), KeyHint("esc", "cancel", keep=True)]

    def result(self) -> str | None:
        """The typed note, if it is another one that XML can hold."""
        typed = self._input.value.strip()
        same = typed == " ".join(self._present.split())
        return None if same or not (typed.isprintable() or not typed) else typed

"""A program to run inside guests by their agents, typed in one line."""

from __future__ import annotations

import shlex

from virttui.modals.base.modal import button, row
from virttui.modals.base.single_field import InputDialog
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, wrapped

TAINT = "libvirt marks the domain as tainted by it, until it is off."


class ProgramDialog(InputDialog[tuple[str, ...]]):
    """Returns the program with its arguments, or None."""

    WIDTH = 70

    def __init__(self, name: str, *, several: bool) -> None:
        super().__init__(f"run inside {name}", danger=True, field=True)
        self._where = f"each of {name}" if several else name

    def on_mount(self) -> None:
        """The field is where one begins."""
        super().on_mount()
        self._input.focus()

    def body(self) -> list[Line]:
        """What happens."""
        said = (
            f"It runs in {self._where} with the rights of the agent, usually root's. No shell "
            f"reads the line: sh -c '…' does. The agent cannot end it. {TAINT}"
        )
        return [*((Run(part),) for part in wrapped(said, self.width)), BLANK]

    def foot(self) -> list[Line]:
        """What is wrong, and the buttons."""
        self.field_note(" ", BLANK)
        error = self._error() if self._input.value.strip() else ""
        able = self.result() is not None
        return [
            (Run(f" {error}", Role.BAD),),
            BLANK,
            row(button("esc", "Cancel"), button("enter", "Run", possible=able)),
        ]

    def _error(self) -> str:
        try:
            return "" if shlex.split(self._input.value) else "name a program"
        except ValueError as error:
            return f"this line cannot be read: {str(error).lower()}"

    def hints(self) -> list[KeyHint]:
        """The keys."""
        able = self.result() is not None
        return [KeyHint("enter", "run", able), KeyHint("esc", "cancel", keep=True)]

    def result(self) -> tuple[str, ...] | None:
        """The words of the line, if it can be read."""
        if not self._input.value.strip() or self._error():
            return None
        return tuple(shlex.split(self._input.value))

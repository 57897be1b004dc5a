"""A question about a permanent loss of data, answered by typing a name."""

from __future__ import annotations

from collections.abc import Sequence

from virttui import formatting
from virttui.modals.base.modal import bold, button, row
from virttui.modals.base.single_field import InputDialog
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, clean, cut_end, fit, wrapped


class TypeToConfirmDialog(InputDialog[bool]):
    """Gives back True when ``name`` was typed, or None.

    ``listed`` are the targets where there are several, with a word about each.
    """

    WIDTH = 66

    def __init__(
        self,
        title: str,
        asks: str,
        verb: str,
        name: str,
        consequence: str,
        listed: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(title, danger=True, field=True)
        self._question, self._verb, self._typed, self._consequence = asks, verb, name, consequence
        self._listed = listed

    def on_mount(self) -> None:
        """Put the cursor into the input."""
        super().on_mount()
        self._input.focus()

    def body(self) -> list[Line]:
        """The question, the targets and the consequence."""
        lines: list[Line] = [
            bold(part, self._typed) for part in wrapped(self._question, self.width)
        ]
        tail: list[Line] = [
            (Run(part, Role.BAD),) for part in wrapped(self._consequence, self.width)
        ]
        tail += [BLANK, bold(f"Type {self._typed} to continue:", self._typed)]
        return [*lines, *self._list(self.room - len(lines) - len(tail) - 6), BLANK, *tail]

    def _list(self, room: int) -> list[Line]:
        if not self._listed:
            return []
        shown = self._listed if len(self._listed) <= room else self._listed[: max(1, room - 1)]
        width = max(12, self.width - 12)
        lines: list[Line] = [
            (Run(f"  {fit(clean(name), width)} "), Run(word, Role.MUTED)) for name, word in shown
        ]
        if len(shown) < len(self._listed):
            lines.append((Run(f"  and {len(self._listed) - len(shown)} more", Role.MUTED),))
        return [BLANK, *lines]

    def foot(self) -> list[Line]:
        """The missing part of the name, and the buttons."""
        self.field_note(" ", (Run(f" {cut_end(self._letters(), 16)} ", Role.MUTED),))
        able = self.result() is not None
        return [BLANK, row(button("esc", "Cancel"), button("enter", self._verb, possible=able))]

    def _letters(self) -> str:
        typed = self._input.value
        if not typed or typed == self._typed:
            return ""
        if self._typed.startswith(typed):
            return formatting.counted(len(self._typed) - len(typed), "more letter")
        return "not its name" if not self._listed else "not that"

    def hints(self) -> list[KeyHint]:
        """The keys."""
        able = self.result() is not None
        return [KeyHint("enter", self._verb.lower(), able), KeyHint("esc", "cancel", keep=True)]

    def result(self) -> bool | None:
        """True once the whole name was typed, else None."""
        return True if self._input.value == self._typed else None

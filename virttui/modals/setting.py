"""One setting of a domain: what it is now, and what it is to be."""

from __future__ import annotations

from virttui.modals.form import FormSheet
from virttui.modals.sheet import button, row
from virttui.model.edits import Now
from virttui.panes.chrome import KeyHint
from virttui.panes.line import BLANK, Line, Role, Run, clean, cut_end


class SettingSheet(FormSheet[str]):
    """Gives back the value, or None. ``shown`` is the present one as people read it."""

    def __init__(self, name: str, now: Now, shown: str) -> None:
        what = f"{now.device} {now.setting.name}".strip()
        super().__init__(f"{what} of {name}", field=True)
        self._now, self._shown = now, shown

    def on_mount(self) -> None:
        """The present value is what is edited."""
        super().on_mount()
        self._input.value = self._shown
        self._input.cursor_position = len(self._shown)
        self._input.focus()

    def body(self) -> list[Line]:
        """What it is."""
        help = self._now.setting.help
        return [(Run(f"{help[:1].upper()}{help[1:]}.", Role.MUTED),), BLANK]

    def foot(self) -> list[Line]:
        """What is wanted, the usual values, the buttons."""
        setting = self._now.setting
        self.field_note(f" {setting.name:<13} ", BLANK)
        lines: list[Line] = [BLANK, (Run(cut_end(setting.value, self.cells), Role.MUTED),)]
        if setting.options:
            usual = "  ".join(setting.options)
            lines.append((Run(cut_end(clean(usual), self.cells), Role.MUTED),))
        able = self.result() is not None
        return [*lines, BLANK, row(button("esc", "Cancel"), button("enter", "Next", possible=able))]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        able = self.result() is not None
        return [KeyHint("enter", "what it changes", able), KeyHint("esc", "cancel", keep=True)]

    def result(self) -> str | None:
        """What is in the field, where it is another value."""
        value = self._input.value.strip()
        return value if value and value != self._shown else None

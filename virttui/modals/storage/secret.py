"""A new secret in one line, and the value of one, which is never shown."""

from __future__ import annotations

import base64
import binascii

from textual import events

from virttui.modals.base.modal import button, row
from virttui.modals.base.single_field import InputDialog
from virttui.model.secret_value import SecretBytes
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run


class NewSecretDialog(InputDialog[tuple[str, str, str]]):
    """Gives back what it is for, its name and a description, or None."""

    WIDTH = 66

    def __init__(self, host: str, uses: tuple[str, ...]) -> None:
        super().__init__(f"a new secret on {host}", field=True)
        self._uses = uses

    def on_mount(self) -> None:
        """The field is where one begins."""
        super().on_mount()
        self._input.focus()

    def body(self) -> list[Line]:
        """How it is typed."""
        return [
            (Run("USE NAME [DESCRIPTION]", Role.STRONG),),
            (Run(f"USE is {', '.join(self._uses)}; as ceph client.admin", Role.MUTED),),
            BLANK,
        ]

    def foot(self) -> list[Line]:
        """The buttons."""
        self.field_note(" ", BLANK)
        able = self.result() is not None
        note: Line = (Run("  you enter its value next", Role.MUTED),)
        buttons = row(button("esc", "Cancel"), button("enter", "Define", possible=able))
        return [BLANK, (*buttons, *note)]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        able = self.result() is not None
        return [KeyHint("enter", "define", able), KeyHint("esc", "cancel", keep=True)]

    def result(self) -> tuple[str, str, str] | None:
        """What is in the field, as far as it makes sense."""
        words = self._input.value.split(maxsplit=2)
        if len(words) < 2 or words[0] not in self._uses:
            return None
        return words[0], words[1], words[2] if len(words) > 2 else ""


class SecretValueDialog(InputDialog[SecretBytes]):
    """Gives back the value, sealed, or None. ``encoded``: it is typed as base64, as Ceph has it."""

    def __init__(self, name: str, *, encoded: bool) -> None:
        super().__init__(f"the value of {name}", field=True)
        self._encoded = encoded

    def on_mount(self) -> None:
        """Dots instead of letters."""
        super().on_mount()
        self._input.password = True
        self._input.focus()

    def body(self) -> list[Line]:
        """What happens to it."""
        return [
            (Run("It goes to libvirt and nowhere else; it cannot be shown again.", Role.MUTED),),
            BLANK,
        ]

    def foot(self) -> list[Line]:
        """How it is read, and the buttons."""
        self.field_note(" ", BLANK)
        box = "[x]" if self._encoded else "[ ]"
        error = bool(self._input.value) and self.result() is None
        note = "not valid base64" if error else ""
        return [
            BLANK,
            (
                Run("tab ", Role.ACCENT_STRONG),
                Run(f"{box} it is base64"),
                Run(f"   {note}", Role.BAD),
            ),
            BLANK,
            row(
                button("esc", "Cancel"),
                button("enter", "Set", possible=self.result() is not None),
            ),
        ]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        able = self.result() is not None
        return [
            KeyHint("enter", "set", able),
            KeyHint("tab", "base64 or not"),
            KeyHint("esc", "cancel", keep=True),
        ]

    def take_key(self, event: events.Key) -> bool:
        """Tab says how it is read; every other key is the form's."""
        if event.key == "tab":
            self._encoded = not self._encoded
            self.draw()
            return True
        return super().take_key(event)

    def result(self) -> SecretBytes | None:
        """What is in the field, as bytes."""
        typed = self._input.value
        if not typed:
            return None
        if not self._encoded:
            return SecretBytes(typed.encode())
        try:
            return SecretBytes(base64.b64decode(typed, validate=True))
        except (binascii.Error, ValueError):
            return None

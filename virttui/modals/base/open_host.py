"""The URI of a host to open."""

from __future__ import annotations

from virttui.modals.base.modal import button, row
from virttui.modals.base.single_field import InputDialog
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run

_OVER_SSH = "qemu+ssh://"


class HostDialog(InputDialog[str]):
    """Gives back a URI, or None."""

    WIDTH = 62

    def __init__(self) -> None:
        super().__init__("another host", field=True)

    def on_mount(self) -> None:
        """Put the cursor into the input."""
        self._input.fill(_OVER_SSH)
        self._input.focus()

    def body(self) -> list[Line]:
        """The question."""
        return [
            (Run("Its libvirt URI:"),),
            (Run("qemu+ssh://root@host/system is a host over ssh", Role.MUTED),),
            BLANK,
        ]

    def foot(self) -> list[Line]:
        """The buttons."""
        self.field_note(" ", BLANK)
        possible = self._possible()
        return [BLANK, row(button("esc", "Cancel"), button("enter", "Open", possible=possible))]

    def _uri(self) -> str:
        """The URI of the typed text: a bare host name becomes a qemu+ssh URI."""
        typed = self._input.value.strip()
        return typed if "://" in typed or not typed else f"{_OVER_SSH}{typed}"

    def _possible(self) -> bool:
        scheme, colon, rest = self._uri().partition("://")
        return bool(scheme and colon and rest)

    def hints(self) -> list[KeyHint]:
        """The keys."""
        return [KeyHint("enter", "open", self._possible()), KeyHint("esc", "cancel", keep=True)]

    def result(self) -> str | None:
        """The URI; None while the text is invalid."""
        return self._uri() if self._possible() else None

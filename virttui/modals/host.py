"""The URI of a host to open."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from virttui.modals.sheet import Sheet, button, row
from virttui.panes.chrome import KeyHint
from virttui.panes.line import BLANK, Line, Role, Run


class HostSheet(Sheet[str]):
    """Gives back a URI, or None."""

    WIDTH = 62

    def __init__(self) -> None:
        super().__init__("another host", field=True)

    def on_mount(self) -> None:
        """The field is where one begins."""
        self._input.value = "qemu+ssh://"
        self._input.cursor_position = len(self._input.value)
        self._input.focus()

    def body(self) -> list[Line]:
        """What is wanted."""
        return [
            (Run("The URI libvirt reaches it by:"),),
            (Run("qemu+ssh://root@host/system is a hypervisor over ssh", Role.MUTED),),
            BLANK,
        ]

    def foot(self) -> list[Line]:
        """The buttons."""
        self.field_note(" ", BLANK)
        possible = self._possible()
        return [BLANK, row(button("esc", "Cancel"), button("enter", "Open", possible=possible))]

    def _possible(self) -> bool:
        scheme, colon, rest = self._input.value.partition("://")
        return bool(scheme and colon and rest)

    def hints(self) -> list[KeyHint]:
        """The keys."""
        return [KeyHint("enter", "open", self._possible()), KeyHint("esc", "cancel", keep=True)]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check as it is typed."""
        self.draw()

    def take_key(self, event: events.Key) -> bool:
        """Enter opens, escape does not."""
        if event.key == "escape":
            self.finish(None)
        elif event.key != "enter":
            return self._input.take_key(event)
        elif self._possible():
            self.finish(self._input.value.strip())
        return True

"""A new record of a network, typed in one line."""

from __future__ import annotations

from collections.abc import Callable

from virttui.modals.base.modal import button, row
from virttui.modals.base.single_field import InputDialog
from virttui.model.errors import InvalidInput
from virttui.model.network_records import NetworkRecord, RecordKind
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, wrapped

WANTED = {
    RecordKind.RESERVATION: ("reservation", "MAC ADDRESS [NAME]", "52:54:00:12:34:56 10.0.0.5 web"),
    RecordKind.DNS_HOST: ("DNS host", "ADDRESS NAME [NAME …]", "10.0.0.5 web.lab web"),
    RecordKind.DNS_SRV: (
        "DNS service",
        "SERVICE PROTOCOL TARGET PORT [DOMAIN]",
        "ldap tcp dc1.lab 389",
    ),
    RecordKind.DNS_TXT: ("DNS text", "NAME TEXT", "build sha-1f3a"),
    RecordKind.FORWARDER: (
        "DNS forwarder",
        "ADDRESS [DOMAIN], or DOMAIN",
        "10.20.0.53 corp.example",
    ),
}
"""What a section's records are called, how one is typed, and an example."""


class RecordDialog(InputDialog[NetworkRecord]):
    """Gives back the record, or None. ``make`` reads what was typed; it raises InvalidInput."""

    WIDTH = 66

    def __init__(
        self, network: str, section: RecordKind, make: Callable[[list[str]], NetworkRecord]
    ) -> None:
        self._what, self._wants, self._example = WANTED[section]
        super().__init__(f"add a {self._what} to {network}", field=True)
        self._make = make
        self._waits: list[Line] = []
        self._when = "now and from its next start on"
        if not section.live:
            self._when = "from its next start on"
            said = "not changed while the network runs; R restarts it"
            self._waits = [(Run(said, Role.MUTED),)]

    def on_mount(self) -> None:
        """The field is where one begins."""
        super().on_mount()
        self._input.focus()

    def body(self) -> list[Line]:
        """How it is typed."""
        return [
            (Run(self._wants, Role.STRONG),),
            (Run(f"as {self._example}", Role.MUTED),),
            *self._waits,
            BLANK,
        ]

    def foot(self) -> list[Line]:
        """What is missing, and the buttons."""
        self.field_note(" ", BLANK)
        error = self._error() if self._input.value.strip() else ""
        lines: list[Line] = [BLANK]
        lines += (
            [(Run(part, Role.BAD),) for part in wrapped(error, self.width)] if error else [BLANK]
        )
        able = self.result() is not None
        note: Line = (Run(f"  {self._when}", Role.MUTED),)
        buttons = row(button("esc", "Cancel"), button("enter", "Add", possible=able))
        return [*lines, BLANK, (*buttons, *note)]

    def _error(self) -> str:
        try:
            self._make(self._input.value.split())
        except InvalidInput as error:
            return error.message
        return ""

    def hints(self) -> list[KeyHint]:
        """The keys."""
        able = self.result() is not None
        return [KeyHint("enter", "add", able), KeyHint("esc", "cancel", keep=True)]

    def result(self) -> NetworkRecord | None:
        """What is in the field, as far as it makes sense."""
        try:
            return self._make(self._input.value.split())
        except InvalidInput:
            return None

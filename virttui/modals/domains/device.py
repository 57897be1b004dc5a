"""The form of a new device: its fields with their defaults, and the XML they produce."""

from __future__ import annotations

from collections.abc import Mapping

from virttui.modals.base.form import FormDialog, FormState
from virttui.modals.domains.device_facts import DeviceFacts
from virttui.model.domains.devices import DeviceKind, DeviceRequest
from virttui.model.errors import InvalidInput
from virttui.model.queries import QueryResult
from virttui.planning.devices import make


class DeviceDialog(FormDialog[DeviceRequest]):
    """Returns the request of a new device, or None."""

    def __init__(
        self, kind: DeviceKind, name: str, facts: DeviceFacts, entered: Mapping[str, str] = {}
    ) -> None:
        title = f"add {kind.words} to {name}"
        super().__init__(title, "Next", "what it changes", "reading its definition")
        self._kind, self._facts = kind, facts
        self._entered.update(entered)

    def on_mount(self) -> None:
        """Ask for the definition and for what the host offers."""
        super().on_mount()
        self._facts.ask(self.console, self._kind.name)
        self._read()

    def on_query_result(self, result: QueryResult) -> None:
        """Apply a result and evaluate the form again."""
        self._facts.take(result)
        self._read()

    def _read(self) -> None:
        self.recompute()
        if self._facts.unread:
            self.run_worker(self._work())

    async def _work(self) -> None:
        await self._facts.read()
        self.recompute()

    def evaluate(self, entered: dict[str, str]) -> FormState[DeviceRequest] | None:
        """The fields and the XML of the device."""
        facts, guest = self._facts, self._facts.guest
        if guest is None:
            return FormState(error=facts.trouble) if facts.trouble else None
        around = facts.around(self.console)
        if why_not := make.why_not(self._kind.name, guest, around):
            return FormState(error=why_not)
        making = DeviceRequest(self._kind.name, tuple(entered.items()))
        wanted = make.form_fields(making, guest, around)
        for one in wanted:
            if one.pool:
                facts.ask_volumes(self.console, one.pool)
        try:
            made = make.plan(making, guest, around)
        except InvalidInput as error:
            return FormState(wanted, error=error.message)
        lines = tuple(made.xml.split("\n"))
        warns = f"; {made.warning}" if made.warning else ""
        return FormState(wanted, making, lines, f"makes {made.words}{warns}")

"""The choice of the kind of device to add."""

from __future__ import annotations

from virttui.modals.base.chooser import PickerDialog
from virttui.modals.domains.device_facts import DeviceFacts
from virttui.model.domains.devices import DEVICE_KINDS
from virttui.model.queries import QueryResult
from virttui.render.search import PickerItem


class DeviceKindDialog(PickerDialog[str]):
    """Returns the name of a device kind, or None."""

    def __init__(self, name: str, facts: DeviceFacts) -> None:
        super().__init__(f"add to {name}", [])
        self._facts = facts
        self.replace(self._entries_of())

    def on_mount(self) -> None:
        """Query why some kinds may be unavailable."""
        super().on_mount()
        self._facts.ask(self.console)
        self._read()

    def on_query_result(self, result: QueryResult) -> None:
        """Apply a result and show the kinds again."""
        self._facts.take(result)
        self._read()

    def _read(self) -> None:
        if self._facts.unread:
            self.run_worker(self._work())
        else:
            self.renew(self._entries_of())

    async def _work(self) -> None:
        await self._facts.read()
        self.renew(self._entries_of())

    def _entries_of(self) -> list[PickerItem[str | None]]:
        facts = self._facts
        if facts.trouble:
            return [PickerItem(None, "its definition", why_not=facts.trouble)]
        console = self.console if self.is_mounted else None
        return [
            PickerItem(kind.name, kind.words, kind.help, why_not=facts.why_not(kind, console))
            for kind in DEVICE_KINDS
        ]

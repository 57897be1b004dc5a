"""A new device: its fields, each with what it would be anyhow, and the XML it comes to."""

from __future__ import annotations

from collections.abc import Mapping

from virttui.modals.facts import Facts
from virttui.modals.fields import FieldsSheet, Filled
from virttui.model.errors import BadInput
from virttui.model.making import DeviceKind, Making
from virttui.model.news import Answer


class DeviceSheet(FieldsSheet[Making]):
    """Gives back what is to be made, or None."""

    def __init__(
        self, kind: DeviceKind, name: str, facts: Facts, given: Mapping[str, str] = {}
    ) -> None:
        title = f"add {kind.words} to {name}"
        super().__init__(title, "Next", "what it changes", "reading its definition")
        self._kind, self._facts = kind, facts
        self._given.update(given)

    def on_mount(self) -> None:
        """Ask for what it takes to know."""
        super().on_mount()
        self._facts.ask(self.console, self._kind.name)
        self._read()

    def answered(self, answer: Answer) -> None:
        """More is known."""
        self._facts.take(answer)
        self._read()

    def _read(self) -> None:
        self.think()
        if self._facts.unread:
            self.run_worker(self._work())

    async def _work(self) -> None:
        await self._facts.read()
        self.think()

    def filled(self, given: dict[str, str]) -> Filled[Making] | None:
        """The fields of the device, and its XML."""
        facts, guest = self._facts, self._facts.guest
        if guest is None:
            return Filled(wrong=facts.trouble) if facts.trouble else None
        around = facts.around(self.console)
        if why_not := facts.makes.why_not(self._kind.name, guest, around):
            return Filled(wrong=why_not)
        making = Making(self._kind.name, tuple(given.items()))
        wanted = facts.makes.wants(making, guest, around)
        for one in wanted:
            if one.pool:
                facts.ask_volumes(self.console, one.pool)
        try:
            made = facts.makes.made(making, guest, around)
        except BadInput as error:
            return Filled(wanted, wrong=error.sentence)
        lines = tuple(made.xml.split("\n"))
        warns = f"; {made.warns}" if made.warns else ""
        return Filled(wanted, making, lines, f"makes {made.words}{warns}")

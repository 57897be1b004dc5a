"""A new device: its fields, each with what it would be anyhow, and the XML it comes to."""

from __future__ import annotations

from virttui.modals.facts import Facts
from virttui.modals.fields import FieldsSheet
from virttui.model.errors import BadInput
from virttui.model.making import DeviceKind, Made, Making, Wanted
from virttui.model.news import Answer
from virttui.panes.line import Line, Role, Run, clean, cut_end


class DeviceSheet(FieldsSheet[Making]):
    """Gives back what is to be made, or None."""

    NEXT = "what it changes"

    def __init__(self, kind: DeviceKind, name: str, facts: Facts) -> None:
        super().__init__(f"add {kind.words} to {name}")
        self._kind, self._facts = kind, facts
        self._made: Made | None = None

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

    def fields(self) -> tuple[tuple[Wanted, ...], str]:
        """Those of its kind, once the definition is known that it is for."""
        facts, guest = self._facts, self._facts.guest
        self._made = None
        if guest is None:
            return (), facts.trouble
        around = facts.around(self.console)
        if reason := facts.makes.why_not(self._kind.name, guest, around):
            return (), reason
        wanted = facts.makes.wants(self.result(), guest, around)
        for one in wanted:
            if one.pool:
                facts.ask_volumes(self.console, one.pool)
        try:
            self._made = facts.makes.made(self.result(), guest, around)
        except BadInput as error:
            return wanted, error.sentence
        return wanted, ""

    def waiting(self) -> str:
        """Nothing is known before the definition."""
        return "reading its definition"

    def result(self) -> Making:
        """What is to be made."""
        return Making(self._kind.name, tuple(self._given.items()))

    def made(self, room: int) -> list[Line]:
        """Its XML, or a word about it where that has no room."""
        if self._made is None:
            return []
        lines = self._made.xml.split("\n")
        if len(lines) > room:
            lines = [f"makes {self._made.words}"]
        return [(Run(cut_end(clean(line), self.cells), Role.MUTED),) for line in lines]

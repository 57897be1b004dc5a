"""What can be set of a domain, with what it is now; devices that can come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from virttui import text
from virttui.modals.chooser import ChooserSheet
from virttui.modals.facts import Facts
from virttui.model.commands import DiskTodo, Edit, Verb
from virttui.model.documents import Definition
from virttui.model.edits import REMOVE, Now
from virttui.model.errors import BadInput
from virttui.model.making import BY_DEVICE_KIND, DEVICE_KINDS, DeviceKind
from virttui.model.news import Answer, Ask
from virttui.panes.choosing import Entry


class Found(NamedTuple):
    """What can be set of a domain, what its devices are called, and work on its disks."""

    settings: tuple[Now, ...] = ()
    devices: tuple[str, ...] = ()
    works: tuple[DiskTodo, ...] = ()


Reads = Callable[[Definition], Found]


class SettingsSheet(ChooserSheet):
    """Gives back the id of an entry, which ``found`` explains. ``reads`` works on a thread.

    ``facts`` know which devices its domains can have.
    """

    def __init__(self, facts: Facts, name: str, reads: Reads, device: str = "") -> None:
        waiting = [Entry("", "reading", why_not="its definition")]
        super().__init__(f"edit {name}", waiting)
        self._target, self._reads, self._device = facts.targets[0], reads, device
        self._facts, self._several = facts, len(facts.targets) > 1
        self._found_in = Found()
        self.definition: Definition | None = None

    def on_mount(self) -> None:
        """Ask for the definition."""
        super().on_mount()
        self._facts.ask(self.console)

    def answered(self, answer: Answer) -> None:
        """The definition, or why it cannot be had."""
        question = answer.question
        self._facts.take(answer)
        if question.ask is Ask.KNOWLEDGE and any(self._found_in):
            self.renew(self._entries_of())
        if question.ask is not Ask.DEFINITION or question.key != self._target.key:
            return
        if answer.definition is None:
            why = answer.trouble.sentence if answer.trouble is not None else "no answer came"
            self.replace([Entry("", "its definition", why_not=why)])
        elif answer.definition.why_not and not answer.definition.transient:
            self.replace([Entry("", "its definition", why_not=answer.definition.why_not)])
        else:
            self.definition = answer.definition
            self.run_worker(self._read(answer.definition))

    async def _read(self, definition: Definition) -> None:
        try:
            self._found_in = await asyncio.to_thread(self._reads, definition)
            if self._facts.unread:
                await self._facts.read()
        except BadInput as error:
            self.replace([Entry("", "its definition", why_not=error.sentence)])
            return
        self.replace(self._entries_of())
        if self._device:
            self._input.value = f"{self._device} "

    def _entries_of(self) -> list[Entry]:
        entries = [
            Entry(f"set {n}", f"{now.device} {now.setting.name}".strip(), note=_value(now))
            for n, now in enumerate(self._found_in.settings)
        ]
        alone = "" if not self._several else "of one domain at a time"
        entries += [
            Entry(f"work {n}", f"{todo.disk} {_WORDS[todo.verb]}", note=todo.note, why_not=alone)
            for n, todo in enumerate(self._found_in.works)
        ]
        for kind in DEVICE_KINDS:
            why_not = self._facts.why_not(kind, self.console)
            entries.append(Entry(f"add {kind.name}", f"add {kind.words}", kind.help, "", why_not))
        entries += [
            Entry(f"remove {n}", f"remove {name}", note="its guest has to let go")
            for n, name in enumerate(self._found_in.devices)
        ]
        return entries

    def found(self, id: str) -> Now | Edit | DeviceKind | DiskTodo:
        """What an id stands for: a setting to give a value, an edit that is whole, a device, work
        on a disk."""
        word, _, number = id.partition(" ")
        if word == "remove":
            return Edit(REMOVE, self._found_in.devices[int(number)])
        if word == "work":
            return self._found_in.works[int(number)]
        if word == "add":
            return BY_DEVICE_KIND[number]
        return self._found_in.settings[int(number)]


_WORDS = {Verb.RESIZE: "grow", Verb.MOVE: "move", Verb.COMMIT: "commit", Verb.PULL: "pull"}


def _value(now: Now) -> str:
    if now.setting.name in ("memory", "max-memory") and now.value.isdigit():
        return text.size(int(now.value))
    return now.value or "not set"

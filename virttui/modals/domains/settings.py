"""What can be set of a domain, with what it is now; devices that can come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from virttui import formatting
from virttui.modals.base.chooser import PickerDialog
from virttui.modals.domains.device_facts import DeviceFacts
from virttui.model.commands import DiskJobOption, SettingChange, Verb
from virttui.model.documents import DocumentText
from virttui.model.domains.devices import DEVICE_KINDS, DeviceKind
from virttui.model.domains.settings import REMOVE, CurrentSetting
from virttui.model.errors import InvalidInput
from virttui.model.queries import DefinitionResult, HostValuesResult, QueryResult
from virttui.render.search import PickerItem


class DomainSettings(NamedTuple):
    """What can be set of a domain, what its devices are called, and work on its disks."""

    settings: tuple[CurrentSetting, ...] = ()
    devices: tuple[str, ...] = ()
    works: tuple[DiskJobOption, ...] = ()


Reads = Callable[[DocumentText], DomainSettings]

SettingsChoice = CurrentSetting | SettingChange | DeviceKind | DiskJobOption
"""A setting to give a value, a change that needs none, a device to add, a job on a disk."""


class SettingsDialog(PickerDialog[SettingsChoice]):
    """Returns what is to be changed. ``reads`` works on a thread.

    ``facts`` know which devices its domains can have.
    """

    def __init__(self, facts: DeviceFacts, name: str, reads: Reads, device: str = "") -> None:
        waiting = [PickerItem(None, "reading", why_not="its definition")]
        super().__init__(f"edit {name}", waiting)
        self._target, self._reads, self._device = facts.targets[0], reads, device
        self._facts, self._several = facts, len(facts.targets) > 1
        self._found_in = DomainSettings()
        self.definition: DocumentText | None = None

    def on_mount(self) -> None:
        """Ask for the definition."""
        super().on_mount()
        self._facts.ask(self.console)

    def on_query_result(self, result: QueryResult) -> None:
        """Apply the definition, or the reason why there is none."""
        self._facts.take(result)
        if isinstance(result, HostValuesResult) and any(self._found_in):
            self.renew(self._entries_of())
        if not isinstance(result, DefinitionResult) or result.query.key != self._target.key:
            return
        definition = result.definition
        if definition is None:
            why = result.error.message if result.error is not None else "no answer"
            self.replace([PickerItem(None, "its definition", why_not=why)])
        elif definition.why_not and not definition.transient:
            self.replace([PickerItem(None, "its definition", why_not=definition.why_not)])
        else:
            self.definition = definition
            self.run_worker(self._read(definition))

    async def _read(self, definition: DocumentText) -> None:
        try:
            self._found_in = await asyncio.to_thread(self._reads, definition)
            if self._facts.unread:
                await self._facts.read()
        except InvalidInput as error:
            self.replace([PickerItem(None, "its definition", why_not=error.message)])
            return
        self.replace(self._entries_of())
        if self._device:
            self._input.value = f"{self._device} "

    def _entries_of(self) -> list[PickerItem[SettingsChoice | None]]:
        entries: list[PickerItem[SettingsChoice | None]] = [
            PickerItem(now, f"{now.device} {now.setting.name}".strip(), note=_value(now))
            for now in self._found_in.settings
        ]
        alone = "" if not self._several else "of one domain at a time"
        entries += [
            PickerItem(todo, f"{todo.disk} {_WORDS[todo.verb]}", note=todo.note, why_not=alone)
            for todo in self._found_in.works
        ]
        for kind in DEVICE_KINDS:
            why_not = self._facts.why_not(kind, self.console)
            entries.append(PickerItem(kind, f"add {kind.words}", kind.help, "", why_not))
        entries += [
            PickerItem(
                SettingChange(REMOVE, name), f"remove {name}", note="the guest must release it"
            )
            for name in self._found_in.devices
        ]
        return entries


_WORDS = {
    Verb.RESIZE: "grow",
    Verb.BLOCK_COPY: "move",
    Verb.BLOCK_COMMIT: "commit",
    Verb.BLOCK_PULL: "pull",
}


def _value(now: CurrentSetting) -> str:
    if now.setting.name in ("memory", "max-memory") and now.value.isdigit():
        return formatting.size(int(now.value))
    return now.value or "not set"

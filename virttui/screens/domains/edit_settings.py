"""Changes of settings: chosen from a list or typed after ``:set``, reviewed, then submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from virttui import formatting
from virttui.actions.target import ActionContext
from virttui.model.commands import Command, DiskJobOption, SettingChange, Target, Verb
from virttui.model.documents import DocumentText
from virttui.model.domains.devices import DeviceKind
from virttui.model.domains.settings import ADD, REMOVE, CurrentSetting
from virttui.model.identity import Kind
from virttui.screens.base.types import Submit
from virttui.screens.domains.add_device import ask_for_device
from virttui.screens.domains.disk_jobs import DiskJobFlow
from virttui.screens.domains.pending_edit import CHECKED, PendingEdit
from virttui.screens.provision.network_pool import IN_SEQUENCE
from virttui.store.device_context import offered

if TYPE_CHECKING:
    from virttui.modals.domains.device_facts import DeviceFacts
    from virttui.modals.domains.settings import DomainSettings
    from virttui.screens.base.creation_follower import CreationFollower
    from virttui.screens.base.screen_protocol import ActionScreen


class EditSettingsFlow:
    """Changes settings and devices of the selected domains."""

    def __init__(self, screen: ActionScreen, submit: Submit, following: CreationFollower) -> None:
        self._screen = screen
        self._submit, self._following = submit, following
        self.disks = DiskJobFlow(screen, submit)

    def open(self, situation: ActionContext, device: str = "") -> None:
        """Choose a setting of the selected domain; with marks it is set on all marked domains."""
        subjects = [s for s in situation.subjects if s.kind is Kind.DOMAIN]
        targets = [Target(s.kind, s.key, s.name) for s in subjects]
        self._screen.run_flow(self._choose(targets, device))

    async def _choose(self, targets: Sequence[Target], device: str) -> None:
        from virttui.modals.domains.device_facts import DeviceFacts
        from virttui.modals.domains.settings import SettingsDialog

        name = targets[0].name if len(targets) == 1 else formatting.counted(len(targets), "domain")
        dialog = SettingsDialog(DeviceFacts(targets), name, settings_of, device)
        what = await self._screen.show_dialog(dialog)
        if what is None:
            return
        if isinstance(what, DiskJobOption):
            await self.disks.ask(what.verb, targets[0], what.disk)
        elif isinstance(what, SettingChange):
            await self._change(PendingEdit(what, targets, self._screen.view_state.fleet_state))
        elif isinstance(what, DeviceKind):
            await self._add(DeviceFacts(targets), what.name)
        else:
            await self._set(what, targets, name, dialog.definition)

    async def _set(
        self,
        now: CurrentSetting,
        targets: Sequence[Target],
        name: str,
        definition: DocumentText | None,
    ) -> None:
        """The form of one setting and its review, which leads back to the form."""
        value = ""
        while True:
            chosen = await self._ask_value(now, targets, name, definition, value)
            if chosen is None:
                return
            value = chosen
            change = SettingChange(now.setting.name, now.device, (("", value),))
            edit = PendingEdit(change, targets, self._screen.view_state.fleet_state)
            if await self._change(edit, from_form=True):
                return

    async def _ask_value(
        self,
        now: CurrentSetting,
        targets: Sequence[Target],
        name: str,
        definition: DocumentText | None,
        typed: str,
    ) -> str | None:
        from virttui.modals.domains.disk_job import MediaDialog
        from virttui.modals.domains.setting import SettingDialog

        if now.setting.name == "media":
            title = f"medium in {now.device} of {name}"
            return await self._screen.show_dialog(MediaDialog(title, targets[0], now.value, typed))
        fleet_state = self._screen.view_state.fleet_state
        hosts = [one.key.host for one in targets]
        known = offered(fleet_state, hosts).networks if now.setting.name == "network" else ()
        check = partial(check_value, now, definition)
        dialog = SettingDialog(name, now, value_text(now), known, check, typed)
        return await self._screen.show_dialog(dialog)

    def add(self, targets: Sequence[Target], kind: str = "") -> None:
        """Add a device from a form; its kind is asked for unless ``kind`` names it."""
        from virttui.modals.domains.device_facts import DeviceFacts

        self._screen.run_flow(self._add(DeviceFacts(targets), kind))

    async def _add(self, facts: DeviceFacts, kind: str, entered: Mapping[str, str] = {}) -> None:
        """The form of a device and its review, which leads back to the form, as a failure does."""
        while (added := await ask_for_device(self._screen, facts, kind, entered)) is not None:
            kind, entered = added.request.kind, dict(added.request.values)
            edit = PendingEdit(
                added.edits[facts.key],
                facts.targets,
                self._screen.view_state.fleet_state,
                added.edits,
                added.before,
            )
            if await self._change(edit, from_form=True):
                return

    def review(self, change: SettingChange, targets: Sequence[Target], autostart: str = "") -> None:
        """Show what a typed change does, and make it when the user agrees."""
        edit = PendingEdit(change, targets, self._screen.view_state.fleet_state)
        self._screen.run_flow(self._typed(edit, autostart))

    async def _typed(self, edit: PendingEdit, autostart: str) -> None:
        await self._change(edit, autostart=autostart)

    async def _change(
        self,
        edit: PendingEdit,
        *,
        autostart: str = "",
        from_form: bool = False,
    ) -> bool:
        """Review an edit and submit it; false when the form is to open again.

        That is when the user goes back to it, or when the commands that come first have failed.
        """
        from virttui.modals.domains.edit_preview import EditDialog

        change = edit.change
        if self._screen.view_state.read_only:
            self._screen.show_message("set: this run is read-only")
            return True
        if change.what == "autostart":
            value = autostart or change.value()
            verb = Verb.AUTOSTART_ON if value == "on" else Verb.AUTOSTART_OFF
            self._submit(tuple(Command(verb, target) for target in edit.targets))
            return True
        dialog = EditDialog(
            words_of(change),
            edit.targets,
            edit.hosts,
            edit.preview,
            edit.equivalent,
            knowing=change.what in CHECKED,
            warns=change.value("warns"),
            from_form=from_form,
        )
        decision = await self._screen.show_dialog(dialog)
        if decision is None:
            return False
        commands = edit.commands(decision)
        if edit.before:
            # Where the first commands fail, nothing is edited.
            every, target = [*edit.before, *commands], commands[0].target
            return await self._following.submit(every, target, pace=IN_SEQUENCE) is None
        self._submit(commands)
        return True


def check_value(now: CurrentSetting, definition: DocumentText | None, value: str) -> None:
    """Check whether the definition takes a value. On a thread. Raises InvalidInput."""
    from virttui.libvirtxml.edits.apply import apply

    if definition is not None and now.setting.name != "autostart":
        change = SettingChange(now.setting.name, now.device, (("", value),))
        apply(hidden(definition.stored or definition.live), "", change)


def hidden(text: str) -> str:
    """A definition without its passwords."""
    from virttui.libvirtxml.text.redaction import redact

    return redact(text).text


def words_of(edit: SettingChange) -> str:
    """An edit as a title: ``set nic1 link down``."""
    if edit.what == REMOVE:
        return f"remove {edit.device}"
    if edit.what == ADD:
        return f"add {edit.value('words')}"
    return " ".join(part for part in ("set", edit.device, edit.what, edit.value()) if part)


def value_text(now: CurrentSetting) -> str:
    """A value as it is typed: sizes with their unit."""
    if now.setting.name in ("memory", "max-memory") and now.value.isdigit():
        size = int(now.value)
        for factor, unit in ((1024**3, "G"), (1024**2, "M"), (1024, "K")):
            if size % factor == 0:
                return f"{size // factor}{unit}"
    return now.value


def settings_of(definition: DocumentText) -> DomainSettings:
    """The settings, devices and disk jobs of a definition. Raises InvalidInput."""
    from virttui.libvirtxml.disks.chains import chains
    from virttui.libvirtxml.edits.current_values import current_settings, device_names
    from virttui.modals.domains.settings import DomainSettings

    told = definition.stored or definition.live
    works: list[DiskJobOption] = []
    for chain in chains(definition.live) if definition.live else ():
        deep = len(chain.layers)
        works += [
            DiskJobOption(Verb.RESIZE, chain.disk, "while it runs"),
            DiskJobOption(Verb.BLOCK_COPY, chain.disk, "to another pool, while it runs"),
        ]
        if deep > 1:
            works += [
                DiskJobOption(Verb.BLOCK_COMMIT, chain.disk, f"{deep} files into one below"),
                DiskJobOption(Verb.BLOCK_PULL, chain.disk, f"{deep} files into the first"),
            ]
    return DomainSettings(current_settings(told), device_names(told, definition.live), tuple(works))

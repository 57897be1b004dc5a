"""Devices to add: which kind, its form, and the edit of each domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace
from textual.screen import Screen

from virttui import formatting
from virttui.model.commands import Command, SettingChange, Target, Verb
from virttui.model.domains.devices import BY_DEVICE_KIND, DeviceRequest
from virttui.model.domains.settings import ADD
from virttui.model.identity import Kind, ObjectId
from virttui.model.volumes import NewVolume, VolumeOperation
from virttui.widgets.app_protocol import AppServices

if TYPE_CHECKING:
    from virttui.modals.domains.device_facts import DeviceFacts

R = TypeVar("R")


class DialogScreen(Protocol):
    """A screen whose flows show dialogs."""

    @property
    def console(self) -> AppServices:
        """The app, as screens see it."""

    async def show_dialog(self, dialog: Screen[R]) -> R:
        """Show a dialog and return its result."""


class AddedDevice(Struct, frozen=True):
    """A form that was filled in: the edit of each domain, and the commands that come before."""

    request: DeviceRequest
    edits: Mapping[ObjectId, SettingChange]
    before: tuple[Command, ...]


async def ask_for_device(
    screen: DialogScreen, facts: DeviceFacts, kind: str = "", entered: Mapping[str, str] = {}
) -> AddedDevice | None:
    """Ask for a kind of device unless ``kind`` names one, then for the device itself."""
    from virttui.modals.domains.device import DeviceDialog
    from virttui.modals.domains.device_kinds import DeviceKindDialog

    targets = facts.targets
    name = targets[0].name if len(targets) == 1 else formatting.counted(len(targets), "domain")
    if not kind:
        chosen = await screen.show_dialog(DeviceKindDialog(name, facts))
        if chosen is None:
            return None
        kind = chosen
    dialog = DeviceDialog(BY_DEVICE_KIND[kind], name, facts, entered)
    request = await screen.show_dialog(dialog)
    return _added(screen.console, facts, request) if request is not None else None


def _added(console: AppServices, facts: DeviceFacts, request: DeviceRequest) -> AddedDevice | None:
    """The edit of each domain; None while the definition is not known."""
    from virttui.planning.devices import make
    from virttui.store.device_context import macs

    guest = facts.guest
    if guest is None:
        return None
    around = facts.around(console)
    taken = set(macs(console.fleet_state())) | {around.mac}
    edits: dict[ObjectId, SettingChange] = {}
    before: tuple[Command, ...] = ()
    for target in facts.targets:
        made = make.plan(request, guest, around)
        if made.volume is not None:
            before = _volume(console, target.key.host, made.pool, made.volume)
        values = (("xml", made.xml), ("words", made.words), ("warns", made.warning))
        edits[target.key] = SettingChange(ADD, values=values)
        # Two domains with the same address would answer for each other.
        around = replace(around, mac=make.free_mac(taken))
        taken.add(around.mac)
    return AddedDevice(request, edits, before)


def _volume(console: AppServices, host: str, name: str, new: NewVolume) -> tuple[Command, ...]:
    """The command that creates the volume of a new disk."""
    inventory = console.fleet_state().inventories[host]
    pool = next(one for one in inventory.pools.values() if one.name == name)
    target = Target(Kind.VOLUME, ObjectId(host, f"{pool.key.uuid}/{new.name}"), new.name)
    return (Command(Verb.CREATE, target, VolumeOperation(pool.key, name, new)),)

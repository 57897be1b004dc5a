"""Devices to add: which kind, its form, and the edit it comes to for each domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from textual.app import App

from virttui import formatting
from virttui.model.commands import Command, SettingChange, Target, Verb
from virttui.model.domains.devices import BY_DEVICE_KIND, DeviceRequest
from virttui.model.domains.settings import ADD
from virttui.model.identity import Kind, ObjectId
from virttui.model.volumes import NewVolume, VolumeOperation
from virttui.widgets.app_protocol import AppServices, console_of

Then = Callable[[Mapping[ObjectId, SettingChange], Callable[[], None], tuple[Command, ...]], None]
"""Takes the edits, what opens the form again, and what has to be made before them."""


def _volume(console: AppServices, host: str, name: str, new: NewVolume) -> tuple[Command, ...]:
    """What makes the volume of a new disk."""
    inventory = console.fleet_state().inventories[host]
    pool = next(one for one in inventory.pools.values() if one.name == name)
    target = Target(Kind.VOLUME, ObjectId(host, f"{pool.key.uuid}/{new.name}"), new.name)
    return (Command(Verb.CREATE, target, volume=VolumeOperation(pool.key, name, new)),)


def add_device(
    app: App[object],
    targets: Sequence[Target],
    then: Then,
    kind: str = "",
    texts: tuple[str, str] = ("", ""),
) -> None:
    """Ask for a kind of device unless one is named, then for the device, and hand on the edits.

    ``texts`` are the definition it is for and the live one, instead of what libvirt stores.
    """
    from virttui.modals.domains.device import DeviceDialog
    from virttui.modals.domains.device_facts import DeviceFacts
    from virttui.modals.domains.device_kinds import DeviceKindDialog
    from virttui.planning.devices import make
    from virttui.store.device_context import macs

    facts = DeviceFacts(targets, *texts)
    name = targets[0].name if len(targets) == 1 else formatting.counted(len(targets), "domain")

    def chosen(kind: str | None, entered: Mapping[str, str] = {}) -> None:
        if kind is not None:
            app.push_screen(DeviceDialog(BY_DEVICE_KIND[kind], name, facts, entered), evaluate)

    def evaluate(wanted: DeviceRequest | None) -> None:
        guest = facts.guest
        if wanted is None or guest is None:
            return
        console = console_of(app)
        around = facts.around(console)
        taken = set(macs(console.fleet_state())) | {around.mac}
        edits: dict[ObjectId, SettingChange] = {}
        before: tuple[Command, ...] = ()
        for target in targets:
            made = make.made(wanted, guest, around)
            if made.volume is not None:
                before = _volume(console, target.key.host, made.pool, made.volume)
            values = (("xml", made.xml), ("words", made.words), ("warns", made.warns))
            edits[target.key] = SettingChange(ADD, values=values)
            # Two domains with the same address would answer for each other.
            around = replace(around, mac=make.free_mac(taken))
            taken.add(around.mac)
        then(edits, lambda: chosen(wanted.kind, dict(wanted.values)), before)

    if kind:
        chosen(kind)
    else:
        app.push_screen(DeviceKindDialog(name, facts), chosen)

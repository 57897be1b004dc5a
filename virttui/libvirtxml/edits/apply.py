"""Changes of a definition by name: each touches what it names and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from virttui.libvirtxml.edits import devices, domain
from virttui.libvirtxml.edits.operands import (
    called,
    device_of,
    known_as,
    lasting_name,
    parsed_domain,
)
from virttui.libvirtxml.edits.operands import devices as every_device
from virttui.libvirtxml.edits.removal import meant
from virttui.libvirtxml.live_changes import identity, plan, same
from virttui.libvirtxml.text.tree import Element, Tree
from virttui.model.commands import LiveChange, SettingChange
from virttui.model.domains.settings import ADD, BY_NAME, REMOVE
from virttui.model.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class EditResult:
    """A definition after an edit. ``steps`` are what a running domain takes of it at once,
    ``waiting`` names what counts from its next start on; ``running`` is the live definition as it
    is to be after the steps, "" without any."""

    text: str
    steps: tuple[LiveChange, ...] = ()
    waiting: tuple[str, ...] = ()
    running: str = ""


def apply(stored: str, live: str, edit: SettingChange) -> EditResult:
    """``stored`` with the edit made in it; ``live`` is "" for a domain that is off.

    Raises InvalidInput, in words, when it cannot be made in this definition.
    """
    if not stored and not live:
        raise InvalidInput("it has no definition")
    if not live:
        return EditResult(_edited(stored, edit))
    if stored and _runs_alone(stored, live, edit):
        return replace(apply("", live, edit), text=stored)
    text = _edited(stored, edit) if stored else ""
    # What runs is changed as it is, whole: a device may be another there than in what is stored.
    running = _twin(stored, live, edit) if stored else edit.device
    if running is None:
        return EditResult(text, waiting=(edit.device,))
    mine = replace(edit, device=running)
    if edit.what == "bus":
        # The disk would be another one then, and be pulled out of the guest that uses it.
        return EditResult(text, waiting=(f"bus of {edit.device}",) if text != stored else ())
    try:
        wanted = _edited(live, mine)
        found = plan(live, wanted, live)
    except InvalidInput:
        if not stored:
            raise
        return EditResult(text, waiting=(edit.device or edit.what,))
    steps = tuple(replace(one, what=_named(one.what, stored or live, edit)) for one in found.steps)
    waiting = tuple(_named(one, stored or live, edit) for one in found.waiting)
    return EditResult(text, steps, waiting, wanted if steps else "")


_NIC = re.compile(r"interface \S+")


def _named(what: str, text: str, edit: SettingChange) -> str:
    """A part of a plan as the edit calls it: ``nic1`` where a plan knows a device of the host."""
    match = _NIC.match(what)
    if match is None or edit.what == ADD:
        return what
    parsed = parsed_domain(text)
    element = _meant(parsed, edit)
    name = called(element, [one for one in every_device(parsed) if one.name == element.name])
    return f"{name}{what[match.end() :]}"


def _twin(stored: str, live: str, edit: SettingChange) -> str | None:
    """What the device that is meant is called in what runs; None where it does not run."""
    if edit.what == ADD or (edit.what != REMOVE and not BY_NAME[edit.what].device_kind):
        return edit.device
    kept, now = parsed_domain(stored), parsed_domain(live)
    wanted = _meant(kept, edit)
    found = next(
        (
            one
            for one in every_device(now)
            if identity(now, one) == identity(kept, wanted) and same(kept, wanted, now, one)
        ),
        None,
    )
    if found is None:
        return None
    alike = [one for one in every_device(now) if one.name == found.name]
    return lasting_name(found) or called(found, alike)


def _meant(parsed: Tree, edit: SettingChange) -> Element:
    if edit.what == REMOVE:
        return meant(parsed, edit.device)
    return device_of(parsed, edit.device, BY_NAME[edit.what].device_kind)


def _runs_alone(stored: str, live: str, edit: SettingChange) -> bool:
    """True if a device is to go that was plugged in for now, and is not in what is stored."""
    if edit.what != REMOVE or _has(stored, edit.device) or not _has(live, edit.device):
        return False
    # By its number it could be one that is stored, and only counts differently in what runs.
    name = lasting_name(meant(parsed_domain(live), edit.device))
    return bool(name) and name not in map(lasting_name, every_device(parsed_domain(stored)))


def _has(text: str, device: str) -> bool:
    try:
        meant(parsed_domain(text), device)
    except InvalidInput:
        return False
    return True


def own_name(text: str, edit: SettingChange) -> str:
    """A device's own name instead of its number, which may count differently in what runs.

    Raises InvalidInput when there is no such device.
    """
    if edit.what == ADD or (edit.what != REMOVE and not BY_NAME[edit.what].device_kind):
        return edit.device
    element = _meant(parsed_domain(text), edit)
    return next(iter(sorted(known_as(element))), edit.device)


def _edited(stored: str, edit: SettingChange) -> str:
    parsed = parsed_domain(stored)
    if edit.what in devices.STRUCTURAL:
        return devices.STRUCTURAL[edit.what](parsed, edit)
    setting = BY_NAME.get(edit.what)
    if setting is None:
        raise InvalidInput(f"{edit.what} cannot be set; :set shows what can")
    if not setting.device_kind:
        return domain.SETTERS[edit.what](parsed, edit.value())
    return devices.SETTERS[edit.what](
        parsed, device_of(parsed, edit.device, setting.device_kind), edit
    )


__all__ = ["EditResult", "apply", "own_name"]

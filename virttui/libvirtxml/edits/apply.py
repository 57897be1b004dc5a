"""Applying an edit to the stored definition, and planning its changes of the running domain."""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from virttui.libvirtxml.edits import devices, domain
from virttui.libvirtxml.edits.operands import (
    device_name,
    device_of,
    own_names,
    parsed_domain,
    permanent_name,
)
from virttui.libvirtxml.edits.operands import devices as every_device
from virttui.libvirtxml.edits.removal import find_device
from virttui.libvirtxml.live_changes import identity, is_same_device, plan_live_changes
from virttui.libvirtxml.text.tree import Element, Tree
from virttui.model.commands import LiveChange, SettingChange
from virttui.model.domains.settings import ADD, BY_NAME, REMOVE
from virttui.model.errors import InvalidInput


class EditResult(Struct, frozen=True):
    """A definition after an edit.

    ``steps`` are the changes that a running domain takes at once, ``waiting`` names those that
    count from its next start on; ``running`` is the live definition after the steps, "" without
    any.
    """

    text: str
    steps: tuple[LiveChange, ...] = ()
    waiting: tuple[str, ...] = ()
    running: str = ""


def apply(stored: str, live: str, edit: SettingChange) -> EditResult:
    """Return ``stored`` with the edit made in it; ``live`` is "" for an inactive domain.

    Raises InvalidInput when the edit is not possible in this definition.
    """
    if not stored and not live:
        raise InvalidInput("it has no definition")
    if not live:
        return EditResult(_apply_to_text(stored, edit))
    if stored and _is_live_only(stored, live, edit):
        return replace(apply("", live, edit), text=stored)
    text = _apply_to_text(stored, edit) if stored else ""
    # What runs is changed as it is, whole: a device may be another there than in what is stored.
    running = _running_name(stored, live, edit) if stored else edit.device
    if running is None:
        return EditResult(text, waiting=(edit.device,))
    running_edit = replace(edit, device=running)
    if edit.what in ("bus", "log"):
        # The disk would be another one then, and be pulled out of the guest that uses it; the log
        # of a serial port is opened with its process, and libvirt refuses to change it.
        waits = f"{edit.what} of {edit.device}"
        return EditResult(text, waiting=(waits,) if text != stored else ())
    try:
        edited = _apply_to_text(live, running_edit)
        changes = plan_live_changes(live, edited, live)
    except InvalidInput:
        if not stored:
            raise
        return EditResult(text, waiting=(edit.device or edit.what,))
    steps = tuple(
        replace(one, what=_edit_name(one.what, stored or live, edit)) for one in changes.steps
    )
    waiting = tuple(_edit_name(one, stored or live, edit) for one in changes.waiting)
    return EditResult(text, steps, waiting, edited if steps else "")


_NIC = re.compile(r"interface \S+")


def _edit_name(what: str, text: str, edit: SettingChange) -> str:
    """Return a part of a plan under the edit's name: ``nic1`` instead of a device of the host."""
    match = _NIC.match(what)
    if match is None or edit.what == ADD:
        return what
    parsed = parsed_domain(text)
    element = _device(parsed, edit)
    name = device_name(element, [one for one in every_device(parsed) if one.name == element.name])
    return f"{name}{what[match.end() :]}"


def _running_name(stored: str, live: str, edit: SettingChange) -> str | None:
    """Return the device's name in the live definition; None where it does not run."""
    if edit.what == ADD or (edit.what != REMOVE and not BY_NAME[edit.what].device_kind):
        return edit.device
    stored_tree, live_tree = parsed_domain(stored), parsed_domain(live)
    device = _device(stored_tree, edit)
    found = next(
        (
            one
            for one in every_device(live_tree)
            if identity(live_tree, one) == identity(stored_tree, device)
            and is_same_device(stored_tree, device, live_tree, one)
        ),
        None,
    )
    if found is None:
        return None
    same_kind = [one for one in every_device(live_tree) if one.name == found.name]
    return permanent_name(found) or device_name(found, same_kind)


def _device(parsed: Tree, edit: SettingChange) -> Element:
    if edit.what == REMOVE:
        return find_device(parsed, edit.device)
    return device_of(parsed, edit.device, BY_NAME[edit.what].device_kind)


def _is_live_only(stored: str, live: str, edit: SettingChange) -> bool:
    """True if the edit removes a device that is only in the live definition."""
    if edit.what != REMOVE or _has(stored, edit.device) or not _has(live, edit.device):
        return False
    # By its number it could be one that is stored, and only counts differently in what runs.
    name = permanent_name(find_device(parsed_domain(live), edit.device))
    return bool(name) and name not in map(permanent_name, every_device(parsed_domain(stored)))


def _has(text: str, device: str) -> bool:
    try:
        find_device(parsed_domain(text), device)
    except InvalidInput:
        return False
    return True


def own_name(text: str, edit: SettingChange) -> str:
    """Return a device's own name instead of its number, which may differ in the live definition.

    Raises InvalidInput when there is no such device.
    """
    if edit.what == ADD or (edit.what != REMOVE and not BY_NAME[edit.what].device_kind):
        return edit.device
    element = _device(parsed_domain(text), edit)
    return next(iter(sorted(own_names(element))), edit.device)


def _apply_to_text(stored: str, edit: SettingChange) -> str:
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

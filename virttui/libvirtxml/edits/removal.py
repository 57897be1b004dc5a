"""Removal of devices: alone, with their second element, or by an element that says there is none.

libvirt adds some devices again by itself. Those are treated here, so that no removal is reported
that did not happen.
"""

from __future__ import annotations

from virttui.libvirtxml.edits.operands import (
    by_kind,
    device_name,
    devices,
    edited_text,
    own_names,
    root,
)
from virttui.libvirtxml.text.span_edit import SpanEdit, remove, replace
from virttui.libvirtxml.text.tree import Element, Tree
from virttui.model.commands import SettingChange
from virttui.model.errors import InvalidInput

_NONE_XML = {
    "memballoon": "<memballoon model='none'/>",
    "video": "<video>\n  <model type='none'/>\n</video>",
}
"""Devices that QEMU's guests have unless their definition says that they have none."""
_QEMU = ("qemu", "kvm", "hvf")


def remove_device(parsed: Tree, edit: SettingChange) -> str:
    """Remove a device. Raises InvalidInput where libvirt would refuse it or add it again."""
    element = find_device(parsed, edit.device)
    if element.name == "graphics" and element.get("type") == "spice":
        _check_spice_users(parsed, element)
    if element.name == "input" and element.get("bus") == "ps2" and _has(parsed, "graphics"):
        raise InvalidInput("its machine has it built in: libvirt puts it back beside a screen")
    if element.name in _NONE_XML and _is_default_device(parsed, element):
        return edited_text(parsed.text, _replace_by_none(parsed, element))
    if element.name in ("serial", "console"):
        return edited_text(
            parsed.text, *(remove(parsed, one) for one in _serial_line(parsed, element))
        )
    return edited_text(parsed.text, remove(parsed, element))


def find_device(parsed: Tree, name: str) -> Element:
    """Return the device of any kind called ``name``: vda, nic2, rng1, or rng where there is one.

    Raises InvalidInput that lists the devices.
    """
    all_devices, kind_name = devices(parsed), by_kind(name.lower())
    names: list[str] = []
    for element in all_devices:
        same = [one for one in all_devices if one.name == element.name]
        names.append(device_name(element, same))
        only = element.name if len(same) == 1 else ""
        if kind_name and kind_name in (names[-1].lower(), only):
            return element
    for element in all_devices:
        if name.lower() in own_names(element):
            return element
    raise InvalidInput(f"no device is called {name}: there is {', '.join(names)}")


def _has(parsed: Tree, kind: str) -> bool:
    return any(one.name == kind for one in devices(parsed))


def _is_default_device(parsed: Tree, element: Element) -> bool:
    """True if libvirt adds such a device to a definition without one."""
    if root(parsed).get("type") not in _QEMU:
        return False
    if element.name == "memballoon":
        return True
    alone = sum(one.name == "video" for one in devices(parsed)) == 1
    return alone and _has(parsed, "graphics")


def _replace_by_none(parsed: Tree, element: Element) -> SpanEdit:
    model = element.child("model") if element.name == "video" else element
    old_model = (
        model.get("type" if element.name == "video" else "model") if model is not None else ""
    )
    if old_model == "none":
        raise InvalidInput(
            "its definition excludes one already: without that element libvirt would add one"
        )
    return replace(parsed, element, _NONE_XML[element.name])


def _serial_line(parsed: Tree, element: Element) -> list[Element]:
    """Return a serial port with its text console, which are one device.

    libvirt adds each of them again while the other is there.
    """
    serials = [one for one in devices(parsed) if one.name == "serial"]
    consoles = [one for one in devices(parsed) if one.name == "console"]
    mirrors = [one for one in consoles if _is_serial(one)]
    if not serials or not mirrors or (element.name == "console" and element not in mirrors):
        return [element]
    if len(serials) == 1:
        return [serials[0], mirrors[0]]
    if element.name == "serial":
        return [element]
    first = device_name(serials[0], serials)
    raise InvalidInput(f"it is {first} under another name: libvirt makes it again; remove {first}")


def _is_serial(console: Element) -> bool:
    target = console.child("target")
    return target is None or target.get("type", "serial") == "serial"


def _check_spice_users(parsed: Tree, screen: Element) -> None:
    """Raise InvalidInput that names the devices which need the graphics and must be removed
    first."""
    every = devices(parsed)
    users = [
        device_name(one, [other for other in every if other.name == one.name])
        for one in every
        if (one.name in ("redirdev", "channel", "smartcard") and one.get("type") == "spicevmc")
        or (one.name in ("audio", "channel") and one.get("type") in ("spice", "spiceport"))
    ]
    if users:
        names = ", ".join(users)
        raise InvalidInput(f"{names} needs this screen and has to be removed before it")

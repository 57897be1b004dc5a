"""Devices that go: alone, with what is one device with them, or by a word that says there is none.

Some libvirt puts back by itself. Those are told apart here, so that nobody is told they are gone.
"""

from __future__ import annotations

from virttui.libvirtxml.edits.operands import by_kind, called, devices, known_as, put, root
from virttui.libvirtxml.text.span_edit import SpanEdit, remove, replace
from virttui.libvirtxml.text.tree import Element, Tree
from virttui.model.commands import SettingChange
from virttui.model.errors import InvalidInput

_NONE = {
    "memballoon": "<memballoon model='none'/>",
    "video": "<video>\n  <model type='none'/>\n</video>",
}
"""Devices that QEMU's guests have unless their definition says that they have none."""
_QEMU = ("qemu", "kvm", "hvf")


def take_away(parsed: Tree, edit: SettingChange) -> str:
    """Take a device away. Raises InvalidInput where libvirt would refuse it or put it back."""
    element = meant(parsed, edit.device)
    if element.name == "graphics" and element.get("type") == "spice":
        _without_spice(parsed, element)
    if element.name == "input" and element.get("bus") == "ps2" and _has(parsed, "graphics"):
        raise InvalidInput("its machine has it built in: libvirt puts it back beside a screen")
    if element.name in _NONE and _comes_back(parsed, element):
        return put(parsed.text, _said_none(parsed, element))
    if element.name in ("serial", "console"):
        return put(parsed.text, *(remove(parsed, one) for one in _line(parsed, element)))
    return put(parsed.text, remove(parsed, element))


def meant(parsed: Tree, name: str) -> Element:
    """The device of any kind that ``name`` stands for: vda, nic2, rng1, or rng where there is one.

    Raises InvalidInput that says which there are.
    """
    every, wanted = devices(parsed), by_kind(name.lower())
    names: list[str] = []
    for element in every:
        same = [one for one in every if one.name == element.name]
        names.append(called(element, same))
        only = element.name if len(same) == 1 else ""
        if wanted and wanted in (names[-1].lower(), only):
            return element
    for element in every:
        if name.lower() in known_as(element):
            return element
    raise InvalidInput(f"no device is called {name}: there is {', '.join(names)}")


def _has(parsed: Tree, kind: str) -> bool:
    return any(one.name == kind for one in devices(parsed))


def _comes_back(parsed: Tree, element: Element) -> bool:
    """True if libvirt makes another one when the definition names none."""
    if root(parsed).get("type") not in _QEMU:
        return False
    if element.name == "memballoon":
        return True
    alone = sum(one.name == "video" for one in devices(parsed)) == 1
    return alone and _has(parsed, "graphics")


def _said_none(parsed: Tree, element: Element) -> SpanEdit:
    model = element.child("model") if element.name == "video" else element
    named = model.get("type" if element.name == "video" else "model") if model is not None else ""
    if named == "none":
        raise InvalidInput("it says that there is none already: without it libvirt would make one")
    return replace(parsed, element, _NONE[element.name])


def _line(parsed: Tree, element: Element) -> list[Element]:
    """A serial line as all that goes with it: its first port and the text console are one device.

    libvirt makes each again of the other.
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
    first = called(serials[0], serials)
    raise InvalidInput(f"it is {first} under another name: libvirt makes it again; remove {first}")


def _is_serial(console: Element) -> bool:
    target = console.child("target")
    return target is None or target.get("type", "serial") == "serial"


def _without_spice(parsed: Tree, screen: Element) -> None:
    """Raises InvalidInput that names what needs the screen and has to go before it."""
    every = devices(parsed)
    needing = [
        called(one, [other for other in every if other.name == one.name])
        for one in every
        if (one.name in ("redirdev", "channel", "smartcard") and one.get("type") == "spicevmc")
        or (one.name in ("audio", "channel") and one.get("type") in ("spice", "spiceport"))
    ]
    if needing:
        names = ", ".join(needing)
        raise InvalidInput(f"{names} goes by this screen and has to be removed before it")

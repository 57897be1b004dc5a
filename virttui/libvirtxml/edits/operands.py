"""Operands of edits: the domain of a text, a device by its name, sizes and numbers as typed."""

from __future__ import annotations

import re
from collections.abc import Container
from itertools import count

from virttui.libvirtxml.parse import LONGEST_NUMBER, UNITS, whole
from virttui.libvirtxml.text.span_edit import SpanEdit, apply_edits, insert, set_attribute, set_text
from virttui.libvirtxml.text.tree import Element, Tree, tree
from virttui.model.commands import SettingChange
from virttui.model.errors import InvalidInput

_NUMBERED = re.compile(r"([a-z-]+?)-?(\d*)")
_KIND_ALIASES = {
    "nic": "interface", "net": "interface", "if": "interface", "screen": "graphics",
    "display": "graphics", "balloon": "memballoon", "fs": "filesystem", "dimm": "memory",
    "nvdimm": "memory", "virtio-mem": "memory", "virtio-pmem": "memory",
}  # fmt: skip
"""Other names for kinds of devices, as people and a domain's page use them."""


PREFIXES = {
    "virtio": "vd", "sata": "sd", "scsi": "sd", "usb": "sd", "ide": "hd", "fdc": "fd", "xen": "xvd",
}  # fmt: skip
"""The beginning of the targets on a bus."""


def parsed_domain(text: str) -> Tree:
    """Return the tree of a domain's definition. Raises InvalidInput for anything else."""
    parsed = tree(text)
    if parsed.root is None or parsed.root.name != "domain" or not parsed.root.closed:
        raise InvalidInput("this is not a complete definition of a domain")
    return parsed


def root(parsed: Tree) -> Element:
    """Return the root element of a tree that has one."""
    assert parsed.root is not None
    return parsed.root


def devices(parsed: Tree) -> list[Element]:
    """Return the devices in the order of the definition."""
    parent = root(parsed).child("devices")
    return list(parent.children) if parent is not None else []


def device_of(parsed: Tree, name: str, kind: str) -> Element:
    """Return the device called ``name``: a target, a MAC address, ``nic2``, ``cdrom``.

    Numbers count from 1; a kind alone stands for the only one of it. Raises InvalidInput that lists
    the devices.
    """
    candidates = [one for one in devices(parsed) if is_a(one, kind)]
    unnamed = [one for one in candidates if not is_serial_port_again(parsed, one)]
    if not name and len(unnamed) == 1:
        return unnamed[0]
    lower_name = name.strip().lower()
    for one in candidates:
        if lower_name in own_names(one):
            return one
    numbered = _NUMBERED.fullmatch(lower_name)
    if numbered is not None:
        word = _KIND_ALIASES.get(numbered[1], numbered[1])
        of_word = candidates if word == kind else [one for one in candidates if one.name == word]
        number = whole(numbered[2]) or 0
        if number and number <= len(of_word):
            return of_word[number - 1]
        if not numbered[2] and len(of_word) == 1:
            return of_word[0]
    kinds = {"interface": "NIC", "cdrom": "CD-ROM drive", "": "device",
             "serial or console": "serial port"}.get(kind, kind)  # fmt: skip
    if not candidates:
        raise InvalidInput(f"it has no {kinds}")
    names = ", ".join(device_name(one, candidates) for one in candidates)
    reason = f"no {kinds} is called {name}" if name else f"it has several {kinds}s"
    raise InvalidInput(f"{reason}: there is {names}")


def by_kind(name: str) -> str:
    """Return a device's name with libvirt's word for its kind: ``graphics1`` for ``display1``."""
    match = _NUMBERED.fullmatch(name)
    kind = _KIND_ALIASES.get(match[1], "") if match is not None else ""
    if match is None or not kind:
        return name
    return f"{'nic' if kind == 'interface' and match[2] else kind}{match[2]}"


def is_serial_port_again(parsed: Tree, device: Element) -> bool:
    """Whether a console is what libvirt lists as the first serial port, too."""
    if device.name != "console":
        return False
    target = device.child("target")
    kind = target.get("type", "serial") if target is not None else "serial"
    return kind == "serial" and any(one.name == "serial" for one in devices(parsed))


def is_a(element: Element, kind: str) -> bool:
    """True if a device is of a kind; "cdrom" and "disk" are both disks to libvirt."""
    if kind == "serial or console":
        return element.name in ("serial", "console")
    if kind == "cdrom":
        return element.name == "disk" and element.get("device", "disk") in ("cdrom", "floppy")
    return not kind or element.name == kind


def element_name(candidates: list[Element]) -> str:
    """Return the name of the candidates' element, "" without any."""
    return candidates[0].name if candidates else ""


def own_names(element: Element) -> set[str]:
    """Return every name of a device that no other has: target, MAC address, alias."""
    found: set[str] = set()
    for path, attribute in (("target", "dev"), ("mac", "address"), ("alias", "name"),
                            ("target", "name"), ("target", "dir")):  # fmt: skip
        child = element.child(path)
        if child is not None and child.get(attribute):
            found.add(child.get(attribute).lower())
    return found


def permanent_name(element: Element) -> str:
    """Return the name of a device that is equal in the stored and the live definition, or ""."""
    path, attribute = _OWN_NAMES.get(element.name, ("", ""))
    found = element.child(path) if path else None
    return found.get(attribute) if found is not None else ""


_OWN_NAMES = {
    "disk": ("target", "dev"),
    "interface": ("mac", "address"),
    "filesystem": ("target", "dir"),
    "channel": ("target", "name"),
}


def device_name(element: Element, same_kind: list[Element]) -> str:
    """Return the name of a device for people: its target, else its kind and number."""
    target = element.child("target")
    if element.name == "disk" and target is not None and target.get("dev"):
        return target.get("dev")
    number = same_kind.index(element) + 1
    return f"{'nic' if element.name == 'interface' else element.name}{number}"


def bytes_of(words: str) -> int:
    """Return a size that was typed, in bytes: ``2G``, ``512M``, ``2.5 GiB``. Raises
    InvalidInput."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", words)
    factor = UNITS.get((match[2] or "b").lower()) if match is not None else None
    if match is None or factor is None or len(match[1]) > LONGEST_NUMBER:
        raise InvalidInput(f"{words[:40] or 'nothing'} is not a size: write 2G or 512M")
    return int(float(match[1]) * factor)


def size_text(size: int) -> str:
    """Return a size to the byte, in the largest unit in which it is whole: ``8G``, ``640M``,
    ``1000b``.

    It reads the same here and in virsh.
    """
    for factor, unit in ((1024**3, "G"), (1024**2, "M"), (1024, "K")):
        if size % factor == 0:
            return f"{size // factor}{unit}"
    return f"{size}b"


def number_of(words: str) -> int:
    """Return a whole number that was typed, at least 1. Raises InvalidInput."""
    number = whole(words)
    if not number:
        raise InvalidInput(f"{words[:40] or 'nothing'} is not a number")
    return number


def size_of(parsed: Tree, element: Element | None) -> int | None:
    """Return the size that an element holds, in bytes (KiB where it has no unit)."""
    if element is None:
        return None
    words, factor = parsed.text_of(element), UNITS.get(element.get("unit", "KiB").lower())
    number = whole(words)
    return number * factor if number is not None and factor else None


def set_size(parsed: Tree, element: Element, size: int) -> list[SpanEdit]:
    """Return the edits that give an element a size, in its unit where that is whole, else in
    KiB."""
    factor = UNITS.get(element.get("unit", "KiB").lower()) or 1024
    if size % factor == 0:
        return [set_text(parsed, element, str(size // factor))]
    number = str(-(-size // 1024))
    return [set_attribute(parsed, element, "unit", "KiB"), set_text(parsed, element, number)]


def edited_text(text: str, *changes: SpanEdit | None) -> str:
    """Return the text with these edits; None stands for no edit."""
    return apply_edits(text, [change for change in changes if change is not None])


def child_or_new(
    parsed: Tree, parent: Element, name: str, xml: str, after: Element | None = None
) -> tuple[Tree, Element]:
    """Return a child element, created from ``xml`` where there is none, and the tree that
    contains it."""
    found = parent.child(name)
    if found is not None:
        return parsed, found
    start = parent.start
    edited = tree(apply_edits(parsed.text, [insert(parsed, parent, xml, after)]))
    again = next(element for element in edited.top.walk() if element.start == start)
    child = again.child(name)
    assert child is not None
    return edited, child


def require_word(edit: SettingChange, *allowed: str) -> str:
    """Return the value of an edit, which must be one of these words. Raises InvalidInput."""
    words = edit.value()
    if words not in allowed:
        raise InvalidInput(f"{words or 'nothing'} is none of {', '.join(allowed)}")
    return words


def free_target(bus: str, used: Container[str]) -> str:
    """Return the first target on a bus that no disk has: vda … vdz, vdaa."""
    prefix = PREFIXES.get(bus, "sd")
    return next(name for number in count() if (name := prefix + _letters(number)) not in used)


def _letters(number: int) -> str:
    found = ""
    while number >= 0:
        found = chr(ord("a") + number % 26) + found
        number = number // 26 - 1
    return found

"""What is asked for: the domain of a text, a device by the name people have for it, sizes."""

from __future__ import annotations

import re
from collections.abc import Container
from itertools import count

from virttui.libvirtxml.parse import LONGEST_NUMBER, UNITS, whole
from virttui.libvirtxml.text.span_edit import SpanEdit, insert, set_attribute, set_text, spliced
from virttui.libvirtxml.text.tree import Element, Tree, tree
from virttui.model.commands import SettingChange
from virttui.model.errors import InvalidInput

_NUMBERED = re.compile(r"([a-z-]+?)-?(\d*)")
_CALLED = {
    "nic": "interface", "net": "interface", "if": "interface", "screen": "graphics",
    "display": "graphics", "balloon": "memballoon", "fs": "filesystem", "dimm": "memory",
    "nvdimm": "memory", "virtio-mem": "memory", "virtio-pmem": "memory",
}  # fmt: skip
"""What people, and the page of a domain, call kinds of devices."""


PREFIXES = {
    "virtio": "vd", "sata": "sd", "scsi": "sd", "usb": "sd", "ide": "hd", "fdc": "fd", "xen": "xvd",
}  # fmt: skip
"""What the targets on a bus begin with."""


def parsed_domain(text: str) -> Tree:
    """The tree of a domain's definition. Raises InvalidInput for anything else."""
    parsed = tree(text)
    if parsed.root is None or parsed.root.name != "domain" or not parsed.root.closed:
        raise InvalidInput("this is no whole definition of a domain")
    return parsed


def root(parsed: Tree) -> Element:
    """The root element of a tree that has one."""
    assert parsed.root is not None
    return parsed.root


def devices(parsed: Tree) -> list[Element]:
    """The devices in the order of the definition."""
    parent = root(parsed).child("devices")
    return list(parent.children) if parent is not None else []


def device_of(parsed: Tree, name: str, kind: str) -> Element:
    """The device that ``name`` stands for: a target, a MAC address, ``nic2``, ``cdrom``.

    Numbers count from 1; a kind alone means the only one of it. Raises InvalidInput that says which
    there are.
    """
    able = [one for one in devices(parsed) if is_a(one, kind)]
    if not name and len(able) == 1:
        return able[0]
    wanted = name.strip().lower()
    for one in able:
        if wanted in known_as(one):
            return one
    numbered = _NUMBERED.fullmatch(wanted)
    if numbered is not None and _CALLED.get(numbered[1], numbered[1]) in (kind, able_kind(able)):
        number = whole(numbered[2]) or 0
        if number and number <= len(able):
            return able[number - 1]
        if not numbered[2] and len(able) == 1:
            return able[0]
    kinds = {"interface": "NIC", "cdrom": "CD-ROM drive", "": "device"}.get(kind, kind)
    if not able:
        raise InvalidInput(f"it has no {kinds}")
    there = ", ".join(called(one, able) for one in able)
    which = f"no {kinds} is called {name}" if name else f"it has several {kinds}s"
    raise InvalidInput(f"{which}: there is {there}")


def by_kind(name: str) -> str:
    """A device's name with libvirt's word for its kind: ``graphics1`` for ``display1``."""
    match = _NUMBERED.fullmatch(name)
    kind = _CALLED.get(match[1], "") if match is not None else ""
    if match is None or not kind:
        return name
    return f"{'nic' if kind == 'interface' and match[2] else kind}{match[2]}"


def is_a(element: Element, kind: str) -> bool:
    """True if a device is of a kind; "cdrom" and "disk" are both disks to libvirt."""
    if kind == "cdrom":
        return element.name == "disk" and element.get("device", "disk") in ("cdrom", "floppy")
    return not kind or element.name == kind


def able_kind(able: list[Element]) -> str:
    """The element's name of those that could be meant."""
    return able[0].name if able else ""


def known_as(element: Element) -> set[str]:
    """Every name that is one device's own: target, MAC address, alias."""
    found: set[str] = set()
    for path, attribute in (("target", "dev"), ("mac", "address"), ("alias", "name"),
                            ("target", "name"), ("target", "dir")):  # fmt: skip
        child = element.child(path)
        if child is not None and child.get(attribute):
            found.add(child.get(attribute).lower())
    return found


def lasting_name(element: Element) -> str:
    """What a device is called in the stored definition and in the running one alike, or ""."""
    path, attribute = _OWN_NAMES.get(element.name, ("", ""))
    found = element.child(path) if path else None
    return found.get(attribute) if found is not None else ""


_OWN_NAMES = {
    "disk": ("target", "dev"),
    "interface": ("mac", "address"),
    "filesystem": ("target", "dir"),
    "channel": ("target", "name"),
}


def called(element: Element, among: list[Element]) -> str:
    """What a device is called to people: its target, else its kind and number."""
    target = element.child("target")
    if element.name == "disk" and target is not None and target.get("dev"):
        return target.get("dev")
    number = among.index(element) + 1
    return f"{'nic' if element.name == 'interface' else element.name}{number}"


def bytes_of(words: str) -> int:
    """A size that was typed, in bytes: ``2G``, ``512M``, ``2.5 GiB``. Raises InvalidInput."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", words)
    factor = UNITS.get((match[2] or "b").lower()) if match is not None else None
    if match is None or factor is None or len(match[1]) > LONGEST_NUMBER:
        raise InvalidInput(f"{words[:40] or 'nothing'} is no size: write 2G or 512M")
    return int(float(match[1]) * factor)


def spelled_size(size: int) -> str:
    """A size to the byte, in the largest unit in which it is whole: ``8G``, ``640M``, ``1000b``.

    It reads the same here and in virsh.
    """
    for factor, unit in ((1024**3, "G"), (1024**2, "M"), (1024, "K")):
        if size % factor == 0:
            return f"{size // factor}{unit}"
    return f"{size}b"


def number_of(words: str) -> int:
    """A whole number that was typed, at least 1. Raises InvalidInput."""
    number = whole(words)
    if not number:
        raise InvalidInput(f"{words[:40] or 'nothing'} is no number")
    return number


def size_of(parsed: Tree, element: Element | None) -> int | None:
    """The size an element holds, in bytes (KiB where it names no unit)."""
    if element is None:
        return None
    words, factor = parsed.text_of(element), UNITS.get(element.get("unit", "KiB").lower())
    number = whole(words)
    return number * factor if number is not None and factor else None


def set_size(parsed: Tree, element: Element, size: int) -> list[SpanEdit]:
    """Give an element a size, in the unit it has where that is whole, else in KiB."""
    factor = UNITS.get(element.get("unit", "KiB").lower()) or 1024
    if size % factor == 0:
        return [set_text(parsed, element, str(size // factor))]
    number = str(-(-size // 1024))
    return [set_attribute(parsed, element, "unit", "KiB"), set_text(parsed, element, number)]


def put(text: str, *changes: SpanEdit | None) -> str:
    """The text with changes made; those that are None change nothing."""
    return spliced(text, [change for change in changes if change is not None])


def child_or_new(
    parsed: Tree, parent: Element, name: str, xml: str, after: Element | None = None
) -> tuple[Tree, Element]:
    """A child element, made of ``xml`` where there is none; the tree is that of the text then."""
    found = parent.child(name)
    if found is not None:
        return parsed, found
    start = parent.start
    made = tree(spliced(parsed.text, [insert(parsed, parent, xml, after)]))
    again = next(element for element in made.top.walk() if element.start == start)
    child = again.child(name)
    assert child is not None
    return made, child


def word(edit: SettingChange, *able: str) -> str:
    """The value of an edit, which is one of these words. Raises InvalidInput."""
    words = edit.value()
    if words not in able:
        raise InvalidInput(f"{words or 'nothing'} is none of {', '.join(able)}")
    return words


def free_target(bus: str, taken: Container[str]) -> str:
    """The first target on a bus that no disk has: vda … vdz, vdaa."""
    prefix = PREFIXES.get(bus, "sd")
    return next(name for number in count() if (name := prefix + _letters(number)) not in taken)


def _letters(number: int) -> str:
    found = ""
    while number >= 0:
        found = chr(ord("a") + number % 26) + found
        number = number // 26 - 1
    return found

"""What is set of one device, and devices that come and go."""

from __future__ import annotations

from collections.abc import Callable

from virttui.definitions.edits.asked import (
    called,
    child_or_new,
    devices,
    known_as,
    put,
    root,
)
from virttui.markup.change import drop_attribute, insert, remove, replace, set_attribute
from virttui.markup.tree import Element, Tree, escaped, tree
from virttui.model.commands import Edit
from virttui.model.edits import ADD, REMOVE
from virttui.model.errors import BadInput


def media(parsed: Tree, drive: Element, edit: Edit) -> str:
    """Put a medium in, by its path or as ``pool/volume``; ``none`` takes it out."""
    words = edit.value()
    source = drive.child("source")
    if words in ("none", ""):
        return put(parsed.text, remove(parsed, source) if source is not None else None)
    pool, slash, volume = words.partition("/")
    if words.startswith("/"):
        kind, xml = "file", f"<source file='{escaped(words, chr(39))}'/>"
    elif slash and volume:
        kind = "volume"
        xml = f"<source pool='{escaped(pool, chr(39))}' volume='{escaped(volume, chr(39))}'/>"
    else:
        raise BadInput(f"{words} is neither a path nor pool/volume")
    changes = [set_attribute(parsed, drive, "type", kind)]
    if source is not None:
        changes.append(replace(parsed, source, xml))
    else:
        changes.append(insert(parsed, drive, xml, drive.child("driver")))
        if drive.child("driver") is None:
            changes[-1] = insert(parsed, drive, xml)
    return put(parsed.text, *changes)


def bus(parsed: Tree, disk: Element, edit: Edit) -> str:
    """How the guest sees a disk. Its address belongs to the old bus and goes."""
    words = _word(edit, "virtio", "sata", "scsi", "usb", "ide", "fdc", "nvme", "sd")
    target, address = disk.child("target"), disk.child("address")
    if target is None:
        raise BadInput("that disk has no target")
    if target.get("bus") == words:
        return parsed.text
    return put(
        parsed.text,
        set_attribute(parsed, target, "bus", words),
        remove(parsed, address) if address is not None else None,
    )


def _driver(name: str, *able: str) -> Callable[[Tree, Element, Edit], str]:
    def setter(parsed: Tree, disk: Element, edit: Edit) -> str:
        words = _word(edit, *able)
        now, driver = child_or_new(parsed, disk, "driver", "<driver name='qemu'/>")
        if words == "default":
            return put(now.text, drop_attribute(now, driver, name))
        return put(now.text, set_attribute(now, driver, name, words))

    return setter


def link(parsed: Tree, nic: Element, edit: Edit) -> str:
    """The cable of a NIC, in or out."""
    words = _word(edit, "up", "down")
    found = nic.child("link")
    if found is not None:
        return put(parsed.text, set_attribute(parsed, found, "state", words))
    # Up is what no word means: nothing needs to be written for it.
    if words == "up":
        return parsed.text
    xml = "<link state='down'/>"
    return put(parsed.text, insert(parsed, nic, xml, nic.child("model") or nic.child("source")))


def _plugged(kind: str) -> Callable[[Tree, Element, Edit], str]:
    def setter(parsed: Tree, nic: Element, edit: Edit) -> str:
        words = edit.value()
        if not words:
            raise BadInput(f"name the {kind} it is plugged into")
        now, source = child_or_new(parsed, nic, "source", f"<source {kind}=''/>")
        again = _same(now, nic)
        changes = [
            drop_attribute(now, source, name)
            for name in ("network", "bridge", "dev", "portgroup", "portid", "mode")
            if name != kind and source.attribute(name) is not None
        ]
        changes.append(set_attribute(now, source, kind, words))
        changes.append(set_attribute(now, again, "type", kind))
        return put(now.text, *changes)

    return setter


def model(parsed: Tree, nic: Element, edit: Edit) -> str:
    """The card the guest sees. Its address stays: the slot is the same."""
    words = edit.value()
    if not words or not all(char.isalnum() or char in "-_" for char in words):
        raise BadInput("name a model, as virtio or e1000e")
    now, found = child_or_new(parsed, nic, "model", "<model type=''/>")
    return put(now.text, set_attribute(now, found, "type", words))


def listen(parsed: Tree, graphics: Element, edit: Edit) -> str:
    """Where its screen can be reached; ``none`` is nowhere on the network."""
    words = edit.value()
    if not words or not all(char.isalnum() or char in ".:-%" for char in words):
        raise BadInput("name an address, as 127.0.0.1 or 0.0.0.0, or none")
    found = graphics.child("listen")
    if words == "none":
        xml = "<listen type='none'/>"
        changes = [drop_attribute(parsed, graphics, name) for name in ("listen", "port")]
    else:
        xml = f"<listen type='address' address='{words}'/>"
        given = graphics.attribute("listen")
        changes = [set_attribute(parsed, graphics, "listen", words)] if given else []
    if found is None:
        changes.append(insert(parsed, graphics, xml))
    else:
        changes.append(replace(parsed, found, xml))
    return put(parsed.text, *changes)


def _same(now: Tree, element: Element) -> Element:
    """The element that begins where ``element`` did, in a text that changed behind that."""
    return next(one for one in now.top.walk() if one.start == element.start)


def _word(edit: Edit, *able: str) -> str:
    words = edit.value()
    if words not in able:
        raise BadInput(f"{words or 'nothing'} is none of {', '.join(able)}")
    return words


SETTERS: dict[str, Callable[[Tree, Element, Edit], str]] = {
    "media": media,
    "bus": bus,
    "cache": _driver(
        "cache", "none", "writeback", "writethrough", "directsync", "unsafe", "default"
    ),
    "discard": _driver("discard", "unmap", "ignore", "default"),
    "link": link,
    "network": _plugged("network"),
    "bridge": _plugged("bridge"),
    "model": model,
    "listen": listen,
}


def take_away(parsed: Tree, edit: Edit) -> str:
    """Take a device away."""
    return put(parsed.text, remove(parsed, meant(parsed, edit.device)))


def meant(parsed: Tree, name: str) -> Element:
    """The device of any kind that ``name`` stands for: vda, nic2, rng1, or rng where there is one.

    Raises BadInput that says which there are.
    """
    every, wanted = devices(parsed), name.lower()
    names: list[str] = []
    for element in every:
        same = [one for one in every if one.name == element.name]
        names.append(called(element, same))
        only = element.name if len(same) == 1 else ""
        if wanted and wanted in (names[-1].lower(), only):
            return element
    for element in every:
        if wanted in known_as(element):
            return element
    raise BadInput(f"no device is called {name}: there is {', '.join(names)}")


def put_in(parsed: Tree, edit: Edit) -> str:
    """Put a device in, behind the last one of its kind."""
    xml = edit.value("xml")
    made = tree(xml).root
    if made is None or not made.closed:
        raise BadInput("that is no whole device")
    parent = root(parsed).child("devices")
    if parent is None:
        wrapped = f"<devices>\n  {xml.strip().replace(chr(10), chr(10) + '  ')}\n</devices>"
        return put(parsed.text, insert(parsed, root(parsed), wrapped))
    same = [one for one in parent.children if one.name == made.name]
    return put(parsed.text, insert(parsed, parent, xml, same[-1] if same else None))


STRUCTURAL: dict[str, Callable[[Tree, Edit], str]] = {REMOVE: take_away, ADD: put_in}

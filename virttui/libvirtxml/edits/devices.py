"""Edits of a device's settings, and adding and removing devices, by the name of the setting."""

from __future__ import annotations

from collections.abc import Callable

from virttui.libvirtxml.edits.disk_bus import bus
from virttui.libvirtxml.edits.drives import driver_option, media
from virttui.libvirtxml.edits.nics import source_setter
from virttui.libvirtxml.edits.operands import (
    child_or_new,
    edited_text,
    is_serial_port_again,
    require_word,
    root,
)
from virttui.libvirtxml.edits.removal import remove_device
from virttui.libvirtxml.text.span_edit import drop_attribute, insert, remove, replace, set_attribute
from virttui.libvirtxml.text.tree import Element, Tree, escaped, tree
from virttui.model.commands import SettingChange
from virttui.model.domains.settings import ADD, REMOVE
from virttui.model.errors import InvalidInput


def link(parsed: Tree, nic: Element, edit: SettingChange) -> str:
    """Plug the cable of a NIC in or out."""
    words = require_word(edit, "up", "down")
    found = nic.child("link")
    if found is not None:
        return edited_text(parsed.text, set_attribute(parsed, found, "state", words))
    # Up is what no word means: nothing needs to be written for it.
    if words == "up":
        return parsed.text
    xml = "<link state='down'/>"
    return edited_text(
        parsed.text, insert(parsed, nic, xml, nic.child("model") or nic.child("source"))
    )


def model(parsed: Tree, nic: Element, edit: SettingChange) -> str:
    """Set the model of a NIC. Its address stays, since the slot is the same."""
    words = edit.value()
    if not words or not all(char.isalnum() or char in "-_" for char in words):
        raise InvalidInput("name a model, as virtio or e1000e")
    tree_with_model, found = child_or_new(parsed, nic, "model", "<model type=''/>")
    return edited_text(tree_with_model.text, set_attribute(tree_with_model, found, "type", words))


LISTENING = ("vnc", "spice", "rdp")
"""The types of graphics that listen on the network."""


def listen(parsed: Tree, graphics: Element, edit: SettingChange) -> str:
    """Set the address that graphics listen on; ``none`` for no address."""
    words, type = edit.value(), graphics.get("type")
    if type not in LISTENING:
        raise InvalidInput(
            f"a screen by {type or 'nothing'} listens nowhere: {', '.join(LISTENING)} do"
        )
    if not words or not all(char.isalnum() or char in ".:-%" for char in words):
        raise InvalidInput("name an address, as 127.0.0.1 or 0.0.0.0, or none")
    found = list(graphics.all("listen"))
    # libvirt keeps a socket before any address.
    changes = [drop_attribute(parsed, graphics, "socket")]
    if words == "none":
        xml = "<listen type='none'/>"
        changes += [drop_attribute(parsed, graphics, name) for name in ("listen", "port")]
    else:
        xml = f"<listen type='address' address='{words}'/>"
        if graphics.attribute("listen"):
            changes.append(set_attribute(parsed, graphics, "listen", words))
    if found:
        changes.append(replace(parsed, found[0], xml))
    else:
        changes.append(insert(parsed, graphics, xml))
    changes += [remove(parsed, one) for one in found[1:]]
    return edited_text(parsed.text, *changes)


def log(parsed: Tree, serial: Element, edit: SettingChange) -> str:
    """Log what a serial port or console prints to a file of the host; ``none`` for no file.

    What is in the file stays when its domain starts: by default libvirt empties it.
    """
    if is_serial_port_again(parsed, serial):
        raise InvalidInput("that console is its first serial port once more: log serial1")
    path, found = edit.value(), serial.child("log")
    if path == "none":
        return parsed.text if found is None else edited_text(parsed.text, remove(parsed, found))
    if not path.startswith("/"):
        raise InvalidInput("name the path of a file on its host, or none")
    if found is not None:
        return edited_text(parsed.text, set_attribute(parsed, found, "file", path))
    xml = f"<log file='{escaped(path, chr(39))}' append='on'/>"
    return edited_text(parsed.text, insert(parsed, serial, xml, serial.child("source")))


SETTERS: dict[str, Callable[[Tree, Element, SettingChange], str]] = {
    "media": media,
    "bus": bus,
    "cache": driver_option(
        "cache", "none", "writeback", "writethrough", "directsync", "unsafe", "default"
    ),
    "discard": driver_option("discard", "unmap", "ignore", "default"),
    "link": link,
    "network": source_setter("network"),
    "bridge": source_setter("bridge"),
    "model": model,
    "listen": listen,
    "log": log,
}


def add_device(parsed: Tree, edit: SettingChange) -> str:
    """Add a device, after the last one of its kind."""
    xml = edit.value("xml")
    device = tree(xml).root
    if device is None or not device.closed:
        raise InvalidInput("that is not a complete device")
    parent = root(parsed).child("devices")
    if parent is None:
        wrapped = f"<devices>\n  {xml.strip().replace(chr(10), chr(10) + '  ')}\n</devices>"
        return edited_text(parsed.text, insert(parsed, root(parsed), wrapped))
    same_kind = [one for one in parent.children if one.name == device.name]
    return edited_text(
        parsed.text, insert(parsed, parent, xml, same_kind[-1] if same_kind else None)
    )


STRUCTURAL: dict[str, Callable[[Tree, SettingChange], str]] = {
    REMOVE: remove_device,
    ADD: add_device,
}

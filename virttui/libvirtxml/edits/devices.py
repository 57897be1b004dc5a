"""What is set of one device, and devices that come and go: every edit of them by its name."""

from __future__ import annotations

from collections.abc import Callable

from virttui.libvirtxml.edits.disk_bus import bus
from virttui.libvirtxml.edits.drives import driver_option, media
from virttui.libvirtxml.edits.nics import plugged
from virttui.libvirtxml.edits.operands import child_or_new, put, root, word
from virttui.libvirtxml.edits.removal import take_away
from virttui.libvirtxml.text.span_edit import drop_attribute, insert, remove, replace, set_attribute
from virttui.libvirtxml.text.tree import Element, Tree, tree
from virttui.model.commands import SettingChange
from virttui.model.domains.settings import ADD, REMOVE
from virttui.model.errors import InvalidInput


def link(parsed: Tree, nic: Element, edit: SettingChange) -> str:
    """The cable of a NIC, in or out."""
    words = word(edit, "up", "down")
    found = nic.child("link")
    if found is not None:
        return put(parsed.text, set_attribute(parsed, found, "state", words))
    # Up is what no word means: nothing needs to be written for it.
    if words == "up":
        return parsed.text
    xml = "<link state='down'/>"
    return put(parsed.text, insert(parsed, nic, xml, nic.child("model") or nic.child("source")))


def model(parsed: Tree, nic: Element, edit: SettingChange) -> str:
    """The card the guest sees. Its address stays: the slot is the same."""
    words = edit.value()
    if not words or not all(char.isalnum() or char in "-_" for char in words):
        raise InvalidInput("name a model, as virtio or e1000e")
    now, found = child_or_new(parsed, nic, "model", "<model type=''/>")
    return put(now.text, set_attribute(now, found, "type", words))


LISTENING = ("vnc", "spice", "rdp")
"""The screens that can be reached over a network."""


def listen(parsed: Tree, graphics: Element, edit: SettingChange) -> str:
    """Where its screen can be reached; ``none`` is nowhere on the network."""
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
    return put(parsed.text, *changes)


SETTERS: dict[str, Callable[[Tree, Element, SettingChange], str]] = {
    "media": media,
    "bus": bus,
    "cache": driver_option(
        "cache", "none", "writeback", "writethrough", "directsync", "unsafe", "default"
    ),
    "discard": driver_option("discard", "unmap", "ignore", "default"),
    "link": link,
    "network": plugged("network"),
    "bridge": plugged("bridge"),
    "model": model,
    "listen": listen,
}


def put_in(parsed: Tree, edit: SettingChange) -> str:
    """Put a device in, behind the last one of its kind."""
    xml = edit.value("xml")
    made = tree(xml).root
    if made is None or not made.closed:
        raise InvalidInput("that is no whole device")
    parent = root(parsed).child("devices")
    if parent is None:
        wrapped = f"<devices>\n  {xml.strip().replace(chr(10), chr(10) + '  ')}\n</devices>"
        return put(parsed.text, insert(parsed, root(parsed), wrapped))
    same = [one for one in parent.children if one.name == made.name]
    return put(parsed.text, insert(parsed, parent, xml, same[-1] if same else None))


STRUCTURAL: dict[str, Callable[[Tree, SettingChange], str]] = {REMOVE: take_away, ADD: put_in}

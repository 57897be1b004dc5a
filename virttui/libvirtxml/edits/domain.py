"""Edits of the domain's own settings, with its texts and its boot order."""

from __future__ import annotations

from collections.abc import Callable

from virttui.libvirtxml.edits.cpu import cpu
from virttui.libvirtxml.edits.memory import max_memory, memory
from virttui.libvirtxml.edits.operands import child_or_new, devices, edited_text, own_names, root
from virttui.libvirtxml.edits.vcpus import vcpus
from virttui.libvirtxml.parse import whole
from virttui.libvirtxml.text.span_edit import apply_edits, insert, remove, set_text
from virttui.libvirtxml.text.tree import Element, Tree, tree
from virttui.model.errors import InvalidInput


def _text_setter(name: str) -> Callable[[Tree, str], str]:
    def setter(parsed: Tree, words: str) -> str:
        domain = root(parsed)
        found = domain.child(name)
        text = "" if words == "none" else words
        if name == "title" and "\n" in text:
            raise InvalidInput("a title has one line")
        if not text:
            return edited_text(parsed.text, remove(parsed, found) if found is not None else None)
        if found is not None:
            return edited_text(parsed.text, set_text(parsed, found, text))
        after = next(
            (one for path in ("title", "genid", "uuid", "name") if (one := domain.child(path))),
            None,
        )
        # The text goes in as it is: put in with its element, its lines would be indented.
        edited, child = child_or_new(parsed, domain, name, f"<{name}/>", after)
        return edited_text(edited.text, set_text(edited, child, text))

    return setter


BOOTS = {"hd": "hd", "disk": "hd", "cdrom": "cdrom", "network": "network", "net": "network",
          "pxe": "network", "fd": "fd", "floppy": "fd"}  # fmt: skip


_NO_BOOT_ORDER = {
    "exe": "a container begins with its <init>",
    "linux": "a paravirtual Xen guest begins with its kernel or boot loader",
    "xenpvh": "a PVH guest begins with its kernel or boot loader",
    "uml": "user-mode Linux begins with its kernel",
}
"""How guests that are no full machines begin, by their ``<os><type>``."""


def boot(parsed: Tree, words: str) -> str:
    """Set the boot order: kinds (``cdrom,hd``) or devices (``vda,nic1``)."""
    names = [name for name in words.replace(",", " ").lower().split() if name]
    if not names:
        raise InvalidInput("name what it boots from, as cdrom,hd or vda,nic1")
    kind = root(parsed).child("os/type")
    by = _NO_BOOT_ORDER.get(parsed.text_of(kind)) if kind is not None else None
    if by is not None:
        raise InvalidInput(f"it has no boot order: {by}")
    if all(name in BOOTS for name in names):
        return _boot_kinds(parsed, list(dict.fromkeys(BOOTS[name] for name in names)))
    return _boot_devices(parsed, names)


def _boot_kinds(parsed: Tree, kinds: list[str]) -> str:
    os = root(parsed).child("os")
    if os is None:
        raise InvalidInput("its definition has no <os> to boot from")
    changes = [remove(parsed, order) for _, order in _boot_orders(parsed)]
    changes += [remove(parsed, old) for old in os.all("boot")]
    without_order = tree(apply_edits(parsed.text, changes))
    os = root(without_order).child("os")
    assert os is not None
    after = os.child("loader") or os.child("nvram") or os.child("type")
    after = os.child("nvram") or after
    xml = "\n".join(f"<boot dev='{kind}'/>" for kind in kinds)
    return edited_text(without_order.text, insert(without_order, os, xml, after))


def _boot_devices(parsed: Tree, names: list[str]) -> str:
    """Give devices their order; libvirt allows kinds or devices, never both."""
    chosen = [_bootable(parsed, name) for name in names]
    changes = [remove(parsed, order) for _, order in _boot_orders(parsed)]
    os = root(parsed).child("os")
    changes += [remove(parsed, old) for old in os.all("boot")] if os is not None else []
    places = [devices(parsed).index(element) for element in chosen]
    without_order = tree(apply_edits(parsed.text, changes))
    found = devices(without_order)
    edits = [
        insert(without_order, found[place], f"<boot order='{number}'/>")
        for number, place in enumerate(places, 1)
    ]
    return apply_edits(without_order.text, edits)


def _bootable(parsed: Tree, name: str) -> Element:
    candidates = [
        e for e in devices(parsed) if e.name in ("disk", "interface", "hostdev", "redirdev")
    ]
    nics = [element for element in candidates if element.name == "interface"]
    for element in candidates:
        if name in own_names(element):
            return element
    if name.startswith(("nic", "net")) and 0 < (whole(name[3:]) or 0) <= len(nics):
        return nics[(whole(name[3:]) or 1) - 1]
    kinds = {"cdrom": "cdrom", "hd": "disk", "fd": "floppy"}
    device_type = kinds.get(name)
    found = [e for e in candidates if e.name == "disk" and e.get("device", "disk") == device_type]
    if found:
        return found[0]
    raise InvalidInput(f"nothing it could boot from is called {name}")


def _boot_orders(parsed: Tree) -> list[tuple[Element, Element]]:
    return [(one, order) for one in devices(parsed) if (order := one.child("boot")) is not None]


SETTERS: dict[str, Callable[[Tree, str], str]] = {
    "memory": memory,
    "max-memory": max_memory,
    "vcpus": vcpus,
    "title": _text_setter("title"),
    "description": _text_setter("description"),
    "boot": boot,
    "cpu": cpu,
}
"""Edits by the name of the setting; ``autostart`` is no part of a definition and has its own
verb."""

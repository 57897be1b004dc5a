"""What is set of a domain itself; its words and what it boots from are changed here."""

from __future__ import annotations

from collections.abc import Callable

from virttui.libvirtxml.edits.cpu import cpu
from virttui.libvirtxml.edits.memory import max_memory, memory
from virttui.libvirtxml.edits.operands import child_or_new, devices, known_as, put, root
from virttui.libvirtxml.edits.vcpus import vcpus
from virttui.libvirtxml.parse import whole
from virttui.libvirtxml.text.span_edit import insert, remove, set_text, spliced
from virttui.libvirtxml.text.tree import Element, Tree, tree
from virttui.model.errors import InvalidInput


def _words(name: str) -> Callable[[Tree, str], str]:
    def setter(parsed: Tree, words: str) -> str:
        domain = root(parsed)
        found = domain.child(name)
        text = "" if words == "none" else words
        if name == "title" and "\n" in text:
            raise InvalidInput("a title has one line")
        if not text:
            return put(parsed.text, remove(parsed, found) if found is not None else None)
        if found is not None:
            return put(parsed.text, set_text(parsed, found, text))
        after = next(
            (one for path in ("title", "genid", "uuid", "name") if (one := domain.child(path))),
            None,
        )
        # The text goes in as it is: put in with its element, its lines would be indented.
        now, made = child_or_new(parsed, domain, name, f"<{name}/>", after)
        return put(now.text, set_text(now, made, text))

    return setter


BOOTS = {"hd": "hd", "disk": "hd", "cdrom": "cdrom", "network": "network", "net": "network",
          "pxe": "network", "fd": "fd", "floppy": "fd"}  # fmt: skip


_BOOTED_BY = {
    "exe": "a container begins with its <init>",
    "linux": "a paravirtual Xen guest begins with its kernel or boot loader",
    "xenpvh": "a PVH guest begins with its kernel or boot loader",
    "uml": "user-mode Linux begins with its kernel",
}
"""What begins a guest that is no full machine, by its ``<os><type>``."""


def boot(parsed: Tree, words: str) -> str:
    """What it boots from, first to last: kinds (``cdrom,hd``) or devices (``vda,nic1``)."""
    names = [name for name in words.replace(",", " ").lower().split() if name]
    if not names:
        raise InvalidInput("name what it boots from, as cdrom,hd or vda,nic1")
    kind = root(parsed).child("os/type")
    by = _BOOTED_BY.get(parsed.text_of(kind)) if kind is not None else None
    if by is not None:
        raise InvalidInput(f"it has no boot order: {by}")
    if all(name in BOOTS for name in names):
        return _boot_kinds(parsed, list(dict.fromkeys(BOOTS[name] for name in names)))
    return _boot_devices(parsed, names)


def _boot_kinds(parsed: Tree, kinds: list[str]) -> str:
    os = root(parsed).child("os")
    if os is None:
        raise InvalidInput("its definition has no <os> to boot from")
    changes = [remove(parsed, order) for _, order in _command_runner(parsed)]
    changes += [remove(parsed, old) for old in os.all("boot")]
    bare = tree(spliced(parsed.text, changes))
    os = root(bare).child("os")
    assert os is not None
    after = os.child("loader") or os.child("nvram") or os.child("type")
    after = os.child("nvram") or after
    xml = "\n".join(f"<boot dev='{kind}'/>" for kind in kinds)
    return put(bare.text, insert(bare, os, xml, after))


def _boot_devices(parsed: Tree, names: list[str]) -> str:
    """Give devices their order; libvirt allows either way of saying it, never both."""
    chosen = [_bootable(parsed, name) for name in names]
    changes = [remove(parsed, order) for _, order in _command_runner(parsed)]
    os = root(parsed).child("os")
    changes += [remove(parsed, old) for old in os.all("boot")] if os is not None else []
    places = [devices(parsed).index(element) for element in chosen]
    bare = tree(spliced(parsed.text, changes))
    found = devices(bare)
    puts = [
        insert(bare, found[place], f"<boot order='{number}'/>")
        for number, place in enumerate(places, 1)
    ]
    return spliced(bare.text, puts)


def _bootable(parsed: Tree, name: str) -> Element:
    able = [e for e in devices(parsed) if e.name in ("disk", "interface", "hostdev", "redirdev")]
    nics = [element for element in able if element.name == "interface"]
    for element in able:
        if name in known_as(element):
            return element
    if name.startswith(("nic", "net")) and 0 < (whole(name[3:]) or 0) <= len(nics):
        return nics[(whole(name[3:]) or 1) - 1]
    kinds = {"cdrom": "cdrom", "hd": "disk", "fd": "floppy"}
    wanted = kinds.get(name)
    found = [e for e in able if e.name == "disk" and e.get("device", "disk") == wanted]
    if found:
        return found[0]
    raise InvalidInput(f"nothing it could boot from is called {name}")


def _command_runner(parsed: Tree) -> list[tuple[Element, Element]]:
    return [(one, order) for one in devices(parsed) if (order := one.child("boot")) is not None]


SETTERS: dict[str, Callable[[Tree, str], str]] = {
    "memory": memory,
    "max-memory": max_memory,
    "vcpus": vcpus,
    "title": _words("title"),
    "description": _words("description"),
    "boot": boot,
    "cpu": cpu,
}
"""By the name of the setting; ``autostart`` is no part of a definition and has its own verb."""

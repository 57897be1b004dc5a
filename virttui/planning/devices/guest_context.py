"""Facts of a domain that forms for a new device need, read from its definitions."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterator

from virttui.libvirtxml.edits.operands import devices, parsed_domain, root
from virttui.libvirtxml.text.tree import Element, Tree
from virttui.model.domains.devices import GuestContext
from virttui.model.errors import InvalidInput

_NAMED = (
    ("target", "dev"),
    ("target", "name"),
    ("target", "dir"),
)
_MODELS = {"graphics": ("", "type"), "video": ("model", "type")}


def guest_of(stored: str, live: str = "") -> GuestContext:
    """Return the facts of a domain; names count that either definition has.

    ``stored`` may be "" for a transient domain. Raises InvalidInput for a text that is not a
    domain's.
    """
    texts = [text for text in (stored, live) if text]
    if not texts:
        raise InvalidInput("it has no definition")
    parsed = [parsed_domain(text) for text in texts]
    domain = root(parsed[0])
    every = [element for one in parsed for element in devices(one)]
    type = domain.child("os/type")
    macs = (element.child("mac") for element in every if element.name == "interface")
    return GuestContext(
        virt=domain.get("type"),
        arch=type.get("arch") if type is not None else "",
        machine=type.get("machine") if type is not None else "",
        used_names=frozenset(name for element in every for name in _names(element)),
        used_macs=frozenset(mac.get("address").lower() for mac in macs if mac is not None),
        kinds=tuple((element.name, _model(element)) for element in devices(parsed[0])),
        shared_memory=_shares(parsed[0]),
        usb=not any(
            element.get("type") == "usb" and element.get("model") == "none"
            for element in devices(parsed[0])
            if element.name == "controller"
        ),
        name=parsed[0].text_of(named) if (named := domain.child("name")) is not None else "",
    )


def _names(element: Element) -> Iterator[str]:
    for path, attribute in _NAMED:
        child = element.child(path)
        if child is not None and child.get(attribute):
            yield child.get(attribute)


def _model(element: Element) -> str:
    path, attribute = _MODELS.get(element.name, ("", "model"))
    found = element.child(path) if path else element
    return found.get(attribute) if found is not None else ""


def _shares(parsed: Tree) -> bool:
    """True if its memory is shared with other programs of the host, as virtiofs requires."""
    domain = root(parsed)
    access = domain.child("memoryBacking/access")
    cells = list(domain.all("cpu/numa/cell"))
    whole = access is not None and access.get("mode") == "shared"
    return whole or (bool(cells) and all(cell.get("memAccess") == "shared" for cell in cells))


def free_mac(taken: Container[str], random: Callable[[int], bytes] = os.urandom) -> str:
    """Return an unused MAC address of QEMU's own range (52:54:00)."""
    while True:
        address = ":".join(f"{byte:02x}" for byte in (0x52, 0x54, 0x00, *random(3)))
        if address not in taken:
            return address

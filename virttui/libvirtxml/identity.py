"""What has to be known of any definition before it is written: whose it is, and of what kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from lxml import etree

from virttui.libvirtxml.parse import attribute, root_of, text


@dataclass(frozen=True, slots=True)
class DocumentIdentity:
    """Whose definition a text is. ``root`` is its root element; "" for what it does not say."""

    root: str
    name: str
    uuid: str


def identity(xml: str) -> DocumentIdentity:
    """Read whose definition ``xml`` is, its UUID as libvirt writes one. Raises InvalidInput."""
    root = root_of(xml)
    # Interfaces alone have their name as an attribute.
    name = text(root, "name") or root.get("name", "")
    written = text(root, "uuid") or root.get("uuid", "")
    try:
        uuid = str(UUID(written)) if written else ""
    except ValueError:
        uuid = written
    return DocumentIdentity(etree.QName(root).localname, name, uuid)


@dataclass(frozen=True, slots=True)
class EmulatorQuery:
    """What a domain is run by, as ``getDomainCapabilities`` asks for it; None is the default."""

    emulator: str | None
    arch: str | None
    machine: str | None
    virttype: str | None


def emulation(xml: str) -> EmulatorQuery:
    """Read what a domain is run by. Raises InvalidInput."""
    root = root_of(xml)
    return EmulatorQuery(
        text(root, "devices/emulator") or None,
        attribute(root, "os/type", "arch") or None,
        attribute(root, "os/type", "machine") or None,
        root.get("type") or None,
    )


def alias(device: str) -> str:
    """The alias of a device element of a live definition, "" without one. Raises InvalidInput."""
    return attribute(root_of(device), "alias", "name")


def aliases(xml: str) -> frozenset[str]:
    """The aliases of all devices of a live domain. Raises InvalidInput."""
    found = root_of(xml).iterfind("devices/*/alias")
    return frozenset(name for element in found if (name := element.get("name")))


_FIGURES = re.compile(r"^ *<(capacity|allocation|available)\b[^<]*</\1>\n", re.MULTILINE)


def without_figures(pool: str) -> str:
    """A pool's definition as libvirt wrote it, without how full it is.

    These move by themselves, and libvirt does not read them: nobody can edit them.
    """
    return _FIGURES.sub("", pool)

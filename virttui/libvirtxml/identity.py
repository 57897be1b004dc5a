"""The identity of a definition: its kind, its name and its UUID."""

from __future__ import annotations

import re
from uuid import UUID

from lxml import etree
from msgspec import Struct

from virttui.libvirtxml.parse import attribute, root_of, text


class DocumentIdentity(Struct, frozen=True):
    """The identity in a definition. ``root`` is its root element; missing parts are ""."""

    root: str
    name: str
    uuid: str


def identity(xml: str) -> DocumentIdentity:
    """Return the identity in ``xml``, with the UUID as libvirt writes one. Raises InvalidInput."""
    root = root_of(xml)
    # Interfaces alone have their name as an attribute.
    name = text(root, "name") or root.get("name", "")
    uuid_text = text(root, "uuid") or root.get("uuid", "")
    try:
        uuid = str(UUID(uuid_text)) if uuid_text else ""
    except ValueError:
        uuid = uuid_text
    return DocumentIdentity(etree.QName(root).localname, name, uuid)


class EmulatorQuery(Struct, frozen=True):
    """The arguments of ``getDomainCapabilities`` for a domain; None is the default."""

    emulator: str | None
    arch: str | None
    machine: str | None
    virttype: str | None


def emulator_query(xml: str) -> EmulatorQuery:
    """Return the arguments for the emulator of a domain. Raises InvalidInput."""
    root = root_of(xml)
    return EmulatorQuery(
        text(root, "devices/emulator") or None,
        attribute(root, "os/type", "arch") or None,
        attribute(root, "os/type", "machine") or None,
        root.get("type") or None,
    )


def alias(device: str) -> str:
    """Return the alias of a device in a live definition, "" without one. Raises InvalidInput."""
    return attribute(root_of(device), "alias", "name")


def aliases(xml: str) -> frozenset[str]:
    """Return the aliases of all devices of a live domain. Raises InvalidInput."""
    found = root_of(xml).iterfind("devices/*/alias")
    return frozenset(name for element in found if (name := element.get("name")))


_FIGURES = re.compile(r"^ *<(capacity|allocation|available)\b[^<]*</\1>\n", re.MULTILINE)


def without_figures(pool: str) -> str:
    """Return a pool's definition as libvirt wrote it, without its sizes.

    They change by themselves, and libvirt does not read them, so nobody can edit them.
    """
    return _FIGURES.sub("", pool)

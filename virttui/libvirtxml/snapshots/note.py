"""The note of a snapshot: its ``<description>``."""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.parse import root_of


def with_note(xml: str, note: str) -> str:
    """Return a ``<domainsnapshot>`` with another note, "" for none. Raises InvalidInput."""
    root = root_of(xml)
    found = root.find("description")
    if not note:
        if found is not None:
            root.remove(found)
    elif found is not None:
        found.text = note
    else:
        name = root.find("name")
        found = etree.Element("description")
        found.text = note
        root.insert(0 if name is None else root.index(name) + 1, found)
    return etree.tostring(root, encoding="unicode")

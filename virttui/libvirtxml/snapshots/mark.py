"""The mark of a snapshot whose deletion has begun: what it held may be gone already."""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.parse import root_of
from virttui.model.domains.snapshots import BEING_DELETED


def marked(xml: str, *, mark: bool = True) -> str:
    """Return a ``<domainsnapshot>`` whose note begins with the mark, or does not.

    Raises InvalidInput.
    """
    root = root_of(xml)
    note = root.find("description")
    if note is None:
        note = etree.Element("description")
        name = root.find("name")
        root.insert(0 if name is None else root.index(name) + 1, note)
    before = note.text or ""
    if before.startswith(BEING_DELETED) is mark:
        return xml
    if mark:
        note.text = f"{BEING_DELETED} {before}".rstrip()
    else:
        note.text = before.removeprefix(BEING_DELETED).lstrip()
    return etree.tostring(root, encoding="unicode")

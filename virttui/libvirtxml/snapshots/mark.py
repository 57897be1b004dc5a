"""The mark of a snapshot whose deletion has begun: what it held may be gone already."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from virttui.libvirtxml.parse import root_of
from virttui.model.domains.snapshots import BEING_DELETED


def marked(xml: str, overlays: Mapping[str, str], *, mark: bool = True) -> str:
    """Return a ``<domainsnapshot>`` whose note begins with the mark, or does not.

    It names the file of each disk in ``overlays`` as the one that was written after it: libvirt
    corrects by that the snapshots that come after. Raises InvalidInput.
    """
    root = root_of(xml)
    for disk in root.iterfind("disks/disk"):
        source, path = disk.find("source"), overlays.get(disk.get("name", ""))
        if source is not None and path is not None:
            source.set("file", path)
    note = root.find("description")
    if note is None:
        note = etree.Element("description")
        name = root.find("name")
        root.insert(0 if name is None else root.index(name) + 1, note)
    before = (note.text or "").removeprefix(BEING_DELETED).lstrip()
    note.text = f"{BEING_DELETED} {before}".rstrip() if mark else before
    return etree.tostring(root, encoding="unicode")

"""A definition for a trial: as it will be, but for volumes that are not there yet."""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.parse import root_of


def on_paths(xml: str) -> str:
    """The definition with a path in place of each volume of a pool. Raises InvalidInput.

    libvirt looks volumes up when it makes a command, and nothing of a trial is made.
    """
    root = root_of(xml)
    for disk in root.iterfind("devices/disk[@type='volume']"):
        source = disk.find("source")
        if source is None:
            continue
        place = f"/{source.get('pool', '')}/{source.get('volume', '')}"
        disk.set("type", "file")
        source.attrib.clear()
        source.set("file", place)
    return etree.tostring(root, encoding="unicode")

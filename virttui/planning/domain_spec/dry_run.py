"""A definition for a dry run, in which volumes do not exist yet."""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.parse import root_of


def with_paths(xml: str) -> str:
    """Return the definition with a path in place of each volume. Raises InvalidInput.

    libvirt looks volumes up when it makes a command line, and a dry run creates none.
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

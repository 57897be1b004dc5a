"""Definitions in a snapshot after a layer that they name was merged into the file below it."""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from virttui.libvirtxml.disks.sources import source_text
from virttui.libvirtxml.parse import attribute, root_of


def without_layer(xml: str, disk: str, overlay: str, base: str, base_format: str) -> str:
    """Return a ``<domainsnapshot>`` in which a disk has the base wherever it had the overlay.

    The same text where it names the overlay nowhere. Raises InvalidInput.
    """
    root = root_of(xml)
    known = _base_of(root, base)
    changed = False
    for definition in ("domain", "inactiveDomain"):
        for one in root.iterfind(f"{definition}/devices/disk"):
            if attribute(one, "target", "dev") == disk:
                changed |= _replaced(one, overlay, base, base_format, known)
    return etree.tostring(root, encoding="unicode") if changed else xml


def _base_of(root: etree._Element, base: str) -> tuple[str, etree._Element] | None:
    """The type and the source of the base, where a chain of the document has it as a layer."""
    for layer in root.iter("backingStore"):
        source = layer.find("source")
        if source is not None and source_text(source) == base:
            return layer.get("type") or "file", deepcopy(source)
    return None


def _replaced(
    disk: etree._Element,
    overlay: str,
    base: str,
    base_format: str,
    known: tuple[str, etree._Element] | None,
) -> bool:
    layer: etree._Element | None = disk
    while layer is not None:
        source = layer.find("source")
        if source is not None and source_text(source) == overlay:
            break
        layer = layer.find("backingStore")
    if layer is None or source is None:
        return False
    type, named = known or ("file", etree.Element("source", file=base))
    layer.set("type", type)
    layer.replace(source, deepcopy(named))
    below = layer.find("backingStore")
    if below is not None:
        # What lies below the base lies below the merged layer now.
        deeper = below.find("backingStore")
        layer.remove(below)
        if deeper is not None:
            layer.append(deeper)
    kind = layer.find("driver" if layer is disk else "format")
    if kind is not None and base_format:
        kind.set("type", base_format)
    return True

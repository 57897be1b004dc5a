"""The backing chains of a running domain's disks, from its live definition."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from virttui.libvirtxml.build import element
from virttui.libvirtxml.disks.sources import source_text
from virttui.libvirtxml.parse import attribute, root_of
from virttui.model.domains.disk_jobs import BackingChain, ChainLayer


def chains(xml: str) -> tuple[BackingChain, ...]:
    """Return the disks that have a source, with all their layers. Raises InvalidInput."""
    disks = root_of(xml).iterfind("devices/disk")
    return tuple(chain for disk in disks if (chain := _chain(disk)).layers)


def _chain(disk: etree._Element) -> BackingChain:
    mirror = disk.find("mirror")
    copies = mirror is not None and mirror.get("job") == "copy"
    source = mirror.find("source") if mirror is not None else None
    return BackingChain(
        disk=attribute(disk, "target", "dev"),
        layers=tuple(_layers(disk)),
        copied_to=source_text(source) if copies else "",
        ready=mirror is not None and mirror.get("ready") == "yes",
    )


def _layers(disk: etree._Element) -> Iterator[ChainLayer]:
    layer: etree._Element | None = disk
    while layer is not None:
        source = layer.find("source")
        if source is None or not source_text(source):
            return
        format = attribute(layer, "driver", "type") or attribute(layer, "format", "type")
        index = source.get("index") or layer.get("index") or ""
        number = int(index) if index.isdecimal() else 0
        yield ChainLayer(source_text(source), format, source.get("pool", ""), number)
        layer = layer.find("backingStore")


def copy_target_xml(path: str, format: str, *, block: bool) -> str:
    """Return the ``<disk>`` that a block copy writes to."""
    type = "block" if block else "file"
    source = element("source", dev=path) if block else element("source", file=path)
    return element("disk", source, element("driver", name="qemu", type=format or "raw"), type=type)

"""What the disks of a running domain lie on, read from its live definition."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from virttui.libvirtxml.build import element
from virttui.libvirtxml.disks.sources import source_text
from virttui.libvirtxml.parse import attribute, root_of
from virttui.model.domains.disk_jobs import BackingChain, ChainLayer


def chains(xml: str) -> tuple[BackingChain, ...]:
    """The disks that have a source, with all their layers. Raises InvalidInput."""
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
    here: etree._Element | None = disk
    while here is not None:
        source = here.find("source")
        if source is None or not source_text(source):
            return
        format = attribute(here, "driver", "type") or attribute(here, "format", "type")
        index = source.get("index") or here.get("index") or ""
        number = int(index) if index.isdecimal() else 0
        yield ChainLayer(source_text(source), format, source.get("pool", ""), number)
        here = here.find("backingStore")


def destination(path: str, format: str, *, block: bool) -> str:
    """The ``<disk>`` that a copy goes to."""
    type = "block" if block else "file"
    source = element("source", dev=path) if block else element("source", file=path)
    return element("disk", source, element("driver", name="qemu", type=format or "raw"), type=type)

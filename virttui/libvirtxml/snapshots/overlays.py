"""Definitions with other files on top: of a snapshot, and of the domain that goes on from it."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from virttui.libvirtxml.disks.sources import source_text
from virttui.libvirtxml.parse import attribute, root_of
from virttui.model.errors import InvalidInput


def snapshot_with_overlays(snapshot: str, overlays: Mapping[str, str]) -> str:
    """Return a ``<domainsnapshot>`` whose disks have other overlays, by target.

    Raises InvalidInput where a disk is not in it.
    """
    root = root_of(snapshot)
    for target, path in overlays.items():
        disk = root.find(f"disks/disk[@name='{target}']")
        source = disk.find("source") if disk is not None else None
        if source is None:
            raise InvalidInput(f"the snapshot has no file of {target}")
        source.set("file", path)
    return etree.tostring(root, encoding="unicode")


def domain_with_overlays(domain: str, overlays: Mapping[str, str]) -> str:
    """Return a ``<domain>`` whose disks have other images, by target, as qcow2.

    Their ``<backingStore>`` goes: libvirt would believe it, and not what is written in the image,
    and the guest would see the files below the former one. Raises InvalidInput.
    """
    root = root_of(domain)
    for target, path in overlays.items():
        disk = next(
            (
                one
                for one in root.iterfind("devices/disk")
                if attribute(one, "target", "dev") == target
            ),
            None,
        )
        source = disk.find("source") if disk is not None else None
        if disk is None or source is None:
            raise InvalidInput(f"the definition has no image of {target}")
        tail = source.tail
        new = etree.Element("source", file=path)
        new.tail = tail
        disk.replace(source, new)
        disk.set("type", "file")
        driver = disk.find("driver")
        if driver is None:
            driver = etree.Element("driver", name="qemu")
            disk.insert(0, driver)
        driver.set("type", "qcow2")
        for backing in disk.findall("backingStore"):
            disk.remove(backing)
    return etree.tostring(root, encoding="unicode")


def format_then(snapshot: str, target: str) -> str:
    """Return the format of a disk's image at the moment of a snapshot, "" where it is not told."""
    for disk in root_of(snapshot).iterfind("domain/devices/disk"):
        if attribute(disk, "target", "dev") == target and source_text(disk.find("source")):
            return attribute(disk, "driver", "type", "raw")
    return ""

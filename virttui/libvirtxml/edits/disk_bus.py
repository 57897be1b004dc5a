"""The bus of a disk. Its target's letters, its address and options of the bus change with it."""

from __future__ import annotations

from virttui.libvirtxml.edits.operands import (
    PREFIXES,
    devices,
    edited_text,
    free_target,
    require_word,
    root,
)
from virttui.libvirtxml.text.span_edit import SpanEdit, drop_attribute, remove, set_attribute
from virttui.libvirtxml.text.tree import Element, Tree, tree
from virttui.model.commands import SettingChange
from virttui.model.errors import InvalidInput

_BUSES = {
    "disk": ("virtio", "sata", "scsi", "usb", "ide", "nvme", "sd", "xen"),
    "lun": ("virtio", "scsi"),
    "cdrom": ("sata", "scsi", "usb", "ide", "xen"),
    "floppy": ("fdc",),
}
"""The buses that libvirt accepts, by the type of disk."""
_VIRTIO_DRIVER = (
    "iothread", "queues", "queue_size", "event_idx", "ioeventfd", "packed", "iommu", "ats",
    "page_per_vq",
)  # fmt: skip
_TARGET = {"rotation_rate": ("sata", "scsi", "ide"), "removable": ("usb", "scsi", "sata")}
_CHILDREN = {"wwn": ("ide", "scsi", "sata"), "vendor": ("scsi",), "product": ("scsi",)}
"""Parts that belong to some buses only: attributes of the target, and elements."""


def bus(parsed: Tree, disk: Element, edit: SettingChange) -> str:
    """Move a disk to another bus, under a free target."""
    words = require_word(
        edit, *dict.fromkeys(one for buses_of_kind in _BUSES.values() for one in buses_of_kind)
    )
    target = disk.child("target")
    if target is None:
        raise InvalidInput("that disk has no target")
    if target.get("bus") == words:
        return parsed.text
    _check_bus(parsed, disk, words)
    used = {
        found.get("dev")
        for one in devices(parsed)
        if one is not disk and (found := one.child("target")) is not None
    }
    changes: list[SpanEdit | None] = [set_attribute(parsed, target, "bus", words)]
    prefix = PREFIXES.get(words, "sd")
    name = target.get("dev")
    if not name.startswith(prefix) or name in used:
        changes.append(set_attribute(parsed, target, "dev", free_target(words, used)))
    changes += [
        drop_attribute(parsed, target, one) for one, buses in _TARGET.items() if words not in buses
    ]
    for child in disk.children:
        if child.name == "address" or words not in _CHILDREN.get(child.name, (words,)):
            changes.append(remove(parsed, child))
    if words != "virtio":
        changes += [drop_attribute(parsed, disk, "model"), *_virtio_options(parsed, disk)]
    return _without_empty_driver(edited_text(parsed.text, *changes), disk.start)


def _virtio_options(parsed: Tree, disk: Element) -> list[SpanEdit | None]:
    driver = disk.child("driver")
    if driver is None:
        return []
    changes = [drop_attribute(parsed, driver, name) for name in _VIRTIO_DRIVER]
    return [*changes, *(remove(parsed, one) for one in driver.all("iothreads"))]


def _without_empty_driver(text: str, start: int) -> str:
    parsed = tree(text)
    disk = next(one for one in parsed.top.walk() if one.start == start)
    driver = disk.child("driver")
    if driver is None or driver.attributes or driver.children:
        return text
    return edited_text(text, remove(parsed, driver))


def _check_bus(parsed: Tree, disk: Element, bus: str) -> None:
    """Raise InvalidInput where no guest of this kind has such a disk on such a bus."""
    device = disk.get("device") or "disk"
    possible = _BUSES.get(device, _BUSES["disk"])
    if bus not in possible:
        kind = {"cdrom": "CD-ROM drive", "floppy": "floppy drive", "lun": "LUN"}.get(device, "disk")
        raise InvalidInput(f"a {kind} cannot be on {bus}: it can be on {', '.join(possible)}")
    type = root(parsed).child("os/type")
    machine = type.get("machine") if type is not None else ""
    if bus == "ide" and ("q35" in machine or machine.startswith("virt")):
        raise InvalidInput(f"its machine {machine} has no IDE", advice="use sata instead")
    if device == "disk" and bus in ("ide", "sata") and disk.child("readonly") is not None:
        raise InvalidInput(f"QEMU has no read-only disk on {bus}: it can be on virtio, scsi or usb")

"""The bus a disk is on. Its target's letters, its address and the bus's own options go with it."""

from __future__ import annotations

from virttui.libvirtxml.edits.operands import PREFIXES, devices, free_target, put, root, word
from virttui.libvirtxml.text.span_edit import SpanEdit, drop_attribute, remove, set_attribute
from virttui.libvirtxml.text.tree import Element, Tree, tree
from virttui.model.commands import SettingChange
from virttui.model.errors import InvalidInput

_ABLE = {
    "disk": ("virtio", "sata", "scsi", "usb", "ide", "nvme", "sd", "xen"),
    "lun": ("virtio", "scsi"),
    "cdrom": ("sata", "scsi", "usb", "ide", "xen"),
    "floppy": ("fdc",),
}
"""The buses that libvirt takes, by what the disk is."""
_VIRTIO_DRIVER = (
    "iothread", "queues", "queue_size", "event_idx", "ioeventfd", "packed", "iommu", "ats",
    "page_per_vq",
)  # fmt: skip
_TARGET = {"rotation_rate": ("sata", "scsi", "ide"), "removable": ("usb", "scsi", "sata")}
_CHILDREN = {"wwn": ("ide", "scsi", "sata"), "vendor": ("scsi",), "product": ("scsi",)}
"""What belongs to some buses alone: attributes of the target, and elements."""


def bus(parsed: Tree, disk: Element, edit: SettingChange) -> str:
    """Put a disk on another bus, under a free target of it."""
    words = word(edit, *dict.fromkeys(one for able in _ABLE.values() for one in able))
    target = disk.child("target")
    if target is None:
        raise InvalidInput("that disk has no target")
    if target.get("bus") == words:
        return parsed.text
    _fits(parsed, disk, words)
    taken = {
        found.get("dev")
        for one in devices(parsed)
        if one is not disk and (found := one.child("target")) is not None
    }
    changes: list[SpanEdit | None] = [set_attribute(parsed, target, "bus", words)]
    prefix = PREFIXES.get(words, "sd")
    name = target.get("dev")
    if not name.startswith(prefix) or name in taken:
        changes.append(set_attribute(parsed, target, "dev", free_target(words, taken)))
    changes += [
        drop_attribute(parsed, target, one) for one, buses in _TARGET.items() if words not in buses
    ]
    for child in disk.children:
        if child.name == "address" or words not in _CHILDREN.get(child.name, (words,)):
            changes.append(remove(parsed, child))
    if words != "virtio":
        changes += [drop_attribute(parsed, disk, "model"), *_virtio_options(parsed, disk)]
    return _without_empty_driver(put(parsed.text, *changes), disk.start)


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
    return put(text, remove(parsed, driver))


def _fits(parsed: Tree, disk: Element, bus: str) -> None:
    """Raises InvalidInput where no guest of this kind has such a disk on such a bus."""
    device = disk.get("device") or "disk"
    able = _ABLE.get(device, _ABLE["disk"])
    if bus not in able:
        kind = {"cdrom": "CD-ROM drive", "floppy": "floppy drive", "lun": "LUN"}.get(device, "disk")
        raise InvalidInput(f"a {kind} cannot be on {bus}: it can be on {', '.join(able)}")
    type = root(parsed).child("os/type")
    machine = type.get("machine") if type is not None else ""
    if bus == "ide" and ("q35" in machine or machine.startswith("virt")):
        raise InvalidInput(f"its machine {machine} has no IDE", advice="sata is its like")
    if device == "disk" and bus in ("ide", "sata") and disk.child("readonly") is not None:
        raise InvalidInput(f"QEMU has no read-only disk on {bus}: it can be on virtio, scsi or usb")

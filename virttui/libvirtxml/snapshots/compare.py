"""A definition at the moment of a snapshot against the present one."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from virttui.libvirtxml.device_summary import devices
from virttui.libvirtxml.parse import attribute, root_of, text
from virttui.model.snapshots.changes import DefinitionDifference

_FACTS = (
    ("memory", "memory"),
    ("currentMemory", "memory now"),
    ("vcpu", "vCPUs"),
    ("title", "title"),
    ("description", "description"),
    ("os/loader", "firmware"),
    ("os/kernel", "kernel"),
    ("os/cmdline", "kernel options"),
)
_ATTRIBUTES = (("os/type", "machine", "machine type"), ("cpu", "mode", "CPU mode"))


_LABELS = {"interface": "NIC", "memballoon": "balloon", "hostdev": "host device"}


def differences(then: str, now: str) -> tuple[DefinitionDifference, ...]:
    """Return what two ``<domain>`` have differently: disks, other devices, the rest.

    A file that a snapshot put on top of an image is a difference of the disk's source. Raises
    InvalidInput.
    """
    old, new = root_of(then), root_of(now)
    found = _between(_devices(old), _devices(new))
    disks = [one for one in found if one.what.startswith("disk ")]
    others = [one for one in found if not one.what.startswith("disk ")]
    return (*disks, *others, *_between(_facts(old), _facts(new)))


def _between(old: Mapping[str, str], new: Mapping[str, str]) -> list[DefinitionDifference]:
    return [
        DefinitionDifference(what, old.get(what, ""), new.get(what, ""))
        for what in (*old, *(one for one in new if one not in old))
        if old.get(what, "") != new.get(what, "")
    ]


def _devices(root: etree._Element) -> dict[str, str]:
    """Every device by its kind and name, with what distinguishes it."""
    found: dict[str, str] = {}
    for device in devices(root):
        found[f"{_LABELS.get(device.element, device.element)} {device.name}"] = (
            device.words or "there"
        )
        if device.disk is not None and device.disk.source:
            found[f"disk {device.name} image"] = device.disk.source
    return found


def _facts(root: etree._Element) -> dict[str, str]:
    found = {}
    for path, label in _FACTS:
        element = root.find(path)
        unit = element.get("unit", "") if element is not None else ""
        found[label] = " ".join(part for part in (text(root, path), unit) if part)
    for path, name, label in _ATTRIBUTES:
        found[label] = attribute(root, path, name)
    return found

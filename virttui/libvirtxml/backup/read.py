"""What libvirt's XML tells of checkpoints, and of disks that are to be backed up."""

from __future__ import annotations

from lxml import etree
from msgspec import Struct, field

from virttui.libvirtxml.disks.sources import source_text
from virttui.libvirtxml.parse import attribute, root_of, text, whole


class Checkpoint(Struct, frozen=True):
    """A checkpoint of a domain. ``sizes`` are the bytes changed since it by target, if told."""

    name: str
    parent: str = ""
    description: str = ""
    disks: tuple[str, ...] = ()
    sizes: dict[str, int] = field(default_factory=dict)


def checkpoint(xml: str) -> Checkpoint:
    """Return the checkpoint that a ``<domaincheckpoint>`` describes. Raises InvalidInput."""
    root = root_of(xml)
    disks = [one for one in root.iterfind("disks/disk") if one.get("checkpoint") == "bitmap"]
    sizes = {one.get("name", ""): whole(one.get("size", "")) for one in disks}
    return Checkpoint(
        name=text(root, "name"),
        parent=text(root, "parent/name"),
        description=text(root, "description"),
        disks=tuple(sizes),
        sizes={target: size for target, size in sizes.items() if size is not None},
    )


class DiskDefinition(Struct, frozen=True):
    """A disk in a domain's XML, as far as a backup asks."""

    target: str
    device: str
    source: str
    format: str
    pool: str = ""
    read_only: bool = False
    encrypted: bool = False
    transient: bool = False


def disks(xml: str) -> tuple[DiskDefinition, ...]:
    """Return the disks of a ``<domain>``. Raises InvalidInput."""
    return tuple(_disk(one) for one in root_of(xml).iterfind("devices/disk"))


def _disk(disk: etree._Element) -> DiskDefinition:
    source = disk.find("source")
    return DiskDefinition(
        target=attribute(disk, "target", "dev"),
        device=disk.get("device", "disk"),
        source=source_text(source),
        format=attribute(disk, "driver", "type", "raw"),
        pool=source.get("pool", "") if source is not None else "",
        read_only=disk.find("readonly") is not None,
        encrypted=disk.find("encryption") is not None
        or (source is not None and source.find("encryption") is not None),
        transient=disk.find("transient") is not None,
    )


def has_tpm(xml: str) -> bool:
    """Return true if a domain has an emulated TPM, whose state is a file of the host."""
    backends = root_of(xml).iterfind("devices/tpm/backend")
    return any(one.get("type") == "emulator" for one in backends)


def holds_bitmaps(volume_xml: str) -> bool:
    """Return true if a qcow2 volume is of a version that can store dirty bitmaps.

    ``<compat>`` is 1.1 there; libvirt tells none of what is no qcow2. Raises InvalidInput.
    """
    return text(root_of(volume_xml), "target/compat") != "0.10"

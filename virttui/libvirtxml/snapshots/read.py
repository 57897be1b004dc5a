"""A ``<domainsnapshot>``, as the record of a snapshot."""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.disks.sources import source_text
from virttui.libvirtxml.parse import attribute, root_of, text, whole
from virttui.model.domains.snapshots import Snapshot, SnapshotDisk


def snapshot(xml: str, *, current: bool = False) -> Snapshot:
    """Return the snapshot that a ``<domainsnapshot>`` describes. Raises InvalidInput.

    The files of ``<disks>`` hold what came after it; what the disks were is in its ``<domain>``.
    """
    root = root_of(xml)
    memory = attribute(root, "memory", "snapshot", "no")
    taken = whole(text(root, "creationTime"))
    return Snapshot(
        name=text(root, "name"),
        parent=text(root, "parent/name"),
        note=text(root, "description"),
        state=text(root, "state"),
        taken=None if taken is None else float(taken),
        memory=memory,
        memory_file=attribute(root, "memory", "file"),
        disks=tuple(_disk(root, disk, memory) for disk in root.iterfind("disks/disk")),
        current=current,
    )


def _disk(root: etree._Element, disk: etree._Element, memory: str) -> SnapshotDisk:
    target = disk.get("name", "")
    disks = root.iterfind("domain/devices/disk")
    then = next((one for one in disks if attribute(one, "target", "dev") == target), None)
    how = disk.get("snapshot", "internal" if memory == "internal" else "no")
    return SnapshotDisk(
        target=target,
        how=how,
        source=source_text(then.find("source")) if then is not None else "",
        overlay=source_text(disk.find("source")) if how == "external" else "",
        writable=then is None
        or (then.get("device", "disk") in ("disk", "lun") and then.find("readonly") is None),
    )

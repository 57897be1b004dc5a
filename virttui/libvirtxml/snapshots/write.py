"""A ``<domainsnapshot>`` to be taken."""

from __future__ import annotations

from virttui.libvirtxml.build import element
from virttui.model.domains.snapshots import SnapshotKind
from virttui.model.snapshots.changes import TakeSnapshotArguments


def taken_snapshot(wanted: TakeSnapshotArguments) -> str:
    """Return the ``<domainsnapshot>`` that takes it. Raises InvalidInput.

    Every disk of an external one is named, with the file that is made for it: libvirt would cut the
    extension and append the snapshot's name, so that two disks could get the same file.
    """
    parts = [element("name", text=wanted.name)]
    if wanted.note:
        parts.append(element("description", text=wanted.note))
    if wanted.kind is SnapshotKind.INTERNAL:
        if wanted.active:
            parts.append(element("memory", snapshot="internal"))
        return element("domainsnapshot", *parts)
    if wanted.memory_file:
        parts.append(element("memory", snapshot="external", file=wanted.memory_file))
    else:
        parts.append(element("memory", snapshot="no"))
    disks = [
        element(
            "disk",
            element("driver", type="qcow2"),
            element("source", file=one.path),
            name=one.target,
            snapshot="external",
            type="file",
        )
        for one in wanted.overlays
    ]
    disks += [element("disk", name=target, snapshot="no") for target in wanted.left_out]
    return element("domainsnapshot", *parts, element("disks", *disks))

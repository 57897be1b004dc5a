"""The XML that a backup is begun with: ``<domainbackup>``, ``<domaincheckpoint>``, its volumes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from virttui.libvirtxml.build import element


class BackupTarget(Struct, frozen=True):
    """Where a disk is written to: a qcow2 file at ``path`` that exists already.

    ``since`` is the checkpoint that an incremental one begins at, "" for all of the disk.
    """

    target: str
    path: str
    since: str = ""


def backup_xml(targets: Iterable[BackupTarget], others: Iterable[str]) -> str:
    """Return a ``<domainbackup>`` in push mode; ``others`` are the disks that are not in it.

    Raises InvalidInput for text that XML cannot hold.
    """
    disks = [
        element(
            "disk",
            element("driver", type="qcow2"),
            element("target", file=one.path),
            name=one.target,
            backup="yes",
            type="file",
            backupmode="incremental" if one.since else "full",
            incremental=one.since,
        )
        for one in targets
    ]
    disks += [element("disk", name=name, backup="no") for name in others]
    return element("domainbackup", element("disks", *disks), mode="push")


def checkpoint_xml(name: str, description: str, disks: Mapping[str, bool]) -> str:
    """Return a ``<domaincheckpoint>``; ``disks`` says of each target whether it has a bitmap."""
    modes = [
        element("disk", name=target, checkpoint="bitmap" if bitmap else "no")
        for target, bitmap in disks.items()
    ]
    return element(
        "domaincheckpoint",
        element("name", text=name),
        element("description", text=description),
        element("disks", *modes),
    )


def target_volume_xml(name: str, capacity: int, backing: str = "") -> str:
    """Return the ``<volume>`` of a backup's disk: a qcow2 of version 3, empty.

    ``backing`` is the name of a volume of the same folder: a name without its folder in the header
    lets a chain be copied elsewhere as it is. libvirt's default, version 2, has no way to store
    that a cluster became zero.
    """
    below = (
        element("backingStore", element("path", text=backing), element("format", type="qcow2"))
        if backing
        else ""
    )
    return element(
        "volume",
        element("name", text=name),
        element("capacity", text=str(capacity), unit="bytes"),
        element("allocation", text="0", unit="bytes"),
        element("target", element("format", type="qcow2"), element("compat", text="1.1")),
        below,
    )

"""What the definition of a domain says about the snapshots that it can have."""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.disks.sources import source_text
from virttui.libvirtxml.parse import attribute, root_of, size, text
from virttui.libvirtxml.read import nvram_of
from virttui.model.snapshots.changes import SnapshotContext, SnapshotDiskFacts


def snapshot_context(xml: str) -> SnapshotContext:
    """Return what a ``<domain>`` tells; all else keeps its default. Raises InvalidInput."""
    root = root_of(xml)
    loader = root.find("os/loader")
    automatic = attribute(root, "os", "firmware") == "efi"
    return SnapshotContext(
        name=text(root, "name"),
        memory=size(root, "currentMemory") or 0,
        agent=any(
            found.get("name") == "org.qemu.guest_agent.0" and found.get("state") == "connected"
            for found in root.iterfind("devices/channel/target")
        ),
        has_display=root.find("devices/video/model") is not None,
        pflash=automatic or (loader is not None and loader.get("type") == "pflash"),
        nvram=nvram_of(root),
        nvram_format=attribute(root, "os/nvram", "format", "raw"),
        tpm=attribute(root, "devices/tpm/backend", "type"),
        passed_through=tuple(_passed_through(root)),
        disks=tuple(_disk(found) for found in root.iterfind("devices/disk")),
    )


def _disk(disk: etree._Element) -> SnapshotDiskFacts:
    return SnapshotDiskFacts(
        target=attribute(disk, "target", "dev"),
        source=source_text(disk.find("source")),
        kind=disk.get("type", "file"),
        format=attribute(disk, "driver", "type") or "raw",
        device=disk.get("device", "disk"),
        read_only=disk.find("readonly") is not None,
        shareable=disk.find("shareable") is not None,
        transient=disk.find("transient") is not None,
        mode=disk.get("snapshot", ""),
        pool=attribute(disk, "source", "pool"),
    )


def _passed_through(root: etree._Element) -> list[str]:
    found = [f"{one.get('type', 'a')} device" for one in root.iterfind("devices/hostdev")]
    found += [
        "NIC of the host"
        for one in root.iterfind("devices/interface")
        if one.get("type") in ("hostdev", "vdpa")
    ]
    return found


def reverts_external(capabilities: str) -> bool:
    """Return whether ``<capabilities>`` says that external snapshots can be reverted to.

    libvirt says so from 9.9 on. Raises InvalidInput.
    """
    return root_of(capabilities).find("guest/features/externalSnapshot") is not None

"""What a domain's definition has for its guest's agent: the channel, disks that can be trimmed.

Field meanings follow libvirt's "Domain XML format".
"""

from __future__ import annotations

from virttui.libvirtxml.parse import attribute, root_of

AGENT = "org.qemu.guest_agent.0"
"""The name of the channel that libvirt speaks with an agent on."""


def agent_channel(xml: str) -> str:
    """The state of the agent's channel, "" without one. Raises InvalidInput."""
    for target in root_of(xml).iterfind("devices/channel/target"):
        if target.get("name") == AGENT:
            return target.get("state", "disconnected")
    return ""


def discarding_disks(xml: str) -> tuple[str, ...]:
    """The disks that pass a guest's discard on to their storage. Raises InvalidInput."""
    return tuple(
        attribute(disk, "target", "dev")
        for disk in root_of(xml).iterfind("devices/disk")
        if disk.get("device", "disk") == "disk"
        and attribute(disk, "driver", "discard") == "unmap"
        and attribute(disk, "target", "dev")
    )

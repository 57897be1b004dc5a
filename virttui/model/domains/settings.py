"""The settings of a domain that have a name: ``memory 2G``, ``nic1 link down``, ``vda cache none``.

``SettingChange`` (in ``model.commands``) carries one. The list serves the ``:`` line, the forms and
the edits of the XML.
"""

from __future__ import annotations

from msgspec import Struct


class Setting(Struct, frozen=True):
    """A setting. ``device_kind`` is the kind of device it belongs to, "" for the domain.

    ``value`` describes the values it takes; ``options`` are suggestions, with ``only`` the complete
    list.
    """

    name: str
    value: str
    help: str
    device_kind: str = ""
    options: tuple[str, ...] = ()
    only: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting("memory", "a size, as 2G",
            "memory for the guest. Above its maximum, the maximum is raised too"),
    Setting("max-memory", "a size, as 8G", "the maximum memory it may be given while it runs"),
    Setting("vcpus", "a number",
            "vCPUs for the guest. Above the maximum, the maximum is raised too"),
    Setting("title", "a text", "its title, none to take it away"),
    Setting("description", "a text", "its description, none to take it away"),
    Setting("boot", "hd, cdrom, network, or devices", "what it boots from, first to last",
            options=("hd", "cdrom", "network", "fd")),
    Setting("autostart", "on or off", "whether its host starts it", options=("on", "off"),
            only=True),
    Setting("cpu", "a mode or model", "the CPU it sees",
            options=("host-passthrough", "host-model", "maximum")),
    Setting("media", "a path, pool/volume, or none", "the medium in the drive, none ejects",
            device_kind="cdrom", options=("none",)),
    Setting("bus", "a bus", "how the guest sees the disk", device_kind="disk",
            options=("virtio", "sata", "scsi", "usb", "ide")),
    Setting("cache", "a mode", "how the host caches it", device_kind="disk",
            options=("none", "writeback", "writethrough", "directsync", "unsafe", "default")),
    Setting("discard", "a mode", "whether freed blocks are given back", device_kind="disk",
            options=("unmap", "ignore")),
    Setting("link", "up or down", "the network cable", device_kind="interface",
            options=("up", "down"), only=True),
    Setting("network", "a network", "the network it is plugged into", device_kind="interface"),
    Setting("bridge", "a bridge of the host", "the bridge it is plugged into",
            device_kind="interface"),
    Setting("model", "a model", "the network card the guest sees", device_kind="interface",
            options=("virtio", "e1000e", "rtl8139")),
    Setting("listen", "an address, or none", "where its screen can be reached",
            device_kind="graphics", options=("127.0.0.1", "0.0.0.0", "none")),
    Setting("log", "a path on its host, or none", "the file that what it prints is logged to",
            device_kind="serial or console", options=("none",)),
)  # fmt: skip


class CurrentSetting(Struct, frozen=True):
    """A setting with its present value. ``device`` is the device's name, "" for none; ``kind``
    is its element's name."""

    setting: Setting
    device: str
    value: str
    kind: str = ""


BY_NAME = {setting.name: setting for setting in SETTINGS}
REMOVE = "remove"
"""The edit that removes a device; ``SettingChange.device`` names it."""
ADD = "add"
"""The edit that adds a device: the value ``xml`` is its element, ``words`` its name."""

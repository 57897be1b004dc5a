"""Devices to add: their kinds, the values chosen, and facts of the domain and its host.

``virttui.planning.devices.make`` makes the fields and the XML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct, field

from virttui.model.documents import HostValues, Option
from virttui.model.volumes import NewVolume


class DeviceKind(Struct, frozen=True):
    """A kind of device. ``many``: several domains can get one each at once."""

    name: str
    words: str
    help: str
    many: bool = False


DEVICE_KINDS: tuple[DeviceKind, ...] = (
    DeviceKind("disk", "disk", "on a volume or a path"),
    DeviceKind("nic", "NIC", "on a network or a bridge", many=True),
    DeviceKind("cdrom", "CD-ROM", "empty, or with an image"),
    DeviceKind("serial", "serial port", "a console, or a file"),
    DeviceKind("graphics", "graphics", "a screen by VNC or SPICE"),
    DeviceKind("video", "video", "a graphics card"),
    DeviceKind("channel", "channel", "for its agent, or others", many=True),
    DeviceKind("rng", "RNG", "random numbers", many=True),
    DeviceKind("tpm", "TPM", "emulated by swtpm"),
    DeviceKind("watchdog", "watchdog", "acts when it hangs", many=True),
    DeviceKind("usb", "USB device", "one of its host"),
    DeviceKind("pci", "PCI device", "one of its host"),
    DeviceKind("filesystem", "filesystem", "a folder of its host"),
)
BY_DEVICE_KIND = {kind.name: kind for kind in DEVICE_KINDS}


class DeviceRequest(Struct, frozen=True):
    """The kind of a device to add, and the values that differ from the defaults."""

    kind: str
    values: tuple[tuple[str, str], ...] = ()


class DeviceXml(Struct, frozen=True):
    """A device's XML, and its name in messages: "disk vdb", "NIC on default".

    ``volume`` has to be created first, in the pool named ``pool``; ``warning`` is a sentence about
    data that may be lost, "" for none.
    """

    xml: str
    words: str
    warning: str = ""
    volume: NewVolume | None = None
    pool: str = ""


class GuestContext(Struct, frozen=True):
    """Facts of a domain that forms for a new device need, from its definitions.

    ``virt`` is the domain's type (kvm, qemu, lxc …). ``used_names`` are the names of its devices
    (targets of disks, tags of filesystems, names of channels, host devices), ``used_macs`` its
    addresses in lower case. ``kinds`` are the kinds of its devices with their type or model:
    ("graphics", "vnc"). ``usb`` is false where its definition excludes a USB controller. ``name``
    is the domain's.
    """

    virt: str
    arch: str
    machine: str
    used_names: frozenset[str] = frozenset()
    used_macs: frozenset[str] = frozenset()
    kinds: tuple[tuple[str, str], ...] = ()
    shared_memory: bool = False
    usb: bool = True
    name: str = ""

    @property
    def container(self) -> bool:
        """True if it is a container, which has no machine to plug devices into."""
        return self.virt == "lxc"

    @property
    def q35(self) -> bool:
        """True if its machine type is a PC with PCI Express."""
        return "q35" in self.machine

    def of(self, kind: str) -> tuple[str, ...]:
        """The types or models of its devices of one kind."""
        return tuple(model for name, model in self.kinds if name == kind)


class Bus(StrEnum):
    """Buses of host devices."""

    USB = "usb"
    PCI = "pci"


class HostDevice(Struct, frozen=True):
    """A device of a host that could be passed through.

    ``address`` is ``0000:06:00.0`` on PCI, ``1.4`` (bus and device) on USB; ``id`` is vendor and
    product in hexadecimal: ``046d:c52b``. ``driver`` is the host's driver that uses it.
    """

    bus: Bus
    address: str
    id: str
    words: str = ""
    driver: str = ""


class CandidateVolume(Struct, frozen=True):
    """A volume that a new disk could use. ``in_use``: a domain has it already."""

    name: str
    format: str
    note: str = ""
    in_use: bool = False


class DeviceContext(Struct, frozen=True):
    """Facts of a host that forms for a new device need. ``None`` and a missing pool are "not
    known".

    ``networks`` and ``pools`` come with a note each, the usable ones first. ``volumes`` is keyed by
    the pool's name. ``mac`` is an unused address; with ``many`` each domain gets its own.
    ``libvirt`` is the version, "9.0.0". ``volume_users`` names the user of a volume (``pool/name``)
    or a path. ``file_pools`` are the pools whose volumes are files; ``can_create_volumes``: a new
    volume can be created for the device. ``portgroups`` are those of each network that has any,
    ``vlan_networks`` the networks that take VLANs from their NICs, ``cards`` the network cards of
    the host.
    """

    host_values: HostValues | None = None
    networks: tuple[Option, ...] = ()
    pools: tuple[Option, ...] = ()
    volumes: Mapping[str, Sequence[CandidateVolume]] = field(default_factory=dict)
    volume_users: Mapping[str, str] = field(default_factory=dict)
    portgroups: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)
    vlan_networks: frozenset[str] = frozenset()
    cards: tuple[str, ...] = ()
    devices: tuple[HostDevice, ...] | None = None
    mac: str = ""
    libvirt: str = ""
    many: bool = False
    file_pools: frozenset[str] = frozenset()
    can_create_volumes: bool = False

    def options(self, key: str, *otherwise: str) -> tuple[Option, ...]:
        """The values that the host has under ``key``, else these."""
        known = self.host_values.values.get(key) if self.host_values is not None else None
        return known or tuple(Option(name) for name in otherwise)

    def lacks(self, key: str) -> bool:
        """True if the host listed its values, and ``key`` is not among them."""
        values = self.host_values.values if self.host_values is not None else {}
        return "devices/disk/target@bus" in values and key not in values

"""Devices to be made: which kinds there are, what each wants, and what a host has for them.

``virttui.planning.devices.make`` makes their XML; this is what it and a form say to each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from virttui.model.documents import HostValues, Option
from virttui.model.volumes import NewVolume


@dataclass(frozen=True, slots=True)
class DeviceKind:
    """One kind of device. ``many`` says that several domains can be given one each at once."""

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


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """A device that is wanted: its kind, and the values that are not what they would be anyhow."""

    kind: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceXml:
    """A device's XML, and what it is to people: "disk vdb", "NIC on default".

    ``volume`` is what has to be made first, in the pool of the name ``pool``; ``warns`` says what
    may be lost by it, "" for nothing.
    """

    xml: str
    words: str
    warns: str = ""
    volume: NewVolume | None = None
    pool: str = ""


@dataclass(frozen=True, slots=True)
class GuestContext:
    """What a new device has to fit to, from a domain's definitions.

    ``virt`` is the domain's type (kvm, qemu, lxc …). ``taken`` are the names that devices have
    (targets of disks, tags of filesystems, names of channels, host devices), ``macs`` in lower
    case. ``kinds`` are the kinds of its devices with their type or model: ("graphics", "vnc").
    ``usb`` is false where it is told to have no USB controller. ``name`` is the domain's.
    """

    virt: str
    arch: str
    machine: str
    taken: frozenset[str] = frozenset()
    macs: frozenset[str] = frozenset()
    kinds: tuple[tuple[str, str], ...] = ()
    shared_memory: bool = False
    usb: bool = True
    name: str = ""

    @property
    def container(self) -> bool:
        """Whether it has no machine that devices could be plugged into."""
        return self.virt == "lxc"

    @property
    def q35(self) -> bool:
        """Whether its machine is a PC with PCI Express."""
        return "q35" in self.machine

    def of(self, kind: str) -> tuple[str, ...]:
        """The types or models of its devices of one kind."""
        return tuple(model for name, model in self.kinds if name == kind)


class Bus(StrEnum):
    """What a device of the host is plugged into."""

    USB = "usb"
    PCI = "pci"


@dataclass(frozen=True, slots=True)
class HostDevice:
    """A device of a host that could be passed through.

    ``address`` is ``0000:06:00.0`` on PCI, ``1.4`` (bus and device) on USB; ``id`` is vendor and
    product in hexadecimal: ``046d:c52b``. ``driver`` is the host's own for it.
    """

    bus: Bus
    address: str
    id: str
    words: str = ""
    driver: str = ""


@dataclass(frozen=True, slots=True)
class CandidateVolume:
    """A volume that a disk could be on. ``taken`` says that a domain has it already."""

    name: str
    format: str
    note: str = ""
    taken: bool = False


@dataclass(frozen=True, slots=True)
class DeviceContext:
    """What a host has for a new device. ``None`` and a pool that is missing are "not known".

    ``networks`` and ``pools`` come with a word about each, what can be used first. ``volumes`` is
    keyed by the pool's name. ``mac`` is an address nobody has; with ``many`` each domain gets its
    own. ``libvirt`` is the version, "9.0.0". ``used`` says who has a volume (``pool/name``) or a
    path, in words. ``file_pools`` names the pools whose volumes are files; with ``makes`` a volume
    can be made for a device. ``portgroups`` are those of each network that has any, ``switched``
    the networks that take VLANs of their NICs, ``cards`` the network cards of the host.
    """

    knowledge: HostValues | None = None
    networks: tuple[Option, ...] = ()
    pools: tuple[Option, ...] = ()
    volumes: Mapping[str, Sequence[CandidateVolume]] = field(default_factory=dict)
    used: Mapping[str, str] = field(default_factory=dict)
    portgroups: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)
    switched: frozenset[str] = frozenset()
    cards: tuple[str, ...] = ()
    devices: tuple[HostDevice, ...] | None = None
    mac: str = ""
    libvirt: str = ""
    many: bool = False
    file_pools: frozenset[str] = frozenset()
    makes: bool = False

    def options(self, key: str, *otherwise: str) -> tuple[Option, ...]:
        """What the host knows under ``key``, else these."""
        known = self.knowledge.values.get(key) if self.knowledge is not None else None
        return known or tuple(Option(name) for name in otherwise)

    def lacks(self, key: str) -> bool:
        """Whether the host told what it can do, and this is none of it."""
        told = self.knowledge.values if self.knowledge is not None else {}
        return "devices/disk/target@bus" in told and key not in told

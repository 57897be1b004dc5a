"""Machines to be made: what one is to be, what its system wants, what its host can give it.

``virttui.planning.domain_spec`` fills in what was not chosen and makes the XML.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class InstallMethod(StrEnum):
    """How a machine gets its system."""

    MEDIUM = "install medium"
    NETWORK = "network boot"
    TREE = "install tree"
    DISK = "existing disk"
    CLOUD = "cloud image"
    KERNEL = "kernel"
    CONTAINER = "container"


@dataclass(frozen=True, slots=True)
class DiskSpec:
    """One disk or drive: a volume of a pool by name, or a path of the host; neither is empty.

    ``bus`` and ``target`` are "" for what is usual. ``device`` is disk, cdrom or floppy. ``boot``
    is its turn when the machine boots, 0 for what is usual: so for all devices, or for none.
    """

    pool: str = ""
    volume: str = ""
    path: str = ""
    format: str = "qcow2"
    device: str = "disk"
    bus: str = ""
    target: str = ""
    read_only: bool = False
    boot: int = 0


@dataclass(frozen=True, slots=True)
class NicSpec:
    """One network card. ``kind`` is network, bridge, direct or user; ``model`` "" is the usual.

    ``portgroup`` is one of its network, "" for the network's default; ``boot`` is its turn when the
    machine boots, as a disk's.
    """

    kind: str = "network"
    source: str = "default"
    model: str = ""
    mac: str = ""
    portgroup: str = ""
    boot: int = 0


@dataclass(frozen=True, slots=True)
class DomainSpec:
    """A machine to be made. What is "", 0 or None is chosen by what its system and host suggest.

    ``os`` is osinfo's short id ("debian12"), "" for an unknown one. ``memory`` is bytes.
    ``firmware`` is bios or uefi; ``secure`` is secure boot; ``cpu`` a mode or a model. ``kernel``,
    ``initrd`` and ``cmdline`` go with KERNEL and TREE (paths of the host), ``root`` (a folder of
    the host) and ``init`` with CONTAINER. ``graphics`` is vnc, spice or none. ``installs`` says
    that the next boot is an installation: a medium or the network comes before the disk then.
    """

    name: str
    uuid: str
    method: InstallMethod
    os: str = ""
    title: str = ""
    description: str = ""
    virt: str = ""
    arch: str = ""
    machine: str = ""
    firmware: str = ""
    secure: bool | None = None
    cpu: str = ""
    vcpus: int = 0
    memory: int = 0
    disks: tuple[DiskSpec, ...] = ()
    nics: tuple[NicSpec, ...] = (NicSpec(),)
    graphics: str = ""
    video: str = ""
    tpm: bool | None = None
    rng: bool | None = None
    agent: bool | None = None
    kernel: str = ""
    initrd: str = ""
    cmdline: str = ""
    root: str = ""
    init: str = ""
    installs: bool = True


@dataclass(frozen=True, slots=True)
class ResourceNeeds:
    """What a system wants: cores, and bytes of memory and storage; 0 where it is not told."""

    cpus: int = 0
    memory: int = 0
    storage: int = 0


@dataclass(frozen=True, slots=True)
class OperatingSystem:
    """An operating system as osinfo knows it.

    ``id`` is its short id, ``family`` linux, winnt, freebsd …; ``released`` and ``ended`` are dates
    (2023-06-10), "" where not told. ``devices`` are the ids of those it has drivers for
    ("virtio-net", "virtio1.0-block", "qemu-xhci" …), by their names in osinfo's database.
    ``firmwares`` are "bios", "efi", "efi-secure" as far as it tells. ``known`` is false for the
    stand-in that is used where nothing is known. ``uri`` is osinfo's full id
    ("http://debian.org/debian/12"), which definitions are marked with.
    """

    id: str
    name: str
    family: str = ""
    distro: str = ""
    version: str = ""
    released: str = ""
    ended: str = ""
    minimum: ResourceNeeds = ResourceNeeds()
    recommended: ResourceNeeds = ResourceNeeds()
    devices: frozenset[str] = frozenset()
    firmwares: frozenset[str] = frozenset()
    known: bool = True
    uri: str = ""


@dataclass(frozen=True, slots=True)
class IsoDescriptor:
    """What an ISO image tells of itself in its primary volume descriptor (ECMA-119).

    ``size`` is bytes; ``bootable`` says that an El Torito record is there.
    """

    volume: str = ""
    system: str = ""
    publisher: str = ""
    application: str = ""
    size: int = 0
    bootable: bool = False


@dataclass(frozen=True, slots=True)
class HostCapabilities:
    """What a host can give a machine, from its capabilities and its domain capabilities.

    ``machines`` are the machine types with their full names, the alias first where there is one.
    ``values`` are what the domain capabilities list, by path: ``disk/bus``, ``graphics/type``,
    ``video/modelType``, ``tpm/model``, ``rng/backendModel`` …; a path that is missing is not told.
    ``cpu_modes`` are those supported. ``secure_boot`` says that a firmware for it is installed.
    ``untold`` says why none of this is known, "" where it is.
    """

    virt: str = "qemu"
    arch: str = "x86_64"
    emulator: str = ""
    machine: str = ""
    machines: tuple[str, ...] = ()
    max_vcpus: int = 0
    firmwares: frozenset[str] = frozenset()
    secure_boot: bool = False
    cpu_modes: tuple[str, ...] = ()
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    untold: str = ""

    def of(self, path: str) -> tuple[str, ...] | None:
        """What is listed under a path, None where that is not told."""
        return next((values for name, values in self.values if name == path), None)


@dataclass(frozen=True, slots=True)
class CloudInit:
    """What a cloud image is told at its first boot. Nothing secret is shown by ``repr``.

    ``password`` is a crypt(3) hash, never the password. ``network`` is a network-config of version
    2 as YAML, ``extra`` further user-data (a ``#cloud-config`` or a script).
    """

    hostname: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    keys: tuple[str, ...] = ()
    network: str = ""
    extra: str = field(default="", repr=False)
    instance: str = ""

"""New domains: the specification of one, the needs of its system, the capabilities of its host.

``virttui.planning.domain_spec`` fills in the defaults and makes the XML.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from virttui.model.secret_value import hides


class InstallMethod(StrEnum):
    """Sources of a machine's operating system."""

    MEDIUM = "install medium"
    NETWORK = "network boot"
    TREE = "install tree"
    DISK = "existing disk"
    CLOUD = "cloud image"
    KERNEL = "kernel"
    CONTAINER = "container"


class DiskSpec(Struct, frozen=True):
    """A disk or drive: a volume by its pool and name, or a path of the host; an empty drive has
    neither.

    ``bus`` and ``target`` are "" for the default. ``device`` is disk, cdrom or floppy.
    ``boot_order`` counts from 1, 0 for the default order; either all devices of a machine have one,
    or none.
    """

    pool: str = ""
    volume: str = ""
    path: str = ""
    format: str = "qcow2"
    device: str = "disk"
    bus: str = ""
    target: str = ""
    read_only: bool = False
    boot_order: int = 0


class NicSpec(Struct, frozen=True):
    """A network card. ``kind`` is network, bridge, direct or user; ``model`` "" is the default.

    ``portgroup`` is one of its network, "" for the network's default; ``boot_order`` is as a
    disk's.
    """

    kind: str = "network"
    source: str = "default"
    model: str = ""
    mac: str = ""
    portgroup: str = ""
    boot_order: int = 0


class DomainSpec(Struct, frozen=True):
    """A machine to create. "", 0 and None leave the choice to the defaults for its system and host.

    ``os`` is osinfo's short id ("debian12"), "" for an unknown system. ``memory`` is bytes.
    ``firmware`` is bios or uefi; ``secure`` is secure boot; ``cpu`` a mode or a model. ``kernel``,
    ``initrd`` and ``cmdline`` go with KERNEL and TREE (paths of the host), ``root`` (a folder of
    the host) and ``init`` with CONTAINER. ``graphics`` is vnc, spice or none. ``installs``: the
    next boot is an installation, so a medium or the network comes before the disk.
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


class ResourceNeeds(Struct, frozen=True):
    """Needs of an operating system: cores, and bytes of memory and storage; 0 where osinfo does
    not say."""

    cpus: int = 0
    memory: int = 0
    storage: int = 0


class OperatingSystem(Struct, frozen=True):
    """An operating system as osinfo knows it.

    ``id`` is its short id, ``family`` linux, winnt, freebsd …; ``released`` and ``end_of_support``
    are dates (2023-06-10), "" where unknown. ``devices`` are the ids of devices it has drivers for
    ("virtio-net", "virtio1.0-block", "qemu-xhci" …), in the names of osinfo's database.
    ``firmwares`` are those of "bios", "efi" and "efi-secure" that osinfo lists. ``known`` is false
    for the placeholder of an unknown system. ``uri`` is osinfo's full id
    ("http://debian.org/debian/12"), which goes into the metadata of definitions.
    """

    id: str
    name: str
    family: str = ""
    distro: str = ""
    version: str = ""
    released: str = ""
    end_of_support: str = ""
    minimum: ResourceNeeds = ResourceNeeds()
    recommended: ResourceNeeds = ResourceNeeds()
    devices: frozenset[str] = frozenset()
    firmwares: frozenset[str] = frozenset()
    known: bool = True
    uri: str = ""


class IsoDescriptor(Struct, frozen=True):
    """The primary volume descriptor of an ISO image (ECMA-119).

    ``size`` is bytes; ``bootable``: there is an El Torito record.
    """

    volume: str = ""
    system: str = ""
    publisher: str = ""
    application: str = ""
    size: int = 0
    bootable: bool = False


class HostCapabilities(Struct, frozen=True):
    """The virtualization that a host offers, from its capabilities and domain capabilities.

    ``machines`` are the machine types with their full names, the alias first where there is one.
    ``values`` are the lists of the domain capabilities by path: ``disk/bus``, ``graphics/type``,
    ``video/modelType``, ``tpm/model``, ``rng/backendModel`` …; a path that is missing is unknown.
    ``cpu_modes`` are the supported ones. ``secure_boot``: a firmware for it is installed. ``error``
    is the reason why none of this is known, else "".
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
    error: str = ""

    def of(self, path: str) -> tuple[str, ...] | None:
        """The values listed under a path, None where they are unknown."""
        return next((values for name, values in self.values if name == path), None)


@hides("password", "extra")
class CloudInit(Struct, frozen=True):
    """The cloud-init configuration of a machine's first boot. No ``repr`` shows its secrets.

    ``password`` is a crypt(3) hash, never the password. ``network`` is a network-config of version
    2 as YAML, ``extra`` further user-data (a ``#cloud-config`` or a script).
    """

    hostname: str = ""
    user: str = ""
    password: str = ""
    keys: tuple[str, ...] = ()
    network: str = ""
    extra: str = ""
    instance: str = ""

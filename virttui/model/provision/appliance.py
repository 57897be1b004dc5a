"""Parcels: machines in files of this machine, and what is known of one before it is unpacked.

``virttui.appliances`` opens them, ``virttui.planning.imports`` plans what a host makes of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from virttui.model.provision.checks import Check
from virttui.model.provision.file_slice import FileSlice
from virttui.model.provision.plan import ProvisionPlan
from virttui.model.severity import Severity


class ApplianceFormat(StrEnum):
    """What a machine is packed as."""

    OVF = "OVF"
    VMX = "VMX"
    XML = "libvirt XML"
    NATIVE = "native configuration"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class ApplianceDisk:
    """One disk or drive of a packed machine.

    ``part`` is its content, None for an empty one. ``bus`` is what it was on (ide, sata, scsi,
    nvme, virtio …), ``target`` its name in a definition of libvirt's. ``format`` is that of the
    content when it is used as it is. ``capacity`` is bytes. ``boot`` is its turn when the machine
    boots, 0 where that is not told.
    """

    part: FileSlice | None = None
    capacity: int = 0
    bus: str = ""
    device: str = "disk"
    target: str = ""
    format: str = ""
    label: str = ""
    boot: int = 0


@dataclass(frozen=True, slots=True)
class ApplianceNic:
    """One network card: the network it was on by its name there, its address ("" for a new one).

    ``boot`` is its turn when the machine boots, 0 where that is not told.
    """

    network: str = ""
    model: str = ""
    mac: str = ""
    boot: int = 0


@dataclass(frozen=True, slots=True)
class Appliance:
    """A packed machine. Sizes in bytes; 0 and "" where it does not tell.

    ``os`` is osinfo's id where it is plain, ``os_words`` what the file calls its system. ``xml`` is
    a definition of libvirt's with its passwords, so no ``repr`` shows it; ``config`` a
    configuration of another tool's in ``format``. ``nvram`` are the variables of its firmware
    as they were at ``nvram_path``; the firmware was the file ``loader`` on its host.
    ``told`` says what was left out or changed, in sentences; ``lacks`` what this machine would need
    to unpack it, "" for nothing.
    """

    wrapping: ApplianceFormat
    path: str
    name: str = ""
    title: str = ""
    description: str = ""
    uuid: str = ""
    os: str = ""
    os_words: str = ""
    vcpus: int = 0
    memory: int = 0
    arch: str = ""
    firmware: str = ""
    secure: bool = False
    tpm: bool = False
    disks: tuple[ApplianceDisk, ...] = ()
    nics: tuple[ApplianceNic, ...] = ()
    nvram: FileSlice | None = None
    nvram_path: str = ""
    loader: str = ""
    xml: str = field(default="", repr=False)
    config: str = field(default="", repr=False)
    format: str = ""
    told: tuple[str, ...] = ()
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class NativeConfig:
    """A configuration in a format that a driver of libvirt's may translate ("lxc-tools").

    It may hold passwords, so no ``repr`` shows it.
    """

    format: str
    config: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ExistingIds:
    """Who has a UUID or MAC address on any host: each with a machine and its host, in words."""

    uuids: Mapping[str, str] = field(default_factory=dict)
    macs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What a host makes of a parcel. ``lines`` say what its hardware becomes; see
    ``CreatePlan``."""

    plan: ProvisionPlan
    uuid: str
    checks: tuple[Check, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether something stands in the way."""
        return any(check.level is Severity.ERROR for check in self.checks)

"""Appliances: machines in files of this computer, and the plan of an import.

``virttui.appliances`` opens them, ``virttui.planning.imports`` makes the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from virttui.model.provision.checks import Check
from virttui.model.provision.file_slice import FileSlice
from virttui.model.provision.plan import ProvisionPlan
from virttui.model.secret_value import hides
from virttui.model.severity import Severity


class ApplianceFormat(StrEnum):
    """Packagings of a machine."""

    OVF = "OVF"
    VMX = "VMX"
    XML = "libvirt XML"
    NATIVE = "native configuration"
    ARCHIVE = "archive"


class ApplianceDisk(Struct, frozen=True):
    """A disk or drive of an appliance.

    ``content`` is None for an empty one. ``bus`` is the bus it was on (ide, sata, scsi, nvme,
    virtio …), ``target`` its name in a libvirt definition. ``format`` is that of content which is
    used without conversion. ``capacity`` is bytes. ``boot_order`` counts from 1; 0: not given.
    """

    content: FileSlice | None = None
    capacity: int = 0
    bus: str = ""
    device: str = "disk"
    target: str = ""
    format: str = ""
    label: str = ""
    boot_order: int = 0


class ApplianceNic(Struct, frozen=True):
    """A network card: ``network`` is the name its old host used, ``mac`` "" for a new address.

    ``boot_order`` counts from 1; 0: not given.
    """

    network: str = ""
    model: str = ""
    mac: str = ""
    boot_order: int = 0


@hides("xml", "config")
class Appliance(Struct, frozen=True):
    """A machine in files. Sizes are bytes; 0 and "" stand for what the files do not say.

    ``os`` is osinfo's id where it is unambiguous, ``os_label`` the file's own words for the system.
    ``xml`` is a libvirt definition with its passwords, so no ``repr`` shows it; ``config`` is a
    configuration of another tool in ``config_format``. ``nvram`` is the content of its NVRAM file,
    which was at ``nvram_path`` on its old host; ``loader`` is the path of the firmware there.
    ``notes`` are sentences about things that were left out or changed; ``missing_tool`` is a
    sentence about the program that this computer lacks to unpack it, else "".
    """

    packaging: ApplianceFormat
    path: str
    name: str = ""
    title: str = ""
    description: str = ""
    uuid: str = ""
    os: str = ""
    os_label: str = ""
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
    xml: str = ""
    config: str = ""
    config_format: str = ""
    notes: tuple[str, ...] = ()
    missing_tool: str = ""


@hides("config")
class NativeConfig(Struct, frozen=True):
    """A configuration in a format that libvirt can translate ("lxc-tools").

    It may hold passwords, so no ``repr`` shows it.
    """

    format: str
    config: str


class ExistingIds(Struct, frozen=True):
    """The UUIDs and MAC addresses in use on all hosts, each with the machine and host that have
    it."""

    uuids: Mapping[str, str] = field(default_factory=dict)
    macs: Mapping[str, str] = field(default_factory=dict)


class ImportPlan(Struct, frozen=True):
    """The plan of an import. ``lines`` describe the new hardware; for the rest see
    ``CreatePlan``."""

    plan: ProvisionPlan
    uuid: str
    checks: tuple[Check, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def blocked(self) -> bool:
        """True if a check failed, so that it cannot be imported."""
        return any(check.level is Severity.ERROR for check in self.checks)

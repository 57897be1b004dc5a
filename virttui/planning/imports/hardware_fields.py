"""The fields of an import that say what hardware it has: as its file tells, or as is usual.

What is not told is never shown as if it were: the note of a field says where its value is from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virttui.libvirtxml.edits.operands import bytes_of, number_of
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.model.provision.appliance import (
    Appliance,
    ApplianceDisk,
    ApplianceFormat,
    ApplianceNic,
)
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import (
    DomainSpec,
    HostCapabilities,
    InstallMethod,
    OperatingSystem,
)
from virttui.planning.domain_spec.defaults import with_defaults
from virttui.planning.form import choice

NOT_TOLD = "not told there: what is usual"
_FIRMWARES = ("bios", "uefi")
_LEAST = 1024**2
"""Bytes of memory below which a number was meant to have a unit."""
_GIB, _MIB, _KIB = 1024**3, 1024**2, 1024


def hardware(
    entered: FormValues, appliance: Appliance, context: CreateContext, system: OperatingSystem
) -> list[FormField]:
    """vCPUs, memory, firmware, and what boots where that could be several things."""
    fields = [
        FormField("vcpus", "vCPUs", entered.get("vcpus", str(_vcpus(appliance, context, system))),
               note="as there" if appliance.vcpus else NOT_TOLD),
        FormField("memory", "memory", entered.get("memory", spelled(_memory(appliance, context,
        system))),
               note="as there" if appliance.memory else NOT_TOLD),
    ]  # fmt: skip
    firmwares = [Option(one, "as there" if one == appliance.firmware else "") for one in _FIRMWARES]
    note = "" if appliance.firmware else NOT_TOLD
    fields.append(
        choice(
            "firmware", "firmware", firmwares, entered, _firmware(appliance, context, system), note
        )
    )
    devices = bootable(appliance)
    if len(devices) > 1:
        names = [Option(one, _told(device)) for one, device in devices.items()]
        fields.append(choice("boot", "boots first", names, entered, _first(devices)))
    return fields


def machine_sizes(values: FormValues, entered: FormValues, appliance: Appliance) -> tuple[int, int]:
    """vCPUs and bytes of memory. Raises InvalidInput for what was typed wrong."""
    vcpus = number_of(values["vcpus"])
    if "memory" not in entered and appliance.memory:
        return vcpus, appliance.memory
    memory = bytes_of(values["memory"])
    if memory < _LEAST:
        raise InvalidInput(f"{values['memory'][:40]} is hardly any memory: write 2G or 512M")
    return vcpus, memory


def spelled(size: int) -> str:
    """A size as people type it, whole to the kibibyte."""
    for unit, factor in (("G", _GIB), ("M", _MIB), ("K", _KIB)):
        if size and size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def not_told(appliance: Appliance, values: FormValues) -> list[str]:
    """What its file does not tell, in sentences: each is a field that can be corrected."""
    if appliance.xml:
        return []
    said = []
    if not appliance.vcpus:
        said.append(f"it does not tell how many vCPUs it has: it gets {values['vcpus']}")
    if not appliance.memory:
        said.append(f"it does not tell how much memory it has: it gets {values['memory']}")
    if not appliance.firmware:
        said.append(f"it does not tell its firmware: it gets {values['firmware']}")
    disks = [disk for disk in appliance.disks if disk.device == "disk"]
    if len({disk.bus for disk in disks}) > 1 and not any(disk.boot_order for disk in disks):
        said.append(f"it does not tell which of its disks boots: {values['boot']} does here")
    return said


def _usual(context: CreateContext, system: OperatingSystem) -> DomainSpec:
    bare = DomainSpec("", "", InstallMethod.DISK, os=system.id, installs=False)
    return with_defaults(bare, system, context.capabilities or HostCapabilities())


def _vcpus(appliance: Appliance, context: CreateContext, system: OperatingSystem) -> int:
    """As told; VMware writes none where there is one."""
    if appliance.vcpus or appliance.packaging is ApplianceFormat.VMX:
        return appliance.vcpus or 1
    return _usual(context, system).vcpus


def _memory(appliance: Appliance, context: CreateContext, system: OperatingSystem) -> int:
    return appliance.memory or _usual(context, system).memory


def _firmware(appliance: Appliance, context: CreateContext, system: OperatingSystem) -> str:
    return appliance.firmware or _usual(context, system).firmware


# -- what boots --------------------------------------------------------------------------------


def bootable(appliance: Appliance) -> dict[str, ApplianceDisk | ApplianceNic]:
    """What it could boot from, by a name that only it has: disks, drives, cards."""
    found: dict[str, ApplianceDisk | ApplianceNic] = {}
    for kind in ("disk", "cdrom", "floppy"):
        for disk in appliance.disks:
            if disk.device == kind:
                found[_apart(disk.label or kind, found)] = disk
    for number, nic in enumerate(appliance.nics, 1):
        found[_apart(f"network {number}", found)] = nic
    return found


def _apart(name: str, taken: Mapping[str, object]) -> str:
    number = 1
    wanted = name
    while wanted in taken:
        number += 1
        wanted = f"{name} ({number})"
    return wanted


def boot_orders(
    appliance: Appliance, values: FormValues, left: Sequence[ApplianceNic] = ()
) -> dict[int, int]:
    """The devices that boot, by their ``id``, each with its turn: the chosen one, then as told.

    Empty where the first disk boots anyhow. Cards that are ``left`` out take no turn.
    """
    devices = bootable(appliance)
    first = values.get("boot", "")
    order = [one for one in devices.values() if one.boot_order]
    order.sort(key=lambda one: one.boot_order)
    if not order and first in ("", next(iter(devices), "")):
        return {}
    chosen = devices.get(first)
    every = [*([chosen] if chosen is not None else []), *order]
    if not order:
        every += [one for one in appliance.disks if one.device == "disk"]
    kept = [id(one) for one in every if not any(one is gone for gone in left)]
    return {one: turn for turn, one in enumerate(dict.fromkeys(kept), 1)}


def _first(devices: Mapping[str, ApplianceDisk | ApplianceNic]) -> str:
    told = [name for name, one in devices.items() if one.boot_order]
    return min(told, key=lambda name: devices[name].boot_order) if told else next(iter(devices))


def _told(device: ApplianceDisk | ApplianceNic) -> str:
    words = "first there" if device.boot_order == 1 else f"number {device.boot_order} there"
    if isinstance(device, ApplianceNic):
        return words if device.boot_order else f"on {device.network}"
    if device.device != "disk":
        return words if device.boot_order else "empty here"
    where = f"on {device.bus}" if device.bus else ""
    return words if device.boot_order else where

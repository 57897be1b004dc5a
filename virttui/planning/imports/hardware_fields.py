"""The form fields of an import's hardware: the file's values, or defaults.

Defaults are never shown as the file's values: a field's note says where its value is from.
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

DEFAULT_NOTE = "not in its file: the default"
_FIRMWARES = ("bios", "uefi")
_MIN_MEMORY = 1024**2
"""Bytes of memory; a smaller number was likely typed without its unit."""
_GIB, _MIB, _KIB = 1024**3, 1024**2, 1024


def hardware_fields(
    entered: FormValues, appliance: Appliance, context: CreateContext, system: OperatingSystem
) -> list[FormField]:
    """Return the fields for vCPUs, memory, firmware, and the first boot device if there are
    several."""
    fields = [
        FormField("vcpus", "vCPUs", entered.get("vcpus", str(_vcpus(appliance, context, system))),
               note="as there" if appliance.vcpus else DEFAULT_NOTE),
        FormField("memory", "memory", entered.get("memory", size_text(_memory(appliance, context,
        system))),
               note="as there" if appliance.memory else DEFAULT_NOTE),
    ]  # fmt: skip
    firmwares = [Option(one, "as there" if one == appliance.firmware else "") for one in _FIRMWARES]
    note = "" if appliance.firmware else DEFAULT_NOTE
    fields.append(
        choice(
            "firmware", "firmware", firmwares, entered, _firmware(appliance, context, system), note
        )
    )
    devices = boot_devices(appliance)
    if len(devices) > 1:
        names = [Option(one, _boot_note(device)) for one, device in devices.items()]
        fields.append(choice("boot", "boots first", names, entered, _first_boot_device(devices)))
    return fields


def machine_sizes(values: FormValues, entered: FormValues, appliance: Appliance) -> tuple[int, int]:
    """Return vCPUs and bytes of memory. Raises InvalidInput for wrong input."""
    vcpus = number_of(values["vcpus"])
    if "memory" not in entered and appliance.memory:
        return vcpus, appliance.memory
    memory = bytes_of(values["memory"])
    if memory < _MIN_MEMORY:
        raise InvalidInput(f"{values['memory'][:40]} is too little memory: write 2G or 512M")
    return vcpus, memory


def size_text(size: int) -> str:
    """Return a size as people type it, whole to the kibibyte."""
    for unit, factor in (("G", _GIB), ("M", _MIB), ("K", _KIB)):
        if size and size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def missing_facts(appliance: Appliance, values: FormValues) -> list[str]:
    """Return a sentence about each fact that the file leaves open; its field can correct it."""
    if appliance.xml:
        return []
    sentences = []
    if not appliance.vcpus:
        sentences.append(f"its file does not say how many vCPUs it has: it gets {values['vcpus']}")
    if not appliance.memory:
        sentences.append(
            f"its file does not say how much memory it has: it gets {values['memory']}"
        )
    if not appliance.firmware:
        sentences.append(f"its file does not say its firmware: it gets {values['firmware']}")
    disks = [disk for disk in appliance.disks if disk.device == "disk"]
    if len({disk.bus for disk in disks}) > 1 and not any(disk.boot_order for disk in disks):
        sentences.append(
            f"its file does not say which of its disks boots: {values['boot']} does here"
        )
    return sentences


def _default_spec(context: CreateContext, system: OperatingSystem) -> DomainSpec:
    bare = DomainSpec("", "", InstallMethod.DISK, os=system.id, installs=False)
    return with_defaults(bare, system, context.capabilities or HostCapabilities())


def _vcpus(appliance: Appliance, context: CreateContext, system: OperatingSystem) -> int:
    """Return the number of vCPUs; VMware writes none for a single one."""
    if appliance.vcpus or appliance.packaging is ApplianceFormat.VMX:
        return appliance.vcpus or 1
    return _default_spec(context, system).vcpus


def _memory(appliance: Appliance, context: CreateContext, system: OperatingSystem) -> int:
    return appliance.memory or _default_spec(context, system).memory


def _firmware(appliance: Appliance, context: CreateContext, system: OperatingSystem) -> str:
    return appliance.firmware or _default_spec(context, system).firmware


# -- what boots --------------------------------------------------------------------------------


def boot_devices(appliance: Appliance) -> dict[str, ApplianceDisk | ApplianceNic]:
    """Return the devices it could boot from, by a unique name: disks, drives, NICs."""
    found: dict[str, ApplianceDisk | ApplianceNic] = {}
    for kind in ("disk", "cdrom", "floppy"):
        for disk in appliance.disks:
            if disk.device == kind:
                found[_unique_name(disk.label or kind, found)] = disk
    for number, nic in enumerate(appliance.nics, 1):
        found[_unique_name(f"network {number}", found)] = nic
    return found


def _unique_name(name: str, used: Mapping[str, object]) -> str:
    number = 1
    candidate = name
    while candidate in used:
        number += 1
        candidate = f"{name} ({number})"
    return candidate


def boot_orders(
    appliance: Appliance, values: FormValues, left_out: Sequence[ApplianceNic] = ()
) -> dict[int, int]:
    """Return the boot order by the ``id`` of each device: the chosen one first, then the file's
    order.

    It is empty where the first disk boots by default. NICs in ``left_out`` are not part of it.
    """
    devices = boot_devices(appliance)
    first_choice = values.get("boot", "")
    order = [one for one in devices.values() if one.boot_order]
    order.sort(key=lambda one: one.boot_order)
    if not order and first_choice in ("", next(iter(devices), "")):
        return {}
    chosen = devices.get(first_choice)
    devices_in_order = [*([chosen] if chosen is not None else []), *order]
    if not order:
        devices_in_order += [one for one in appliance.disks if one.device == "disk"]
    ids = [id(one) for one in devices_in_order if not any(one is nic for nic in left_out)]
    return {one: turn for turn, one in enumerate(dict.fromkeys(ids), 1)}


def _first_boot_device(devices: Mapping[str, ApplianceDisk | ApplianceNic]) -> str:
    ordered = [name for name, one in devices.items() if one.boot_order]
    return (
        min(ordered, key=lambda name: devices[name].boot_order) if ordered else next(iter(devices))
    )


def _boot_note(device: ApplianceDisk | ApplianceNic) -> str:
    words = "first there" if device.boot_order == 1 else f"number {device.boot_order} there"
    if isinstance(device, ApplianceNic):
        return words if device.boot_order else f"on {device.network}"
    if device.device != "disk":
        return words if device.boot_order else "empty here"
    where = f"on {device.bus}" if device.bus else ""
    return words if device.boot_order else where

"""The fields of an import, with the values they have as given or else as usual."""

from __future__ import annotations

import re
from collections.abc import Sequence

from virttui.model.documents import Option
from virttui.model.form_fields import FormField, FormValues
from virttui.model.provision.appliance import Appliance, ApplianceDisk, ExistingIds
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import OperatingSystem
from virttui.model.volumes import FILE_POOLS
from virttui.planning.clone.names import next_name
from virttui.planning.create.sources import pool_options
from virttui.planning.form import choice, of_names, preferred
from virttui.planning.imports.guest_os import is_windows
from virttui.planning.imports.hardware_fields import hardware
from virttui.planning.imports.host_access import access_field
from virttui.planning.osinfo.catalog import OsCatalog

KEEP, NEW = "keep", "new"
YES, NO = "yes", "no"
NONE = "none"
_AT_HOME = frozenset({"debian", "ubuntu", "alpinelinux", "archlinux", "freebsd"})
"""Distributions whose boot image has drivers for virtio disks whatever it was installed on."""


def form_fields(
    entered: FormValues,
    appliance: Appliance,
    context: CreateContext,
    systems: OsCatalog,
    others: ExistingIds,
) -> tuple[FormField, ...]:
    """The fields of an import into a host."""
    taken = appliance.name in context.names
    usual = next_name(appliance.name, context.names) if taken else appliance.name
    name = entered.get("name", usual)
    note = "of the machine here"
    if name in context.names or (taken and name == usual):
        clash = name if name in context.names else appliance.name
        note = f"{clash} is on {context.name} already"
    fields = [FormField("name", "name", name, note=note)]
    if not appliance.xml:
        fields.append(_system(entered, appliance, systems))
        fields += hardware(entered, appliance, context, systems.by_id(fields[1].value))
    if disks_to_copy(appliance):
        fields += _storage(entered, appliance, context)
    if not appliance.xml and any(disk.device == "disk" for disk in appliance.disks):
        fields.append(_bus(entered, appliance, systems.by_id(fields[1].value)))
    fields += _networks(entered, appliance, context)
    fields += _identity(entered, appliance, others)
    if (
        not appliance.xml
        and context.capabilities is not None
        and context.capabilities.virt == "kvm"
    ):
        kinds = (Option("kvm", "at full speed"), Option("qemu", "slow, by emulation"))
        fields.append(choice("virt", "runs by", kinds, entered))
    if appliance.xml:
        fields += access_field(entered, appliance, context)
    fields.append(choice("start", "start it", of_names(NO, YES), entered, NO))
    return tuple(fields)


def disks_to_copy(appliance: Appliance) -> list[ApplianceDisk]:
    """The disks that become volumes."""
    return [
        one
        for one in appliance.disks
        if one.device == "disk" and (one.content or not appliance.xml)
    ]


def sources(appliance: Appliance) -> list[str]:
    """The networks its cards were on, each once."""
    return list(
        dict.fromkeys(nic.network for nic in appliance.nics if nic.network or not appliance.xml)
    )


def _system(entered: FormValues, appliance: Appliance, systems: OsCatalog) -> FormField:
    """Its system as osinfo calls it; what is known that fits what was typed beside it."""
    value = entered["system"] if "system" in entered else nearest(appliance.os, systems).id
    found = [systems.by_id(value), *(systems.search(value)[:12] if value else ())]
    options = {one.id: Option(one.id, one.name) for one in found if one.known}
    note = f"it is called {appliance.os_label or 'nothing'} there"
    return FormField("system", "system", value, tuple(options.values()), needed=False, note=note)


def nearest(id: str, systems: OsCatalog) -> OperatingSystem:
    """A system, or the newest version before it that is known: a database may be older."""
    found = re.fullmatch(r"(.*?)(\d{1,3})((?:\.\d+|-unknown)?)", id)
    if systems.by_id(id).known or found is None:
        return systems.by_id(id)
    stem, number, _ = found.groups()
    for version in range(int(number), max(0, int(number) - 12), -1):
        for name in (f"{stem}{version}", f"{stem}{version}.0"):
            if (system := systems.by_id(name)).known:
                return system
    return systems.by_id(id)


def _storage(entered: FormValues, appliance: Appliance, context: CreateContext) -> list[FormField]:
    """Where its disks go, and as what. What is brought back goes as it is."""
    qcow2 = any(one.format == "qcow2" for one in disks_to_copy(appliance) if not _converts(one))
    pool = choice("pool", "to pool", pool_options(context, files=qcow2), entered)
    fields = [pool]
    files = any(one.name == pool.value and one.context.type in FILE_POOLS for one in context.pools)
    if files and any(_converts(one) for one in disks_to_copy(appliance)):
        formats = (Option("qcow2", "takes what is used"), Option("raw", "sparse"))
        fields.append(choice("format", "kept as", formats, entered))
    return fields


def _converts(disk: ApplianceDisk) -> bool:
    return disk.content is None or bool(disk.content.convert)


def _bus(entered: FormValues, appliance: Appliance, system: OperatingSystem) -> FormField:
    """The controller of its disks: one that its system surely finds at its first boot here."""
    options = (
        Option("sata", "almost every system has a driver"),
        Option("virtio", "fast, if its boot image has the driver"),
        Option("ide", "for very old systems"),
        Option("scsi", "virtio-scsi, if its boot image has the driver"),
    )
    return choice("bus", "disks on", options, entered, usual_bus(appliance, system))


def usual_bus(appliance: Appliance, system: OperatingSystem) -> str:
    """virtio where the boot image of its system has the driver anyhow; else what it was on."""
    if virtio(appliance, system) and system.distro in _AT_HOME:
        return "virtio"
    disks = [one for one in appliance.disks if one.device == "disk"]
    was = (
        min(disks, key=lambda one: one.boot_order or len(appliance.disks) + 99).bus if disks else ""
    )
    # What it was on it has a driver for.
    return {"ide": "ide", "virtio": "virtio", "virtio-scsi": "scsi"}.get(was, "sata")


def virtio(appliance: Appliance, system: OperatingSystem) -> bool:
    """True if its system is known to have drivers for virtio."""
    known = system.known and "virtio-block" in system.devices | {
        one.replace("virtio1.0", "virtio") for one in system.devices
    }
    return known and not is_windows(appliance.os_label, system.id)


def _networks(entered: FormValues, appliance: Appliance, context: CreateContext) -> list[FormField]:
    fields = []
    options = (
        *context.networks,
        *(Option(f"bridge {one}", "of the host") for one in context.bridges),
    )
    several = sources(appliance)
    for number, source in enumerate(several, 1):
        usual = preferred(options, source, "default") if options else NONE
        label = "network" if len(several) == 1 else f"network {number}"
        note = f"was on {source}" if source else ""
        every = (*options, Option(NONE, "without that card"))
        field = choice(f"network {number}", label, every, entered, usual, note)
        fields.append(field)
    return fields


def _identity(entered: FormValues, appliance: Appliance, others: ExistingIds) -> list[FormField]:
    """True if it stays who it was: usual where nobody else is it."""
    fields = []
    if appliance.uuid:
        taken = others.uuids.get(appliance.uuid.lower(), "")
        options = _kept(f"{taken} has it" if taken else "licences may hang on it", bool(taken))
        fields.append(choice("uuid", "its UUID", options, entered))
    known = [nic.mac for nic in appliance.nics if nic.mac]
    if known:
        user = next((others.macs[mac] for mac in known if mac in others.macs), "")
        options = _kept(f"{user} has one" if user else "nobody else has them", bool(user))
        fields.append(choice("macs", "its MACs", options, entered))
    return fields


def _kept(note: str, taken: bool) -> Sequence[Option]:
    """Keep or new, what is usual first."""
    found = [Option(KEEP, note), Option(NEW, "new ones, free everywhere")]
    return found[::-1] if taken else found

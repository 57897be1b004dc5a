"""The form fields of an import."""

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
from virttui.planning.imports.hardware_fields import hardware_fields
from virttui.planning.imports.host_access import access_field
from virttui.planning.osinfo.catalog import OsCatalog

KEEP, NEW = "keep", "new"
YES, NO = "yes", "no"
NONE = "none"
_VIRTIO_INITRD = frozenset({"debian", "ubuntu", "alpinelinux", "archlinux", "freebsd"})
"""Distributions whose initrd always has drivers for virtio disks."""


def form_fields(
    entered: FormValues,
    appliance: Appliance,
    context: CreateContext,
    systems: OsCatalog,
    others: ExistingIds,
) -> tuple[FormField, ...]:
    """Return the fields of an import into a host."""
    in_use = appliance.name in context.names
    default_name = next_name(appliance.name, context.names) if in_use else appliance.name
    name = entered.get("name", default_name)
    note = "of the machine here"
    if name in context.names or (in_use and name == default_name):
        clash = name if name in context.names else appliance.name
        note = f"{clash} is on {context.name} already"
    fields = [FormField("name", "name", name, note=note)]
    if not appliance.xml:
        fields.append(_system(entered, appliance, systems))
        fields += hardware_fields(entered, appliance, context, systems.by_id(fields[1].value))
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
    """Return the disks that become volumes."""
    return [
        one
        for one in appliance.disks
        if one.device == "disk" and (one.content or not appliance.xml)
    ]


def source_networks(appliance: Appliance) -> list[str]:
    """Return the networks that its NICs were on, each once."""
    return list(
        dict.fromkeys(nic.network for nic in appliance.nics if nic.network or not appliance.xml)
    )


def _system(entered: FormValues, appliance: Appliance, systems: OsCatalog) -> FormField:
    """Return the field for its operating system by osinfo's id, with the systems that match the
    text typed."""
    value = entered["system"] if "system" in entered else nearest_known(appliance.os, systems).id
    found = [systems.by_id(value), *(systems.search(value)[:12] if value else ())]
    options = {one.id: Option(one.id, one.name) for one in found if one.known}
    note = f"it is called {appliance.os_label or 'nothing'} there"
    return FormField("system", "system", value, tuple(options.values()), needed=False, note=note)


def nearest_known(id: str, systems: OsCatalog) -> OperatingSystem:
    """Return a system, or the newest known version before it: the database may be older."""
    match = re.fullmatch(r"(.*?)(\d{1,3})((?:\.\d+|-unknown)?)", id)
    if systems.by_id(id).known or match is None:
        return systems.by_id(id)
    stem, number, _ = match.groups()
    for version in range(int(number), max(0, int(number) - 12), -1):
        for name in (f"{stem}{version}", f"{stem}{version}.0"):
            if (system := systems.by_id(name)).known:
                return system
    return systems.by_id(id)


def _storage(entered: FormValues, appliance: Appliance, context: CreateContext) -> list[FormField]:
    """Return the fields for the pool and the format. Disks of an archive keep their format."""
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
    """Return the field for the controller of its disks: its system needs the driver at its first
    boot here."""
    options = (
        Option("sata", "almost every system has a driver"),
        Option("virtio", "fast, if its boot image has the driver"),
        Option("ide", "for very old systems"),
        Option("scsi", "virtio-scsi, if its boot image has the driver"),
    )
    return choice("bus", "disks on", options, entered, default_bus(appliance, system))


def default_bus(appliance: Appliance, system: OperatingSystem) -> str:
    """Return virtio where the system's initrd always has the driver, else the old bus."""
    if has_virtio(appliance, system) and system.distro in _VIRTIO_INITRD:
        return "virtio"
    disks = [one for one in appliance.disks if one.device == "disk"]
    old_bus = (
        min(disks, key=lambda one: one.boot_order or len(appliance.disks) + 99).bus if disks else ""
    )
    # What it was on it has a driver for.
    return {"ide": "ide", "virtio": "virtio", "virtio-scsi": "scsi"}.get(old_bus, "sata")


def has_virtio(appliance: Appliance, system: OperatingSystem) -> bool:
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
    networks = source_networks(appliance)
    for number, source in enumerate(networks, 1):
        usual = preferred(options, source, "default") if options else NONE
        label = "network" if len(networks) == 1 else f"network {number}"
        note = f"was on {source}" if source else ""
        with_none = (*options, Option(NONE, "without that card"))
        field = choice(f"network {number}", label, with_none, entered, usual, note)
        fields.append(field)
    return fields


def _identity(entered: FormValues, appliance: Appliance, others: ExistingIds) -> list[FormField]:
    """Return the fields that keep its UUID and MAC addresses, which is the default if they are
    free."""
    fields = []
    if appliance.uuid:
        uuid_user = others.uuids.get(appliance.uuid.lower(), "")
        options = _keep_or_new(
            f"{uuid_user} has it" if uuid_user else "licences may hang on it", bool(uuid_user)
        )
        fields.append(choice("uuid", "its UUID", options, entered))
    known = [nic.mac for nic in appliance.nics if nic.mac]
    if known:
        mac_user = next((others.macs[mac] for mac in known if mac in others.macs), "")
        options = _keep_or_new(
            f"{mac_user} has one" if mac_user else "not in use elsewhere", bool(mac_user)
        )
        fields.append(choice("macs", "its MACs", options, entered))
    return fields


def _keep_or_new(note: str, in_use: bool) -> Sequence[Option]:
    """Return the two options, the default first."""
    options = [Option(KEEP, note), Option(NEW, "new ones, free everywhere")]
    return options[::-1] if in_use else options

"""The fields of an import, with the values they have as given or else as usual."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from virttui.model.documents import Option
from virttui.model.domains.devices import FormField
from virttui.model.provision.appliance import Appliance, ApplianceDisk, ExistingIds
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import OperatingSystem
from virttui.model.volumes import FILE_POOLS
from virttui.planning.clone.names import next_name
from virttui.planning.create.sources import pools_of
from virttui.planning.form import choice, of_names, preferred
from virttui.planning.imports.guest_os import is_windows
from virttui.planning.imports.hardware_fields import hardware
from virttui.planning.imports.host_access import access_field
from virttui.planning.osinfo.catalog import OsCatalog

Values = Mapping[str, str]

KEEP, NEW = "keep", "new"
YES, NO = "yes", "no"
NONE = "none"
_AT_HOME = frozenset({"debian", "ubuntu", "alpinelinux", "archlinux", "freebsd"})
"""Distributions whose boot image has drivers for virtio disks whatever it was installed on."""


def wants(
    given: Values, parcel: Appliance, ground: CreateContext, systems: OsCatalog, others: ExistingIds
) -> tuple[FormField, ...]:
    """The fields of an import into a host."""
    taken = parcel.name in ground.names
    usual = next_name(parcel.name, ground.names) if taken else parcel.name
    name = given.get("name", usual)
    note = "of the machine here"
    if name in ground.names or (taken and name == usual):
        clash = name if name in ground.names else parcel.name
        note = f"{clash} is on {ground.name} already"
    fields = [FormField("name", "name", name, note=note)]
    if not parcel.xml:
        fields.append(_system(given, parcel, systems))
        fields += hardware(given, parcel, ground, systems.by_id(fields[1].value))
    if carried(parcel):
        fields += _storage(given, parcel, ground)
    if not parcel.xml and any(disk.device == "disk" for disk in parcel.disks):
        fields.append(_bus(given, parcel, systems.by_id(fields[1].value)))
    fields += _networks(given, parcel, ground)
    fields += _identity(given, parcel, others)
    if not parcel.xml and ground.can is not None and ground.can.virt == "kvm":
        kinds = (Option("kvm", "at full speed"), Option("qemu", "slow, by emulation"))
        fields.append(choice("virt", "runs by", kinds, given))
    if parcel.xml:
        fields += access_field(given, parcel, ground)
    fields.append(choice("start", "start it", of_names(NO, YES), given, NO))
    return tuple(fields)


def carried(parcel: Appliance) -> list[ApplianceDisk]:
    """The disks that become volumes."""
    return [one for one in parcel.disks if one.device == "disk" and (one.part or not parcel.xml)]


def sources(parcel: Appliance) -> list[str]:
    """The networks its cards were on, each once."""
    return list(dict.fromkeys(nic.network for nic in parcel.nics if nic.network or not parcel.xml))


def _system(given: Values, parcel: Appliance, systems: OsCatalog) -> FormField:
    """Its system as osinfo calls it; what is known that fits what was typed beside it."""
    value = given["system"] if "system" in given else nearest(parcel.os, systems).id
    found = [systems.by_id(value), *(systems.search(value)[:12] if value else ())]
    options = {one.id: Option(one.id, one.name) for one in found if one.known}
    note = f"it is called {parcel.os_words or 'nothing'} there"
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


def _storage(given: Values, parcel: Appliance, ground: CreateContext) -> list[FormField]:
    """Where its disks go, and as what. What is brought back goes as it is."""
    qcow2 = any(one.format == "qcow2" for one in carried(parcel) if not _converts(one))
    pool = choice("pool", "to pool", pools_of(ground, files=qcow2), given)
    fields = [pool]
    files = any(one.name == pool.value and one.room.type in FILE_POOLS for one in ground.pools)
    if files and any(_converts(one) for one in carried(parcel)):
        formats = (Option("qcow2", "takes what is used"), Option("raw", "sparse"))
        fields.append(choice("format", "kept as", formats, given))
    return fields


def _converts(disk: ApplianceDisk) -> bool:
    return disk.part is None or bool(disk.part.convert)


def _bus(given: Values, parcel: Appliance, system: OperatingSystem) -> FormField:
    """The controller of its disks: one that its system surely finds at its first boot here."""
    options = (
        Option("sata", "almost every system has a driver"),
        Option("virtio", "fast, if its boot image has the driver"),
        Option("ide", "for very old systems"),
        Option("scsi", "virtio-scsi, if its boot image has the driver"),
    )
    return choice("bus", "disks on", options, given, usual_bus(parcel, system))


def usual_bus(parcel: Appliance, system: OperatingSystem) -> str:
    """virtio where the boot image of its system has the driver anyhow; else what it was on."""
    if virtio(parcel, system) and system.distro in _AT_HOME:
        return "virtio"
    disks = [one for one in parcel.disks if one.device == "disk"]
    was = min(disks, key=lambda one: one.boot or len(parcel.disks) + 99).bus if disks else ""
    # What it was on it has a driver for.
    return {"ide": "ide", "virtio": "virtio", "virtio-scsi": "scsi"}.get(was, "sata")


def virtio(parcel: Appliance, system: OperatingSystem) -> bool:
    """Whether its system is known to have drivers for virtio."""
    known = system.known and "virtio-block" in system.devices | {
        one.replace("virtio1.0", "virtio") for one in system.devices
    }
    return known and not is_windows(parcel.os_words, system.id)


def _networks(given: Values, parcel: Appliance, ground: CreateContext) -> list[FormField]:
    fields = []
    options = (
        *ground.networks,
        *(Option(f"bridge {one}", "of the host") for one in ground.bridges),
    )
    several = sources(parcel)
    for number, source in enumerate(several, 1):
        usual = preferred(options, source, "default") if options else NONE
        label = "network" if len(several) == 1 else f"network {number}"
        note = f"was on {source}" if source else ""
        every = (*options, Option(NONE, "without that card"))
        field = choice(f"network {number}", label, every, given, usual, note)
        fields.append(field)
    return fields


def _identity(given: Values, parcel: Appliance, others: ExistingIds) -> list[FormField]:
    """Whether it stays who it was: usual where nobody else is it."""
    fields = []
    if parcel.uuid:
        taken = others.uuids.get(parcel.uuid.lower(), "")
        options = _kept(f"{taken} has it" if taken else "licences may hang on it", bool(taken))
        fields.append(choice("uuid", "its UUID", options, given))
    known = [nic.mac for nic in parcel.nics if nic.mac]
    if known:
        user = next((others.macs[mac] for mac in known if mac in others.macs), "")
        options = _kept(f"{user} has one" if user else "nobody else has them", bool(user))
        fields.append(choice("macs", "its MACs", options, given))
    return fields


def _kept(note: str, taken: bool) -> Sequence[Option]:
    """Keep or new, what is usual first."""
    found = [Option(KEEP, note), Option(NEW, "new ones, free everywhere")]
    return found[::-1] if taken else found

"""Disks, drives and shared folders."""

from __future__ import annotations

from collections.abc import Iterable

from virttui.libvirtxml.build import element, name, path, require_unused
from virttui.libvirtxml.edits.operands import PREFIXES, bytes_of, free_target
from virttui.model.documents import Option
from virttui.model.domains.devices import CandidateVolume, DeviceContext, DeviceXml, GuestContext
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.model.volumes import NewVolume, free_name
from virttui.planning.devices.volume_names import volume_name
from virttui.planning.form import DeviceType, choice, of_names, preferred

_FORMATS = {"iso": "raw", "unknown": "raw", "": "raw", "dir": "raw", "none": "raw"}
"""The format that QEMU reads a volume in, where libvirt uses another name."""
_CACHES = of_names("default", "none", "writeback", "writethrough", "directsync", "unsafe")
_DISCARDS = of_names("unmap", "ignore", "default")


NEW = "new"
"""The source of a disk whose volume is created with it."""


def _is_image(volume: CandidateVolume) -> bool:
    return volume.format == "iso" or volume.name.lower().endswith(".iso")


def _any_image(volumes: Iterable[CandidateVolume]) -> bool:
    return any(_is_image(volume) for volume in volumes)


def _source_fields(host: DeviceContext, entered: FormValues, *, image: bool) -> list[FormField]:
    """Return the fields of a disk's or medium's source: a volume, or a path of the host."""
    types = [Option("volume", "of a pool")] if host.pools else []
    types += [Option("file", "a path of the host")]
    types += [Option("none", "the drive is empty")] if image else [Option("block", "as /dev/sdb")]
    if host.pools and host.can_create_volumes and not image:
        new_option = Option(NEW, "a new volume")
        free = any(not one.in_use and not _is_image(one) for one in _all_volumes(host))
        types = [*types, new_option] if free or not host.volumes else [new_option, *types]
    fields = [choice("type", "on", types, entered)]
    if fields[0].value in ("file", "block"):
        usual = "/srv/rescue.iso" if image else "/srv/data.qcow2"
        note = usual if fields[0].value == "file" else "/dev/sdb"
        fields.append(FormField("path", "path", entered.get("path", ""), note=note))
    elif fields[0].value == "volume":
        with_images = [
            name for name, volumes in host.volumes.items() if image and _any_image(volumes)
        ]
        usual = preferred(host.pools, *with_images, "default")
        pool = choice("pool", "pool", host.pools, entered, usual=usual)
        fields += [pool, _volume_field(host, pool.value, entered, image=image)]
    elif fields[0].value == NEW:
        pool = choice("pool", "pool", host.pools, entered, preferred(host.pools, "default"))
        fields.append(pool)
    return fields


def _all_volumes(host: DeviceContext) -> list[CandidateVolume]:
    return [one for volumes in host.volumes.values() for one in volumes]


def _new_volume_fields(
    pool: str, target: str, guest: GuestContext, host: DeviceContext, entered: FormValues
) -> list[FormField]:
    """Return the fields of a new volume: its name, size and format."""
    files = not host.file_pools or pool in host.file_pools
    formats = of_names("qcow2", "raw") if files else of_names("raw")
    format = choice("format", "format", formats, entered, note="what is in it")
    ending = f".{format.value}" if files else ""
    taken = {one.name for one in host.volumes.get(pool, ())}
    usual = free_name(f"{guest.name or 'disk'}-{target}{ending}", taken, "")
    name = entered.get("new_name") or usual
    note = "what the volume is called"
    return [
        FormField("new_name", "name", name, note=note, pool="" if pool in host.volumes else pool),
        FormField("size", "size", entered.get("size") or "20G", note="20G, 512M"),
        format,
    ]


def _new_volume(values: FormValues, host: DeviceContext) -> NewVolume:
    """Return the volume to create. Raises InvalidInput."""
    label = volume_name(values["new_name"])
    if any(one.name == label for one in host.volumes.get(values["pool"], ())):
        raise InvalidInput(f"{label} is in {values['pool']} already")
    size = bytes_of(values["size"])
    if not size:
        raise InvalidInput("the disk needs a size above 0")
    files = not host.file_pools or values["pool"] in host.file_pools
    return NewVolume(label, size, values["format"] if files else "")


def _volume_field(host: DeviceContext, pool: str, entered: FormValues, *, image: bool) -> FormField:
    known = host.volumes.get(pool)
    if known is None:
        note = "asking for its volumes"
        return FormField("volume", "volume", entered.get("volume", ""), note=note, pool=pool)
    # What fits comes first; what is in use is there all the same, since it can be shared.
    order = sorted(known, key=lambda one: (_is_image(one) is not image, one.in_use and not image))
    options = tuple(Option(one.name, one.note) for one in order)
    first = order[0] if order else None
    fits = first is not None and _is_image(first) is image and (image or not first.in_use)
    value = entered.get("volume", "")
    if value not in {option.name for option in options}:
        value = first.name if first is not None and fits else ""
    note = "each is used by a domain" if options else "the pool has no volumes"
    return FormField("volume", "volume", value, options, only=True, note=note, pool=pool)


def _detected_format(host: DeviceContext, values: FormValues) -> str:
    """Return the format libvirt detected in a volume, else a guess from the file name."""
    if values.get("type") == "volume":
        known = host.volumes.get(values.get("pool", ""), ())
        found = next((one.format for one in known if one.name == values.get("volume")), "raw")
        return _FORMATS.get(found, found)
    ending = values.get("path", "").rpartition(".")[2]
    return ending if ending in ("qcow2", "vmdk", "vdi") else "raw"


def _target_field(bus: str, guest: GuestContext, entered: FormValues) -> FormField:
    value = entered.get("target") or free_target(bus, guest.used_names)
    return FormField("target", "target", value, note="its name in the definition")


def _buses(guest: GuestContext, host: DeviceContext, *without: str) -> tuple[Option, ...]:
    without += () if guest.usb else ("usb",)
    known = host.options("devices/disk/target@bus", "virtio", "sata", "scsi", "usb")
    return tuple(one for one in known if one.name in PREFIXES and one.name not in without)


def disk_fields(guest: GuestContext, host: DeviceContext, entered: FormValues) -> list[FormField]:
    """Return the fields of a disk: its source and its bus."""
    fields = _source_fields(host, entered, image=False)
    so_far = {one.name: one.value for one in fields}
    buses = _buses(guest, host, "fdc")
    bus = choice("bus", "bus", buses, entered, usual=preferred(buses, "virtio", "xen"))
    target = _target_field(bus.value, guest, entered)
    if fields[0].value == NEW:
        fields += _new_volume_fields(so_far["pool"], target.value, guest, host, entered)
    else:
        format = entered.get("format") or _detected_format(host, so_far)
        formats = of_names("qcow2", "raw")
        fields.append(FormField("format", "format", format, formats, note="what is in it"))
    return [
        *fields,
        bus,
        target,
        choice("cache", "cache", _CACHES, entered),
        choice("discard", "discard", _DISCARDS, entered),
    ]


def disk_xml(values: FormValues, guest: GuestContext, host: DeviceContext) -> DeviceXml:
    """Return the XML of a disk."""
    driver = {key: values[key] for key in ("cache", "discard") if values[key] != "default"}
    format = name(values["format"], "format")
    if values["type"] != NEW:
        return _disk_xml("disk", values, guest, host, format, driver)
    volume, pool = _new_volume(values, host), values["pool"]
    volume_values = {**values, "type": "volume", "volume": volume.name}
    disk = _disk_xml("disk", volume_values, guest, host, format, driver)
    words = f"{disk.words} on {volume.name}, which is created in {pool}"
    return DeviceXml(disk.xml, words, volume=volume, pool=pool)


def cdrom_fields(guest: GuestContext, host: DeviceContext, entered: FormValues) -> list[FormField]:
    """Return the fields of a drive: its medium and its bus."""
    images = any(_any_image(known) for known in host.volumes.values())
    usual = "volume" if images and host.pools else "none"
    fields = _source_fields(host, {"type": usual, **entered}, image=True)
    buses = _buses(guest, host, "virtio", "fdc", "xen")
    order = ("sata",) if guest.q35 else ("ide", "scsi", "sata")
    bus = choice("bus", "bus", buses, entered, usual=preferred(buses, *order))
    return [*fields, bus, _target_field(bus.value, guest, entered)]


def cdrom_xml(values: FormValues, guest: GuestContext, host: DeviceContext) -> DeviceXml:
    """Return the XML of a drive."""
    return _disk_xml("cdrom", values, guest, host, "raw", {})


def _disk_xml(
    device: str,
    values: FormValues,
    guest: GuestContext,
    host: DeviceContext,
    format: str,
    driver: dict[str, str],
) -> DeviceXml:
    target = require_unused(name(values["target"], "target"), guest.used_names, "a device")
    prefix = PREFIXES.get(values["bus"], "")
    if not target.startswith(prefix):
        raise InvalidInput(f"a target on {values['bus']} begins with {prefix}, as {prefix}b")
    type, source, user = values["type"], "", ""
    if type == "volume":
        user = host.volume_users.get(f"{values['pool']}/{values['volume']}", "")
        source = element("source", pool=values["pool"], volume=values["volume"])
    elif type in ("file", "block"):
        source_path = path(values["path"])
        user = host.volume_users.get(source_path, "")
        source = element("source", **{"file" if type == "file" else "dev": source_path})
    xml = element(
        "disk",
        element("driver", name="qemu", type=format, **driver),
        source,
        element("target", dev=target, bus=values["bus"]),
        "<readonly/>" if device == "cdrom" else "",
        type="file" if type == "none" else type,
        device=device,
    )
    if device == "cdrom":
        return DeviceXml(xml, f"CD-ROM {target}")
    consequence = f"its volume is used by {user}: what two write to at once is lost" if user else ""
    return DeviceXml(xml, f"disk {target}", consequence)


_NEEDS_SHARED_MEMORY = "virtiofs needs shared memory: memoryBacking with access mode='shared'"
_DRIVERS = "devices/filesystem/driver@type"


def _drivers(guest: GuestContext, host: DeviceContext) -> tuple[Option, ...]:
    known = host.options(_DRIVERS, "path", "virtiofs")
    notes = {"virtiofs": "fast, by virtiofsd", "path": "9p, in every guest"}
    if not guest.shared_memory:
        notes["path"] = "virtiofs needs shared memory"
    usable = [one.name for one in known if one.name in notes]
    usable.sort(reverse=True)
    return tuple(
        Option(one, notes[one]) for one in usable if one != "virtiofs" or guest.shared_memory
    )


def filesystem_why_not(guest: GuestContext, host: DeviceContext) -> str:
    """Return the reason why the domain cannot have a folder of its host, else ""."""
    if guest.container or _drivers(guest, host):
        return ""
    return "its host has none" if host.lacks(_DRIVERS) else _NEEDS_SHARED_MEMORY


def filesystem_fields(
    guest: GuestContext, host: DeviceContext, entered: FormValues
) -> list[FormField]:
    """Return the fields of a shared folder: its path on the host and its mount tag."""
    source = FormField(
        "source", "folder", entered.get("source", ""), note="of the host, as /srv/share"
    )
    if guest.container:
        return [source, FormField("target", "at", entered.get("target", ""), note="as /mnt/share")]
    drivers = _drivers(guest, host)
    driver = choice("driver", "driver", drivers, entered)
    tag = entered.get("target") or _tag(guest)
    fields = [driver, source, FormField("target", "tag", tag, note="what the guest mounts it by")]
    if driver.value == "path":
        fields.append(choice("readonly", "read-only", of_names("no", "yes"), entered))
    return fields


def _tag(guest: GuestContext) -> str:
    number = 1
    while (tag := "share" if number == 1 else f"share{number}") in guest.used_names:
        number += 1
    return tag


def filesystem_xml(values: FormValues, guest: GuestContext, host: DeviceContext) -> DeviceXml:
    """Return the XML of a shared folder."""
    source, target = (
        path(values["source"]),
        require_unused(values["target"], guest.used_names, "a folder"),
    )
    driver = values.get("driver", "")
    if driver == "virtiofs" and not guest.shared_memory:
        raise InvalidInput(_NEEDS_SHARED_MEMORY)
    if not guest.container and len(target.encode()) > 31 + 5 * (driver == "virtiofs"):
        raise InvalidInput(f"{target} is too long for a tag")
    modes = {"virtiofs": "passthrough", "path": "mapped"}
    xml = element(
        "filesystem",
        element("driver", type=driver) if driver else "",
        element("source", dir=source),
        element("target", dir=target),
        "<readonly/>" if values.get("readonly") == "yes" else "",
        type="mount",
        accessmode=modes.get(driver, ""),
    )
    return DeviceXml(xml, f"filesystem {target}")


STORAGE = {
    "disk": DeviceType(disk_fields, disk_xml),
    "cdrom": DeviceType(cdrom_fields, cdrom_xml),
    "filesystem": DeviceType(
        filesystem_fields, filesystem_xml, filesystem_why_not, containers=True
    ),
}

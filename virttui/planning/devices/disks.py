"""Disks, drives and folders of the host."""

from __future__ import annotations

from collections.abc import Iterable

from virttui.libvirtxml.build import element, name, path, unused
from virttui.libvirtxml.edits.operands import PREFIXES, bytes_of, free_target
from virttui.model.documents import Option
from virttui.model.domains.devices import CandidateVolume, DeviceContext, DeviceXml, GuestContext
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.model.volumes import NewVolume, free_name
from virttui.planning.devices.volume_names import volume_name
from virttui.planning.form import DeviceType, choice, of_names, preferred

_FORMATS = {"iso": "raw", "unknown": "raw", "": "raw", "dir": "raw", "none": "raw"}
"""What QEMU is to read a volume as, where libvirt calls that otherwise."""
_CACHES = of_names("default", "none", "writeback", "writethrough", "directsync", "unsafe")
_DISCARDS = of_names("unmap", "ignore", "default")


NEW = "new"
"""The place of a disk whose volume is made with it."""


def _is_image(volume: CandidateVolume) -> bool:
    return volume.format == "iso" or volume.name.lower().endswith(".iso")


def _any_image(volumes: Iterable[CandidateVolume]) -> bool:
    return any(_is_image(volume) for volume in volumes)


def _source(around: DeviceContext, entered: FormValues, *, image: bool) -> list[FormField]:
    """Where a disk or medium is: by its volume, or by a path of the host."""
    types = [Option("volume", "of a pool")] if around.pools else []
    types += [Option("file", "a path of the host")]
    types += [Option("none", "the drive is empty")] if image else [Option("block", "as /dev/sdb")]
    if around.pools and around.can_create_volumes and not image:
        fresh = Option(NEW, "a volume that is made now")
        free = any(not one.in_use and not _is_image(one) for one in _known(around))
        types = [*types, fresh] if free or not around.volumes else [fresh, *types]
    wanted = [choice("type", "on", types, entered)]
    if wanted[0].value in ("file", "block"):
        usual = "/srv/rescue.iso" if image else "/srv/data.qcow2"
        note = usual if wanted[0].value == "file" else "/dev/sdb"
        wanted.append(FormField("path", "path", entered.get("path", ""), note=note))
    elif wanted[0].value == "volume":
        holding = [name for name, held in around.volumes.items() if image and _any_image(held)]
        usual = preferred(around.pools, *holding, "default")
        pool = choice("pool", "pool", around.pools, entered, usual=usual)
        wanted += [pool, _volume(around, pool.value, entered, image=image)]
    elif wanted[0].value == NEW:
        pool = choice("pool", "pool", around.pools, entered, preferred(around.pools, "default"))
        wanted.append(pool)
    return wanted


def _known(around: DeviceContext) -> list[CandidateVolume]:
    return [one for held in around.volumes.values() for one in held]


def _new_fields(
    pool: str, target: str, guest: GuestContext, around: DeviceContext, entered: FormValues
) -> list[FormField]:
    """What a volume wants that is made for a disk: its name, size and format."""
    files = not around.file_pools or pool in around.file_pools
    formats = of_names("qcow2", "raw") if files else of_names("raw")
    format = choice("format", "format", formats, entered, note="what is in it")
    ending = f".{format.value}" if files else ""
    taken = {one.name for one in around.volumes.get(pool, ())}
    usual = free_name(f"{guest.name or 'disk'}-{target}{ending}", taken, "")
    name = entered.get("new_name") or usual
    note = "what the volume is called"
    return [
        FormField("new_name", "name", name, note=note, pool="" if pool in around.volumes else pool),
        FormField("size", "size", entered.get("size") or "20G", note="20G, 512M"),
        format,
    ]


def _new_volume(values: FormValues, around: DeviceContext) -> NewVolume:
    """The volume to make. Raises InvalidInput."""
    label = volume_name(values["new_name"])
    if any(one.name == label for one in around.volumes.get(values["pool"], ())):
        raise InvalidInput(f"{label} is in {values['pool']} already")
    size = bytes_of(values["size"])
    if not size:
        raise InvalidInput("a disk of no size holds nothing")
    files = not around.file_pools or values["pool"] in around.file_pools
    return NewVolume(label, size, values["format"] if files else "")


def _volume(around: DeviceContext, pool: str, entered: FormValues, *, image: bool) -> FormField:
    known = around.volumes.get(pool)
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


def _format(around: DeviceContext, values: FormValues) -> str:
    """What a disk holds: what libvirt says of its volume, else what its name says."""
    if values.get("type") == "volume":
        known = around.volumes.get(values.get("pool", ""), ())
        found = next((one.format for one in known if one.name == values.get("volume")), "raw")
        return _FORMATS.get(found, found)
    ending = values.get("path", "").rpartition(".")[2]
    return ending if ending in ("qcow2", "vmdk", "vdi") else "raw"


def _target(bus: str, guest: GuestContext, entered: FormValues) -> FormField:
    value = entered.get("target") or free_target(bus, guest.used_names)
    return FormField("target", "target", value, note="its name in the definition")


def _buses(guest: GuestContext, around: DeviceContext, *without: str) -> tuple[Option, ...]:
    without += () if guest.usb else ("usb",)
    known = around.options("devices/disk/target@bus", "virtio", "sata", "scsi", "usb")
    return tuple(one for one in known if one.name in PREFIXES and one.name not in without)


def disk_fields(guest: GuestContext, around: DeviceContext, entered: FormValues) -> list[FormField]:
    """A disk: where it is, and how the guest sees it."""
    wanted = _source(around, entered, image=False)
    so_far = {one.name: one.value for one in wanted}
    buses = _buses(guest, around, "fdc")
    bus = choice("bus", "bus", buses, entered, usual=preferred(buses, "virtio", "xen"))
    target = _target(bus.value, guest, entered)
    if wanted[0].value == NEW:
        wanted += _new_fields(so_far["pool"], target.value, guest, around, entered)
    else:
        format = entered.get("format") or _format(around, so_far)
        formats = of_names("qcow2", "raw")
        wanted.append(FormField("format", "format", format, formats, note="what is in it"))
    return [
        *wanted,
        bus,
        target,
        choice("cache", "cache", _CACHES, entered),
        choice("discard", "discard", _DISCARDS, entered),
    ]


def disk_xml(values: FormValues, guest: GuestContext, around: DeviceContext) -> DeviceXml:
    """The XML of a disk."""
    driver = {key: values[key] for key in ("cache", "discard") if values[key] != "default"}
    format = name(values["format"], "format")
    if values["type"] != NEW:
        return _disk("disk", values, guest, around, format, driver)
    volume, pool = _new_volume(values, around), values["pool"]
    on = {**values, "type": "volume", "volume": volume.name}
    made = _disk("disk", on, guest, around, format, driver)
    words = f"{made.words} on {volume.name}, which is made in {pool}"
    return DeviceXml(made.xml, words, volume=volume, pool=pool)


def cdrom_fields(
    guest: GuestContext, around: DeviceContext, entered: FormValues
) -> list[FormField]:
    """A drive: what is in it, and how the guest sees it."""
    images = any(_any_image(known) for known in around.volumes.values())
    usual = "volume" if images and around.pools else "none"
    wanted = _source(around, {"type": usual, **entered}, image=True)
    buses = _buses(guest, around, "virtio", "fdc", "xen")
    order = ("sata",) if guest.q35 else ("ide", "scsi", "sata")
    bus = choice("bus", "bus", buses, entered, usual=preferred(buses, *order))
    return [*wanted, bus, _target(bus.value, guest, entered)]


def cdrom_xml(values: FormValues, guest: GuestContext, around: DeviceContext) -> DeviceXml:
    """The XML of a drive."""
    return _disk("cdrom", values, guest, around, "raw", {})


def _disk(
    device: str,
    values: FormValues,
    guest: GuestContext,
    around: DeviceContext,
    format: str,
    driver: dict[str, str],
) -> DeviceXml:
    target = unused(name(values["target"], "target"), guest.used_names, "a device")
    prefix = PREFIXES.get(values["bus"], "")
    if not target.startswith(prefix):
        raise InvalidInput(f"a target on {values['bus']} begins with {prefix}, as {prefix}b")
    type, source, shared = values["type"], "", ""
    if type == "volume":
        shared = around.volume_users.get(f"{values['pool']}/{values['volume']}", "")
        source = element("source", pool=values["pool"], volume=values["volume"])
    elif type in ("file", "block"):
        place = path(values["path"])
        shared = around.volume_users.get(place, "")
        source = element("source", **{"file" if type == "file" else "dev": place})
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
    consequence = (
        f"its volume is used by {shared}: what two write to at once is lost" if shared else ""
    )
    return DeviceXml(xml, f"disk {target}", consequence)


_SHARING = "virtiofs needs shared memory: memoryBacking with access mode='shared'"
_DRIVERS = "devices/filesystem/driver@type"


def _drivers(guest: GuestContext, around: DeviceContext) -> tuple[Option, ...]:
    known = around.options(_DRIVERS, "path", "virtiofs")
    notes = {"virtiofs": "fast, by virtiofsd", "path": "9p, in every guest"}
    if not guest.shared_memory:
        notes["path"] = "virtiofs needs shared memory"
    able = [one.name for one in known if one.name in notes]
    able.sort(reverse=True)
    return tuple(
        Option(one, notes[one]) for one in able if one != "virtiofs" or guest.shared_memory
    )


def filesystem_why_not(guest: GuestContext, around: DeviceContext) -> str:
    """Why the domain can have no folder of its host, "" when it can."""
    if guest.container or _drivers(guest, around):
        return ""
    return "its host has none" if around.lacks(_DRIVERS) else _SHARING


def filesystem_fields(
    guest: GuestContext, around: DeviceContext, entered: FormValues
) -> list[FormField]:
    """A folder of the host, and what the guest mounts it by."""
    source = FormField(
        "source", "folder", entered.get("source", ""), note="of the host, as /srv/share"
    )
    if guest.container:
        return [source, FormField("target", "at", entered.get("target", ""), note="as /mnt/share")]
    drivers = _drivers(guest, around)
    driver = choice("driver", "driver", drivers, entered)
    tag = entered.get("target") or _tag(guest)
    wanted = [driver, source, FormField("target", "tag", tag, note="what the guest mounts it by")]
    if driver.value == "path":
        wanted.append(choice("readonly", "read-only", of_names("no", "yes"), entered))
    return wanted


def _tag(guest: GuestContext) -> str:
    number = 1
    while (tag := "share" if number == 1 else f"share{number}") in guest.used_names:
        number += 1
    return tag


def filesystem_xml(values: FormValues, guest: GuestContext, around: DeviceContext) -> DeviceXml:
    """The XML of a folder of the host."""
    source, target = path(values["source"]), unused(values["target"], guest.used_names, "a folder")
    driver = values.get("driver", "")
    if driver == "virtiofs" and not guest.shared_memory:
        raise InvalidInput(_SHARING)
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

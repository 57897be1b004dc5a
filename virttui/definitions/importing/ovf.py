"""OVF (DMTF DSP0243): the envelope of one machine, as VMware, VirtualBox and others write it.

Names of elements are taken without their namespaces, which differ from version to version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from virttui.definitions.importing.guests import system
from virttui.definitions.parse import PARSER, whole
from virttui.model.errors import BadInput
from virttui.model.parcels import Parcel, ParcelDisk, ParcelNic, Wrapping

_LONGEST = 8 * 1024**2
_MIB = 1024**2
_POWER = re.compile(r"byte\*(\d+)\^(\d+)")
_UNITS = {
    "byte": 1, "bytes": 1, "": 1, "kilobytes": 1024, "kb": 1024, "megabytes": _MIB, "mb": _MIB,
    "gigabytes": 1024**3, "gb": 1024**3, "terabytes": 1024**4,
}  # fmt: skip
_BUSES = {"5": "ide", "6": "scsi", "20": "sata"}
_DEVICES = {"17": "disk", "15": "cdrom", "16": "cdrom", "14": "floppy"}
_QUIET = frozenset({"3", "4", "5", "6", "10", "14", "15", "16", "17", "20", "23", "24"})
"""Resource types that a machine has anyhow, or that are dealt with."""
_MODELS = {"e1000": "e1000", "e1000e": "e1000e", "pcnet32": "pcnet", "vmxnet3": "vmxnet3"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A file that the envelope names. ``capacity`` is of the disk that is in it, in bytes."""

    href: str
    size: int
    capacity: int = 0


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an OVF file tells. ``files`` are those of its disks, by the key of the disk."""

    machine: Parcel
    files: Mapping[str, Reference] = field(default_factory=dict)


def envelope(xml: bytes, path: str) -> Envelope:
    """An OVF file; its disks have no content yet, and their key as ``label``. Raises BadInput."""
    if len(xml) > _LONGEST:
        raise BadInput("it is too long for an OVF file")
    try:
        root = etree.fromstring(xml, PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadInput(f"it cannot be parsed: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadInput("it has entities of its own, which no OVF file needs")
    if _name(root) != "Envelope":
        raise BadInput("it is no OVF file")
    machines = [one for one in root.iter() if _name(one) == "VirtualSystem"]
    if len(machines) != 1:
        names = ", ".join(_attribute(one, "id") for one in machines[:8])
        raise BadInput(f"it holds {len(machines)} machines ({names}): export them one by one")
    files = _Files(root)
    return _machine(root, machines[0], files, path)


def _machine(root: etree._Element, machine: etree._Element, files: _Files, path: str) -> Envelope:
    hardware = _first(machine, "VirtualHardwareSection")
    if hardware is None:
        raise BadInput("it has no hardware")
    items = list(_items(hardware))
    software = _first(machine, "OperatingSystemSection")
    words = [
        _attribute(software, "osType"),
        _text(software, "OSType"),
        _text(software, "Description"),
    ]
    cim = _attribute(software, "id")
    config = {_attribute(one, "key").lower(): _attribute(one, "value") for one in hardware
              if _name(one) in ("Config", "ExtraConfig")}  # fmt: skip
    uefi = config.get("firmware", "").lower() == "efi" or _boots_uefi(machine)
    disks = tuple(_disks(items, files))
    name = _text(machine, "Name") or _attribute(machine, "id")
    known = Parcel(
        Wrapping.OVF,
        path,
        name=name,
        os=system(*words, cim=cim),
        os_words=next((one for one in (words[2], words[0], words[1]) if one), ""),
        vcpus=sum(_quantity(item) for item in items if item["ResourceType"] == "3") or 1,
        memory=sum(_quantity(item) * _unit(item) for item in items if item["ResourceType"] == "4"),
        arch="x86_64",
        firmware="uefi" if uefi else "bios",
        secure=config.get("bootoptions.efisecurebootenabled", "").lower() == "true",
        tpm=any("vtpm" in item.get("ResourceSubType", "").lower() for item in items),
        disks=disks,
        nics=tuple(_nics(items)),
        told=tuple(_left_out(root, items, disks)),
    )
    return Envelope(known, files.by_disk)


def _boots_uefi(machine: etree._Element) -> bool:
    """Whether VirtualBox says that its firmware is UEFI."""
    return any(
        _name(one) == "Firmware" and _attribute(one, "type").upper().startswith("EFI")
        for one in machine.iter()
    )


class _Files:
    """The files and disks that an envelope names."""

    def __init__(self, root: etree._Element) -> None:
        self._files = {}
        for one in _children(_first(root, "References"), "File"):
            compression = _attribute(one, "compression")
            if compression not in ("", "identity"):
                raise BadInput(f"its disks are compressed by {compression}: unpack them first")
            if _attribute(one, "chunkSize"):
                raise BadInput("its disks are in pieces: join them first")
            size = whole(_attribute(one, "size")) or 0
            self._files[_attribute(one, "id")] = Reference(_attribute(one, "href"), size)
        self._disks = {}
        for one in _children(_first(root, "DiskSection"), "Disk"):
            if _attribute(one, "parentRef"):
                raise BadInput("a disk of it lies on another one: export it without snapshots")
            self._disks[_attribute(one, "diskId")] = one
        self.by_disk: dict[str, Reference] = {}

    def disk(self, resource: str) -> ParcelDisk:
        """The disk that an item names: ``ovf:/disk/ID``. Raises BadInput."""
        kind, _, id = resource.removeprefix("ovf:").strip("/").partition("/")
        if kind == "file" and id in self._files:
            self.by_disk[id] = self._files[id]
            return ParcelDisk(label=id)
        found = self._disks.get(id) if kind == "disk" else None
        if found is None:
            raise BadInput(f"it names a disk that is not in it: {resource[:60]!r}")
        capacity = (whole(_attribute(found, "capacity")) or 0) * _bytes(
            _attribute(found, "capacityAllocationUnits")
        )
        reference = _attribute(found, "fileRef")
        if not reference:
            return ParcelDisk(capacity=capacity, label=id)
        if reference not in self._files:
            raise BadInput(f"it names a file that is not in it: {reference[:60]!r}")
        file = self._files[reference]
        self.by_disk[id] = Reference(file.href, file.size, capacity)
        return ParcelDisk(capacity=capacity, label=id)


def _items(hardware: etree._Element) -> Iterator[dict[str, str]]:
    """The hardware, item by item; of several configurations what all have, or the first has."""
    for one in hardware:
        if _name(one) not in ("Item", "StorageItem", "EthernetPortItem"):
            continue
        if _attribute(one, "configuration"):
            continue
        found = {_name(child): (child.text or "").strip() for child in one if _name(child)}
        found.setdefault("ResourceType", "")
        found["required"] = _attribute(one, "required")
        yield found


def _disks(items: list[dict[str, str]], files: _Files) -> Iterator[ParcelDisk]:
    controllers = {item.get("InstanceID", ""): item for item in items}
    drives = [item for item in items if item["ResourceType"] in _DEVICES]
    drives.sort(key=lambda item: (_place(controllers.get(item.get("Parent", ""))), _slot(item)))
    for item in drives:
        device = _DEVICES[item["ResourceType"]]
        bus = _bus(controllers.get(item.get("Parent", "")))
        if device == "disk":
            disk = files.disk(item.get("HostResource", ""))
            yield ParcelDisk(capacity=disk.capacity, bus=bus, label=disk.label)
        else:
            bus = "fdc" if device == "floppy" else bus
            yield ParcelDisk(bus=bus, device=device, label=item.get("ElementName", "") or device)


def _place(controller: Mapping[str, str] | None) -> tuple[int, str]:
    instance = (controller or {}).get("InstanceID", "")
    return len(instance), instance


def _slot(item: Mapping[str, str]) -> int:
    return whole(item.get("AddressOnParent", "")) or 0


def _bus(controller: Mapping[str, str] | None) -> str:
    if controller is None:
        return ""
    kind = controller.get("ResourceSubType", "").lower()
    if "nvme" in kind:
        return "nvme"
    return "sata" if "ahci" in kind else _BUSES.get(controller["ResourceType"], "")


def _nics(items: list[dict[str, str]]) -> Iterator[ParcelNic]:
    for item in items:
        if item["ResourceType"] == "10":
            model = item.get("ResourceSubType", "").lower()
            mac = item.get("Address", "").lower()
            mac = mac if re.fullmatch(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", mac) else ""
            yield ParcelNic(
                item.get("Connection", "") or "its network", _MODELS.get(model, ""), mac
            )


def _left_out(
    root: etree._Element, items: list[dict[str, str]], disks: tuple[ParcelDisk, ...]
) -> Iterator[str]:
    for item in items:
        kind = item["ResourceType"]
        if kind not in _QUIET:
            what = item.get("ElementName") or item.get("Description") or f"a device of kind {kind}"
            yield f"{what[:60]} is left out"
    subtypes = {item.get("ResourceSubType", "") for item in items if item["ResourceType"] == "6"}
    if subtypes - {""}:
        yield f"its SCSI controller ({', '.join(sorted(subtypes - {''}))}) is another one here"
    if any(disk.bus == "nvme" for disk in disks):
        yield "its NVMe disks are on another controller here"
    if any(disk.device != "disk" for disk in disks):
        yield "its drives are empty: media are not brought along"
    for section, words in _SECTIONS.items():
        if any(_name(one) == section for one in root.iter()):
            yield words


_SECTIONS = {
    "ProductSection": "its OVF properties are not told to the guest",
    "DeploymentOptionSection": "of its several sizes only what all have in common is taken",
    "StartupSection": "the order in which it starts with others is left out",
}


def _quantity(item: Mapping[str, str]) -> int:
    found = whole(item.get("VirtualQuantity", "")) or 0
    if found > 64 * 1024**4:
        raise BadInput(f"{item['VirtualQuantity'][:20]} is more than makes sense")
    return found


def _unit(item: Mapping[str, str]) -> int:
    return _bytes(item.get("AllocationUnits", "") or "megabytes")


def _bytes(words: str) -> int:
    """How many bytes a unit has, as ``byte * 2^20``. Raises BadInput."""
    plain = words.replace(" ", "").lower()
    found = _POWER.fullmatch(plain)
    if found is not None and (found[1], len(found[2])) <= ("2", 2) and int(found[2]) <= 50:
        return 1 << int(found[2])
    if plain in _UNITS:
        return _UNITS[plain]
    raise BadInput(f"{words[:40]!r} is no unit that is known")


# -- elements without their namespaces -----------------------------------------------------------


def _name(one: etree._Element) -> str:
    """The name of an element; "" for comments and the like."""
    return etree.QName(one).localname if isinstance(one.tag, str) else ""


def _attribute(one: etree._Element | None, name: str) -> str:
    if one is None:
        return ""
    return next((str(value) for key, value in one.attrib.items()
                 if etree.QName(str(key)).localname == name), "")  # fmt: skip


def _children(one: etree._Element | None, name: str) -> list[etree._Element]:
    return [child for child in one if _name(child) == name] if one is not None else []


def _first(one: etree._Element, name: str) -> etree._Element | None:
    return next(iter(_children(one, name)), None)


def _text(one: etree._Element | None, name: str) -> str:
    found = _children(one, name)
    return (found[0].text or "").strip() if found else ""

"""OVF (DMTF DSP0243): the envelope of one machine, as VMware, VirtualBox and others write it.

Versions from 0.9 to 2.1 are read. What cannot be used is left out and said; what is not told is not
guessed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from lxml import etree

from virttui.libvirtxml.parse import PARSER, whole
from virttui.model.errors import InvalidInput
from virttui.model.provision.appliance import Appliance, ApplianceDisk, ApplianceFormat
from virttui.planning.imports import ovf_hardware
from virttui.planning.imports.device_models import arch_of, one_line
from virttui.planning.imports.encodings import decoded, undeclared
from virttui.planning.imports.guest_os import system
from virttui.planning.imports.ovf_elements import attribute, below, children, first, name, text
from virttui.planning.imports.ovf_units import size
from virttui.planning.imports.virtualbox import VirtualBoxMachine, box

_LONGEST = 8 * 1024**2
_MOST = 64 * 1024**4
"""Bytes of a disk beyond which its size is not believed."""
_MOST_DRIVES = 256
_COMPRESSIONS = {"": "", "identity": "", "gzip": "gzip", "x-gzip": "gzip", "bzip2": "bzip2",
                 "x-bzip2": "bzip2"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OvfFile:
    """A file that the envelope names. ``capacity`` is of the disk that is in it, in bytes.

    ``compression`` is gzip, bzip2 or "". With ``chunk`` it is in pieces of so many bytes, with a
    number behind their name. ``format`` is what the envelope calls the disk's format.
    """

    href: str
    size: int
    capacity: int = 0
    compression: str = ""
    chunk: int = 0
    format: str = ""


@dataclass(frozen=True, slots=True)
class OvfEnvelope:
    """What an OVF file tells. ``files`` are those of its disks, by the key of the disk."""

    machine: Appliance
    files: Mapping[str, OvfFile] = field(default_factory=dict)


def envelope(raw: bytes, path: str) -> OvfEnvelope:
    """An OVF file; its disks have no content yet, and their key as ``label``. Raises
    InvalidInput."""
    if len(raw) > _LONGEST:
        raise InvalidInput("it is too long for an OVF file")
    try:
        root = etree.fromstring(undeclared(decoded(raw)).encode("utf-8", "replace"), PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidInput(f"it cannot be parsed: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise InvalidInput("it has entities of its own, which no OVF file needs")
    if name(root) != "Envelope":
        raise InvalidInput("it is no OVF file")
    if next(below(root, "EncryptionSection"), None) is not None:
        raise InvalidInput("its files are encrypted: decrypt them first")
    machines = list(below(root, "VirtualSystem"))
    if len(machines) != 1:
        names = ", ".join(attribute(one, "id") for one in machines[:8])
        raise InvalidInput(f"it holds {len(machines)} machines ({names}): export them one by one")
    return _machine(root, machines[0], path)


def _machine(root: etree._Element, machine: etree._Element, path: str) -> OvfEnvelope:
    sections = children(machine, "VirtualHardwareSection")
    if not sections:
        raise InvalidInput("it has no hardware")
    said: list[str] = []
    if len(sections) > 1:
        said.append(f"it has {len(sections)} descriptions of its hardware: the first is taken")
    items = ovf_hardware.items(sections[0], _configuration(root, sections[0], said))
    vendor = box(machine)
    turns = ovf_hardware.turns(machine, items, vendor)
    files = _Files(root)
    disks = tuple(_disks(items, files, turns, said))
    annotation = text(first(machine, "AnnotationSection"), "Annotation")
    known = Appliance(
        ApplianceFormat.OVF,
        path,
        name=one_line(text(machine, "Name") or attribute(machine, "id")) or PurePath(path).stem,
        description=one_line(annotation),
        vcpus=ovf_hardware.vcpus(items, said),
        memory=ovf_hardware.memory(items, said),
        tpm=any("vtpm" in item.get("ResourceSubType", "").lower() for item in items),
        disks=disks,
        nics=tuple(ovf_hardware.nics(items, vendor, turns)),
    )
    known = _with_system(known, machine)
    known = _with_vendor(known, sections[0], vendor)
    if vendor is not None and vendor.suspended:
        said.append("it was suspended: what its memory held stays behind, and it boots as after "
                    "a crash")  # fmt: skip
    told = (*said, *ovf_hardware.left_out(items), *_left_out(root, files, disks))
    return OvfEnvelope(replace(known, notes=told), files.by_disk)


def _configuration(root: etree._Element, section: etree._Element, said: list[str]) -> str:
    """The configuration that is taken: the default one, else the first; "" where there is none."""
    told = [one for part in below(root, "DeploymentOptionSection")
            for one in children(part, "Configuration")]  # fmt: skip
    ids = [attribute(one, "id") for one in told]
    if not ids:
        # Some name configurations in their items, and nowhere else.
        used = [id for one in section for id in attribute(one, "configuration").split()]
        ids = list(dict.fromkeys(used))
    if not ids:
        return ""
    default = next((attribute(one, "id") for one in told
                    if attribute(one, "default").lower() in ("true", "1")), "")  # fmt: skip
    taken = default or ids[0]
    labels = {attribute(one, "id"): one_line(text(one, "Label"))[:40] for one in told}
    every = ", ".join(labels.get(one) or one for one in ids[:8])
    how = "its default" if default else "the first: none is its default"
    said.append(f"of its sizes ({every}) it gets {labels.get(taken) or taken}, {how}")
    return taken


def _with_system(known: Appliance, machine: etree._Element) -> Appliance:
    """The machine with its system, as far as that is told, and the processor that goes with it."""
    section = first(machine, "OperatingSystemSection")
    words = [attribute(section, "osType"), text(section, "OSType"), text(section, "Description")]
    return replace(
        known,
        os=system(*words, cim=attribute(section, "id")),
        os_label=one_line(next((one for one in (words[2], words[0], words[1]) if one), "")),
        arch=arch_of(*words),
    )


def _with_vendor(
    known: Appliance, section: etree._Element, vendor: VirtualBoxMachine | None
) -> Appliance:
    """The machine with what VMware or VirtualBox say of it beside OVF's own items."""
    config = {attribute(one, "key").lower(): attribute(one, "value")
              for one in children(section, "Config", "ExtraConfig")}  # fmt: skip
    kind = text(first(section, "System"), "VirtualSystemType").lower()
    if vendor is not None:
        return replace(
            known,
            uuid=vendor.uuid,
            description=known.description or vendor.description,
            vcpus=known.vcpus or vendor.vcpus,
            memory=known.memory or vendor.memory,
            firmware=vendor.firmware,
            secure=vendor.secure,
            tpm=known.tpm or vendor.tpm,
            arch=known.arch or vendor.arch,
        )
    # VMware and VirtualBox write no firmware where it is BIOS; what others mean is not known.
    plain = "bios" if "vmx-" in kind or "virtualbox" in kind else ""
    told = {"efi": "uefi", "uefi": "uefi", "bios": "bios"}.get(config.get("firmware", "").lower())
    return replace(
        known,
        firmware=told or plain,
        secure=config.get("bootoptions.efisecurebootenabled", "").lower() == "true",
        arch=known.arch or ("x86_64" if plain else ""),
    )


# -- files and disks ---------------------------------------------------------------------------


class _Files:
    """The files and disks that an envelope names."""

    def __init__(self, root: etree._Element) -> None:
        self._files: dict[str, OvfFile] = {}
        for one in children(first(root, "References"), "File"):
            said = attribute(one, "compression").lower()
            self._files[attribute(one, "id")] = OvfFile(
                attribute(one, "href"),
                whole(attribute(one, "size")) or 0,
                compression=_COMPRESSIONS.get(said, said),
                chunk=whole(attribute(one, "chunkSize")) or 0,
            )
        self.disks: dict[str, etree._Element] = {}
        for part in ("DiskSection", "SharedDiskSection"):
            for one in children(first(root, part), "Disk", "SharedDisk"):
                self.disks[attribute(one, "diskId")] = one
        # oVirt names the file of a disk where others name the disk.
        self._by_file = {attribute(one, "fileRef"): one for one in self.disks.values()}
        self.by_disk: dict[str, OvfFile] = {}
        self.used: set[str] = set()

    def disk(self, resource: str) -> ApplianceDisk:
        """The disk that an item names: ``ovf:/disk/ID``. Raises InvalidInput."""
        plain = resource.partition(":")[2] if resource.lower().startswith("ovf:") else resource
        kind, _, id = plain.strip("/").partition("/")
        if kind == "file" and id in self._files:
            self._take(id, self._files[id])
            return ApplianceDisk(label=id)
        found = self.disks.get(id) if kind == "disk" else None
        found = self._by_file.get(plain) if found is None and plain else found
        if found is None:
            raise InvalidInput(f"it names a disk that is not in it: {resource[:60]!r}")
        return self._disk(found)

    def _disk(self, found: etree._Element) -> ApplianceDisk:
        id, reference = attribute(found, "diskId"), attribute(found, "fileRef")
        self.used.add(id)
        if attribute(found, "parentRef"):
            raise InvalidInput("a disk of it lies on another one: export it without snapshots")
        unit = attribute(found, "capacityAllocationUnits") or "byte"
        capacity = size(attribute(found, "capacity"), unit) or 0
        capacity = capacity if capacity <= _MOST else 0
        bus = "virtio" if attribute(found, "disk-interface").lower() == "virtio" else ""
        boot = 1 if attribute(found, "boot").lower() == "true" else 0
        if reference:
            if reference not in self._files:
                raise InvalidInput(f"it names a file that is not in it: {reference[:60]!r}")
            file = replace(self._files[reference], format=attribute(found, "format"))
            self._take(id, replace(file, capacity=capacity))
        return ApplianceDisk(capacity=capacity, bus=bus, label=id, boot_order=boot)

    def _take(self, id: str, file: OvfFile) -> None:
        if file.compression not in ("", "gzip", "bzip2"):
            words = f"{file.href[:60]} is compressed by {file.compression[:20]}: unpack it first"
            raise InvalidInput(words)
        self.by_disk[id] = file

    def told(self, id: str) -> str:
        """The size of a disk as it is written there."""
        one = self.disks.get(id)
        number, unit = attribute(one, "capacity"), attribute(one, "capacityAllocationUnits")
        return f"{number} {unit}".strip()[:60]


def _disks(
    items: Sequence[ovf_hardware.Item], files: _Files, turns: Mapping[str, int], said: list[str]
) -> list[ApplianceDisk]:
    found: list[ApplianceDisk] = []
    drives = ovf_hardware.drives(items)
    if len(drives) > _MOST_DRIVES:
        raise InvalidInput(f"it has {len(drives)} drives: more than makes sense")
    for item, device, bus in drives:
        boot = turns.get(item.get("InstanceID", ""), 0)
        if device != "disk":
            label = one_line(item.get("ElementName", "")) or device
            found.append(ApplianceDisk(bus=bus, device=device, label=label, boot_order=boot))
            continue
        if not item.get("HostResource"):
            said.append(f"{ovf_hardware.called(item)} names no disk: it is left out")
            continue
        disk = files.disk(item["HostResource"])
        if disk.label not in files.by_disk and not disk.capacity:
            told = files.told(disk.label)
            said.append(f"disk {disk.label} is empty, and its size ({told or 'not told'}) makes no "
                        "sense: it is left out")  # fmt: skip
            continue
        found.append(replace(disk, bus=disk.bus or bus, boot_order=boot or disk.boot_order))
    return found


def _left_out(root: etree._Element, files: _Files, disks: Sequence[ApplianceDisk]) -> list[str]:
    """What of the rest of it becomes of nothing here, in sentences."""
    said = []
    if any(disk.bus == "nvme" for disk in disks):
        said.append("its NVMe disks are on another controller here")
    if any(disk.device != "disk" for disk in disks):
        said.append("its drives are empty: media are not brought along")
    unused = [one for one in files.disks if one not in files.used]
    if unused:
        said.append(f"no controller of it has disk {', '.join(unused[:8])}: left out")
    said += [words for section, words in _SECTIONS.items()
             if next(below(root, section), None) is not None]  # fmt: skip
    return said


_SECTIONS = {
    "ProductSection": "its OVF properties are not told to the guest",
    "StartupSection": "the order in which it starts with others is left out",
    "BootDeviceSection": "its own boot order (BootDeviceSection) is left out: see what boots first",
    "SharedDiskSection": "disks that it shared with others are its own here",
    "InstallSection": "it installs itself at its first boot, and then starts again",
}

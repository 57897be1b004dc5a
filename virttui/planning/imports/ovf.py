"""OVF (DMTF DSP0243): the envelope of one machine, as VMware, VirtualBox and others write it.

Versions from 0.9 to 2.1 are read. Parts that cannot be used are left out with a note; missing facts
are not guessed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from lxml import etree
from msgspec import Struct, field
from msgspec.structs import replace

from virttui.libvirtxml.parse import PARSER, whole
from virttui.model.errors import InvalidInput
from virttui.model.provision.appliance import Appliance, ApplianceDisk, ApplianceFormat
from virttui.planning.imports import ovf_hardware
from virttui.planning.imports.device_models import arch_of, one_line
from virttui.planning.imports.encodings import decoded, without_declaration
from virttui.planning.imports.guest_os import osinfo_id
from virttui.planning.imports.ovf_elements import attribute, below, children, first, name, text
from virttui.planning.imports.ovf_units import size
from virttui.planning.imports.virtualbox import VirtualBoxMachine, virtualbox_machine

_MAX_SIZE = 8 * 1024**2
_MAX_CAPACITY = 64 * 1024**4
"""Bytes; a larger size of a disk is taken for a mistake."""
_MAX_DRIVES = 256
_COMPRESSIONS = {"": "", "identity": "", "gzip": "gzip", "x-gzip": "gzip", "bzip2": "bzip2",
                 "x-bzip2": "bzip2"}  # fmt: skip


class OvfFile(Struct, frozen=True):
    """A file that the envelope names. ``capacity`` is that of the disk in it, in bytes.

    ``compression`` is gzip, bzip2 or "". With ``chunk`` it is split into pieces of so many bytes,
    numbered at the end of their names. ``format`` is the envelope's name of the disk's format.
    """

    href: str
    size: int
    capacity: int = 0
    compression: str = ""
    chunk: int = 0
    format: str = ""


class OvfEnvelope(Struct, frozen=True):
    """The machine of an OVF file. ``files`` are those of its disks, by the disk's key."""

    machine: Appliance
    files: Mapping[str, OvfFile] = field(default_factory=dict)


def envelope(raw: bytes, path: str) -> OvfEnvelope:
    """Return the parsed OVF file; its disks have no content yet, and their key as ``label``.
    Raises InvalidInput."""
    if len(raw) > _MAX_SIZE:
        raise InvalidInput("it is too long for an OVF file")
    try:
        root = etree.fromstring(
            without_declaration(decoded(raw)).encode("utf-8", "replace"), PARSER
        )
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidInput(f"it cannot be parsed: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise InvalidInput("it has entities of its own, which no OVF file needs")
    if name(root) != "Envelope":
        raise InvalidInput("it is not an OVF file")
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
    notes: list[str] = []
    if len(sections) > 1:
        notes.append(f"it has {len(sections)} descriptions of its hardware: the first is used")
    items = ovf_hardware.items(sections[0], _configuration(root, sections[0], notes))
    vendor = virtualbox_machine(machine)
    boot_order = ovf_hardware.boot_orders(machine, items, vendor)
    files = _Files(root)
    disks = tuple(_disks(items, files, boot_order, notes))
    annotation = text(first(machine, "AnnotationSection"), "Annotation")
    appliance = Appliance(
        ApplianceFormat.OVF,
        path,
        name=one_line(text(machine, "Name") or attribute(machine, "id")) or PurePath(path).stem,
        description=one_line(annotation),
        vcpus=ovf_hardware.vcpus(items, notes),
        memory=ovf_hardware.memory(items, notes),
        tpm=any("vtpm" in item.get("ResourceSubType", "").lower() for item in items),
        disks=disks,
        nics=tuple(ovf_hardware.nics(items, vendor, boot_order)),
    )
    appliance = _with_system(appliance, machine)
    appliance = _with_vendor(appliance, sections[0], vendor)
    if vendor is not None and vendor.suspended:
        notes.append("it was suspended: its saved memory is not imported, and it boots as after "
                    "a crash")  # fmt: skip
    all_notes = (*notes, *ovf_hardware.left_out_notes(items), *_left_out(root, files, disks))
    return OvfEnvelope(replace(appliance, notes=all_notes), files.by_disk)


def _configuration(root: etree._Element, section: etree._Element, notes: list[str]) -> str:
    """Return the configuration to use: the default one, else the first; "" where there are none."""
    configurations = [one for part in below(root, "DeploymentOptionSection")
            for one in children(part, "Configuration")]  # fmt: skip
    ids = [attribute(one, "id") for one in configurations]
    if not ids:
        # Some name configurations in their items, and nowhere else.
        used = [id for one in section for id in attribute(one, "configuration").split()]
        ids = list(dict.fromkeys(used))
    if not ids:
        return ""
    default = next((attribute(one, "id") for one in configurations
                    if attribute(one, "default").lower() in ("true", "1")), "")  # fmt: skip
    chosen = default or ids[0]
    labels = {attribute(one, "id"): one_line(text(one, "Label"))[:40] for one in configurations}
    every = ", ".join(labels.get(one) or one for one in ids[:8])
    how = "its default" if default else "the first: none is its default"
    notes.append(f"of its sizes ({every}) it gets {labels.get(chosen) or chosen}, {how}")
    return chosen


def _with_system(appliance: Appliance, machine: etree._Element) -> Appliance:
    """Return the appliance with its operating system and architecture, as far as they are given."""
    section = first(machine, "OperatingSystemSection")
    words = [attribute(section, "osType"), text(section, "OSType"), text(section, "Description")]
    return replace(
        appliance,
        os=osinfo_id(*words, cim=attribute(section, "id")),
        os_label=one_line(next((one for one in (words[2], words[0], words[1]) if one), "")),
        arch=arch_of(*words),
    )


def _with_vendor(
    appliance: Appliance, section: etree._Element, vendor: VirtualBoxMachine | None
) -> Appliance:
    """Return the appliance with the facts that VMware or VirtualBox add to OVF's own items."""
    config = {attribute(one, "key").lower(): attribute(one, "value")
              for one in children(section, "Config", "ExtraConfig")}  # fmt: skip
    kind = text(first(section, "System"), "VirtualSystemType").lower()
    if vendor is not None:
        return replace(
            appliance,
            uuid=vendor.uuid,
            description=appliance.description or vendor.description,
            vcpus=appliance.vcpus or vendor.vcpus,
            memory=appliance.memory or vendor.memory,
            firmware=vendor.firmware,
            secure=vendor.secure,
            tpm=appliance.tpm or vendor.tpm,
            arch=appliance.arch or vendor.arch,
        )
    # VMware and VirtualBox write no firmware where it is BIOS; what others mean is not known.
    default_firmware = "bios" if "vmx-" in kind or "virtualbox" in kind else ""
    firmware = {"efi": "uefi", "uefi": "uefi", "bios": "bios"}.get(
        config.get("firmware", "").lower()
    )
    return replace(
        appliance,
        firmware=firmware or default_firmware,
        secure=config.get("bootoptions.efisecurebootenabled", "").lower() == "true",
        arch=appliance.arch or ("x86_64" if default_firmware else ""),
    )


# -- files and disks ---------------------------------------------------------------------------


class _Files:
    """The files and disks that an envelope names."""

    def __init__(self, root: etree._Element) -> None:
        self._files: dict[str, OvfFile] = {}
        for one in children(first(root, "References"), "File"):
            notes = attribute(one, "compression").lower()
            self._files[attribute(one, "id")] = OvfFile(
                attribute(one, "href"),
                whole(attribute(one, "size")) or 0,
                compression=_COMPRESSIONS.get(notes, notes),
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
        """Return the disk that an item names: ``ovf:/disk/ID``. Raises InvalidInput."""
        plain = resource.partition(":")[2] if resource.lower().startswith("ovf:") else resource
        kind, _, id = plain.strip("/").partition("/")
        if kind == "file" and id in self._files:
            self._add(id, self._files[id])
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
            raise InvalidInput("one of its disks needs another one: export it without snapshots")
        unit = attribute(found, "capacityAllocationUnits") or "byte"
        capacity = size(attribute(found, "capacity"), unit) or 0
        capacity = capacity if capacity <= _MAX_CAPACITY else 0
        bus = "virtio" if attribute(found, "disk-interface").lower() == "virtio" else ""
        boot = 1 if attribute(found, "boot").lower() == "true" else 0
        if reference:
            if reference not in self._files:
                raise InvalidInput(f"it names a file that is not in it: {reference[:60]!r}")
            file = replace(self._files[reference], format=attribute(found, "format"))
            self._add(id, replace(file, capacity=capacity))
        return ApplianceDisk(capacity=capacity, bus=bus, label=id, boot_order=boot)

    def _add(self, id: str, file: OvfFile) -> None:
        if file.compression not in ("", "gzip", "bzip2"):
            words = f"{file.href[:60]} is compressed by {file.compression[:20]}: unpack it first"
            raise InvalidInput(words)
        self.by_disk[id] = file

    def size_text(self, id: str) -> str:
        """Return the size of a disk as the file writes it."""
        one = self.disks.get(id)
        number, unit = attribute(one, "capacity"), attribute(one, "capacityAllocationUnits")
        return f"{number} {unit}".strip()[:60]


def _disks(
    items: Sequence[ovf_hardware.Item],
    files: _Files,
    boot_order: Mapping[str, int],
    notes: list[str],
) -> list[ApplianceDisk]:
    found: list[ApplianceDisk] = []
    drives = ovf_hardware.drives(items)
    if len(drives) > _MAX_DRIVES:
        raise InvalidInput(f"it has {len(drives)} drives: more than makes sense")
    for item, device, bus in drives:
        boot = boot_order.get(item.get("InstanceID", ""), 0)
        if device != "disk":
            label = one_line(item.get("ElementName", "")) or device
            found.append(ApplianceDisk(bus=bus, device=device, label=label, boot_order=boot))
            continue
        if not item.get("HostResource"):
            notes.append(f"{ovf_hardware.label(item)} names no disk: it is left out")
            continue
        disk = files.disk(item["HostResource"])
        if disk.label not in files.by_disk and not disk.capacity:
            size = files.size_text(disk.label)
            notes.append(
                f"disk {disk.label} is empty, and its size ({size or 'not told'}) makes no sense:"
                " it is left out"
            )
            continue
        found.append(replace(disk, bus=disk.bus or bus, boot_order=boot or disk.boot_order))
    return found


def _left_out(root: etree._Element, files: _Files, disks: Sequence[ApplianceDisk]) -> list[str]:
    """Return a sentence about each further part that is left out."""
    notes = []
    if any(disk.bus == "nvme" for disk in disks):
        notes.append("its NVMe disks are on another controller here")
    if any(disk.device != "disk" for disk in disks):
        notes.append("its drives are empty: media are not imported")
    unused = [one for one in files.disks if one not in files.used]
    if unused:
        notes.append(f"no controller of it has disk {', '.join(unused[:8])}: left out")
    notes += [words for section, words in _SECTIONS.items()
             if next(below(root, section), None) is not None]  # fmt: skip
    return notes


_SECTIONS = {
    "ProductSection": "its OVF properties are not told to the guest",
    "StartupSection": "the order in which it starts with others is left out",
    "BootDeviceSection": "its own boot order (BootDeviceSection) is left out: see what boots first",
    "SharedDiskSection": "disks that it shared with others are its own here",
    "InstallSection": "it installs itself at its first boot, and then starts again",
}

"""VMX: VMware's configuration of one machine, lines of ``key = "value"``.

The meaning of the keys is from VMware's documentation and libvirt's own parser. Lines that make no
sense are skipped with a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from virttui.libvirtxml.parse import whole
from virttui.model.errors import InvalidInput
from virttui.model.provision.appliance import (
    Appliance,
    ApplianceDisk,
    ApplianceFormat,
    ApplianceNic,
)
from virttui.planning.imports.device_models import arch_of, card_model, mac_of, one_line
from virttui.planning.imports.guest_os import osinfo_id

_ESCAPED = re.compile(r"(?:\|[0-9A-Fa-f]{2})+")
_DRIVES = re.compile(r"(scsi|sata|ide|nvme)(\d{1,3}):(\d{1,3})\.present")
_NICS = re.compile(r"ethernet(\d{1,3})\.present")
_MAX_LENGTH = 1024 * 1024
_MAX_LINES = 200
"""The most lines that one value may span."""
_MAX_DRIVES = 512
_MIB = 1024**2
_TYPICAL_KEYS = {"config.version", "virtualhw.version", "guestos", "displayname", "memsize"}
_LEFT_OUT = {
    "sound": "its sound card",
    "serial": "serial port {}",
    "parallel": "parallel port {}",
    "pcipassthru": "PCI device {}, passed through from its host",
}
_KINDS = {"nat": "NAT", "bridged": "bridged", "hostonly": "host-only"}
_CLASSES = {"hd": "hdd", "cd": "cdrom", "fd": "floppy", "net": "ethernet"}
"""Devices in ``bios.bootDeviceClasses`` -> their names in ``bios.bootOrder``."""


class VmxValues(Struct, frozen=True):
    """The keys in lower case with their values, and notes about skipped lines."""

    values: Mapping[str, str]
    skipped: tuple[str, ...] = ()


class VmxDrive(Struct, frozen=True):
    """A disk or drive by its key, with the name of its file ("" for none)."""

    key: str
    file: str
    disk: ApplianceDisk = field(default_factory=ApplianceDisk)


def parse(text: str) -> VmxValues:
    """Return the values of a VMX file. Raises InvalidInput for any other file."""
    if len(text) > _MAX_LENGTH:
        raise InvalidInput("it is too long for a VMX file")
    values: dict[str, str] = {}
    skipped: list[int] = []
    for number, line in _lines(text):
        if not line.strip() or line.lstrip().startswith(("#", "!", ";", "//")):
            continue
        one = _pair(line)
        if one is None:
            skipped.append(number)
        else:
            values[one[0].lower()] = _ESCAPED.sub(_unescaped, one[1])
    if not values.keys() & _TYPICAL_KEYS:
        raise InvalidInput("it is not a VMX file: it has neither a version nor a system")
    return VmxValues(values, tuple(_skipped_note(skipped)))


def _pair(line: str) -> tuple[str, str] | None:
    """Return a key and its value, with or without quotes and a trailing comment; None for
    anything else."""
    key, sign, rest = line.partition("=")
    key, rest = key.strip(), rest.strip()
    if not sign or not key or '"' in key:
        return None
    if not rest.startswith('"'):
        return (key, rest.partition("#")[0].strip()) if '"' not in rest else None
    value, quote, behind = rest[1:].partition('"')
    if not quote:
        return None
    if behind.strip() and not behind.lstrip().startswith(("#", ";")):
        # A quote within the value: that it ends at the last one is all that can be said.
        value = rest[1:].rpartition('"')[0]
    return key, value


def _is_open(line: str) -> bool:
    """True if a value begins in the line and does not end there."""
    key, sign, rest = line.partition("=")
    return bool(sign and key.strip() and rest.lstrip().startswith('"') and rest.count('"') == 1)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines with their numbers; continued lines are joined."""
    lines = re.split(r"\r\n|\r|\n", text.lstrip("\ufeff"))
    place = 0
    while place < len(lines):
        start, line = place, lines[place]
        place += 1
        if _is_open(line) and '"' not in line.partition("=")[0]:
            # A value whose end is on a later line, unless a line of its own comes first.
            for end in range(place, min(place + _MAX_LINES, len(lines))):
                if _is_open(lines[end]) or _pair(lines[end]):
                    break
                if '"' in lines[end]:
                    line = "\n".join(one.removesuffix("\\") for one in lines[start : end + 1])
                    place = end + 1
                    break
        elif line.endswith("\\") and '"' not in line and place < len(lines):
            line, place = line[:-1] + lines[place], place + 1
        yield start + 1, line


def _unescaped(match: re.Match[str]) -> str:
    raw = bytes.fromhex(match[0].replace("|", ""))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _skipped_note(numbers: list[int]) -> Iterator[str]:
    if numbers:
        lines = ", ".join(map(str, numbers[:8])) + (", …" if len(numbers) > 8 else "")
        yield f"line{'s' if len(numbers) > 1 else ''} {lines} of it: passed over, no key and value"


# -- disks and drives --------------------------------------------------------------------------


def drives(parsed: VmxValues) -> list[VmxDrive]:
    """Return the disks and drives, by bus and place, with their boot order."""
    values = parsed.values
    found = []
    for key in values:
        matched = _DRIVES.fullmatch(key)
        if matched is not None and _is_true(values, key) and _has_controller(values, matched):
            place = (matched[1], int(matched[2]), int(matched[3]))
            found.append((place, key.removesuffix(".present")))
    if _is_true(values, "floppy0.present", default=True) and values.get("floppy0.filename"):
        found.append((("zfloppy", 0, 0), "floppy0"))
    result: list[VmxDrive] = []
    for (bus, _, _), key in sorted(found):
        kind = values.get(f"{key}.devicetype", "").lower()
        device = "disk"
        if bus == "zfloppy":
            device, bus = "floppy", "fdc"
        elif "cdrom" in kind:
            device = "cdrom"
        file = values.get(f"{key}.filename", "") if device == "disk" else ""
        if len(result) >= _MAX_DRIVES:
            raise InvalidInput(f"it has more than {_MAX_DRIVES} drives, which makes no sense")
        result.append(VmxDrive(key, file, ApplianceDisk(bus=bus, device=device, label=key)))
    order = _boot_order(values, result)
    return [
        replace(one, disk=replace(one.disk, boot_order=order.get(one.key, 0))) for one in result
    ]


def _has_controller(values: Mapping[str, str], drive: re.Match[str]) -> bool:
    """True if the drive's controller is present; those of IDE are by default."""
    return _is_true(values, f"{drive[1]}{drive[2]}.present", default=drive[1] == "ide")


def _boot_order(values: Mapping[str, str], found: list[VmxDrive]) -> dict[str, int]:
    """Return the keys of drives and NICs, each with its boot order as far as it is given."""
    disks = [one.key for one in found if one.disk.device == "disk"]
    first = [one for one in _words(values.get("bios.hddorder", "")) if one in disks]
    sets = {
        "hdd": [*first, *(one for one in disks if one not in first)],
        "cdrom": [one.key for one in found if one.disk.device == "cdrom"],
        "floppy": [one.key for one in found if one.disk.device == "floppy"],
        "ethernet": [f"ethernet{number}" for number in _numbers(values)],
    }
    classes = _words(values.get("bios.bootorder", "")) or _classes(values)
    order: list[str] = []
    for word in classes or (["hdd"] if first else []):
        order += sets.get(word) or [one for some in sets.values() for one in some if one == word]
    return {key: place for place, key in enumerate(dict.fromkeys(order), 1)}


def _classes(values: Mapping[str, str]) -> list[str]:
    """Return the boot order in the older notation: ``allow:cd,hd`` or ``only:net``."""
    way, _, words = values.get("bios.bootdeviceclasses", "").lower().partition(":")
    if way.strip() not in ("allow", "only"):
        return []
    return [_CLASSES[one] for one in _words(words) if one in _CLASSES]


def _words(text: str) -> list[str]:
    return [one for one in re.split(r"[,;\s]+", text.lower()) if one]


# -- the machine -------------------------------------------------------------------------------


def appliance(parsed: VmxValues, path: str, disks: tuple[ApplianceDisk, ...]) -> Appliance:
    """Return the machine of a VMX file; ``disks`` are those of ``drives`` with their contents."""
    values = parsed.values
    if "encryption.data" in values and values.get("vmx.encryptiontype", "").lower() != "partial":
        raise InvalidInput("it is encrypted: decrypt it with VMware first")
    guest = values.get("guestos", "")
    notes: list[str] = []
    vcpus = _number(values, "numvcpus", 4096, notes)
    memory = _number(values, "memsize", 64 * 1024**2, notes)
    nics = tuple(_nics(values))
    return Appliance(
        ApplianceFormat.VMX,
        path,
        name=one_line(values.get("displayname", "")) or _stem(path),
        description=one_line(values.get("annotation", "")),
        uuid=_uuid(values.get("uuid.bios", "")),
        os=osinfo_id(guest),
        os_label=guest,
        vcpus=vcpus,
        memory=memory * _MIB,
        arch=arch_of(guest) or "x86_64",
        firmware="uefi" if values.get("firmware", "").lower() == "efi" else "bios",
        secure=_is_true(values, "uefi.secureboot.enabled"),
        tpm=_is_true(values, "vtpm.present"),
        disks=disks,
        nics=nics,
        notes=(*parsed.skipped, *notes, *_left_out_notes(values, disks)),
    )


def _stem(path: str) -> str:
    return re.sub(r"\.vmx$", "", path.rpartition("/")[2], flags=re.I)


def _numbers(values: Mapping[str, str]) -> list[int]:
    """Return the numbers of its NICs."""
    found = {
        int(one[1]) for key in values if (one := _NICS.fullmatch(key)) and _is_true(values, key)
    }
    return sorted(found)


def _nics(values: Mapping[str, str]) -> Iterator[ApplianceNic]:
    order = _boot_order(values, drives(VmxValues(values)))
    for number in _numbers(values):
        card = f"ethernet{number}"
        mac = values.get(f"{card}.address") or values.get(f"{card}.generatedaddress", "")
        model = card_model(values.get(f"{card}.virtualdev", ""))
        yield ApplianceNic(_network(values, card), model, mac_of(mac), order.get(card, 0))


def _network(values: Mapping[str, str], card: str) -> str:
    """Return the name of a NIC's old network."""
    keys = {key: values.get(f"{card}.{key}", "") for key in _NETWORK_KEYS}
    if keys["networkname"]:
        return keys["networkname"]
    if group := keys["dvs.portgroupid"]:
        return f"distributed port group {group}"
    if switch := keys["dvs.switchid"]:
        return f"distributed switch {switch}"
    if opaque := keys["opaquenetwork.id"]:
        return f"logical switch {opaque}"
    if keys["pvnid"]:
        return f"LAN segment {keys['pvnid']}"
    kind = keys["connectiontype"].lower()
    return keys["vnet"] or _KINDS.get(kind or "bridged", kind)


_NETWORK_KEYS = (
    "networkname",
    "dvs.portgroupid",
    "dvs.switchid",
    "opaquenetwork.id",
    "pvnid",
    "vnet",
    "connectiontype",
)


def _left_out_notes(values: Mapping[str, str], disks: tuple[ApplianceDisk, ...]) -> Iterator[str]:
    yield from _device_notes(values)
    for disk in disks:
        if disk.device != "disk":
            yield f"{disk.label} is an empty drive: its medium is not imported"
    controllers = {values[key] for key in values if re.fullmatch(r"scsi\d+\.virtualdev", key)}
    if controllers:
        yield f"its SCSI controller ({', '.join(sorted(controllers))}) is not VMware's any more"
    if any(one.bus == "nvme" for one in disks):
        yield "its NVMe disks are on another controller: libvirt knows no NVMe of files here"
    if values.get("checkpoint.vmstate"):
        yield "it was suspended: its saved memory is not imported, and it boots as after a crash"
    if _is_true(values, "vtpm.present"):
        yield "the content of its TPM is lost: it gets a new one (BitLocker will ask for its key)"
    if values.get("nvram"):
        yield "the variables of its firmware are VMware's own: it begins with new ones"
    if any(re.search(r"\.independent$|mode$", key) and "nonpersistent" in values[key].lower()
           for key in values):  # fmt: skip
        yield "disks that forgot what was written keep it from now on"
    guestinfo_count = sum(1 for key in values if key.startswith("guestinfo.") and values[key])
    if guestinfo_count:
        words = "value" if guestinfo_count == 1 else "values"
        yield f"VMware's guestinfo for its guest ({guestinfo_count} {words}) is left out"


def _device_notes(values: Mapping[str, str]) -> Iterator[str]:
    cores = whole(values.get("cpuid.corespersocket", "")) or 1
    if cores > 1:
        yield f"how its vCPUs are on sockets ({cores} cores on each) is left out"
    for number in _numbers(values):
        if not _is_true(values, f"ethernet{number}.startconnected", default=True):
            yield f"card {number + 1} was not connected there, and is here"
    for key in sorted(values):
        match = re.fullmatch(r"([a-z_]+)(\d*)\.present", key)
        words = _LEFT_OUT.get(match[1], "") if match is not None else ""
        if match is not None and words and _is_true(values, key):
            yield f"{words.format(match[2] or '0')} is left out"
        drive = _DRIVES.fullmatch(key)
        if drive is not None and _is_true(values, key) and not _has_controller(values, drive):
            yield f"{key.removesuffix('.present')} is left out: its controller is not present"


def _is_true(values: Mapping[str, str], key: str, *, default: bool = False) -> bool:
    value = values.get(key, "").strip().lower()
    return value in ("true", "1", "yes", "t", "y", "on") if value else default


def _number(values: Mapping[str, str], key: str, maximum: int, notes: list[str]) -> int:
    """Return a number, 0 where it is not given; a senseless one adds a note."""
    words = values.get(key, "").strip()
    found = whole(words)
    if words and (found is None or not 0 < found <= maximum):
        notes.append(f"{key} is {words[:20]!r}, which is not a number that makes sense")
        return 0
    return found or 0


def _uuid(words: str) -> str:
    """Return VMware's ``56 4d 00 … - …`` in the usual notation; "" where it is none."""
    digits = re.sub(r"[^0-9a-f]", "", words.lower())
    if len(digits) != 32 or not digits.strip("0"):
        return ""
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

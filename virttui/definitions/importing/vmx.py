"""VMX: VMware's configuration of one machine, lines of ``key = "value"``.

What the keys mean is known from VMware's documentation and from libvirt's own reader of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from virttui.definitions.importing.guests import system
from virttui.model.errors import BadInput
from virttui.model.parcels import Parcel, ParcelDisk, ParcelNic, Wrapping

_LINE = re.compile(r'\s*([A-Za-z0-9_.:]+)\s*=\s*"([^"]*)"\s*')
_ESCAPED = re.compile(r"\|([0-9A-Fa-f]{2})")
_DRIVES = re.compile(r"(scsi|sata|ide|nvme)(\d+):(\d+)\.present")
_NICS = re.compile(r"ethernet(\d+)\.present")
_LONGEST = 1024 * 1024
_MIB = 1024**2
_DROPPED = {
    "sound": "its sound card",
    "serial": "serial port {}",
    "parallel": "parallel port {}",
    "pcipassthru": "PCI device {}, passed through from its host",
    "usb_xhci": "",
}
_MODELS = {"e1000": "e1000", "e1000e": "e1000e", "vlance": "pcnet", "vmxnet3": "vmxnet3"}
_KINDS = {"nat": "NAT", "bridged": "bridged", "hostonly": "host-only"}


def values(text: str) -> dict[str, str]:
    """The keys in lower case, with their values. Raises BadInput for what is no VMX."""
    if len(text) > _LONGEST:
        raise BadInput("it is too long for a VMX file")
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith(("#", "!")):
            continue
        told = _LINE.fullmatch(line)
        if told is None:
            raise BadInput(f"line {number} is no line of a VMX file")
        found[told[1].lower()] = _ESCAPED.sub(lambda one: chr(int(one[1], 16)), told[2])
    if not found.keys() & {"config.version", "virtualhw.version", "guestos", "displayname"}:
        raise BadInput("it is no VMX file: it tells neither a version nor a system")
    return found


def drives(told: Mapping[str, str]) -> list[tuple[str, str, ParcelDisk]]:
    """The disks and drives: key, name of the file ("" for none), and what it is."""
    found = []
    for key in told:
        matched = _DRIVES.fullmatch(key)
        if matched is None or not _yes(told, key):
            continue
        controller = f"{matched[1]}{matched[2]}.present"
        if _yes(told, controller, usual=matched[1] == "ide"):
            place = (matched[1], int(matched[2]), int(matched[3]))
            found.append((place, key.removesuffix(".present")))
    if _yes(told, "floppy0.present", usual=True) and told.get("floppy0.filename"):
        found.append((("zfloppy", 0, 0), "floppy0"))
    made = []
    for (bus, _, _), key in sorted(found):
        kind = told.get(f"{key}.devicetype", "").lower()
        file = told.get(f"{key}.filename", "")
        device = "disk"
        if bus == "zfloppy":
            device, bus = "floppy", "fdc"
        elif "cdrom" in kind:
            device = "cdrom"
        content = device == "disk"
        disk = ParcelDisk(bus=bus, device=device, label=key)
        made.append((key, file if content else "", disk))
    return made


def parcel(text: str, path: str, disks: tuple[ParcelDisk, ...]) -> Parcel:
    """The machine of a VMX file; ``disks`` are those of ``drives`` with their contents."""
    told = values(text)
    if any(key.startswith("encryption.") for key in told):
        raise BadInput("it is encrypted: decrypt it with VMware first")
    guest = told.get("guestos", "")
    return Parcel(
        Wrapping.VMX,
        path,
        name=told.get("displayname", "") or path.rpartition("/")[2].removesuffix(".vmx"),
        uuid=_uuid(told.get("uuid.bios", "")),
        os=system(guest),
        os_words=guest,
        vcpus=_number(told.get("numvcpus", "1"), 4096),
        memory=_number(told.get("memsize", "0"), 64 * 1024**2) * _MIB,
        arch="x86_64",
        firmware="uefi" if told.get("firmware", "").lower() == "efi" else "bios",
        secure=_yes(told, "uefi.secureboot.enabled"),
        tpm=_yes(told, "vtpm.present"),
        disks=disks,
        nics=tuple(_nics(told)),
        told=tuple(_left_out(told, disks)),
    )


def _nics(told: Mapping[str, str]) -> Iterator[ParcelNic]:
    numbers = sorted(int(found[1]) for key in told if (found := _NICS.fullmatch(key)))
    for number in numbers:
        card = f"ethernet{number}"
        if not _yes(told, f"{card}.present"):
            continue
        kind = told.get(f"{card}.connectiontype", "bridged").lower()
        network = (
            told.get(f"{card}.networkname") or told.get(f"{card}.vnet") or _KINDS.get(kind, kind)
        )
        mac = told.get(f"{card}.address") or told.get(f"{card}.generatedaddress", "")
        model = told.get(f"{card}.virtualdev", "").lower()
        yield ParcelNic(network, _MODELS.get(model, ""), mac.lower())


def _left_out(told: Mapping[str, str], disks: tuple[ParcelDisk, ...]) -> Iterator[str]:
    for key in sorted(told):
        found = re.fullmatch(r"([a-z_]+)(\d*)\.present", key)
        words = _DROPPED.get(found[1], "") if found is not None else ""
        if found is not None and words and _yes(told, key):
            yield f"{words.format(found[2] or '0')} is left out"
    for disk in disks:
        if disk.device != "disk":
            yield f"{disk.label} is an empty drive: its medium is not brought along"
    controllers = {told[key] for key in told if re.fullmatch(r"scsi\d+\.virtualdev", key)}
    if controllers:
        yield f"its SCSI controller ({', '.join(sorted(controllers))}) is not VMware's any more"
    if any(one.bus == "nvme" for one in disks):
        yield "its NVMe disks are on another controller: libvirt knows no NVMe of files here"
    if _yes(told, "vtpm.present"):
        yield "what its TPM held is lost: it gets a new one (BitLocker will ask for its key)"
    if told.get("nvram"):
        yield "the variables of its firmware are VMware's own: it begins with new ones"
    if any(
        re.search(r"\.independent$|mode$", key) and "nonpersistent" in told[key] for key in told
    ):
        yield "disks that forgot what was written keep it from now on"


def _yes(told: Mapping[str, str], key: str, *, usual: bool = False) -> bool:
    value = told.get(key, "").strip().lower()
    return value in ("true", "1", "yes") if value else usual


def _number(words: str, most: int) -> int:
    if not (words.isascii() and words.isdigit()) or not 0 <= int(words[:12]) <= most:
        raise BadInput(f"{words[:20]!r} is no number that makes sense here")
    return int(words)


def _uuid(words: str) -> str:
    """VMware's ``56 4d 00 … - …``, as everybody else writes it; "" where it is none."""
    digits = re.sub(r"[^0-9a-f]", "", words.lower())
    if len(digits) != 32:
        return ""
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

"""Any file that a machine can come in, opened: what it is, and what machine is in it.

Only small parts are read here: descriptions, headers of disks. No disk is read whole, nothing is
unpacked, nothing is written. Checksums of disks are held against them when they are brought in.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from virttui.definitions.importing import ovf, vmx
from virttui.definitions.importing.described import described
from virttui.model.errors import BadInput
from virttui.model.parcels import FilePart, Parcel, ParcelDisk, Wrapping
from virttui.parcels import tar
from virttui.parcels.converting import missing
from virttui.parcels.images import NAMES, Image, examined, plain_file

FORMAT = "virttui-archive"
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
_LONGEST = 8 * 1024**2
_CHECKSUM = re.compile(r"(SHA1|SHA256|SHA512)\s*\(([^)]*)\)\s*=\s*([0-9a-fA-F]+)")
_NATIVE = (
    (re.compile(r"^\s*lxc\.", re.M), "lxc-tools"),
    (re.compile(r"^\s*(/\S*/)?bhyve\b", re.M), "bhyve-argv"),
    (re.compile(r"^\s*(disk|vif|builder|type|kernel)\s*=\s*[\[\"']", re.M), "xen-xl"),
)
_QEMU = re.compile(r"^\s*(\w+=\S+\s+)*(/\S*/)?(qemu-system-\w+|qemu-kvm|kvm)\s", re.M)


def opened(path: str) -> Parcel:
    """The machine in a file. Raises BadInput, in words that name the file."""
    where = str(Path(path).expanduser().absolute())
    fd = plain_file(where)
    try:
        head = os.pread(fd, 1024, 0)
        try:
            parcel = _opened(fd, where, head)
        except BadInput as error:
            raise BadInput(f"{where}: {error.sentence}", advice=error.advice) from error
    except OSError as error:
        raise BadInput(f"{where}: {error.strerror}") from error
    finally:
        os.close(fd)
    converts = any(disk.part is not None and disk.part.convert for disk in parcel.disks)
    return replace(parcel, lacks=missing()) if converts else parcel


def _opened(fd: int, path: str, head: bytes) -> Parcel:
    if not head:
        raise BadInput("it is empty")
    if head[257:262] == b"ustar" or path.lower().endswith((".ova", ".tar")):
        return _tar(fd, path)
    size = os.fstat(fd).st_size
    if head.startswith((b"KDMV", b"QFI\xfb", b"vhdxfile", b"conectix")) or b"\0" in head[:64]:
        raise BadInput("it is a disk, not a machine: i uploads it into a pool (3), then n takes it")
    if size > _LONGEST:
        raise BadInput("it is too long for a description of a machine")
    raw = os.pread(fd, size, 0)
    text = raw.decode("utf-8", "replace")
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        if re.search(r"<(\w+:)?Envelope\b", text[:4096]):
            return _ovf(raw, path)
        return described(Parcel(Wrapping.XML, path, xml=text.lstrip("\ufeff")))
    if path.lower().endswith(".vmx") or re.search(r"^\s*config\.version\s*=", text, re.M | re.I):
        return _vmx(text, path)
    return _native(text, path)


def _native(text: str, path: str) -> Parcel:
    """A configuration that libvirt's driver of its host may translate."""
    if _QEMU.search(text):
        raise BadInput(
            "it is a command line of QEMU's, which libvirt does not read since 5.5",
            advice="make a machine with n, and give it its disks",
        )
    for pattern, format in _NATIVE:
        if pattern.search(text):
            name = Path(path).stem
            told = ["libvirt takes of it what it knows: see its XML on the next page"]
            if re.search(r"^\s*lxc\.init[._]cmd\s*=", text, re.M):
                told.append("libvirt does not read its init command: it starts /sbin/init")
            return Parcel(
                Wrapping.NATIVE, path, name=name, config=text, format=format, told=tuple(told)
            )
    raise BadInput(
        "it is no OVA, OVF, VMX, libvirt XML, archive of ours or configuration known here"
    )


# -- VMX ---------------------------------------------------------------------------------------


def _vmx(text: str, path: str) -> Parcel:
    disks = []
    for key, file, disk in vmx.drives(vmx.values(text)):
        if not file:
            disks.append(disk)
            continue
        part, image = _beside(path, file, key)
        disks.append(replace(disk, part=part, capacity=image.capacity, label=file))
    return vmx.parcel(text, path, tuple(disks))


def _beside(path: str, name: str, what: str) -> tuple[FilePart, Image]:
    """A disk in a file beside the description, looked at. Raises BadInput."""
    if not name or "/" in name or "\\" in name or name in (".", "..") or not name.isprintable():
        raise BadInput(
            f"{what} is in a file that is not beside it: {name[:80]!r}",
            advice="copy it into the same folder, and name it there without a path",
        )
    file = Path(path).with_name(name)
    if file.is_symlink():
        raise BadInput(f"{name} is a link")
    return _image(str(file), name)


def _image(path: str, label: str, member: tar.Member | None = None) -> tuple[FilePart, Image]:
    if member is not None and member.extents is not None:
        raise BadInput(f"{label} is packed with holes, which no OVA has")
    try:
        where = (member.offset, member.size) if member is not None else ()
        image = examined(path, *where)
    except BadInput as error:
        said = error.sentence
        raise BadInput(said if label in said else f"{label}: {said}") from error
    offset, size = (member.offset, member.size) if member is not None else (0, image.length)
    if not size:
        raise BadInput(f"{label} is empty")
    return FilePart(path, size, offset, convert=image.format, label=label), image


# -- OVF ---------------------------------------------------------------------------------------


def _ovf(raw: bytes, path: str) -> Parcel:
    told = ovf.envelope(raw, path)
    sums: dict[str, str] = {}
    manifest = Path(path).with_suffix(".mf")
    if manifest.is_file() and not manifest.is_symlink():
        with manifest.open("rb") as file:
            sums = _sums(file.read(_LONGEST))
        _held(raw, Path(path).name, sums)
    found = {}
    for key, reference in told.files.items():
        part, image = _beside(path, reference.href, key)
        found[key] = (replace(part, digest=sums.get(reference.href, "")), image)
    return _with_disks(told, found, summed=bool(sums))


def _tar(fd: int, path: str) -> Parcel:
    members = tar.members(fd)
    if MANIFEST in members:
        return _archive(fd, path, members)
    descriptions = [name for name in members if name.lower().endswith(".ovf")]
    if len(descriptions) != 1:
        raise BadInput(f"it is no OVA: it holds {len(descriptions)} descriptions of a machine")
    name = descriptions[0]
    raw = tar.content(fd, members[name], _LONGEST)
    told = ovf.envelope(raw, path)
    sums: dict[str, str] = {}
    manifest = members.get(name[: -len("ovf")] + "mf")
    if manifest is not None:
        sums = _sums(tar.content(fd, manifest, _LONGEST))
        _held(raw, name, sums)
    found = {}
    for key, reference in told.files.items():
        member = members.get(reference.href)
        if member is None:
            raise BadInput(f"it names a file that is not in it: {reference.href[:80]!r}")
        if member.extents is not None:
            raise BadInput(f"{reference.href[:80]} has holes, which no OVA has")
        if reference.size and reference.size != member.size:
            raise BadInput(f"{reference.href[:80]} is not as long as its description says")
        part, image = _image(path, reference.href, member)
        found[key] = (replace(part, digest=sums.get(reference.href, "")), image)
    return _with_disks(told, found, summed=bool(sums))


def _with_disks(
    told: ovf.Envelope, found: Mapping[str, tuple[FilePart, Image]], *, summed: bool
) -> Parcel:
    """The machine of an envelope with its disks; what their own headers say counts."""
    disks, more = [], []
    for disk in told.machine.disks:
        if disk.label not in found:
            disks.append(disk)
            continue
        part, image = found[disk.label]
        disks.append(
            replace(disk, part=part, capacity=image.capacity or disk.capacity, label=part.label)
        )
    if not summed and found:
        more.append("no checksums came with it: whether its disks are whole cannot be told")
    return replace(told.machine, disks=tuple(disks), told=(*told.machine.told, *more))


def _sums(raw: bytes) -> dict[str, str]:
    """A manifest: file -> its digest. Raises BadInput where it makes no sense."""
    found: dict[str, str] = {}
    for line in raw.decode("utf-8", "replace").splitlines():
        told = _CHECKSUM.fullmatch(line.strip())
        if told is not None:
            found[told[2]] = f"{told[1].lower()}:{told[3].lower()}"
        elif line.strip():
            raise BadInput(f"its manifest has a line that makes no sense: {line.strip()[:60]!r}")
    return found


def _held(raw: bytes, name: str, sums: Mapping[str, str]) -> None:
    """Raises BadInput when the description is not what the manifest says."""
    kind, _, wanted = sums.get(name, "").partition(":")
    if kind and hashlib.new(kind, raw, usedforsecurity=False).hexdigest() != wanted:
        raise BadInput(f"{name} is not what its manifest says: it was changed, or is broken")


# -- archives of ours --------------------------------------------------------------------------


def _archive(fd: int, path: str, members: Mapping[str, tar.Member]) -> Parcel:
    try:
        told = json.loads(tar.content(fd, members[MANIFEST], _LONGEST))
        if not isinstance(told, dict) or told.get(FORMAT) != 1:
            raise BadInput("it is no archive of ours, or one of a later version")
        return _unwrapped(fd, path, members, told)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"its {MANIFEST} makes no sense: {error}") from error


def _unwrapped(
    fd: int, path: str, members: Mapping[str, tar.Member], told: Mapping[str, Any]
) -> Parcel:
    definition = told["definition"]
    raw = tar.content(fd, members[definition["member"]], _LONGEST)
    if f"sha256:{hashlib.sha256(raw).hexdigest()}" != definition["digest"]:
        raise BadInput("its definition is not what its manifest says: it was changed, or is broken")
    disks = tuple(
        ParcelDisk(
            part=_part(path, members[disk["member"]], str(disk["digest"])),
            capacity=int(disk["capacity"]),
            target=str(disk["target"]),
            format=str(disk["format"]),
            label=str(disk["member"]),
        )
        for disk in told["disks"]
    )
    for disk in disks:
        if disk.format not in NAMES or not 0 < disk.capacity < 2**60:
            raise BadInput(f"its {MANIFEST} makes no sense: {disk.target}")
        if disk.format == "qcow2" and disk.part is not None:
            examined(path, disk.part.offset, disk.part.size, disk.part.extents)
    nvram = told.get("nvram")
    parcel = Parcel(
        Wrapping.ARCHIVE,
        path,
        xml=raw.decode(),
        disks=disks,
        nvram=_part(path, members[nvram["member"]], str(nvram["digest"])) if nvram else None,
        nvram_path=str(nvram["path"]) if nvram else "",
        loader=str(nvram.get("firmware", "")) if nvram else "",
        told=tuple(str(line) for line in told.get("told", ())),
    )
    return described(parcel)


def _part(path: str, member: tar.Member, digest: str) -> FilePart:
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        raise BadInput(f"{member.name} has no checksum")
    return FilePart(path, member.size, member.offset, member.extents, digest, label=member.name)

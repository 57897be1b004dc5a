"""Opening any file that can hold a machine: its format, and the machine in it.

Only small parts are read here: descriptors, and headers of disks. No disk is read completely,
nothing is unpacked, nothing is written. Checksums of disks are checked during the import.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from virttui.appliances import tar_reader
from virttui.appliances.descriptor_disks import compression_of, of_ova, of_ovf, of_vmx
from virttui.appliances.image_headers import NAMES, examine, plain_file
from virttui.appliances.qemu_img import missing_program
from virttui.model.errors import InvalidInput
from virttui.model.provision.appliance import Appliance, ApplianceDisk, ApplianceFormat
from virttui.model.provision.file_slice import FileSlice
from virttui.planning.imports.encodings import decoded, is_wide, without_declaration
from virttui.planning.imports.from_xml import appliance_from_xml

FORMAT = "virttui-archive"
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
_MAX_SIZE = 8 * 1024**2
_HEAD = 64 * 1024
"""Characters that contain the first element of a descriptor."""
_COMMENT = re.compile(r"<!--.*?(-->|$)", re.S)
_ELEMENT = re.compile(r"<(?:[\w.-]+:)?(\w+)")
_DISKS = (b"KDMV", b"QFI\xfb", b"vhdxfile", b"conectix")
_NATIVE = (
    (re.compile(r"^\s*lxc\.", re.M), "lxc-tools"),
    (re.compile(r"^\s*(/\S*/)?bhyve\b", re.M), "bhyve-argv"),
    (re.compile(r"^\s*(disk|vif|builder|type|kernel)\s*=\s*[\[\"']", re.M), "xen-xl"),
)
_QEMU = re.compile(
    r"^\s*(\w+=\S+\s+)*(/\S*/)?(qemu-system-\w+|qemu-kvm|kvm|qemu(?=\s+(\\\s+)?-))\s", re.M
)


def open_appliance(path: str) -> Appliance:
    """Return the machine in a file. Raises InvalidInput, with a message that names the file."""
    where = str(Path(path).expanduser().absolute())
    fd = plain_file(where)
    try:
        head = os.pread(fd, 1024, 0)
        try:
            appliance = _open(fd, where, head)
        except InvalidInput as error:
            raise InvalidInput(f"{where}: {error.message}", advice=error.advice) from error
    except OSError as error:
        raise InvalidInput(f"{where}: {error.strerror}") from error
    finally:
        os.close(fd)
    converts = any(disk.content is not None and disk.content.convert for disk in appliance.disks)
    return replace(appliance, missing_tool=missing_program()) if converts else appliance


def _open(fd: int, path: str, head: bytes) -> Appliance:
    if not head:
        raise InvalidInput("it is empty")
    if kind := compression_of(head):
        raise InvalidInput(f"it is compressed by {kind}: unpack it first")
    if head[257:262] == b"ustar" or path.lower().endswith((".ova", ".tar")):
        return _tar(fd, path)
    size = os.fstat(fd).st_size
    wide = is_wide(head)
    if head.startswith(_DISKS) or (b"\0" in head[:64] and not wide):
        raise InvalidInput(
            "it is a disk, not a machine: i uploads it into a pool (3), then n takes it"
        )
    if size > _MAX_SIZE:
        raise InvalidInput("it is too long for a description of a machine")
    raw = os.pread(fd, size, 0)
    text = decoded(raw)
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        element = _ELEMENT.search(_COMMENT.sub("", text[:_HEAD]))
        if element is not None and element[1] == "Envelope":
            return of_ovf(raw, path)
        return appliance_from_xml(
            Appliance(ApplianceFormat.XML, path, xml=without_declaration(text))
        )
    if path.lower().endswith(".vmx") or re.search(r"^\s*config\.version\s*=", text, re.M | re.I):
        return of_vmx(raw, path)
    return _native(text, path)


def _tar(fd: int, path: str) -> Appliance:
    members = tar_reader.members(fd)
    return _archive(fd, path, members) if MANIFEST in members else of_ova(fd, path, members)


def _native(text: str, path: str) -> Appliance:
    """A configuration that libvirt's driver of its host may translate."""
    if _QEMU.search(text):
        raise InvalidInput(
            "it is a command line of QEMU's, which libvirt does not read since 5.5",
            advice="make a machine with n, and give it its disks",
        )
    for pattern, format in _NATIVE:
        if pattern.search(text):
            name = Path(path).stem
            notes = ["libvirt takes of it what it knows: see its XML on the next page"]
            if re.search(r"^\s*lxc\.init[._]cmd\s*=", text, re.M):
                notes.append("libvirt does not read its init command: it starts /sbin/init")
            return Appliance(
                ApplianceFormat.NATIVE,
                path,
                name=name,
                config=text,
                config_format=format,
                notes=tuple(notes),
            )
    raise InvalidInput(
        "it is not an OVA, OVF, VMX, libvirt XML, archive of ours or configuration known here"
    )


# -- archives of ours --------------------------------------------------------------------------


def _archive(fd: int, path: str, members: Mapping[str, tar_reader.TarMember]) -> Appliance:
    try:
        manifest = json.loads(tar_reader.content(fd, members[MANIFEST], _MAX_SIZE))
        if not isinstance(manifest, dict) or manifest.get(FORMAT) != 1:
            raise InvalidInput("it is not an archive of ours, or one of a later version")
        return _archived_machine(fd, path, members, manifest)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"its {MANIFEST} makes no sense: {error}") from error


def _archived_machine(
    fd: int, path: str, members: Mapping[str, tar_reader.TarMember], manifest: Mapping[str, Any]
) -> Appliance:
    definition = manifest["definition"]
    raw = tar_reader.content(fd, members[definition["member"]], _MAX_SIZE)
    if f"sha256:{hashlib.sha256(raw).hexdigest()}" != definition["digest"]:
        raise InvalidInput(
            "its definition does not match its manifest: it was changed, or is broken"
        )
    disks = tuple(
        ApplianceDisk(
            content=_part(path, members[disk["member"]], str(disk["digest"])),
            capacity=int(disk["capacity"]),
            target=str(disk["target"]),
            format=str(disk["format"]),
            label=str(disk["member"]),
        )
        for disk in manifest["disks"]
    )
    for disk in disks:
        if disk.format not in NAMES or not 0 < disk.capacity < 2**60:
            raise InvalidInput(f"its {MANIFEST} makes no sense: {disk.target}")
        if disk.format == "qcow2" and disk.content is not None:
            examine(path, disk.content.offset, disk.content.size, disk.content.extents)
    nvram = manifest.get("nvram")
    appliance = Appliance(
        ApplianceFormat.ARCHIVE,
        path,
        xml=raw.decode(),
        disks=disks,
        nvram=_part(path, members[nvram["member"]], str(nvram["digest"])) if nvram else None,
        nvram_path=str(nvram["path"]) if nvram else "",
        loader=str(nvram.get("firmware", "")) if nvram else "",
        notes=tuple(str(line) for line in manifest.get("told", ())),
    )
    return appliance_from_xml(appliance)


def _part(path: str, member: tar_reader.TarMember, digest: str) -> FileSlice:
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        raise InvalidInput(f"{member.name} has no checksum")
    return FileSlice(path, member.size, member.offset, member.extents, digest, label=member.name)

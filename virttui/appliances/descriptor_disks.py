"""OVF, OVA and VMX with their disks: in files beside the description, or in the same archive.

No file beside or in it is used but those that the description names, each looked at first.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from virttui.appliances import disk_assembly, file_names, tar_reader
from virttui.appliances.image_headers import DiskImage, by_its_head, examined, plain_file
from virttui.model.errors import InvalidInput
from virttui.model.provision.appliance import Appliance
from virttui.model.provision.file_slice import FileSlice
from virttui.planning.imports import ovf, vmx
from virttui.planning.imports.encodings import decoded

_LONGEST = 8 * 1024**2
_HEAD = 4 * 1024**2
"""Bytes of a disk that is compressed or in pieces, by which it is told what it is."""
_MOST_FILES = 10_000
_CHECKSUM = re.compile(r"SHA-?(1|224|256|384|512)\s*\((.*)\)\s*=\s*([0-9a-f]+)", re.I)
_SUM = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})\s+\*?(\S.*)", re.I)
_KINDS = {40: "sha1", 64: "sha256", 128: "sha512"}
_PACKED = (
    (b"\x1f\x8b\x08", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"), (b"PK\x03\x04", "zip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)  # fmt: skip


def packed_by(head: bytes) -> str:
    """What a content was compressed by, "" where it does not look so."""
    return next((name for mark, name in _PACKED if head.startswith(mark)), "")


# -- VMX ---------------------------------------------------------------------------------------


def of_vmx(raw: bytes, path: str) -> Appliance:
    """The machine of a VMX file, its disks beside it. Raises InvalidInput."""
    known = vmx.parse(decoded(raw))
    disks, said = [], []
    for drive in vmx.drives(known):
        if drive.file:
            part = _looked_at(_beside(path, drive.file, drive.key))
            disks.append(replace(drive.disk, content=part[0], capacity=part[1].capacity,
                                 label=part[0].label))  # fmt: skip
        elif drive.disk.device == "disk":
            said.append(f"{drive.key} names no file: it is left out")
        else:
            disks.append(drive.disk)
    machine = vmx.appliance(known, path, tuple(disks))
    return replace(machine, notes=(*said, *machine.notes))


def _beside(path: str, name: str, what: str) -> FileSlice:
    """A file beside the description. Raises InvalidInput where there is none."""
    if not name or "/" in name or "\\" in name or name in (".", "..") or not name.isprintable():
        raise InvalidInput(
            f"{what} is in a file that is not beside it: {name[:80]!r}",
            advice="copy it into the same folder, and name it there without a path",
        )
    folder = Path(path).parent
    there = file_names.found(_names(folder), name)
    file = folder / (there if there is not None else name)
    if file.is_symlink():
        raise InvalidInput(f"{file.name} is a link")
    fd = plain_file(str(file))
    try:
        size = os.fstat(fd).st_size
    finally:
        os.close(fd)
    return FileSlice(str(file), size, label=file.name)


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [one.name for one, _ in zip(entries, range(_MOST_FILES), strict=False)]
    except OSError as error:
        raise InvalidInput(f"{folder}: {error.strerror}") from error


def _looked_at(part: FileSlice) -> tuple[FileSlice, DiskImage]:
    """A disk by its header: what it is converted from. Raises InvalidInput for what must not be."""
    if not part.stored:
        raise InvalidInput(f"{part.label} is empty")
    try:
        if part.compression or part.next_slices:
            image = by_its_head(*_head(part))
        elif part.offset or part.extents is not None:
            image = examined(part.path, part.offset, part.size, part.extents)
        else:
            image = examined(part.path)
    except InvalidInput as error:
        said = error.message
        raise InvalidInput(said if part.label in said else f"{part.label}: {said}") from error
    size = image.length if part.is_contiguous and not part.offset else part.size
    return replace(part, size=size, convert=image.format), image


def _head(part: FileSlice) -> tuple[bytes, int]:
    """The first bytes of what was packed or cut, and how long all of it is as far as is known."""
    head = disk_assembly.head(part, _HEAD)
    size = part.size + sum(one.size for one in part.next_slices)
    return head, len(head) if part.compression else size


# -- OVF ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Around:
    """The files around a description: their names, and each as a part. ``sums`` are digests."""

    names: tuple[str, ...]
    part: Callable[[str, str], FileSlice]
    sums: Mapping[str, str]


def of_ovf(raw: bytes, path: str) -> Appliance:
    """The machine of an OVF file, its disks beside it. Raises InvalidInput."""
    known = ovf.envelope(raw, path)
    names = tuple(_names(Path(path).parent))
    sums: dict[str, str] = {}
    said: list[str] = []
    manifest = Path(path).with_suffix(".mf")
    if manifest.is_file() and not manifest.is_symlink():
        with manifest.open("rb") as file:
            sums = _sums(file.read(_LONGEST), said)
        _held(raw, Path(path).name, sums)

    def part(name: str, what: str) -> FileSlice:
        return _beside(path, name, what)

    return _with_disks(known, _Around(names, part, sums), said)


def of_ova(fd: int, path: str, members: Mapping[str, tar_reader.TarMember]) -> Appliance:
    """The machine of an OVA: a tar archive that begins with its description. Raises
    InvalidInput."""
    own = {name: one for name, one in members.items()
           if not name.rpartition("/")[2].startswith("._")}  # fmt: skip
    descriptions = [name for name in own if name.lower().endswith(".ovf")]
    if len(descriptions) != 1:
        raise InvalidInput(f"it is no OVA: it holds {len(descriptions)} descriptions of a machine")
    name = descriptions[0]
    raw = tar_reader.content(fd, own[name], _LONGEST)
    known = ovf.envelope(raw, path)
    sums: dict[str, str] = {}
    said: list[str] = []
    manifest = own.get(name[: -len("ovf")] + "mf")
    if manifest is not None:
        sums = _sums(tar_reader.content(fd, manifest, _LONGEST), said)
        _held(raw, name, sums)

    def part(wanted: str, what: str) -> FileSlice:
        member = own.get(wanted)
        if member is None:
            raise InvalidInput(f"it names a file that is not in it: {wanted[:80]!r}")
        return FileSlice(path, member.size, member.offset, member.extents, label=wanted)

    return _with_disks(known, _Around(tuple(own), part, sums), said)


def _with_disks(known: ovf.OvfEnvelope, around: _Around, said: list[str]) -> Appliance:
    """The machine of an envelope with its disks; what their own headers say counts."""
    disks = []
    for disk in known.machine.disks:
        reference = known.files.get(disk.label)
        if reference is None:
            disks.append(disk)
            continue
        part, image = _file(reference, around, disk.label)
        if 0 < reference.size < part.stored:
            said.append(f"{part.label} is longer than its description says")
        # How large a raw disk is that comes compressed, only the description says.
        told = 0 if part.compression and image.format == "raw" else image.capacity
        if not told and not disk.capacity and part.compression:
            raise InvalidInput(
                f"{part.label} is compressed, and nothing says how large its disk is"
            )
        disks.append(replace(disk, content=part, capacity=told or disk.capacity, label=part.label))
    if not around.sums and known.files:
        said.append("no checksums came with it: whether its disks are whole cannot be told")
    return replace(known.machine, disks=tuple(disks), notes=(*known.machine.notes, *said))


def _file(reference: ovf.OvfFile, around: _Around, key: str) -> tuple[FileSlice, DiskImage]:
    """What an envelope refers to, looked at. Raises InvalidInput."""
    href = reference.href
    if "://" in href:
        raise InvalidInput(
            f"{href[:80]} is not beside it: fetch it first, and name it without a host"
        )
    name = file_names.found(around.names, href)
    names = [name] if name is not None else file_names.pieces(around.names, href)
    if not names and reference.chunk:
        raise InvalidInput(f"it names a file whose pieces are not in it: {href[:80]!r}")
    first, *more = [_summed(around.part(one, key), around) for one in names or [href]]
    part = replace(first, next_slices=tuple(more), label=href if more else first.label)
    if reference.size > part.stored and part.extents is None:
        raise InvalidInput(
            f"{href[:80]} is not as long as its description says: "
            "it was cut off, or is another file"
        )
    start = disk_assembly.head(part, 16)
    packed = reference.compression or packed_by(start)
    if packed not in ("", "gzip", "bzip2"):
        raise InvalidInput(f"{href[:80]} is compressed by {packed}: unpack it first")
    if reference.compression and not packed_by(start):
        # Some say so of files that were unpacked on the way.
        packed = ""
    part, image = _looked_at(replace(part, compression=packed))
    if image.format == "raw" and "vmdk" in reference.format.lower():
        raise InvalidInput(f"{href[:80]} is no VMware disk, though its description says so: "
                       "it is broken, or another file")  # fmt: skip
    return part, image


def _summed(part: FileSlice, around: _Around) -> FileSlice:
    """A file with its checksum, where one came with it. With holes, nobody knows of what it is."""
    if part.extents is not None:
        return part
    name = file_names.found(around.sums, part.label)
    return replace(part, digest=around.sums[name]) if name is not None else part


def _sums(raw: bytes, said: list[str]) -> dict[str, str]:
    """A manifest: file -> its digest. Lines that make no sense are said."""
    found: dict[str, str] = {}
    odd = 0
    for line in decoded(raw).splitlines():
        line = line.strip()
        if told := _CHECKSUM.fullmatch(line):
            found[told[2].strip()] = f"sha{told[1]}:{told[3].lower()}"
        elif told := _SUM.fullmatch(line):
            found[told[2].strip()] = f"{_KINDS[len(told[1])]}:{told[1].lower()}"
        elif line:
            odd += 1
    if odd:
        lines = "a line that makes" if odd == 1 else f"{odd} lines that make"
        said.append(f"its manifest has {lines} no sense: what they are of is not checked")
    return found


def _held(raw: bytes, name: str, sums: Mapping[str, str]) -> None:
    """Raises InvalidInput when the description is not what the manifest says."""
    kind, _, wanted = sums.get(name, "").partition(":")
    if kind and hashlib.new(kind, raw, usedforsecurity=False).hexdigest() != wanted:
        raise InvalidInput(f"{name} is not what its manifest says: it was changed, or is broken")

"""OVF, OVA and VMX with their disks: in files beside the descriptor, or in the same archive.

Only files that the descriptor names are used, and each is checked first.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from virttui.appliances import disk_assembly, file_names, tar_reader
from virttui.appliances.image_headers import DiskImage, examine, examine_head, plain_file
from virttui.model.errors import InvalidInput
from virttui.model.provision.appliance import Appliance
from virttui.model.provision.file_slice import FileSlice
from virttui.planning.imports import ovf, vmx
from virttui.planning.imports.encodings import decoded

_MAX_DESCRIPTION = 8 * 1024**2
_HEAD = 4 * 1024**2
"""Bytes to read of a disk that is compressed or split, to find its format."""
_MAX_FILES = 10_000
_CHECKSUM = re.compile(r"SHA-?(1|224|256|384|512)\s*\((.*)\)\s*=\s*([0-9a-f]+)", re.I)
_SUM = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})\s+\*?(\S.*)", re.I)
_KINDS = {40: "sha1", 64: "sha256", 128: "sha512"}
_COMPRESSIONS = (
    (b"\x1f\x8b\x08", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"), (b"PK\x03\x04", "zip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)  # fmt: skip


def compression_of(head: bytes) -> str:
    """Return the compression of a content by its first bytes, "" for none."""
    return next((name for mark, name in _COMPRESSIONS if head.startswith(mark)), "")


# -- VMX ---------------------------------------------------------------------------------------


def of_vmx(raw: bytes, path: str) -> Appliance:
    """Return the machine of a VMX file, with the disks beside it. Raises InvalidInput."""
    values = vmx.parse(decoded(raw))
    disks, notes = [], []
    for drive in vmx.drives(values):
        if drive.file:
            part = _examine_disk(_sibling(path, drive.file, drive.key))
            disks.append(replace(drive.disk, content=part[0], capacity=part[1].capacity,
                                 label=part[0].label))  # fmt: skip
        elif drive.disk.device == "disk":
            notes.append(f"{drive.key} names no file: it is left out")
        else:
            disks.append(drive.disk)
    machine = vmx.appliance(values, path, tuple(disks))
    return replace(machine, notes=(*notes, *machine.notes))


def _sibling(path: str, name: str, what: str) -> FileSlice:
    """Return a file beside the descriptor. Raises InvalidInput where there is none."""
    if not name or "/" in name or "\\" in name or name in (".", "..") or not name.isprintable():
        raise InvalidInput(
            f"{what} is in a file that is not beside it: {name[:80]!r}",
            advice="copy it into the same folder, and name it there without a path",
        )
    folder = Path(path).parent
    actual_name = file_names.find_name(_names(folder), name)
    file = folder / (actual_name if actual_name is not None else name)
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
            return [one.name for one, _ in zip(entries, range(_MAX_FILES), strict=False)]
    except OSError as error:
        raise InvalidInput(f"{folder}: {error.strerror}") from error


def _examine_disk(part: FileSlice) -> tuple[FileSlice, DiskImage]:
    """Return a disk with its format, from its header. Raises InvalidInput for one that must not
    be converted."""
    if not part.stored:
        raise InvalidInput(f"{part.label} is empty")
    try:
        if part.compression or part.next_slices:
            image = examine_head(*_head(part))
        elif part.offset or part.extents is not None:
            image = examine(part.path, part.offset, part.size, part.extents)
        else:
            image = examine(part.path)
    except InvalidInput as error:
        message = error.message
        raise InvalidInput(
            message if part.label in message else f"{part.label}: {message}"
        ) from error
    size = image.length if part.is_contiguous and not part.offset else part.size
    return replace(part, size=size, convert=image.format), image


def _head(part: FileSlice) -> tuple[bytes, int]:
    """Return the first bytes of a compressed or split disk, and its length as far as known."""
    head = disk_assembly.head(part, _HEAD)
    size = part.size + sum(one.size for one in part.next_slices)
    return head, len(head) if part.compression else size


# -- OVF ---------------------------------------------------------------------------------------


class _AvailableFiles(Struct, frozen=True):
    """The files beside a descriptor: their names, each as a slice, and their digests in
    ``sums``."""

    names: tuple[str, ...]
    part: Callable[[str, str], FileSlice]
    sums: Mapping[str, str]


def of_ovf(raw: bytes, path: str) -> Appliance:
    """Return the machine of an OVF file, with the disks beside it. Raises InvalidInput."""
    envelope = ovf.envelope(raw, path)
    names = tuple(_names(Path(path).parent))
    sums: dict[str, str] = {}
    notes: list[str] = []
    manifest = Path(path).with_suffix(".mf")
    if manifest.is_file() and not manifest.is_symlink():
        with manifest.open("rb") as file:
            sums = _checksums(file.read(_MAX_DESCRIPTION), notes)
        _check_description(raw, Path(path).name, sums)

    def part(name: str, what: str) -> FileSlice:
        return _sibling(path, name, what)

    return _with_disks(envelope, _AvailableFiles(names, part, sums), notes)


def of_ova(fd: int, path: str, members: Mapping[str, tar_reader.TarMember]) -> Appliance:
    """Return the machine of an OVA, a tar archive that begins with its descriptor. Raises
    InvalidInput."""
    files = {name: one for name, one in members.items()
           if not name.rpartition("/")[2].startswith("._")}  # fmt: skip
    descriptions = [name for name in files if name.lower().endswith(".ovf")]
    if len(descriptions) != 1:
        raise InvalidInput(
            f"it is not an OVA: it holds {len(descriptions)} descriptions of a machine"
        )
    name = descriptions[0]
    raw = tar_reader.content(fd, files[name], _MAX_DESCRIPTION)
    envelope = ovf.envelope(raw, path)
    sums: dict[str, str] = {}
    notes: list[str] = []
    manifest = files.get(name[: -len("ovf")] + "mf")
    if manifest is not None:
        sums = _checksums(tar_reader.content(fd, manifest, _MAX_DESCRIPTION), notes)
        _check_description(raw, name, sums)

    def part(file: str, what: str) -> FileSlice:
        member = files.get(file)
        if member is None:
            raise InvalidInput(f"it names a file that is not in it: {file[:80]!r}")
        return FileSlice(path, member.size, member.offset, member.extents, label=file)

    return _with_disks(envelope, _AvailableFiles(tuple(files), part, sums), notes)


def _with_disks(envelope: ovf.OvfEnvelope, files: _AvailableFiles, notes: list[str]) -> Appliance:
    """Return the machine of an envelope with its disks; their own headers override the envelope."""
    disks = []
    for disk in envelope.machine.disks:
        reference = envelope.files.get(disk.label)
        if reference is None:
            disks.append(disk)
            continue
        part, image = _file(reference, files, disk.label)
        if 0 < reference.size < part.stored:
            notes.append(f"{part.label} is longer than its description says")
        # How large a raw disk is that comes compressed, only the description says.
        capacity = 0 if part.compression and image.format == "raw" else image.capacity
        if not capacity and not disk.capacity and part.compression:
            raise InvalidInput(
                f"{part.label} is compressed, and the size of its disk is not stated"
            )
        disks.append(
            replace(disk, content=part, capacity=capacity or disk.capacity, label=part.label)
        )
    if not files.sums and envelope.files:
        notes.append("no checksums came with it: whether its disks are whole cannot be told")
    return replace(envelope.machine, disks=tuple(disks), notes=(*envelope.machine.notes, *notes))


def _file(reference: ovf.OvfFile, files: _AvailableFiles, key: str) -> tuple[FileSlice, DiskImage]:
    """Return the file that an envelope refers to, checked. Raises InvalidInput."""
    href = reference.href
    if "://" in href:
        raise InvalidInput(
            f"{href[:80]} is not beside it: fetch it first, and name it without a host"
        )
    name = file_names.find_name(files.names, href)
    names = [name] if name is not None else file_names.chunk_files(files.names, href)
    if not names and reference.chunk:
        raise InvalidInput(f"it names a file whose parts are not in it: {href[:80]!r}")
    first, *more = [_with_checksum(files.part(one, key), files) for one in names or [href]]
    part = replace(first, next_slices=tuple(more), label=href if more else first.label)
    if reference.size > part.stored and part.extents is None:
        raise InvalidInput(
            f"{href[:80]} is not as long as its description says: "
            "it was cut off, or is another file"
        )
    start = disk_assembly.head(part, 16)
    compression = reference.compression or compression_of(start)
    if compression not in ("", "gzip", "bzip2"):
        raise InvalidInput(f"{href[:80]} is compressed by {compression}: unpack it first")
    if reference.compression and not compression_of(start):
        # Some say so of files that were unpacked on the way.
        compression = ""
    part, image = _examine_disk(replace(part, compression=compression))
    if image.format == "raw" and "vmdk" in reference.format.lower():
        raise InvalidInput(f"{href[:80]} is not a VMware disk, though its description says so: "
                       "it is broken, or another file")  # fmt: skip
    return part, image


def _with_checksum(part: FileSlice, files: _AvailableFiles) -> FileSlice:
    """Return a file with its checksum, where there is one. With holes, it is unclear which bytes
    a checksum covers."""
    if part.extents is not None:
        return part
    name = file_names.find_name(files.sums, part.label)
    return replace(part, digest=files.sums[name]) if name is not None else part


def _checksums(raw: bytes, notes: list[str]) -> dict[str, str]:
    """Return a manifest's digests by file. Lines that make no sense add a note."""
    found: dict[str, str] = {}
    skipped = 0
    for line in decoded(raw).splitlines():
        line = line.strip()
        if match := _CHECKSUM.fullmatch(line):
            found[match[2].strip()] = f"sha{match[1]}:{match[3].lower()}"
        elif match := _SUM.fullmatch(line):
            found[match[2].strip()] = f"{_KINDS[len(match[1])]}:{match[1].lower()}"
        elif line:
            skipped += 1
    if skipped:
        lines = "a line that makes" if skipped == 1 else f"{skipped} lines that make"
        notes.append(f"its manifest has {lines} no sense: what they are of is not checked")
    return found


def _check_description(raw: bytes, name: str, sums: Mapping[str, str]) -> None:
    """Raise InvalidInput when the descriptor does not match its manifest."""
    kind, _, expected = sums.get(name, "").partition(":")
    if kind and hashlib.new(kind, raw, usedforsecurity=False).hexdigest() != expected:
        raise InvalidInput(f"{name} does not match its manifest: it was changed, or is broken")

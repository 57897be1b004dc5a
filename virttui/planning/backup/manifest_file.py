"""The manifest of a backup as the bytes of its file, and back; pure.

What is read may come from anybody who can write to the pool: every field is checked, names are
names of volumes and no paths, and a manifest that was changed does not agree with its checksum.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from virttui.model.backup.manifest import (
    FORMAT,
    VERSION,
    BackupCheck,
    BackupDisk,
    BackupKind,
    BackupManifest,
)
from virttui.model.errors import InvalidInput

MOST_BYTES = 8 * 1024**2
"""The most that a manifest may be long: a definition is some KiB."""
_ID = re.compile(r"\d{8}T\d{6}Z")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TARGET = re.compile(r"[A-Za-z0-9]{1,32}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

T = TypeVar("T")


def manifest_bytes(manifest: BackupManifest) -> bytes:
    """Return the file of a manifest, with its checksum."""
    signed = replace(manifest, sha256=_checksum(manifest))
    return msgspec.json.format(msgspec.json.encode(signed), indent=2) + b"\n"


def _checksum(manifest: BackupManifest) -> str:
    return sha256(msgspec.json.encode(replace(manifest, sha256=""), order="sorted")).hexdigest()


def read_manifest(data: bytes) -> BackupManifest:
    """Return the manifest of a file. Raises InvalidInput that says what is wrong with it."""
    head = _decoded(data, _Head)
    if head.format != FORMAT:
        raise InvalidInput("it is no manifest of a backup")
    if head.version != VERSION:
        raise InvalidInput(
            f"its version is {head.version}, and this program reads {VERSION}",
            advice="read it with the virttui that wrote it, or a newer one",
        )
    manifest = _decoded(data, BackupManifest)
    if manifest.sha256 != _checksum(manifest):
        raise InvalidInput("it was changed since it was written: its checksum does not agree")
    if problem := _problem(manifest):
        raise InvalidInput(problem)
    return manifest


class _Head(msgspec.Struct):
    format: str = ""
    version: int = 0


def _decoded(data: bytes, kind: type[T]) -> T:
    if len(data) > MOST_BYTES:
        raise InvalidInput("it is too long for a manifest")
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InvalidInput(f"it cannot be read: {error}") from error


def _problem(manifest: BackupManifest) -> str:
    """What no manifest of ours has, "" without."""
    if _ID.fullmatch(manifest.id) is None or _UUID.fullmatch(manifest.uuid) is None:
        return "its id or the UUID of its domain is none"
    if manifest.parent and _ID.fullmatch(manifest.parent) is None:
        return "the id of the backup before it is none"
    names = [*manifest.volumes, *(one.backing for one in manifest.disks if one.backing)]
    if not all(is_volume_name(name) for name in names):
        return "one of its volumes has a name that is none"
    if not manifest.disks or len({one.target for one in manifest.disks}) < len(manifest.disks):
        return "its disks are none, or the same twice"
    if problem := next((why for disk in manifest.disks if (why := _disk_problem(disk))), ""):
        return problem
    if bool(manifest.parent) != any(one.backing for one in manifest.disks):
        return "the backup before it and its disks do not agree"
    checksums = [one.sha256 for one in manifest.disks] + [one.sha256 for one in manifest.files]
    if not all(_SHA256.fullmatch(one) for one in checksums):
        return "a checksum is missing"
    return ""


def _disk_problem(disk: BackupDisk) -> str:
    if _TARGET.fullmatch(disk.target) is None:
        return "one of its disks has a name that is none"
    if (disk.kind is BackupKind.FULL) == bool(disk.backing):
        return f"{disk.target} is {disk.kind}, and what it lies on says otherwise"
    if disk.capacity <= 0 or disk.size <= 0:
        return f"the size of {disk.target} is none"
    return ""


def is_volume_name(name: str) -> bool:
    """Return true for the name of one file in a folder, without a way out of it."""
    return bool(name) and "/" not in name and name.isprintable() and name not in (".", "..")


def check_bytes(check: BackupCheck) -> bytes:
    """Return the file that says what a verification found."""
    return msgspec.json.format(msgspec.json.encode(check), indent=2) + b"\n"


def read_check(data: bytes) -> BackupCheck:
    """Return what a verification found. Raises InvalidInput."""
    return _decoded(data, BackupCheck)

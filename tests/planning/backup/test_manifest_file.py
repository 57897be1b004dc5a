"""A manifest is read back as it was written, and one that was tampered with is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from tests.planning.backup.examples import stored
from virttui.model.backup.manifest import BackupCheck, BackupManifest
from virttui.model.errors import InvalidInput
from virttui.planning.backup.manifest_file import (
    MOST_BYTES,
    check_bytes,
    manifest_bytes,
    read_check,
    read_manifest,
)

MANIFEST = stored(2, 1).manifest


def changed(**fields: Any) -> bytes:
    """A manifest with other fields, signed as a clever attacker would sign it."""
    return manifest_bytes(replace(MANIFEST, **fields))


def test_it_comes_back_as_it_was() -> None:
    read = read_manifest(manifest_bytes(MANIFEST))
    assert replace(read, sha256="") == MANIFEST
    text = json.loads(manifest_bytes(MANIFEST))
    assert (text["format"], text["version"]) == ("virttui-backup", 1)


def test_a_changed_byte_is_noticed() -> None:
    data = manifest_bytes(MANIFEST).replace(b'"domain": "web"', b'"domain": "wob"')
    with pytest.raises(InvalidInput, match="checksum does not agree"):
        read_manifest(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"format": "virttui-backup"}',
        b'{"format": "virttui-backup", "version": 2}',
        b'{"format": "virttui-backup", "version": 1}',
        b"\xff\xfe",
        b"[" * 100_000,
        b" " * (MOST_BYTES + 1),
        manifest_bytes(MANIFEST)[:-20],
    ],
)
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_manifest(data)


DISK = MANIFEST.disks[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "../../etc"},
        {"uuid": "web"},
        {"parent": "yesterday"},
        {"parent": ""},
        {"disks": ()},
        {"disks": (DISK, DISK)},
        {"disks": (replace(DISK, volume="../passwd"),)},
        {"disks": (replace(DISK, volume=".."),)},
        {"disks": (replace(DISK, volume="a\x1b[2J"),)},
        {"disks": (replace(DISK, backing="/etc/shadow"),)},
        {"disks": (replace(DISK, backing=""),)},
        {"disks": (replace(DISK, target="vda/../x"),)},
        {"disks": (replace(DISK, capacity=0),)},
        {"disks": (replace(DISK, size=-1),)},
        {"disks": (replace(DISK, sha256=""),)},
    ],
)
def test_what_no_manifest_of_ours_says_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        read_manifest(changed(**fields))


def test_what_a_verification_found_comes_back() -> None:
    check = BackupCheck("20261101T010000Z", 5.0, good=True, manifest="ab", lines=((True, "all"),))
    assert read_check(check_bytes(check)) == check
    with pytest.raises(InvalidInput):
        read_check(b"{}")
    assert isinstance(MANIFEST, BackupManifest)

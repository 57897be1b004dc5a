"""What images name in their headers, as QEMU writes them, and headers not to be believed."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from shutil import which

import pytest
from hypothesis import given
from hypothesis import strategies as st

from virttui.appliances.header_references import (
    NO_FILES,
    InvalidHeader,
    ReferencedFiles,
    referenced_files,
)

needs_qemu_img = pytest.mark.skipif(which("qemu-img") is None, reason="needs qemu-img")


def reading(data: bytes) -> Callable[[int, int], bytes]:
    return lambda place, length: data[place : place + length]


def references_of_image(folder: Path, name: str, *more: str) -> ReferencedFiles:
    """What an image names that qemu-img made."""
    line = ["qemu-img", "create", "-q", *more, name, "64M"]
    subprocess.run(line, check=True, cwd=folder)
    return referenced_files(reading((folder / name).read_bytes()))


@needs_qemu_img
@pytest.mark.parametrize(
    ("format", "more"),
    [
        ("qcow2", ()),
        ("qcow2", ("-o", "compat=0.10")),
        ("qcow2", ("-o", "cluster_size=2M")),
        ("qcow2", ("-o", "extended_l2=on,lazy_refcounts=on")),
        ("qcow", ()),
        ("qed", ()),
        ("vmdk", ()),
    ],
)
def test_what_an_image_lies_on(tmp_path: Path, format: str, more: tuple[str, ...]) -> None:
    base = "base.vmdk" if format == "vmdk" else "base.qcow2"
    kind = "vmdk" if format == "vmdk" else "qcow2"
    assert not references_of_image(tmp_path, base, "-f", kind).backing
    lies_on = references_of_image(tmp_path, "top", "-f", format, *more, "-F", kind, "-b", base)
    assert lies_on.backing == base


@needs_qemu_img
def test_where_the_data_of_an_image_is(tmp_path: Path) -> None:
    path = str(tmp_path / "ext.raw")
    told = references_of_image(
        tmp_path, "of.qcow2", "-f", "qcow2", "-o", f"data_file={path},data_file_raw=on"
    )
    assert told == ReferencedFiles(data=(path,))
    assert references_of_image(tmp_path, "plain.raw", "-f", "raw") == NO_FILES
    flat = references_of_image(
        tmp_path, "flat.vmdk", "-f", "vmdk", "-o", "subformat=monolithicFlat"
    )
    assert flat.data == ("flat-flat.vmdk",)


def qcow2(backing: int = 0, length: int = 0, features: int = 0, header: int = 104) -> bytes:
    head = struct.pack(">4sIQIIQ", b"QFI\xfb", 3, backing, length, 16, 1 << 20)
    return head.ljust(72, b"\0") + struct.pack(">QQQII", features, 0, 0, 4, header) + bytes(400)


@pytest.mark.parametrize(
    "data",
    [
        qcow2(backing=1 << 60, length=20),
        qcow2(backing=200, length=1 << 31),
        qcow2(backing=480, length=200),
        qcow2(features=4),
        qcow2(features=4, header=1 << 31),
        b"COWD" + bytes(100),
    ],
)
def test_a_header_that_cannot_be_followed_is_not_taken_for_nothing(data: bytes) -> None:
    with pytest.raises(InvalidHeader):
        referenced_files(reading(data))


@given(st.sampled_from([b"QFI\xfb", b"QED\0", b"KDMV", b"# Disk DescriptorFile", b""]), st.binary())
def test_any_bytes_are_read_or_refused(magic: bytes, rest: bytes) -> None:
    with suppress(InvalidHeader):
        referenced_files(reading(magic + rest))

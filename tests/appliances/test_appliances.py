"""OVA and OVF however they were packed: names, pieces, compression, holes, manifests, encodings."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import os
import subprocess
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.appliances.test_open_appliance import ova, vmdk
from tests.lab.appliances import OVF, VMX
from virttui.appliances.image_headers import examine
from virttui.appliances.open_appliance import open_appliance
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.provision.send_file_part import unpacked
from virttui.model.errors import InvalidInput
from virttui.model.provision.appliance import Appliance

MIB = 1024**2


@pytest.fixture
def disk(tmp_path: Path) -> bytes:
    """A VMware disk with something in it."""
    raw = os.urandom(3 * MIB) + bytes(5 * MIB)
    (tmp_path / "raw").write_bytes(raw)
    line = ["qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized"]
    subprocess.run([*line, str(tmp_path / "raw"), str(tmp_path / "made")], check=True)
    (tmp_path / "made").rename(tmp_path / "packed.vmdk")
    return (tmp_path / "packed.vmdk").read_bytes()


def text(href: str, size: int, more: str = "") -> bytes:
    return OVF.format(disk=href, size=size).replace("<File ", f"<File {more} ").encode()


def content(appliance: Appliance, folder: Path) -> bytes:
    """What its disk becomes, as it is when it is sent to a pool."""
    part = appliance.disks[0].content
    assert part is not None
    place = folder / "work"
    place.mkdir()
    made = unpacked(part, place, TaskControl(lambda progress: None))
    assert [one.name for one in place.iterdir()] == ["disk"]
    line = ["qemu-img", "convert", "-f", "qcow2", "-O", "raw", made.path, str(folder / "out")]
    subprocess.run(line, check=True)
    return (folder / "out").read_bytes()


def whole(appliance: Appliance, folder: Path) -> bool:
    found = hashlib.sha256(content(appliance, folder)).digest()
    return found == hashlib.sha256((folder / "raw").read_bytes()).digest()


# -- names -------------------------------------------------------------------------------------

UMLAUT = "größer.vmdk"


@pytest.mark.parametrize(
    ("href", "name"),
    [
        ("ubuntu%20disk.vmdk", "ubuntu disk.vmdk"),
        ("ubuntu%20disk.vmdk", "ubuntu%20disk.vmdk"),
        ("ubuntu disk.vmdk", "ubuntu%20disk.vmdk"),
        ("a+b.vmdk", "a+b.vmdk"),
        ("a%2Bb.vmdk", "a+b.vmdk"),
        ("a+b.vmdk", "a b.vmdk"),
        ("gr%C3%B6%C3%9Fer.vmdk", UMLAUT),
        (UMLAUT, unicodedata.normalize("NFD", UMLAUT)),
        (unicodedata.normalize("NFD", UMLAUT), UMLAUT),
        ("./a.vmdk", "a.vmdk"),
        ("100%.vmdk", "100%.vmdk"),
    ],
)
def test_an_href_names_the_file_that_is_meant(tmp_path: Path, href: str, name: str) -> None:
    image = vmdk(tmp_path).read_bytes()
    sums = f"SHA256({name})= {hashlib.sha256(image).hexdigest()}\n".encode()
    files = {"x.ovf": text(href, len(image)), "x.mf": sums, name: image}
    part = open_appliance(ova(tmp_path, files)).disks[0].content
    assert part is not None and part.digest.startswith("sha256:") and part.label == name
    folder = tmp_path / "beside"
    folder.mkdir()
    for called, data in files.items():
        (folder / called).write_bytes(data)
    part = open_appliance(str(folder / "x.ovf")).disks[0].content
    assert part is not None and part.digest and part.path == str(folder / name)


def test_of_two_files_that_could_be_meant_none_is_taken(tmp_path: Path) -> None:
    image = vmdk(tmp_path).read_bytes()
    files = {"x.ovf": text("a+b.vmdk", len(image)), "a b.vmdk": image, "a%20b.vmdk": image}
    with pytest.raises(InvalidInput, match=r"not in it: 'a\+b"):
        open_appliance(ova(tmp_path, files))
    with pytest.raises(InvalidInput, match="fetch it first"):
        open_appliance(ova(tmp_path, {**files, "x.ovf": text("https://h/a.vmdk", 1)}))


def test_a_file_that_is_longer_than_was_told_is_said_and_a_shorter_one_refused(
    tmp_path: Path,
) -> None:
    size = vmdk(tmp_path).stat().st_size
    (tmp_path / "x.ovf").write_bytes(text("a.vmdk", size - 1))
    assert (
        "a.vmdk is longer than its description says"
        in open_appliance(str(tmp_path / "x.ovf")).notes
    )
    (tmp_path / "x.ovf").write_bytes(text("a.vmdk", size + 1))
    with pytest.raises(InvalidInput, match="it was cut off"):
        open_appliance(str(tmp_path / "x.ovf"))


def test_what_macos_puts_beside_files_is_passed_over(tmp_path: Path) -> None:
    image = vmdk(tmp_path).read_bytes()
    files = {"._x.ovf": b"\0\5", "x.ovf": text("a.vmdk", len(image)), "._a.vmdk": b"\0\5",
             "a.vmdk": image}  # fmt: skip
    assert open_appliance(ova(tmp_path, files)).disks[0].capacity == 8 * MIB


# -- pieces, compression, holes ----------------------------------------------------------------


def chunked(data: bytes, size: int) -> dict[str, bytes]:
    count = -(-len(data) // size)
    return {f"a.vmdk.{n:09d}": data[n * size : (n + 1) * size] for n in range(count)}


@pytest.mark.parametrize("way", ["ova", "ovf"])
def test_a_disk_in_pieces_is_joined(tmp_path: Path, disk: bytes, way: str) -> None:
    pieces = chunked(disk, 1_000_000)
    assert len(pieces) == 4
    files = {"x.ovf": text("a.vmdk", len(disk), 'ovf:chunkSize="1000000"'), **pieces}
    sums = [f"SHA1({n})= {hashlib.sha1(d).hexdigest()}" for n, d in files.items()]
    files["x.mf"] = "\n".join(sums).encode()
    for called, data in files.items():
        (tmp_path / called).write_bytes(data)
    appliance = open_appliance(ova(tmp_path, files) if way == "ova" else str(tmp_path / "x.ovf"))
    part = appliance.disks[0].content
    assert part is not None and part.stored == len(disk) and appliance.disks[0].capacity == 8 * MIB
    assert whole(appliance, tmp_path)


def test_a_piece_that_is_missing_or_another_is_found(tmp_path: Path, disk: bytes) -> None:
    pieces = chunked(disk, 1_000_000)
    first = {"x.ovf": text("a.vmdk", len(disk), 'ovf:chunkSize="1000000"')}
    missing = {**first, **{n: d for n, d in pieces.items() if not n.endswith("2")}}
    with pytest.raises(InvalidInput, match="not as long"):
        open_appliance(ova(tmp_path, missing))
    with pytest.raises(InvalidInput, match="parts are not in it"):
        open_appliance(ova(tmp_path, first))
    sums = f"SHA1(a.vmdk.000000002)= {'0' * 40}".encode()
    appliance = open_appliance(ova(tmp_path, {**first, **pieces, "x.mf": sums}))
    with pytest.raises(InvalidInput, match=r"a\.vmdk\.000000002 does not match its checksum"):
        content(appliance, tmp_path)


@pytest.mark.parametrize(
    ("kind", "said"), [("gzip", 'ovf:compression="gzip"'), ("gzip", ""),
                       ("bzip2", 'ovf:compression="bzip2"'), ("both", 'ovf:compression="gzip"')]
)  # fmt: skip
def test_a_compressed_disk_is_unpacked(tmp_path: Path, disk: bytes, kind: str, said: str) -> None:
    packed = bz2.compress(disk) if kind == "bzip2" else gzip.compress(disk)
    if kind == "both":
        # Two members behind each other are one content.
        packed = gzip.compress(disk[:99]) + gzip.compress(disk[99:])
    files = {"x.ovf": text("a.vmdk", len(packed), said), "a.vmdk": packed}
    appliance = open_appliance(ova(tmp_path, files))
    assert appliance.disks[0].capacity == 8 * MIB and whole(appliance, tmp_path)


def test_a_compressed_disk_in_pieces_is_unpacked(tmp_path: Path, disk: bytes) -> None:
    packed = gzip.compress(disk)
    more = 'ovf:compression="gzip" ovf:chunkSize="700000"'
    appliance = open_appliance(
        ova(tmp_path, {"x.ovf": text("a.vmdk", len(packed), more), **chunked(packed, 700_000)})
    )
    assert whole(appliance, tmp_path)


def test_a_compressed_disk_that_is_broken_is_said(tmp_path: Path, disk: bytes) -> None:
    packed = gzip.compress(disk)
    files = {"x.ovf": text("a.vmdk", 0, 'ovf:compression="gzip"'), "a.vmdk": packed[:-100_000]}
    with pytest.raises(InvalidInput, match="is cut off"):
        content(open_appliance(ova(tmp_path, files)), tmp_path)
    odd = packed[:500] + b"\xff" * 500 + packed[1000:]
    with pytest.raises(InvalidInput, match="does not unpack"):
        open_appliance(ova(tmp_path, {"x.ovf": text("a.vmdk", 0, 'ovf:compression="gzip"'),
                              "a.vmdk": odd}))  # fmt: skip


def test_a_raw_disk_that_is_compressed_is_as_large_as_it_unpacks(tmp_path: Path) -> None:
    raw = os.urandom(MIB) + bytes(63 * MIB)
    (tmp_path / "raw").write_bytes(raw)
    description = text("a.img", 0, 'ovf:compression="gzip"').replace(b"vmdk.html", b"img.html")
    description = description.replace(b"www.vmware.com/interfaces/specifications/vmdk", b"x")
    appliance = open_appliance(ova(tmp_path, {"x.ovf": description.replace(b"vmdk", b"img"),
                                   "a.img": gzip.compress(raw)}))  # fmt: skip
    assert appliance.disks[0].capacity == 64 * MIB and whole(appliance, tmp_path)


@pytest.mark.parametrize("options", [("--format=gnu",), ("--format=posix",)])
def test_an_archive_with_holes_is_read(
    tmp_path: Path, disk: bytes, options: tuple[str, ...]
) -> None:
    line = ["qemu-img", "convert", "-f", "vmdk", "-O", "vmdk", "-o", "subformat=monolithicSparse"]
    made = tmp_path / "a.vmdk"
    subprocess.run([*line, str(tmp_path / "packed.vmdk"), str(made)], check=True)
    subprocess.run(["fallocate", "--dig-holes", str(made)], check=True)
    (tmp_path / "x.ovf").write_bytes(text("a.vmdk", made.stat().st_size))
    line = ["tar", "--sparse", *options, "-cf", "x.ova", "x.ovf", "a.vmdk"]
    subprocess.run(line, cwd=tmp_path, check=True)
    made.unlink()
    appliance = open_appliance(str(tmp_path / "x.ova"))
    assert appliance.disks[0].content is not None and appliance.disks[0].content.extents is not None
    assert whole(appliance, tmp_path)


def test_a_bomb_is_not_unpacked_beyond_what_is_free(
    tmp_path: Path, disk: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    appliance = open_appliance(
        ova(tmp_path, {"x.ovf": text("a.vmdk", 0), "a.vmdk": gzip.compress(disk)})
    )
    monkeypatch.setattr("virttui.appliances.disk_assembly._free", lambda path: 1000)
    with pytest.raises(InvalidInput, match="too little to unpack"):
        content(appliance, tmp_path)


def test_what_is_no_vmware_disk_is_not_taken_for_a_raw_one(tmp_path: Path) -> None:
    files = {"x.ovf": text("a.vmdk", 4096), "a.vmdk": b"<html>404".ljust(4096)}
    with pytest.raises(InvalidInput, match="not a VMware disk"):
        open_appliance(ova(tmp_path, files))
    with pytest.raises(InvalidInput, match="compressed by xz: unpack it first"):
        open_appliance(ova(tmp_path, {**files, "a.vmdk": b"\xfd7zXZ\0".ljust(4096)}))


# -- manifests and encodings -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (("SHA256({name})= {sha256}",), "sha256"),
        (("SHA512 ({name}) = {sha512}",), "sha512"),
        (("sha1({name})={sha1}",), "sha1"),
        (("{sha256}  {name}",), "sha256"),
        (("{sha256} *{name}",), "sha256"),
        (("# made by hand", "SHA256({name})= {sha256}"), "sha256"),
    ],
)
def test_manifests_of_all_kinds_are_read(
    tmp_path: Path, disk: bytes, lines: tuple[str, ...], kind: str
) -> None:
    name = "disk (1).vmdk"
    digests = {one: hashlib.new(one, disk).hexdigest() for one in ("sha1", "sha256", "sha512")}
    manifest = "\n".join(lines).format(name=name, **digests).encode()
    files = {"x.ovf": text("disk%20(1).vmdk", len(disk)), "x.mf": manifest, name: disk}
    appliance = open_appliance(ova(tmp_path, files))
    part = appliance.disks[0].content
    assert part is not None and part.digest == f"{kind}:{digests[kind]}"
    odd = any("manifest has a line" in one for one in appliance.notes)
    assert odd == (len(lines) > 1) and whole(appliance, tmp_path)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "cp1252"])
def test_descriptions_in_other_encodings_are_told_apart(tmp_path: Path, codec: str) -> None:
    vmdk(tmp_path)
    named = VMX.format(disk="a.vmdk").replace('"UTF-8"', f'"{codec}"').replace("packed", "Büro")
    (tmp_path / "x.vmx").write_bytes(named.encode(codec))
    xml = (
        f"<?xml version='1.0' encoding='{codec}'?>\n<domain type='qemu'><name>Büro</name></domain>"
    )
    (tmp_path / "x.xml").write_bytes(xml.encode(codec))
    envelope = OVF.format(disk="a.vmdk", size="").replace("UTF-8", codec).replace("packed", "Büro")
    (tmp_path / "x.ovf").write_bytes(envelope.encode(codec))
    for kind in ("vmx", "xml", "ovf"):
        appliance = open_appliance(str(tmp_path / f"x.{kind}"))
        assert appliance.name == "Büro" and "encoding" not in appliance.xml


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(b"x" * 99), bz2.compress(b"x" * 99), b"PK\3\4x"],
    ids=("gzip", "bzip2", "zip"),
)
def test_a_file_that_is_compressed_as_a_whole_is_said(tmp_path: Path, packed: bytes) -> None:
    for name in ("x.ova", "x.vmx"):
        (tmp_path / name).write_bytes(packed)
        with pytest.raises(InvalidInput, match=r"it is compressed by \w+: unpack it first"):
            open_appliance(str(tmp_path / name))


@pytest.mark.parametrize(
    "line",
    [
        "LC_ALL=C PATH=/bin HOME=/root QEMU_AUDIO_DRV=none /usr/bin/qemu -S -M pc -m 214",
        "LC_ALL=C \\\nPATH=/bin \\\n/usr/bin/qemu \\\n-S \\\n-M pc",
        "/usr/bin/qemu-system-x86_64 -m 1024",
    ],
)
def test_a_command_line_of_qemu_gets_its_advice(tmp_path: Path, line: str) -> None:
    (tmp_path / "x.args").write_text(line)
    with pytest.raises(InvalidInput, match=r"since 5\.5") as error:
        open_appliance(str(tmp_path / "x.args"))
    assert "make a machine with n" in error.value.advice


def test_an_empty_disk_of_a_vmx_is_left_out_and_said(tmp_path: Path) -> None:
    vmdk(tmp_path)
    more = 'sata0:1.present = "TRUE"\n'
    (tmp_path / "x.vmx").write_text(VMX.format(disk="a.vmdk") + more)
    appliance = open_appliance(str(tmp_path / "x.vmx"))
    assert len(appliance.disks) == 1 and "sata0:1 names no file: it is left out" in appliance.notes


def test_files_beside_are_found_in_any_spelling(tmp_path: Path) -> None:
    folder: Mapping[str, str] = {"NFC": "größer.vmdk", "NFD": unicodedata.normalize("NFD", UMLAUT)}
    vmdk(tmp_path).rename(tmp_path / folder["NFD"])
    (tmp_path / "x.vmx").write_text(VMX.format(disk=folder["NFC"]))
    part = open_appliance(str(tmp_path / "x.vmx")).disks[0].content
    assert part is not None and examine(part.path).format == "vmdk"

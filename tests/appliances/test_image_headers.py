"""Disk images are looked at before anything reads them: what names another file is refused."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from virttui.appliances.image_headers import examine
from virttui.model.errors import InvalidInput

MIB = 1024**2
DESCRIPTOR = """# Disk DescriptorFile
version=1
CID=fffffffe
parentCID=ffffffff
createType="{kind}"
{extents}
"""


def image(folder: Path, format: str, *options: str, name: str = "disk") -> str:
    path = str(folder / name)
    command = ["qemu-img", "create", "-q", "-f", format, *options, path, "8M"]
    subprocess.run(command, check=True, cwd=folder)
    return path


@pytest.mark.parametrize("format", ["vmdk", "qcow2", "vdi", "vpc", "raw"])
def test_an_image_is_told_by_its_first_bytes(tmp_path: Path, format: str) -> None:
    options = ("-o", "force_size=on") if format == "vpc" else ()
    found = examine(image(tmp_path, format, *options))
    assert found.format == format
    assert found.capacity == 8 * MIB and found.files == ()


def test_a_stream_optimized_disk_is_read_within_another_file(tmp_path: Path) -> None:
    path = Path(image(tmp_path, "vmdk", "-o", "subformat=streamOptimized"))
    whole = tmp_path / "whole"
    whole.write_bytes(b"x" * 512 + path.read_bytes() + b"y" * 100)
    found = examine(str(whole), 512, path.stat().st_size)
    assert (found.format, found.capacity) == ("vmdk", 8 * MIB)
    with pytest.raises(InvalidInput, match="shorter"):
        examine(str(whole), 512, path.stat().st_size + 1000)


@pytest.mark.parametrize("subformat", ["monolithicFlat", "twoGbMaxExtentSparse"])
def test_extents_beside_a_descriptor_are_part_of_it(tmp_path: Path, subformat: str) -> None:
    path = image(tmp_path, "vmdk", "-o", f"subformat={subformat}", name="disk.vmdk")
    found = examine(path)
    assert found.capacity == 8 * MIB and len(found.files) == 1
    assert Path(found.files[0]).parent == tmp_path


@pytest.mark.parametrize(
    ("extent", "why"),
    [
        ('RW 2048 FLAT "/etc/shadow" 0', "not beside it"),
        ('RW 2048 FLAT "../secret" 0', "not beside it"),
        ('RW 2048 FLAT "a\\..\\b" 0', "not beside it"),
        ('RW 2048 FLAT "nbd://host/x" 0', "not beside it"),
        ('RW 2048 FLAT "json:{}" 0', "not beside it"),
        ('RW 2048 FLAT "" 0', "not beside it"),
        ('RW 2048 VMFSRDM "disk-rdm.vmdk" 0', "device or a snapshot"),
        ('RW 2048 FLAT "there', "makes no sense"),
        ('RW 2048 FLAT "link" 0', "is a link"),
        ('RW 2048 FLAT "gone" 0', "No such file"),
        ('RW 2048 FLAT "folder" 0', "not a plain file"),
        ('RW 2048 SPARSE "there" 0', "not an extent"),
        ('RW 999999999999999999 ZERO\nRW 1 FLAT "there" 0', "larger than any disk"),
        ("", "names no extents"),
        ('parentFileNameHint="/etc/shadow"\nRW 2048 FLAT "there" 0', "needs another disk"),
    ],
)
def test_a_descriptor_that_leads_elsewhere_is_refused(
    tmp_path: Path, extent: str, why: str
) -> None:
    (tmp_path / "there").write_bytes(bytes(MIB))
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").mkdir()
    path = tmp_path / "disk.vmdk"
    path.write_text(DESCRIPTOR.format(kind="monolithicFlat", extents=extent))
    with pytest.raises(InvalidInput, match=why):
        examine(str(path))
    whole = tmp_path / "whole"
    whole.write_bytes(b"x" * 512 + path.read_bytes())
    with pytest.raises(InvalidInput):
        examine(str(whole), 512, path.stat().st_size)


def test_a_sparse_disk_whose_header_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    path = Path(image(tmp_path, "vmdk"))
    good = path.read_bytes()
    path.write_bytes(good[:12] + bytes(8) + good[20:])
    with pytest.raises(InvalidInput, match="names other files"):
        examine(str(path))
    place = good.index(b"createType")
    path.write_bytes(good[:place] + b'parentFileNameHint="/etc/shadow"\n' + good[place:])
    with pytest.raises(InvalidInput, match="needs another disk"):
        examine(str(path))
    path.write_bytes(b"COWD" + good[4:])
    with pytest.raises(InvalidInput, match="delta"):
        examine(str(path))


def test_a_qcow2_that_names_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "under").write_bytes(bytes(8 * MIB))
    lies = image(tmp_path, "qcow2", "-b", "under", "-F", "raw", name="overlay")
    with pytest.raises(InvalidInput, match="has a backing file, 'under'"):
        examine(lies)
    apart = image(tmp_path, "qcow2", "-o", "data_file=data.raw,data_file_raw=on", name="apart")
    with pytest.raises(InvalidInput, match="another file"):
        examine(apart)


@pytest.mark.parametrize("hole", [8, 72, 512, 4096])
def test_what_is_looked_at_is_what_qemu_gets(tmp_path: Path, hole: int) -> None:
    """A hole may move the header's bits away from where they are stored."""
    apart = Path(image(tmp_path, "qcow2", "-o", "data_file=data.raw,data_file_raw=on", name="a"))
    content = apart.read_bytes()
    # Its first bytes, a hole of zeros where zeros are, and the rest: stored, it looks harmless.
    zeros = next(at for at in range(64, len(content)) if not any(content[at : at + hole]))
    extents = ((0, zeros), (zeros + hole, len(content) - zeros - hole))
    stored = content[:zeros] + content[zeros + hole :]
    packed = tmp_path / "packed"
    packed.write_bytes(b"before" + stored + b"behind")
    with pytest.raises(InvalidInput, match="another file"):
        examine(str(packed), 6, len(content), extents)
    with pytest.raises(InvalidInput, match="shorter"):
        examine(str(packed), 6, len(content) + 100, (*extents, (len(content), 100)))


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(InvalidInput, match="not a plain file"):
            examine(str(path))


@given(
    st.binary(max_size=2048),
    st.sampled_from([b"", b"KDMV", b"QFI\xfb", b"conectix", b"# Disk DescriptorFile\n"]),
)
def test_any_bytes_are_an_image_or_refused(
    tmp_path_factory: pytest.TempPathFactory, rest: bytes, magic: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "image"
    path.write_bytes(magic + rest)
    try:
        found = examine(str(path))
    except InvalidInput:
        return
    assert found.files == () and 0 <= found.capacity <= 2**46

"""Archives are read member by member, and what must not be in one is refused."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virttui.appliances import tar_reader
from virttui.appliances.archive_writer import ArchiveWriter
from virttui.model.errors import InvalidInput

MIB = 1024**2


def read(path: Path) -> dict[str, tar_reader.TarMember]:
    fd = os.open(path, os.O_RDONLY)
    try:
        return tar_reader.members(fd)
    finally:
        os.close(fd)


def write_archive(path: Path, change: Callable[[tarfile.TarInfo], object], name: str = "a") -> Path:
    info = tarfile.TarInfo(name)
    info.size = 3
    change(info)
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(b"abc"))
    return path


def kind(value: bytes) -> Callable[[tarfile.TarInfo], object]:
    def change(info: tarfile.TarInfo) -> None:
        info.type, info.linkname = value, "/etc/shadow"
        info.size = 0

    return change


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "a//b", "a\\b", "a\nb"])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match=r"points outside it|cannot be written"):
        read(write_archive(tmp_path / "t", lambda info: None, name))


@pytest.mark.parametrize(
    "value", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_are_refused(tmp_path: Path, value: bytes) -> None:
    with pytest.raises(InvalidInput, match="a link or a device"):
        read(write_archive(tmp_path / "t", kind(value)))


def test_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "t", "w") as archive:
        for _ in range(2):
            info = tarfile.TarInfo("a.ovf")
            info.size = 3
            archive.addfile(info, io.BytesIO(b"abc"))
    with pytest.raises(InvalidInput, match="twice"):
        read(tmp_path / "t")


def test_a_size_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "t", lambda info: None)
    raw = path.read_bytes()
    info = tarfile.TarInfo("a")
    info.size = 2**40
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + raw[512:])
    with pytest.raises(InvalidInput, match="cut off"):
        read(path)
    path.write_bytes(raw[:700])
    assert read(path)["a"].size == 3
    path.write_bytes(raw[:514])
    with pytest.raises(InvalidInput, match="cut off"):
        read(path)
    path.write_bytes(raw[:148] + b"0000000\0" + raw[156:])
    with pytest.raises(InvalidInput, match="not a tar archive"):
        read(path)


def test_a_header_of_any_length_takes_no_memory(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 512 * MIB
    with (tmp_path / "t").open("wb") as file:
        file.write(info.tobuf(tarfile.USTAR_FORMAT))
        file.truncate(600 * MIB)
    with pytest.raises(InvalidInput, match="too long"):
        read(tmp_path / "t")


@given(st.binary(max_size=3000), st.integers(0, 2000), st.binary(min_size=1, max_size=20))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, rest: bytes, place: int, change: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "t"
    good = write_archive(path, lambda info: None).read_bytes()
    for raw in (rest, good[:place] + change + good[place + len(change) :]):
        path.write_bytes(raw)
        try:
            for member in read(path).values():
                assert member.offset + member.stored_size <= len(raw)
        except InvalidInput:
            pass


# -- what we write -----------------------------------------------------------------------------

PARTS = st.lists(
    st.tuples(st.booleans(), st.integers(1, 3 * MIB)).map(
        lambda one: (one[0], one[1] if one[0] else one[1] % 5000 + 1)
    ),
    max_size=6,
)


@settings(max_examples=20, deadline=None)
@given(PARTS)
def test_holes_come_back_where_they_were(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[bool, int]]
) -> None:
    """GNU tar, Python's and ours read the same out of it, and holes take no space."""
    folder = tmp_path_factory.mktemp("packed")
    whole = b"".join(bytes(n) if hole else os.urandom(n) for hole, n in parts)
    packer = ArchiveWriter(folder / "x.vtar")
    first = packer.add("first", b"text")
    into, place = packer.begin("disk.raw", len(whole)), 0
    for hole, length in parts:
        if hole:
            into.add_hole(length)
        else:
            into.add_data(whole[place : place + length])
        place += length
    packed = into.finish()
    packer.add("last", b"")
    length = packer.finish()
    # A hole begins at a whole block, so what is left of it is up to a block shorter.
    holes = sum(n for hole, n in parts if hole and n >= MIB + 512)
    assert length <= len(whole) - holes + 20_000
    assert (folder / "x.vtar").stat().st_mode & 0o777 == 0o600

    with tarfile.open(folder / "x.vtar") as archive:
        assert archive.getnames() == ["first", "disk.raw", "last"]
        archive.extract("disk.raw", folder / "python", filter="data")
    assert holds(folder / "python" / "disk.raw", whole)
    subprocess.run(["tar", "-xf", "x.vtar"], cwd=folder, check=True)
    assert holds(folder / "disk.raw", whole) and (folder / "first").read_text() == "text"

    member = read(folder / "x.vtar")["disk.raw"]
    found, stored = bytearray(member.size), (folder / "x.vtar").read_bytes()[member.offset :]
    for start, size in member.extents or ():
        found[start : start + size], stored = stored[:size], stored[size:]
    assert hashlib.sha256(found).digest() == hashlib.sha256(whole).digest()
    assert (
        packed.file_digest == hashlib.sha256(whole).hexdigest()
        and first.digest == first.file_digest
    )


def holds(path: Path, content: bytes) -> bool:
    """Whether a file holds this; said in one word, where it is megabytes."""
    return hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(content).digest()


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "x.vtar").write_text("mine")
    with pytest.raises(InvalidInput, match="there already"):
        ArchiveWriter(tmp_path / "x.vtar")
    packer = ArchiveWriter(tmp_path / "y.vtar")
    with pytest.raises(InvalidInput, match=r"y\.vtar\.part is there already"):
        ArchiveWriter(tmp_path / "y.vtar")
    (tmp_path / "y.vtar").write_text("came meanwhile")
    with pytest.raises(InvalidInput, match="meanwhile"):
        packer.finish()
    packer.abort()
    assert (tmp_path / "y.vtar").read_text() == "came meanwhile"
    assert not (tmp_path / "y.vtar.part").exists()
    with pytest.raises(InvalidInput, match="No such file"):
        ArchiveWriter(tmp_path / "nowhere" / "z.vtar")


def test_a_disk_that_is_full_leaves_nothing(tmp_path: Path) -> None:
    """Beyond what a process may write: the same error as of a full disk, without one."""
    code = f"""
import resource, signal
from pathlib import Path
from virttui.model.errors import InvalidInput
from virttui.appliances.archive_writer import ArchiveWriter
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000000, 1000000))
packer = ArchiveWriter(Path({str(tmp_path / "x.vtar")!r}))
into = packer.begin("vda.raw", 4000000)
try:
    for _ in range(8):
        into.add_data(b"x" * 500000)
except InvalidInput as error:
    packer.abort()
    print(error.message)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "the archive cannot be written: File too large" in done.stdout
    assert not list(tmp_path.iterdir())


# -- what others write -------------------------------------------------------------------------


def holey(path: Path) -> bytes:
    """A file with data in more places than one header has room for; its content."""
    with path.open("wb") as file:
        for number in range(40):
            file.seek(number * 128 * 1024)
            file.write(bytes([number + 1]) * 5000)
        file.truncate(6 * MIB)
    return path.read_bytes()


def content(archive: Path, member: tar_reader.TarMember) -> bytes:
    """What is in a member, its holes filled."""
    found, stored = bytearray(member.size), archive.read_bytes()[member.offset :]
    for start, size in ((0, member.size),) if member.extents is None else member.extents:
        found[start : start + size], stored = stored[:size], stored[size:]
    return bytes(found)


@pytest.mark.parametrize(
    "options",
    [
        ("--format=v7",),
        ("--format=ustar",),
        ("--format=oldgnu",),
        ("--format=gnu",),
        ("--format=posix",),
        ("--format=oldgnu", "--sparse"),
        ("--format=gnu", "--sparse"),
        *(("--format=posix", "--sparse", f"--sparse-version={n}") for n in ("0.0", "0.1", "1.0")),
    ],
    ids=" ".join,
)
def test_archives_of_every_form_of_gnu_tar_are_read(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    whole = holey(tmp_path / "disk.raw")
    (tmp_path / "x.ovf").write_text("text")
    subprocess.run(["tar", *options, "-cf", "x.ova", "x.ovf", "disk.raw"], cwd=tmp_path, check=True)
    found = read(tmp_path / "x.ova")
    assert list(found) == ["x.ovf", "disk.raw"]
    assert holds(tmp_path / "disk.raw", content(tmp_path / "x.ova", found["disk.raw"]))
    assert (found["disk.raw"].stored_size < len(whole)) == ("--sparse" in options)


@pytest.mark.parametrize("format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_and_large_numbers_are_read(tmp_path: Path, format: int) -> None:
    name = f"{'folder' * 30}/Festplatte größer.vmdk"
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.uid = 3, 2**40, 2**31
    with tarfile.open(tmp_path / "t", "w", format=format) as archive:
        archive.addfile(info, io.BytesIO(b"abc"))
        archive.addfile(tarfile.TarInfo("next"))
    found = read(tmp_path / "t")
    assert list(found) == [name, "next"] and found[name].size == 3


def test_a_name_in_latin_1_is_a_name(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "t", "w", format=tarfile.USTAR_FORMAT,
                      encoding="latin-1") as archive:  # fmt: skip
        archive.addfile(tarfile.TarInfo("größer.vmdk"))
    assert list(read(tmp_path / "t")) == ["größer.vmdk"]


def test_holes_are_limited_in_all_and_not_in_each_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holey(tmp_path / "a.raw")
    holey(tmp_path / "b.raw")
    line = ["tar", "--sparse", "--format=posix", "-cf", "t", "a.raw", "b.raw"]
    subprocess.run(line, cwd=tmp_path, check=True)
    monkeypatch.setattr(tar_reader, "MAX_EXTENTS", 41)
    with pytest.raises(InvalidInput, match="more holes in all"):
        read(tmp_path / "t")

"""Files that machines come in: told apart, and refused in words where they lead elsewhere."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.lab.appliances import OVF, VMX
from virttui.appliances import virt_v2v
from virttui.appliances.archive_writer import ArchiveWriter
from virttui.appliances.open_appliance import open_appliance
from virttui.appliances.qemu_img import convert, scratch
from virttui.model.errors import Cancelled, InvalidInput
from virttui.model.provision.appliance import Appliance, ApplianceFormat

DOMAIN = b"<domain type='qemu'><name>one</name><memory>1024</memory><devices/></domain>"


def vmdk(folder: Path, name: str = "a.vmdk") -> Path:
    command = ["qemu-img", "create", "-q", "-f", "vmdk", "-o", "subformat=streamOptimized"]
    subprocess.run([*command, str(folder / name), "8M"], check=True)
    return folder / name


def ova(folder: Path, files: Mapping[str, bytes]) -> str:
    with tarfile.open(folder / "x.ova", "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return str(folder / "x.ova")


def test_an_ova_is_read_where_it_lies(tmp_path: Path) -> None:
    disk = vmdk(tmp_path).read_bytes()
    text = OVF.format(disk="a.vmdk", size=len(disk)).encode()
    sums = f"SHA1(x.ovf)= {hashlib.sha1(text).hexdigest()}\nSHA1(a.vmdk)= {'0' * 40}\n".encode()
    appliance = open_appliance(ova(tmp_path, {"x.ovf": text, "x.mf": sums, "a.vmdk": disk}))
    part = appliance.disks[0].content
    assert part is not None and part.digest == f"sha1:{'0' * 40}" and part.convert == "vmdk"
    assert appliance.disks[0].capacity == 8 * 1024**2
    with scratch(str(tmp_path / "s")) as folder:
        convert(part, folder / "disk", lambda done, total: None)
        done = subprocess.run(
            ["qemu-img", "check", "-f", "qcow2", str(folder / "disk")], check=False
        )
        assert done.returncode == 0
    assert not list((tmp_path / "s").iterdir())


def test_a_manifest_of_any_length_is_not_read_whole(tmp_path: Path) -> None:
    disk = vmdk(tmp_path).read_bytes()
    (tmp_path / "x.ovf").write_text(OVF.format(disk="a.vmdk", size=len(disk)))
    with (tmp_path / "x.mf").open("wb") as file:
        file.truncate(1 << 40)
    said = " ".join(open_appliance(str(tmp_path / "x.ovf")).notes)
    assert "manifest has a line that makes no sense" in said and "no checksums" in said


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"x.ovf": "text", "b.vmdk": "disk"}, "not in it: 'a.vmdk'"),
        ({"x.ovf": "text", "y.ovf": "text", "a.vmdk": "disk"}, "2 descriptions"),
        ({"a.vmdk": "disk"}, "0 descriptions"),
        ({"x.ovf": "text", "x.mf": "SHA256(x.ovf)= 00", "a.vmdk": "disk"}, "changed, or is broken"),
        ({"x.ovf": "text", "a.vmdk": "less"}, "not as long"),
        ({"x.ovf": "text", "../a.vmdk": "disk"}, "points outside"),
    ],
)
def test_an_ova_that_makes_no_sense_is_refused(
    tmp_path: Path, files: dict[str, str], why: str
) -> None:
    disk = vmdk(tmp_path).read_bytes()
    text = OVF.format(disk="a.vmdk", size=len(disk)).encode()
    held = {"text": text, "disk": disk, "less": disk[:-1]}
    with pytest.raises(InvalidInput, match=why):
        open_appliance(
            ova(tmp_path, {name: held.get(one, one.encode()) for name, one in files.items()})
        )


@pytest.mark.parametrize(
    "name", ["/etc/shadow", "../a.vmdk", "sub/a.vmdk", "link.vmdk", "gone.vmdk"]
)
def test_a_vmx_names_only_what_is_beside_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "link.vmdk").symlink_to(vmdk(tmp_path))
    (tmp_path / "x.vmx").write_text(VMX.format(disk=name))
    with pytest.raises(InvalidInput, match=r"not beside it|is a link|No such file"):
        open_appliance(str(tmp_path / "x.vmx"))
    (tmp_path / "x.vmx").write_text(VMX.format(disk="a.vmdk"))
    assert open_appliance(str(tmp_path / "x.vmx")).disks[0].content is not None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"KDMV", "a disk, not a machine"),
        (b"\0" * 2000, "a disk, not a machine"),
        (b"/usr/bin/qemu-system-x86_64 -m 1024 -hda x", "since 5.5"),
        (b"hello", "not an OVA, OVF"),
        (b"<x/>", "not a definition of a machine"),
    ],
)
def test_other_files_are_refused_in_words(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(InvalidInput, match=why):
        open_appliance(str(tmp_path / "x"))
    with pytest.raises(InvalidInput, match="not a plain file"):
        open_appliance(str(tmp_path))


def test_files_of_each_kind_are_told_apart(tmp_path: Path) -> None:
    for name, content, wrapping in (
        ("a.xml", DOMAIN, ApplianceFormat.XML),
        ("a.conf", b"lxc.uts.name = box\n", ApplianceFormat.NATIVE),
        ("a.cfg", b"name = 'x'\ndisk = [ 'phy:/dev/vg/x,xvda,w' ]\n", ApplianceFormat.NATIVE),
    ):
        (tmp_path / name).write_bytes(content)
        assert open_appliance(str(tmp_path / name)).packaging is wrapping


def archive(folder: Path, **changes: object) -> str:
    path = folder / "x.vtar"
    path.unlink(missing_ok=True)
    packer = ArchiveWriter(path)
    first = packer.add("domain.xml", DOMAIN)
    into = packer.begin("vda.raw", 4096)
    into.add_data(b"x" * 4096)
    packed = into.finish()
    disk = {"target": "vda", "member": "vda.raw", "format": "raw", "capacity": 4096,
            "digest": f"sha256:{packed.digest}"}  # fmt: skip
    manifest: dict[str, object] = {
        "virttui-archive": 1,
        "definition": {"member": "domain.xml", "digest": f"sha256:{first.digest}"},
        "disks": [disk],
        **changes,
    }
    packer.add("manifest.json", json.dumps(manifest).encode())
    packer.finish()
    return str(path)


def test_an_archive_tells_its_machine(tmp_path: Path) -> None:
    appliance = open_appliance(archive(tmp_path))
    assert appliance.packaging is ApplianceFormat.ARCHIVE and appliance.name == "one"
    assert appliance.disks[0].target == "vda" and appliance.disks[0].content is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"virttui-archive": 2},
        {"disks": [{"target": "vda"}]},
        {"disks": [{"target": "vda", "member": "gone", "digest": "", "capacity": 1,
                    "format": "raw"}]},
        {"disks": [{"target": "vda", "member": "vda.raw", "digest": "md5:1", "capacity": 1,
                    "format": "raw"}]},
        {"disks": 7},
        {"definition": {"member": "domain.xml", "digest": "sha256:00"}},
        {"nvram": {"member": "vda.raw"}},
    ],
)  # fmt: skip
def test_an_archive_that_makes_no_sense_is_refused(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput, match=r"manifest|later version|checksum"):
        open_appliance(archive(tmp_path, **changes))


def test_a_conversion_that_is_ended_leaves_nothing(tmp_path: Path) -> None:
    class Ended(Exception):
        pass

    def end(done: int, total: int) -> None:
        raise Ended

    vmdk(tmp_path)
    (tmp_path / "x.vmx").write_text(VMX.format(disk="a.vmdk"))
    part = open_appliance(str(tmp_path / "x.vmx")).disks[0].content
    assert part is not None
    with pytest.raises(Ended), scratch(str(tmp_path / "s")) as folder:
        convert(part, folder / "disk", end)
    assert not list((tmp_path / "s").iterdir())
    stale = tmp_path / "s" / "virttui-import-left"
    stale.mkdir()
    with scratch(str(tmp_path / "s")) as mine, scratch(str(tmp_path / "s")) as other:
        assert not stale.exists() and mine.is_dir() and other.is_dir()


V2V = """#!/bin/sh
# What virt-v2v writes, of {result}.
for word; do [ "$last" = -os ] && out=$word; last=$word; done
echo '{{"message": "Copying disk 1/1", "type": "message"}}'
[ {result} = sleep ] && sleep 60
[ {result} = fails ] && echo 'virt-v2v: error: inspection could not detect it' >&2 && exit 1
qemu-img create -q -f qcow2 "$out/one-sda" 8M
echo "<domain type='kvm'><name>one</name><devices><disk type='file'><driver type='qcow2'/>\
<source file='$out/one-sda'/><target dev='vda' bus='virtio'/></disk></devices></domain>" \\
> "$out/one.xml"
"""


def v2v_here(folder: Path, monkeypatch: pytest.MonkeyPatch, result: str) -> Appliance:
    """A virt-v2v on the path: the real one wants a kernel of this machine's to work at all."""
    program = folder / "bin" / "virt-v2v"
    program.parent.mkdir()
    program.write_text(V2V.format(result=result))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    vmdk(folder)
    (folder / "x.vmx").write_text(VMX.format(disk="a.vmdk"))
    return open_appliance(str(folder / "x.vmx"))


def test_what_virt_v2v_makes_goes_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    appliance = v2v_here(tmp_path, monkeypatch, "makes")
    assert virt_v2v.available(appliance)
    said: list[str] = []
    with scratch(str(tmp_path / "s")) as folder:
        made = virt_v2v.convert(appliance, folder, said.append)
        assert made.packaging is ApplianceFormat.XML and "Copying disk 1/1" in said
        (disk,) = made.disks
        assert disk.target == "vda" and disk.content is not None and disk.content.delete_after_use
        assert disk.format == "qcow2" and Path(disk.content.path).parent == folder
    assert not list((tmp_path / "s").iterdir())


def test_virt_v2v_that_fails_or_is_ended_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    appliance = v2v_here(tmp_path, monkeypatch, "fails")
    with pytest.raises(InvalidInput, match="virt-v2v: inspection could not"):  # noqa: SIM117
        with scratch(str(tmp_path / "s")) as folder:
            virt_v2v.convert(appliance, folder, lambda words: None)
    (tmp_path / "bin" / "virt-v2v").write_text(V2V.format(result="sleep"))

    def end(words: str) -> None:
        if "Copying" in words:
            raise Cancelled("cancelled")

    with pytest.raises(Cancelled), scratch(str(tmp_path / "s")) as folder:
        virt_v2v.convert(appliance, folder, end)
    assert not list((tmp_path / "s").iterdir())

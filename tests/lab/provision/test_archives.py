"""Machines packed on a lab and brought back: whole, or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests, xml
from tests.lab.appliances import (
    MIB,
    WORDS,
    archived,
    cleared,
    module_lab,
    plan,
    pool_files,
    random_domain,
    run_import,
    start_import,
)
from tests.lab.daemon import Lab
from tests.lab.images import images
from tests.lab.processes import run, wait_until
from tests.patience import PATIENCE
from virttui.appliances.open_appliance import open_appliance
from virttui.model.commands import ArchiveArguments, Command, Verb
from virttui.model.provision.appliance import Appliance, ApplianceDisk, ApplianceFormat
from virttui.model.provision.file_slice import FileSlice
from virttui.model.tasks import TaskState
from virttui.persistence import provision_journal
from virttui.planning.imports.from_xml import appliance_from_xml

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with module_lab("archive") as lab:
        yield lab


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """State of its own: what is converted goes there, and must be gone again."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.fixture
def client(lab: Lab) -> Iterator[RecordingClient]:
    with cleared(lab) as client:
        yield client


def boots_by_uefi(raw: Path) -> None:
    """A sparse disk with a FAT file system that UEFI boots the lab's kernel from, by GRUB."""
    made, grub, menu = images(), raw.with_suffix(".efi"), raw.with_suffix(".cfg")
    menu.write_text(
        f"search --set=root --file /initramfs\nlinux /vmlinuz {WORDS}\ninitrd /initramfs\nboot\n"
    )
    run("grub-mkstandalone", "--format", "x86_64-efi", "--output", str(grub),
        f"boot/grub/grub.cfg={menu}", timeout=120)  # fmt: skip
    with raw.open("xb") as file:
        file.truncate(256 * MIB)
    run("mformat", "-i", str(raw), "-F", "-v", "PACKED", "::")
    run("mcopy", "-i", str(raw), str(made.kernel), "::vmlinuz")
    run("mcopy", "-i", str(raw), str(made.initramfs), "::initramfs")
    run("mmd", "-i", str(raw), "::EFI", "::EFI/BOOT")
    run("mcopy", "-i", str(raw), str(grub), "::EFI/BOOT/BOOTX64.EFI")
    grub.unlink()
    menu.unlink()


def machine(lab: Lab, name: str) -> None:
    """A machine with UEFI that is off: a raw disk with holes that boots, an overlay for data."""
    folder = guests.pool_folder(lab)
    boots_by_uefi(folder / f"{name}.raw")
    lab.virsh("vol-create-as default base.qcow2 64M --format qcow2")
    noise = os.urandom(3 * MIB)
    (folder / "noise").write_bytes(noise)
    run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", str(folder / "noise"),
        str(folder / "base.qcow2"))  # fmt: skip
    (folder / "noise").unlink()
    lab.virsh("pool-refresh", "default")
    lab.virsh("vol-create-as", "default", f"{name}-data.qcow2", "64M", "--format", "qcow2",
              "--backing-vol", "base.qcow2", "--backing-vol-format", "qcow2")  # fmt: skip
    lab.virsh("define", "/dev/stdin", text=f"""\
<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>384</memory>
  <vcpu>1</vcpu>
  <os firmware='efi'>
    <type arch='x86_64' machine='q35'>hvm</type>
    <firmware><feature enabled='no' name='enrolled-keys'/></firmware>
    <boot dev='hd'/>
  </os>
  <features><acpi/><apic/></features>
  <cpu mode='maximum'/>
  <devices>
    <disk type='file'><driver name='qemu' type='raw'/>
      <source file='{guests.POOL}/{name}.raw'/><target dev='vda' bus='virtio'/></disk>
    <disk type='volume'><driver name='qemu' type='qcow2'/>
      <source pool='default' volume='{name}-data.qcow2'/><target dev='vdb' bus='virtio'/></disk>
    <interface type='network'><source network='default'/><model type='virtio'/></interface>
    <serial type='pty'><log file='/var/log/libvirt/qemu/{name}-serial.log'/></serial>
    <console type='pty'/>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <graphics type='vnc' passwd='s3cret'/>
  </devices>
</domain>""")  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_an_archive_and_leaves_nothing(
    lab: Lab, client: RecordingClient, home: Path, number: signal.Signals
) -> None:
    random_domain(lab, "large", 256)
    client.wait(lambda: client.domain("large"), what="the machine is listed")
    file = home / "large.vtar"
    environment = {**os.environ, "XDG_STATE_HOME": str(home / "state")}
    command = [sys.executable, "-m", "virttui", "archive", "large", str(file), "-c", lab.uri]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # Where the tests run in the background, or under nohup, children are born deaf to some.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    ) as child:  # fmt: skip
        wait_until(lambda: bool(list(home.glob("large.vtar*"))), PATIENCE, "it begins", often=True)
        child.send_signal(number)
        told, complained = child.communicate()
    assert child.returncode == 128 + number, (told, complained)
    assert told.startswith("cancelled: large") and complained == ""
    assert (
        list(home.glob("*.vtar*")) == []
        and provision_journal.interrupted_journals(client.hosts[0]) == ()
    )


def test_what_is_said_of_a_broken_archive_is_so(new_lab: Callable[[str], Lab], home: Path) -> None:
    lab = new_lab("froze")
    random_domain(lab, "big", 512)
    file = home / "big.vtar"
    command = [sys.executable, "-m", "virttui", "archive", "big", str(file), "-c", lab.uri]
    with subprocess.Popen(
        command, env={**os.environ, "XDG_STATE_HOME": str(home / "state")},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        wait_until(lambda: bool(list(home.glob("big.vtar*"))), PATIENCE, "it begins", often=True)
        lab.freeze_daemon()
        try:
            told, complained = child.communicate()
        finally:
            lab.thaw_daemon()
    assert child.returncode == 1 and "failed: big" in told, (told, complained)
    assert list(home.glob("big.vtar*")) == [], "nothing is left"
    assert complained == f"virttui: nothing is left of {file}\n" and "nothing is left" not in told


def test_a_machine_comes_back_on_another_host(
    lab: Lab, new_lab: Callable[[str], Lab], home: Path
) -> None:
    far = new_lab("back")
    machine(lab, "uefi-01")
    lab.virsh("start", "uefi-01")
    guests.wait_booted(lab, "uefi-01")
    with listening(lab.uri, far.uri) as client:
        client.listed()
        client.listed(far.uri)
        file = home / "uefi-01.vtar"
        client.wait(lambda: client.is_in("uefi-01", "running"))
        running = archived(client, "uefi-01", file)
        assert "is running" in running.words and list(home.glob("*.vtar*")) == []
        lab.virsh("destroy", "uefi-01")
        nvram = (lab.folder / "lib/qemu/nvram/uefi-01_VARS.fd").read_bytes()
        task = archived(client, "uefi-01", file)
        assert task.state is TaskState.DONE, task
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.stat().st_size < 100 * MIB, "holes take no space"
        assert not [one for one in pool_files(lab) if one.startswith("virttui-")]
        readable(file, home / "unpacked")

        appliance = open_appliance(str(file))
        client.hosts = [far.uri]
        what = plan(client, appliance, name="uefi-02")
        task = run_import(client, what)
        assert task.state is TaskState.DONE, task
        assert same_content(lab, "uefi-01.raw", far, "uefi-02-vda.raw")
        assert same_content(lab, "base.qcow2", far, "uefi-02-vdb.qcow2")
        assert (far.folder / "lib/qemu/nvram/uefi-02_VARS.fd").read_bytes() == nvram
        sparse = (guests.pool_folder(far) / "uefi-02-vda.raw").stat()
        assert sparse.st_blocks * 512 < 100 * MIB, "holes stay holes"
        told = far.virsh("dumpxml", "--security-info", "uefi-02")
        assert "s3cret" in told and "s3cret" not in repr(what) + repr(appliance)
        far.virsh("start", "uefi-02")
        guests.wait_booted(far, "uefi-02")


def same_content(lab: Lab, one: str, far: Lab, other: str) -> bool:
    """Whether two images hold the same, as a guest sees it."""
    paths = [str(guests.pool_folder(host) / name) for host, name in ((lab, one), (far, other))]
    return subprocess.run(["qemu-img", "compare", "-U", *paths], check=False).returncode == 0


def readable(file: Path, folder: Path) -> None:
    """GNU tar and sha256sum read it."""
    folder.mkdir()
    run("tar", "-xf", str(file), "-C", str(folder))
    said = run("sh", "-c", f"cd {folder} && sha256sum -c SHA256SUMS")
    assert said.count(": OK") == 4, said
    assert (folder / "vda.raw").stat().st_size == 256 * MIB
    with tarfile.open(file) as tar:
        assert {"domain.xml", "vda.raw", "vdb.qcow2", "nvram.fd"} <= set(tar.getnames())


def test_what_is_broken_or_ended_leaves_nothing(
    lab: Lab, client: RecordingClient, home: Path
) -> None:
    random_domain(lab, "big", 256)
    client.wait(lambda: client.domain("big"))
    target = client.target("big")
    file = home / "big.vtar"
    id = client.fleet.submit([Command(Verb.ARCHIVE, target, ArchiveArguments(str(file)))])[0]
    client.wait(lambda: (home / "big.vtar.part").exists(), what="it has begun")
    client.fleet.cancel(id)
    assert client.done(id).state is TaskState.CANCELLED
    assert not list(home.glob("big.vtar*"))

    task = archived(client, "big", file)
    assert task.state is TaskState.DONE, task
    again = archived(client, "big", file)
    assert again.state is TaskState.FAILED and "there already" in again.words
    before = pool_files(lab)
    small = home / "small"
    small.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(small))
    try:
        full = archived(client, "big", small / "big.vtar")
        assert full.state is TaskState.FAILED and "64M free" in full.words, full
        assert not list(small.iterdir())
    finally:
        run("umount", str(small))

    what = plan(client, open_appliance(str(file)), name="again")
    id = start_import(client, what)
    client.wait(lambda: "again-vda.raw" in pool_files(lab), what="it has begun")
    client.fleet.cancel(id)
    assert client.done(id).state is TaskState.CANCELLED
    assert pool_files(lab) == before and "again" not in lab.virsh("list", "--all", "--name").split()

    with file.open("r+b") as archive:
        archive.seek(128 * MIB)
        archive.write(b"not what was there")
    broken = client.done(start_import(client, what))
    assert broken.state is TaskState.FAILED and "checksum" in broken.words, broken
    assert pool_files(lab) == before and "again" not in lab.virsh("list", "--all", "--name").split()


def test_a_daemon_that_dies_leaves_no_half_of_an_archive(
    new_lab: Callable[[str], Lab], home: Path
) -> None:
    lab = new_lab("dying")
    random_domain(lab, "big", 512)
    with listening(lab.uri) as client:
        client.listed()
        client.wait(lambda: client.domain("big"))
        command = Command(
            Verb.ARCHIVE, client.target("big"), ArchiveArguments(str(home / "big.vtar"))
        )
        id = client.fleet.submit([command])[0]
        client.wait(lambda: (home / "big.vtar.part").exists(), what="it has begun")
        lab.kill_daemon()
        task = client.done(id)
        assert task.state is TaskState.FAILED and "broke" in task.words, task
        client.wait(lambda: not list(home.glob("big.vtar*")), what="nothing is left of it")


def test_what_was_there_for_this_one_time_goes(
    lab: Lab, client: RecordingClient, home: Path
) -> None:
    image = home / "one-sda"
    run("qemu-img", "create", "-q", "-f", "qcow2", str(image), "8M")
    disk = """<disk type='file'><driver name='qemu' type='qcow2'/><source file='/x/one-sda'/>
      <target dev='vda' bus='virtio'/></disk>"""
    text = xml.still("one").replace("<devices>", f"<devices>{disk}")
    part = FileSlice(str(image), image.stat().st_size, label="one-sda", delete_after_use=True)
    appliance = appliance_from_xml(
        Appliance(ApplianceFormat.XML, "/x/one.ova", xml=text,
               disks=(ApplianceDisk(part, 8 * MIB, target="vda", format="qcow2"),))
    )  # fmt: skip
    task = run_import(client, plan(client, appliance, start="yes"))
    assert task.state is TaskState.DONE, task
    assert not image.exists() and "one-vda.qcow2" in pool_files(lab)


def test_a_pool_that_fills_up_leaves_nothing(lab: Lab, client: RecordingClient, home: Path) -> None:
    random_domain(lab, "big", 64)
    assert archived(client, "big", home / "big.vtar").state is TaskState.DONE
    lab.inside("mkdir", "-p", "/var/lib/libvirt/small")
    lab.inside("mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", "/var/lib/libvirt/small")
    try:
        lab.virsh("pool-create", "/dev/stdin", text=xml.pool("small", "/var/lib/libvirt/small"))
        small = client.wait(lambda: (one := client.pool("small")) and one.active and one)
        what = plan(client, open_appliance(str(home / "big.vtar")), name="again", pool="small")
        assert what.blocked and any("small has" in one.words for one in what.checks)
        task = client.done(start_import(client, what))
        assert task.state is TaskState.FAILED and "full" in task.words, task
        lab.virsh("pool-refresh", "small")
        assert not lab.virsh("vol-list", "small").strip() and small.name == "small"
        lab.virsh("pool-destroy", "small")
    finally:
        lab.inside("umount", "/var/lib/libvirt/small")

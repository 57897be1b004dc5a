"""Machines brought in from files on a lab, and packed: each ends in a guest that boots."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import skip_without_root
from tests.ears import Ears, listening
from virttui.definitions.creating import systems
from virttui.definitions.importing import arrival, described
from virttui.definitions.installing import Newborn
from virttui.model.commands import Command, Target, Verb
from virttui.model.founding import Surroundings
from virttui.model.identity import Key, Kind
from virttui.model.installing import Ground
from virttui.model.news import Ask, Question
from virttui.model.parcels import Arrival, FilePart, Native, Parcel, ParcelDisk, Wrapping
from virttui.model.tasks import Task, TaskState
from virttui.panes.grounds import ground
from virttui.panes.offering import macs
from virttui.panes.parcels import others
from virttui.panes.survey import Survey
from virttui.parcels.opening import opened

from . import guests, xml
from .daemon import Lab
from .images import bootable, images
from .processes import run

pytestmark = pytest.mark.lab

MIB = 1024**2
WORDS = f"console=ttyS0 {xml.BOOT_OPTIONS} hostname=packed"
OVF = """<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
 xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
 xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
 <References><File ovf:id="file1" ovf:href="{disk}" ovf:size="{size}"/></References>
 <DiskSection><Info/><Disk ovf:capacity="64" ovf:capacityAllocationUnits="byte * 2^20"
  ovf:diskId="vmdisk1" ovf:fileRef="file1"
  ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
 </DiskSection>
 <NetworkSection><Info/><Network ovf:name="VM Network"/></NetworkSection>
 <VirtualSystem ovf:id="packed"><Info/><Name>packed</Name>
  <OperatingSystemSection ovf:id="96"><Info/><Description>Debian 12</Description>
  </OperatingSystemSection>
  <VirtualHardwareSection><Info/>
   <Item><rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits>
    <rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType>
    <rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
   <Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>
    <rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType>
    <rasd:VirtualQuantity>256</rasd:VirtualQuantity></Item>
   <Item><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>lsilogic</rasd:ResourceSubType>
    <rasd:ResourceType>6</rasd:ResourceType></Item>
   <Item><rasd:AddressOnParent>0</rasd:AddressOnParent>
    <rasd:HostResource>ovf:/disk/vmdisk1</rasd:HostResource><rasd:InstanceID>4</rasd:InstanceID>
    <rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
   <Item><rasd:Connection>VM Network</rasd:Connection><rasd:InstanceID>5</rasd:InstanceID>
    <rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType>
   </Item>
   <Item ovf:required="false"><rasd:ElementName>sound</rasd:ElementName>
    <rasd:InstanceID>6</rasd:InstanceID><rasd:ResourceType>35</rasd:ResourceType></Item>
  </VirtualHardwareSection>
 </VirtualSystem>
</Envelope>
"""
VMX = """.encoding = "UTF-8"
config.version = "8"
virtualHW.version = "19"
displayName = "packed"
guestOS = "debian12-64"
memsize = "256"
numvcpus = "1"
sata0.present = "TRUE"
sata0:0.present = "TRUE"
sata0:0.fileName = "{disk}"
ethernet0.present = "TRUE"
ethernet0.connectionType = "nat"
ethernet0.virtualDev = "e1000"
ethernet0.generatedAddress = "00:0c:29:12:34:56"
uuid.bios = "56 4d 11 22 33 44 55 66-77 88 99 aa bb cc dd ee"
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    skip_without_root()
    with Lab(f"import-{os.getpid()}") as lab:
        guests.furnish_lab(lab)
        yield lab


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """State of its own: what is converted goes there, and must be gone again."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.fixture
def ears(lab: Lab) -> Iterator[Ears]:
    """A fleet on the lab; machines and volumes that a test made are gone after it."""
    volumes = files(lab)
    with listening(lab.uri) as ears:
        ears.listed()
        yield ears
    for name in lab.virsh("list", "--all", "--name").split():
        if name in lab.virsh("list", "--name").split():
            lab.virsh("destroy", name)
        lab.virsh("undefine", name, "--nvram")
    for name in files(lab) - volumes:
        (guests.pool_folder(lab) / name).unlink()
    lab.virsh("pool-refresh", "default")


def files(lab: Lab) -> set[str]:
    return {one.name for one in guests.pool_folder(lab).iterdir()}


def unpacked(home: Path) -> list[Path]:
    return list((home / "state").rglob("virttui-import-*"))


def place(ears: Ears) -> tuple[Ground, Survey, Newborn]:
    """What a host has for a machine that comes in."""
    host = ears.hosts[0]
    pool = ears.wait(lambda: (one := ears.pool("default")) and one.active and one)
    can = ears.answer(Question(Ask.CAN, Kind.HOST, Key(host, ""), len(ears.answers))).can
    asked = Question(Ask.VOLUMES, Kind.POOL, pool.key, len(ears.answers))
    survey = Survey(inventories=dict(ears.inventories),
                    volumes={pool.key: ears.answer(asked).volumes})  # fmt: skip
    newborn = Newborn(macs(survey))
    return ground(survey, ears.inventory(), *newborn(0), can, Surroundings()), survey, newborn


def plan(ears: Ears, parcel: Parcel, **given: str) -> Arrival:
    here, survey, newborn = place(ears)
    values = {"virt": "qemu", **{name.replace("_", " "): one for name, one in given.items()}}
    return arrival(values, parcel, here, systems(), others(survey), newborn)


def begun(ears: Ears, what: Arrival) -> int:
    target = Target(Kind.DOMAIN, Key(ears.hosts[0], what.uuid), what.recipe.name)
    return ears.fleet.submit([Command(Verb.MAKE, target, recipe=what.recipe)])[0]


def made(ears: Ears, what: Arrival) -> Task:
    assert not what.blocked, what.checks
    return ears.done(begun(ears, what), 120)


def disk(folder: Path, subformat: str, name: str = "packed-disk1.vmdk") -> Path:
    """A disk of VMware's that boots."""
    to = folder / name
    run("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", f"subformat={subformat}",
        str(bootable(WORDS)), str(to))  # fmt: skip
    return to


def ova(folder: Path) -> Path:
    """An OVA as VMware writes them: description, manifest, disk."""
    image = disk(folder, "streamOptimized")
    ovf = folder / "packed.ovf"
    ovf.write_text(OVF.format(disk=image.name, size=image.stat().st_size))
    sums = [f"SHA256({one.name})= {hashlib.sha256(one.read_bytes()).hexdigest()}"
            for one in (ovf, image)]  # fmt: skip
    (folder / "packed.mf").write_text("\n".join(sums) + "\n")
    with tarfile.open(folder / "packed.ova", "w", format=tarfile.USTAR_FORMAT) as tar:
        for one in (ovf, folder / "packed.mf", image):
            tar.add(one, one.name)
    return folder / "packed.ova"


def test_an_ova_becomes_a_guest_that_boots(lab: Lab, ears: Ears, home: Path) -> None:
    parcel = opened(str(ova(home)))
    what = plan(ears, parcel, start="yes")
    assert any("sound is left out" in check.words for check in what.checks)
    task = made(ears, what)
    assert task.state is TaskState.DONE and "and runs" in task.words, task
    guests.wait_booted(lab, "packed")
    told = lab.virsh("dumpxml", "packed")
    assert "volume='packed.qcow2'" in told and "type='qcow2'" in told
    assert not unpacked(home)


def test_a_vmx_becomes_a_guest_that_boots(lab: Lab, ears: Ears, home: Path) -> None:
    image = disk(home, "twoGbMaxExtentSparse", "packed.vmdk")
    file = home / "packed.vmx"
    file.write_text(VMX.format(disk=image.name))
    what = plan(ears, opened(str(file)), start="yes", name="from-vmx")
    task = made(ears, what)
    assert task.state is TaskState.DONE, task
    guests.wait_booted(lab, "from-vmx")
    told = lab.virsh("dumpxml", "from-vmx")
    assert "00:0c:29:12:34:56" in told and "564d1122-3344-5566-7788-99aabbccddee" in told


# -- archives ----------------------------------------------------------------------------------


def archived(ears: Ears, name: str, file: Path, host: str | None = None) -> Task:
    target = ears.wait(lambda: ears.domain(name, host)) and ears.target(name, host=host)
    command = Command(Verb.ARCHIVE, target, file=str(file))
    return ears.done(ears.fleet.submit([command])[0], 120)


def boots_by_uefi(raw: Path) -> None:
    """A sparse disk with a FAT file system that UEFI's shell boots the lab's kernel from."""
    made, script = images(), raw.with_name("startup.nsh")
    with raw.open("xb") as file:
        file.truncate(256 * MIB)
    script.write_text(f"fs0:\\vmlinuz.efi initrd=\\initramfs {WORDS}\n")
    run("mformat", "-i", str(raw), "-F", "-v", "PACKED", "::")
    run("mcopy", "-i", str(raw), str(made.kernel), "::vmlinuz.efi")
    run("mcopy", "-i", str(raw), str(made.initramfs), "::initramfs")
    run("mcopy", "-i", str(raw), str(script), "::startup.nsh")
    script.unlink()


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


def test_a_machine_comes_back_on_another_host(
    lab: Lab, new_lab: Callable[[str], Lab], home: Path
) -> None:
    far = new_lab("back")
    machine(lab, "uefi-01")
    lab.virsh("start", "uefi-01")
    guests.wait_booted(lab, "uefi-01")
    with listening(lab.uri, far.uri) as ears:
        ears.listed()
        ears.listed(far.uri)
        file = home / "uefi-01.vtar"
        ears.wait(lambda: ears.is_in("uefi-01", "running"))
        running = archived(ears, "uefi-01", file)
        assert "it runs" in running.words and list(home.glob("*.vtar*")) == []
        lab.virsh("destroy", "uefi-01")
        nvram = (lab.folder / "lib/qemu/nvram/uefi-01_VARS.fd").read_bytes()
        task = archived(ears, "uefi-01", file)
        assert task.state is TaskState.DONE, task
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.stat().st_size < 100 * MIB, "holes take no space"
        assert not [one for one in files(lab) if one.startswith("virttui-")]
        readable(file, home / "unpacked")

        parcel = opened(str(file))
        ears.hosts = [far.uri]
        what = plan(ears, parcel, name="uefi-02")
        task = made(ears, what)
        assert task.state is TaskState.DONE, task
        assert same(lab, "uefi-01.raw", far, "uefi-02-vda.raw")
        assert same(lab, "base.qcow2", far, "uefi-02-vdb.qcow2")
        assert (far.folder / "lib/qemu/nvram/uefi-02_VARS.fd").read_bytes() == nvram
        sparse = (guests.pool_folder(far) / "uefi-02-vda.raw").stat()
        assert sparse.st_blocks * 512 < 100 * MIB, "holes stay holes"
        told = far.virsh("dumpxml", "--security-info", "uefi-02")
        assert "s3cret" in told and "s3cret" not in repr(what) + repr(parcel)
        far.virsh("start", "uefi-02")
        guests.wait_booted(far, "uefi-02")


def same(lab: Lab, one: str, far: Lab, other: str) -> bool:
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


def data(lab: Lab, name: str, mib: int) -> None:
    """A machine that is off, with a disk of so many MiB of random bytes."""
    with (guests.pool_folder(lab) / f"{name}.raw").open("wb") as file:
        for _ in range(mib):
            file.write(os.urandom(MIB))
    lab.virsh("pool-refresh", "default")
    disk = f"""<disk type='file'><driver name='qemu' type='raw'/>
      <source file='{guests.POOL}/{name}.raw'/><target dev='vda' bus='virtio'/></disk>"""
    text = xml.still(name).replace("<devices>", f"<devices>{disk}")
    lab.virsh("define", "/dev/stdin", text=text)


def test_what_is_broken_or_ended_leaves_nothing(lab: Lab, ears: Ears, home: Path) -> None:
    data(lab, "big", 256)
    ears.wait(lambda: ears.domain("big"))
    target = ears.target("big")
    file = home / "big.vtar"
    id = ears.fleet.submit([Command(Verb.ARCHIVE, target, file=str(file))])[0]
    ears.wait(lambda: (home / "big.vtar.part").exists(), what="it has begun")
    ears.fleet.cancel(id)
    assert ears.done(id).state is TaskState.CANCELLED
    assert not list(home.glob("big.vtar*"))

    task = archived(ears, "big", file)
    assert task.state is TaskState.DONE, task
    again = archived(ears, "big", file)
    assert again.state is TaskState.FAILED and "there already" in again.words
    before = files(lab)
    small = home / "small"
    small.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(small))
    try:
        full = archived(ears, "big", small / "big.vtar")
        assert full.state is TaskState.FAILED and "64M free" in full.words, full
        assert not list(small.iterdir())
    finally:
        run("umount", str(small))

    what = plan(ears, opened(str(file)), name="again")
    id = begun(ears, what)
    ears.wait(lambda: "again-vda.raw" in files(lab), what="it has begun")
    ears.fleet.cancel(id)
    assert ears.done(id).state is TaskState.CANCELLED
    assert files(lab) == before and "again" not in lab.virsh("list", "--all", "--name").split()

    with file.open("r+b") as archive:
        archive.seek(128 * MIB)
        archive.write(b"not what was there")
    broken = ears.done(begun(ears, what))
    assert broken.state is TaskState.FAILED and "checksum" in broken.words, broken
    assert files(lab) == before and "again" not in lab.virsh("list", "--all", "--name").split()


def test_a_daemon_that_dies_leaves_no_half_of_an_archive(
    new_lab: Callable[[str], Lab], home: Path
) -> None:
    lab = new_lab("dying")
    data(lab, "big", 512)
    with listening(lab.uri) as ears:
        ears.listed()
        ears.wait(lambda: ears.domain("big"))
        command = Command(Verb.ARCHIVE, ears.target("big"), file=str(home / "big.vtar"))
        id = ears.fleet.submit([command])[0]
        ears.wait(lambda: (home / "big.vtar.part").exists(), what="it has begun")
        lab.kill_daemon()
        task = ears.done(id)
        assert task.state is TaskState.FAILED and "broke" in task.words, task
        ears.wait(lambda: not list(home.glob("big.vtar*")), what="nothing is left of it")


def test_what_was_there_for_this_one_time_goes(lab: Lab, ears: Ears, home: Path) -> None:
    image = home / "one-sda"
    run("qemu-img", "create", "-q", "-f", "qcow2", str(image), "8M")
    disk = """<disk type='file'><driver name='qemu' type='qcow2'/><source file='/x/one-sda'/>
      <target dev='vda' bus='virtio'/></disk>"""
    text = xml.still("one").replace("<devices>", f"<devices>{disk}")
    part = FilePart(str(image), image.stat().st_size, label="one-sda", spent=True)
    parcel = described(
        Parcel(Wrapping.XML, "/x/one.ova", xml=text,
               disks=(ParcelDisk(part, 8 * MIB, target="vda", format="qcow2"),))
    )  # fmt: skip
    task = made(ears, plan(ears, parcel, start="yes"))
    assert task.state is TaskState.DONE, task
    assert not image.exists() and "one-vda.qcow2" in files(lab)


def test_a_conversion_that_is_ended_or_has_no_room_leaves_nothing(
    lab: Lab, ears: Ears, home: Path
) -> None:
    with (home / "big.raw").open("wb") as file:
        for _ in range(512):
            file.write(os.urandom(MIB))
    run("qemu-img", "convert", "-f", "raw", "-O", "vmdk", str(home / "big.raw"),
        str(home / "big.vmdk"))  # fmt: skip
    (home / "packed.vmx").write_text(VMX.format(disk="big.vmdk"))
    before = files(lab)
    what = plan(ears, opened(str(home / "packed.vmx")))
    id = begun(ears, what)
    ears.wait(lambda: unpacked(home), what="it converts")
    ears.fleet.cancel(id)
    assert ears.done(id).state is TaskState.CANCELLED
    assert files(lab) == before and not unpacked(home)

    small = home / "small"
    small.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(small))
    try:
        tight = replace(what, recipe=replace(what.recipe, scratch=str(small)))
        task = ears.done(begun(ears, tight))
        assert task.state is TaskState.FAILED and "free" in task.words, task
        assert not list(small.iterdir()) and files(lab) == before
    finally:
        run("umount", str(small))


def test_a_pool_that_fills_up_leaves_nothing(lab: Lab, ears: Ears, home: Path) -> None:
    data(lab, "big", 64)
    assert archived(ears, "big", home / "big.vtar").state is TaskState.DONE
    lab.inside("mkdir", "-p", "/var/lib/libvirt/small")
    lab.inside("mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", "/var/lib/libvirt/small")
    try:
        lab.virsh("pool-create", "/dev/stdin", text=xml.pool("small", "/var/lib/libvirt/small"))
        small = ears.wait(lambda: (one := ears.pool("small")) and one.active and one)
        what = plan(ears, opened(str(home / "big.vtar")), name="again", pool="small")
        assert what.blocked and any("small has" in one.words for one in what.checks)
        task = ears.done(begun(ears, what))
        assert task.state is TaskState.FAILED and "full" in task.words, task
        lab.virsh("pool-refresh", "small")
        assert not lab.virsh("vol-list", "small").strip() and small.name == "small"
        lab.virsh("pool-destroy", "small")
    finally:
        lab.inside("umount", "/var/lib/libvirt/small")


# -- definitions and configurations ----------------------------------------------------------------


def test_a_definition_in_a_file_is_brought_in(lab: Lab, ears: Ears, home: Path) -> None:
    guests.define_guest(lab, "template", start=False)
    lab.virsh("pool-refresh", "default")
    text = lab.virsh("dumpxml", "--inactive", "template")
    changed = text.replace("<name>template<", "<name>by-file<").replace(
        "<source network='default'/>", "<source network='elsewhere'/>"
    )
    (home / "by-file.xml").write_text(changed)
    ears.wait(lambda: ears.domain("template"))
    parcel = opened(str(home / "by-file.xml"))
    what = plan(ears, parcel, start="yes")
    assert any("template has" in check.words for check in what.checks), "one disk for two"
    task = made(ears, what)
    assert task.state is TaskState.DONE, task
    guests.wait_booted(lab, "by-file")
    told = lab.virsh("dumpxml", "by-file")
    uuid, mac = lab.virsh("domuuid", "template").strip(), text.partition("mac address='")[2][:17]
    assert uuid not in told and mac not in told, "those are the other's"
    missing = changed.replace("template.qcow2", "nowhere.qcow2")
    (home / "by-file.xml").write_text(missing)
    what = plan(ears, opened(str(home / "by-file.xml")), name="again")
    assert what.blocked and any("nowhere.qcow2 is not there" in one.words for one in what.checks)


def test_a_containers_configuration_is_translated_by_its_host(lab: Lab, home: Path) -> None:
    guests.define_container(lab, "model", start=False)
    # libvirt reads no init of such a file, and starts the usual one.
    inside = lab.folder / "lib" / "containers" / "model"
    (inside / "sbin").mkdir()
    (inside / "sbin" / "init").write_text("#!/bin/sh\nexec sleep 1000\n")
    (inside / "sbin" / "init").chmod(0o755)
    root = "/var/lib/libvirt/containers/model"
    (home / "box.conf").write_text(
        f"lxc.uts.name = box\nlxc.rootfs.path = {root}\nlxc.init.cmd = /bin/sh\nlxc.arch = x86_64\n"
    )
    parcel = opened(str(home / "box.conf"))
    assert any("init" in line for line in parcel.told)
    native = Native(parcel.format, parcel.config)
    with listening(lab.lxc_uri, lab.uri) as ears:
        ears.listed()
        ears.listed(lab.uri)
        asked = [Question(Ask.NATIVE, Kind.HOST, Key(host, ""), 1, native=native)
                 for host in (lab.lxc_uri, lab.uri)]  # fmt: skip
        told = ears.answer(asked[0])
        assert "<domain type='lxc'>" in told.translated, told
        refused = ears.answer(asked[1]).trouble
        assert refused is not None and "reads no such" in refused.sentence
        here = Ground(lab.lxc_uri, "box host", lab.lxc_uri, "", container=True)
        what = arrival({}, described(replace(parcel, xml=told.translated)), here, systems(),
                       others(Survey()), Newborn(()))  # fmt: skip
        task = made(ears, replace(what, recipe=replace(what.recipe, start=True)))
        assert task.state is TaskState.DONE and "and runs" in task.words, task
        lab.virsh("-c", lab.lxc_uri, "destroy", "box")
        lab.virsh("-c", lab.lxc_uri, "undefine", "box")


# -- without a screen ------------------------------------------------------------------------------


def headless(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}
    command = [sys.executable, "-m", "virttui", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False,
                          env=environment)  # fmt: skip


def test_machines_come_in_and_go_out_without_a_screen(lab: Lab, ears: Ears, home: Path) -> None:
    (home / "packed.vmx").write_text(VMX.format(disk=disk(home, "monolithicSparse").name))
    words = ("import", str(home / "packed.vmx"), "-c", lab.uri)
    wrong = headless(home, *words, "--set", "shape=round")
    assert wrong.returncode == 1 and "shape is no field; there are: name" in wrong.stderr
    dry = headless(home, *words, "--dry-run")
    assert dry.returncode == 0 and "convert packed-disk1.vmdk" in dry.stdout, dry
    assert "packed" not in lab.virsh("list", "--all", "--name")
    made = headless(home, *words, "--set", "name=box", "--set", "network-1=none")
    assert made.returncode == 0 and "done: box is made, with 1 volume" in made.stdout, made
    out = headless(home, "archive", "box", str(home / "box.vtar"), "-c", lab.uri)
    assert out.returncode == 0 and "done: box is in" in out.stdout, out
    again = headless(home, "import", str(home / "box.vtar"), "-c", lab.uri, "--set", "uuid=keep")
    assert again.returncode == 1 and "has its UUID" in again.stdout, again
    gone = headless(home, "import", str(home / "gone.ova"), "-c", lab.uri)
    assert gone.returncode == 1 and "No such file" in gone.stderr

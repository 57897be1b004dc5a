"""What a host makes of a machine that comes in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from virttui.definitions.creating import systems
from virttui.definitions.importing import arrival, described, wants
from virttui.definitions.installing import Newborn
from virttui.model.disks import Shelf
from virttui.model.documents import Value
from virttui.model.errors import BadInput
from virttui.model.identity import Key
from virttui.model.installing import Ground, Level
from virttui.model.inventory import Volume
from virttui.model.machines import HostCan
from virttui.model.parcels import (
    Arrival,
    FilePart,
    Others,
    Parcel,
    ParcelDisk,
    ParcelNic,
    Wrapping,
)
from virttui.model.volumes import Room

GIB = 1024**3
CAN = HostCan(
    emulator="/usr/bin/qemu-system-x86_64", machine="pc-q35-7.2",
    machines=("q35", "pc-q35-7.2", "pc", "pc-i440fx-7.2"), max_vcpus=64,
    firmwares=frozenset({"bios", "efi"}),
    values=(("loader/value", ("/usr/share/OVMF/CODE.fd",)), ("tpm/backendModel", ("emulator",)),
            ("graphics/type", ("vnc", "egl-headless"))),
)  # fmt: skip
POOL = Shelf(
    Key("h", "p"), "default", Room("dir", 50 * GIB, (Volume("old.qcow2", "/i/old.qcow2"),))
)
THIN = Shelf(Key("h", "v"), "vg", Room("logical", GIB))
GROUND = Ground(
    "h", "kvm01", "qemu:///system", "", pools=(POOL, THIN),
    networks=(Value("default", "nat"), Value("lab", "is off now")), names=frozenset({"taken"}),
    elsewhere=(("twin", "kvm02"),), can=CAN,
)  # fmt: skip
PART = FilePart("/x/a.vmdk", GIB, convert="vmdk", label="a.vmdk")
WINDOWS = Parcel(
    Wrapping.VMX, "/x/a.vmx", name="desk", uuid="564d1122-3344-5566-7788-99aabbccddee", os="win10",
    os_words="windows9-64", vcpus=4, memory=4 * GIB, firmware="uefi", tpm=True,
    disks=(ParcelDisk(PART, 20 * GIB, "scsi", label="a.vmdk"), ParcelDisk(device="cdrom")),
    nics=(ParcelNic("VM Network", "vmxnet3", "00:0c:29:00:00:01"),),
    told=("sound card is left out",),
)  # fmt: skip
DEFINITION = """<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>db</name>
  <uuid>11111111-2222-3333-4444-555555555555</uuid>
  <memory unit='GiB'>1</memory>
  <vcpu>2</vcpu>
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <loader readonly='yes' type='pflash'>/usr/share/OVMF/CODE.fd</loader>
    <nvram>/var/lib/libvirt/qemu/nvram/db_VARS.fd</nvram></os>
  <cpu mode='host-passthrough' check='none' migratable='on'/>
  <devices>
    <emulator>/usr/libexec/qemu-kvm</emulator>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
      <source file='/srv/db.qcow2'/><target dev='vda' bus='virtio'/></disk>
    <disk type='file' device='cdrom'><source file='/iso/x.iso'/>
      <target dev='sda' bus='sata'/></disk>
    <interface type='network'><mac address='52:54:00:00:00:09'/>
      <source network='prod' portid='77777777-2222-3333-4444-555555555555'/></interface>
  </devices>
</domain>"""
ARCHIVE = described(
    Parcel(
        Wrapping.ARCHIVE, "/x/db.vtar", xml=DEFINITION,
        disks=(ParcelDisk(FilePart("/x/db.vtar", GIB, 512, label="vda.qcow2"), 10 * GIB,
                          target="vda", format="qcow2"),),
        nvram=FilePart("/x/db.vtar", 1000, 512, label="nvram.fd"), nvram_path="/n/db_VARS.fd",
        loader="/usr/share/OVMF/CODE.fd",
    )
)  # fmt: skip
NOBODY = Others()
KNOWN = systems([Path("/nowhere")])


def made(parcel: Parcel, ground: Ground = GROUND, others: Others = NOBODY, **given: str) -> Arrival:
    values = {name.replace("_", " "): value for name, value in given.items()}
    return arrival(values, parcel, ground, KNOWN, others, Newborn(()))


def said(what: Arrival, level: Level | None = None) -> str:
    return "\n".join(f"{one.words} {one.fix}" for one in what.checks if level in (None, one.level))


def test_a_windows_gets_what_it_has_drivers_for() -> None:
    what = made(WINDOWS)
    xml = what.recipe.xml
    assert "bus='sata'" in xml and "<model type='e1000e'/>" in xml and "firmware='efi'" in xml
    assert "no qemu-img" in said(made(replace(WINDOWS, lacks="no qemu-img")), Level.BLOCKER)
    assert "tpm" in xml and "00:0c:29:00:00:01" in xml and WINDOWS.uuid in xml
    assert "bus='virtio'" not in xml
    assert "7B" in said(what) and "sound card is left out" in said(what)
    step = what.recipe.volumes[0]
    assert step.new.name == "desk.qcow2" and step.part is not None and step.part.into == "qcow2"
    assert "qemu-img convert -f vmdk -O qcow2 a.vmdk desk.qcow2 && virsh -c" in what.recipe.line
    assert "convert a.vmdk and upload it as desk.qcow2 in default" in what.recipe.words


def test_what_was_chosen_is_kept_to() -> None:
    what = made(
        WINDOWS, pool="vg", bus="ide", network_1="none", uuid="new", macs="new", start="yes"
    )
    step = what.recipe.volumes[0]
    assert step.part is not None and step.part.into == "raw" and step.new.name == "desk"
    assert "bus='ide'" in what.recipe.xml and "<interface" not in what.recipe.xml
    assert WINDOWS.uuid not in what.recipe.xml and what.recipe.start
    assert what.blocked and "vg has 1024 MiB free" in said(what, Level.BLOCKER)


def test_who_is_there_already_is_told_apart() -> None:
    there = Others({WINDOWS.uuid: "desk on kvm02"}, {"00:0c:29:00:00:01": "desk on kvm02"})
    values = {one.name: one.value for one in wants({}, WINDOWS, GROUND, KNOWN, there)}
    assert values["uuid"] == "new" and values["macs"] == "new"
    kept = made(WINDOWS, others=there, uuid="keep", macs="keep")
    assert "desk on kvm02 has its UUID" in said(kept, Level.WARNING)
    assert "has the MAC address" in said(kept, Level.WARNING)
    here = Others({WINDOWS.uuid: "desk on kvm01"})
    assert "desk on kvm01 has its UUID" in said(
        made(WINDOWS, others=here, uuid="keep"), Level.BLOCKER
    )
    assert "that name too" in said(made(replace(WINDOWS, name="twin")))
    assert made(replace(WINDOWS, name="taken")).recipe.name == "taken-clone"
    with pytest.raises(BadInput, match="already"):
        made(WINDOWS, name="taken")


def test_an_archive_is_changed_where_its_host_is_another() -> None:
    what = made(ARCHIVE, replace(GROUND, can=replace(CAN, virt="qemu")), name="db2")
    xml = what.recipe.xml
    assert "<name>db2</name>" in xml and "type='qemu'" in xml and "mode='maximum'" in xml
    assert "/usr/bin/qemu-system-x86_64" in xml and "qemu-kvm" not in xml
    assert "db2_VARS.fd" in xml and what.recipe.nvram is not None
    assert what.recipe.nvram.path == "/var/lib/libvirt/qemu/nvram/db2_VARS.fd"
    assert "network='default'" in xml and "portid" not in xml
    assert "/srv/db.qcow2" not in xml and "volume='db2-vda.qcow2'" in xml
    assert "x.iso" not in xml and "drive sda is empty here" in what.lines
    assert "52:54:00:00:00:09" in xml and "11111111-2222-3333-4444-555555555555" in xml
    assert not what.blocked, said(what)


@pytest.mark.parametrize(
    ("old", "new", "level", "words"),
    [
        ("pc-q35-7.2", "pc-q35-99", Level.BLOCKER, "no machine type pc-q35-99"),
        ("<vcpu>2<", "<vcpu>200<", Level.BLOCKER, "64 vCPUs at most"),
        ("type='kvm'", "type='xen'", Level.BLOCKER, "it is for xen"),
        ("OVMF/CODE.fd", "OVMF/OTHER.fd", Level.WARNING, "boots with /usr/share/OVMF/OTHER.fd"),
        ("/srv/db.qcow2", "/i/gone.qcow2", Level.BLOCKER, "/i/gone.qcow2 is not there"),
        ("/srv/db.qcow2", "/etc/shadow", Level.WARNING, "disk vda is /etc/shadow"),
        ("</devices>", "</devices><qemu:commandline><qemu:arg value='-x'/></qemu:commandline>",
         Level.WARNING, "arguments of its own: -x"),
        ("</devices>", "<filesystem type='mount'><source dir='/'/><target dir='r'/></filesystem>"
         "</devices>", Level.WARNING, "the folder / of kvm01"),
        ("</devices>", "<hostdev mode='subsystem'/></devices>", Level.WARNING, "their addresses"),
        ("</devices>", "<serial type='pty'><log file='/etc/cron.d/x'/></serial></devices>",
         Level.WARNING, "writes to /etc/cron.d/x"),
        ("</devices>", "<graphics type='spice' autoport='yes'/></devices>", Level.BLOCKER,
         "kvm01 has no SPICE"),
        ("</devices>", "<redirdev bus='usb' type='spicevmc'/></devices>", Level.BLOCKER,
         "kvm01 has no SPICE"),
        ("<nvram>", "<nvram template='/etc/shadow'>", Level.WARNING, "made of /etc/shadow"),
    ],
)  # fmt: skip
def test_what_a_host_lacks_is_said_before(old: str, new: str, level: Level, words: str) -> None:
    parcel = described(Parcel(Wrapping.XML, "/x/db.xml", xml=DEFINITION.replace(old, new)))
    assert words in said(made(parcel), level), said(made(parcel))


def test_the_nvram_of_a_hostile_archive_goes_where_libvirt_keeps_it() -> None:
    for path in ("/etc/cron.d/x", "/etc/../etc/cron.d/x", "relative", "/x/nvram/../y"):
        text = DEFINITION.replace("/var/lib/libvirt/qemu/nvram/db_VARS.fd", path)
        what = made(replace(ARCHIVE, xml=text))
        assert what.recipe.nvram is not None and "cron" not in what.recipe.xml
        assert what.recipe.nvram.path == "/var/lib/libvirt/qemu/nvram/db_VARS.fd"
    home = "/home/a/.config/libvirt/qemu/nvram"
    text = DEFINITION.replace("/var/lib/libvirt/qemu/nvram", home)
    nvram = made(replace(ARCHIVE, xml=text)).recipe.nvram
    assert nvram is not None and nvram.path == f"{home}/db_VARS.fd"


def test_what_a_console_shares_with_its_serial_port_is_said_once() -> None:
    log = "<serial type='pty'><log file='/var/log/x.log'/></serial>"
    console = log.replace("serial", "console")
    xml = DEFINITION.replace("</devices>", f"{log}{console}</devices>")
    what = made(described(replace(ARCHIVE, xml=xml)), pool="default")
    assert said(what).count("/var/log/x.log") == 1


def test_the_name_it_has_there_is_said_beside_the_usual_one_alone() -> None:
    taken = replace(WINDOWS, name="taken")
    usual, *_ = wants({}, taken, GROUND, KNOWN, NOBODY)
    assert "taken is on kvm01 already" in usual.note and usual.value == "taken-clone"
    other, *_ = wants({"name": "back"}, taken, GROUND, KNOWN, NOBODY)
    assert "already" not in other.note

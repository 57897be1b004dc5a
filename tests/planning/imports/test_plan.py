"""What a host makes of a machine that comes in."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from virttui.libvirtxml.parse import root_of
from virttui.libvirtxml.schema.validate import validate
from virttui.model.documents import Option
from virttui.model.domains.disk_jobs import TargetPool
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Volume
from virttui.model.provision.appliance import (
    Appliance,
    ApplianceDisk,
    ApplianceFormat,
    ApplianceNic,
    ExistingIds,
    ImportPlan,
)
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import HostCapabilities
from virttui.model.provision.file_slice import FileSlice
from virttui.model.severity import Severity
from virttui.model.volumes import PoolContext
from virttui.planning.imports.fields import form_fields
from virttui.planning.imports.from_xml import appliance_from_xml
from virttui.planning.imports.plan import plan
from virttui.planning.new_ids import IdGenerator
from virttui.planning.osinfo.catalog import os_catalog

GIB = 1024**3
CAN = HostCapabilities(
    emulator="/usr/bin/qemu-system-x86_64", machine="pc-q35-7.2",
    machines=("q35", "pc-q35-7.2", "pc", "pc-i440fx-7.2"), max_vcpus=64,
    firmwares=frozenset({"bios", "efi"}),
    values=(("loader/value", ("/usr/share/OVMF/CODE.fd",)), ("tpm/backendModel", ("emulator",)),
            ("graphics/type", ("vnc", "egl-headless"))),
)  # fmt: skip
POOL = TargetPool(
    ObjectId("h", "p"),
    "default",
    PoolContext("dir", 50 * GIB, (Volume("old.qcow2", "/i/old.qcow2"),)),
)
THIN = TargetPool(ObjectId("h", "v"), "vg", PoolContext("logical", GIB))
CONTEXT = CreateContext(
    "h", "kvm01", "qemu:///system", "", pools=(POOL, THIN),
    networks=(Option("default", "nat"), Option("lab", "is off now")), names=frozenset({"taken"}),
    names_elsewhere=(("twin", "kvm02"),), capabilities=CAN,
)  # fmt: skip
PART = FileSlice("/x/a.vmdk", GIB, convert="vmdk", label="a.vmdk")
WINDOWS = Appliance(
    ApplianceFormat.VMX, "/x/a.vmx", name="desk", uuid="564d1122-3344-5566-7788-99aabbccddee",
    os="win10",
    os_label="windows9-64", vcpus=4, memory=4 * GIB, firmware="uefi", tpm=True,
    disks=(ApplianceDisk(PART, 20 * GIB, "scsi", label="a.vmdk"), ApplianceDisk(device="cdrom")),
    nics=(ApplianceNic("VM Network", "vmxnet3", "00:0c:29:00:00:01"),),
    notes=("sound card is left out",),
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
ARCHIVE = appliance_from_xml(
    Appliance(
        ApplianceFormat.ARCHIVE, "/x/db.vtar", xml=DEFINITION,
        disks=(ApplianceDisk(FileSlice("/x/db.vtar", GIB, 512, label="vda.qcow2"), 10 * GIB,
                          target="vda", format="qcow2"),),
        nvram=FileSlice("/x/db.vtar", 1000, 512, label="nvram.fd"), nvram_path="/n/db_VARS.fd",
        loader="/usr/share/OVMF/CODE.fd",
    )
)  # fmt: skip
NOBODY = ExistingIds()
KNOWN = os_catalog([Path("/nowhere")])


def plan_of(
    appliance: Appliance,
    context: CreateContext = CONTEXT,
    others: ExistingIds = NOBODY,
    **entered: str,
) -> ImportPlan:
    values = {name.replace("_", " "): value for name, value in entered.items()}
    return plan(values, appliance, context, KNOWN, others, IdGenerator(()))


def check_words(what: ImportPlan, level: Severity | None = None) -> str:
    return "\n".join(f"{one.words} {one.fix}" for one in what.checks if level in (None, one.level))


def test_a_windows_gets_what_it_has_drivers_for() -> None:
    what = plan_of(WINDOWS)
    xml = what.plan.xml
    assert "bus='sata'" in xml and "<model type='e1000e'/>" in xml and "firmware='efi'" in xml
    assert "no qemu-img" in check_words(
        plan_of(replace(WINDOWS, missing_tool="no qemu-img")), Severity.ERROR
    )
    assert "tpm" in xml and "00:0c:29:00:00:01" in xml and WINDOWS.uuid in xml
    assert "bus='virtio'" not in xml
    assert "7B" in check_words(what) and "sound card is left out" in check_words(what)
    step = what.plan.volumes[0]
    assert step.new.name == "desk.qcow2" and step.slice is not None and step.slice.into == "qcow2"
    assert (
        "qemu-img convert -f vmdk -O qcow2 a.vmdk desk.qcow2 && virsh -c"
        in what.plan.equivalent_command
    )
    assert "convert a.vmdk and upload it as desk.qcow2 in default" in what.plan.words


def test_what_was_chosen_is_kept_to() -> None:
    what = plan_of(
        WINDOWS, pool="vg", bus="ide", network_1="none", uuid="new", macs="new", start="yes"
    )
    step = what.plan.volumes[0]
    assert step.slice is not None and step.slice.into == "raw" and step.new.name == "desk"
    assert "bus='ide'" in what.plan.xml and "<interface" not in what.plan.xml
    assert WINDOWS.uuid not in what.plan.xml and what.plan.start
    assert what.blocked and "vg has 1024 MiB free" in check_words(what, Severity.ERROR)


def test_who_is_there_already_is_told_apart() -> None:
    there = ExistingIds({WINDOWS.uuid: "desk on kvm02"}, {"00:0c:29:00:00:01": "desk on kvm02"})
    values = {one.name: one.value for one in form_fields({}, WINDOWS, CONTEXT, KNOWN, there)}
    assert values["uuid"] == "new" and values["macs"] == "new"
    kept = plan_of(WINDOWS, others=there, uuid="keep", macs="keep")
    assert "desk on kvm02 has its UUID" in check_words(kept, Severity.WARNING)
    assert "has the MAC address" in check_words(kept, Severity.WARNING)
    here = ExistingIds({WINDOWS.uuid: "desk on kvm01"})
    assert "desk on kvm01 has its UUID" in check_words(
        plan_of(WINDOWS, others=here, uuid="keep"), Severity.ERROR
    )
    assert "that name too" in check_words(plan_of(replace(WINDOWS, name="twin")))
    assert plan_of(replace(WINDOWS, name="taken")).plan.name == "taken-clone"
    with pytest.raises(InvalidInput, match="already"):
        plan_of(WINDOWS, name="taken")


def test_an_archive_is_changed_where_its_host_is_another() -> None:
    what = plan_of(ARCHIVE, replace(CONTEXT, capabilities=replace(CAN, virt="qemu")), name="db2")
    xml = what.plan.xml
    assert "<name>db2</name>" in xml and "type='qemu'" in xml and "mode='maximum'" in xml
    assert "/usr/bin/qemu-system-x86_64" in xml and "qemu-kvm" not in xml
    assert "db2_VARS.fd" in xml and what.plan.nvram is not None
    assert what.plan.nvram.path == "/var/lib/libvirt/qemu/nvram/db2_VARS.fd"
    assert "network='default'" in xml and "portid" not in xml
    assert "/srv/db.qcow2" not in xml and "volume='db2-vda.qcow2'" in xml
    assert "x.iso" not in xml and "drive sda is empty here" in what.lines
    assert "52:54:00:00:00:09" in xml and "11111111-2222-3333-4444-555555555555" in xml
    assert not what.blocked, check_words(what)


@pytest.mark.parametrize(
    ("old", "new", "level", "words"),
    [
        ("pc-q35-7.2", "pc-q35-99", Severity.ERROR, "no machine type pc-q35-99"),
        ("<vcpu>2<", "<vcpu>200<", Severity.ERROR, "64 vCPUs at most"),
        ("type='kvm'", "type='xen'", Severity.ERROR, "it is for xen"),
        ("OVMF/CODE.fd", "OVMF/OTHER.fd", Severity.WARNING,
        "boots with /usr/share/OVMF/OTHER.fd"),
        ("/srv/db.qcow2", "/i/gone.qcow2", Severity.ERROR, "/i/gone.qcow2 is not there"),
        ("/srv/db.qcow2", "/etc/shadow", Severity.WARNING, "disk vda is /etc/shadow"),
        ("</devices>", "</devices><qemu:commandline><qemu:arg value='-x'/></qemu:commandline>",
         Severity.ERROR, "past libvirt's checks: argument -x"),
        ("</devices>", "<filesystem type='mount'><source dir='/'/><target dir='r'/></filesystem>"
         "</devices>", Severity.ERROR, "reads and writes the folder / of kvm01"),
        ("</devices>", "<hostdev mode='subsystem' type='usb'/></devices>", Severity.ERROR,
         "given the usb device"),
        ("</devices>", "<serial type='pty'><log file='/etc/cron.d/x'/></serial></devices>",
         Severity.ERROR, "written to /etc/cron.d/x"),
        ("</devices>", "<graphics type='spice' autoport='yes'/></devices>", Severity.ERROR,
         "kvm01 has no SPICE"),
        ("</devices>", "<redirdev bus='usb' type='spicevmc'/></devices>", Severity.ERROR,
         "kvm01 has no SPICE"),
        ("<nvram>", "<nvram template='/etc/shadow'>", Severity.ERROR, "made of /etc/shadow"),
    ],
)  # fmt: skip
def test_what_a_host_lacks_is_said_before(old: str, new: str, level: Severity, words: str) -> None:
    appliance = appliance_from_xml(
        Appliance(ApplianceFormat.XML, "/x/db.xml", xml=DEFINITION.replace(old, new))
    )
    assert words in check_words(plan_of(appliance), level), check_words(plan_of(appliance))


def test_what_a_definition_wants_of_the_host_is_decided_before_it_is_made() -> None:
    script = "<interface type='ethernet'><script path='/tmp/evil.sh'/></interface></devices>"
    appliance = replace(ARCHIVE, xml=DEFINITION.replace("</devices>", script),
                     nics=(*ARCHIVE.nics, ApplianceNic()))  # fmt: skip
    fields = {one.name: one for one in form_fields({}, appliance, CONTEXT, KNOWN, ExistingIds())}
    assert fields["host access"].value == "undecided"
    assert "1 thing of kvm01" in fields["host access"].note
    words = "/tmp/evil.sh is run as root on kvm01 when it starts"
    undecided = plan_of(appliance)
    assert undecided.blocked and words in check_words(undecided, Severity.ERROR)
    without = plan_of(appliance, host_access="leave out")
    assert not without.blocked and "evil" not in without.plan.xml
    assert "type='ethernet'" in without.plan.xml and f"left out: {words}" in without.lines
    kept = plan_of(appliance, host_access="keep")
    assert not kept.blocked and words in check_words(kept, Severity.WARNING)
    assert "/tmp/evil.sh" in kept.plan.xml


def test_what_wants_nothing_of_the_host_asks_nothing() -> None:
    names = [one.name for one in form_fields({}, ARCHIVE, CONTEXT, KNOWN, ExistingIds())]
    assert "host access" not in names


def test_a_disk_that_is_no_file_is_known_to_be_used() -> None:
    image = "<disk type='network'><source protocol='rbd' name='vms/a'/><target dev='vdb'/></disk>"
    xml = DEFINITION.replace("</devices>", f"{image}</devices>")
    context = replace(CONTEXT, volume_users=(("rbd:vms/a", "web"),))
    appliance = appliance_from_xml(Appliance(ApplianceFormat.XML, "/x/db.xml", xml=xml))
    assert "disk vdb: web has rbd:vms/a as a disk too" in check_words(
        plan_of(appliance, context), Severity.WARNING
    )


def test_the_nvram_of_a_hostile_archive_goes_where_libvirt_keeps_it() -> None:
    for path in ("/etc/cron.d/x", "/etc/../etc/cron.d/x", "relative", "/x/nvram/../y"):
        text = DEFINITION.replace("/var/lib/libvirt/qemu/nvram/db_VARS.fd", path)
        what = plan_of(replace(ARCHIVE, xml=text))
        assert what.plan.nvram is not None and "cron" not in what.plan.xml
        assert what.plan.nvram.path == "/var/lib/libvirt/qemu/nvram/db_VARS.fd"
    home = "/home/a/.config/libvirt/qemu/nvram"
    text = DEFINITION.replace("/var/lib/libvirt/qemu/nvram", home)
    nvram = plan_of(replace(ARCHIVE, xml=text)).plan.nvram
    assert nvram is not None and nvram.path == f"{home}/db_VARS.fd"


# -- hardware that can be corrected ------------------------------------------------------------

TWO = replace(
    WINDOWS, os="debian12", os_label="debian12-64", firmware="", tpm=False, vcpus=0, memory=0,
    disks=(ApplianceDisk(replace(PART, label="data.vmdk"), GIB, "ide", label="data.vmdk"),
           ApplianceDisk(PART, GIB, "scsi", label="a.vmdk"), ApplianceDisk(device="cdrom",
           label="cd")),
    packaging=ApplianceFormat.OVF, notes=(),
)  # fmt: skip


def fields(appliance: Appliance, **entered: str) -> dict[str, tuple[str, str]]:
    """Each field of the form with its value, and the word about it."""
    found = form_fields(entered, appliance, CONTEXT, KNOWN, NOBODY)
    return {one.name: (one.value, next((o.note for o in one.options if o.name == one.value and
                                        o.note), one.note)) for one in found}  # fmt: skip


def test_hardware_is_as_told_and_can_be_corrected() -> None:
    found = fields(WINDOWS)
    assert found["vcpus"] == ("4", "as there") and found["memory"] == ("4G", "as there")
    assert found["firmware"] == ("uefi", "as there") and found["boot"][0] == "a.vmdk"
    xml = plan_of(WINDOWS).plan.xml
    assert "<vcpu>4</vcpu>" in xml and "<memory unit='KiB'>4194304</memory>" in xml
    xml = plan_of(WINDOWS, vcpus="2", memory="512M", firmware="bios").plan.xml
    assert "<vcpu>2</vcpu>" in xml and "<memory unit='KiB'>524288</memory>" in xml
    assert "firmware='efi'" not in xml
    for error in ({"vcpus": "0"}, {"vcpus": "many"}, {"memory": "2"}, {"memory": "x"}):
        with pytest.raises(InvalidInput, match=next(iter(error.values()))):
            plan(error, WINDOWS, CONTEXT, KNOWN, NOBODY, IdGenerator(()))


def test_what_is_not_told_is_shown_as_not_told() -> None:
    found = fields(TWO)
    assert all("not in its file" in found[name][1] for name in ("vcpus", "memory", "firmware"))
    words = check_words(plan_of(TWO), Severity.WARNING)
    for one in (
        "how many vCPUs it has: it gets", "how much memory it has: it gets",
        "its firmware: it gets", "which of its disks boots: data.vmdk does here",
    ):  # fmt: skip
        assert one in words, words
    told = replace(TWO, vcpus=1, memory=GIB, firmware="bios", disks=TWO.disks[:1])
    assert "does not say" not in check_words(plan_of(told))
    assert "does not say" not in check_words(plan_of(ARCHIVE))


def test_memory_is_taken_to_the_byte_unless_it_is_typed() -> None:
    odd = replace(WINDOWS, memory=2 * 10**9)
    assert "<memory unit='KiB'>1953125</memory>" in plan_of(odd).plan.xml
    assert fields(odd)["memory"][0] == "1953125K"


def order(what: ImportPlan) -> list[str]:
    """What boots, in order: disks by volume, drives by kind, cards by network."""
    root = root_of(what.plan.xml)
    found = []
    for boot in root.iterfind("devices/*/boot"):
        device = boot.getparent()
        assert device is not None
        source = device.find("source")
        told = source.attrib if source is not None else device.attrib
        name = next(told[key] for key in ("volume", "network", "device") if key in told)
        found.append((int(boot.get("order", "0")), str(name)))
    assert not found or root.find("os/boot") is None, "libvirt takes one way or the other"
    assert validate(what.plan.xml, Kind.DOMAIN, None).problems == ()
    return [name for _, name in sorted(found)]


def test_what_boots_first_is_as_told_or_chosen() -> None:
    assert order(plan_of(TWO)) == [] and "<boot dev='hd'/>" in plan_of(TWO).plan.xml
    assert order(plan_of(TWO, boot="a.vmdk")) == ["desk-2.qcow2", "desk.qcow2"]
    assert order(plan_of(TWO, boot="network 1")) == ["default", "desk.qcow2", "desk-2.qcow2"]
    assert order(plan_of(TWO, boot="network 1", network_1="none")) == ["desk.qcow2", "desk-2.qcow2"]
    data, system, drive = TWO.disks
    told = replace(TWO, disks=(replace(data, boot_order=2), replace(system, boot_order=1), drive))
    assert fields(told)["boot"] == ("a.vmdk", "first there")
    assert order(plan_of(told)) == ["desk-2.qcow2", "desk.qcow2"]
    assert "which of its disks boots" not in check_words(plan_of(told))
    assert "a.vmdk becomes desk-2.qcow2 on sata, 1.00 GiB, number 1 to boot" in "\n".join(
        plan_of(told).lines
    )
    with_cd = replace(
        told, disks=(data, replace(system, boot_order=2), replace(drive, boot_order=1))
    )
    assert order(plan_of(with_cd)) == ["cdrom", "desk-2.qcow2"]
    assert order(plan_of(with_cd, boot="data.vmdk")) == ["desk.qcow2", "cdrom", "desk-2.qcow2"]


def test_cards_and_disks_keep_what_their_system_has_drivers_for() -> None:
    virtio = replace(
        WINDOWS, os="", nics=(ApplianceNic("a", "virtio"), ApplianceNic("b", "pcnet")),
        disks=(ApplianceDisk(PART, GIB, "virtio-scsi", label="a.vmdk"),), firmware="bios",
    )  # fmt: skip
    xml = plan_of(virtio).plan.xml
    assert "<model type='virtio'/>" in xml and "<model type='pcnet'/>" in xml
    assert "bus='scsi'" in xml
    assert "e1000e (was vmxnet3)" in "\n".join(plan_of(WINDOWS).lines)


def test_notes_come_along() -> None:
    what = plan_of(replace(WINDOWS, description="the web server"))
    assert "<description>the web server</description>" in what.plan.xml
    assert "its notes: the web server" in what.lines


def test_a_machine_for_another_processor_is_stopped_in_words() -> None:
    arm = plan_of(replace(WINDOWS, arch="aarch64"))
    assert "it is for aarch64, and kvm01 is x86_64" in check_words(arm, Severity.ERROR)
    assert not plan_of(replace(WINDOWS, arch="x86_64")).blocked


def test_an_empty_disk_is_whole_sectors() -> None:
    disk = ApplianceDisk(capacity=1_000_001, bus="sata", label="data")
    (step,) = plan_of(replace(WINDOWS, disks=(disk,))).plan.volumes
    assert step.new.capacity == 1_000_448 and step.slice is None


def test_the_same_check_is_said_once() -> None:
    log = "<log file='/var/log/x.log'/>"
    lines = f"<serial type='pty'>{log}</serial><console type='pty'>{log}</console></devices>"
    xml = DEFINITION.replace("</devices>", lines)
    words = [
        one.words
        for one in plan_of(appliance_from_xml(Appliance(ApplianceFormat.XML, "/x", xml=xml))).checks
    ]
    assert words.count("the output of its serial is written to /var/log/x.log of kvm01") == 1


def test_a_name_that_is_taken_is_said_of_that_name_alone() -> None:
    there = replace(WINDOWS, name="taken")
    assert fields(there)["name"] == ("taken-clone", "taken is on kvm01 already")
    assert fields(there, name="other") == {
        **fields(there),
        "name": ("other", "of the machine here"),
    }
    assert fields(WINDOWS, name="taken")["name"][1] == "taken is on kvm01 already"

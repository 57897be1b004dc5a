"""What a form comes to: ways of disks, why not, room, names that nobody has, commands in order."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.arguments import arguments_of
from virttui.model.commands import Verb
from virttui.model.errors import InvalidInput
from virttui.model.identity import ObjectId
from virttui.model.provision.clone import (
    ClonePlan,
    CloneSource,
    CloneTargetHost,
    CloneTargetPool,
    CloudInitSeed,
    DiskCloneMode,
    SourceDisk,
)
from virttui.model.provision.plan import ProvisionPlan, Sysprep, VolumeStep
from virttui.planning.clone.disk_options import why_not
from virttui.planning.clone.fields import form_fields
from virttui.planning.clone.plan import plan as plan_clones
from virttui.planning.clone.plan import preview
from virttui.planning.new_ids import IdGenerator

GIB = 1024**3
XML = """\
<domain type='kvm'>
  <name>web-01</name>
  <uuid>0f0e0d0c-1111-4222-8333-444455556666</uuid>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/images/web-01.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'>
      <source file='/images/seed.iso'/>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:11:22:33'/>
      <source network='office'/>
    </interface>
    <tpm model='tpm-crb'><backend type='emulator'/></tpm>
  </devices>
</domain>
"""
HERE, THERE = ObjectId("a", "pool"), ObjectId("b", "pool")
VDA = SourceDisk(
    "vda", "disk", "/images/web-01.qcow2", "qcow2", "qcow2", HERE, "default", "dir",
    "web-01.qcow2", 20 * GIB, 8 * GIB, live=True,
)  # fmt: skip
SDA = SourceDisk(
    "sda", "cdrom", "/images/seed.iso", "raw", "iso", HERE, "default", "dir", "seed.iso",
    GIB, GIB, shared=True,
)  # fmt: skip
SOURCE = CloneSource(
    ObjectId("a", "0f0e0d0c-1111-4222-8333-444455556666"), "web-01", XML, disks=(VDA, SDA),
    nvram="", volumes={"pool": frozenset({"web-01.qcow2", "seed.iso"})},
)  # fmt: skip
DEFAULT = CloneTargetPool(HERE, "default", "dir", "/images", 50 * GIB)
LVM = CloneTargetPool(ObjectId("a", "lvm"), "vg", "logical", "/dev/vg", 50 * GIB)
SITE = CloneTargetHost(
    "a", "kvm01", "qemu:///system", (DEFAULT, LVM), frozenset({"web-01", "web-02"})
)
FAR = CloneTargetHost("b", "kvm02", "qemu+ssh://kvm02/system",
                (CloneTargetPool(THERE, "fast", "dir", "/fast", 50 * GIB),))  # fmt: skip
SITES = (SITE, FAR)


def plan(source: CloneSource = SOURCE, **entered: str) -> ClonePlan:
    values = {key.replace("_", " "): value for key, value in entered.items()}
    numbers = iter(range(1000))
    new_ids = IdGenerator((), lambda used: f"52:54:00:00:00:{next(numbers):02x}", lambda: "u-u-i-d")
    return plan_clones(values, source, SITES, new_ids)


def error(source: CloneSource = SOURCE, **entered: str) -> str:
    with pytest.raises(InvalidInput) as why:
        plan(source, **entered)
    return why.value.message


def provision_plan(what: ClonePlan, place: int = 0) -> ProvisionPlan:
    found = arguments_of(what.commands[place], ProvisionPlan)
    assert found is not None
    return found


def steps(what: ClonePlan) -> tuple[VolumeStep, ...]:
    provision_plan = arguments_of(what.commands[-1], ProvisionPlan)
    assert provision_plan is not None
    return provision_plan.volumes


def test_a_clone_is_a_full_copy_with_its_media_shared() -> None:
    what = plan()
    (command,) = what.commands
    assert command.verb is Verb.PROVISION and command.target.name == "web-03"
    (step,) = steps(what)
    assert step.copy_of == (HERE, "web-01.qcow2") and step.new.name == "web-03.qcow2"
    assert not step.streamed, "another machine copies by itself"
    arguments = arguments_of(command, ProvisionPlan)
    assert arguments is not None and "/images/seed.iso" in arguments.xml
    assert arguments.equivalent_command == (
        "virt-clone --connect qemu:///system --original web-01 --name web-03"
        " --mac 52:54:00:00:00:00 --skip-copy sda --file /images/web-03.qcow2"
    )
    local = plan_clones({}, SOURCE, (replace(SITE, local=True),), IdGenerator(()))
    assert steps(local)[0].streamed
    assert "at any time" in local.preview.notes[-2]
    assert "libvirt cannot cancel a copy" in what.preview.notes[-2]


def test_the_form_offers_what_there_is_and_what_it_costs() -> None:
    fields = {one.name: one for one in form_fields({}, SOURCE, SITES)}
    assert list(fields) == ["name", "host", "start", "disk vda", "disk sda"]
    ways = {value.name: value.note for value in fields["disk vda"].options}
    assert ways["full to default"] == "a copy of 8.0G" and "full to vg" in ways
    assert "linked to default" in ways and "linked to vg" not in ways
    assert fields["disk sda"].value == "share"
    far = {one.name: one for one in form_fields({"host": "kvm02"}, SOURCE, SITES)}
    assert [value.name for value in far["disk vda"].options] == ["full to fast", "skip"]


@pytest.mark.parametrize(
    ("source", "how", "why"),
    [
        (replace(SOURCE, active=True), DiskCloneMode.LINKED, "web-01 runs and writes to vda"),
        (replace(SOURCE, saved=True), DiskCloneMode.LINKED, "saved state"),
        (replace(SOURCE, snapshots=1), DiskCloneMode.LINKED, "has snapshots"),
        (replace(SOURCE, persistent=False), DiskCloneMode.LINKED, "no definition"),
        (SOURCE, DiskCloneMode.BASE, "has no backing file"),
        (SOURCE, DiskCloneMode.REFLINK, "only raw files"),
    ],
)
def test_what_is_not_offered_has_a_reason(
    source: CloneSource, how: DiskCloneMode, why: str
) -> None:
    assert why in why_not(VDA, how, source, SITE)
    wanted = {one.name: one for one in form_fields({}, source, SITES)}["disk vda"]
    assert not [value for value in wanted.options if value.name.startswith(how.value)]


def test_others_on_a_disk_keep_it_from_being_a_base() -> None:
    assert "used by db too" in why_not(
        replace(VDA, other_users=("db",)), DiskCloneMode.LINKED, SOURCE, SITE
    )
    assert (
        why_not(replace(VDA, other_users=("overlay x",)), DiskCloneMode.LINKED, SOURCE, SITE) == ""
    )
    based = replace(VDA, backing="/images/base", backing_users=("db",))
    assert "base is a disk of db" in why_not(based, DiskCloneMode.BASE, SOURCE, SITE)


def test_what_cannot_be_made_is_refused_in_words() -> None:
    assert "kvm01 has a domain called web-02" in error(name="web-{02..05}")
    assert "default has 50.0G free; 56.0G is needed" in error(name="x{1..7}")
    assert "two guests on it destroy it" in error(disk_vda="share")
    lost = replace(SOURCE, disks=(replace(VDA, pool=None),))
    assert "is in no pool" in error(lost) and "or skip vda" in error(lost), "not left out unasked"
    assert {one.name: one.value for one in form_fields({}, lost, SITES)}["disk vda"] == ""
    assert "vda is left out" in plan(lost, disk_vda="skip").result_lines[1]


def test_links_come_after_the_source_is_on_its_own_overlay() -> None:
    what = plan(name="x{1..2}", disk_vda="linked to default")
    first, *made = what.commands
    assert what.in_sequence and first.verb is Verb.PROVISION and first.target.key == SOURCE.key
    arguments = arguments_of(first, ProvisionPlan)
    (step,) = arguments.volumes
    assert step.new.name == "web-01-own.qcow2" and step.new.backing == "/images/web-01.qcow2"
    assert arguments.replaces_xml == XML and "/images/web-01-own.qcow2" in arguments.xml
    for command in made:
        clone = arguments_of(command, ProvisionPlan)
        assert clone.read_only_bases == ("/images/web-01.qcow2",)
        line = clone.equivalent_command
        assert "vol-create-as" in line and "--preserve-data" in line
    assert "becomes a shared base" in what.preview.notes[0]


def test_what_runs_is_mirrored_and_stays_on_its_host() -> None:
    running = replace(SOURCE, active=True, agent=True)
    (step,) = steps(plan(running, name="x"))
    assert step.mirror_of == (SOURCE.key.uuid, "vda") and step.copy_of is None
    assert "agent freezes" in plan(running, name="x").preview.notes[0]
    with pytest.raises(InvalidInput, match="only what is off"):
        preview({"name": "x", "host": "kvm02"}, running, SITES)


def test_another_host_is_told_of_what_it_lacks() -> None:
    what = plan(name="x", host="kvm02")
    notes = " ".join(what.preview.notes)
    assert "kvm02 has no network called office" in notes and "TPM begins empty" in notes
    assert what.commands[0].target.key.host == "b"
    assert plan(name="y").preview.notes[-1].startswith("Nothing inside the guest is reset")
    again = plan(name="web-02", host="kvm02")
    assert steps(again)[0].pool == THERE


def test_a_volume_that_is_there_gets_another_name() -> None:
    taken = replace(SOURCE, volumes={"pool": frozenset({"x.qcow2"})})
    assert steps(plan(taken, name="x"))[0].new.name == "x-2.qcow2"
    (block,) = steps(plan(name="x", disk_vda="full to vg"))
    assert block.new.name == "x" and block.new.format == ""
    provision_plan = arguments_of(plan(name="x", disk_vda="full to vg").commands[0], ProvisionPlan)
    assert provision_plan is not None and "<source dev='/dev/vg/x'/>" in provision_plan.xml


SEED = CloudInitSeed((("meta-data", b"{}"), ("user-data", b"#cloud-config\n")))
VDB = SourceDisk(
    "vdb", "disk", "/images/web-01-seed.iso", "raw", "iso", HERE, "default", "dir",
    "web-01-seed.iso", 400_000, 400_000, shared=True, seed=SEED,
)  # fmt: skip


def test_a_clone_gets_a_seed_of_its_own() -> None:
    seeded = replace(SOURCE, disks=(VDA, VDB))
    what = plan(seeded, name="x{1..2}")
    one, other = (arguments_of(command, ProvisionPlan) for command in what.commands)
    assert one is not None and other is not None
    first, second = one.volumes[1], other.volumes[1]
    assert first.new.name == "x1-vdb.iso" or first.new.name == "x1-seed.iso"
    assert first.content != second.content and first.new.capacity == len(first.content)
    assert "#cloud-config" not in repr(what)
    assert "machine-id stays" in what.preview.notes[-1]
    assert "vol-upload" in one.equivalent_command
    kept = plan(seeded, name="x", disk_vdb="share")
    assert "Nothing inside the guest is reset" in kept.preview.notes[-1]
    static = replace(SOURCE, disks=(VDA, replace(VDB, seed=replace(SEED, static=True))))
    assert any("static addresses" in note for note in plan(static, name="x").preview.notes[:-1])
    there = steps(plan(static, name="x", host="kvm02"))
    assert there[1].pool == THERE and there[1].content, "it goes anywhere"


def test_virt_sysprep_is_run_on_its_own_disks_alone() -> None:
    assert "inside" not in {one.name for one in form_fields({}, SOURCE, SITES)}
    able = replace(SOURCE, sysprep=True, disks=(VDA, VDB, SDA))
    assert "inside" not in {one.name for one in form_fields({"host": "kvm02"}, able, SITES)}
    assert provision_plan(plan(able, name="x")).sysprep is None, "only when it is needed for"
    made = provision_plan(plan(able, name="x y", inside="virt-sysprep"))
    assert made.sysprep == Sysprep((("/images/x y.qcow2", "qcow2"),), "x-y")
    assert any("virt-sysprep" in words for words in made.words)
    linked = provision_plan(
        plan(able, name="x", inside="virt-sysprep", disk_vda="linked to default"), 1
    )
    assert linked.sysprep is not None and linked.sysprep.disks == (("/images/x.qcow2", "qcow2"),)
    assert provision_plan(plan(able, name="x", inside="virt-sysprep", host="kvm02")).sysprep is None


def test_several_start_one_by_one_once_all_are_made() -> None:
    what = plan(name="x{1..3}", start="one by one")
    assert [one.verb for one in what.commands] == [Verb.PROVISION] * 3 + [Verb.START] * 3
    assert what.in_sequence and not any(
        arguments_of(one, ProvisionPlan).start for one in what.commands[:3]
    )
    assert [one.target for one in what.commands[:3]] == [one.target for one in what.commands[3:]]
    assert len(plan(name="x", start="one by one").commands) == 1, "not offered for one"
    starts = next(
        one for one in form_fields({"name": "x{1..3}"}, SOURCE, SITES) if one.name == "start"
    )
    assert [option.name for option in starts.options] == ["no", "yes", "one by one"]


def test_only_what_can_be_ended_at_any_time_is_said_to_be() -> None:
    def is_noted(source: CloneSource = SOURCE, local: bool = True, **entered: str) -> bool:
        site = replace(SITE, local=local)
        values = {"name": "x", **{key.replace("_", " "): one for key, one in entered.items()}}
        return any("at any time" in note for note in preview(values, source, (site, FAR)).notes)

    assert is_noted() and not is_noted(local=False)
    assert is_noted(local=False, host="kvm02"), "streamed through"
    assert is_noted(replace(SOURCE, active=True), local=False), "mirrored"
    assert not is_noted(disk_vda="full to vg"), "libvirt copies to block devices"
    on_base = replace(SOURCE, disks=(replace(VDA, backing="/images/base.qcow2"), SDA))
    assert not is_noted(on_base), "libvirt flattens it"


@pytest.mark.parametrize(
    ("device", "note"),
    [
        ("<hostdev mode='subsystem' type='usb'><source><vendor id='0x1'/></source></hostdev>",
         "it is given the usb device 0x1 of kvm01: only one of them can run with it"),
        ("<interface type='hostdev'><source><address type='pci' bus='0x3b'/></source></interface>",
         "it is given the network device pci 0x3b of kvm01: only one of them can run with it"),
        ("<serial type='tcp'><source mode='bind' host='127.0.0.1' service='4555'/></serial>",
         "it opens port 4555 of kvm01 for its serial"),
        ("<serial type='dev'><source path='/dev/ttyS0'/></serial>",
         "its serial reads and writes the device /dev/ttyS0 of kvm01: only one of them can run"),
        ("<filesystem type='mount'><source dir='/srv'/><target dir='s'/></filesystem>",
         "it reads and writes the folder /srv of kvm01."),
        ("<memory model='nvdimm'><source><path>/dev/pmem0</path></source></memory>",
         "it reads and writes the file /dev/pmem0 of kvm01 as memory (nvdimm): only one of them"),
        ("<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>", ""),
        ("<serial type='unix'><source mode='bind' path='/run/s'/></serial>", ""),
    ],
)  # fmt: skip
def test_what_clones_have_of_the_host_together_is_said(device: str, note: str) -> None:
    xml = XML.replace("</devices>", f"{device}</devices>")
    said = [
        one for one in plan(replace(SOURCE, xml=xml)).preview.notes if one.startswith("As web-01")
    ]
    assert len(said) == bool(note), said
    assert not note or note in said[0], said

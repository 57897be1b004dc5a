"""Which snapshot a domain can have, and what is planned and said before it is taken."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from virttui.libvirtxml.snapshots.write import taken_snapshot
from virttui.model.domains.snapshots import Snapshot, SnapshotDisk, SnapshotKind
from virttui.model.errors import InvalidInput
from virttui.model.severity import Severity
from virttui.model.snapshots.changes import (
    FilePool,
    Overlay,
    SnapshotContext,
    SnapshotDiskFacts,
)
from virttui.planning.snapshots.checks import checks
from virttui.planning.snapshots.take import form_fields, plan, proposed, why_not

GIB = 1 << 30
EXTERNAL, INTERNAL = SnapshotKind.EXTERNAL, SnapshotKind.INTERNAL
VDA = SnapshotDiskFacts("vda", "/p/web.qcow2", format="qcow2", pool="default")
VDB = SnapshotDiskFacts("vdb", "/p/data.raw", format="raw", pool="default")
CDROM = SnapshotDiskFacts("sda", "/p/a.iso", format="raw", device="cdrom", read_only=True)
POOL = FilePool("default", "/p", 100 * GIB, frozenset({"/p/web.qcow2"}))
OLD = SnapshotContext(
    "web", "running", memory=2 * GIB, agent=True, disks=(VDA, CDROM), pools=(POOL,),
    version=9_000_000,
)  # fmt: skip
NEW = replace(OLD, reverts_external=True, version=11_003_000)
INSIDE = Snapshot("i", memory="internal", disks=(SnapshotDisk("vda", "internal"),), current=True)
BESIDE = Snapshot(
    "e", disks=(SnapshotDisk("vda", "external", "/p/web.qcow2", "/p/web.e"),), current=True
)


def said(context: SnapshotContext, level: Severity | None = None, **entered: Any) -> str:
    found = checks(context, plan(context, entered, "s"))
    return "\n".join(one.words for one in found if level in (None, one.level))


def values(context: SnapshotContext, **entered: str) -> dict[str, str]:
    return {one.name: one.value for one in form_fields(context, entered, "s")}


@pytest.mark.parametrize(
    ("context", "kind"),
    [
        (OLD, INTERNAL),
        (NEW, EXTERNAL),
        (replace(OLD, disks=(VDA, VDB)), EXTERNAL),
        (replace(OLD, pflash=True), EXTERNAL),
        (replace(NEW, snapshots=(INSIDE,)), INTERNAL),
        (replace(OLD, snapshots=(BESIDE,)), EXTERNAL),
        (replace(OLD, checkpoints=("k1",)), EXTERNAL),
        (replace(OLD, snapshots=(BESIDE, INSIDE)), None),
        (replace(OLD, disks=(CDROM,)), None),
    ],
)
def test_the_proposed_kind_can_be_undone_here_and_mixes_nothing(
    context: SnapshotContext, kind: SnapshotKind | None
) -> None:
    assert proposed(context) is kind


@pytest.mark.parametrize(
    ("context", "words"),
    [
        (replace(OLD, disks=(VDA, VDB)), "vdb is raw, and only qcow2 can hold one"),
        (replace(OLD, disks=(replace(VDA, mode="no"),)), "leaves vda out"),
        (replace(OLD, disks=(replace(VDA, shareable=True),)), "vda is shareable"),
        (replace(OLD, pflash=True), "libvirt 9.0 takes none of a domain with UEFI"),
        (replace(NEW, pflash=True), "its NVRAM is raw, and would have to be qcow2"),
        (replace(NEW, pflash=True, nvram_format="qcow2"), ""),
        (replace(OLD, passed_through=("pci device",)), "a pci device that is passed through"),
        (replace(OLD, state="shutoff", passed_through=("pci device",)), ""),
        (replace(OLD, snapshots=(BESIDE,)), "it has external ones"),
        (OLD, ""),
    ],
)
def test_why_there_can_be_no_internal_one_is_said(context: SnapshotContext, words: str) -> None:
    why = why_not(INTERNAL, context)
    assert words in why and bool(why) == bool(words)


@pytest.mark.parametrize(
    ("disk", "words"),
    [
        (replace(VDA, shareable=True), "vda is shareable, and others write to it past an overlay"),
        (replace(VDA, device="lun", kind="block", source="/dev/x"), "whole SCSI device"),
        (replace(VDA, kind="vhostuser"), "which QEMU can put no overlay on"),
        (replace(VDA, transient=True), "forgets what is written anyway"),
    ],
)
def test_a_disk_that_no_overlay_can_lie_on_is_named(disk: SnapshotDiskFacts, words: str) -> None:
    assert words in why_not(EXTERNAL, replace(NEW, disks=(disk,)))


def test_a_raw_disk_beside_a_qcow2_one_is_left_out_until_it_is_chosen() -> None:
    context = replace(NEW, disks=(VDA, VDB, CDROM))
    wanted = plan(context, {"name": "before"})
    assert wanted.overlays == (Overlay("vda", "/p/web-vda.before.qcow2"),)
    assert wanted.left_out == ("vdb", "sda")
    assert "vdb is not in it: a revert takes back vda alone" in said(context)
    both = plan(context, {"name": "before", "disk vdb": "in"})
    assert [one.target for one in both.overlays] == ["vda", "vdb"]
    assert len({one.path for one in both.overlays}) == 2
    assert "vdb is no qcow2" in said(context, None, **{"disk vdb": "in"})
    assert plan(replace(NEW, disks=(VDB,)), {"name": "a"}).overlays[0].target == "vdb"
    with pytest.raises(InvalidInput, match="no disk is in it"):
        plan(NEW, {"name": "a", "disk vda": "out"})


def test_a_block_device_gets_its_overlay_in_a_pool_of_files() -> None:
    volume = SnapshotDiskFacts("vda", "/dev/vg/web", kind="block", format="raw")
    wanted = plan(replace(NEW, disks=(volume,)), {"name": "a"})
    assert wanted.overlays == (Overlay("vda", "/p/web-vda.a.qcow2"),)
    assert why_not(EXTERNAL, replace(NEW, disks=(volume,), pools=()))


def test_no_overlay_gets_the_name_of_a_file_that_is_known() -> None:
    known = frozenset({"/p/web-vda.a.qcow2", "/p/web-vda.a-2.qcow2"})
    context = replace(NEW, pools=(replace(POOL, files=known),))
    assert plan(context, {"name": "a"}).overlays[0].path == "/p/web-vda.a-3.qcow2"


@pytest.mark.parametrize("name", ["../../etc/x", "a b;$(x)", "\u202ea", "..", "x" * 300])
def test_the_name_of_a_hostile_domain_makes_no_path(name: str) -> None:
    (overlay,) = plan(replace(NEW, name=name), {"name": "s"}).overlays
    folder, _, file = overlay.path.rpartition("/")
    assert folder == "/p" and not file.startswith(".") and len(file.encode()) < 255
    assert all(letter.isalnum() or letter in "._+-" for letter in file)


@pytest.mark.parametrize("name", ["a/b", ".a", "-a", "a\x1bb", "x" * 200, "e"])
def test_a_name_that_libvirt_or_a_terminal_could_not_take_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        plan(replace(NEW, snapshots=(BESIDE,)), {"name": name})


def test_a_number_names_no_internal_snapshot() -> None:
    """``qemu-img snapshot -a 1`` takes it for the number of the first one."""
    with pytest.raises(InvalidInput, match="no number"):
        plan(OLD, {"name": "1"})
    assert plan(NEW, {"name": "1"}).name == "1"


def test_writes_are_held_where_the_agent_answers_and_memory_is_not_kept() -> None:
    assert plan(NEW, {"name": "a"}).quiesce
    assert not plan(NEW, {"name": "a", "memory": "yes"}).quiesce
    assert not plan(replace(NEW, agent=False), {"name": "a"}).quiesce
    assert not plan(replace(NEW, state="paused"), {"name": "a"}).quiesce
    assert "quiesce" not in values(replace(NEW, state="shutoff"))
    assert "its agent does not answer: the disks are as after a power cut" in said(
        replace(NEW, agent=False)
    )


def test_memory_goes_into_a_file_of_its_own_or_inside() -> None:
    assert plan(NEW, {"name": "a", "memory": "yes"}).memory_file == "/p/web.a.mem"
    inside = plan(OLD, {"name": "a"})
    assert inside.memory and not inside.memory_file
    assert not plan(replace(OLD, state="shutoff"), {"name": "a"}).memory
    assert "memory" not in values(replace(NEW, passed_through=("pci device",)))


def test_checkpoints_and_internal_snapshots_exclude_each_other_until_one_gives_way() -> None:
    context = replace(OLD, checkpoints=("k1", "k2"))
    assert "its incremental backups go on" in said(context)
    with pytest.raises(InvalidInput, match="exclude each other"):
        plan(context, {"name": "a", "kind": "internal"})
    wanted = plan(context, {"name": "a", "kind": "internal", "checkpoints": "delete"})
    assert wanted.drop_checkpoints == ("k1", "k2")
    words = said(context, kind="internal", checkpoints="delete")
    assert "2 checkpoints deleted first: the next backup is a full one" in words


def test_space_is_an_error_where_it_is_missing_and_unknown_where_no_pool_has_it() -> None:
    full = replace(NEW, pools=(replace(POOL, free=1 << 20),))
    assert "default has 1.0M free, and 64M are needed" in said(full, Severity.ERROR)
    some = replace(NEW, pools=(replace(POOL, free=GIB),))
    assert not said(some, Severity.ERROR) and "default has 1.0G free" in said(some)
    assert "2.1G are needed" in said(some, Severity.ERROR, memory="yes")
    inside = replace(OLD, pools=(replace(POOL, free=GIB),))
    assert "default has 1.0G free, and 2.1G are needed" in said(inside, Severity.ERROR)
    assert "not known: no pool" in said(replace(NEW, pools=()), Severity.WARNING)


def test_what_this_host_cannot_undo_is_said_before() -> None:
    assert "reverts to it only while the domain is off" in said(OLD, kind="external")
    assert "libvirt 11.3 can revert to it" in said(NEW)
    assert "internal is not possible: vdb is raw" in said(replace(OLD, disks=(VDA, VDB)))


def test_nvram_and_tpm_are_told_by_version() -> None:
    assert "its NVRAM is not in it" in said(replace(OLD, pflash=True))
    inside = replace(NEW, pflash=True, nvram_format="qcow2")
    assert "its NVRAM is in it" in said(inside, kind="internal")
    tpm = replace(NEW, tpm="emulator")
    assert "the state of its TPM is not in it" in said(tpm)
    assert "the state of its TPM goes with its memory" in said(tpm, memory="yes")


def test_a_long_chain_is_warned_of() -> None:
    chain = [replace(BESIDE, name="s0", current=False)]
    chain += [replace(BESIDE, name=f"s{n}", parent=f"s{n - 1}", current=n == 3) for n in (1, 2, 3)]
    assert "5 files lie on each other" in said(replace(NEW, snapshots=tuple(chain)))


def test_every_disk_is_named_in_what_libvirt_is_told() -> None:
    wanted: Any = plan(replace(NEW, disks=(VDA, VDB, CDROM)), {"name": "a&b", "note": "<why>"})
    xml = taken_snapshot(wanted)
    assert "<name>a&amp;b</name>" in xml and "<description>&lt;why&gt;</description>" in xml
    assert "<memory snapshot='no'/>" in xml
    assert "<disk name='vdb' snapshot='no'/>" in xml and "<disk name='sda' snapshot='no'/>" in xml
    assert "<source file='/p/web-vda.a_b.qcow2'/>" in xml

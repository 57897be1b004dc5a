"""What the next backup does, disk by disk, and what forbids it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.planning.backup.examples import GIB, MOMENT, POOL, backup_id, stored
from virttui.libvirtxml.backup.read import Checkpoint, DiskDefinition
from virttui.model.backup.arguments import BackupArguments, BackupMode, BackupPlan
from virttui.model.backup.manifest import BackupKind, StoredBackup
from virttui.model.identity import ObjectId
from virttui.planning.backup.plan import BackupFacts, DiskFacts, plan_backup

ASKED = BackupArguments(ObjectId("h", POOL), "vault")


def disk(
    target: str = "vda",
    *,
    format: str = "qcow2",
    device: str = "disk",
    bitmaps: bool = True,
    encrypted: bool = False,
) -> DiskFacts:
    definition = DiskDefinition(
        target, device, f"/images/web-{target}", format, encrypted=encrypted
    )
    return DiskFacts(definition, 10 * GIB, 3 * GIB, bitmaps)


def facts(
    *backups: StoredBackup, disks: tuple[DiskFacts, ...] = (disk(),), known: bool = True
) -> BackupFacts:
    """A running domain with the checkpoints of its backups, and 1 GiB changed since each."""
    checkpoints = tuple(
        Checkpoint(
            one.manifest.checkpoint.name,
            disks=tuple(found.target for found in one.manifest.disks),
            sizes={found.target: GIB for found in one.manifest.disks},
        )
        for one in backups
        if one.manifest.checkpoint is not None and known
    )
    return BackupFacts("web", True, disks, checkpoints, backups, "dir", "/vault", 100 * GIB)


def plan(known: BackupFacts, **asked: object) -> BackupPlan:
    return plan_backup(known, replace(ASKED, **asked), MOMENT, "abc")


def test_the_first_one_is_full() -> None:
    found = plan(facts())
    assert (found.kind, found.base, found.blockers) == (BackupKind.FULL, None, ())
    assert found.full_because == "it is the first one in this pool"
    assert found.estimate == 3 * GIB and found.checkpoint == f"virttui-{found.id}-abc"
    assert found.disks[0].volume == f"web-{found.id}-vda.qcow2"


def test_the_next_lies_on_the_newest_and_begins_at_its_checkpoint() -> None:
    newest = stored(2, 1)
    found = plan(facts(stored(1), newest))
    assert found.kind is BackupKind.INCREMENTAL and found.base == newest
    (vda,) = found.disks
    assert vda.backing == newest.manifest.disks[0].volume
    assert vda.since == f"virttui-{backup_id(2)}-abc" and found.estimate == GIB


def test_a_differential_one_lies_on_the_full_one() -> None:
    full = stored(1)
    found = plan(facts(full, stored(2, 1), stored(3, 2)), mode=BackupMode.DIFFERENTIAL)
    assert (found.kind, found.base) == (BackupKind.DIFFERENTIAL, full)
    assert found.disks[0].kind is BackupKind.DIFFERENTIAL


@pytest.mark.parametrize(
    ("known", "because"),
    [
        (facts(stored(1), known=False), "checkpoint of the backup"),
        (facts(stored(1, checkpoint=False)), "has no checkpoint"),
        (facts(stored(1, missing=("x",))), "is not complete"),
        (facts(stored(1, good=False)), "did not verify"),
    ],
)
def test_where_nothing_can_follow_it_is_full_and_says_why(known: BackupFacts, because: str) -> None:
    found = plan(known)
    assert found.kind is BackupKind.FULL and because in found.full_because
    asked = plan(known, mode=BackupMode.INCREMENTAL)
    assert asked.blockers and because in asked.blockers[0]


def test_a_newest_one_that_is_broken_is_passed_over() -> None:
    found = plan(facts(stored(1), stored(2, 1, missing=("x",))))
    assert found.base == stored(1) and found.kind is BackupKind.INCREMENTAL


def test_new_raw_old_and_resized_disks_are_full_and_the_others_are_not() -> None:
    disks = (
        disk(), disk("vdb"), disk("vdc", format="raw"), disk("vdd", bitmaps=False),
        replace(disk("vde"), capacity=20 * GIB),
    )  # fmt: skip
    found = plan(facts(stored(1, disks=("vda", "vdc", "vdd", "vde")), disks=disks))
    kinds = {one.target: (one.kind.value, one.reason.partition(":")[0]) for one in found.disks}
    assert kinds["vda"] == ("incremental", "")
    assert kinds["vdb"] == ("full", "it is new")
    assert kinds["vdc"] == ("full", "it is raw")
    assert "version 2" in kinds["vdd"][1] and "resized" in kinds["vde"][1]
    assert [one.target for one in found.disks if one.bitmap] == ["vda", "vdb", "vde"]
    assert found.kind is BackupKind.INCREMENTAL


def test_raw_disks_alone_have_no_checkpoint() -> None:
    found = plan(facts(disks=(disk(format="raw"),)))
    assert found.checkpoint == "" and found.kind is BackupKind.FULL


def test_what_is_left_out_says_why() -> None:
    disks = (
        disk(), disk("sda", device="cdrom"), disk("vdb", encrypted=True), disk("sdb", device="lun"),
        disk("vdc", format="vmdk"), disk("vdd"),
    )  # fmt: skip
    found = plan(replace(facts(disks=disks), tpm=True), without=("vdd",))
    assert [one.target for one in found.disks] == ["vda"]
    words = {one.what: one.reason for one in found.left_out}
    assert list(words) == ["sda", "vdb", "sdb", "vdc", "vdd", "tpm"]
    assert "encrypted" in words["vdb"] and "you left it out" in words["vdd"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"active": False}, "is off"),
        ({"job": "migrate"}, "another job on it now (migrate)"),
        ({"pool_type": "logical"}, "a backup needs files"),
        ({"available": GIB}, "does not fit"),
        ({"disks": ()}, "no disk of it"),
    ],
)
def test_what_forbids_it(changes: dict[str, object], words: str) -> None:
    assert any(words in one for one in plan(replace(facts(), **changes)).blockers)


def test_what_is_off_is_started_paused_where_that_is_wanted() -> None:
    off = replace(facts(disks=(replace(disk(), capacity=None),)), active=False)
    found = plan(off, start_paused=True)
    assert not found.blockers and [one.target for one in found.disks] == ["vda"]
    assert found.starts_paused and any("started paused" in one for one in found.warnings)
    saved = plan(replace(off, saved=True), start_paused=True)
    assert any("saved state" in one for one in saved.blockers)


def test_a_disk_that_is_not_there_is_not_left_out_silently() -> None:
    assert any("no disk vdx" in one for one in plan(facts(), without=("vdx",)).blockers)


def test_what_has_to_be_said() -> None:
    found = plan(replace(facts(), pool_path="/images", internal_snapshots=1))
    assert [words.partition(":")[0] for words in found.warnings] == [
        "the backup lies beside vda",
        "it has internal snapshots",
        "its agent is not connected",
    ]
    assert plan(replace(facts(), agent=True)).warnings == ()


@pytest.mark.parametrize(
    "name", ["../../x", ".hidden", "a/b", "m\u00fcller", "x" * 300, "\x1b[2J", ""]
)
def test_names_of_files_are_safe_whatever_the_domain_is_called(name: str) -> None:
    volume = plan(replace(facts(), name=name)).disks[0].volume
    assert "/" not in volume and not volume.startswith(".") and volume.isprintable()
    assert len(volume.encode()) < 200


def test_two_backups_of_one_second_have_two_ids() -> None:
    first = plan(facts())
    assert plan(replace(facts(), volumes=(first.disks[0].volume,))).id > first.id

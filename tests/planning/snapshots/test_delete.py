"""Which way the deletion of a snapshot goes, what becomes of each file, and what forbids it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from virttui.model.domains.disk_jobs import BackingChain, ChainLayer
from virttui.model.domains.snapshot_deletion import (
    DeletionPlan,
    DeletionWay,
    FileFate,
    SnapshotFile,
    SnapshotFiles,
)
from virttui.model.domains.snapshots import Snapshot, SnapshotDisk
from virttui.model.errors import InvalidInput
from virttui.planning.snapshots.delete import older, plan, unknown_users

GIB = 1024**3


def external(name: str, parent: str, source: str, overlay: str, **more: Any) -> Snapshot:
    disk = SnapshotDisk("vda", "external", f"/p/{source}", f"/p/{overlay}", GIB)
    return Snapshot(name, parent, state="disk-snapshot", disks=(disk,), **more)


def internal(name: str, parent: str = "", image: str = "base", **more: Any) -> Snapshot:
    disk = SnapshotDisk("vda", "internal", f"/p/{image}")
    return Snapshot(name, parent, state="shutoff", disks=(disk,), **more)


def file(name: str, *lies_on: str, **more: Any) -> SnapshotFile:
    facts = {"internal": 0, "bytes": GIB, "pool": "default", **more}
    return SnapshotFile(f"/p/{name}", tuple(f"/p/{one}" for one in lies_on), **facts)


def files(*chain: str, others: tuple[SnapshotFile, ...] = (), **more: Any) -> SnapshotFiles:
    """The files of a disk, from the one that is written to down, and others of its snapshots."""
    layers = tuple(ChainLayer(f"/p/{one}", "qcow2") for one in chain)
    known = tuple(file(one, *chain[place + 1 :]) for place, one in enumerate(chain))
    facts = {"running": True, "libvirt": 9_000_000, **more}
    return SnapshotFiles(chains=(BackingChain("vda", layers),), files=known + others, **facts)


def changed(whole: SnapshotFiles, name: str, **facts: Any) -> SnapshotFiles:
    """The same, with other facts of one file."""
    path = f"/p/{name}"
    return replace(
        whole,
        files=tuple(replace(one, **facts) if one.path == path else one for one in whole.files),
    )


CHAIN = (
    external("one", "", "base", "a"),
    external("two", "one", "a", "b"),
    external("three", "two", "b", "c", current=True),
)
FILES = files("c", "b", "a", "base")
BRANCHED = (
    external("stem", "", "base", "a"),
    external("side", "stem", "a", "b"),
    external("leaf", "side", "b", "side-top"),
    external("main", "stem", "n", "m", current=True),
)
BRANCHED_FILES = files(
    "m", "n", "base",
    others=(file("a", "base"), file("b", "a", "base"), file("side-top", "b", "a", "base")),
)  # fmt: skip


def fates(made: DeletionPlan) -> dict[str, str]:
    return {one.name: one.fate.value for one in made.files}


def test_one_in_the_middle_is_merged_into_the_file_of_its_moment() -> None:
    made = plan(["two"], CHAIN, FILES)
    (step,) = made.steps
    assert (step.name, step.way) == ("two", DeletionWay.MERGE)
    ((merge),) = step.merges
    assert (merge.disk, merge.overlay, merge.base) == ("vda", "/p/b", "/p/a")
    assert step.remove == ("/p/b",)
    assert fates(made) == {"b": "merged", "a": "grows"}
    assert made.total(FileFate.GROWS) == 2 * GIB and not made.loses_data


def test_several_go_leaf_first_each_into_what_is_below_it_then() -> None:
    made = plan(["one", "three", "two"], CHAIN, FILES)
    assert made.names == ("three", "two", "one")
    assert [merge.base for step in made.steps for merge in step.merges] == [
        "/p/b",
        "/p/a",
        "/p/base",
    ]
    assert fates(made) == {"c": "merged", "b": "merged", "a": "merged", "base": "grows"}
    assert made.total(FileFate.GROWS) == 4 * GIB


def test_the_leaf_is_merged_from_what_is_written_to_now() -> None:
    ((merge),) = plan(["three"], CHAIN, FILES).steps[0].merges
    assert (merge.overlay, merge.base) == ("/p/c", "/p/b")


def test_its_memory_file_goes_with_it() -> None:
    kept = replace(CHAIN[2], memory="external", memory_file="/p/three.mem", memory_bytes=GIB)
    made = plan(["three"], (*CHAIN[:2], kept), FILES)
    assert fates(made)["three.mem"] == "gone" and not made.loses_data
    assert made.steps[0].remove == ("/p/c", "/p/three.mem")


def test_a_branch_goes_with_its_files_and_what_now_needs_stays() -> None:
    made = plan(["side"], BRANCHED, BRANCHED_FILES)
    assert made.names == ("leaf", "side") and made.loses_data
    assert {step.way for step in made.steps} == {DeletionWay.DISCARD}
    assert fates(made) == {"side-top": "gone", "b": "gone", "a": "gone"}
    assert made.total(FileFate.GONE) == 3 * GIB


def test_of_a_branch_its_leaf_alone_can_go() -> None:
    made = plan(["leaf"], BRANCHED, BRANCHED_FILES)
    assert made.names == ("leaf",)
    assert fates(made) == {"side-top": "gone", "b": "gone"}


def test_the_stem_of_branches_is_refused() -> None:
    made = plan(["stem"], BRANCHED, BRANCHED_FILES)
    assert not made.steps
    assert "another branch with side and leaf" in made.refusal and "side first" in made.advice


def test_with_its_other_branch_the_stem_goes_too() -> None:
    made = plan(["stem", "side"], BRANCHED, BRANCHED_FILES)
    assert made.names == ("leaf", "side", "stem")
    assert fates(made)["n"] == "merged" and fates(made)["base"] == "grows"


@pytest.mark.parametrize("name", ["a", "b"])
def test_a_file_that_others_use_is_neither_merged_nor_written_to(name: str) -> None:
    made = plan(["two"], CHAIN, changed(FILES, name, users=("overlay clone.qcow2",)))
    assert made.refusal == f"{name} is used by overlay clone.qcow2 too: nothing may change it"


@pytest.mark.parametrize(("held", "words"), [
    (1, "b holds 1 internal snapshot"), (None, "whether b holds internal snapshots cannot be read"),
])  # fmt: skip
def test_a_file_with_internal_snapshots_is_not_merged(held: int | None, words: str) -> None:
    made = plan(["two"], CHAIN, changed(FILES, "b", internal=held))
    assert not made.steps and words in made.refusal


def test_a_chain_that_does_not_agree_with_the_snapshot_is_left_alone() -> None:
    made = plan(["two"], CHAIN, files("c", "b", "base"))
    assert "names a for vda, which is not in its chain any more" in made.refusal


def test_a_disk_with_a_block_job_is_left_alone() -> None:
    assert "vda has a block job" in plan(["two"], CHAIN, replace(FILES, busy=("vda",))).refusal


def test_off_what_libvirt_cannot_merge_is_refused_before() -> None:
    swapped = (external("one", "", "base", "gone", current=True),)
    known = files("a", "base", running=False)
    assert "cannot merge that while the domain is off" in plan(["one"], swapped, known).refusal
    assert plan(["one"], swapped, replace(known, libvirt=9_009_000)).steps
    unresolved = replace(FILES, running=False, unresolved=("vda",))
    assert (
        "finds the files of vda only once the domain has run"
        in plan(["two"], CHAIN, unresolved).refusal
    )
    assert "before its version 9.0" in plan(["two"], CHAIN, replace(
        FILES, running=False, libvirt=8_010_000)).refusal  # fmt: skip


def test_an_internal_one_is_a_point_alone() -> None:
    made = plan(["i"], (internal("i", current=True),), files("base"))
    assert [step.way for step in made.steps] == [DeletionWay.POINT] and not made.files


def test_an_internal_one_below_an_overlay_is_refused() -> None:
    mixed = (internal("i"), external("e", "i", "base", "a", current=True))
    assert "vda is on a now" in plan(["i"], mixed, files("a", "base")).refusal


def test_one_without_disks_is_a_point_too() -> None:
    assert plan(["s"], (Snapshot("s", current=True),), SnapshotFiles()).names == ("s",)


def test_one_that_is_gone_is_named() -> None:
    with pytest.raises(InvalidInput, match="four is gone already"):
        plan(["four"], CHAIN, FILES)


def test_one_that_cannot_be_read_is_left_alone() -> None:
    made = plan(["x"], (Snapshot("x", fault="it is no XML"),), FILES)
    assert made.refusal == "x cannot be read: it is no XML"


def test_what_could_not_be_looked_at_is_told() -> None:
    known = changed(FILES, "a", unknown=("what is in the pool spare, which is off",))
    assert unknown_users(plan(["two"], CHAIN, known).steps, known) == (
        "what is in the pool spare, which is off",
    )
    assert not unknown_users(plan(["three"], CHAIN, known).steps, known)


def test_all_but_the_newest_or_those_before_a_moment_are_chosen() -> None:
    dated = tuple(replace(one, taken=float(place)) for place, one in enumerate(CHAIN))
    assert older(dated, keep=1) == ("one", "two")
    assert older(dated, before=1.5) == ("one", "two")
    assert older(dated, keep=2, before=0.5) == ("one",)
    assert older(dated, keep=7) == ()
    assert older((*dated, Snapshot("undated")), before=100.0) == ("one", "two", "three")


def test_a_branch_with_a_younger_snapshot_is_not_chosen() -> None:
    ages = {"stem": 0.0, "side": 1.0, "leaf": 9.0, "main": 8.0}
    dated = tuple(replace(one, taken=ages[one.name]) for one in BRANCHED)
    assert older(dated, before=5.0) == ("stem",)
    assert older(dated, before=10.0) == ("stem", "side", "leaf", "main")

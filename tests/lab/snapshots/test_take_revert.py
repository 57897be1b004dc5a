"""Snapshots of real guests, taken and gone back to: what is on the disks is what was then."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping

import pytest
from msgspec.structs import replace

from tests.conftest import skip_without_root
from tests.fleet_client import RecordingClient, listening, trouble
from tests.lab import guests
from tests.lab.daemon import Lab
from virttui.model.commands import Command, Verb
from virttui.model.domains.snapshots import SnapshotKind
from virttui.model.errors import ChangedElsewhere, Refused
from virttui.model.queries import (
    SnapshotComparisonQuery,
    SnapshotComparisonResult,
    SnapshotContextQuery,
    SnapshotContextResult,
)
from virttui.model.snapshots.changes import (
    AfterRevert,
    RevertArguments,
    RevertWay,
    SnapshotContext,
)
from virttui.model.tasks import Task, TaskState
from virttui.persistence import definition_history
from virttui.planning.snapshots import revert as planning
from virttui.planning.snapshots.revert import RevertChoices
from virttui.planning.snapshots.take import plan

from .disks import DiskGuest

pytestmark = pytest.mark.lab

SERIALS = itertools.count(1)
NAMES = (f"moment-{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A lab without guests."""
    skip_without_root()
    with Lab(f"moments-{os.getpid()}") as host:
        guests.furnish_lab(host)
        yield host


@pytest.fixture
def guest(lab: Lab) -> Iterator[DiskGuest]:
    """A guest that is off, with one qcow2 disk whose first block is written."""
    made = DiskGuest(lab, next(NAMES))
    made.write(0, 1)
    lab.virsh("pool-refresh", "default")
    yield made
    made.remove()


def context(client: RecordingClient, name: str) -> SnapshotContext:
    query = SnapshotContextQuery(client.target(name).key, serial=next(SERIALS))
    found = client.answer(query, SnapshotContextResult)
    assert found.context is not None, found
    return found.context


def known(client: RecordingClient, name: str) -> None:
    client.wait(lambda: client.domain(name), what=f"{name} is listed")


def take(client: RecordingClient, name: str, entered: Mapping[str, str]) -> Task:
    known(client, name)
    wanted = plan(context(client, name), entered)
    return client.done(
        client.fleet.submit([Command(Verb.SNAPSHOT, client.target(name), wanted)])[0], 60
    )


def revert_plan(
    client: RecordingClient, name: str, snapshot: str, choices: RevertChoices
) -> RevertArguments:
    now = context(client, name)
    return planning.plan(now, planning.snapshot_named(now, snapshot), choices, "before-revert")


def revert(client: RecordingClient, name: str, wanted: RevertArguments) -> Task:
    return client.done(
        client.fleet.submit([Command(Verb.REVERT, client.target(name), wanted)])[0], 60
    )


def file_of(guest: DiskGuest, disk: str = "vda") -> str:
    """The name of the file that a disk is written to."""
    return guest.place(disk).removeprefix(f"{guests.POOL}/")


def blocks(guest: DiskGuest, disk: str = "vda") -> list[int]:
    """The patterns of its first three blocks."""
    return guest.content(file_of(guest, disk), 3)


def test_an_internal_one_while_off_brings_the_disk_and_the_definition_back(
    lab: Lab, guest: DiskGuest
) -> None:
    with listening(lab.uri) as client:
        client.listed()
        done = take(client, guest.name, {"name": "first", "note": "as <it> was"})
        assert done.state is TaskState.DONE and "first is taken, internal" in done.words
        now = context(client, guest.name)
        (first,) = now.snapshots
        assert (first.kind, first.current, first.note) == (
            SnapshotKind.INTERNAL, True, "as <it> was",
        )  # fmt: skip
        guest.write(0, 2)
        guest.write(1, 3)
        lab.virsh("setmaxmem", guest.name, "32M", "--config")
        lab.virsh("setmem", guest.name, "32M", "--config")

        query = SnapshotComparisonQuery(client.target(guest.name).key, "first")
        comparison = client.answer(query, SnapshotComparisonResult).comparison
        assert comparison is not None
        words = list(planning.difference_words(comparison.differences))
        assert "memory: 32768 KiB becomes 16384 KiB" in words

        wanted = revert_plan(client, guest.name, "first", RevertChoices())
        assert wanted.first is not None
        done = revert(client, guest.name, wanted)
        assert done.state is TaskState.DONE, done
        assert blocks(guest) == [1, 0, 0]
        assert "<memory unit='KiB'>16384<" in lab.virsh("dumpxml", guest.name)
        kept = definition_history.versions_of(client.document(guest.name))
        assert "32768" in definition_history.text(kept[0]) and kept[0].action == "revert"

        # Nothing was lost: the snapshot of now, taken first, has it all.
        back = revert_plan(client, guest.name, "before-revert", RevertChoices(first=False))
        assert revert(client, guest.name, back).state is TaskState.DONE
        assert blocks(guest) == [2, 3, 0]
        assert "<memory unit='KiB'>32768<" in lab.virsh("dumpxml", guest.name)


def test_an_internal_one_with_memory_goes_on_or_waits(lab: Lab, guest: DiskGuest) -> None:
    guest.start()
    with listening(lab.uri) as client:
        client.listed()
        client.wait(lambda: client.is_in(guest.name, "paused"), what="it is paused")
        done = take(client, guest.name, {"name": "with-memory"})
        assert done.state is TaskState.DONE, done
        (found,) = context(client, guest.name).snapshots
        assert (found.memory, found.state) == ("internal", "paused")
        guest.write(0, 9)
        wanted = revert_plan(client, guest.name, "with-memory", RevertChoices(first=False))
        assert revert(client, guest.name, wanted).state is TaskState.DONE
        assert lab.virsh("domstate", guest.name).strip() == "paused"
        guest.stop()
        assert blocks(guest)[0] == 1


def test_external_ones_move_the_disks_that_are_in_them(lab: Lab) -> None:
    guest = DiskGuest(lab, next(NAMES), ("vda", "vdb"))
    lab.virsh("pool-refresh", "default")
    guest.start()
    try:
        with listening(lab.uri) as client:
            client.listed()
            client.wait(lambda: client.is_in(guest.name, "paused"), what="it is paused")
            guest.write(0, 1)
            values = {"name": "a b", "kind": "external", "disk vdb": "out"}
            done = take(client, guest.name, values)
            assert done.state is TaskState.DONE, done
            (found,) = context(client, guest.name).snapshots
            assert [one.target for one in found.kept_disks] == ["vda"]
            assert [one.target for one in found.left_out] == ["vdb"]
            assert file_of(guest, "vdb") == f"{guest.name}-vdb.qcow2"
            assert file_of(guest, "vda") == f"{guest.name}-vda.a_b.qcow2"
            # Its file is known at once, and so is what was written since.
            assert found.written_after is not None

            memory = {"name": "c", "memory": "yes"}
            assert take(client, guest.name, memory).state is TaskState.DONE
            now = context(client, guest.name)
            assert now.current is not None and now.current.memory == "external"
            assert now.current.memory_file in {
                f"{guests.POOL}/{file}" for file in guest.files()
            } | {f"{guests.POOL}/{guest.name}.c.mem"}
            assert now.current.memory_bytes
            why = planning.why_not(now, now.current)
            assert "cannot revert to an external one while the domain runs" in why
    finally:
        guest.remove()


def test_what_changed_since_it_was_planned_is_not_overrun(lab: Lab, guest: DiskGuest) -> None:
    with listening(lab.uri) as client:
        client.listed()
        known(client, guest.name)
        target = client.target(guest.name)
        wanted = plan(context(client, guest.name), {"name": "late"})
        lab.virsh("snapshot-create-as", guest.name, "between")
        task = client.done(client.fleet.submit([Command(Verb.SNAPSHOT, target, wanted)])[0])
        assert isinstance(trouble(task), ChangedElsewhere)
        assert guest.snapshots() == {"between"}
        mixed = replace(wanted, after="between", kind=SnapshotKind.EXTERNAL)
        task = client.done(client.fleet.submit([Command(Verb.SNAPSHOT, target, mixed)])[0])
        assert isinstance(trouble(task), Refused) and "destroys data" in trouble(task).message


def test_checkpoints_go_before_an_internal_one_and_no_revert_is_made_over_them(
    lab: Lab, guest: DiskGuest
) -> None:
    with listening(lab.uri) as client:
        client.listed()
        assert take(client, guest.name, {"name": "old"}).state is TaskState.DONE
        guest.start()
        client.wait(lambda: client.is_in(guest.name, "paused"), what="it is paused")
        lab.virsh("checkpoint-create-as", guest.name, "k1")
        lab.virsh("checkpoint-create-as", guest.name, "k2")
        now = context(client, guest.name)
        assert now.checkpoints == ("k1", "k2")
        over = RevertArguments("old", active=True, current="old")
        task = revert(client, guest.name, over)
        assert isinstance(trouble(task), ChangedElsewhere)
        assert lab.virsh("domstate", guest.name).strip() == "paused"

        choices = RevertChoices(drop_checkpoints=True)
        wanted = revert_plan(client, guest.name, "old", choices)
        assert wanted.drop_checkpoints == ("k1", "k2")
        done = revert(client, guest.name, wanted)
        assert done.state is TaskState.DONE, done
        assert not lab.virsh("checkpoint-list", guest.name, "--name").strip()
        assert guest.snapshots() == {"old", "before-revert"}


def test_the_newest_external_one_is_gone_back_to_by_a_new_overlay_and_undone(
    lab: Lab, guest: DiskGuest
) -> None:
    with listening(lab.uri) as client:
        client.listed()
        done = take(client, guest.name, {"name": "one", "kind": "external"})
        assert done.state is TaskState.DONE, done
        guest.write(1, 2)
        # One that is taken while it runs writes the whole chain into the definition, which libvirt
        # then believes.
        guest.start()
        client.wait(lambda: client.is_in(guest.name, "paused"), what="it is paused")
        done = take(client, guest.name, {"name": "two", "kind": "external"})
        assert done.state is TaskState.DONE, done
        guest.write(1, 3)
        guest.stop()
        assert "<backingStore" in lab.virsh("dumpxml", "--inactive", guest.name)
        client.wait(lambda: client.is_in(guest.name, "shutoff"), what="it is off")
        assert blocks(guest) == [1, 3, 0]
        now = context(client, guest.name)
        older = planning.snapshot_named(now, "one")
        assert "only the newest one" in planning.why_not(now, older)
        former = file_of(guest)

        choices = RevertChoices(after=AfterRevert.AS_THEN)
        wanted = revert_plan(client, guest.name, "two", choices)
        assert wanted.way is RevertWay.OVERLAY
        done = revert(client, guest.name, wanted)
        assert done.state is TaskState.DONE, done
        assert former in done.words
        assert blocks(guest) == [1, 2, 0] and file_of(guest) != former
        assert guest.content(former, 3)[1] == 3
        guest.write(2, 7)
        # The guest sees what was then, and not what the former chain says.
        guest.start()
        guest.stop()
        assert blocks(guest) == [1, 2, 7]
        assert [one.name for one in context(client, guest.name).snapshots if one.current] == ["two"]

        undone = client.done(client.do(Verb.UNDO_REVERT, guest.name), 60)
        assert undone.state is TaskState.DONE, undone
        assert file_of(guest) == former and blocks(guest) == [1, 3, 0]
        again = client.done(client.do(Verb.UNDO_REVERT, guest.name), 60)
        assert "nothing of one is kept" in trouble(again).message
        # libvirt still knows the whole chain: it deletes both by itself.
        lab.virsh("snapshot-delete", guest.name, "two")
        lab.virsh("snapshot-delete", guest.name, "one")
        assert blocks(guest) == [1, 3, 0]


def test_a_pool_without_room_and_a_taken_name_change_nothing(lab: Lab, guest: DiskGuest) -> None:
    with listening(lab.uri) as client:
        client.listed()
        known(client, guest.name)
        wanted = plan(context(client, guest.name), {"name": "a", "kind": "external"})
        (guest.folder / f"{guest.name}-vda.a.qcow2").write_bytes(b"somebody else's")
        task = client.done(
            client.fleet.submit([Command(Verb.SNAPSHOT, client.target(guest.name), wanted)])[0]
        )
        assert task.state is TaskState.FAILED
        assert (guest.folder / f"{guest.name}-vda.a.qcow2").read_bytes() == b"somebody else's"
        assert guest.snapshots() == set() and file_of(guest) == f"{guest.name}-vda.qcow2"
        # Once the pool was looked through, the plan takes another name.
        again = plan(context(client, guest.name), {"name": "a", "kind": "external"})
        assert again.overlays[0].path.endswith("-vda.a-2.qcow2")

"""Snapshots deleted on real libvirt: running by block commit, off by libvirt, branches."""

from __future__ import annotations

from functools import partial

import pytest

from tests.fleet_client import RecordingClient, trouble
from tests.lab import guests
from virttui.model.commands import Command, Verb
from virttui.model.domains.snapshot_deletion import SnapshotDeletion
from virttui.model.errors import ChangedElsewhere, Refused
from virttui.model.tasks import TaskState

from .conftest import Make
from .deletions import delete, planned
from .disks import moment

pytestmark = pytest.mark.lab


@pytest.mark.parametrize(("gone", "running"), [(1, True), (2, True), (3, True), (2, False)])
def test_each_moment_that_stays_is_as_it_was(
    client: RecordingClient, make: Make, gone: int, running: bool
) -> None:
    guest = make(chain=3)
    guest.write(3, 4)
    if not running:
        guest.stop()
    task = delete(client, guest, f"s{gone}")
    assert task.state is TaskState.DONE, task
    assert task.words == f"deleted s{gone}"
    assert guest.snapshots() == {"s1", "s2", "s3"} - {f"s{gone}"}
    assert f"{guest.name}-vda.s{gone}" not in guest.files() and len(guest.files()) == 3
    assert guest.running is running
    for number in {1, 2, 3} - {gone}:
        assert guest.content(moment(guest, f"s{number}"), 4) == [
            one if one <= number else 0 for one in (1, 2, 3, 4)
        ]
    assert guest.content(blocks=4) == [1, 2, 3, 4]
    assert delete(client, guest, *guest.snapshots()).state is TaskState.DONE
    assert guest.files() == {f"{guest.name}-vda.qcow2"}
    assert guest.content(blocks=4) == [1, 2, 3, 4]


def test_all_disks_are_merged_and_the_memory_file_goes(client: RecordingClient, make: Make) -> None:
    guest = make("vda", "vdb", chain=1)
    guest.take("whole", memory=True)
    guest.write(5, 9, "vdb")
    assert f"{guest.name}-whole.mem" in guest.files()
    task = delete(client, guest, "s1", "whole")
    assert task.state is TaskState.DONE, task
    assert task.words == "deleted whole and s1"
    assert guest.files() == {f"{guest.name}-{disk}.qcow2" for disk in ("vda", "vdb")}
    assert guest.content(f"{guest.name}-vdb.qcow2", 6) == [1, 0, 0, 0, 0, 9]


def test_a_file_of_a_linked_clone_is_not_touched(client: RecordingClient, make: Make) -> None:
    guest = make(chain=2)
    overlay = f"{guests.POOL}/{guest.name}-linked.qcow2"
    guest.lab.inside(
        "qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2",
        "-b", f"{guests.POOL}/{guest.name}-vda.s1", overlay,
    )  # fmt: skip
    before = guest.files()
    task = delete(client, guest, "s2")
    assert isinstance(trouble(task), Refused) and "is used by overlay" in trouble(task).message
    assert guest.snapshots() == {"s1", "s2"} and guest.files() == before
    assert "[being deleted" not in guest.lab.virsh("snapshot-dumpxml", guest.name, "s2")


def test_a_file_with_internal_snapshots_is_not_merged(client: RecordingClient, make: Make) -> None:
    """libvirt 9.0 merges it without a word, and the internal ones are gone."""
    guest = make(chain=1)
    guest.lab.virsh("snapshot-create-as", guest.name, "inside")
    task = delete(client, guest, "s1")
    assert "holds 1 internal snapshot" in trouble(task).message
    assert guest.snapshots() == {"s1", "inside"}
    assert delete(client, guest, "inside").state is TaskState.DONE
    assert delete(client, guest, "s1").state is TaskState.DONE
    assert guest.files() == {f"{guest.name}-vda.qcow2"}


def test_a_branch_goes_with_its_files_and_the_stem_only_without_it(
    client: RecordingClient, make: Make
) -> None:
    guest = make(chain=2)
    guest.stop()
    guest.go_back("s1", "n")
    guest.start()
    guest.write(2, 7)
    task = delete(client, guest, "s1")
    assert "another branch with s2" in trouble(task).message, task
    made = planned(client, guest, "s2")
    assert made.loses_data
    assert {one.name for one in made.discarded} == {f"{guest.name}-vda.s1", f"{guest.name}-vda.s2"}
    refused = client.done(
        client.fleet.submit(
            [Command(Verb.DELETE_SNAPSHOTS, client.target(guest.name), SnapshotDeletion(("s2",)))]
        )[0]
    )
    assert isinstance(trouble(refused), ChangedElsewhere), "nothing is lost that was not agreed to"
    assert delete(client, guest, "s2").state is TaskState.DONE
    assert guest.files() == {f"{guest.name}-vda.qcow2", f"{guest.name}-vda.n"}
    assert delete(client, guest, "s1").state is TaskState.DONE
    assert guest.files() == {f"{guest.name}-vda.qcow2"} and not guest.snapshots()
    assert guest.content(blocks=4) == [1, 0, 7, 0]


def test_an_internal_one_goes_running_or_off(client: RecordingClient, make: Make) -> None:
    guest = make()
    for name in ("one", "two"):
        guest.lab.virsh("snapshot-create-as", guest.name, name)
    assert delete(client, guest, "one").state is TaskState.DONE
    guest.stop()
    assert delete(client, guest, "two").state is TaskState.DONE
    assert not guest.snapshots()


def test_one_that_is_gone_is_told(client: RecordingClient, make: Make) -> None:
    guest = make(chain=1)
    client.wait(partial(client.domain, guest.name), what="it is listed")
    work = SnapshotDeletion(("s7",))
    number = client.fleet.submit([Command(Verb.DELETE_SNAPSHOTS, client.target(guest.name), work)])[
        0
    ]
    assert trouble(client.done(number)).message == "s7 is gone already"

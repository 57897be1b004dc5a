"""A deletion that is ended, killed or runs out of space: nothing of now is lost, the rest is named.

Merges are made slow by the speed of their job, which QEMU takes while it is at work.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import libvirt
import pytest

from tests.fleet_client import RecordingClient, trouble
from tests.lab import guests
from tests.lab.daemon import Lab
from tests.lab.processes import send, wait_until
from tests.patience import PATIENCE
from virttui.model.errors import HostLost, PartiallyDone
from virttui.model.identity import Kind
from virttui.model.inventory import ConnectionState
from virttui.model.tasks import TaskState

from .conftest import Make
from .deletions import begin, delete, incomplete
from .disks import DiskGuest, moment

pytestmark = pytest.mark.lab

BLOCKS = 512
"""Blocks that are written after the snapshot: 32 MiB."""
MARK = "[being deleted: do not revert]"
CHILD = """
import sys, time
from tests.fleet_client import listening
from tests.lab.daemon import Lab
from tests.lab.snapshots import deletions
from virttui.model.commands import Command, Verb
from virttui.model.domains.snapshot_deletion import SnapshotDeletion
with listening(sys.argv[1]) as client:
    client.listed()
    target = client.target(sys.argv[2])
    client.fleet.submit([Command(Verb.DELETE_SNAPSHOTS, target, SnapshotDeletion(("s1",)))])
    time.sleep(600)
"""


@pytest.fixture
def guest(make: Make) -> DiskGuest:
    """A guest with a snapshot s1, after which 32 MiB were written, and with s2 after that."""
    one = make(size="256M")
    one.write(0, 1)
    one.take("s1")
    one.write(1, 2, count=BLOCKS)
    one.take("s2")
    one.write(2, 3)
    return one


NOW = [1, 2, 3, 2]


@contextmanager
def slowly(guest: DiskGuest) -> Iterator[threading.Event]:
    """Have the next block job of the guest crawl; the event says that it does."""
    connection = libvirt.open(guest.lab.uri)
    domain = connection.lookupByName(guest.name)
    crawls, over = threading.Event(), threading.Event()

    def watch() -> None:
        while not over.is_set():
            try:
                if domain.blockJobInfo("vda", 0):
                    domain.blockJobSetSpeed("vda", 1, 0)
                    crawls.set()
                    return
            except libvirt.libvirtError:
                pass

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield crawls
    finally:
        over.set()
        thread.join()
        connection.close()


def at_speed(guest: DiskGuest) -> None:
    """Let its job go on as fast as it can."""
    guest.lab.virsh("blockjob", guest.name, "vda", "--bandwidth", "0")


def is_marked(guest: DiskGuest, name: str = "s1") -> bool:
    return MARK in guest.lab.virsh("snapshot-dumpxml", guest.name, name)


def finish(client: RecordingClient, guest: DiskGuest) -> None:
    """Finish what ``:leftovers`` lists; after it there is nothing left, and now is as it was."""
    (left,) = incomplete(client)
    assert (left.operation, left.name) == ("deleting snapshots of", guest.name)
    assert left.snapshots == ("s1",) and not left.resources
    task = delete(client, guest, "s1")
    assert task.state is TaskState.DONE, task
    assert incomplete(client) == () and guest.snapshots() == {"s2"}
    assert guest.content(blocks=4) == NOW
    assert guest.content(moment(guest, "s2"), 4) == [1, 2, 2, 2]
    assert f"{guest.name}-vda.s1" not in guest.files()


def test_ended_by_hand_now_is_whole_and_the_snapshot_says_that_it_is_not(
    client: RecordingClient, guest: DiskGuest
) -> None:
    with slowly(guest) as crawls:
        number = begin(client, guest, "s1")
        assert crawls.wait(PATIENCE), "the job crawls"
        client.fleet.cancel(number)
        task = client.done(number)
    assert task.state is TaskState.CANCELLED, task
    assert f"{guest.name} goes on as before, but what s1 held is not whole" in task.words
    assert not guest.lab.virsh("blockjob", guest.name, "vda").strip().startswith("Block")
    assert guest.snapshots() == {"s1", "s2"} and is_marked(guest)
    assert guest.content(blocks=4) == NOW
    finish(client, guest)


def test_a_killed_qemu_loses_nothing_of_now(client: RecordingClient, guest: DiskGuest) -> None:
    with slowly(guest) as crawls:
        number = begin(client, guest, "s1")
        assert crawls.wait(PATIENCE), "the job crawls"
        send(guest.lab.guest_pid(guest.name), signal.SIGKILL)
        task = client.done(number)
    assert task.state is TaskState.FAILED and "what s1 held is not whole" in trouble(task).message
    client.wait(lambda: client.is_in(guest.name, "shutoff"))
    # What was never flushed to the file may be gone with QEMU, as by a power cut.
    assert guest.content(blocks=2) == NOW[:2] and guest.snapshots() == {"s1", "s2"}
    (left,) = incomplete(client)
    assert left.snapshots == ("s1",)
    assert delete(client, guest, "s1").state is TaskState.DONE
    assert guest.content(blocks=2) == NOW[:2] and guest.snapshots() == {"s2"}
    assert incomplete(client) == ()


def test_a_killed_daemon_is_waited_for_and_the_job_of_qemu_is_gone_on_with(
    client: RecordingClient, guest: DiskGuest
) -> None:
    with slowly(guest) as crawls:
        number = begin(client, guest, "s1")
        assert crawls.wait(PATIENCE), "the job crawls"
        guest.lab.kill_daemon()
        task = client.done(number)
    assert isinstance(trouble(task), HostLost), task
    guest.lab.start_daemon()
    client.wait(lambda: client.phase() is ConnectionState.LIVE, what="it is live again")
    client.wait(lambda: client.is_in(guest.name, "paused"))
    at_speed(guest)
    finish(client, guest)


def test_a_killed_program_leaves_what_the_next_one_finishes(
    client: RecordingClient, guest: DiskGuest
) -> None:
    root = Path(__file__).parents[3]
    with slowly(guest) as crawls:
        command = [sys.executable, "-c", CHILD, guest.lab.uri, guest.name]
        run = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL)
        try:
            assert crawls.wait(PATIENCE), "the job crawls"
        finally:
            run.kill()
            run.wait()
    client.wait(lambda: client.domain(guest.name))
    at_speed(guest)
    wait_until(
        lambda: f"{guest.name}-vda.s1" not in guest.lab.virsh("dumpxml", guest.name),
        PATIENCE, "QEMU to end the job by itself",
    )  # fmt: skip
    assert guest.snapshots() == {"s1", "s2"} and is_marked(guest)
    finish(client, guest)


def test_a_full_disk_is_told_and_nothing_of_now_is_lost(
    client: RecordingClient, make: Make, disk_lab: Lab
) -> None:
    disk_lab.virsh("pool-define-as", "spare", "dir", "--target", guests.SPARE)
    (disk_lab.folder / "lib" / "spare").mkdir(exist_ok=True)
    guests.limit_spare(disk_lab, 16)
    guest = make(size="256M", start=False)
    name = f"{guest.name}-vda.qcow2"
    disk_lab.inside("mv", f"{guests.POOL}/{name}", f"{guests.SPARE}/{name}")
    xml = disk_lab.virsh("dumpxml", "--inactive", guest.name)
    moved = xml.replace(f"{guests.POOL}/{name}", f"{guests.SPARE}/{name}")
    disk_lab.virsh("define", "/dev/stdin", text=moved)
    guest.start()
    guest.write(0, 1)
    guest.take("s1")
    guest.write(1, 2, count=BLOCKS)
    task = delete(client, guest, "s1")
    assert isinstance(trouble(task), PartiallyDone), task
    assert "vda could not be merged" in trouble(task).message
    assert guest.content(blocks=4) == [1, 2, 2, 2] and is_marked(guest)
    assert guest.running
    (left,) = incomplete(client)
    assert left.snapshots == ("s1",)
    assert client.target(guest.name).kind is Kind.DOMAIN
    # With more room it is finished.
    disk_lab.inside("mount", "-o", "remount,size=200m", guests.SPARE)
    qemu = str(disk_lab.guest_pid(guest.name))
    disk_lab.inside("nsenter", "-t", qemu, "-m", "mount", "-o", "remount,size=200m", guests.SPARE)
    assert delete(client, guest, "s1").state is TaskState.DONE
    assert guest.content(blocks=4) == [1, 2, 2, 2] and not guest.snapshots()
    assert incomplete(client) == ()

"""Jobs of libvirt's on booted guests: seen whoever began them, with progress, and ended on demand.

What the lab saves and dumps is written by a helper of its own that takes its time, so that saving a
small guest takes many seconds. Compression would do that too, but libvirt (9.0, 11.3) frees the
program that compresses while a thread still reads its words: one ended save of 90 took the daemon
along (SIGSEGV in cmd-async-io). A copy and a migration are given a bandwidth.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.conftest import skip_without_root
from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.daemon import Lab
from tests.lab.processes import run
from virttui.model.commands import Command, JobArguments, Verb
from virttui.model.domains.jobs import Job
from virttui.model.errors import Refused
from virttui.model.inventory import ConnectionState
from virttui.model.tasks import TaskState

pytestmark = pytest.mark.lab

GUEST = "busy"
HELPERS = ("/usr/lib/libvirt/libvirt_iohelper", "/usr/libexec/libvirt_iohelper")
"""Where Debian's releases have the program through which libvirt writes what it saves."""
SLOW_HELPER = f"""\
#!{sys.executable} -S
import os, time
while data := os.read(0, 1 << 16):
    while data:
        data = data[os.write(1, data):]
    time.sleep(0.01)
"""
COPY = f"{guests.POOL}/copy.qcow2"


@pytest.fixture(scope="module")
def slow() -> Iterator[Lab]:
    """A lab with one booted guest with a full disk, where to save it takes its time."""
    skip_without_root()
    with Lab(f"slow-{os.getpid()}") as lab:
        helper = lab.folder / "iohelper"
        helper.write_text(SLOW_HELPER)
        helper.chmod(0o755)
        lab.inside("mount", "--bind", str(helper), next(filter(os.path.exists, HELPERS)))
        guests.furnish_lab(lab)
        guests.define_guest(lab, GUEST, start=False)
        disk = guests.pool_folder(lab) / f"{GUEST}.qcow2"
        run("qemu-io", "-c", "write -P 7 0 48M", str(disk))
        lab.virsh("start", GUEST)
        guests.wait_booted(lab, GUEST)
        yield lab


@contextmanager
def elsewhere(lab: Lab, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another client at work; it has ended, one way or the other, when this is left."""
    silence = subprocess.DEVNULL
    client = subprocess.Popen(
        ["virsh", "-q", "-c", lab.uri, *command], stdout=silence, stderr=silence
    )
    try:
        yield client
        client.wait(30)
    finally:
        client.kill()
        client.wait()


def job(client: RecordingClient, operation: str) -> Job | None:
    """The job of that kind which the host tells of."""
    return next((job for job in client.inventory().jobs if job.operation == operation), None)


def grows(client: RecordingClient, operation: str) -> Job:
    """Wait for a job, and until more of it is done."""
    first = client.when(
        lambda: job(client, operation),
        lambda found: found.progress is not None,
        what=f"a {operation} shows",
    )
    done, left = first.progress, first.remaining
    assert done is not None and left is not None
    assert first.key == client.the_domain(GUEST).key and first.name == GUEST
    assert 0 <= done <= 1 and left > 0
    more = client.when(
        lambda: job(client, operation),
        lambda found: found.progress is not None and found.progress > done,
        what=f"the {operation} grows",
    )
    assert more.id == first.id and more.remaining is not None and more.remaining < left
    assert more.started_at == first.started_at and more.started_epoch == first.started_epoch
    return more


def abort(client: RecordingClient, disk: str = "") -> None:
    """End the job of the guest, or of one of its disks."""
    command = Command(Verb.ABORT_JOB, client.target(GUEST), JobArguments(disk))
    task = client.done(client.fleet.submit([command])[0])
    assert task.state is TaskState.DONE, task
    client.wait(lambda: not client.inventory().jobs, what="the job is gone")


def test_what_another_client_saves_is_seen_and_ended(slow: Lab) -> None:
    with listening(slow.uri) as client:
        client.listed()
        with elsewhere(slow, "managedsave", GUEST) as other:
            found = grows(client, "save")
            assert found.disk == "" and found.rate and found.seconds_left
            abort(client)
        assert other.returncode != 0, "the other client is told"
        client.wait(lambda: client.is_in(GUEST, "running"), what="the guest goes on")


def test_a_dump_is_seen_and_not_ended_where_the_daemon_would_die_of_it(slow: Lab) -> None:
    with listening(slow.uri) as client:
        client.listed()
        with elsewhere(slow, "dump", GUEST, "/var/lib/libvirt/core", "--live") as other:
            grows(client, "dump")
            task = client.done(client.do(Verb.ABORT_JOB, GUEST))
            if client.inventory().host.libvirt.startswith("9.0."):
                assert task.state is TaskState.FAILED and "crashes" in task.words
                assert client.phase() is ConnectionState.LIVE and job(client, "dump")
                # Its end is the only other way, and the guest of the others is back after it.
                slow.virsh("destroy", GUEST)
                slow.virsh("start", GUEST)
                guests.wait_booted(slow, GUEST)
            else:
                assert task.state is TaskState.DONE
            client.wait(lambda: not client.inventory().jobs, what="the job is gone")
        assert other.returncode != 0


def test_our_own_save_tells_its_progress_and_can_be_ended(slow: Lab) -> None:
    with listening(slow.uri) as client:
        client.listed()
        ours = client.do(Verb.SAVE, GUEST)
        grows(client, "save")
        assert client.tasks[ours].state is TaskState.RUNNING
        abort(client)
        ended = client.done(ours)
        assert ended.state is TaskState.FAILED and ended.trouble is not None
        client.wait(lambda: client.is_in(GUEST, "running"), what="the guest goes on")


def test_a_program_that_is_missing_where_a_save_is_compressed_is_told(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("lacking")
    if found := shutil.which("lzop"):
        lab.inside("mount", "--bind", "/dev/null", found)
    with (lab.folder / "etc" / "qemu.conf").open("a") as conf:
        conf.write('save_image_format = "lzop"\n')
    lab.kill_daemon()
    lab.start_daemon()
    guests.define_still(lab, "still")
    with listening(lab.uri) as client:
        client.listed()
        task = client.done(client.do(Verb.SAVE, "still"))
        assert isinstance(task.trouble, Refused), task
        assert "lacks the program that its save image is to be compressed with" in task.words
        assert "change save_image_format" in task.trouble.advice
        assert client.is_in("still", "paused"), "it goes on as it was"


def test_a_block_copy_is_seen_on_its_disk_and_ended(slow: Lab) -> None:
    copy = ("blockcopy", GUEST, "vda", COPY, "--transient-job", "--bytes", "--bandwidth", "3000000")
    with listening(slow.uri) as client:
        client.listed()
        slow.virsh(*copy)
        found = grows(client, "copy")
        assert found.disk == "vda" and found.rate and found.seconds_left
        abort(client, "vda")
        # Without a brake it is done in a moment, and then mirrors until it is ended.
        slow.virsh(*copy[:-2], "--reuse-external")
        client.wait(lambda: (made := job(client, "copy")) and made.progress == 1.0)
        abort(client, "vda")


def test_a_migration_is_seen_and_ended(slow: Lab, new_lab: Callable[[str], Lab]) -> None:
    there = new_lab("there")
    disk = f"{GUEST}.qcow2"
    (guests.pool_folder(there) / disk).hardlink_to(guests.pool_folder(slow) / disk)
    way = f"unix://{there.folder}/run/way"
    move = ("migrate", "--live", "--p2p", "--unsafe", "--bandwidth", "2", GUEST, there.uri, way)
    with listening(slow.uri, there.uri) as client:
        client.listed(slow.uri), client.listed(there.uri)
        with elsewhere(slow, *move) as other:
            found = grows(client, "migrate")
            assert found.rate and found.seconds_left
            abort(client)
        assert other.returncode != 0
        assert client.is_in(GUEST, "running")
        client.wait(lambda: client.domain(GUEST, there.uri) is None, what="nothing is left there")

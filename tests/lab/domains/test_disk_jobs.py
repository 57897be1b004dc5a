"""Disks of guests that run: moved to another pool, their chains made shorter, grown."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.conftest import skip_without_root
from tests.fleet_client import RecordingClient, listening
from tests.hypervisor.commands.test_volumes import Shelf
from tests.lab import guests
from tests.lab.daemon import Lab
from tests.lab.processes import run
from virttui.model.commands import Command, JobArguments, Verb
from virttui.model.domains.disk_jobs import BackingChain, DiskJob
from virttui.model.errors import HostLost, Refused
from virttui.model.identity import ObjectId
from virttui.model.queries import (
    BackingChainsQuery,
    BackingChainsResult,
    FileUsersQuery,
    FileUsersResult,
)
from virttui.model.tasks import Progress, Task, TaskState
from virttui.model.volumes import NewVolume

from .test_details import run_inside

pytestmark = pytest.mark.lab

MIB = 1024**2
GUEST = "web"
SLOWLY = 4 * MIB
SERIALS = itertools.count(1)


@pytest.fixture(scope="module")
def host() -> Iterator[Lab]:
    """A lab with a second pool."""
    skip_without_root()
    with Lab(f"disks-{os.getpid()}") as lab:
        guests.furnish_lab(lab)
        lab.virsh("pool-start", "spare")
        yield lab


@pytest.fixture
def lab(host: Lab) -> Lab:
    """The lab with one booted guest that has 48 MiB on one plain disk; as it was left, if it is."""
    if not as_it_was(host):
        clear(host)
        guests.define_guest(host, GUEST, start=False)
        run("qemu-io", "-c", "write -P 7 0 48M", str(guests.pool_folder(host) / f"{GUEST}.qcow2"))
        host.virsh("start", GUEST)
        guests.wait_booted(host, GUEST)
    for pool in ("default", "spare"):
        host.virsh("pool-refresh", pool)
    return host


def as_it_was(host: Lab) -> bool:
    """Whether the guest of the test before runs on its own disk, of its first size, alone."""
    if GUEST not in host.virsh("list", "--name").split():
        return False
    disk = host.virsh("domblklist", GUEST).split()[1]
    if not disk.endswith(f"{GUEST}.qcow2") or host.virsh("snapshot-list", GUEST, "--name").strip():
        return False
    return str(64 * MIB) in host.virsh("domblkinfo", GUEST, "vda")


def clear(host: Lab) -> None:
    """Take the guest of the test before away, with whatever it left."""
    if GUEST in host.virsh("list", "--name").split():
        host.virsh("destroy", GUEST)
    if GUEST in host.virsh("list", "--all", "--name").split():
        host.virsh("undefine", GUEST, "--snapshots-metadata")
    for folder in ("images", "spare"):
        for file in (host.folder / "lib" / folder).glob("*.*"):
            if file.name.startswith((GUEST, "moved", "other")):
                file.unlink()


def chain(client: RecordingClient, disk: str = "vda") -> BackingChain:
    """What a disk of the guest lies on, asked anew."""
    key = client.target(GUEST).key
    answer = client.answer(BackingChainsQuery(key, serial=next(SERIALS)), BackingChainsResult)
    return next(one for one in answer.chains if one.disk == disk)


def begin(client: RecordingClient, verb: Verb, **work: Any) -> int:
    """Put work on the guest's disk under way, for the chain it has now."""
    places = tuple(layer.source for layer in chain(client).layers)
    entered = DiskJob("vda", places, **work)
    return client.fleet.submit([Command(verb, client.target(GUEST), entered)])[0]


def far_is(client: RecordingClient, number: int) -> Progress | None:
    """How far work is; None before some of it is done."""
    task = client.tasks.get(number)
    return task.progress if task and task.progress and task.progress.done else None


def to_spare(client: RecordingClient, **work: Any) -> dict[str, object]:
    """Where a disk goes."""
    pool = client.wait(lambda: (one := client.pool("spare")) and one.active and one)
    new = NewVolume("moved.qcow2", 0, "qcow2", 0)
    return {"new": new, "target_pool": pool.key, "target_pool_name": "spare", **work}


def first_sectors(lab: Lab) -> str:
    """What the guest reads at the beginning of its disk."""
    return run_inside(lab, GUEST, "dd if=/dev/vda bs=1M count=48 2>/dev/null | md5sum").split()[0]


def test_a_move_tells_how_far_it_is_and_ends_by_hand_without_a_trace(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()
        number = begin(client, Verb.BLOCK_COPY, **to_spare(client, limit=SLOWLY))
        far = client.wait(lambda: far_is(client, number), what="it tells how far it is")
        assert far.total >= 48 * MIB and far.done < far.total
        # A copy may take hours: it keeps nothing else waiting.
        for verb, state in ((Verb.PAUSE, "paused"), (Verb.RESUME, "running")):
            assert client.done(client.do(verb, GUEST)).state is TaskState.DONE
            client.wait(partial(client.is_in, GUEST, state))
        assert not client.tasks[number].state.ended
        second = begin(client, Verb.BLOCK_COPY, **to_spare(client))
        client.wait(lambda: (one := client.tasks.get(second)) and one.state is TaskState.WAITING)
        client.fleet.cancel(second)
        assert client.done(second).state is TaskState.CANCELLED, "one at a time"
        client.fleet.cancel(number)
        task = client.done(number)
        assert task.state is TaskState.CANCELLED, task
        assert chain(client).layers[0].source.endswith("/web.qcow2")
        assert "moved.qcow2" not in Shelf(client, "spare").volumes()
        assert not lab.virsh("blockjob", GUEST, "vda").strip().startswith("Block Copy")


def test_a_disk_moves_to_another_pool_while_its_guest_runs(lab: Lab) -> None:
    before = first_sectors(lab)
    with listening(lab.uri) as client:
        client.listed()
        task = client.done(begin(client, Verb.BLOCK_COPY, **to_spare(client, delete_old=True)))
        assert task.state is TaskState.DONE, task
        assert "vda is on spare now, as moved.qcow2; web.qcow2 is deleted" in task.words
        (layer,) = chain(client).layers
        assert layer.source == "/var/lib/libvirt/spare/moved.qcow2"
        stored = client.read(client.document(GUEST)).stored
        assert layer.source in stored and "web.qcow2" not in stored, "its next boot has it too"
        assert "web.qcow2" not in Shelf(client, "default").volumes()
        client.wait(
            lambda: client.the_domain(GUEST).disks[0].source == layer.source, what="its row knows"
        )
    assert first_sectors(lab) == before


def test_a_move_whose_guest_goes_off_takes_its_copy_away(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()
        number = begin(client, Verb.BLOCK_COPY, **to_spare(client, limit=SLOWLY))
        client.wait(lambda: far_is(client, number), what="it is at work")
        assert client.done(client.do(Verb.FORCE_OFF, GUEST)).state is TaskState.DONE
        task = client.done(number)
        assert task.state is TaskState.FAILED and "running" in task.words, task
        assert "moved.qcow2" not in Shelf(client, "spare").volumes()
        assert "web.qcow2" in client.read(client.document(GUEST)).stored


def test_a_copy_left_behind_by_a_lost_connection_is_finished_by_hand(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()
        number = begin(client, Verb.BLOCK_COPY, **to_spare(client, limit=8 * SLOWLY))
        client.wait(lambda: far_is(client, number), what="it is at work")
        lab.kill_daemon()
        task = client.done(number)
        assert isinstance(task.trouble, HostLost) and "f finishes it" in task.trouble.advice
        lab.start_daemon()
        job = client.wait(
            lambda: next((one for one in client.inventory().jobs if one.progress == 1.0), None),
            60, what="the copy is whole",
        )  # fmt: skip
        assert (job.operation, job.disk) == ("copy", "vda")
        finish = Command(Verb.FINISH_JOB, client.target(GUEST), JobArguments("vda", "copy"))
        assert client.done(client.fleet.submit([finish])[0]).state is TaskState.DONE
        assert chain(client).layers[0].source == "/var/lib/libvirt/spare/moved.qcow2"
        again = client.done(client.fleet.submit([finish])[0])
        assert isinstance(again.trouble, Refused) and "ended already" in again.trouble.message


def snapshot(lab: Lab, name: str) -> None:
    """Put an overlay on the guest's disk, of which no snapshot is left."""
    lab.virsh("snapshot-create-as", GUEST, name, "--disk-only", "--no-metadata")


def test_chains_are_committed_and_pulled(lab: Lab) -> None:
    before = first_sectors(lab)
    for name in ("one", "two", "three"):
        snapshot(lab, name)
    with listening(lab.uri) as client:
        client.listed()
        found = chain(client)
        names = [layer.name for layer in found.layers]
        assert names == ["web.three", "web.two", "web.one", "web.qcow2"]
        assert found.capacity == 64 * MIB and found.layers[0].format == "qcow2"

        middle = client.done(begin(client, Verb.BLOCK_COMMIT, top=1, base=2, delete_old=True))
        assert middle.words == "vda: web.two went into web.one", middle
        assert [one.name for one in chain(client).layers] == ["web.three", "web.one", "web.qcow2"]
        active = client.done(begin(client, Verb.BLOCK_COMMIT, top=0, base=1, delete_old=False))
        assert "web.three went into web.one; left as files: web.three" in active.words, active
        pulled = client.done(begin(client, Verb.BLOCK_PULL, base=2))
        assert "no longer lies on web.qcow2" in pulled.words, pulled
        assert [one.name for one in chain(client).layers] == ["web.one"]
        nothing = client.done(begin(client, Verb.BLOCK_PULL, base=1))
        assert nothing.state is TaskState.FAILED and "no backing file" in nothing.words
        client.wait(lambda: client.the_domain(GUEST).disks[0].source.endswith("web.one"))
    assert first_sectors(lab) == before


def test_what_others_lie_on_is_not_committed_into(lab: Lab) -> None:
    snapshot(lab, "mine")
    with listening(lab.uri) as client:
        client.listed()
        shelf = Shelf(client, "default")
        base = f"{guests.POOL}/web.qcow2"
        new = NewVolume("other.qcow2", 64 * MIB, "qcow2", 0, backing=base, backing_format="qcow2")
        assert shelf.put(Verb.CREATE, "other.qcow2", new=new).state is TaskState.DONE
        refused = client.done(begin(client, Verb.BLOCK_COMMIT, top=0, base=1))
        assert isinstance(refused.trouble, Refused), refused
        assert "web.qcow2 is used by overlay other.qcow2 too" in refused.trouble.message
        assert len(chain(client).layers) == 2
        pulled = client.done(begin(client, Verb.BLOCK_PULL, base=2))
        assert pulled.state is TaskState.DONE, "a pull changes nothing but its own disk"
        stale = DiskJob("vda", ("/elsewhere",), base=1)
        made = Command(Verb.BLOCK_PULL, client.target(GUEST), stale)
        changed = client.done(client.fleet.submit([made])[0])
        assert isinstance(changed.trouble, Refused) and "has changed" in changed.words


def test_a_snapshot_keeps_what_it_needs(lab: Lab) -> None:
    lab.virsh("snapshot-create-as", GUEST, "safe", "--disk-only")
    with listening(lab.uri) as client:
        client.listed()
        shelf = Shelf(client, "default")
        pulled = client.done(begin(client, Verb.BLOCK_PULL, base=2))
        assert pulled.state is TaskState.DONE, pulled
        lab.virsh("pool-refresh", "default")
        refused = shelf.put(Verb.DELETE, "web.qcow2")
        assert isinstance(refused.trouble, Refused), refused
        assert "snapshot safe of web" in refused.trouble.message
        host = ObjectId(client.hosts[0], "")
        held = client.answer(
            FileUsersQuery(host, serial=next(SERIALS)), FileUsersResult
        ).users_by_path
        needs = [path for path, who in held if who == "snapshot safe of web"]
        assert needs == [f"{guests.POOL}/web.qcow2"]


def test_a_disk_grows_live_whatever_it_is_on(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()

        def grow(capacity: int) -> Task:
            work = DiskJob("vda", capacity=capacity)
            made = Command(Verb.RESIZE, client.target(GUEST), work)
            return client.done(client.fleet.submit([made])[0])

        assert grow(96 * MIB).words == "vda is grown; its guest sees it at once"
        assert run_inside(lab, GUEST, "cat /sys/block/vda/size").strip() == str(96 * 2048)
        assert isinstance(grow(32 * MIB).trouble, Refused)
        assert chain(client).capacity == 96 * MIB

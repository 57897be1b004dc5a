"""Backups of real guests: each moment can be read again, and a failure leaves nothing behind."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libvirt
import pytest

from tests.conftest import skip_without_root
from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.daemon import Lab
from tests.lab.processes import run, send, wait_until
from virttui.hypervisor.backup import checksums
from virttui.hypervisor.backup.push_job import follow
from virttui.model.backup.arguments import BackupMode, DeleteBackupArguments, VerifyArguments
from virttui.model.commands import Command, Verb
from virttui.model.errors import Refused
from virttui.model.identity import Kind
from virttui.model.queries import IncompleteDomainsQuery, IncompleteDomainsResult
from virttui.model.tasks import Task, TaskState
from virttui.planning.backup.plan import plan_backup

from .small_guests import MIB, DiskContent, back_up, content, define_small

pytestmark = pytest.mark.lab

ENGINE = "virttui.hypervisor.backup.back_up"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A lab with a pool for backups of its own, small enough to be full."""
    skip_without_root()
    with Lab(f"backup-{os.getpid()}") as host:
        guests.furnish_lab(host)
        guests.limit_spare(host, 24)
        yield host


@pytest.fixture
def client(lab: Lab) -> Iterator[RecordingClient]:
    """A fleet on it, which knows its pools."""
    with listening(lab.uri) as found:
        found.listed()
        found.wait(lambda: found.has_active_pool("spare"), what="the pool spare is on")
        yield found


def started(client: RecordingClient, lab: Lab, name: str) -> DiskContent:
    """A small guest that runs, and is known to; returns what is on its disks."""
    define_small(lab, name)
    client.wait(lambda: client.is_in(name, "running"), what=f"{name} runs")
    return DiskContent(lab, name)


def files_of(lab: Lab, pool: str, name: str) -> list[str]:
    """The volumes of the backups of a guest, as libvirt finds them."""
    lab.virsh("pool-refresh", pool)
    listed = lab.virsh("vol-list", pool).splitlines()
    return sorted(line.split()[0] for line in listed if line.split()[0].startswith(f"{name}-2"))


def checkpoints(lab: Lab, name: str) -> list[str]:
    return lab.virsh("checkpoint-list", name, "--name").split()


def manifests(folder: Path, name: str) -> list[dict[str, Any]]:
    """What the manifests say, oldest first."""
    found = sorted(folder.glob(f"{name}-2*.backup.json"))
    return [json.loads(one.read_text()) for one in found]


def ok(task: Task) -> str:
    assert task.state is TaskState.DONE, task
    return task.words


def test_each_moment_of_a_chain_can_be_read_by_qemu_img_alone(
    lab: Lab, client: RecordingClient
) -> None:
    disks = started(client, lab, "chain")
    folder = guests.pool_folder(lab)
    moments = []
    for pattern, place, mode in (
        (1, 0, BackupMode.AUTOMATIC),
        (2, 4 * MIB, BackupMode.AUTOMATIC),
        (0, MIB // 2, BackupMode.AUTOMATIC),
        (4, 9 * MIB, BackupMode.DIFFERENTIAL),
    ):
        disks.write(pattern, place, MIB)
        disks.write(pattern + 16, MIB, 65536, disk=1)
        moments.append((disks.sha256(), disks.sha256(1)))
        words = ok(back_up(client, "chain", mode=mode))
        assert "crash-consistent" in words
    found = manifests(folder, "chain")
    assert [one["kind"] for one in found] == ["full", "incremental", "incremental", "differential"]
    ids = [one["id"] for one in found]
    assert [one.get("parent", "") for one in found] == ["", ids[0], ids[1], ids[0]]
    for manifest, (vda, vdb) in zip(found, moments, strict=True):
        saved = {one["target"]: one for one in manifest["disks"]}
        assert content(folder / saved["vda"]["volume"]) == vda
        assert content(folder / saved["vdb"]["volume"]) == vdb
        assert saved["vdb"]["kind"] == "full"
        for disk in saved.values():
            data = (folder / disk["volume"]).read_bytes()
            assert (len(data), hashlib.sha256(data).hexdigest()) == (disk["size"], disk["sha256"])
        assert "<name>chain</name>" in manifest["definition"]
    assert checkpoints(lab, "chain") == [one["checkpoint"]["name"] for one in found]

    pool = client.target("default", Kind.POOL)
    verify = Command(
        Verb.VERIFY_BACKUP, client.target("chain"), VerifyArguments(pool.key, "default")
    )
    assert "4 backups verified" in ok(client.done(client.fleet.submit([verify])[0]))

    broken = folder / found[0]["disks"][0]["volume"]
    with broken.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))
    task = client.done(client.fleet.submit([verify])[0])
    assert isinstance(task.trouble, Refused) and "not good" in task.trouble.message
    checks = [json.loads(one.read_text()) for one in sorted(folder.glob("chain-2*.verified.json"))]
    assert [one["good"] for one in checks] == [False] * 4, "all of them need the full one"
    # A chain that is broken is not gone on with.
    assert "full backup" in ok(back_up(client, "chain"))

    def delete(*which: str) -> Task:
        arguments = DeleteBackupArguments(pool.key, "default", which)
        command = Command(Verb.DELETE_BACKUP, client.target("chain"), arguments)
        return client.done(client.fleet.submit([command])[0])

    refused = delete(ids[1])
    assert isinstance(refused.trouble, Refused) and ids[2] in refused.trouble.message
    assert "4 backups deleted" in ok(delete(*ids))
    left = manifests(folder, "chain")
    assert len(left) == 1 and checkpoints(lab, "chain") == [left[0]["checkpoint"]["name"]]
    assert len(files_of(lab, "default", "chain")) == 3


def test_a_full_pool_leaves_no_checkpoint_and_no_file(
    lab: Lab, client: RecordingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    disks = started(client, lab, "cramped")
    disks.write(5, 0, 2 * MIB)
    first = ok(back_up(client, "cramped", "spare"))
    assert "full backup" in first
    disks.write(6, 3 * MIB, 8 * MIB)
    before, taken = disks.sha256(), checkpoints(lab, "cramped")
    filler = lab.folder / "lib" / "spare" / "filler"

    def fill_after_planning(*arguments: Any) -> Any:
        plan = plan_backup(*arguments)
        lab.inside("fallocate", "-l", "17M", f"{guests.SPARE}/{filler.name}")
        return plan

    monkeypatch.setattr(f"{ENGINE}.plan_backup", fill_after_planning)
    task = back_up(client, "cramped", "spare")
    monkeypatch.undo()
    assert isinstance(task.trouble, Refused), task
    assert "full" in task.trouble.message and "No space left" in task.trouble.libvirt_message
    assert checkpoints(lab, "cramped") == taken
    assert len(files_of(lab, "spare", "cramped")) == 3
    assert client.is_in("cramped", "running")

    lab.inside("rm", f"{guests.SPARE}/{filler.name}")
    assert "incremental backup" in ok(back_up(client, "cramped", "spare"))
    seen = Path(f"/proc/{lab.keeper}/root{guests.SPARE}")
    newest = manifests(seen, "cramped")[-1]
    assert content(seen / newest["disks"][0]["volume"]) == before, "nothing is missing in it"


def test_a_guest_that_goes_off_is_told_and_its_checkpoint_goes_with_the_next_backup(
    lab: Lab, client: RecordingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    disks = started(client, lab, "leaving")
    ok(back_up(client, "leaving"))
    disks.write(7, 2 * MIB, 3 * MIB)
    before = disks.sha256()

    def follow_after_its_end(*arguments: Any) -> None:
        lab.virsh("destroy", "leaving")
        follow(*arguments)
        # A small one may have been whole already: it is the same to what comes after.
        raise Refused("the domain went off before all of it was copied")

    monkeypatch.setattr(f"{ENGINE}.follow", follow_after_its_end)
    task = back_up(client, "leaving")
    monkeypatch.undo()
    assert isinstance(task.trouble, Refused) and "went off" in task.trouble.message, task
    assert "the next backup deletes it" in task.trouble.message
    assert len(checkpoints(lab, "leaving")) == 2
    assert len(files_of(lab, "default", "leaving")) == 3

    refused = back_up(client, "leaving")
    assert isinstance(refused.trouble, Refused) and "is off" in refused.trouble.message
    lab.virsh("start", "leaving")
    words = ok(back_up(client, "leaving"))
    assert "incremental" in words and "were deleted: 1" in words
    newest = manifests(guests.pool_folder(lab), "leaving")[-1]
    assert content(guests.pool_folder(lab) / newest["disks"][0]["volume"]) == before
    assert len(checkpoints(lab, "leaving")) == 2


def test_a_qemu_that_was_killed_has_lost_its_bitmaps_and_a_full_one_follows(
    lab: Lab, client: RecordingClient
) -> None:
    disks = started(client, lab, "killed")
    ok(back_up(client, "killed"))
    pid = int((lab.folder / "run" / "qemu" / "killed.pid").read_text())
    send(pid, signal.SIGKILL)
    wait_until(lambda: lab.virsh("domstate", "killed").strip() == "shut off", 60, "it is off")
    lab.virsh("start", "killed")
    disks.write(9, MIB, MIB)
    words = ok(back_up(client, "killed"))
    assert "full backup" in words and "bitmaps" in words
    assert len(checkpoints(lab, "killed")) == 1
    assert "incremental backup" in ok(back_up(client, "killed"))


_KILLED = """
import os, signal, sys
from virttui.hypervisor.backup import back_up
from virttui.__main__ import main
back_up.follow = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
main(sys.argv[1:])
"""


def test_what_a_killed_program_leaves_is_listed_and_no_backup_follows_it(
    lab: Lab, client: RecordingClient
) -> None:
    disks = started(client, lab, "broken")
    ok(back_up(client, "broken"))
    disks.write(3, 6 * MIB, MIB)
    before = disks.sha256()
    arguments = ["backup", "-c", lab.uri, "broken", "--pool", "default"]
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, *arguments], check=False, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL, killed
    query = IncompleteDomainsQuery(client.target("broken").key)
    (left,) = client.answer(query, IncompleteDomainsResult).incomplete
    assert left.operation == "backing up" and len(left.resources) == 2
    words = ok(back_up(client, "broken"))
    assert "incremental" in words and "were deleted: 1" in words
    newest = manifests(guests.pool_folder(lab), "broken")[-1]
    assert content(guests.pool_folder(lab) / newest["disks"][0]["volume"]) == before
    clear = Command(Verb.REMOVE_INCOMPLETE, client.target("broken"), left)
    assert "is removed" in ok(client.done(client.fleet.submit([clear])[0]))
    assert len(files_of(lab, "default", "broken")) == 6


def test_what_is_off_is_started_paused_and_is_off_again(
    lab: Lab, client: RecordingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    define_small(lab, "idle", start=False)
    client.wait(lambda: client.is_in("idle", "shutoff"), what="idle is off")
    image = guests.pool_folder(lab) / "idle.qcow2"
    run("qemu-io", "-f", "qcow2", "-c", "write -P 8 1M 2M", str(image))
    words = ok(back_up(client, "idle", start_paused=True))
    assert "full backup" in words and "off" in words
    assert lab.virsh("domstate", "idle").strip() == "shut off"
    run("qemu-io", "-f", "qcow2", "-c", "write -P 9 8M 1M", str(image))
    assert "incremental backup" in ok(back_up(client, "idle", start_paused=True))
    newest = manifests(guests.pool_folder(lab), "idle")[-1]
    assert newest["consistency"] == "off"
    assert content(guests.pool_folder(lab) / newest["disks"][0]["volume"]) == content(image)

    def resume_meanwhile(*arguments: Any) -> None:
        lab.virsh("resume", "idle")
        follow(*arguments)

    monkeypatch.setattr(f"{ENGINE}.follow", resume_meanwhile)
    ok(back_up(client, "idle", start_paused=True))
    assert lab.virsh("domstate", "idle").strip() == "running", "somebody wanted it"


@pytest.mark.parametrize("name", ["data.qcow2", "spare.raw"])
def test_a_checksum_through_a_stream_is_that_of_the_file(
    lab: Lab, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = libvirt.open(lab.uri)
    volume = connection.storagePoolLookupByName("default").storageVolLookupByName(name)
    file = (guests.pool_folder(lab) / name).read_bytes()
    expected = (len(file), hashlib.sha256(file).hexdigest())
    assert checksums.checksum_of(connection, volume, lambda _: None) == expected
    monkeypatch.setattr(checksums, "_local_file", lambda *_: None)
    advanced: list[int] = []
    assert checksums.checksum_of(connection, volume, advanced.append) == expected
    assert sum(advanced) == len(file)
    connection.close()

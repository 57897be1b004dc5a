"""A volume copied from one host to another through virttui, and what may go wrong on the way."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import skip_without_root
from tests.fleet_client import RecordingClient, listening
from tests.hypervisor.commands.test_volumes import Shelf
from tests.lab import guests
from tests.lab.daemon import Lab
from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import HostLost, PartiallyDone, Refused
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Pool
from virttui.model.tasks import TaskState
from virttui.model.volumes import NewVolume, VolumeOperation

pytestmark = pytest.mark.lab

MIB = 1024**2


@pytest.fixture
def pair() -> Iterator[tuple[Lab, Lab]]:
    """Two hosts with a pool each, and nothing that runs."""
    skip_without_root()
    with Lab(f"from-{os.getpid()}") as one, Lab(f"to-{os.getpid()}") as other:
        for lab in (one, other):
            guests.furnish_lab(lab)
        yield one, other


def copy(client: RecordingClient, name: str, new: str = "") -> int:
    """Have a volume of the first host's pool copied to the pool of the second."""
    source, there = (_pool(client, host) for host in client.hosts)
    volume = Shelf(client, "default").volumes()[name]
    work = VolumeOperation(source.key, source.name, NewVolume(new or name, volume.capacity),
                      target_pool=there.key, target_pool_name="default on there")  # fmt: skip
    target = Target(Kind.VOLUME, ObjectId(source.key.host, volume.path), name)
    return client.fleet.submit([Command(Verb.COPY_TO_HOST, target, work)])[0]


def _pool(client: RecordingClient, host: str) -> Pool:
    return client.wait(lambda: (one := client.pool("default", host)) and one.active and one)


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def image(lab: Lab, name: str, *, full: int) -> Path:
    """A raw image with data at its beginning, and a hole behind where that is less than 64 MiB."""
    file = guests.pool_folder(lab) / name
    file.write_bytes(os.urandom(MIB) * full)
    os.truncate(file, max(full, 64) * MIB)
    lab.virsh("pool-refresh", "default")
    return file


def test_what_arrives_is_what_was_sent_and_as_sparse(pair: tuple[Lab, Lab]) -> None:
    one, other = pair
    sent = image(one, "disk.raw", full=9)
    with listening(one.uri, other.uri) as client:
        for host in client.hosts:
            client.listed(host)
        before = _pool(client, client.hosts[1]).volumes or 0
        task = client.done(copy(client, "disk.raw", "it is here.raw"), 60)
        assert task.state is TaskState.DONE, task
        there = guests.pool_folder(other) / "it is here.raw"
        assert digest(there) == digest(sent) and digest(sent) in task.words
        assert there.stat().st_blocks * 512 < 16 * MIB, "its hole is a hole"
        client.wait(
            lambda: _pool(client, client.hosts[1]).volumes == before + 1, what="its pool knows"
        )
        qcow2 = client.done(copy(client, "data.qcow2"), 60)
        assert isinstance(qcow2.trouble, Refused) and "already" in qcow2.trouble.libvirt_message
        again = client.done(copy(client, "data.qcow2", "second.qcow2"), 60)
        assert again.state is TaskState.DONE, again
        told = other.virsh("vol-dumpxml", "second.qcow2", "default")
        assert "<format type='qcow2'/>" in told and "268435456</capacity>" in told


def test_what_it_lies_on_has_to_be_there(pair: tuple[Lab, Lab]) -> None:
    one, other = pair
    base = f"{guests.POOL}/base.qcow2"
    one.virsh("vol-create-as", "default", "base.qcow2", "8M", "--format", "qcow2")
    one.virsh("vol-create-as", "default", "over.qcow2", "8M", "--format", "qcow2",
              "--backing-vol", base, "--backing-vol-format", "qcow2")  # fmt: skip
    with listening(one.uri, other.uri) as client:
        for host in client.hosts:
            client.listed(host)
        refused = client.done(copy(client, "over.qcow2"))
        assert isinstance(refused.trouble, Refused) and base in refused.trouble.message
        assert not (guests.pool_folder(other) / "over.qcow2").exists()
        assert client.done(copy(client, "base.qcow2")).state is TaskState.DONE
        assert client.done(copy(client, "over.qcow2")).state is TaskState.DONE


@pytest.mark.parametrize("end", ["by hand", "the other host", "its own host"])
def test_what_breaks_on_the_way_is_told_and_taken_away(pair: tuple[Lab, Lab], end: str) -> None:
    one, other = pair
    sent = image(one, "disk.raw", full=256)
    before = digest(sent)
    file = guests.pool_folder(other) / "disk.raw"
    with listening(one.uri, other.uri) as client:
        for host in client.hosts:
            client.listed(host)
        number = copy(client, "disk.raw")
        client.wait(lambda: file.exists() and file.stat().st_blocks > 0, what="it is under way")
        # Nothing is taken at the far end any more: the copy stands in its middle.
        other.freeze_daemon()
        if end == "by hand":
            client.fleet.cancel(number)
            other.thaw_daemon()
        elif end == "the other host":
            other.kill_daemon()
        else:
            one.kill_daemon()
            other.thaw_daemon()
        task = client.done(number, 60)
        assert task.state is not TaskState.DONE, task
        if end == "by hand":
            assert task.state is TaskState.CANCELLED, task
        else:
            kind = PartiallyDone if end == "the other host" else HostLost
            assert isinstance(task.trouble, kind), task
            assert "disk.raw in default on there is not whole" in task.trouble.message
        if end != "the other host":
            client.wait(lambda: not file.exists(), what="the copy is taken away")
    assert digest(sent) == before, "the source is untouched"


def test_the_checksum_is_virshs_too(pair: tuple[Lab, Lab], tmp_path: Path) -> None:
    one, other = pair
    image(one, "disk.raw", full=3)
    with listening(one.uri, other.uri) as client:
        for host in client.hosts:
            client.listed(host)
        task = client.done(copy(client, "disk.raw"), 60)
    file = str(tmp_path / "back.raw")
    other.virsh("vol-download", "disk.raw", file, "--pool", "default")
    told = subprocess.run(["sha256sum", file], capture_output=True, text=True, check=True)
    assert told.stdout.split()[0] in task.words

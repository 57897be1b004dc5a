"""Clones of what runs: as it is at one moment, and it goes on."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fleet_client import listening
from tests.lab import guests
from tests.lab.clones import (
    IN_SEQUENCE,
    assert_done,
    definition,
    plan,
    pool_files,
    random_volume,
    run_clones,
    start_clone,
)
from tests.lab.daemon import Lab
from tests.lab.domains.test_details import ask_agent
from tests.lab.processes import wait_until
from tests.patience import PATIENCE
from virttui.model.tasks import TaskState

pytestmark = pytest.mark.lab


def test_a_running_domain_is_copied_as_it_is_at_one_moment(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("mirroring")
    guests.define_guest(lab, "web-01")
    with listening(lab.uri) as client:
        client.listed()
        guests.wait_booted(lab, "web-01")
        client.wait(lambda: client.is_in("web-01", "running"))
        what = plan(client, "web-01", "web-{02,03}", start="yes")
        assert any("web-01 runs" in note for note in what.preview.notes)
        assert_done(run_clones(client, what, 120))
        assert lab.virsh("domstate", "web-01").strip() == "running"
        assert "<mirror" not in lab.virsh("dumpxml", "web-01")
        for name in ("web-02", "web-03"):
            guests.wait_booted(lab, name)
        found = {guests.address(lab, name) for name in ("web-01", "web-02", "web-03")}
        assert len(found) == 3, found
        assert f"{guests.POOL}/web-01.qcow2" in lab.virsh("dumpxml", "web-01")


def blocks(lab: Lab, name: str) -> int:
    """How many numbered blocks an image begins with; fails where one is missing in between."""
    image = str(guests.pool_folder(lab) / name)
    raw = f"{image}.plain"
    subprocess.run(["qemu-img", "convert", "-O", "raw", image, raw], check=True)
    content = Path(raw).read_bytes()
    Path(raw).unlink()
    there = [
        int(words[1])
        for place in range(0, len(content), 512)
        if len(words := content[place : place + 512].split(b"\0")[0].split()) == 2
        and words[0] == b"block"
    ]
    assert there == list(range(1, len(there) + 1)), (name, there[-5:])
    return len(there)


def test_all_disks_of_a_clone_are_of_the_same_moment(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("moment")
    lab.virsh("vol-create-as", "default", "second.qcow2", "64M", "--format", "qcow2")
    guests.define_guest(lab, "web-01", start=False)
    disk = (
        f"<disk type='file'><driver name='qemu' type='qcow2'/><source file='{guests.POOL}/"
        "second.qcow2'/><target dev='vdb' bus='virtio'/></disk>"
    )
    text = definition(lab, "web-01").replace("<controller", f"{disk}<controller", 1)
    lab.virsh("define", "/dev/stdin", text=text)
    lab.virsh("start", "web-01")
    guests.wait_booted(lab, "web-01")
    # Each block goes to the first disk, and to the second one once it is safe on the first.
    line = (
        "i=1; while [ $i -lt 100000 ]; do for d in vda vdb; do echo block $i |"
        " dd of=/dev/$d bs=512 seek=$i conv=notrunc,fsync; done; i=$((i+1)); done"
    )
    ask_agent(lab, "web-01", "guest-exec", path="/bin/sh", arg=["-c", line])
    with listening(lab.uri) as client:
        client.listed()
        client.wait(lambda: client.is_in("web-01", "running"))
        for name in ("web-02", "web-03", "web-04"):
            assert_done(run_clones(client, plan(client, "web-01", name)))
    counts = [
        (blocks(lab, f"{name}.qcow2"), blocks(lab, f"{name}-vdb.qcow2"))
        for name in ("web-02", "web-03", "web-04")
    ]
    assert all(one - other in (0, 1) for one, other in counts), counts
    assert counts[0][0] < counts[1][0] < counts[2][0], "it wrote all the time"


def test_what_runs_goes_on_when_its_copy_is_ended(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("far")
    random_volume(lab, "big.raw", 512, format="raw")
    guests.define_guest(lab, "web-01", start=False)
    disk = (
        f"<disk type='file'><driver name='qemu' type='raw'/><source file='{guests.POOL}/big.raw'/>"
        "<target dev='vdb' bus='virtio'/></disk>"
    )
    text = definition(lab, "web-01").replace("<controller", f"{disk}<controller", 1)
    lab.virsh("define", "/dev/stdin", text=text)
    lab.virsh("start", "web-01")
    with listening(lab.uri) as client:
        client.listed()
        before = pool_files(lab)
        id = start_clone(client, plan(client, "web-01", "web-02"))
        wait_until(
            lambda: "<mirror" in lab.virsh("dumpxml", "web-01"), PATIENCE, "the mirror", often=True
        )
        client.fleet.cancel(id)
        assert client.done(id).state is TaskState.CANCELLED
        assert pool_files(lab) == before
        assert lab.virsh("domstate", "web-01").strip() == "running"
        assert "<mirror" not in lab.virsh("dumpxml", "web-01")


def test_clones_start_one_by_one_once_all_are_made(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("rolling")
    guests.define_guest(lab, "web-01", start=False)
    with listening(lab.uri) as client:
        client.listed()
        client.wait(lambda: client.is_in("web-01", "shutoff"))
        what = plan(client, "web-01", "web-{02,03}", start="one by one")
        assert what.in_sequence
        *_, first, second = client.fleet.submit(what.commands, IN_SEQUENCE)

        def answers() -> bool:
            found = client.domain("web-02")
            return found is not None and found.agent

        client.wait(lambda: first in client.tasks and client.tasks[first].state.ended)
        assert "web-03" in lab.virsh("list", "--all", "--name").split(), "made before any starts"
        assert client.tasks[second].state is TaskState.WAITING
        client.wait(lambda: client.tasks[second].state is not TaskState.WAITING)
        assert answers(), "the one before is there"
        assert client.done(second).state is TaskState.DONE

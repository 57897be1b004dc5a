"""Clones on a lab: made whole or not at all, whatever the source does meanwhile."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence

import pytest

from tests.ears import Ears, listening
from virttui.definitions.cloning import planned
from virttui.model.cloning import CloneSource, Cloning
from virttui.model.commands import AT_ONCE, Pace
from virttui.model.errors import Refused
from virttui.model.identity import Kind
from virttui.model.news import Ask, Question
from virttui.model.tasks import Task, TaskState
from virttui.panes.cloning import sites
from virttui.panes.offering import macs
from virttui.panes.survey import Survey

from . import guests, xml
from .daemon import Lab

pytestmark = pytest.mark.lab

MIB = 1024**2
STEPWISE = Pace(stop_at_failure=True, one_by_one=True)


def source(ears: Ears, name: str) -> CloneSource:
    """What a host tells of a domain that is to be cloned."""
    ears.wait(lambda: (one := ears.pool("default")) and one.active, what="its pool is told")
    key = ears.target(name).key
    answer = ears.answer(Question(Ask.CLONE, Kind.DOMAIN, key, len(ears.answers)))
    assert answer.clone is not None, answer
    return answer.clone


def survey(ears: Ears) -> Survey:
    return Survey(inventories=dict(ears.inventories))


def plan(ears: Ears, name: str, new: str, **given: str) -> Cloning:
    """What the form comes to."""
    values = {"name": new, **{key.replace("_", " "): value for key, value in given.items()}}
    found = source(ears, name)
    known = survey(ears)
    return planned(values, found, sites(known, found.key), macs(known))


def made(ears: Ears, what: Cloning, seconds: float = 60) -> list[Task]:
    ids = ears.fleet.submit(what.commands, STEPWISE if what.stepwise else AT_ONCE)
    return [ears.done(id, seconds) for id in ids]


def well(tasks: Sequence[Task]) -> None:
    for task in tasks:
        assert task.state is TaskState.DONE, task


def off(lab: Lab, name: str, *volumes: str, domain: Callable[[str], str] = xml.still) -> None:
    """A machine that is off, with these volumes of its pool as disks."""
    disks = "".join(
        f"<disk type='file'><driver name='qemu' type='{one.rpartition('.')[2]}'/>"
        f"<source file='{guests.POOL}/{one}'/><target dev='vd{letter}' bus='virtio'/></disk>"
        for one, letter in zip(volumes, "abc", strict=False)
    )
    nic = "<interface type='network'><source network='default'/></interface>"
    text = domain(name).replace("<devices>", f"<devices>{disks}{nic}")
    lab.virsh("define", "/dev/stdin", text=text)


def data(lab: Lab, name: str, mib: int, *, format: str = "qcow2") -> None:
    """A volume of the pool with so many MiB of random bytes in it, of as many again."""
    raw = guests.pool_folder(lab) / f"{name}.tmp"
    raw.write_bytes(os.urandom(mib * MIB))
    os.truncate(raw, 2 * mib * MIB)
    place = str(guests.pool_folder(lab) / name)
    subprocess.run(["qemu-img", "convert", "-O", format, str(raw), place], check=True)
    raw.unlink()
    lab.virsh("pool-refresh", "default")


def same(lab: Lab, one: str, other: str) -> bool:
    """Whether two images of the pool hold the same."""
    images = [str(guests.pool_folder(lab) / name) for name in (one, other)]
    # What an overlay lies on is named as the lab sees it.
    done = subprocess.run(["qemu-img", "compare", "-U", *images], capture_output=True, check=False)
    return done.returncode == 0


def files(lab: Lab) -> set[str]:
    return {one.name for one in guests.pool_folder(lab).iterdir()}


def definition(lab: Lab, name: str) -> str:
    return lab.virsh("dumpxml", "--inactive", "--security-info", name)


def test_a_full_clone_has_its_own_disk_uuid_and_mac(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("cloning")
    data(lab, "web-01.qcow2", 8)
    data(lab, "data.raw", 4, format="raw")
    off(lab, "web-01", "web-01.qcow2", "data.raw")
    with listening(lab.uri) as ears:
        ears.listed()
        what = plan(ears, "web-01", "web-{02,03}")
        well(made(ears, what))
    assert {"web-02.qcow2", "web-02-vdb.raw", "web-03.qcow2", "web-03-vdb.raw"} <= files(lab)
    assert same(lab, "web-01.qcow2", "web-02.qcow2") and same(lab, "data.raw", "web-02-vdb.raw")
    old, new = definition(lab, "web-01"), definition(lab, "web-02")
    assert f"{guests.POOL}/web-02.qcow2" in new and "web-01" not in new
    for tag in ("<uuid>", "<mac address='"):
        assert old.partition(tag)[2][:17] != new.partition(tag)[2][:17]


def test_linked_clones_lie_on_a_base_that_nobody_writes_to(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("linking")
    data(lab, "web-01.qcow2", 8)
    off(lab, "web-01", "web-01.qcow2")
    with listening(lab.uri) as ears:
        ears.listed()
        what = plan(ears, "web-01", "web-{02..04}", disk_vda="linked to default")
        assert what.stepwise and "goes on on web-01-own.qcow2" in what.made[0]
        before = (guests.pool_folder(lab) / "web-01.qcow2").stat().st_mtime_ns
        well(made(ears, what))
        assert "web-01-own.qcow2" in definition(lab, "web-01")
        assert (guests.pool_folder(lab) / "web-01.qcow2").stat().st_mtime_ns == before
        for name in ("web-01-own", "web-02", "web-04"):
            told = lab.virsh("vol-dumpxml", f"{name}.qcow2", "default")
            assert f"<path>{guests.POOL}/web-01.qcow2</path>" in told
        assert "linked" not in definition(lab, "web-02")

        base = source(ears, "web-01").disks[0]
        assert base.backing.endswith("/web-01.qcow2") and base.backing_users == ()
        well(made(ears, plan(ears, "web-01", "web-05", disk_vda="base to default")))
        assert same(lab, "web-01.qcow2", "web-01.qcow2")
        told = lab.virsh("vol-dumpxml", "web-05.qcow2", "default")
        assert f"<path>{guests.POOL}/web-01.qcow2</path>" in told

        # Somebody takes the base as a disk of a machine of their own.
        late = plan(ears, "web-01", "web-06", disk_vda="base to default")
        off(lab, "thief", "web-01.qcow2")
        task = made(ears, late)[-1]
        assert isinstance(task.trouble, Refused) and "thief could write to it" in task.words
        assert "web-06.qcow2" not in files(lab)


def test_a_running_domain_is_copied_as_it_is_at_one_moment(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("mirroring")
    guests.define_guest(lab, "web-01")
    with listening(lab.uri) as ears:
        ears.listed()
        guests.wait_booted(lab, "web-01")
        ears.wait(lambda: ears.is_in("web-01", "running"))
        what = plan(ears, "web-01", "web-{02,03}", start="yes")
        assert any("web-01 runs" in note for note in what.outline.notes)
        well(made(ears, what, 120))
        assert lab.virsh("domstate", "web-01").strip() == "running"
        assert "<mirror" not in lab.virsh("dumpxml", "web-01")
        for name in ("web-02", "web-03"):
            guests.wait_booted(lab, name)
        found = {guests.address(lab, name) for name in ("web-01", "web-02", "web-03")}
        assert len(found) == 3, found
        assert f"{guests.POOL}/web-01.qcow2" in lab.virsh("dumpxml", "web-01")

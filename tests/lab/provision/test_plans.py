"""Machines made from recipes on a lab: whole, or not at all."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests, xml
from tests.lab.daemon import Lab
from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import Refused
from virttui.model.identity import Kind, ObjectId
from virttui.model.provision.plan import ProvisionPlan, VolumeStep
from virttui.model.tasks import Task, TaskState
from virttui.model.volumes import NewVolume

pytestmark = pytest.mark.lab

MIB = 1024**2
NUMBERS = itertools.count(1)


def plan(client: RecordingClient, name: str, *volumes: VolumeStep, **rest: Any) -> ProvisionPlan:
    """A guest that never runs an instruction, with these volumes as disks."""
    disks = "".join(
        f"<disk type='volume'><source pool='{one.pool_name}' volume='{one.new.name}'/>"
        f"<driver name='qemu' type='{one.new.format or 'raw'}'/>"
        f"<target dev='vd{letter}' bus='virtio'/></disk>"
        for one, letter in zip(volumes, "abc", strict=False)
    )
    text = xml.still(name).replace("<devices>", f"<devices>{disks}")
    return ProvisionPlan(name, text, volumes, **rest)


def make(client: RecordingClient, what: ProvisionPlan) -> Task:
    target = Target(Kind.DOMAIN, ObjectId(client.hosts[0], str(uuid4())), what.name)
    return client.done(client.fleet.submit([Command(Verb.PROVISION, target, what)])[0], 60)


def step(client: RecordingClient, name: str, **rest: Any) -> VolumeStep:
    pool = client.wait(lambda: (one := client.pool("default")) and one.active and one)
    new = NewVolume(name, 8 * MIB, "qcow2", 0)
    return VolumeStep(pool.key, "default", new, **rest)


def test_a_machine_is_made_with_its_volumes_and_runs(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("recipes")
    with listening(lab.uri) as client:
        client.listed()
        pool = step(client, "x").pool
        seed = VolumeStep(pool, "default", NewVolume("seed", 7, "raw", 0), content=b"a seed\n")
        copy = step(client, "copy.qcow2", copy_of=(pool, "data.qcow2"))
        task = make(client, plan(client, "new", step(client, "new.qcow2"), copy, seed, start=True))
        assert task.state is TaskState.DONE and "3 volumes, and started" in task.words, task
        client.wait(lambda: client.is_in("new", "running"), what="its row shows it")
        assert (guests.pool_folder(lab) / "seed").read_bytes() == b"a seed\n"

        again = make(client, plan(client, "new"))
        assert isinstance(again.trouble, Refused) and "there already" in again.words
        taken = make(
            client, plan(client, "other", step(client, "other.qcow2"), step(client, "new.qcow2"))
        )
        assert (
            isinstance(taken.trouble, Refused) and "new.qcow2 is in default already" in taken.words
        )
        assert not (guests.pool_folder(lab) / "other.qcow2").exists(), "undone"
        assert (guests.pool_folder(lab) / "new.qcow2").exists(), "what was there stays"


def test_what_cannot_start_is_taken_away_whole(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("undoing")
    with listening(lab.uri) as client:
        client.listed()
        made = plan(client, "bad", step(client, "bad.qcow2"), start=True)
        broken = made.xml.replace(
            "<devices>",
            "<devices><disk type='file'><source file='/nowhere/at-all'/><target dev='vdz'/></disk>",
        )
        task = make(client, ProvisionPlan("bad", broken, made.volumes, start=True))
        assert task.state is TaskState.FAILED, task
        assert "bad" not in lab.virsh("list", "--all", "--name").split()
        assert not (guests.pool_folder(lab) / "bad.qcow2").exists()
        invalid = make(client, ProvisionPlan("bad", made.xml.replace("<devices>",
        "<devices><nonsense/>"),
                                    made.volumes))  # fmt: skip
        assert invalid.state is TaskState.FAILED
        assert not (guests.pool_folder(lab) / "bad.qcow2").exists()

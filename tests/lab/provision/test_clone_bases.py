"""Linked clones: a base that nobody writes to, and that stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.arguments import arguments_of
from tests.fleet_client import listening
from tests.hypervisor.commands.test_volumes import Shelf
from tests.lab import guests, xml
from tests.lab.clones import (
    MIB,
    assert_done,
    definition,
    plan,
    pool_files,
    random_volume,
    run_clones,
    same_content,
    source,
    stopped_domain,
)
from tests.lab.daemon import Lab
from virttui.model.commands import Command, DefineArguments, Target, Verb
from virttui.model.documents import Document
from virttui.model.errors import Refused
from virttui.model.identity import Kind, ObjectId
from virttui.model.provision.plan import ProvisionPlan
from virttui.model.queries import CloneSourceQuery, CloneSourceResult
from virttui.model.tasks import Task, TaskState
from virttui.model.volumes import VolumeOperation

pytestmark = pytest.mark.lab


def test_linked_clones_lie_on_a_base_that_nobody_writes_to(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("linking")
    random_volume(lab, "web-01.qcow2", 8)
    stopped_domain(lab, "web-01", "web-01.qcow2")
    with listening(lab.uri) as client:
        client.listed()
        what = plan(client, "web-01", "web-{02..04}", disk_vda="linked to default")
        assert what.in_sequence and "continues on web-01-own.qcow2" in what.result_lines[0]
        before = (guests.pool_folder(lab) / "web-01.qcow2").stat().st_mtime_ns
        assert_done(run_clones(client, what))
        assert "web-01-own.qcow2" in definition(lab, "web-01")
        assert (guests.pool_folder(lab) / "web-01.qcow2").stat().st_mtime_ns == before
        for name in ("web-01-own", "web-02", "web-04"):
            told = lab.virsh("vol-dumpxml", f"{name}.qcow2", "default")
            assert f"<path>{guests.POOL}/web-01.qcow2</path>" in told
        assert "linked" not in definition(lab, "web-02")

        base = source(client, "web-01").disks[0]
        assert base.backing.endswith("/web-01.qcow2") and base.backing_users == ()
        assert_done(
            run_clones(client, plan(client, "web-01", "web-05", disk_vda="base to default"))
        )
        assert same_content(lab, "web-01.qcow2", "web-01.qcow2")
        told = lab.virsh("vol-dumpxml", "web-05.qcow2", "default")
        assert f"<path>{guests.POOL}/web-01.qcow2</path>" in told

        # Somebody takes the base as a disk of a machine of their own.
        late = plan(client, "web-01", "web-06", disk_vda="base to default")
        stopped_domain(lab, "thief", "web-01.qcow2")
        task = run_clones(client, late)[-1]
        assert isinstance(task.trouble, Refused) and "thief could write to it" in task.words
        assert "web-06.qcow2" not in pool_files(lab)


def test_a_base_is_neither_deleted_nor_shrunk_nor_wiped(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("base")
    random_volume(lab, "web-01.qcow2", 2)
    stopped_domain(lab, "web-01", "web-01.qcow2")
    with listening(lab.uri) as client:
        client.listed()
        assert_done(
            run_clones(client, plan(client, "web-01", "web-02", disk_vda="linked to default"))
        )
        shelf = Shelf(client, "default")
        base = shelf.volumes()["web-01.qcow2"]
        smaller: dict[str, Any] = {"capacity": MIB, "allow_shrink": True}
        for verb, rest in ((Verb.DELETE, {}), (Verb.WIPE, {}), (Verb.RESIZE, smaller)):
            pool = client.the_pool("default")
            target = Target(Kind.VOLUME, ObjectId(pool.key.host, base.path), base.name)
            work = VolumeOperation(pool.key, pool.name, **rest)
            task = client.done(client.fleet.submit([Command(verb, target, work)])[0])
            assert isinstance(task.trouble, Refused), task
            assert "web-02.qcow2" in task.words
        stopped_domain(lab, "writer", "web-01.qcow2")
        assert source(client, "web-01").disks[0].backing_users == ("writer",)
        way = plan(client, "web-01", "web-03", disk_vda="base to default")
        assert arguments_of(way.commands[0], ProvisionPlan).read_only_bases == (), "not offered"


def test_no_definition_gets_to_write_to_a_base(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("kept")
    random_volume(lab, "web-01.qcow2", 2)
    stopped_domain(lab, "web-01", "web-01.qcow2")
    with listening(lab.uri) as client:
        client.listed()
        old = definition(lab, "web-01")
        assert_done(
            run_clones(client, plan(client, "web-01", "web-02", disk_vda="linked to default"))
        )
        target, now = client.target("web-01"), definition(lab, "web-01")
        assert now != old
        document = Document(Kind.DOMAIN, target.key, "web-01")

        def write(text: str) -> Task:
            base = definition(lab, "web-01")
            command = Command(Verb.DEFINE, target, DefineArguments(document, xml=text, base=base))
            return client.done(client.fleet.submit([command])[0])

        task = write(old)
        assert isinstance(task.trouble, Refused), task
        assert "web-01.qcow2 is the backing file of web-02.qcow2" in task.words
        assert definition(lab, "web-01") == now
        disk = (
            f"<disk type='file'><driver name='qemu' type='qcow2'/><source file='{guests.POOL}/"
            "web-01.qcow2'/><target dev='vdb' bus='virtio'/>%s</disk>"
        )
        second = now.replace("<interface", f"{disk % ''}<interface", 1)
        assert isinstance(write(second).trouble, Refused)
        other = xml.still("other").replace("<devices>", f"<devices>{disk % ''}")
        provision_plan = ProvisionPlan("other", other)
        new_ids = Target(Kind.DOMAIN, ObjectId(target.key.host, str(uuid4())), "other")
        make = Command(Verb.PROVISION, new_ids, provision_plan)
        task = client.done(client.fleet.submit([make])[0])
        assert isinstance(task.trouble, Refused) and "is the backing file" in task.words
        # What only reads it is well, and so is all else.
        assert write(second.replace(disk % "", disk % "<readonly/>")).state is TaskState.DONE
        # Without clones it may go back.
        lab.virsh("undefine", "web-02")
        lab.virsh("vol-delete", "web-02.qcow2", "default")
        assert write(old).state is TaskState.DONE


def test_a_container_is_refused_in_words(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("box")
    guests.define_container(lab, "box", start=False)
    with listening(lab.lxc_uri) as client:
        client.listed()
        key = client.target("box").key
        answer = client.answer(CloneSourceQuery(key, serial=1), CloneSourceResult)
        assert answer.error is not None and "box is a container" in answer.error.message

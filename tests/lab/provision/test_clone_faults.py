"""Clones that come to nothing: ended, taken, full, killed; nothing of them is left unlisted."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

import pytest

from tests.arguments import arguments_of
from tests.conftest import skip_without_root
from tests.fleet_client import listening
from tests.lab import guests
from tests.lab.clones import (
    MIB,
    assert_done,
    by_libvirt,
    definition,
    plan,
    pool_files,
    random_volume,
    run_clones,
    same_content,
    start_clone,
    stopped_domain,
)
from tests.lab.daemon import Lab
from virttui.model.errors import HostLost, InvalidInput, PartiallyDone, Refused
from virttui.model.provision.plan import ProvisionPlan
from virttui.model.tasks import TaskState
from virttui.persistence import provision_journal

pytestmark = pytest.mark.lab


@pytest.mark.parametrize("how", ["streamed", "by libvirt"])
def test_a_clone_that_is_ended_leaves_nothing(new_lab: Callable[[str], Lab], how: str) -> None:
    lab = new_lab("ending")
    random_volume(lab, "web-01.raw", 512, format="raw")
    stopped_domain(lab, "web-01", "web-01.raw")
    with listening(lab.uri) as client:
        client.listed()
        before = pool_files(lab)
        what = plan(client, "web-01", "web-02")
        assert arguments_of(what.commands[0], ProvisionPlan).volumes[0].streamed
        id = start_clone(client, what if how == "streamed" else by_libvirt(what))
        client.wait(lambda: "web-02.raw" in pool_files(lab), what="it has begun")
        client.fleet.cancel(id)
        task = client.done(id, 60)
        assert task.state is TaskState.CANCELLED, task
        assert pool_files(lab) == before
        assert "web-02" not in lab.virsh("list", "--all", "--name").split()
        (whole,) = run_clones(client, by_libvirt(plan(client, "web-01", "web-03")))
        assert_done([whole])
        assert whole.progress is not None and 0 < whole.progress.done <= whole.progress.total
        assert same_content(lab, "web-01.raw", "web-03.raw")


def test_a_name_that_is_taken_meanwhile_is_refused_and_undone(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("taken")
    random_volume(lab, "web-01.qcow2", 2)
    stopped_domain(lab, "web-01", "web-01.qcow2")
    with listening(lab.uri) as client:
        client.listed()
        what = plan(client, "web-01", "web-{02..04}")
        guests.define_still(lab, "web-02", start=False)
        (guests.pool_folder(lab) / "web-03.qcow2").write_bytes(b"somebody's")
        lab.virsh("pool-refresh", "default")
        one, other, last = run_clones(client, what)
        assert isinstance(one.trouble, Refused) and "web-02 is there already" in one.words
        assert isinstance(other.trouble, Refused) and "web-03.qcow2 is in default" in other.words
        assert last.state is TaskState.DONE
        assert (guests.pool_folder(lab) / "web-03.qcow2").read_bytes() == b"somebody's"
        assert "web-02.qcow2" not in pool_files(lab)


def test_a_pool_that_is_full_is_said_before_and_undone_in_between(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("full")
    guests.limit_spare(lab, 24)
    random_volume(lab, "web-01.qcow2", 16)
    stopped_domain(lab, "web-01", "web-01.qcow2")
    with listening(lab.uri) as client:
        client.listed()
        client.wait(lambda: (one := client.pool("spare")) and one.active and one.available)
        with pytest.raises(InvalidInput, match="spare has"):
            plan(client, "web-01", "web-{02..05}", disk_vda="full to spare")
        what = plan(client, "web-01", "web-02", disk_vda="full to spare")
        lab.inside("dd", "if=/dev/zero", "of=/var/lib/libvirt/spare/filler", "bs=1M", "count=12")
        task = run_clones(client, what)[0]
        assert task.words == "spare is full: web-02.qcow2 needs 16M, and 12M are free", task
        assert lab.inside("ls", "/var/lib/libvirt/spare").split() == ["filler"]
        assert "web-02" not in lab.virsh("list", "--all", "--name").split()


def test_a_reflink_is_refused_in_words_where_it_cannot_be(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("reflink")
    random_volume(lab, "web-01.raw", 2, format="raw")
    stopped_domain(lab, "web-01", "web-01.raw")
    with listening(lab.uri) as client:
        client.listed()
        task = run_clones(client, plan(client, "web-01", "web-02", disk_vda="reflink to default"))[
            0
        ]
        if task.state is TaskState.DONE:
            pytest.skip("the file system of this machine shares blocks")
        assert isinstance(task.trouble, Refused), task
        assert "default cannot share blocks" in task.words and "web-02.raw" not in pool_files(lab)


def test_a_medium_that_is_gone_is_named_and_the_clone_undone(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("medium")
    random_volume(lab, "web-01.qcow2", 2)
    (guests.pool_folder(lab) / "tools.iso").write_bytes(bytes(MIB))
    lab.virsh("pool-refresh", "default")
    stopped_domain(lab, "web-01", "web-01.qcow2")
    text = definition(lab, "web-01").replace(
        "<interface",
        f"<disk type='file' device='cdrom'><source file='{guests.POOL}/tools.iso'/>"
        "<target dev='sda' bus='sata'/><readonly/></disk><interface",
        1,
    )
    lab.virsh("define", "/dev/stdin", text=text)
    with listening(lab.uri) as client:
        client.listed()
        what = plan(client, "web-01", "web-02", start="yes")
        before = pool_files(lab) - {"tools.iso"}
        (guests.pool_folder(lab) / "tools.iso").unlink()
        (task,) = run_clones(client, what)
        assert f"{guests.POOL}/tools.iso is not there" in task.words, task
        assert pool_files(lab) == before
        assert "web-02" not in lab.virsh("list", "--all", "--name").split()
        assert provision_journal.interrupted_journals(client.hosts[0]) == ()


def test_a_name_that_is_taken_while_it_is_copied_undoes_the_copy(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("late")
    random_volume(lab, "web-01.raw", 512, format="raw")
    stopped_domain(lab, "web-01", "web-01.raw")
    with listening(lab.uri) as client:
        client.listed()
        before = pool_files(lab)
        id = start_clone(client, plan(client, "web-01", "web-02"))
        client.wait(lambda: "web-02.raw" in pool_files(lab), what="it has begun")
        guests.define_still(lab, "web-02", start=False)
        uuid = lab.virsh("domuuid", "web-02")
        task = client.done(id, 60)
        assert "web-02 is there already" in task.words and pool_files(lab) == before, task
        assert lab.virsh("domuuid", "web-02") == uuid, "the other one stays"


def test_a_pool_that_was_stopped_is_named(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("off")
    lab.virsh("pool-start", "spare")
    random_volume(lab, "web-01.qcow2", 2)
    stopped_domain(lab, "web-01", "web-01.qcow2")
    with listening(lab.uri) as client:
        client.listed()
        client.wait(lambda: (one := client.pool("spare")) and one.active)
        what = plan(client, "web-01", "web-{02,03}", disk_vda="full to spare")
        lab.virsh("pool-destroy", "spare")
        for task in run_clones(client, what):
            assert task.words == "pool spare is off", task
        assert list((lab.folder / "lib" / "spare").iterdir()) == []
        assert provision_journal.interrupted_journals(client.hosts[0]) == ()


@pytest.mark.parametrize("lost", ["source", "target"])
def test_a_host_that_is_lost_in_the_middle_is_named(lost: str) -> None:
    skip_without_root()
    with Lab(f"from-{os.getpid()}") as one, Lab(f"to-{os.getpid()}") as other:
        for lab in (one, other):
            guests.furnish_lab(lab)
        random_volume(one, "web-01.raw", 512, format="raw")
        stopped_domain(one, "web-01", "web-01.raw")
        with listening(one.uri, other.uri) as client:
            for host in client.hosts:
                client.listed(host)
                client.wait(partial(client.has_active_pool, "default", host))
            # Both have this machine's name, so that one is told apart once both have answered.
            client.wait(
                lambda: len({client.inventory(host).host.name for host in client.hosts}) == 2
            )
            there = client.inventory(client.hosts[1]).host.name
            before = pool_files(other)
            id = start_clone(client, plan(client, "web-01", "web-02", host=there))
            client.wait(lambda: "web-02.raw" in pool_files(other), seconds=60, what="it has begun")
            (one if lost == "source" else other).kill_daemon()
            task = client.done(id, 120)
            # Who finds out first says what is left, or that it is looked for.
            troubles = HostLost if lost == "source" else HostLost | PartiallyDone
            assert isinstance(task.trouble, troubles) and "the connection" in task.words, task
            if lost == "source":
                assert "the host it is copied from" in task.words, task
                assert (
                    pool_files(other) == before
                    and provision_journal.interrupted_journals(client.hosts[1]) == ()
                )
            else:
                assert ":leftovers" in task.trouble.advice
                client.wait(
                    lambda: provision_journal.interrupted_journals(client.hosts[1]),
                    what="it is noted",
                )

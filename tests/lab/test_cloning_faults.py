"""Clones that come to nothing: ended, taken, full, killed; nothing of them is left unlisted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ears import listening
from virttui.model.errors import BadInput, Refused
from virttui.model.tasks import TaskState

from . import guests
from .cloning import begun, by_libvirt, data, files, made, off, plan, same, well
from .daemon import Lab

pytestmark = pytest.mark.lab


@pytest.mark.parametrize("how", ["streamed", "by libvirt"])
def test_a_clone_that_is_ended_leaves_nothing(new_lab: Callable[[str], Lab], how: str) -> None:
    lab = new_lab("ending")
    data(lab, "web-01.raw", 512, format="raw")
    off(lab, "web-01", "web-01.raw")
    with listening(lab.uri) as ears:
        ears.listed()
        before = files(lab)
        what = plan(ears, "web-01", "web-02")
        assert what.commands[0].recipe and what.commands[0].recipe.volumes[0].streamed
        id = begun(ears, what if how == "streamed" else by_libvirt(what))
        ears.wait(lambda: "web-02.raw" in files(lab), what="it has begun")
        ears.fleet.cancel(id)
        task = ears.done(id, 60)
        assert task.state is TaskState.CANCELLED, task
        assert files(lab) == before
        assert "web-02" not in lab.virsh("list", "--all", "--name").split()
        (whole,) = made(ears, by_libvirt(plan(ears, "web-01", "web-03")))
        well([whole])
        assert whole.progress is not None and 0 < whole.progress.done <= whole.progress.total
        assert same(lab, "web-01.raw", "web-03.raw")


def test_a_name_that_is_taken_meanwhile_is_refused_and_undone(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("taken")
    data(lab, "web-01.qcow2", 2)
    off(lab, "web-01", "web-01.qcow2")
    with listening(lab.uri) as ears:
        ears.listed()
        what = plan(ears, "web-01", "web-{02..04}")
        guests.define_still(lab, "web-02", start=False)
        (guests.pool_folder(lab) / "web-03.qcow2").write_bytes(b"somebody's")
        lab.virsh("pool-refresh", "default")
        one, other, last = made(ears, what)
        assert isinstance(one.trouble, Refused) and "web-02 is there already" in one.words
        assert isinstance(other.trouble, Refused) and "web-03.qcow2 is in default" in other.words
        assert last.state is TaskState.DONE
        assert (guests.pool_folder(lab) / "web-03.qcow2").read_bytes() == b"somebody's"
        assert "web-02.qcow2" not in files(lab)


def test_a_pool_that_is_full_is_said_before_and_undone_in_between(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("full")
    lab.inside("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", "/var/lib/libvirt/spare")
    lab.virsh("pool-start", "spare")
    data(lab, "web-01.qcow2", 16)
    off(lab, "web-01", "web-01.qcow2")
    with listening(lab.uri) as ears:
        ears.listed()
        ears.wait(lambda: (one := ears.pool("spare")) and one.active and one.available)
        with pytest.raises(BadInput, match="spare has"):
            plan(ears, "web-01", "web-{02..05}", disk_vda="full to spare")
        what = plan(ears, "web-01", "web-02", disk_vda="full to spare")
        lab.inside("dd", "if=/dev/zero", "of=/var/lib/libvirt/spare/filler", "bs=1M", "count=12")
        task = made(ears, what)[0]
        assert task.state is TaskState.FAILED, task
        assert lab.inside("ls", "/var/lib/libvirt/spare").split() == ["filler"]
        assert "web-02" not in lab.virsh("list", "--all", "--name").split()


def test_a_reflink_is_refused_in_words_where_it_cannot_be(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("reflink")
    data(lab, "web-01.raw", 2, format="raw")
    off(lab, "web-01", "web-01.raw")
    with listening(lab.uri) as ears:
        ears.listed()
        task = made(ears, plan(ears, "web-01", "web-02", disk_vda="reflink to default"))[0]
        if task.state is TaskState.DONE:
            pytest.skip("the file system of this machine shares blocks")
        assert isinstance(task.trouble, Refused), task
        assert "default cannot share blocks" in task.words and "web-02.raw" not in files(lab)

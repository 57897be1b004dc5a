"""A disk without room pauses its guest: which one and why is told, and whether it goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fleet_client import listening
from tests.lab import guests
from tests.lab.daemon import Lab
from virttui.model.commands import Verb
from virttui.model.errors import Refused
from virttui.model.tasks import TaskState

pytestmark = pytest.mark.lab

SMALL = "/var/lib/libvirt/small"
IMAGE = f"{SMALL}/fuller.qcow2"


def test_a_guest_without_room_is_told_with_its_disk(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("noroom")
    lab.inside("mkdir", SMALL)
    lab.inside("mount", "-t", "tmpfs", "-o", "size=12M", "tmpfs", SMALL)
    guests.define_guest(lab, "fuller", words=("fill",), start=False)
    lab.inside("mv", f"{guests.POOL}/fuller.qcow2", IMAGE)
    text = lab.virsh("dumpxml", "fuller").replace(f"{guests.POOL}/fuller.qcow2", IMAGE)
    lab.virsh("define", "/dev/stdin", text=text)
    lab.inside("sh", "-c", f"dd if=/dev/zero of={SMALL}/ballast bs=1M || true")
    lab.virsh("start", "fuller")
    with listening(lab.uri) as client:
        client.listed()
        paused = client.when(
            lambda: client.domain("fuller"), lambda d: d.reason == "ioerror", what="it is paused"
        )
        assert paused.state.value == "paused"
        again = client.done(client.do(Verb.RESUME, "fuller"))
        assert isinstance(again.trouble, Refused), again
        assert again.words == (
            f"it was resumed, and is paused again: vda ({IMAGE}): no space left on its storage"
        )
        assert again.trouble.advice == "free some space there, then s resumes it"
        client.watch_domain("fuller")
        told = client.detail(lambda d: d.disk_errors and d.guest_why)
        assert told.disk_errors == ((f"vda ({IMAGE})", "no space left on its storage"),)
        assert told.guest_why == "paused"
        lab.inside("rm", f"{SMALL}/ballast")
        lab.inside("mount", "-o", "remount,size=256M", SMALL)
        on = client.done(client.do(Verb.RESUME, "fuller"))
        assert (on.state, on.words) == (TaskState.DONE, "is running again")
        client.wait(lambda: client.is_in("fuller", "running"), what="it runs")
        client.detail(lambda d: not d.disk_errors)

"""Volumes in a real pool: made, grown under a running guest, shrunk, deleted."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import pytest

from tests.fleet_client import listening
from tests.hypervisor.commands.test_volumes import Shelf
from tests.lab import guests, xml
from tests.lab.daemon import Lab
from tests.lab.domains.test_details import run_inside
from virttui.model.commands import Verb
from virttui.model.errors import Refused
from virttui.model.tasks import TaskState
from virttui.model.volumes import NewVolume, PoolContext
from virttui.planning.network_pool.volume import plan

pytestmark = pytest.mark.lab

MIB = 1024**2


def test_volumes_are_made_in_every_way(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("making")
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        for new in (
            NewVolume("raw", 8 * MIB, "raw", 0),
            NewVolume("full", 8 * MIB, "raw", 8 * MIB),
            plan({"name": "full.qcow2", "size": "8M", "preallocate": "full"},
                 PoolContext("dir", 8 * MIB)),
            NewVolume("on-raw", 8 * MIB, "qcow2", 0, backing=f"{guests.POOL}/raw",
                      backing_format="raw"),
            NewVolume("qcow2", 8 * MIB, "qcow2", 0, metadata=True),
            NewVolume("over", 16 * MIB, "qcow2", 0, backing=f"{guests.POOL}/qcow2",
                      backing_format="qcow2"),
        ):  # fmt: skip
            task = shelf.put(Verb.CREATE, new.name, new=new)
            assert task.state is TaskState.DONE, task
        told = shelf.volumes()
        assert told["raw"].allocation == 0 and told["full"].allocation == 8 * MIB
        assert told["full.qcow2"].allocation >= 8 * MIB > told["qcow2"].allocation
        assert told["on-raw"].backing == f"{guests.POOL}/raw"
        assert shelf.put(Verb.DELETE, "on-raw").words == "is deleted"
        assert told["over"].backing == f"{guests.POOL}/qcow2"
        file = guests.pool_folder(lab) / "qcow2"
        info = subprocess.run(
            ["qemu-img", "info", "--output=json", str(file)], capture_output=True, check=True
        )
        assert json.loads(info.stdout)["format"] == "qcow2"

        used = shelf.put(Verb.DELETE, "qcow2")
        assert isinstance(used.trouble, Refused) and "overlay over" in used.trouble.message
        cut = shelf.put(Verb.RESIZE, "qcow2", capacity=4 * MIB, allow_shrink=True)
        assert isinstance(cut.trouble, Refused) and "overlay over" in cut.trouble.message
        assert shelf.put(Verb.RESIZE, "over", capacity=32 * MIB).words == "is grown"
        refused = shelf.put(Verb.RESIZE, "over", capacity=8 * MIB)
        assert isinstance(refused.trouble, Refused)
        for name in ("raw", "over"):
            shrunk = shelf.put(Verb.RESIZE, name, capacity=4 * MIB, allow_shrink=True)
            assert shrunk.words == "is smaller now", shrunk
            assert shelf.volumes()[name].capacity == 4 * MIB
        for name in ("over", "qcow2"):
            assert shelf.put(Verb.DELETE, name).words == "is deleted"
        assert not file.exists()


def test_a_volume_grows_under_a_running_guest(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("growing")
    guests.define_guest(lab, "web")
    guests.wait_booted(lab, "web")
    lab.virsh("pool-refresh", "default")
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        task = shelf.put(Verb.RESIZE, "web.qcow2", capacity=96 * MIB)
        assert task.words == "is grown; web sees it as vda at once", task
        assert run_inside(lab, "web", "cat /sys/block/vda/size").strip() == str(96 * 2048)
        assert shelf.volumes()["web.qcow2"].capacity == 96 * MIB
        for verb, work in (
            (Verb.RESIZE, {"capacity": 64 * MIB, "allow_shrink": True}),
            (Verb.DELETE, {}),
        ):
            refused = shelf.put(verb, "web.qcow2", **work)
            assert isinstance(refused.trouble, Refused) and "web" in refused.trouble.message
        lab.virsh("destroy", "web")
        grown = shelf.put(Verb.RESIZE, "web.qcow2", capacity=128 * MIB)
        assert grown.words == "is grown", "off, the volume itself is grown"


def test_volumes_are_copied_to_any_pool_and_wiped(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("copying")
    lab.virsh("pool-start", "spare")
    folder = guests.pool_folder(lab)
    (folder / "secret").write_bytes(b"private" * 1000)
    lab.virsh("pool-refresh", "default")
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        spare = client.wait(lambda: (one := client.pool("spare")) and one.active and one)
        told = shelf.volumes()
        new = NewVolume("copy.qcow2", told["data.qcow2"].capacity, "qcow2", 0)
        there = shelf.put(
            Verb.CLONE, "data.qcow2", new=new, target_pool=spare.key, target_pool_name="spare"
        )
        assert there.words == "copied: /var/lib/libvirt/spare/copy.qcow2", there
        copied = Shelf(client, "spare").volumes()["copy.qcow2"]
        assert (copied.format, copied.capacity) == ("qcow2", told["data.qcow2"].capacity)
        raw = NewVolume("plain", told["data.qcow2"].capacity, "raw", 0)
        assert shelf.put(Verb.CLONE, "data.qcow2", new=raw).state is TaskState.DONE
        assert shelf.volumes()["plain"].format == "raw"

        assert shelf.put(Verb.WIPE, "secret").words == "is wiped"
        assert not (folder / "secret").read_bytes().strip(b"\0")
        lab.virsh(
            "define",
            "/dev/stdin",
            text=xml.still("user").replace(
                "<devices>",
                f"<devices><disk type='file'><source file='{guests.POOL}/plain'/>"
                "<target dev='vdz'/></disk>",
            ),
        )
        used = shelf.put(Verb.WIPE, "plain")
        assert isinstance(used.trouble, Refused) and "is used by user" in used.trouble.message

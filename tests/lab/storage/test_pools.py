"""Pools on a real libvirtd: their place made, formatted and removed; stopped under a guest."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fleet_client import RecordingClient, listening, trouble
from tests.hypervisor.commands.test_volumes import Shelf
from tests.lab import guests, xml
from tests.lab.daemon import Lab
from tests.lab.xml import pool as pool_xml
from virttui.model.backend import Interest
from virttui.model.commands import Arguments, BuildPoolArguments, Command, Verb
from virttui.model.errors import Refused
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Pool
from virttui.model.queries import DeletePlanQuery, VolumesQuery, VolumesResult
from virttui.model.tasks import Task, TaskState
from virttui.panes.storage import pool_users

pytestmark = pytest.mark.lab

MIB = 1024**2
FS = """
<pool type='fs'><name>{name}</name>
<source><device path='{device}'/><format type='ext4'/></source>
<target><path>/var/lib/libvirt/{name}</path></target></pool>
"""


def do(client: RecordingClient, verb: Verb, name: str, arguments: Arguments | None = None) -> Task:
    """Ask for a verb on a pool, and wait for its end."""
    target = client.target(name, Kind.POOL)
    return client.done(client.fleet.submit([Command(verb, target, arguments)])[0], 60)


def known(client: RecordingClient, name: str, active: bool | None = None) -> Pool:
    """A pool as soon as it is told, and in that state."""

    def pool_now() -> Pool | None:
        found = client.pool(name)
        return found if found and active in (None, found.active) else None

    found = client.wait(pool_now, what=f"{name} is told")
    assert found is not None
    return found


def user(lab: Lab, name: str, disk: str) -> None:
    """Define a domain that has a disk, and never runs."""
    whole = xml.still(name).replace("<devices>", f"<devices>{disk}")
    lab.virsh("define", "/dev/stdin", text=whole)


def test_a_pool_is_stopped_started_and_looked_through(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("stopping")
    guests.define_guest(lab, "web")
    guests.wait_booted(lab, "web")
    user(lab, "named", "<disk type='volume'><source pool='default' volume='spare.raw'/>"
         "<target dev='vdz'/></disk>")  # fmt: skip
    with listening(lab.uri) as client:
        client.listed()
        pool = known(client, "default", True)
        on_it = [(d.name, disk.target) for d, disk in pool_users.users(pool, client.inventory())]
        assert on_it == [("web", "vda"), ("named", "vdz")]
        assert pool_users.stop_warning(pool, client.inventory()) == (
            "1 running domain keeps its disks open. "
            "1 domain cannot start until this pool is active again."
        )
        assert do(client, Verb.STOP, "default").words == "is off"
        known(client, "default", False)
        assert client.is_in("web", "running"), "as was said"
        refused = client.done(client.do(Verb.START, "named"))
        assert refused.state is TaskState.FAILED and "pool default is off" in refused.words
        assert do(client, Verb.DELETE, "default").state is TaskState.DONE
        lab.virsh("pool-define", "/dev/stdin", text=pool_xml("default", guests.POOL))
        client.wait(
            lambda: (new := client.pool("default")) and new.key != pool.key, what="the new one"
        )
        assert do(client, Verb.START, "default").words == "is active"
        assert do(client, Verb.AUTOSTART_OFF, "default").state is TaskState.DONE
        assert "no" in lab.virsh("pool-info default").partition("Autostart:")[2].split()[:1]
        assert do(client, Verb.AUTOSTART_ON, "default").state is TaskState.DONE
        (guests.pool_folder(lab) / "found").write_bytes(bytes(4096))
        assert do(client, Verb.REFRESH, "default").words == "is refreshed"
        assert "found" in Shelf(client, "default").volumes()


def test_a_pool_tells_how_far_its_thin_disks_promise(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("promising")
    lab.virsh("vol-create-as default thin 100G --format qcow2")
    with listening(lab.uri) as client:
        client.listed()
        pool = known(client, "default", True)
        client.fleet.set_interest(Interest(frozenset({pool.key}), pool.key, pools=True))
        told = client.when(
            lambda: client.pool("default"), lambda now: now.promised, what="it is counted"
        )
        volumes = Shelf(client, "default").volumes().values()
        assert told.promised == sum(one.capacity for one in volumes) > 100 * 1024**3


def test_the_place_of_a_pool_is_removed_only_when_it_is_empty_and_unused(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("removing")
    folder = lab.folder / "lib" / "spare"
    with listening(lab.uri) as client:
        client.listed()
        known(client, "spare", False)
        (folder / "kept").write_bytes(b"data")
        full = do(client, Verb.DELETE_POOL_TARGET, "spare")
        assert isinstance(full.trouble, Refused)
        assert "/var/lib/libvirt/spare is not empty" in full.trouble.message
        (folder / "kept").unlink()
        user(lab, "by-path", "<disk type='file'><source file='/var/lib/libvirt/spare/x'/>"
             "<target dev='vdz'/></disk>")  # fmt: skip
        user(lab, "by-name", "<disk type='volume'><source pool='spare' volume='x'/>"
             "<target dev='vdz'/></disk>")  # fmt: skip
        used = do(client, Verb.DELETE_POOL_TARGET, "spare")
        assert isinstance(used.trouble, Refused)
        assert "it is used by by-name, by-path" in used.trouble.message and folder.is_dir()
        lab.virsh("undefine by-path; undefine by-name")
        assert do(client, Verb.START, "spare").state is TaskState.DONE
        on = do(client, Verb.DELETE_POOL_TARGET, "spare")
        assert isinstance(on.trouble, Refused) and "it is active" in on.trouble.message
        assert do(client, Verb.STOP, "spare").state is TaskState.DONE
        assert (
            do(client, Verb.DELETE_POOL_TARGET, "spare").words
            == "its target is deleted; its definition stays"
        )
        assert not folder.exists() and "spare" in lab.virsh("pool-list --all")
        gone = do(client, Verb.START, "spare")
        assert gone.state is TaskState.FAILED
        assert "/var/lib/libvirt/spare" in trouble(gone).libvirt_message
        assert do(client, Verb.BUILD, "spare").words == "its target is built"
        assert do(client, Verb.START, "spare").words == "is active"


def test_what_holds_data_is_formatted_only_when_told_to(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("formatting")
    device = "/var/lib/libvirt/disk.img"
    image = lab.folder / "lib" / "disk.img"
    with image.open("wb") as file:
        file.truncate(64 * MIB)
    lab.virsh("pool-define", "/dev/stdin", text=FS.format(name="files", device=device))
    with listening(lab.uri) as client:
        client.listed()
        assert known(client, "files", False).devices == (device,)
        made = do(client, Verb.BUILD, "files", BuildPoolArguments(no_overwrite=True))
        assert made.words == "its target is built", made
        first = label(image)
        assert first
        again = do(client, Verb.BUILD, "files", BuildPoolArguments(no_overwrite=True))
        assert isinstance(again.trouble, Refused)
        assert again.trouble.message == f"{device} holds ext4 already; nothing was changed"
        assert label(image) == first
        user(lab, "user", "<disk type='volume'><source pool='files' volume='x'/>"
             "<target dev='vdz'/></disk>")  # fmt: skip
        used = do(client, Verb.BUILD, "files", BuildPoolArguments(overwrite=True))
        assert isinstance(used.trouble, Refused) and "used by user" in used.trouble.message
        assert label(image) == first
        lab.virsh("undefine user")
        whole = do(client, Verb.BUILD, "files", BuildPoolArguments(overwrite=True))
        assert whole.words == "its target is formatted"
        assert label(image) not in ("", first)


def label(image: Path) -> str:
    """The UUID of the file system in an image, "" without one."""
    told = subprocess.run(
        ["blkid", "-p", "-s", "UUID", "-o", "value", str(image)], capture_output=True, text=True
    )
    return told.stdout.strip()


def test_thousands_of_volumes_are_told_by_name_at_once_and_in_full_bit_by_bit(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("many")
    guests.fill(lab.folder / "lib" / "spare", 3000)
    lab.virsh("pool-start spare")
    user(lab, "user", "<disk type='volume'><source pool='default' volume='spare.raw'/>"
         "<target dev='vdz'/></disk>")  # fmt: skip
    with listening(lab.uri) as client:
        client.listed()
        pool, domain = known(client, "spare", True), client.domain("user")
        assert domain is not None
        last = ObjectId(pool.key.host, f"{pool.path}/disk-02999.qcow2")
        client.fleet.set_interest(Interest(pools=True, volumes=frozenset({last})))
        asked = VolumesQuery(pool.key, serial=1)
        again = VolumesQuery(pool.key, serial=2)
        between = DeletePlanQuery(domain.key, serial=3)
        for query in (asked, between, again):
            client.fleet.ask(query)
        assert len(client.answer(again, VolumesResult).volumes) >= 3000
        told = [
            one for one in client.results if isinstance(one, VolumesResult) and one.query == asked
        ]
        first, whole = told[0], told[-1]
        assert len(first.volumes) == 3000 and first.more_follows and not whole.more_follows
        known_first = {one.path for one in first.volumes if one.known}
        assert last.uuid in known_first, "what is in view is read first"
        assert 0 < len(known_first) < 3000
        assert all(one.known and one.capacity for one in whole.volumes)
        order = [one.query.serial for one in client.results]
        assert order.index(3) < len(order) - 1 - order[::-1].index(1), "the lane is shared"
        assert order.index(2) > len(order) - 1 - order[::-1].index(1), "asked again, read again"

"""Who uses a file, however it is named: nothing that somebody needs counts as nobody's."""

from __future__ import annotations

import itertools
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.terminal import environment
from tests.e2e.test_command_line import NOWHERE
from tests.fleet_client import RecordingClient, listening
from tests.hypervisor.commands.test_volumes import Shelf
from tests.lab import guests, xml
from tests.lab.daemon import Lab
from tests.lab.processes import run
from virttui.hypervisor.queries.host_files import HostFiles
from virttui.model.commands import Command, DeleteDomainArguments, Verb
from virttui.model.domains.delete_plan import DomainStorage, StorageRole
from virttui.model.errors import Refused
from virttui.model.identity import ObjectId
from virttui.model.queries import (
    CloneSourceQuery,
    CloneSourceResult,
    DeletePlanQuery,
    DeletePlanResult,
    FileUsersQuery,
    FileUsersResult,
)
from virttui.model.tasks import TaskState

pytestmark = pytest.mark.lab

SERIALS = itertools.count(88_000)
POOL = guests.POOL


@pytest.fixture
def lab(new_lab: Callable[[str], Lab]) -> Iterator[Lab]:
    yield new_lab("uses")


def image(lab: Lab, name: str, *more: str) -> None:
    """Make a qcow2 in the pool's folder, as somebody does it there by hand."""
    line = shlex.join(["qemu-img", "create", "-q", "-f", "qcow2", *more, name, "8M"])
    lab.inside("sh", "-c", f"cd {POOL} && {line}")


def domain(lab: Lab, name: str, path: str, kind: str = "qcow2") -> None:
    """Define a domain that is off, with one disk."""
    disk = (
        f"<disk type='file'><driver name='qemu' type='{kind}'/><source file='{path}'/>"
        "<target dev='vda' bus='virtio'/></disk>"
    )
    text = xml.still(name).replace("<devices>", f"<devices>{disk}", 1)
    lab.virsh("define", "/dev/stdin", text=text)


def uses(client: RecordingClient) -> FileUsersResult:
    """What the host tells of who uses what."""
    return client.answer(
        FileUsersQuery(ObjectId(client.hosts[0], ""), serial=next(SERIALS)), FileUsersResult
    )


def users(client: RecordingClient, name: str) -> set[str]:
    """Who uses a volume, as the list is told."""
    return {who for path, who in uses(client).users_by_path if path == f"{POOL}/{name}"}


def refused(shelf: Shelf, name: str) -> str:
    """Why a volume is not deleted."""
    task = shelf.put(Verb.DELETE, name)
    assert isinstance(task.trouble, Refused), task
    return task.trouble.message


def test_files_that_hold_the_data_of_an_image_are_used(lab: Lab) -> None:
    image(lab, "of.qcow2", "-o", f"data_file={POOL}/ext.raw,data_file_raw=on")
    image(lab, "beside.qcow2", "-o", "data_file=near.raw")
    domain(lab, "web", f"{POOL}/of.qcow2")
    lab.virsh("pool-refresh", "default")
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        assert users(client, "ext.raw") == {"web", "data of of.qcow2"}
        assert users(client, "near.raw") == {"data of beside.qcow2"}, "of an image of nobody"
        assert "web" in refused(shelf, "ext.raw")
        assert "beside.qcow2" in refused(shelf, "near.raw")
        assert uses(client).unknown == ()
        plan = client.answer(
            DeletePlanQuery(client.target("web").key, serial=next(SERIALS)), DeletePlanResult
        ).plan
        assert plan is not None and plan.unknown == ()
        told = {one.path.rpartition("/")[2]: one for one in plan.storage}
        assert told["ext.raw"].role is StorageRole.DATA and not told["ext.raw"].also
        made = Command(
            Verb.DELETE,
            client.target("web"),
            DeleteDomainArguments(volumes=tuple(one.path for one in plan.storage)),
        )
        gone = client.done(client.fleet.submit([made])[0])
        assert gone.state is TaskState.DONE, gone
        assert {"of.qcow2", "ext.raw"} & shelf.volumes().keys() == set()


def test_what_images_lie_on_is_used_however_they_name_it(lab: Lab) -> None:
    folder = guests.pool_folder(lab)
    image(lab, "base-a.qcow2")
    run("cp", str(folder / "base-a.qcow2"), str(folder / "base-j.qcow2"))
    (folder / "link.qcow2").symlink_to("base-a.qcow2")
    backed = ("-F", "qcow2", "-b")
    image(lab, "rel.qcow2", *backed, "base-a.qcow2")
    image(lab, "dots.qcow2", *backed, "../images/./base-a.qcow2")
    image(lab, "by-link.qcow2", *backed, "link.qcow2")
    told = {"driver": "qcow2", "file": {"driver": "file", "filename": f"{POOL}/base-j.qcow2"}}
    image(lab, "json.qcow2", "-u", *backed, f"json:{json.dumps(told)}")
    lab.virsh("pool-refresh", "default")
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        three = {"overlay rel.qcow2", "overlay dots.qcow2", "overlay by-link.qcow2"}
        assert users(client, "base-a.qcow2") == three
        assert users(client, "link.qcow2") == three, "it is the same file"
        assert users(client, "base-j.qcow2") == {"overlay json.qcow2"}
        volumes = shelf.volumes()
        assert volumes["rel.qcow2"].backing == f"{POOL}/base-a.qcow2"
        assert volumes["dots.qcow2"].backing == f"{POOL}/base-a.qcow2"
        assert volumes["json.qcow2"].backing == f"{POOL}/base-j.qcow2"
        assert "overlay json.qcow2" in refused(shelf, "base-j.qcow2")


def test_what_lies_outside_of_active_pools_counts(lab: Lab) -> None:
    folder = guests.pool_folder(lab)
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    (folder.parent / "by-link").symlink_to("images")
    for name in ("one", "two", "three", "four", "five"):
        image(lab, name)
    lab.inside("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", f"{POOL}/one",
               "/var/lib/libvirt/elsewhere/top", "8M")  # fmt: skip
    domain(lab, "outside", "/var/lib/libvirt/elsewhere/top")
    domain(lab, "linked", "/var/lib/libvirt/by-link/two")
    lab.inside("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", f"{POOL}/three",
               f"{guests.SPARE}/kept", "8M")  # fmt: skip
    image(lab, "plain", "-F", "qcow2", "-b", f"{POOL}/four")
    (folder / "plain").rename(os.fsdecode(os.fsencode(folder) + b"/Bild-\xfcro"))
    os.link(folder / "five", elsewhere / "hard")
    domain(lab, "hard", "/var/lib/libvirt/elsewhere/hard", "raw")
    lab.virsh("pool-refresh", "default")
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        assert users(client, "one") == {"outside"}
        assert users(client, "two") == {"linked"}
        assert users(client, "three") == {"overlay kept"}, "in a pool that is off"
        assert users(client, "four") == {"overlay a file whose name is no UTF-8"}
        assert users(client, "five") == {"hard"}
        for name in ("one", "two", "three", "four", "five"):
            assert refused(shelf, name)
        assert Path(folder / "one").exists()


def test_an_image_that_names_bytes_that_are_no_utf8_stops_nothing(lab: Lab) -> None:
    """libvirt tells such a name as it is, and its Python binding raises."""
    lab.inside("sh", "-c", f"cd {POOL} && n=$(printf 'B\\374ro') && "
               "qemu-img create -q -f qcow2 $n 8M && "
               "qemu-img create -q -f qcow2 -F qcow2 -b $n top.qcow2")  # fmt: skip
    image(lab, "free.qcow2")
    domain(lab, "web", f"{POOL}/top.qcow2")
    lab.virsh("pool-refresh", "default")
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        told = shelf.volumes()
        assert told["top.qcow2"].capacity == 8 * 1024**2
        assert told["top.qcow2"].backing == f"{POOL}/B\ufffdro"
        assert users(client, "top.qcow2") == {"web"}
        assert "web" in refused(shelf, "top.qcow2")
        assert shelf.put(Verb.DELETE, "free.qcow2").words == "is deleted"
        key = client.target("web").key
        plan = client.answer(DeletePlanQuery(key, serial=next(SERIALS)), DeletePlanResult).plan
        assert plan is not None
        under = next(one for one in plan.storage if one.role is StorageRole.UNDER)
        assert not under.volume, "it cannot be named, and stays"
        clone = client.answer(CloneSourceQuery(key, serial=next(SERIALS)), CloneSourceResult)
        assert clone.error is None, clone.error


def test_what_cannot_be_looked_at_is_said_and_has_to_be_agreed_on(lab: Lab) -> None:
    image(lab, "free.qcow2")
    lab.virsh("pool-refresh", "default")
    text = (
        xml.pool("far", "/mnt/far")
        .replace("type='dir'", "type='netfs'")
        .replace("<target>", "<source><host name='nas'/><dir path='/x'/></source><target>")
    )
    lab.virsh("pool-define", "/dev/stdin", text=text)
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        words = "what is in the pool far, which is off"
        assert uses(client).unknown == (("", words),)
        assert f"not known: {words}" in refused(shelf, "free.qcow2")
        assert "free.qcow2" in shelf.volumes()
        task = shelf.put(Verb.DELETE, "free.qcow2", despite=(words,))
        assert task.words == "is deleted", task


def test_of_a_host_that_is_elsewhere_the_first_bytes_of_volumes_are_read(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files are out of reach; what only they could tell is said to be not known."""
    monkeypatch.setattr(HostFiles, "of", lambda connection: None)
    image(lab, "of.qcow2", "-o", f"data_file={POOL}/ext.raw,data_file_raw=on")
    for name in ("base.qcow2", "same.qcow2"):
        image(lab, name)
    lab.virsh("vol-create-as default large.raw 16M --format raw")
    folder = guests.pool_folder(lab)
    (folder / "link.qcow2").symlink_to("base.qcow2")
    image(lab, "top.qcow2", "-F", "qcow2", "-b", "link.qcow2")
    (folder.parent / "by-link").symlink_to("images")
    domain(lab, "web", f"{POOL}/of.qcow2")
    domain(lab, "linked", "/var/lib/libvirt/by-link/same.qcow2", "raw")
    lab.virsh("pool-refresh", "default")
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        assert users(client, "ext.raw") == {"web", "data of of.qcow2"}
        assert users(client, "link.qcow2") == {"overlay top.qcow2"}
        maybe = {words for path, words in uses(client).unknown if path == f"{POOL}/same.qcow2"}
        assert "whether /var/lib/libvirt/by-link/same.qcow2, used by linked, is it" in maybe
        large = {words for path, words in uses(client).unknown if path == f"{POOL}/large.raw"}
        assert not large, "a path of another size is another file"
        why = refused(shelf, "base.qcow2")
        assert f"whether it is {POOL}/link.qcow2, used by overlay top.qcow2" in why
        assert refused(shelf, "same.qcow2")


TOML = """\
[[machine]]
name = "new"
host = "{host}"
method = "cloud image"
base = "default/used.qcow2"
memory = "128M"
user = "lee"
"""


def test_no_machine_is_planned_on_the_disk_of_one_that_runs(lab: Lab, tmp_path: Path) -> None:
    """By ``virttui create``, beside a host that does not answer, which is said."""
    image(lab, "used.qcow2")
    domain(lab, "web", f"{POOL}/used.qcow2")
    lab.virsh("pool-refresh", "default")
    file = tmp_path / "machines.toml"
    file.write_text(TOML.format(host=lab.uri))
    line = [sys.executable, "-m", "virttui", "create", "-c", lab.uri, "-c", NOWHERE]

    def created() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*line, str(file), "--dry-run"], capture_output=True, text=True, check=False,
            env=environment(tmp_path),
        )  # fmt: skip

    off = created()
    assert off.returncode == 0, off.stderr
    assert "is the disk of web, which is off: its next start destroys" in off.stdout
    assert "network=default" in off.stdout and "no network card" not in off.stdout
    assert "not known: the machines of" in off.stdout
    lab.virsh("start", "web")
    runs = created()
    assert runs.returncode == 1 and "is the disk of web, which runs" in runs.stdout


def test_a_domain_names_what_stays_below_its_snapshots(lab: Lab) -> None:
    image(lab, "first.qcow2")
    domain(lab, "web", f"{POOL}/first.qcow2")
    lab.virsh("start web; snapshot-create-as web s1 --disk-only; destroy web")
    lab.virsh("pool-refresh", "default")
    with listening(lab.uri) as client:
        client.listed()
        shelf = Shelf(client, "default")
        key = client.target("web").key
        plan = client.answer(DeletePlanQuery(key, serial=next(SERIALS)), DeletePlanResult).plan
        assert plan is not None
        told: dict[str, DomainStorage] = {one.path: one for one in plan.storage}
        below = told[f"{POOL}/first.qcow2"]
        assert below.role is StorageRole.UNDER and below.volume and not below.also
        assert told[f"{POOL}/first.s1"].role is StorageRole.DISK
        made = Command(
            Verb.DELETE,
            client.target("web"),
            DeleteDomainArguments(volumes=tuple(told), with_snapshots=True),
        )
        gone = client.done(client.fleet.submit([made])[0])
        assert gone.state is TaskState.DONE, gone
        assert not {"first.qcow2", "first.s1"} & shelf.volumes().keys()

"""What is left when virttui is killed, or its host goes: found again, named, taken away."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.arguments import arguments_of
from tests.fleet_client import RecordingClient, listening
from tests.lab import guests, xml
from tests.lab.clones import (
    MIB,
    definition,
    plan,
    pool_files,
    random_volume,
    start_clone,
    stopped_domain,
)
from tests.lab.daemon import Lab
from tests.lab.processes import wait_until
from tests.patience import PATIENCE
from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import PartiallyDone
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import ConnectionState
from virttui.model.provision.plan import (
    CreatedResource,
    IncompleteDomain,
    ProvisionPlan,
    ResourceKind,
)
from virttui.model.queries import IncompleteDomainsQuery, IncompleteDomainsResult
from virttui.model.tasks import Task, TaskState
from virttui.persistence.provision_journal import Journal

pytestmark = pytest.mark.lab

SERIALS = itertools.count(1000)
CLONES = """
import sys, time
from tests.fleet_client import listening
from tests.lab import clones
with listening(sys.argv[1]) as client:
    client.listed()
    client.fleet.submit(clones.plan(client, "web-01", sys.argv[2], **eval(sys.argv[3])).commands)
    time.sleep(60)
"""


def incomplete_domains(client: RecordingClient) -> tuple[IncompleteDomain, ...]:
    host = client.hosts[0]
    return client.answer(
        IncompleteDomainsQuery(ObjectId(host, ""), serial=next(SERIALS)), IncompleteDomainsResult
    ).incomplete


def pieces(client: RecordingClient) -> list[str]:
    return [piece.words for one in incomplete_domains(client) for piece in one.resources]


def clear(client: RecordingClient, one: IncompleteDomain) -> Task:
    command = Command(Verb.REMOVE_INCOMPLETE, Target(Kind.DOMAIN, one.key, one.name), one)
    return client.done(client.fleet.submit([command])[0])


@contextmanager
def running(lab: Lab, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own, killed as by ``kill -9`` at the end."""
    root = Path(__file__).parents[3]
    command = [sys.executable, *arguments]
    run = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL)
    try:
        yield run
    finally:
        run.kill()
        run.wait()


def test_what_a_killed_clone_leaves_is_listed_and_taken_away(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("killed")
    random_volume(lab, "web-01.qcow2", 400)
    stopped_domain(lab, "web-01", "web-01.qcow2")
    before = pool_files(lab)
    with running(lab, "-c", CLONES, lab.uri, "web-02", "{}"):
        wait_until(lambda: "web-02.qcow2" in pool_files(lab), PATIENCE, "the copy to begin")
    assert "web-02" not in lab.virsh("list", "--all", "--name").split()
    with listening(lab.uri) as client:
        client.listed()
        (one,) = incomplete_domains(client)
        assert one.name == "web-02" and one.kept_reasons == ()
        assert [piece.words for piece in one.resources] == ["web-02.qcow2 in default"]
        # Somebody takes it for a machine of their own: it stays, until that is gone.
        stopped_domain(lab, "thief", "web-02.qcow2")
        task = clear(client, one)
        assert task.state is TaskState.DONE and "web-02.qcow2" in pool_files(lab), task
        (one,) = incomplete_domains(client)
        assert one.resources == () and one.kept_reasons == (
            "web-02.qcow2 in default stays: thief has it",
        )
        lab.virsh("undefine", "thief")
        task = clear(client, incomplete_domains(client)[0])
        assert "is removed: web-02.qcow2 in default" in task.words, task
        assert pool_files(lab) == before and incomplete_domains(client) == ()


def test_what_a_killed_creation_leaves_is_listed(
    new_lab: Callable[[str], Lab], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = new_lab("upload")
    monkeypatch.setenv("HOME", str(tmp_path))
    image = tmp_path / "fresh.iso"
    image.write_bytes(b"x" * (512 * MIB))
    file = tmp_path / "machines.toml"
    file.write_text(
        "[[machine]]\nname = 'made'\nmethod = 'install medium'\nmemory = '64M'\nvirt = 'qemu'\n"
        f"os = 'debian11'\nsize = '1G'\nmedium = '~/{image.name}'\nupload = 'default'\n"
    )
    with running(lab, "-m", "virttui", "create", str(file), "-c", lab.uri) as run:
        wait_until(
            lambda: run.poll() is not None or any("fresh" in one for one in pool_files(lab)),
            30, "the upload to begin",
        )  # fmt: skip
    with listening(lab.uri) as client:
        client.listed()
        (one,) = incomplete_domains(client)
        assert one.name == "made" and "fresh.iso in default" in pieces(client)
        assert clear(client, one).state is TaskState.DONE
        assert not any("fresh" in name for name in pool_files(lab))


UPLOADS = """
import sys, time
from tests.fleet_client import listening
from tests.hypervisor.commands.test_volumes import Shelf
from virttui.model.commands import Verb
with listening(sys.argv[1]) as client:
    Shelf(client, "default").begin(Verb.UPLOAD, "image", file=sys.argv[2])
    time.sleep(60)
"""


def test_half_of_an_upload_is_listed_and_taken_away(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    lab = new_lab("half")
    image = tmp_path / "image"
    image.write_bytes(b"x" * (512 * MIB))
    before = pool_files(lab)
    with running(lab, "-c", UPLOADS, lab.uri, str(image)):
        wait_until(lambda: "image" in pool_files(lab), PATIENCE, "the upload to begin")
    assert "image" in pool_files(lab)
    with listening(lab.uri) as client:
        client.listed()
        (one,) = incomplete_domains(client)
        assert (one.name, one.operation) == ("image", "uploading")
        task = clear(client, one)
        assert "is removed: image in default" in task.words, task
        assert pool_files(lab) == before and incomplete_domains(client) == ()


def test_what_is_whole_is_not_listed(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("whole")
    lab.virsh("define", "/dev/stdin", text=xml.still("web-02"))
    uuid = lab.virsh("domuuid", "web-02").strip()
    with listening(lab.uri) as client:
        client.listed()
        key = ObjectId(client.hosts[0], uuid)

        def write_journal(*parts: CreatedResource, runs: bool) -> None:
            journal = Journal(key, "web-02", runs=runs)
            for one in parts:
                journal.note(one)
            journal.close(done=False)

        defined = CreatedResource(ResourceKind.DEFINITION, "web-02")
        write_journal(defined, runs=False)
        assert incomplete_domains(client) == (), "killed right after its last step"
        write_journal(CreatedResource(ResourceKind.FILE, "/nowhere/at/all.fd"), runs=True)
        assert incomplete_domains(client) == (), "killed before its first piece was there"
        write_journal(defined, runs=True)
        assert pieces(client) == ["the definition of web-02"], "killed before its start"
        lab.virsh("start", "web-02")
        assert incomplete_domains(client) == () and incomplete_domains(client) == ()
        # It is whole; what only its first start needed is there still.
        lab.virsh("vol-create-as", "default", "kernel", "1M")
        client.wait(lambda: (one := client.pool("default")) and one.active)
        pool = client.pool("default")
        assert pool is not None
        write_journal(
            defined,
            CreatedResource(ResourceKind.VOLUME, "kernel", pool.key.uuid, "default"),
            runs=True,
        )
        assert pieces(client) == ["kernel in default"]
        assert clear(client, incomplete_domains(client)[0]).state is TaskState.DONE
        assert lab.virsh("domstate", "web-02").strip() == "running" and "kernel" not in pool_files(
            lab
        )


def test_links_leave_the_overlay_of_their_source_listed(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("overlay")
    random_volume(lab, "web-01.qcow2", 2)
    stopped_domain(lab, "web-01", "web-01.qcow2")
    with listening(lab.uri) as client:
        client.listed()
        before = pool_files(lab)
        what = plan(client, "web-01", "web-02", disk_vda="linked to default")
        # The source is changed meanwhile: its overlay is taken away again.
        text = definition(lab, "web-01").replace("</name>", "</name><title>new</title>")
        lab.virsh("define", "/dev/stdin", text=text)
        task = client.done(client.fleet.submit(what.commands[:1])[0])
        assert task.state is TaskState.FAILED and "changed elsewhere" in task.words, task
        assert pool_files(lab) == before and incomplete_domains(client) == ()

        # Killed between the overlay and the definition, and right behind it.
        what = plan(client, "web-01", "web-02", disk_vda="linked to default")
        provision_plan = arguments_of(what.commands[0], ProvisionPlan)
        assert provision_plan is not None
        (step,) = provision_plan.volumes
        lab.virsh(
            "vol-create-as", "default", step.new.name, "2M", "--format", "qcow2", "--backing-vol",
            "web-01.qcow2", "--backing-vol-format", "qcow2",
        )  # fmt: skip
        journal = Journal(what.commands[0].target.key, "web-01")
        journal.note(
            CreatedResource(ResourceKind.VOLUME, step.new.name, step.pool.uuid, step.pool_name)
        )
        journal.close(done=False)
        assert pieces(client) == ["web-01-own.qcow2 in default"]
        lab.virsh("define", "/dev/stdin", text=provision_plan.xml)
        assert incomplete_domains(client) == ()


def test_a_host_that_is_lost_lists_what_is_left_when_it_is_back(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("lost")
    random_volume(lab, "web-01.raw", 512, format="raw")
    stopped_domain(lab, "web-01", "web-01.raw")
    with listening(lab.uri) as client:
        client.listed()
        id = start_clone(client, plan(client, "web-01", "web-02"))
        client.wait(lambda: "web-02.raw" in pool_files(lab), what="it has begun")
        lab.kill_daemon()
        task = client.done(id, 30)
        assert task.trouble is not None and ":leftovers" in task.trouble.advice, task
        lab.start_daemon()
        client.fleet.refresh()
        client.wait(lambda: client.phase() is ConnectionState.LIVE)
        client.wait(lambda: pieces(client) == ["web-02.raw in default"], what="it is listed")
        assert clear(client, incomplete_domains(client)[0]).state is TaskState.DONE
        assert "web-02.raw" not in pool_files(lab)


def test_what_could_not_be_undone_is_named_and_listed(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("stopped")
    lab.virsh("pool-start", "spare")
    random_volume(lab, "web-01.raw", 512, format="raw")
    stopped_domain(lab, "web-01", "web-01.raw")
    with listening(lab.uri) as client:
        client.listed()
        client.wait(lambda: (one := client.pool("spare")) and one.active)
        spare = lab.folder / "lib" / "spare"
        id = start_clone(client, plan(client, "web-01", "web-02", disk_vda="full to spare"))
        client.wait(lambda: (spare / "web-02.raw").exists(), what="it has begun")
        lab.virsh("pool-destroy", "spare")
        # Its stream goes on: what fails is what comes after it, and then what undoes it.
        guests.define_still(lab, "web-02", start=False)
        task = client.done(id, 60)
        assert isinstance(task.trouble, PartiallyDone), task
        assert "could not be removed: web-02.raw in spare" in task.words
        assert ":leftovers" in task.trouble.advice
        (one,) = incomplete_domains(client)
        assert one.resources == () and one.kept_reasons == (
            "web-02.raw in spare stays: spare is off",
        )
        assert (
            clear(client, one).state is TaskState.DONE and len(incomplete_domains(client)) == 1
        ), "it stays listed"
        lab.virsh("pool-start", "spare")
        assert pieces(client) == ["web-02.raw in spare"]
        clear(client, incomplete_domains(client)[0])
        assert not (spare / "web-02.raw").exists() and incomplete_domains(client) == ()

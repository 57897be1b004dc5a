"""Who a clone is inside: a seed of its own, or virt-sysprep on its own disks."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pycdlib import PyCdlib

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.clones import (
    assert_done,
    definition,
    plan,
    pool_files,
    random_volume,
    run_clones,
    start_clone,
    stopped_domain,
)
from tests.lab.daemon import Lab
from tests.lab.processes import wait_until
from tests.patience import PATIENCE
from virttui.hypervisor.provision.sysprep import KEYS, OPERATIONS
from virttui.model.provision.domain_spec import CloudInit
from virttui.model.tasks import TaskState
from virttui.persistence import provision_journal
from virttui.planning.domain_spec.cloud_init import seed

pytestmark = pytest.mark.lab


def file_in_seed(image: Path, name: str) -> str:
    iso = PyCdlib()
    iso.open_fp(BytesIO(image.read_bytes()))
    found = BytesIO()
    iso.get_file_from_iso_fp(found, joliet_path=f"/{name}")
    iso.close()
    return found.getvalue().decode()


def test_each_clone_is_another_instance_to_cloud_init(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("seeds")
    random_volume(lab, "web-01.qcow2", 2)
    folder = guests.pool_folder(lab)
    (folder / "web-01-seed.raw").write_bytes(seed(CloudInit(hostname="web-01", user="lee")))
    lab.virsh("pool-refresh", "default")
    stopped_domain(lab, "web-01", "web-01.qcow2", "web-01-seed.raw")
    with listening(lab.uri) as client:
        client.listed()
        what = plan(client, "web-01", "web-{02,03}", disk_vda="linked to default")
        assert "cloud-init makes new ssh host keys" in what.preview.notes[-1]
        assert_done(run_clones(client, what))
    uuids = set()
    for name in ("web-02", "web-03"):
        text = definition(lab, name)
        assert f"{guests.POOL}/{name}-seed.raw" in text and "web-01-seed" not in text
        image = folder / f"{name}-seed.raw"
        meta = file_in_seed(image, "meta-data")
        assert f'"local-hostname": "{name}"' in meta
        uuids.add(lab.virsh("domuuid", name).strip())
        assert lab.virsh("domuuid", name).strip() in meta
        user = file_in_seed(image, "user-data")
        assert f'"hostname": "{name}"' in user and "lee" in user and "web-01" not in user
    assert len(uuids) == 2
    assert "web-01" in file_in_seed(folder / "web-01-seed.raw", "meta-data"), "the source's stays"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a virt-sysprep of ours first: it writes down how it was called, then does as told."""

    def put(does: str) -> Path:
        called = tmp_path / "called"
        script = tmp_path / "virt-sysprep"
        script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {called}\n{does}\n')
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        return called

    return put


def ready(lab: Lab) -> None:
    random_volume(lab, "web-01.qcow2", 2)
    random_volume(lab, "shared.raw", 1, format="raw")
    stopped_domain(lab, "web-01", "web-01.qcow2", "shared.raw")
    text = definition(lab, "web-01").replace(
        "<target dev='vdb' bus='virtio'/>", "<target dev='vdb' bus='virtio'/><shareable/>"
    )
    lab.virsh("define", "/dev/stdin", text=text)


def nothing(lab: Lab, client: RecordingClient, before: set[str]) -> None:
    assert (
        pool_files(lab) == before and provision_journal.interrupted_journals(client.hosts[0]) == ()
    )
    assert "web-02" not in lab.virsh("list", "--all", "--name").split()


def test_virt_sysprep_gets_the_disks_of_the_clone_alone(
    new_lab: Callable[[str], Lab], program: Callable[[str], Path]
) -> None:
    lab = new_lab("sysprep")
    ready(lab)
    called = program("exit 0")
    with listening(lab.uri) as client:
        client.listed()
        what = plan(client, "web-01", "web-02", inside="virt-sysprep", disk_vda="linked to default")
        assert_done(run_clones(client, what))
        assert called.read_text().splitlines() == [
            "--operations", OPERATIONS, "--hostname", "web-02", "--run-command", KEYS,
            "--format", "qcow2", "--add", f"{guests.POOL}/web-02.qcow2",
        ]  # fmt: skip


def test_what_it_says_is_told_and_the_clone_undone(
    new_lab: Callable[[str], Lab], program: Callable[[str], Path]
) -> None:
    lab = new_lab("unprepped")
    ready(lab)
    program("echo the first line; echo 'virt-sysprep: error: no operating systems' >&2; exit 1")
    with listening(lab.uri) as client:
        client.listed()
        before = pool_files(lab)
        (task,) = run_clones(client, plan(client, "web-01", "web-02", inside="virt-sysprep"))
        assert "virt-sysprep failed: virt-sysprep: error: no operating systems" in task.words
        assert task.trouble is not None and "the first line" in task.trouble.libvirt_message
        nothing(lab, client, before)


def test_it_is_ended_with_what_it_started(
    new_lab: Callable[[str], Lab], program: Callable[[str], Path], tmp_path: Path
) -> None:
    lab = new_lab("endprep")
    ready(lab)
    called = program(f"sleep 600 & echo $! > {tmp_path}/child; wait")
    with listening(lab.uri) as client:
        client.listed()
        before = pool_files(lab)
        id = start_clone(client, plan(client, "web-01", "web-02", inside="virt-sysprep"))
        wait_until(lambda: called.exists() and (tmp_path / "child").exists(), PATIENCE, "it runs")
        client.fleet.cancel(id)
        task = client.done(id, 30)
        assert task.state is TaskState.CANCELLED, task
        nothing(lab, client, before)
        child = (tmp_path / "child").read_text().strip()
        wait_until(lambda: not Path(f"/proc/{child}").exists(), PATIENCE, "its child is gone")

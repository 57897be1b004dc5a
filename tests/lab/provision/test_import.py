"""Machines brought in from files on a lab: each ends in a guest that boots."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.appliances import (
    MIB,
    VMX,
    cleared,
    disk,
    module_lab,
    ova,
    plan,
    pool_files,
    run_import,
    start_import,
    unpacked,
)
from tests.lab.daemon import Lab
from tests.lab.processes import run
from virttui.appliances.open_appliance import open_appliance
from virttui.model.identity import ObjectId
from virttui.model.provision.appliance import NativeConfig
from virttui.model.provision.create import CreateContext
from virttui.model.queries import NativeConfigQuery, NativeConfigResult
from virttui.model.tasks import TaskState
from virttui.planning.imports.from_xml import appliance_from_xml
from virttui.planning.imports.plan import plan as plan_import
from virttui.planning.new_ids import IdGenerator
from virttui.planning.osinfo.catalog import os_catalog
from virttui.store.fleet_state import FleetState
from virttui.store.import_conflicts import others

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with module_lab("import") as lab:
        yield lab


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """State of its own: what is converted goes there, and must be gone again."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.fixture
def client(lab: Lab) -> Iterator[RecordingClient]:
    with cleared(lab) as client:
        yield client


def test_an_ova_becomes_a_guest_that_boots(lab: Lab, client: RecordingClient, home: Path) -> None:
    appliance = open_appliance(str(ova(home)))
    what = plan(client, appliance, start="yes")
    assert any("sound is left out" in check.words for check in what.checks)
    task = run_import(client, what)
    assert task.state is TaskState.DONE and "and started" in task.words, task
    guests.wait_booted(lab, "packed")
    told = lab.virsh("dumpxml", "packed")
    assert "volume='packed.qcow2'" in told and "type='qcow2'" in told
    assert not unpacked(home)


def test_a_vmx_becomes_a_guest_that_boots(lab: Lab, client: RecordingClient, home: Path) -> None:
    image = disk(home, "twoGbMaxExtentSparse", "packed.vmdk")
    file = home / "packed.vmx"
    file.write_text(VMX.format(disk=image.name))
    what = plan(client, open_appliance(str(file)), start="yes", name="from-vmx")
    task = run_import(client, what)
    assert task.state is TaskState.DONE, task
    guests.wait_booted(lab, "from-vmx")
    told = lab.virsh("dumpxml", "from-vmx")
    assert "00:0c:29:12:34:56" in told and "564d1122-3344-5566-7788-99aabbccddee" in told


def test_a_conversion_that_is_ended_or_has_no_room_leaves_nothing(
    lab: Lab, client: RecordingClient, home: Path
) -> None:
    with (home / "big.raw").open("wb") as file:
        for _ in range(512):
            file.write(os.urandom(MIB))
    run("qemu-img", "convert", "-f", "raw", "-O", "vmdk", str(home / "big.raw"),
        str(home / "big.vmdk"))  # fmt: skip
    (home / "packed.vmx").write_text(VMX.format(disk="big.vmdk"))
    before = pool_files(lab)
    what = plan(client, open_appliance(str(home / "packed.vmx")))
    id = start_import(client, what)
    client.wait(lambda: unpacked(home), what="it converts")
    client.fleet.cancel(id)
    assert client.done(id).state is TaskState.CANCELLED
    assert pool_files(lab) == before and not unpacked(home)

    small = home / "small"
    small.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(small))
    try:
        tight = replace(what, plan=replace(what.plan, scratch=str(small)))
        task = client.done(start_import(client, tight))
        assert task.state is TaskState.FAILED and "free" in task.words, task
        assert not list(small.iterdir()) and pool_files(lab) == before
    finally:
        run("umount", str(small))


def test_a_definition_in_a_file_is_brought_in(
    lab: Lab, client: RecordingClient, home: Path
) -> None:
    guests.define_guest(lab, "template", start=False)
    lab.virsh("pool-refresh", "default")
    text = lab.virsh("dumpxml", "--inactive", "template")
    changed = text.replace("<name>template<", "<name>by-file<").replace(
        "<source network='default'/>", "<source network='elsewhere'/>"
    )
    (home / "by-file.xml").write_text(changed)
    client.wait(lambda: client.domain("template"))
    appliance = open_appliance(str(home / "by-file.xml"))
    what = plan(client, appliance, start="yes")
    assert any("template has" in check.words for check in what.checks), "one disk for two"
    task = run_import(client, what)
    assert task.state is TaskState.DONE, task
    guests.wait_booted(lab, "by-file")
    told = lab.virsh("dumpxml", "by-file")
    uuid, mac = lab.virsh("domuuid", "template").strip(), text.partition("mac address='")[2][:17]
    assert uuid not in told and mac not in told, "those are the other's"
    missing = changed.replace("template.qcow2", "nowhere.qcow2")
    (home / "by-file.xml").write_text(missing)
    what = plan(client, open_appliance(str(home / "by-file.xml")), name="again")
    assert what.blocked and any("nowhere.qcow2 is not there" in one.words for one in what.checks)


def test_a_containers_configuration_is_translated_by_its_host(lab: Lab, home: Path) -> None:
    guests.define_container(lab, "model", start=False)
    # libvirt reads no init of such a file, and starts the usual one.
    inside = lab.folder / "lib" / "containers" / "model"
    (inside / "sbin").mkdir()
    (inside / "sbin" / "init").write_text("#!/bin/sh\nexec sleep 1000\n")
    (inside / "sbin" / "init").chmod(0o755)
    root = "/var/lib/libvirt/containers/model"
    (home / "box.conf").write_text(
        f"lxc.uts.name = box\nlxc.rootfs.path = {root}\nlxc.init.cmd = /bin/sh\nlxc.arch = x86_64\n"
    )
    appliance = open_appliance(str(home / "box.conf"))
    assert any("init" in line for line in appliance.notes)
    native = NativeConfig(appliance.config_format, appliance.config)
    with listening(lab.lxc_uri, lab.uri) as client:
        client.listed()
        client.listed(lab.uri)
        asked = [NativeConfigQuery(ObjectId(host, ""), native, serial=1)
                 for host in (lab.lxc_uri, lab.uri)]  # fmt: skip
        told = client.answer(asked[0], NativeConfigResult)
        assert "<domain type='lxc'>" in told.xml, told
        refused = client.answer(asked[1], NativeConfigResult).error
        assert refused is not None and "reads no such" in refused.message
        here = CreateContext(lab.lxc_uri, "box host", lab.lxc_uri, "", container=True)
        boxed = appliance_from_xml(replace(appliance, xml=told.xml))
        keeps = {"host access": "keep"}
        what = plan_import(keeps, boxed, here, os_catalog(), others(FleetState()), IdGenerator(()))
        task = run_import(client, replace(what, plan=replace(what.plan, start=True)))
        assert task.state is TaskState.DONE and "and started" in task.words, task
        lab.virsh("-c", lab.lxc_uri, "destroy", "box")
        lab.virsh("-c", lab.lxc_uri, "undefine", "box")


def headless(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}
    command = [sys.executable, "-m", "virttui", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False,
                          env=environment)  # fmt: skip


def test_machines_come_in_and_go_out_without_a_screen(
    lab: Lab, client: RecordingClient, home: Path
) -> None:
    (home / "packed.vmx").write_text(VMX.format(disk=disk(home, "monolithicSparse").name))
    words = ("import", str(home / "packed.vmx"), "-c", lab.uri)
    error = headless(home, *words, "--set", "shape=round")
    assert error.returncode == 1 and "shape is not a field; there are: name" in error.stderr
    dry = headless(home, *words, "--dry-run")
    assert dry.returncode == 0 and "convert packed-disk1.vmdk" in dry.stdout, dry
    assert "packed" not in lab.virsh("list", "--all", "--name")
    made = headless(home, *words, "--set", "name=box", "--set", "network-1=none")
    assert made.returncode == 0 and "done: box created, with 1 volume" in made.stdout, made
    out = headless(home, "archive", "box", str(home / "box.vtar"), "-c", lab.uri)
    assert out.returncode == 0 and "done: box is in" in out.stdout, out
    again = headless(home, "import", str(home / "box.vtar"), "-c", lab.uri, "--set", "uuid=keep")
    assert again.returncode == 1 and "has its UUID" in again.stdout, again
    gone = headless(home, "import", str(home / "gone.ova"), "-c", lab.uri)
    assert gone.returncode == 1 and "No such file" in gone.stderr

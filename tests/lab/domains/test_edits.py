"""Edits of real guests: what came of each is what libvirt stores, and is said when it is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lxml import etree

from tests.fleet_client import RecordingClient, listening, trouble
from tests.lab import guests
from tests.lab.daemon import Lab
from virttui.hypervisor.commands import live_changes
from virttui.model.commands import ApplyWhen, Command, EditArguments, SettingChange, Verb
from virttui.model.domains.settings import REMOVE
from virttui.model.errors import NotFound, PartiallyDone
from virttui.model.tasks import Task, TaskState

pytestmark = pytest.mark.lab

CELLS = """\
<domain type='qemu'>
  <name>cells</name>
  <maxMemory slots='16' unit='GiB'>4</maxMemory>
  <memory unit='MiB'>768</memory>
  <currentMemory unit='MiB'>640</currentMemory>
  <vcpu current='2'>4</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <cpu mode='custom' match='exact' check='none'>
    <model fallback='allow'>qemu64</model>
    <numa>
      <cell id='0' cpus='0-1' memory='256' unit='MiB'/>
      <cell id='1' cpus='2-3' memory='256' unit='MiB' memAccess='shared'/>
    </numa>
  </cpu>
  <devices>
    <memory model='dimm'>
      <target><size unit='MiB'>256</size><node>1</node></target>
    </memory>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/var/lib/libvirt/images/data.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>
    <graphics type='vnc'/>
    <serial type='pty'/>
  </devices>
</domain>
"""


@pytest.fixture(scope="module")
def queue(lab: Lab) -> Iterator[tuple[Lab, RecordingClient]]:
    """The shared lab with one more domain, which is off."""
    lab.virsh("define", "/dev/stdin", text=CELLS)
    try:
        with listening(lab.uri) as client:
            client.listed()
            client.wait(lambda: (d := client.domain("cells")) and d.os_type)
            yield lab, client
    finally:
        lab.virsh("undefine", "cells")


@pytest.fixture(autouse=True)
def anew(queue: tuple[Lab, RecordingClient]) -> None:
    """Each test begins with the same definition."""
    lab, _ = queue
    uuid = f"<name>cells</name><uuid>{lab.virsh('domuuid', 'cells').strip()}</uuid>"
    lab.virsh("define", "/dev/stdin", text=CELLS.replace("<name>cells</name>", uuid))


def edited(
    client: RecordingClient, name: str, edit: SettingChange, when: ApplyWhen = ApplyWhen.NEXT_BOOT
) -> Task:
    command = Command(Verb.EDIT, client.target(name), EditArguments(edit, when=when))
    return client.done(client.fleet.submit([command])[0], 60)


def setting(what: str, value: str, device: str = "") -> SettingChange:
    return SettingChange(what, device, (("", value),))


def stored(client: RecordingClient, name: str = "cells") -> etree._Element:
    return etree.fromstring(client.read(client.document(name)).stored)


def cells(root: etree._Element) -> list[str | None]:
    return [cell.get("memory") for cell in root.iterfind("cpu/numa/cell")]


def mib(root: etree._Element, path: str) -> int:
    return int(root.findtext(path, "0")) // 1024


@pytest.mark.parametrize(
    ("edit", "most", "entered", "each"),
    [
        (setting("memory", "700M"), 768, 700, [256, 256]),
        (setting("memory", "1280M"), 1280, 1280, [512, 512]),
        (setting("max-memory", "512M"), 512, 512, [128, 128]),
    ],
    ids=["less", "more", "less at most"],
)
def test_memory_of_cells_and_modules_is_what_was_asked_for(
    queue: tuple[Lab, RecordingClient],
    edit: SettingChange,
    most: int,
    entered: int,
    each: list[int],
) -> None:
    _, client = queue
    task = edited(client, "cells", edit)
    assert (task.state, task.words) == (TaskState.DONE, "saved"), task
    root = stored(client)
    assert (mib(root, "memory"), mib(root, "currentMemory")) == (most, entered)
    assert cells(root) == [str(one * 1024) for one in each]
    assert root.find("devices/memory/target/size") is not None


def test_a_cpu_mode_leaves_the_guest_its_cells(queue: tuple[Lab, RecordingClient]) -> None:
    _, client = queue
    task = edited(client, "cells", setting("cpu", "maximum"))
    assert task.state is TaskState.DONE, task
    assert len(cells(stored(client))) == 2


def test_a_disk_comes_beside_the_drive_on_its_new_bus(queue: tuple[Lab, RecordingClient]) -> None:
    _, client = queue
    task = edited(client, "cells", setting("bus", "sata", "vda"))
    assert task.state is TaskState.DONE, task
    found = {one.get("dev") for one in stored(client).iterfind("devices/disk/target")}
    assert found == {"sda", "sdb"}


@pytest.mark.parametrize("name", ["serial1", "console1"])
def test_a_serial_line_that_went_stays_away(queue: tuple[Lab, RecordingClient], name: str) -> None:
    _, client = queue
    task = edited(client, "cells", SettingChange(REMOVE, name))
    assert (task.state, task.words) == (TaskState.DONE, "saved"), task
    root = stored(client)
    assert not root.findall("devices/serial") and not root.findall("devices/console")


@pytest.mark.parametrize("name", ["memballoon1", "video1"])
def test_what_libvirt_makes_by_itself_is_said_to_be_none(
    queue: tuple[Lab, RecordingClient], name: str
) -> None:
    _, client = queue
    task = edited(client, "cells", SettingChange(REMOVE, name))
    assert (task.state, task.words) == (TaskState.DONE, "saved"), task
    root = stored(client)
    model = (
        root.find("devices/video/model") if name == "video1" else root.find("devices/memballoon")
    )
    assert model is not None
    assert model.get("type" if name == "video1" else "model") == "none"


def test_what_libvirt_puts_back_is_not_said_to_be_gone(queue: tuple[Lab, RecordingClient]) -> None:
    _, client = queue
    task = edited(client, "cells", SettingChange(REMOVE, "audio1"))
    assert isinstance(task.trouble, PartiallyDone), task
    assert task.words == "saved, but libvirt put audio1 back"


def test_a_network_that_is_not_there_is_written_nowhere(queue: tuple[Lab, RecordingClient]) -> None:
    _, client = queue
    before = client.read(client.document("beta"))
    task = edited(client, "beta", setting("network", "defualt", "nic1"), ApplyWhen.BOTH)
    assert isinstance(trouble(task), NotFound)
    assert (
        task.words == "there is no network called defualt; nothing was written for its next boot"
    ), task
    assert client.read(client.document("beta")) == before


def test_what_runs_and_what_is_stored_change_together(queue: tuple[Lab, RecordingClient]) -> None:
    _, client = queue
    try:
        task = edited(client, "beta", setting("network", "isolated", "nic1"), ApplyWhen.BOTH)
        assert task.state is TaskState.DONE, task
        told = client.read(client.document("beta"))
        for text in (told.stored, told.live):
            (source,) = etree.fromstring(text).findall("devices/interface/source")
            assert source.get("network") == "isolated"
    finally:
        edited(client, "beta", setting("network", "default", "nic1"), ApplyWhen.BOTH)


def test_less_memory_can_be_given_back(queue: tuple[Lab, RecordingClient]) -> None:
    _, client = queue
    try:
        task = edited(client, "beta", setting("memory", "200M"), ApplyWhen.BOTH)
        assert task.words == "saved; the guest was asked to go to 200M", task
        assert (mib(stored(client, "beta"), "memory")) == 256
    finally:
        edited(client, "beta", setting("memory", "256M"), ApplyWhen.BOTH)


def test_a_device_that_a_guest_holds_is_gone_from_its_next_boot_on(
    queue: tuple[Lab, RecordingClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guest that never runs an instruction acknowledges nothing, and may do so later."""
    monkeypatch.setattr(live_changes, "LETTING_GO", 0.5)
    lab, client = queue
    guests.define_still(lab, "holder")
    try:
        spare = "/var/lib/libvirt/images/spare.raw"
        lab.virsh("attach-disk", "holder", spare, "vda", "--live", "--config")
        client.wait(lambda: (d := client.domain("holder")) and d.os_type and d.disks)
        task = edited(client, "holder", SettingChange(REMOVE, "vda"), ApplyWhen.BOTH)
        assert isinstance(task.trouble, PartiallyDone), task
        assert task.words == (
            "saved; it is not changed while it runs: the guest has not let go of disk vda"
        )
        told = client.read(client.document("holder"))
        assert "spare.raw" not in told.stored and "spare.raw" in told.live
    finally:
        lab.virsh("destroy", "holder")
        lab.virsh("undefine", "holder")

"""Devices from forms on real guests: they come, they go, and a guest may keep one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from lxml import etree

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.daemon import Lab
from virttui.hypervisor.commands import live_changes
from virttui.model.commands import ApplyWhen, Command, EditArguments, SettingChange, Verb
from virttui.model.documents import DocumentText
from virttui.model.domains.devices import DEVICE_KINDS, DeviceContext, DeviceRequest
from virttui.model.domains.settings import ADD, REMOVE
from virttui.model.errors import TimedOut
from virttui.model.identity import ObjectId
from virttui.model.queries import (
    HostDevicesQuery,
    HostDevicesResult,
    HostValuesQuery,
    HostValuesResult,
    VolumesQuery,
    VolumesResult,
)
from virttui.model.tasks import Task, TaskState
from virttui.planning.devices import make
from virttui.store.device_context import macs, offered
from virttui.store.fleet_state import FleetStore

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def queue(lab: Lab) -> Iterator[tuple[Lab, RecordingClient]]:
    """The shared lab, all of it read."""
    with listening(lab.uri) as client:
        client.listed()
        client.wait(
            lambda: client.domain("beta") and client.network("default") and client.pool("default")
        )
        yield lab, client


SERIALS = itertools.count(5000)


def around(client: RecordingClient, name: str) -> DeviceContext:
    """What the host has for a domain, gathered as the form gathers it."""
    of = client.document(name)
    asked = HostValuesQuery(of.key, of, serial=next(SERIALS))
    knowledge = client.answer(asked, HostValuesResult).host_values
    assert knowledge is not None
    pool = client.pool("default")
    assert pool is not None
    store = FleetStore([], 0.0)
    store.apply_inventory(client.inventory())
    store.apply_query_result(
        client.answer(VolumesQuery(pool.key, serial=next(SERIALS)), VolumesResult)
    )
    fleet_state = store.fleet_state(0.0, 0.0)
    mac = make.free_mac(macs(fleet_state))
    return offered(fleet_state, client.hosts, knowledge, (), mac)


def added(client: RecordingClient, name: str, kind: str, when: ApplyWhen, /, **values: str) -> Task:
    """Add a device as its form would."""
    told = client.read(client.document(name))
    guest = make.guest_of(told.stored, told.live)
    made = make.plan(DeviceRequest(kind, tuple(values.items())), guest, around(client, name))
    edit = SettingChange(ADD, values=(("xml", made.xml), ("words", made.words)))
    return edited(client, name, edit, when)


def edited(client: RecordingClient, name: str, edit: SettingChange, when: ApplyWhen) -> Task:
    command = Command(Verb.EDIT, client.target(name), EditArguments(edit, when=when))
    return client.done(client.fleet.submit([command])[0], 60)


def devices(text: str, path: str) -> list[etree._Element]:
    return etree.fromstring(text).findall(f"devices/{path}") if text else []


def targets(definition: DocumentText) -> tuple[set[str], set[str]]:
    """The targets of disks, stored and live."""
    stored, running = (
        {one.get("dev", "") for one in devices(text, "disk/target")}
        for text in (definition.stored, definition.live)
    )
    return stored, running


def test_a_nic_and_a_disk_come_and_go_while_it_runs(queue: tuple[Lab, RecordingClient]) -> None:
    _, client = queue
    beta = client.document("beta")
    before = client.read(beta)
    nic = added(client, "beta", "nic", ApplyWhen.BOTH, source="isolated")
    assert nic.state is TaskState.DONE, nic
    assert " is attached" in nic.words
    disk = added(client, "beta", "disk", ApplyWhen.BOTH, volume="spare.raw")
    assert disk.words == "saved; disk vdb is attached", disk
    now = client.read(beta)
    assert targets(now) == ({"vda", "sda", "vdb"}, {"vda", "sda", "vdb"})
    (plugged,) = devices(now.live, "disk[@type='volume']")
    assert [one.get("type") for one in plugged.findall("driver")] == ["raw"]
    (stored,), (running,) = (
        devices(text, "interface/source[@network='isolated']/../mac")
        for text in (now.stored, now.live)
    )
    assert stored.get("address") == running.get("address"), "one NIC in both definitions"
    gone = edited(client, "beta", SettingChange(REMOVE, "vdb"), ApplyWhen.BOTH)
    assert gone.words == "saved; disk vdb is detached", gone
    unplugged = edited(
        client, "beta", SettingChange(REMOVE, str(running.get("address"))), ApplyWhen.BOTH
    )
    assert unplugged.state is TaskState.DONE, unplugged
    after = client.read(beta)
    assert after.stored == before.stored, "it is as it was, to the letter"
    assert targets(after)[1] == targets(before)[1]


def test_what_waits_for_the_next_boot_waits(queue: tuple[Lab, RecordingClient]) -> None:
    _, client = queue
    before = client.read(client.document("beta"))
    added(client, "beta", "channel", ApplyWhen.NEXT_BOOT, name="org.example.port.1")
    added(client, "beta", "serial", ApplyWhen.NEXT_BOOT)
    added(client, "beta", "rng", ApplyWhen.NEXT_BOOT)
    now = client.read(client.document("beta"))
    for path, count in (("channel", 2), ("serial", 2), ("rng", 1)):
        assert len(devices(now.stored, path)) == count, path
    assert now.live == before.live
    live_only = added(client, "beta", "serial", ApplyWhen.LIVE)
    assert "cannot change while it runs" in live_only.words, live_only
    for name in ("rng", "serial2", "channel2"):
        assert (
            edited(client, "beta", SettingChange(REMOVE, name), ApplyWhen.NEXT_BOOT).state
            is TaskState.DONE
        )
    assert client.read(client.document("beta")).stored == before.stored


def test_a_guest_that_keeps_a_disk_is_told(
    queue: tuple[Lab, RecordingClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guest that never runs an instruction acknowledges nothing."""
    monkeypatch.setattr(live_changes, "LETTING_GO", 0.5)
    lab, client = queue
    guests.define_still(lab, "keeper")
    try:
        client.wait(lambda: (d := client.domain("keeper")) and d.os_type)
        plugged = added(client, "keeper", "disk", ApplyWhen.LIVE, volume="spare.raw")
        assert plugged.words == "disk vda is attached", plugged
        kept = edited(client, "keeper", SettingChange(REMOVE, "vda"), ApplyWhen.LIVE)
        assert isinstance(kept.trouble, TimedOut), kept
        assert kept.words == "the guest has not let go of disk vda"
        assert "paused" in kept.trouble.advice
        assert targets(client.read(client.document("keeper")))[1] == {"vda"}
    finally:
        lab.virsh("destroy", "keeper")
        lab.virsh("undefine", "keeper")


GIVEN = {
    "filesystem": {"source": "/srv"},
    "usb": {"device": "046d:c52b"},
    "pci": {"device": "0000:00:1f.0"},
    "graphics": {"type": "vnc"},
}


def test_every_kind_is_defined_with_validation(queue: tuple[Lab, RecordingClient]) -> None:
    """One domain that is off is given one of each."""
    lab, client = queue
    text = (
        "<domain type='qemu'><name>full</name><memory unit='MiB'>64</memory>"
        "<os><type arch='x86_64' machine='q35'>hvm</type></os></domain>"
    )
    lab.virsh("define", "/dev/stdin", text=text)
    try:
        client.wait(lambda: (d := client.domain("full")) and d.os_type)
        offers = around(client, "full")
        for kind in DEVICE_KINDS:
            told = client.read(client.document("full"))
            guest = make.guest_of(told.stored, told.live)
            reason = make.why_not(kind.name, guest, offers)
            if kind.name == "tpm" and "swtpm" in reason:
                continue  # this machine emulates none, and libvirt would refuse it
            assert not reason, (kind, reason)
            task = added(client, "full", kind.name, ApplyWhen.NEXT_BOOT, **GIVEN.get(kind.name, {}))
            assert (task.state, task.words) == (TaskState.DONE, "saved"), (kind, task)
        now = client.read(client.document("full"))
        for path in ("disk[@device='disk']", "interface", "disk[@device='cdrom']", "serial",
                     "graphics", "video", "channel", "rng/backend", "watchdog",
                     "hostdev[@type='usb']", "hostdev[@type='pci']", "filesystem"):  # fmt: skip
            assert devices(now.stored, path), (path, now.stored)
    finally:
        lab.virsh("undefine", "full")


def test_devices_of_the_host_are_told(queue: tuple[Lab, RecordingClient]) -> None:
    lab, client = queue
    asked = HostDevicesQuery(ObjectId(client.hosts[0], ""), serial=next(SERIALS))
    answer = client.answer(asked, HostDevicesResult)
    assert answer.error is None
    listed = lab.virsh("nodedev-list", "--cap", "pci").split()
    names = {f"pci_{one.address.translate({58: '_', 46: '_'})}" for one in answer.devices}
    assert names <= set(listed)

"""Devices from forms on real guests: they come, they go, and a guest may keep one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from lxml import etree

from tests.ears import Ears, listening
from virttui.hypervisor.commands import live_changes
from virttui.model.commands import ApplyWhen, Command, SettingChange, Verb
from virttui.model.documents import DocumentText
from virttui.model.domains.devices import DEVICE_KINDS, DeviceContext, DeviceRequest
from virttui.model.domains.settings import ADD, REMOVE
from virttui.model.errors import TimedOut
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import Query, QueryKind
from virttui.model.tasks import Task, TaskState
from virttui.planning.devices import make
from virttui.store.device_context import macs, offered
from virttui.store.fleet_state import FleetStore

from . import guests
from .daemon import Lab

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def queue(lab: Lab) -> Iterator[tuple[Lab, Ears]]:
    """The shared lab, all of it read."""
    with listening(lab.uri) as ears:
        ears.listed()
        ears.wait(lambda: ears.domain("beta") and ears.network("default") and ears.pool("default"))
        yield lab, ears


SERIALS = itertools.count(5000)


def around(ears: Ears, name: str) -> DeviceContext:
    """What the host has for a domain, gathered as the form gathers it."""
    of = ears.document(name)
    asked = Query(QueryKind.KNOWLEDGE, of.kind, of.key, next(SERIALS), of)
    knowledge = ears.answer(asked).knowledge
    assert knowledge is not None
    pool = ears.pool("default")
    assert pool is not None
    store = FleetStore([], 0.0)
    store.hear_inventory(ears.inventory())
    store.hear_answer(ears.answer(Query(QueryKind.VOLUMES, Kind.POOL, pool.key, next(SERIALS))))
    fleet_state = store.fleet_state(0.0, 0.0)
    mac = make.free_mac(macs(fleet_state))
    return offered(fleet_state, ears.hosts, knowledge, (), mac)


def added(ears: Ears, name: str, kind: str, when: ApplyWhen, /, **values: str) -> Task:
    """Add a device as its form would."""
    told = ears.read(ears.document(name))
    guest = make.guest_of(told.stored, told.live)
    made = make.made(DeviceRequest(kind, tuple(values.items())), guest, around(ears, name))
    edit = SettingChange(ADD, values=(("xml", made.xml), ("words", made.words)))
    return edited(ears, name, edit, when)


def edited(ears: Ears, name: str, edit: SettingChange, when: ApplyWhen) -> Task:
    command = Command(Verb.EDIT, ears.target(name), edit=edit, when=when)
    return ears.done(ears.fleet.submit([command])[0], 60)


def devices(text: str, path: str) -> list[etree._Element]:
    return etree.fromstring(text).findall(f"devices/{path}") if text else []


def targets(definition: DocumentText) -> tuple[set[str], set[str]]:
    """The targets of disks, stored and live."""
    stored, running = (
        {one.get("dev", "") for one in devices(text, "disk/target")}
        for text in (definition.stored, definition.live)
    )
    return stored, running


def test_a_nic_and_a_disk_come_and_go_while_it_runs(queue: tuple[Lab, Ears]) -> None:
    _, ears = queue
    beta = ears.document("beta")
    before = ears.read(beta)
    nic = added(ears, "beta", "nic", ApplyWhen.BOTH, source="isolated")
    assert nic.state is TaskState.DONE, nic
    assert " is attached" in nic.words
    disk = added(ears, "beta", "disk", ApplyWhen.BOTH, volume="spare.raw")
    assert disk.words == "saved; disk vdb is attached", disk
    now = ears.read(beta)
    assert targets(now) == ({"vda", "sda", "vdb"}, {"vda", "sda", "vdb"})
    (plugged,) = devices(now.live, "disk[@type='volume']")
    assert [one.get("type") for one in plugged.findall("driver")] == ["raw"]
    (stored,), (running,) = (
        devices(text, "interface/source[@network='isolated']/../mac")
        for text in (now.stored, now.live)
    )
    assert stored.get("address") == running.get("address"), "one NIC in both definitions"
    gone = edited(ears, "beta", SettingChange(REMOVE, "vdb"), ApplyWhen.BOTH)
    assert gone.words == "saved; disk vdb is detached", gone
    unplugged = edited(
        ears, "beta", SettingChange(REMOVE, str(running.get("address"))), ApplyWhen.BOTH
    )
    assert unplugged.state is TaskState.DONE, unplugged
    after = ears.read(beta)
    assert after.stored == before.stored, "it is as it was, to the letter"
    assert targets(after)[1] == targets(before)[1]


def test_what_waits_for_the_next_boot_waits(queue: tuple[Lab, Ears]) -> None:
    _, ears = queue
    before = ears.read(ears.document("beta"))
    added(ears, "beta", "channel", ApplyWhen.NEXT_BOOT, name="org.example.port.1")
    added(ears, "beta", "serial", ApplyWhen.NEXT_BOOT)
    added(ears, "beta", "rng", ApplyWhen.NEXT_BOOT)
    now = ears.read(ears.document("beta"))
    for path, count in (("channel", 2), ("serial", 2), ("rng", 1)):
        assert len(devices(now.stored, path)) == count, path
    assert now.live == before.live
    live_only = added(ears, "beta", "serial", ApplyWhen.LIVE)
    assert "cannot change while it runs" in live_only.words, live_only
    for name in ("rng", "serial2", "channel2"):
        assert (
            edited(ears, "beta", SettingChange(REMOVE, name), ApplyWhen.NEXT_BOOT).state
            is TaskState.DONE
        )
    assert ears.read(ears.document("beta")).stored == before.stored


def test_a_guest_that_keeps_a_disk_is_told(
    queue: tuple[Lab, Ears], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guest that never runs an instruction acknowledges nothing."""
    monkeypatch.setattr(live_changes, "LETTING_GO", 0.5)
    lab, ears = queue
    guests.define_still(lab, "keeper")
    try:
        ears.wait(lambda: (d := ears.domain("keeper")) and d.os_type)
        plugged = added(ears, "keeper", "disk", ApplyWhen.LIVE, volume="spare.raw")
        assert plugged.words == "disk vda is attached", plugged
        kept = edited(ears, "keeper", SettingChange(REMOVE, "vda"), ApplyWhen.LIVE)
        assert isinstance(kept.trouble, TimedOut), kept
        assert kept.words == "the guest has not let go of disk vda"
        assert "paused" in kept.trouble.advice
        assert targets(ears.read(ears.document("keeper")))[1] == {"vda"}
    finally:
        lab.virsh("destroy", "keeper")
        lab.virsh("undefine", "keeper")


GIVEN = {
    "filesystem": {"source": "/srv"},
    "usb": {"device": "046d:c52b"},
    "pci": {"device": "0000:00:1f.0"},
    "graphics": {"type": "vnc"},
}


def test_every_kind_is_defined_with_validation(queue: tuple[Lab, Ears]) -> None:
    """One domain that is off is given one of each."""
    lab, ears = queue
    text = (
        "<domain type='qemu'><name>full</name><memory unit='MiB'>64</memory>"
        "<os><type arch='x86_64' machine='q35'>hvm</type></os></domain>"
    )
    lab.virsh("define", "/dev/stdin", text=text)
    try:
        ears.wait(lambda: (d := ears.domain("full")) and d.os_type)
        offers = around(ears, "full")
        for kind in DEVICE_KINDS:
            told = ears.read(ears.document("full"))
            guest = make.guest_of(told.stored, told.live)
            reason = make.why_not(kind.name, guest, offers)
            if kind.name == "tpm" and "swtpm" in reason:
                continue  # this machine emulates none, and libvirt would refuse it
            assert not reason, (kind, reason)
            task = added(ears, "full", kind.name, ApplyWhen.NEXT_BOOT, **GIVEN.get(kind.name, {}))
            assert (task.state, task.words) == (TaskState.DONE, "saved"), (kind, task)
        now = ears.read(ears.document("full"))
        for path in ("disk[@device='disk']", "interface", "disk[@device='cdrom']", "serial",
                     "graphics", "video", "channel", "rng/backend", "watchdog",
                     "hostdev[@type='usb']", "hostdev[@type='pci']", "filesystem"):  # fmt: skip
            assert devices(now.stored, path), (path, now.stored)
    finally:
        lab.virsh("undefine", "full")


def test_devices_of_the_host_are_told(queue: tuple[Lab, Ears]) -> None:
    lab, ears = queue
    asked = Query(QueryKind.HOST_DEVICES, Kind.HOST, ObjectId(ears.hosts[0], ""), next(SERIALS))
    answer = ears.answer(asked)
    assert answer.trouble is None
    listed = lab.virsh("nodedev-list", "--cap", "pci").split()
    names = {f"pci_{one.address.translate({58: '_', 46: '_'})}" for one in answer.host_devices}
    assert names <= set(listed)

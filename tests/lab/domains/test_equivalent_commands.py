"""Every line that is printed for an edit does what the edit does: run by a shell, and compared."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from lxml import etree

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.daemon import Lab
from virttui.libvirtxml.canonical import canonical
from virttui.libvirtxml.edits.equivalent_command import EquivalentCommand
from virttui.libvirtxml.pending_changes import stored_form
from virttui.model.commands import ApplyWhen, Command, EditArguments, SettingChange, Verb
from virttui.model.domains.settings import ADD, REMOVE, SETTINGS
from virttui.model.identity import Kind
from virttui.model.provision.plan import VolumeStep
from virttui.model.tasks import TaskState
from virttui.model.volumes import NewVolume
from virttui.planning.domain_spec.volume_commands import volume_commands
from virttui.screens.domains.pending_edit import lines_of

pytestmark = pytest.mark.lab

FORM, HAND = "by-form", "by-hand"
IMAGES = "/var/lib/libvirt/images"
MACS = ("52:54:00:aa:00:01", "52:54:00:aa:00:02")


def domain(devices: str = "", inside: str = "<cpu mode='maximum'/>", vcpu: str = "4") -> str:
    return f"""\
<domain type='qemu'>
  <name>NAME</name>
  <title>old</title>
  <memory unit='MiB'>256</memory>
  <vcpu>{vcpu}</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>
  <features><acpi/></features>
  {inside}
  <devices>
    {devices}
    <serial type='pty'/>
    <graphics type='vnc' autoport='yes' listen='127.0.0.1'/>
    <video><model type='vga'/></video>
    <memballoon model='virtio'><stats period='5'/></memballoon>
  </devices>
</domain>
"""


def disk(driver: str = "cache='none'", target: str = "dev='vda' bus='virtio'") -> str:
    return (
        f"<disk type='file' device='disk'><driver name='qemu' type='qcow2' {driver}/>"
        f"<source file='{IMAGES}/data.qcow2'/><target {target}/></disk>"
    )


def drive(source: str = "", driver: str = "type='raw'", kind: str = "file") -> str:
    return (
        f"<disk type='{kind}' device='cdrom'><driver name='qemu' {driver}/>{source}"
        "<target dev='sda' bus='sata'/><readonly/></disk>"
    )


def nic(inner: str, kind: str = "network", mac: str = MACS[0]) -> str:
    return f"<interface type='{kind}'><mac address='{mac}'/>{inner}</interface>"


NICS = nic("<source network='default' portgroup='x'/><model type='virtio'/>") + nic(
    "<source bridge='br9'/><virtualport type='openvswitch'><parameters "
    "interfaceid='0361231b-2b23-4b44-af96-647ddf1795d5'/></virtualport><link state='down'/>",
    "bridge",
    MACS[1],
)
ISO = f"<source file='{IMAGES}/rescue.iso' startupPolicy='optional'/>"
PLAIN = domain(disk() + drive(ISO) + NICS)
CELLS = """<cpu mode='custom' match='exact' check='none'>
    <model fallback='allow'>qemu64</model><vendor>AMD</vendor>
    <topology sockets='2' dies='1' cores='2' threads='1'/>
    <feature policy='require' name='vmx'/>
    <numa>
      <cell id='0' cpus='0-1' memory='128' unit='MiB'/>
      <cell id='1' cpus='2-3' memory='128' unit='MiB'/>
    </numa></cpu>"""
TOPOLOGY = "<cpu mode='maximum'><topology sockets='2' dies='1' cores='2' threads='1'/></cpu>"
SINGLE = "<vcpus>" + "".join(
    f"<vcpu id='{n}' enabled='{'yes' if n < 2 else 'no'}' hotpluggable='{'yes' if n else 'no'}'/>"
    for n in range(4)
) + "</vcpus><cpu mode='maximum'/>"  # fmt: skip
ORDERED = domain(disk().replace("<source", "<boot order='1'/><source") + drive(ISO) + NICS).replace(
    "<boot dev='hd'/>", ""
)
SPICE = domain(
    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"
    "<input type='tablet' bus='usb'/><watchdog model='i6300esb'/>"
)


LOGGED = "<serial type='pty'><log file='/tmp/a.log' append='off'/></serial>"


@dataclass(frozen=True)
class Case:
    """An edit of a definition. ``about``: its line only opens the definition."""

    edit: SettingChange
    text: str = PLAIN
    about: bool = False
    id: str = field(default="")

    def __str__(self) -> str:
        words = (self.edit.device, self.edit.what, self.edit.value(), self.id)
        return " ".join(part for part in words if part)


def setting(what: str, value: str, device: str = "") -> SettingChange:
    return SettingChange(what, device, (("", value),))


RNG = "<rng model='virtio'>\n  <backend model='random'>/dev/urandom</backend>\n</rng>"
CASES = (
    Case(setting("memory", "200M")),
    Case(setting("memory", "512M")),
    Case(setting("memory", "384 MiB"), domain(inside=CELLS), id="in cells"),
    Case(setting("max-memory", "100M")),
    Case(setting("max-memory", "1G")),
    Case(setting("max-memory", "128M"), domain(inside=CELLS), id="in cells"),
    Case(setting("vcpus", "2")),
    Case(setting("vcpus", "8")),
    Case(setting("vcpus", "8"), domain(inside=TOPOLOGY), id="in sockets"),
    Case(
        setting("vcpus", "8"),
        domain(inside=TOPOLOGY).replace("<vcpu>", "<vcpu current='2'>"),
        id="some, in sockets",
    ),
    Case(setting("vcpus", "3"), domain(inside=SINGLE), id="one by one"),
    Case(setting("vcpus", "1"), domain(inside=SINGLE), id="one by one"),
    Case(setting("vcpus", "6"), domain(inside=SINGLE), about=True, id="one by one"),
    Case(setting("title", "it's <new> $HOME")),
    Case(setting("title", "-x")),
    Case(setting("title", "none")),
    Case(setting("description", "a\nb  c")),
    Case(setting("boot", "cdrom,hd")),
    Case(setting("boot", "cdrom network"), ORDERED, id="after devices"),
    Case(setting("boot", "nic1,vda")),
    Case(setting("boot", "sda,vda"), ORDERED, id="after devices"),
    Case(setting("cpu", "host-model")),
    Case(setting("cpu", "EPYC")),
    Case(setting("cpu", "maximum"), domain(inside=CELLS), id="with cells"),
    Case(setting("cpu", "EPYC"), domain(inside=CELLS), id="with cells"),
    Case(setting("media", "none", "sda")),
    Case(setting("media", f"{IMAGES}/spare.raw", "sda")),
    Case(setting("media", "/dev/sr0", "sda")),
    Case(setting("media", "default/spare.raw", "sda")),
    Case(setting("media", "default/rescue.iso"), domain(drive()), id="into an empty one"),
    Case(setting("media", f"{IMAGES}/rescue.iso"), domain(drive()), id="into an empty one"),
    Case(
        setting("media", "none"),
        domain(drive("<source pool='default' volume='rescue.iso'/>", kind="volume")),
        id="of a pool",
    ),
    Case(
        setting("media", f"{IMAGES}/rescue.iso"),
        domain(drive(f"<source file='{IMAGES}/data.qcow2'/>", "type='qcow2'")),
        id="of another format",
    ),
    Case(
        setting("media", "none"),
        domain(drive("<source protocol='http' name='a.iso'><host name='h' port='80'/></source>",
                     kind="network")),
        id="of the network",
    ),
    Case(setting("bus", "sata", "vda")),
    Case(setting("bus", "scsi", "vda"), domain(disk("queues='2' iothread='1'"),
                                               "<iothreads>1</iothreads>")),
    Case(setting("bus", "virtio", "sdb"), domain(disk("", "dev='sdb' bus='sata'") + drive())),
    Case(setting("bus", "usb", "vda")),
    Case(setting("bus", "sata", "vda"), domain(disk("event_idx='on'")), about=True, id="odd"),
    Case(setting("cache", "writeback", "vda")),
    Case(setting("cache", "default", "vda")),
    Case(setting("cache", "unsafe", "sda"), domain(drive())),
    Case(setting("discard", "unmap", "vda")),
    Case(setting("link", "down", "nic1")),
    Case(setting("link", "up", "nic2")),
    Case(setting("network", "isolated", "nic1")),
    Case(setting("network", "isolated", "nic2")),
    Case(setting("network", "a,b", "nic1"), about=True),
    Case(setting("bridge", "br7", "nic1")),
    Case(setting("bridge", "br7", "nic2")),
    Case(
        setting("bridge", "br7", "nic1"),
        domain(nic("<source dev='eth0' mode='bridge'/><model type='virtio'/>", "direct")),
        id="from the host's card",
    ),
    Case(
        setting("network", "default", "nic1"),
        domain(nic("<model type='virtio'/>", "user")),
        id="from user mode",
    ),
    Case(setting("model", "e1000e", "nic1")),
    Case(setting("listen", "0.0.0.0")),
    Case(setting("listen", "none")),
    Case(
        setting("listen", "0.0.0.0"),
        domain().replace("autoport='yes' listen='127.0.0.1'", "socket='/tmp/s'"),
        about=True,
        id="from a socket",
    ),
    Case(setting("log", "/var/log/libvirt/qemu/a log", "serial1")),
    Case(setting("log", "/tmp/it's, a log", "serial1"), about=True),
    Case(setting("log", "/tmp/other.log", "serial1"), domain(LOGGED), id="another file"),
    Case(setting("log", "none", "serial1"), domain(LOGGED)),
    Case(SettingChange(REMOVE, "vda")),
    Case(SettingChange(REMOVE, "nic2")),
    Case(SettingChange(REMOVE, "serial1")),
    Case(SettingChange(REMOVE, "console1")),
    Case(SettingChange(REMOVE, "memballoon1")),
    Case(SettingChange(REMOVE, "video1")),
    Case(SettingChange(REMOVE, "graphics1")),
    Case(SettingChange(REMOVE, "channel1"), SPICE),
    Case(SettingChange(REMOVE, "rng1"), SPICE),
    Case(SettingChange(REMOVE, "input1"), SPICE),
    Case(SettingChange(REMOVE, "watchdog1"), SPICE),
    Case(SettingChange(ADD, values=(("xml", RNG), ("words", "rng virtio")))),
)  # fmt: skip


def test_every_setting_has_a_line_that_is_run() -> None:
    named = {setting.name for setting in SETTINGS} - {"autostart"}
    assert named | {ADD, REMOVE} == {case.edit.what for case in CASES if not case.about}


@pytest.fixture(scope="module")
def queue(lab: Lab) -> Iterator[tuple[Lab, RecordingClient]]:
    """The shared lab with two domains of one definition: one for the form, one for the hand."""
    for name in (FORM, HAND):
        lab.virsh("define", "/dev/stdin", text=PLAIN.replace("NAME", name))
    try:
        with listening(lab.uri) as client:
            client.listed()
            for name in (FORM, HAND):
                client.when(partial(client.domain, name), lambda found: found.os_type)
            yield lab, client
    finally:
        for name in (FORM, HAND):
            lab.virsh("undefine", name)


def same_for_both(lab: Lab, text: str) -> None:
    for name in (FORM, HAND):
        uuid = lab.virsh("domuuid", name).strip()
        own = text.replace("<name>NAME</name>", f"<name>{name}</name><uuid>{uuid}</uuid>")
        lab.virsh("define", "/dev/stdin", text=own)


def line_for(
    lab: Lab, client: RecordingClient, case: Case, when: ApplyWhen, name: str = HAND
) -> EquivalentCommand:
    lines = lines_of(client.read(client.document(name)), case.edit, name, lab.uri)
    return lines[when]


def run(line: EquivalentCommand, folder: Path, edit: SettingChange) -> None:
    """Run a line as somebody would who copies it."""
    if line.file:
        (folder / line.file).write_text(edit.value("xml"))
    done = subprocess.run(
        ["bash", "-c", line.line], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, (line.line, done.stderr)


def run_edit(client: RecordingClient, case: Case, when: ApplyWhen, name: str = FORM) -> None:
    command = Command(Verb.EDIT, client.target(name), EditArguments(case.edit, when=when))
    task = client.done(client.fleet.submit([command])[0], 60)
    assert task.state is TaskState.DONE, task


def without_names(text: str) -> str:
    """A definition as it reads for any domain: without name, UUID and the paths made of them."""
    kept = [
        line
        for line in canonical(text).splitlines()
        if not line.strip().startswith(("<name>", "<uuid>"))
    ]
    return "\n".join(kept).replace(FORM, "").replace(HAND, "")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_line_does_what_the_edit_does(
    queue: tuple[Lab, RecordingClient], case: Case, tmp_path: Path
) -> None:
    lab, client = queue
    same_for_both(lab, case.text)
    line = line_for(lab, client, case, ApplyWhen.NEXT_BOOT)
    assert line.opens_editor is case.about, line
    if case.about:
        assert line.line.endswith(f"edit {HAND}")
        return
    before = without_names(client.read(client.document(FORM)).stored)
    run_edit(client, case, ApplyWhen.NEXT_BOOT)
    run(line, tmp_path, case.edit)
    form, hand = (without_names(client.read(client.document(name)).stored) for name in (FORM, HAND))
    assert hand == form
    assert form != before, "it changes something"


LIVE = (
    Case(setting("memory", "200M")),
    Case(setting("memory", "512M"), id="waits"),
    Case(setting("vcpus", "2")),
    Case(setting("title", "it's new")),
    Case(setting("media", f"{IMAGES}/rescue.iso", "sda")),
    Case(setting("media", "none", "sda")),
    Case(setting("link", "down", "nic1")),
    Case(setting("network", "isolated", "nic1")),
    Case(setting("cache", "unsafe", "vda"), id="waits"),
    Case(setting("boot", "cdrom"), id="waits"),
    Case(SettingChange(ADD, values=(("xml", RNG), ("words", "rng virtio")))),
    Case(SettingChange(REMOVE, "rng1")),
)


def test_lines_for_running_guests_change_both_definitions(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    lab = new_lab("byhand")
    for name in (FORM, HAND):
        guests.define_guest(lab, name, start=False)
        text = lab.virsh("dumpxml", name).replace(
            "<vcpu placement='static'>1</vcpu>", "<vcpu placement='static' current='1'>2</vcpu>"
        )
        lab.virsh("define", "/dev/stdin", text=text)
        lab.virsh("start", name)
    for name in (FORM, HAND):
        guests.wait_booted(lab, name)
    with listening(lab.uri) as client:
        client.listed()
        macs = {name: client.the_domain(name).nics[0].mac for name in (FORM, HAND)}
        for case in LIVE:
            line = line_for(lab, client, case, ApplyWhen.BOTH)
            run_edit(client, case, ApplyWhen.BOTH)
            run(line, tmp_path, case.edit)
            form, hand = (client.read(client.document(name)) for name in (FORM, HAND))
            for told in ("stored", "live"):
                one, other = (
                    without_names(
                        stored_form(getattr(found, told), found.stored).replace(macs[name], "MAC")
                    )
                    for name, found in ((FORM, form), (HAND, hand))
                )
                assert steady(other) == steady(one), (str(case), told, line.line)


def steady(text: str) -> list[str]:
    """The lines that two guests of one kind share: how far a balloon has come is each one's own."""
    return [line for line in text.splitlines() if "currentMemory" not in line]


def test_lines_for_new_volumes_make_them_with_what_they_hold(
    queue: tuple[Lab, RecordingClient], tmp_path: Path
) -> None:
    lab, client = queue
    pool = client.target("default", Kind.POOL).key
    (tmp_path / "hand-seed.iso").write_bytes(b"CD001" * 100)
    steps = (
        VolumeStep(pool, "default", NewVolume(
            "hand-over.qcow2", 300 << 20, "qcow2", backing=f"{IMAGES}/data.qcow2",
            backing_format="qcow2")),
        VolumeStep(pool, "default", NewVolume("hand-copy.qcow2", 300 << 20, "qcow2"),
                   copy_of=(pool, "data.qcow2")),
        VolumeStep(pool, "default", NewVolume("hand-seed.iso", 500, "raw"), content=b"CD001" * 100),
    )  # fmt: skip
    line = " && ".join(map(shlex.join, volume_commands(steps, lab.uri)))
    try:
        run(EquivalentCommand(line), tmp_path, SettingChange(ADD))
        over = etree.fromstring(lab.virsh("vol-dumpxml", "hand-over.qcow2", "default"))
        assert over.findtext("backingStore/path") == f"{IMAGES}/data.qcow2"
        copied = etree.fromstring(lab.virsh("vol-dumpxml", "hand-copy.qcow2", "default"))
        for made in (over, copied):
            assert made.findtext("capacity") == str(300 << 20)
            (format,) = made.findall("target/format")
            assert format.get("type") == "qcow2"
        assert (guests.pool_folder(lab) / "hand-seed.iso").read_bytes()[:500] == b"CD001" * 100
    finally:
        for step in steps:
            lab.virsh("vol-delete", step.new.name, "--pool", "default")

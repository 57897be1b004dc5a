"""Each edit changes exactly the lines it names, in a definition with much that nobody knows."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from virttui.libvirtxml.edits.apply import apply
from virttui.libvirtxml.edits.current_values import device_names
from virttui.libvirtxml.live_changes import plan_live_changes
from virttui.model.commands import LiveOperation, SettingChange
from virttui.model.domains.settings import SETTINGS
from virttui.model.errors import InvalidInput

WEB = """\
<domain type='kvm' xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
  <!-- ask lee before changing the disks -->
  <name>web-01</name>
  <uuid>00c66217-4041-5130-86ea-9a2f7903d642</uuid>
  <metadata><shop:owner xmlns:shop="urn:shop" who='lee &amp; sons'/></metadata>
  <memory unit='KiB'>4194304</memory>
  <currentMemory unit='KiB'>4194304</currentMemory>
  <vcpu placement='static'>4</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <boot dev='hd'/>
  </os>
  <cpu mode='host-model'>
    <topology sockets='1' dies='1' cores='2' threads='2'/>
  </cpu>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none'/>
      <source file='/srv/web-01.qcow2'/>
      <target dev='vda' bus='virtio'/>
      <address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>
    </disk>
    <disk type='file' device='cdrom'>
      <driver name='qemu' type='raw'/>
      <source file='/srv/old.iso'/>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default' portgroup='red'/>
      <model type='virtio'/>
    </interface>
    <interface type='bridge'>
      <mac address='52:54:00:00:00:02'/>
      <source bridge='br0'/>
      <link state='down'/>
    </interface>
    <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1' passwd='s3cret'>
      <listen type='address' address='127.0.0.1'/>
    </graphics>
    <time-machine since='99.0'/>
    <serial type='pty'>
      <target port='0'/>
    </serial>
  </devices>
  <qemu:commandline>
    <qemu:arg value='-snapshot'/>
  </qemu:commandline>
</domain>
"""


def edit(what: str, value: str = "", device: str = "") -> SettingChange:
    return SettingChange(what, device, (("", value),))


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went and those that came, without their margins."""
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return (
        [line[2:].strip() for line in lines if line.startswith("- ")],
        [line[2:].strip() for line in lines if line.startswith("+ ")],
    )


GOLDEN = [
    (
        edit("memory", "2G"),
        ["<currentMemory unit='KiB'>4194304</currentMemory>"],
        ["<currentMemory unit='KiB'>2097152</currentMemory>"],
    ),
    (
        edit("memory", "8G"),
        ["<memory unit='KiB'>4194304</memory>",
         "<currentMemory unit='KiB'>4194304</currentMemory>"],
        ["<memory unit='KiB'>8388608</memory>",
         "<currentMemory unit='KiB'>8388608</currentMemory>"],
    ),
    (
        edit("max-memory", "8 GiB"),
        ["<memory unit='KiB'>4194304</memory>"],
        ["<memory unit='KiB'>8388608</memory>"],
    ),
    (
        edit("max-memory", "1G"),
        ["<memory unit='KiB'>4194304</memory>",
         "<currentMemory unit='KiB'>4194304</currentMemory>"],
        ["<memory unit='KiB'>1048576</memory>",
         "<currentMemory unit='KiB'>1048576</currentMemory>"],
    ),
    (
        edit("vcpus", "2"),
        ["<vcpu placement='static'>4</vcpu>"],
        ["<vcpu placement='static' current='2'>4</vcpu>"],
    ),
    (
        edit("vcpus", "8"),
        ["<vcpu placement='static'>4</vcpu>",
         "<topology sockets='1' dies='1' cores='2' threads='2'/>"],
        ["<vcpu placement='static'>8</vcpu>",
         "<topology sockets='2' dies='1' cores='2' threads='2'/>"],
    ),
    (edit("title", "Shop <front>"), [], ["<title>Shop &lt;front&gt;</title>"]),
    (edit("description", "two\nlines"), [], ["<description>two", "lines</description>"]),
    (
        edit("boot", "cdrom,hd"), [], ["<boot dev='cdrom'/>"],
    ),
    (
        edit("boot", "nic1 vda"),
        ["<boot dev='hd'/>"],
        ["<boot order='2'/>", "<boot order='1'/>"],
    ),
    (
        edit("cpu", "host-passthrough"),
        ["<cpu mode='host-model'>"], ["<cpu mode='host-passthrough'>"],
    ),
    (
        edit("cpu", "EPYC-Rome"),
        ["<cpu mode='host-model'>"], ["<cpu mode='custom'>", "<model>EPYC-Rome</model>"],
    ),
    (
        edit("media", "/srv/new's.iso", "sda"),
        ["<source file='/srv/old.iso'/>"], ["<source file='/srv/new&apos;s.iso'/>"],
    ),
    (
        edit("media", "isos/debian.iso", "cdrom"),
        ["<disk type='file' device='cdrom'>", "<source file='/srv/old.iso'/>"],
        ["<disk type='volume' device='cdrom'>", "<source pool='isos' volume='debian.iso'/>"],
    ),
    (edit("media", "none"), ["<source file='/srv/old.iso'/>"], []),
    (
        edit("bus", "sata", "vda"),
        ["<target dev='vda' bus='virtio'/>",
         "<address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>"],
        ["<target dev='sdb' bus='sata'/>"],
    ),
    (
        edit("cache", "writeback", "vda"),
        ["<driver name='qemu' type='qcow2' cache='none'/>"],
        ["<driver name='qemu' type='qcow2' cache='writeback'/>"],
    ),
    (
        edit("cache", "default", "vda"),
        ["<driver name='qemu' type='qcow2' cache='none'/>"],
        ["<driver name='qemu' type='qcow2'/>"],
    ),
    (
        edit("discard", "unmap", "vda"),
        ["<driver name='qemu' type='qcow2' cache='none'/>"],
        ["<driver name='qemu' type='qcow2' cache='none' discard='unmap'/>"],
    ),
    (edit("link", "down", "nic1"), [], ["<link state='down'/>"]),
    (
        edit("link", "up", "52:54:00:00:00:02"),
        ["<link state='down'/>"], ["<link state='up'/>"],
    ),
    (
        edit("network", "lab", "nic1"),
        ["<source network='default' portgroup='red'/>"], ["<source network='lab'/>"],
    ),
    (
        edit("bridge", "br1", "nic1"),
        ["<interface type='network'>", "<source network='default' portgroup='red'/>"],
        ["<interface type='bridge'>", "<source bridge='br1'/>"],
    ),
    (edit("model", "e1000e", "nic1"), ["<model type='virtio'/>"], ["<model type='e1000e'/>"]),
    (edit("model", "e1000e", "nic2"), [], ["<model type='e1000e'/>"]),
    (
        edit("listen", "0.0.0.0"),
        ["<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1' passwd='s3cret'>",
         "<listen type='address' address='127.0.0.1'/>"],
        ["<graphics type='vnc' port='-1' autoport='yes' listen='0.0.0.0' passwd='s3cret'>",
         "<listen type='address' address='0.0.0.0'/>"],
    ),
    (
        edit("log", "/var/log/web & db.log"),
        [], ["<log file='/var/log/web &amp; db.log' append='on'/>"],
    ),
    (
        edit("remove", device="nic2"),
        ["<interface type='bridge'>", "<mac address='52:54:00:00:00:02'/>",
         "<source bridge='br0'/>", "<link state='down'/>", "</interface>"],
        [],
    ),
    (
        SettingChange("add", values=(("xml", "<rng model='virtio'>\n  <backend/>\n</rng>"),)),
        [], ["<rng model='virtio'>", "<backend/>", "</rng>"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("edit", "went", "came"), GOLDEN, ids=[f"{one[0].what} {one[0].value()}" for one in GOLDEN]
)
def test_an_edit_changes_the_lines_it_names(
    edit: SettingChange, went: list[str], came: list[str]
) -> None:
    done = apply(WEB, "", edit).text
    assert changed(WEB, done) == (went, came)
    etree.fromstring(done.encode())


def test_a_log_is_taken_away_and_waits_for_the_next_start() -> None:
    logged = apply(WEB, WEB, edit("log", "/var/log/web.log", "serial1"))
    assert logged.waiting == ("log of serial1",) and not logged.steps
    assert apply(logged.text, "", edit("log", "none")).text == WEB
    moved = apply(logged.text, "", edit("log", "/var/log/new.log")).text
    assert changed(logged.text, moved)[1] == ["<log file='/var/log/new.log' append='on'/>"]


def test_every_setting_has_its_golden_pair() -> None:
    named = {setting.name for setting in SETTINGS} - {"autostart"}
    assert named <= {one[0].what for one in GOLDEN}


@pytest.mark.parametrize("one", GOLDEN, ids=[f"{one[0].what} {one[0].value()}" for one in GOLDEN])
def test_what_was_made_can_be_made_again(one: tuple[SettingChange, list[str], list[str]]) -> None:
    if one[0].what in ("add", "remove", "bus"):
        return  # these name what is another one, or gone, afterwards
    once = apply(WEB, "", one[0]).text
    assert apply(once, "", one[0]).text == once


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (edit("memory", "lots"), "lots is not a size"),
        (edit("memory", "12"), "too little"),
        (edit("vcpus", "0"), "0 is not a number"),
        (edit("vcpus", "6"), "6 is not a multiple"),
        (edit("link", "sideways", "nic1"), "none of up, down"),
        (edit("log", "web.log"), "name the path of a file on its host"),
        (edit("link", "up", "nic7"), "there is nic1, nic2"),
        (edit("link", "up"), "several NICs"),
        (edit("cache", "none", "vdz"), "there is vda, sda"),
        (edit("media", "new.iso"), "neither a path nor pool/volume"),
        (edit("listen", "<evil>"), "name an address"),
        (edit("boot", "tape"), "nothing it could boot from is called tape"),
        (edit("colour", "red"), "cannot be set"),
        (SettingChange("remove", "nic9"), "nic9"),
    ],
)
def test_what_cannot_be_made_is_refused_in_words(error: SettingChange, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        apply(WEB, "", error)


def test_what_is_no_domain_is_refused() -> None:
    for text in ("", "<network/>", "<domain><memory>", "\x00"):
        with pytest.raises(InvalidInput):
            apply(text, "", edit("memory", "1G"))


@given(st.sampled_from(GOLDEN), st.sampled_from(GOLDEN))
def test_two_edits_leave_what_nobody_knows(
    one: tuple[SettingChange, object, object], two: tuple[SettingChange, object, object]
) -> None:
    try:
        done = apply(apply(WEB, "", one[0]).text, "", two[0]).text
    except InvalidInput:
        return
    for kept in (
        "<!-- ask lee before changing the disks -->",
        "<time-machine since='99.0'/>",
        "<qemu:arg value='-snapshot'/>",
        "who='lee &amp; sons'",
        "passwd='s3cret'",
    ):
        assert kept in done  # fmt: skip


# -- what a running domain takes at once ---------------------------------------------------------

LIVE = (
    WEB.replace("<domain type='kvm'", "<domain type='kvm' id='3'")
    .replace(
        "<model type='virtio'/>",
        "<target dev='vnet7'/>\n      <model type='virtio'/>\n      <alias name='net0'/>",
    )
    .replace(
        "<target dev='vda' bus='virtio'/>", "<target dev='vda' bus='virtio'/><alias name='d0'/>"
    )
)


def test_a_cable_is_pulled_live_with_the_running_devices_name() -> None:
    done = apply(WEB, LIVE, edit("link", "down", "nic1"))
    assert [step.op for step in done.steps] == [LiveOperation.UPDATE] and not done.waiting
    assert "<link state='down'/>" in done.steps[0].xml and "name='net0'" in done.steps[0].xml


def test_memory_is_asked_of_the_balloon_as_far_as_it_goes() -> None:
    less = apply(WEB, LIVE, edit("memory", "2G"))
    assert [(step.op, step.value) for step in less.steps] == [
        (LiveOperation.MEMORY, str(2 * 1024**3))
    ]
    more = apply(WEB, LIVE, edit("memory", "8G"))
    assert not more.steps and set(more.waiting) == {"memory", "currentMemory"}


def test_vcpus_are_switched_live_up_to_their_most() -> None:
    assert [s.value for s in apply(WEB, LIVE, edit("vcpus", "2")).steps] == ["2"]
    more = apply(WEB, LIVE, edit("vcpus", "8"))
    assert not more.steps and "vcpu" in more.waiting


def test_a_device_that_goes_is_named_as_the_running_one() -> None:
    done = apply(WEB, LIVE, SettingChange("remove", "vda"))
    assert [step.op for step in done.steps] == [LiveOperation.DETACH]
    assert "<alias name='d0'/>" in done.steps[0].xml


def test_what_no_running_domain_takes_waits() -> None:
    done = apply(WEB, LIVE, edit("cpu", "maximum"))
    assert not done.steps and done.waiting == ("cpu",)
    assert apply(WEB, LIVE, edit("bus", "sata", "vda")).text != WEB


def test_a_new_device_is_attached_whole() -> None:
    mac = "<mac address='52:54:00:00:00:09'/>"
    xml = f"<interface type='network'>\n  {mac}\n  <source network='lab'/>\n</interface>"
    done = apply(WEB, LIVE, SettingChange("add", values=(("xml", xml),)))
    assert [(step.op, step.xml) for step in done.steps] == [(LiveOperation.ATTACH, xml)]
    # Without one it would get an address now and another at its next boot.
    without = apply(WEB, LIVE, SettingChange("add", values=(("xml", xml.replace(mac, "")),)))
    assert not without.steps and without.waiting


def test_without_a_change_nothing_is_to_be_done() -> None:
    assert (
        not plan_live_changes(WEB, WEB, LIVE).steps
        and not plan_live_changes(WEB, WEB, LIVE).waiting
    )


@pytest.mark.parametrize(
    ("edit", "live"),
    [
        (edit("media", "none"), True),
        (edit("network", "lab", "nic1"), True),
        (edit("model", "e1000e", "nic1"), False),
        (edit("cache", "writeback", "vda"), False),
        (edit("listen", "0.0.0.0"), False),
    ],
)
def test_a_device_is_updated_live_only_in_the_parts_libvirt_can(
    edit: SettingChange, live: bool
) -> None:
    done = apply(WEB, LIVE, edit)
    assert bool(done.steps) is live and bool(done.waiting) is not live


PLUGGED = LIVE.replace(
    "    <interface type='network'>",
    "    <disk type='file'><source file='/a'/><target dev='vdq' bus='virtio'/></disk>\n"
    "    <interface type='network'>",
    1,
)


def test_what_was_plugged_in_for_now_can_be_taken_out_again() -> None:
    done = apply(WEB, PLUGGED, SettingChange("remove", "vdq"))
    assert done.text == WEB and [step.op for step in done.steps] == [LiveOperation.DETACH]
    assert device_names(WEB, PLUGGED)[-1] == "vdq" and "vdq" not in device_names(WEB, LIVE)
    with pytest.raises(InvalidInput, match="no device is called vdq"):
        apply(WEB, LIVE, SettingChange("remove", "vdq"))


def test_a_number_means_what_is_stored() -> None:
    more = "<interface type='network'><mac address='52:54:00:00:00:09'/></interface>"
    first = PLUGGED.replace("    <interface", f"    {more}\n    <interface", 1)
    done = apply(WEB, first, SettingChange("remove", "nic2"))
    assert "00:00:02" not in done.text and "00:00:02" in done.steps[0].xml
    with pytest.raises(InvalidInput, match="nic3"):
        apply(WEB, first, SettingChange("remove", "nic3"))


@pytest.mark.parametrize(
    ("xml", "pluggable"),
    [
        ("<disk><source file='/a'/><target dev='vdb' bus='virtio'/></disk>", True),
        ("<disk><source file='/a'/><target dev='sdb' bus='sata'/></disk>", False),
        ("<serial type='pty'/>", False),
        ("<serial type='pty'><target type='usb-serial'/></serial>", True),
        ("<filesystem><driver type='path'/><target dir='a'/></filesystem>", False),
        ("<filesystem><driver type='virtiofs'/><target dir='a'/></filesystem>", True),
        ("<video><model type='virtio'/></video>", False),
    ],
)
def test_what_qemu_cannot_plug_waits(xml: str, pluggable: bool) -> None:
    done = apply(WEB, LIVE, SettingChange("add", values=(("xml", xml),)))
    assert (bool(done.steps), bool(done.waiting)) == (pluggable, not pluggable)


def card(bus: str, at: str = "") -> str:
    place = f"\n      <address type='pci' bus='{at}' slot='0x00'/>" if at else ""
    return (
        f"    <hostdev mode='subsystem' type='pci' managed='yes'>\n      <source>\n"
        f"        <address domain='0x0000' bus='{bus}' slot='0x00' function='0x0'/>\n"
        f"      </source>{place}\n    </hostdev>\n"
    )


def with_cards(text: str, *cards: str) -> str:
    return text.replace("    <time-machine", "".join(cards) + "    <time-machine")


def test_of_alike_devices_the_one_that_is_meant_goes() -> None:
    both = with_cards(WEB, card("0x06", "0x05"), card("0x07", "0x06"))
    live = with_cards(LIVE, card("0x06", "0x05"), card("0x07", "0x06"))
    done = apply(both, live, SettingChange("remove", "hostdev1"))
    assert "0x07" in done.text and len(done.steps) == 1
    assert "bus='0x06' slot='0x00' function" in done.steps[0].xml


def test_what_does_not_run_is_not_taken_from_what_runs_by_its_number() -> None:
    both = with_cards(WEB, card("0x06", "0x05"), card("0x07", "0x06"))
    done = apply(both, with_cards(LIVE, card("0x07", "0x06")), SettingChange("remove", "hostdev1"))
    assert not done.steps and done.waiting
    assert "bus='0x06' slot='0x00' function" not in done.text


def test_another_disk_at_the_same_target_stays() -> None:
    live = LIVE.replace("/srv/web-01.qcow2", "/srv/other.qcow2")
    done = apply(WEB, live, SettingChange("remove", "vda"))
    assert not done.steps and done.waiting


def test_a_device_known_by_its_content_is_changed_not_replugged() -> None:
    rng = (
        "    <rng model='virtio'><backend>/dev/{}</backend><address type='pci' bus='0x09'/></rng>\n"
    )
    old, new = with_cards(WEB, rng.format("random")), with_cards(WEB, rng.format("urandom"))
    done = plan_live_changes(old, new, with_cards(LIVE, rng.format("random")))
    assert not done.steps and done.waiting == ("rng virtio",)


@pytest.mark.parametrize("number", ["\u00b2", "9" * 5000, ""])
def test_numbers_that_are_none_are_no_numbers(number: str) -> None:
    odd = WEB.replace(">4194304</currentMemory>", f">{number}</currentMemory>")
    assert not plan_live_changes(WEB, odd, LIVE).steps
    with pytest.raises(InvalidInput):
        apply(WEB, "", edit("memory", number))
    with pytest.raises(InvalidInput):
        apply(WEB, "", edit("vcpus", number))


def test_a_thousand_elements_inside_each_other_are_compared() -> None:
    deep = "<a>" * 3000 + "</a>" * 3000
    odd = WEB.replace("<metadata>", f"<metadata>{deep}")
    assert plan_live_changes(WEB, odd, LIVE).waiting == ("metadata",)


def test_all_vcpus_are_switched_on_live() -> None:
    some = WEB.replace("<vcpu placement='static'>", "<vcpu placement='static' current='2'>")
    live = LIVE.replace("<vcpu placement='static'>", "<vcpu placement='static' current='2'>")
    assert [step.value for step in apply(some, live, edit("vcpus", "4")).steps] == ["4"]


def test_a_nic_is_called_as_the_edit_calls_it_wherever_it_is_told() -> None:
    live = LIVE.replace("<source bridge='br0'/>", "<source bridge='br0'/><target dev='vnet8'/>")
    done = apply(WEB, live, edit("link", "up", "52:54:00:00:00:02"))
    assert [step.what for step in done.steps] == ["nic2"]
    assert apply(WEB, live, edit("model", "e1000e", "nic1")).waiting == ("nic1",)


@pytest.mark.parametrize(
    ("page", "names"), [("display1", "graphics1"), ("nic2", "nic2"), ("net2", "nic2")]
)
def test_a_device_is_known_by_the_name_on_its_page(page: str, names: str) -> None:
    assert apply(WEB, "", SettingChange("remove", page)) == apply(
        WEB, "", SettingChange("remove", names)
    )

"""What an edit does not name stays, and what cannot stay goes or is refused in words."""

from __future__ import annotations

import pytest
from lxml import etree

from virttui.libvirtxml.edits.apply import apply
from virttui.libvirtxml.edits.current_values import current_settings
from virttui.model.commands import LiveOperation, SettingChange
from virttui.model.errors import InvalidInput


def edit(what: str, value: str = "", device: str = "") -> SettingChange:
    return SettingChange(what, device, (("", value),))


def domain(inside: str = "", devices: str = "", type: str = "kvm", machine: str = "q35") -> str:
    return f"""\
<domain type='{type}'>
  <name>web</name>
  <memory unit='KiB'>4194304</memory>
  <currentMemory unit='KiB'>4194304</currentMemory>
  <vcpu>4</vcpu>
  <os><type arch='x86_64' machine='{machine}'>hvm</type></os>
  {inside}
  <devices>
    {devices}
  </devices>
</domain>
"""


def edited(text: str, wanted: SettingChange) -> etree._Element:
    return etree.fromstring(apply(text, "", wanted).text)


def one(element: etree._Element, path: str) -> etree._Element:
    found = element.find(path)
    assert found is not None, path
    return found


def entered(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.items()}


def sizes(root: etree._Element) -> tuple[str, str, list[tuple[str | None, str | None]]]:
    cells = [(cell.get("memory"), cell.get("unit")) for cell in root.iterfind("cpu/numa/cell")]
    return root.findtext("memory", ""), root.findtext("currentMemory", ""), cells


# -- memory --------------------------------------------------------------------------------------

CELLS = """<cpu mode='host-model'><numa>
    <cell id='0' cpus='0-1' memory='3' unit='GiB'/>
    <cell id='1' cpus='2-3' memory='1048576' memAccess='shared'/>
  </numa></cpu>"""
MODULE = """<memory model='dimm'>
      <target><size unit='MiB'>1024</size><node>1</node></target>
    </memory>"""


def test_less_memory_leaves_the_most_where_it_is() -> None:
    assert sizes(edited(domain(), edit("memory", "200M"))) == ("4194304", "204800", [])
    without = domain().replace("  <currentMemory unit='KiB'>4194304</currentMemory>\n", "")
    assert sizes(edited(without, edit("memory", "200M"))) == ("4194304", "204800", [])


def test_a_guest_without_balloon_is_not_said_to_get_less() -> None:
    text = domain(devices="<memballoon model='none'/>")
    with pytest.raises(InvalidInput, match="no balloon device"):
        apply(text, "", edit("memory", "2G"))
    assert sizes(edited(text, edit("max-memory", "2G")))[:2] == ("2097152", "2097152")


@pytest.mark.parametrize("what", ["memory", "max-memory"])
def test_the_cells_of_a_guest_grow_with_its_memory(what: str) -> None:
    most, entered, cells = sizes(edited(domain(CELLS), edit(what, "8G")))
    assert most == "8388608" and entered == ("8388608" if what == "memory" else "4194304")
    assert cells == [("6", "GiB"), ("2097152", None)]


def test_cells_are_left_alone_while_the_most_stays() -> None:
    assert sizes(edited(domain(CELLS), edit("memory", "1G"))) == (
        "4194304", "1048576", [("3", "GiB"), ("1048576", None)],
    )  # fmt: skip


def test_the_cells_together_are_what_was_asked_for() -> None:
    _, _, cells = sizes(edited(domain(CELLS), edit("max-memory", "4099M")))
    assert cells == [("3147776", "KiB"), ("1049600", None)]
    assert 3147776 + 1049600 == 4099 * 1024


def test_what_memory_modules_hold_is_no_part_of_the_cells() -> None:
    text = domain(
        "<cpu><numa><cell id='0' cpus='0-3' memory='3145728'/></numa></cpu>", MODULE
    )  # fmt: skip
    assert sizes(edited(text, edit("memory", "8G"))) == (
        "8388608", "8388608", [("7340032", None)],
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="its memory modules alone are 1G"):
        apply(text, "", edit("max-memory", "1G"))


@pytest.mark.parametrize(
    ("inside", "value", "words"),
    [
        ("<maxMemory slots='4' unit='GiB'>6</maxMemory>", "8G", "<maxMemory>.* is 6G"),
        (CELLS + "<memoryBacking><hugepages><page size='1' unit='GiB'/></hugepages>"
         "</memoryBacking>", "4500M", "1G each: 4500M"),
        (CELLS, "1M", "too little for its 2 NUMA cells"),
        ("<cpu><numa><cell id='0' cpus='0-3' memory='x'/></numa></cpu>", "8G", "cannot be read"),
        ("<cpu><numa><cell id='0' cpus='0-3' memory='0'/></numa></cpu>", "8G", "no memory"),
    ],
)  # fmt: skip
def test_memory_that_does_not_fit_is_refused_in_words(inside: str, value: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        apply(domain(inside), "", edit("max-memory", value))


# -- vCPUs ---------------------------------------------------------------------------------------

SINGLE = """<vcpus>
    <vcpu id='0' enabled='yes' hotpluggable='no' order='1'/>
    <vcpu id='1' enabled='yes' hotpluggable='yes' order='3'/>
    <vcpu id='2' enabled='no' hotpluggable='yes'/>
    <vcpu id='3' enabled='yes' hotpluggable='yes' order='2'/>
  </vcpus>"""


def single(root: etree._Element) -> list[tuple[str, str, str]]:
    return [
        (one.get("id", ""), one.get("enabled", ""), one.get("order", ""))
        for one in root.iterfind("vcpus/vcpu")
    ]


def test_vcpus_one_by_one_are_switched() -> None:
    text = domain(SINGLE)
    assert single(edited(text, edit("vcpus", "2"))) == [
        ("0", "yes", "1"), ("1", "no", ""), ("2", "no", ""), ("3", "yes", "2"),
    ]  # fmt: skip
    assert single(edited(text, edit("vcpus", "4")))[2] == ("2", "yes", "4")
    six = edited(text, edit("vcpus", "6"))
    assert six.findtext("vcpu") == "6"
    assert single(six)[-2:] == [("4", "yes", "5"), ("5", "yes", "6")]
    fixed = text.replace("hotpluggable='yes'", "hotpluggable='no'")
    with pytest.raises(InvalidInput, match="3 of its vCPUs are always on"):
        apply(fixed, "", edit("vcpus", "2"))


def test_new_vcpus_are_not_put_into_the_first_numa_cell() -> None:
    assert one(edited(domain(CELLS), edit("vcpus", "2")), "vcpu").get("current") == "2"
    with pytest.raises(InvalidInput, match="its 2 NUMA cells"):
        apply(domain(CELLS), "", edit("vcpus", "8"))


# -- CPU -----------------------------------------------------------------------------------------

CPU = """<cpu mode='custom' match='exact' check='partial'>
    <model fallback='forbid'>Skylake-Server</model>
    <vendor>Intel</vendor>
    <topology sockets='1' dies='1' cores='2' threads='2'/>
    <cache level='3' mode='emulate'/>
    <feature policy='require' name='vmx'/>
    <numa><cell id='0' cpus='0-3' memory='4194304'/></numa>
  </cpu>"""


def cpu(root: etree._Element) -> tuple[dict[str, str], list[str]]:
    (found,) = root.findall("cpu")
    return entered(found), [str(child.tag) for child in found]


def test_a_cpu_mode_keeps_cells_features_cache_and_topology() -> None:
    passed = edited(domain(CPU), edit("cpu", "host-passthrough"))
    assert cpu(passed) == (
        {"mode": "host-passthrough"}, ["topology", "cache", "feature", "numa"],
    )  # fmt: skip


def test_a_cpu_model_takes_the_place_of_another() -> None:
    other = edited(domain(CPU), edit("cpu", "EPYC"))
    attributes, parts = cpu(other)
    assert attributes == {"mode": "custom", "match": "exact"}
    assert parts == ["model", "topology", "cache", "feature", "numa"]
    assert entered(one(other, "cpu/model")) == {"fallback": "forbid"}
    assert other.findtext("cpu/model") == "EPYC"


def test_what_only_a_hosts_own_cpu_can_have_goes_with_it() -> None:
    text = domain(
        "<cpu mode='host-passthrough' check='none' migratable='on'>"
        "<cache mode='passthrough'/><feature policy='disable' name='svm'/></cpu>"
    )
    assert cpu(edited(text, edit("cpu", "EPYC"))) == ({"mode": "custom"}, ["model", "feature"])
    attributes, parts = cpu(edited(text, edit("cpu", "maximum")))
    assert attributes == {"mode": "maximum", "migratable": "on"} and parts == ["cache", "feature"]


def test_the_same_cpu_is_no_change() -> None:
    assert apply(domain(CPU), "", edit("cpu", "Skylake-Server")).text == domain(CPU)


# -- disks ---------------------------------------------------------------------------------------

DISKS = """<disk type='file' device='disk' model='virtio-transitional'>
      <driver name='qemu' type='qcow2' cache='none' iothread='1' queues='4' packed='on'/>
      <source file='/a.qcow2'/>
      <target dev='vda' bus='virtio'/>
      <address type='pci' bus='0x04'/>
    </disk>
    <disk type='file' device='cdrom'>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>
    <disk type='file' device='disk'>
      <source file='/b.raw'/>
      <target dev='sdb' bus='scsi' rotation_rate='1'/>
      <wwn>5000c50015ea71ab</wwn><vendor>SEAGATE</vendor>
    </disk>"""


def disk(root: etree._Element, number: int = 0) -> etree._Element:
    return root.findall("devices/disk")[number]


def test_a_disk_gets_a_free_target_of_its_new_bus() -> None:
    moved = disk(edited(domain(devices=DISKS), edit("bus", "sata", "vda")))
    assert entered(one(moved, "target")) == {"dev": "sdc", "bus": "sata"}
    assert entered(one(moved, "driver")) == {
        "name": "qemu", "type": "qcow2", "cache": "none",
    }  # fmt: skip
    assert moved.get("model") is None and moved.find("address") is None
    virtio = disk(edited(domain(devices=DISKS), edit("bus", "virtio", "sdb")), 2)
    assert entered(one(virtio, "target")) == {"dev": "vdb", "bus": "virtio"}
    assert virtio.find("wwn") is None and virtio.find("vendor") is None
    sata = disk(edited(domain(devices=DISKS), edit("bus", "sata", "sdb")), 2)
    assert one(sata, "target").get("dev") == "sdb" and sata.find("wwn") is not None


@pytest.mark.parametrize(
    ("device", "bus", "words"),
    [
        ("sda", "virtio", "a CD-ROM drive cannot be on virtio: it can be on sata"),
        ("vda", "fdc", "a disk cannot be on fdc"),
        ("vda", "ide", "its machine q35 has no IDE"),
    ],
)
def test_a_bus_that_cannot_be_is_refused_in_words(device: str, bus: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        apply(domain(devices=DISKS), "", edit("bus", bus, device))


def test_a_read_only_disk_does_not_go_where_qemu_has_none() -> None:
    text = domain(devices=DISKS.replace("<source file='/a.qcow2'/>", "<readonly/>"))
    with pytest.raises(InvalidInput, match="no read-only disk on sata"):
        apply(text, "", edit("bus", "sata", "vda"))


def test_a_bus_is_never_changed_under_a_running_guest() -> None:
    text = domain(devices=DISKS)
    done = apply(text, text.replace("<domain", "<domain id='3'"), edit("bus", "usb", "vda"))
    assert not done.steps and done.waiting == ("bus of vda",)


@pytest.mark.parametrize("type", ["xen", "bhyve", "test"])
def test_a_driver_is_named_qemu_only_where_it_is(type: str) -> None:
    text = domain(devices=DISKS, type=type)
    driver = disk(edited(text, edit("cache", "none", "sdb")), 2).find("driver")
    assert driver is not None and entered(driver) == {"cache": "none"}


def test_a_default_makes_no_driver_and_leaves_no_empty_one() -> None:
    text = domain(devices=DISKS)
    assert apply(text, "", edit("cache", "default", "sdb")).text == text
    entered = apply(domain(devices=DISKS, type="xen"), "", edit("discard", "unmap", "sdb")).text
    assert disk(edited(entered, edit("discard", "default", "sdb")), 2).find("driver") is None


# -- media ---------------------------------------------------------------------------------------

DRIVE = """<disk type='network' device='cdrom'>
      <driver name='qemu' type='qcow2'/>
      <source protocol='https' name='boot.iso' startupPolicy='optional'><host name='h'/></source>
      <backingStore/>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>"""


@pytest.mark.parametrize(
    ("value", "type", "source"),
    [
        ("none", "file", None),
        ("/srv/new.iso", "file", {"file": "/srv/new.iso", "startupPolicy": "optional"}),
        ("/dev/sr0", "block", {"dev": "/dev/sr0", "startupPolicy": "optional"}),
        ("isos/a.iso", "volume",
         {"pool": "isos", "volume": "a.iso", "startupPolicy": "optional"}),
    ],
)  # fmt: skip
def test_a_medium_takes_the_place_of_one_from_the_network(
    value: str, type: str, source: dict[str, str] | None
) -> None:
    drive = disk(edited(domain(devices=DRIVE), edit("media", value)))
    found = drive.find("source")
    assert drive.get("type") == type
    assert (entered(found) if found is not None else None) == source
    assert one(drive, "driver").get("type") == "raw" and drive.find("backingStore") is None


def test_a_medium_of_another_format_is_still_changed_at_once() -> None:
    text = domain(devices=DRIVE)
    done = apply(text, text.replace("<domain", "<domain id='3'"), edit("media", "/srv/new.iso"))
    assert [step.op for step in done.steps] == [LiveOperation.UPDATE] and not done.waiting


# -- NICs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nic", "left"),
    [
        ("<interface type='vhostuser'><source type='unix' path='/s' mode='server'/>"
         "<model type='virtio'/></interface>", ["source", "model"]),
        ("<interface type='hostdev' managed='yes'><mac address='52:54:00:00:00:01'/>"
         "<driver name='vfio'/><source><address type='pci' bus='1'/></source>"
         "<vlan><tag id='4'/></vlan></interface>", ["mac", "source", "vlan"]),
        ("<interface type='server'><source address='1.2.3.4' port='9'><local port='1'/></source>"
         "</interface>", ["source"]),
        ("<interface type='ethernet'><ip address='10.0.0.1'/><script path='/s'/>"
         "<target dev='tap9' managed='no'/></interface>", ["source"]),
        ("<interface type='user'><backend type='passt' logFile='/l'/>"
         "<portForward proto='tcp'><range start='22'/></portForward></interface>", ["source"]),
        ("<interface type='direct'><source dev='eth0' mode='vepa'/>"
         "<virtualport type='802.1Qbg'><parameters managerid='1'/></virtualport></interface>",
         ["source"]),
    ],
)  # fmt: skip
def test_a_card_on_a_bridge_has_nothing_left_of_its_old_type(nic: str, left: list[str]) -> None:
    root = edited(domain(devices=nic), edit("bridge", "br0", "nic1"))
    (found,) = root.findall("devices/interface")
    assert entered(found) == {"type": "bridge"}
    assert sorted(str(child.tag) for child in found) == sorted(left)
    (source,) = found.findall("source")
    assert entered(source) == {"bridge": "br0"} and not len(source)


def test_another_network_brings_its_own_ports() -> None:
    nic = (
        "<interface type='network'><source network='ovs' portgroup='x'/>"
        "<virtualport type='openvswitch'/><vlan><tag id='4'/></vlan><filterref filter='f'/>"
        "</interface>"
    )
    (found,) = edited(domain(devices=nic), edit("network", "lan", "nic1")).findall(
        "devices/interface"
    )
    assert [str(child.tag) for child in found] == ["source", "vlan", "filterref"]


# -- screens -------------------------------------------------------------------------------------


def test_an_address_takes_the_place_of_a_socket_and_of_all_addresses() -> None:
    screen = (
        "<graphics type='vnc' socket='/s'><listen type='socket' socket='/s'/>"
        "<listen type='network' network='default'/></graphics>"
    )
    (found,) = edited(domain(devices=screen), edit("listen", "0.0.0.0")).findall("devices/graphics")
    assert found.get("socket") is None
    assert [entered(one) for one in found] == [{"type": "address", "address": "0.0.0.0"}]


@pytest.mark.parametrize("type", ["sdl", "egl-headless", "dbus", "desktop"])
def test_a_screen_without_a_network_listens_nowhere(type: str) -> None:
    text = domain(devices=f"<graphics type='{type}'/>")
    with pytest.raises(InvalidInput, match="listens nowhere"):
        apply(text, "", edit("listen", "127.0.0.1"))
    assert "listen" not in {now.setting.name for now in current_settings(text)}


# -- boot ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["exe", "linux"])
@pytest.mark.parametrize("order", ["cdrom,hd", "vda"])
def test_what_is_no_machine_has_no_boot_order(kind: str, order: str) -> None:
    text = domain(devices=DISKS).replace("hvm", kind)
    with pytest.raises(InvalidInput, match="it has no boot order"):
        apply(text, "", edit("boot", order))


# -- what libvirt makes again --------------------------------------------------------------------

LINE = """<serial type='pty'><target port='0'/></serial>
    <console type='pty'><target type='serial' port='0'/></console>"""


@pytest.mark.parametrize("name", ["serial1", "console1"])
def test_a_serial_port_and_its_console_go_together(name: str) -> None:
    root = edited(domain(devices=LINE), SettingChange("remove", name))
    assert not root.findall("devices/*")


def test_a_console_of_several_ports_stays_with_those_that_stay() -> None:
    text = domain(devices=LINE + "<serial type='pty'><target port='1'/></serial>")
    root = edited(text, SettingChange("remove", "serial1"))
    assert [str(one.tag) for one in root.findall("devices/*")] == ["console", "serial"]
    with pytest.raises(InvalidInput, match="serial1 under another name"):
        apply(text, "", SettingChange("remove", "console1"))


def test_a_console_of_its_own_goes_alone() -> None:
    console = "<console type='pty'><target type='virtio'/></console>"
    root = edited(domain(devices=LINE + console), SettingChange("remove", "console2"))
    assert [str(one.tag) for one in root.findall("devices/*")] == ["serial", "console"]


def test_what_a_guest_has_by_default_is_said_to_be_none() -> None:
    devices = "<graphics type='vnc'/><video><model type='vga'/></video><memballoon model='virtio'/>"
    root = edited(domain(devices=devices), SettingChange("remove", "memballoon1"))
    assert [one.get("model") for one in root.findall("devices/memballoon")] == ["none"]
    root = edited(domain(devices=devices), SettingChange("remove", "video1"))
    assert [one.get("type") for one in root.findall("devices/video/model")] == ["none"]
    off = apply(domain(devices=devices), "", SettingChange("remove", "memballoon1")).text
    with pytest.raises(InvalidInput, match="excludes one already"):
        apply(off, "", SettingChange("remove", "memballoon1"))
    elsewhere = edited(domain(devices=devices, type="xen"), SettingChange("remove", "memballoon1"))
    assert not elsewhere.findall("devices/memballoon")


def test_a_screen_goes_after_what_needs_it() -> None:
    devices = (
        "<graphics type='spice'/><redirdev bus='usb' type='spicevmc'/><audio id='1' type='spice'/>"
        "<channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/></channel>"
    )
    with pytest.raises(InvalidInput, match="redirdev1, audio1, channel1 needs this screen"):
        apply(domain(devices=devices), "", SettingChange("remove", "graphics1"))


def test_a_built_in_mouse_is_not_said_to_go() -> None:
    devices = "<input type='mouse' bus='ps2'/><graphics type='vnc'/>"
    with pytest.raises(InvalidInput, match="built in"):
        apply(domain(devices=devices), "", SettingChange("remove", "input1"))


def test_a_serial_line_is_not_torn_from_a_running_guest() -> None:
    text = domain(devices=LINE)
    done = apply(
        text, text.replace("<domain", "<domain id='3'"), SettingChange("remove", "serial1")
    )
    assert not done.steps and set(done.waiting) == {"serial 0 removed", "console 0 removed"}

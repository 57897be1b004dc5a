"""A form's values become the XML that libvirt's schema allows, and nothing is ever in twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from virttui.libvirtxml.edits.apply import apply
from virttui.libvirtxml.edits.operands import free_target
from virttui.libvirtxml.schema.validate import validate
from virttui.model.commands import SettingChange
from virttui.model.documents import Option
from virttui.model.domains.devices import DEVICE_KINDS, DeviceContext, DeviceRequest
from virttui.model.domains.settings import ADD
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField
from virttui.model.identity import Kind
from virttui.planning.devices import make
from virttui.planning.devices.guest_context import free_mac

from .guests import AROUND, CONTAINER, KNOWLEDGE, PC, Q35, SHARED, values


def device_xml(kind: str, domain: str = Q35, around: DeviceContext = AROUND, **entered: str) -> str:
    """The XML of a device, after it was held against the schema in its domain."""
    guest = make.guest_of(domain)
    device = make.plan(DeviceRequest(kind, tuple(entered.items())), guest, around)
    whole = apply(domain, "", SettingChange(ADD, values=(("xml", device.xml),))).text
    assert validate(whole, Kind.DOMAIN, None).problems == (), whole
    assert device.words
    return device.xml


def fields(
    kind: str, domain: str = Q35, around: DeviceContext = AROUND, **entered: str
) -> dict[str, FormField]:
    guest = make.guest_of(domain)
    wanted = make.form_fields(DeviceRequest(kind, tuple(entered.items())), guest, around)
    return {one.name: one for one in wanted}


def why_not(kind: str, domain: str = Q35, around: DeviceContext = AROUND) -> str:
    return make.why_not(kind, make.guest_of(domain), around)


def beside(xml: str, domain: str = Q35) -> str:
    return domain.replace("  </devices>", f"    {xml}\n  </devices>")


USUAL = {
    "disk": """\
<disk type='volume' device='disk'>
  <driver name='qemu' type='qcow2' discard='unmap'/>
  <source pool='default' volume='data.qcow2'/>
  <target dev='vdb' bus='virtio'/>
</disk>""",
    "nic": """\
<interface type='network'>
  <mac address='52:54:00:12:34:56'/>
  <source network='default'/>
  <model type='virtio'/>
</interface>""",
    "cdrom": """\
<disk type='volume' device='cdrom'>
  <driver name='qemu' type='raw'/>
  <source pool='isos' volume='rescue.iso'/>
  <target dev='sda' bus='sata'/>
  <readonly/>
</disk>""",
    "serial": "<serial type='pty'/>",
    "graphics": """\
<graphics type='vnc' autoport='yes'>
  <listen type='address' address='127.0.0.1'/>
</graphics>""",
    "video": "<video>\n  <model type='virtio'/>\n</video>",
    "channel": """\
<channel type='unix'>
  <target type='virtio' name='org.qemu.guest_agent.0'/>
</channel>""",
    "rng": "<rng model='virtio'>\n  <backend model='random'>/dev/urandom</backend>\n</rng>",
    "tpm": "<tpm model='tpm-crb'>\n  <backend type='emulator' version='2.0'/>\n</tpm>",
    "watchdog": "<watchdog model='i6300esb' action='reset'/>",
    "usb": """\
<hostdev mode='subsystem' type='usb'>
  <source>
    <vendor id='0x046d'/>
    <product id='0xc52b'/>
  </source>
</hostdev>""",
    "pci": """\
<hostdev mode='subsystem' type='pci' managed='yes'>
  <source>
    <address domain='0x0000' bus='0x06' slot='0x00' function='0x0'/>
  </source>
</hostdev>""",
    "filesystem": """\
<filesystem type='mount' accessmode='mapped'>
  <driver type='path'/>
  <source dir='/srv/share'/>
  <target dir='share'/>
</filesystem>""",
}


@pytest.mark.parametrize("kind", USUAL)
def test_what_is_made_without_a_word(kind: str) -> None:
    entered = {"filesystem": {"source": "/srv/share"}, "cdrom": {"pool": "isos"}}
    assert device_xml(kind, Q35, AROUND, **entered.get(kind, {})) == USUAL[kind]


def test_every_kind_is_made() -> None:
    assert set(USUAL) == {kind.name for kind in DEVICE_KINDS}


@pytest.mark.parametrize("kind", USUAL)
def test_every_choice_is_valid(kind: str) -> None:
    """Each option of each field, the others being as usual."""
    base = {"source": "/srv/share"} if kind == "filesystem" else {}
    for one in fields(kind, SHARED, AROUND, **base).values():
        for option in one.options:
            entered = {**base, one.name: option.name}
            for missing in fields(kind, SHARED, AROUND, **entered).values():
                if not missing.value:
                    first = next((one.name for one in missing.options), "/srv/x.img")
                    entered[missing.name] = first
            device_xml(kind, SHARED, AROUND, **entered)


def test_without_knowledge_the_usual_is_offered() -> None:
    bare = DeviceContext(mac="52:54:00:12:34:56")
    assert "type='virtio'" in device_xml("nic", around=bare, source="br0")
    assert "file='/srv/a.qcow2'" in device_xml("disk", around=bare, path="/srv/a.qcow2")
    assert "type='qcow2'" in device_xml("disk", around=bare, path="/srv/a.qcow2")
    for kind in ("tpm", "rng", "watchdog", "graphics", "video", "channel", "serial"):
        device_xml(kind, around=bare)


def test_a_volume_that_is_free_is_proposed_and_its_format_is_its_own() -> None:
    assert fields("disk")["volume"].value == "data.qcow2"
    assert "type='raw'" in device_xml("disk", volume="spare.raw")
    taken = replace(AROUND, volumes={"default": AROUND.volumes["default"][:1]})
    assert fields("disk", around=taken)["volume"].value == ""
    with pytest.raises(InvalidInput, match="volume is missing"):
        device_xml("disk", around=taken)
    asking = fields("disk", around=replace(AROUND, volumes={}))["volume"]
    assert asking.pool == "default" and "asking" in asking.note


def test_targets_follow_the_bus_and_never_clash() -> None:
    assert fields("disk")["target"].value == "vdb"
    assert fields("disk", bus="scsi")["target"].value == "sda"
    assert (
        fields("cdrom", PC)["target"].value == "hda" and fields("cdrom", PC)["bus"].value == "ide"
    )
    with pytest.raises(InvalidInput, match="vda already"):
        device_xml("disk", target="vda")
    with pytest.raises(InvalidInput, match="begins with vd"):
        device_xml("disk", target="sdb")
    assert free_target("virtio", {f"vd{chr(97 + n)}" for n in range(26)}) == "vdaa"
    running = beside("<disk><target dev='vdb' bus='virtio'/></disk>")
    assert fields("disk", running)["target"].value == "vdc"
    both = make.guest_of(Q35, running)
    assert {"vda", "vdb"} <= both.used_names, "what runs has a name too"


def test_a_mac_address_is_nobodys() -> None:
    told = iter([b"\x00\x00\x01", b"\x12\x34\x56"])
    taken = {"52:54:00:00:00:01"}
    assert free_mac(taken, lambda count: next(told)) == "52:54:00:12:34:56"
    with pytest.raises(InvalidInput, match="00:00:01 already"):
        device_xml("nic", mac="52:54:00:00:00:01")
    with pytest.raises(InvalidInput, match="many cards"):
        device_xml("nic", mac="53:54:00:00:00:02")
    assert "mac" not in fields("nic", around=replace(AROUND, many=True))


def test_portgroups_and_vlans_where_the_network_has_them() -> None:
    groups = (Option("vlan-100", "default, vlan 100"), Option("trunk", "trunk of vlans 100, 101"))
    around = replace(AROUND, portgroups={"default": groups}, vlan_networks=frozenset({"lab"}))
    assert fields("nic", around=around)["portgroup"].value == "vlan-100"
    assert "portgroup='trunk'" in device_xml("nic", around=around, portgroup="trunk")
    assert "portgroup" not in device_xml("nic", around=around, portgroup="usual")
    assert "portgroup" not in fields("nic", around=around, source="lab")
    tagged = device_xml("nic", around=around, source="lab", vlan="100")
    assert "<vlan>\n    <tag id='100'/>" in tagged
    trunk = device_xml("nic", around=around, source="lab", vlan="100u, 101")
    assert "<vlan trunk='yes'>" in trunk and "nativeMode='untagged'" in trunk
    assert "vlan" not in fields("nic"), "a bridge of the kernel takes none"
    switch = device_xml("nic", type="bridge", source="ovsbr0", port="openvswitch", vlan="7")
    assert "<virtualport type='openvswitch'/>" in switch and "<tag id='7'/>" in switch
    for words in ("5000", "0", "x", "10-20"):
        with pytest.raises(InvalidInput, match="not a VLAN"):
            device_xml("nic", around=around, source="lab", vlan=words)


def test_a_card_of_the_host_and_qemu_s_own_network() -> None:
    around = replace(AROUND, cards=("eth0", "eth1"))
    assert "<source dev='eth0' mode='bridge'/>" in device_xml("nic", around=around, type="direct")
    alone = device_xml(
        "nic", around=around, type="direct", source="eth1", mode="passthrough", vlan="9"
    )
    assert "dev='eth1'" in alone and "<tag id='9'/>" in alone
    slirp = device_xml("nic", type="user")
    assert "type='user'" in slirp and "<source" not in slirp and "backend" not in slirp
    passt = device_xml("nic", type="user", backend="passt", forwards="2022:22, udp:5353:53")
    assert "<backend type='passt'/>" in passt and "<range start='2022' to='22'/>" in passt
    assert "<portForward proto='udp'>" in passt
    with pytest.raises(InvalidInput, match="forwards nothing"):
        device_xml("nic", type="user", backend="passt", forwards="22")
    known = {**KNOWLEDGE.values, "devices/interface/backend@type": (Option("default"),)}
    plain = replace(AROUND, host_values=replace(KNOWLEDGE, values=known))
    assert "backend" not in fields("nic", around=plain, type="user"), "its host has no passt"
    assert "user" not in {one.name for one in fields("nic", CONTAINER)["type"].options}


def test_a_bridge() -> None:
    assert "bridge='br1'" in device_xml("nic", type="bridge", source="br1")
    assert fields("nic", type="bridge")["source"].value == "br0"


def test_what_a_guest_can_have_once() -> None:
    vnc = beside("<graphics type='vnc'/>")
    assert "type='spice'" in device_xml("graphics", vnc)
    assert why_not("graphics", beside("<graphics type='spice'/>", vnc)) == (
        "it has vnc and spice already"
    )
    assert why_not("tpm", beside("<tpm model='tpm-tis'/>")) == "it has one already"
    assert why_not("video", beside("<video><model type='none'/></video>"))
    second = fields("video", beside("<video><model type='vga'/></video>"))["model"]
    assert {one.name for one in second.options} == {"virtio", "qxl"}
    agent = beside("<channel type='unix'><target name='org.qemu.guest_agent.0'/></channel>")
    assert fields("channel", agent)["name"].value == ""
    with pytest.raises(InvalidInput, match="it has a channel org"):
        device_xml("channel", agent, name="org.qemu.guest_agent.0")


def test_a_watchdog_of_its_time() -> None:
    dog = beside("<watchdog model='itco' action='reset'/>")
    assert why_not("watchdog", dog) == "it has one already"
    newer = replace(AROUND, libvirt="9.1.0")
    assert [one.name for one in fields("watchdog", dog, newer)["model"].options] == ["i6300esb"]
    assert [one.name for one in fields("watchdog")["model"].options] == ["i6300esb"]
    names = [one.name for one in fields("watchdog", around=newer)["model"].options]
    assert names == ["i6300esb", "itco"]


def test_what_the_host_lacks_is_said() -> None:
    told = {k: v for k, v in KNOWLEDGE.values.items() if "tpm" not in k}
    assert "swtpm" in why_not(
        "tpm", around=replace(AROUND, host_values=replace(KNOWLEDGE, values=told))
    )
    only = {**KNOWLEDGE.values, "devices/filesystem/driver@type": values("virtiofs")}
    around = replace(AROUND, host_values=replace(KNOWLEDGE, values=only))
    assert "memoryBacking" in why_not("filesystem", around=around)
    assert why_not("filesystem", SHARED, around) == ""


def test_virtiofs_wants_shared_memory() -> None:
    assert [one.name for one in fields("filesystem")["driver"].options] == ["path"]
    assert "shared memory" in fields("filesystem")["driver"].options[0].note
    xml = device_xml("filesystem", SHARED, source="/srv/share")
    assert "<driver type='virtiofs'/>" in xml and "accessmode='passthrough'" in xml
    cell = "<cpu><numa><cell id='0' cpus='0-3' memory='4194304' memAccess='shared'/></numa></cpu>"
    assert make.guest_of(Q35.replace("  <devices>", f"  {cell}\n  <devices>")).shared_memory


def test_host_devices_by_what_they_are_or_where() -> None:
    names = [one.name for one in fields("usb")["device"].options]
    assert names == ["046d:c52b", "2.3", "2.4"], "two of a kind are told apart by their place"
    assert "bus='2' device='4'" in device_xml("usb", device="2.4")
    assert "domain='0x0000' bus='0x06'" in device_xml("pci", device="06:00.0")
    with pytest.raises(InvalidInput, match="not a PCI address"):
        device_xml("pci", device="eth0")
    none = replace(AROUND, devices=())
    assert "type it" in fields("pci", around=none)["device"].note


def test_a_guest_without_usb() -> None:
    none = beside("<controller type='usb' model='none'/>")
    assert "no USB" in why_not("usb", none)
    assert "usb" not in {one.name for one in fields("disk", none)["bus"].options}


def test_a_container_has_little() -> None:
    assert why_not("tpm", CONTAINER) == "a container has none"
    assert why_not("disk", CONTAINER) == "a container has none"
    assert "<model" not in device_xml("nic", CONTAINER)
    xml = device_xml("filesystem", CONTAINER, source="/srv/a", target="/mnt/a")
    assert xml.startswith("<filesystem type='mount'>") and "<driver" not in xml


@given(text=st.text(max_size=30))
def test_no_text_breaks_out(text: str) -> None:
    """Whatever is typed, the XML is one element with it inside, or it is refused."""
    guest = make.guest_of(Q35)
    for kind, name in (("disk", "path"), ("filesystem", "source"), ("serial", "path"),
                       ("rng", "source"), ("nic", "source"), ("channel", "name")):  # fmt: skip
        entered = {
            "type": {"disk": "file", "serial": "file", "nic": "bridge"}.get(kind, ""),
            name: f"/{text}" if name in ("path", "source") and kind != "nic" else text,
        }
        try:
            xml = make.plan(DeviceRequest(kind, tuple(entered.items())), guest, AROUND).xml
        except InvalidInput:
            continue
        root = etree.fromstring(xml)
        assert len(etree.tostring(root)) and len(list(root.iter())) <= 5
        told = [*root.itertext(), *(v for e in root.iter() for v in e.attrib.values())]
        assert entered[name] in told or not text

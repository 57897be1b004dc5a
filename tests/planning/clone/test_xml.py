"""The definition of a clone beside that of virt-clone: each difference has its reason here."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree
from msgspec.structs import replace

from virttui.libvirtxml.schema.validate import validate
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind
from virttui.planning.clone.xml import CloneIdentity, NewDisk, clone_xml, nvram_path, with_disks

UUID = "0f0e0d0c-1111-4222-8333-444455556666"
NEW = "1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9"
SOURCE = f"""\
<domain type='qemu'>
  <name>web-01</name>
  <uuid>{UUID}</uuid>
  <genid>43dc0cf8-809b-4adb-9bea-a9abb5f3d90e</genid>
  <title>Web &amp; more</title>
  <memory unit='KiB'>16384</memory>
  <currentMemory unit='KiB'>16384</currentMemory>
  <vcpu placement='static'>1</vcpu>
  <sysinfo type='smbios'>
    <system>
      <entry name='uuid'>{UUID}</entry>
    </system>
  </sysinfo>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
    <nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>/nvram/web-01_VARS.fd</nvram>
    <smbios mode='sysinfo'/>
  </os>
  <!-- a word of somebody's -->
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' discard='unmap'/>
      <source file='FOLDER/web-01.qcow2' startupPolicy='optional'>
        <seclabel model='dac' relabel='no'/>
      </source>
      <backingStore type='file'>
        <format type='qcow2'/>
        <source file='FOLDER/base.qcow2'/>
        <backingStore/>
      </backingStore>
      <target dev='vda' bus='virtio'/>
      <serial>S1</serial>
    </disk>
    <disk type='file' device='cdrom'>
      <driver name='qemu' type='raw'/>
      <source file='FOLDER/seed.iso'/>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>
    <interface type='bridge'>
      <mac address='52:54:00:11:22:33'/>
      <source bridge='br0'/>
      <virtualport type='openvswitch'>
        <parameters interfaceid='{UUID}'/>
      </virtualport>
      <target dev='web1'/>
      <model type='virtio'/>
    </interface>
    <serial type='file'>
      <source path='/var/log/web-01.log'/>
      <target port='0'/>
    </serial>
    <serial type='pty'>
      <log file='/var/log/console.log' append='off'/>
      <target port='1'/>
    </serial>
    <channel type='unix'>
      <source mode='bind' path='/run/{UUID}/agent'/>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>
    <graphics type='vnc' port='5901' autoport='no' passwd='secret'/>
    <vsock model='virtio'>
      <cid auto='no' address='7'/>
    </vsock>
  </devices>
</domain>
"""
OURS = {
    "/domain/uuid": "chosen anew by each",
    "/domain/genid": "virt-clone keeps it: Windows would not know that it is a copy",
    "/domain/title": "virt-clone drops it: a title says what a machine is for",
    "/domain/sysinfo/system/entry": "virt-clone keeps the old UUID: libvirt refuses to define that",
    "/domain/devices/disk/backingStore": "virt-clone keeps the chain of another disk",
    "/domain/devices/interface/mac@address": "chosen anew by each; QEMU's own range, not Xen's",
    "/domain/devices/interface/virtualport/parameters": "a port of a switch is one NIC's alone",
    "/domain/devices/serial/source@path": "virt-clone has two guests write to one file",
    "/domain/devices/serial/log@file": "as above",
    "/domain/devices/channel/source@path": "virt-clone has two guests listen on one socket",
    "/domain/devices/graphics@autoport": "virt-clone leaves out that the port is found by libvirt",
    "/domain/devices/vsock/cid": "virt-clone gives two guests one number: the second cannot start",
}
"""Where our clone is another than virt-clone's, and why."""
ALIKE_SINCE = {"/domain/devices/serial/source@path": (5, 0)}
"""The version of virt-clone that does as we do."""


def clone(source: str = SOURCE, folder: str = "/images") -> str:
    who = CloneIdentity(
        "web-02",
        NEW,
        ("52:54:00:aa:bb:cc",),
        {"vda": NewDisk("file", f"{folder}/web-02.qcow2", "qcow2")},
        "/nvram/web-02_VARS.fd",
    )
    return clone_xml(source, who)


def flat(xml: str) -> dict[str, list[str]]:
    """Every text and attribute by its path."""
    found: dict[str, list[str]] = {}
    root = etree.fromstring(xml)
    tree = etree.ElementTree(root)
    for element in root.iter(tag=etree.Element):
        path = re.sub(r"\[\d+\]", "", tree.getpath(element))
        found.setdefault(path, []).append((element.text or "").strip())
        for name in map(str, element.keys()):
            found.setdefault(f"{path}@{name}", []).append(element.get(name, ""))
    return found


@pytest.mark.skipif(shutil.which("virt-clone") is None, reason="virt-clone: apt install virtinst")
def test_every_difference_to_virt_clone_has_a_reason(tmp_path: Path) -> None:
    source = SOURCE.replace("FOLDER", str(tmp_path))
    for name in ("web-01.qcow2", "base.qcow2", "seed.iso"):
        (tmp_path / name).write_bytes(bytes(1024))
    (tmp_path / "source.xml").write_text(source)
    theirs = subprocess.run(
        ["virt-clone", "--connect", "test:///default", "--original-xml",
         str(tmp_path / "source.xml"), "--name", "web-02", "--auto-clone", "--print-xml"],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    one, other = flat(clone(source, str(tmp_path))), flat(theirs)
    different = {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}
    unexplained = {p for p in different if not any(p.startswith(why) for why in OURS)}
    assert unexplained == set()
    idle = {why for why in OURS if not any(p.startswith(why) for p in different)}
    told = subprocess.run(["virt-clone", "--version"], capture_output=True, text=True, check=True)
    version = tuple(int(number) for number in told.stdout.strip().split(".")[:2])
    alike = {why for why, since in ALIKE_SINCE.items() if version >= since}
    assert idle == alike, "these are alike by now"


def test_what_is_not_named_stays_byte_for_byte() -> None:
    text = clone()
    assert "<!-- a word of somebody's -->" in text and "passwd='secret'" in text
    assert "<title>Web &amp; more</title>" in text
    kept = set(SOURCE.split("\n")) - set(text.split("\n"))
    assert all("FOLDER/web-01" in line or "base" in line or line.strip() for line in kept)
    assert validate(text.replace("FOLDER", "/images"), Kind.DOMAIN, None).problems == ()
    assert UUID not in text and "web-01" not in text
    assert "<genid/>" in text and "backingStore" not in text
    assert "<log file='/var/log/console-web-02.log'" in text
    assert "<cid auto='yes'/>" in text and "port='-1' autoport='yes'" in text
    assert "<seclabel model='dac' relabel='no'/>" in text


def test_nics_without_an_address_get_one_and_names_are_found_whole() -> None:
    source = SOURCE.replace("      <mac address='52:54:00:11:22:33'/>\n", "")
    assert "<mac address='52:54:00:aa:bb:cc'/>" in clone(source)
    other = SOURCE.replace("/var/log/web-01.log", "/var/log/web-011.log")
    assert "/var/log/web-011-web-02.log" in clone(other), "that is another one's name"


def test_a_disk_can_be_left_out_or_be_a_volume() -> None:
    disks = {"vda": NewDisk("volume", "web-02", "raw", "rbd"), "sda": None}
    text = clone_xml(SOURCE, CloneIdentity("web-02", NEW, ("52:54:00:aa:bb:cc",), disks))
    assert "<disk type='volume'" in text and "pool='rbd' volume='web-02'" in text
    assert "sda" not in text and "type='raw' discard='unmap'" in text
    assert validate(text, Kind.DOMAIN, None).problems == ()


@pytest.mark.parametrize("name", ["source", "backingStore", "mirror"])
def test_no_second_element_of_a_disk_names_a_file_any_more(name: str) -> None:
    """libvirt's schema takes several, and libvirt the last."""
    twice = f"<{name} type='file'><source file='/etc/shadow'/></{name}>"
    twice = "<source file='/etc/shadow'/>" if name == "source" else twice
    xml = SOURCE.replace("<serial>S1</serial>", f"{twice}{twice}<serial>S1</serial>")
    disks = {"vda": NewDisk("file", "/images/own.qcow2", "qcow2")}
    assert "/etc/shadow" not in with_disks(xml, disks)
    assert "<serial>S1</serial>" in with_disks(xml, disks)


def test_the_source_is_moved_and_nothing_else() -> None:
    text = with_disks(SOURCE, {"vda": NewDisk("file", "/images/web-01-own.qcow2", "qcow2")})
    assert "file='/images/web-01-own.qcow2'" in text and "backingStore" not in text
    assert UUID in text and "52:54:00:11:22:33" in text and "port='5901'" in text


def test_nvram_is_another_file_in_the_same_folder() -> None:
    who = CloneIdentity("web-02", NEW)
    assert nvram_path(SOURCE, who, "") == "/nvram/web-02_VARS.fd"
    other = SOURCE.replace("/nvram/web-01_VARS.fd", "/nvram/vars.fd")
    assert nvram_path(other, who, "") == "/nvram/vars-web-02.fd"
    assert nvram_path("<domain/>", who, "") == ""
    chosen = "<domain><name>web-01</name><os firmware='efi'><type>hvm</type></os></domain>"
    place = nvram_path(chosen, who, "/nvram/web-01_VARS.fd")
    assert place == "/nvram/web-02_VARS.fd", "where libvirt chose it, it is renamed, too"
    made = clone_xml(chosen, replace(who, nvram=place))
    assert "<nvram>/nvram/web-02_VARS.fd</nvram>" in made


@pytest.mark.parametrize("text", ["", "<network/>", "<domain/>", "no XML at all"])
def test_what_is_no_domain_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        clone_xml(text, CloneIdentity("a", NEW))


def own(devices: str, disks: dict[str, NewDisk | None] | None = None) -> str:
    """The devices of a clone called web-02 of a domain called web-01."""
    source = f"<domain><name>web-01</name><devices>{devices}</devices></domain>"
    macs = ("52:54:00:00:00:01",) * source.count("<interface")
    return clone_xml(source, CloneIdentity("web-02", NEW, macs, disks or {}))


@pytest.mark.parametrize(
    ("device", "gone", "there"),
    [
        ("<memory model='nvdimm'><source><path>/pm/web-01.img</path></source></memory>",
         "web-01.img", "/pm/web-02.img"),
        ("<memory model='virtio-pmem'><source><path>/pm/nvdimm</path></source></memory>",
         ">/pm/nvdimm<", "/pm/nvdimm-web-02"),
        ("<interface type='vhostuser'><source type='unix' path='/run/v0' mode='server'/>"
         "</interface>", "'/run/v0'", "/run/v0-web-02"),
        ("<interface type='user'><backend type='passt' logFile='/var/log/p.log'/></interface>",
         "/var/log/p.log", "/var/log/p-web-02.log"),
        ("<interface type='ethernet'><target dev='tap9' managed='no'/></interface>",
         "<target", "<interface type='ethernet'>"),
        ("<redirdev bus='usb' type='unix'><source mode='bind' path='/run/r'/></redirdev>",
         "'/run/r'", "/run/r-web-02"),
        ("<pstore backend='acpi-erst'><path>/var/p</path></pstore>", ">/var/p<", "/var/p-web-02"),
        ("<audio id='1' type='file' path='/tmp/a.wav'/>", "/tmp/a.wav", "/tmp/a-web-02.wav"),
    ],
)  # fmt: skip
def test_what_two_guests_cannot_share_is_the_clones_own(device: str, gone: str, there: str) -> None:
    text = own(device)
    assert there in text and gone not in text, text


def test_a_midonet_port_keeps_what_it_has_to_be_told() -> None:
    port = "<virtualport type='{}'><parameters interfaceid='11111111-2222-3333-4444-555555555555'/>"
    for kind, stays in (("midonet", True), ("openvswitch", False)):
        card = f"<interface type='bridge'>{port.format(kind)}</virtualport></interface>"
        assert ("interfaceid" in own(card)) is stays


def test_a_copy_of_a_scsi_device_is_a_plain_disk() -> None:
    lun = (
        "<disk type='block' device='lun' rawio='yes' sgio='unfiltered'><source dev='/dev/sdx'>"
        "<reservations managed='yes'/></source><target dev='sda' bus='scsi'/></disk>"
    )
    text = own(lun, {"sda": NewDisk("file", "/images/web-02.raw", "raw")})
    assert "device='disk'" in text and "file='/images/web-02.raw'" in text
    assert not any(word in text for word in ("lun", "rawio", "sgio", "reservations", "/dev/sdx"))

"""Devices of a host that can be passed through, read from its node devices."""

from __future__ import annotations

import pytest

from virttui.libvirtxml.node_devices import disk, host_device
from virttui.model.documents import Option
from virttui.model.domains.devices import Bus, HostDevice
from virttui.model.errors import InvalidInput

CARD = """\
<device>
  <name>pci_0000_06_00_1</name>
  <driver><name>snd_hda_intel</name></driver>
  <capability type='pci'>
    <class>0x040300</class>
    <domain>0</domain><bus>6</bus><slot>16</slot><function>1</function>
    <product id='0x10f8'>TU104 HD Audio</product>
    <vendor id='0x10de'>NVIDIA</vendor>
  </capability>
</device>
"""
RECEIVER = """\
<device>
  <name>usb_1_2</name>
  <capability type='usb_device'>
    <bus>1</bus><device>4</device>
    <product id='0xc52b'/>
    <vendor id='0x046d'>Logitech</vendor>
  </capability>
</device>
"""


def test_a_card() -> None:
    assert host_device(CARD) == HostDevice(
        Bus.PCI, "0000:06:10.1", "10de:10f8", "NVIDIA TU104 HD Audio", "snd_hda_intel"
    )


def test_a_usb_device() -> None:
    assert host_device(RECEIVER) == HostDevice(Bus.USB, "1.4", "046d:c52b", "Logitech")


def test_what_is_the_hosts_own_is_none() -> None:
    assert host_device(CARD.replace("0x040300", "0x060400")) is None
    assert host_device(RECEIVER.replace("0x046d", "0x1d6b")) is None
    assert host_device("<device><capability type='net'/></device>") is None


def test_what_makes_no_sense() -> None:
    with pytest.raises(InvalidInput):
        host_device("<device>")
    found = host_device("<device><capability type='pci'/></device>")
    assert found is not None and found.address == "0000:00:00.0"


DISK = """\
<device>
  <name>block_sdb</name>
  <capability type='storage'>
    <block>/dev/sdb</block>
    <drive_type>disk</drive_type>
    <model>MAGNA</model>
    <vendor>ACME</vendor>
    <size>2000398934016</size>
  </capability>
</device>"""


def test_a_disk_has_its_size_and_model() -> None:
    assert disk(DISK) == Option("/dev/sdb", "2000 GB ACME MAGNA")
    assert disk(DISK.replace("2000398934016", "")) == Option("/dev/sdb", "ACME MAGNA")


def test_drives_and_what_has_no_path_are_no_disks() -> None:
    assert disk(DISK.replace(">disk<", ">cdrom<")) is None
    assert disk(DISK.replace("/dev/sdb", "")) is None
    assert disk(CARD) is None

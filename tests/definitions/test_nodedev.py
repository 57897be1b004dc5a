"""Devices of a host that can be passed through, read from its node devices."""

from __future__ import annotations

import pytest

from virttui.definitions.nodedev import host_device
from virttui.model.errors import BadInput
from virttui.model.making import Bus, HostDevice

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
    with pytest.raises(BadInput):
        host_device("<device>")
    found = host_device("<device><capability type='pci'/></device>")
    assert found is not None and found.address == "0000:00:00.0"

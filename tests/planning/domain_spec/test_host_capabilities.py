"""What hosts tell of what they can give a machine."""

from __future__ import annotations

import libvirt
import pytest

from virttui.model.errors import InvalidInput
from virttui.model.provision.domain_spec import HostCapabilities
from virttui.planning.domain_spec.host_capabilities import host_capabilities

CAPABILITIES = """
<capabilities>
  <host><cpu><arch>x86_64</arch></cpu></host>
  <guest>
    <os_type>hvm</os_type>
    <arch name='i686'><domain type='qemu'/></arch>
  </guest>
  <guest>
    <os_type>hvm</os_type>
    <arch name='x86_64'>
      <emulator>/usr/bin/qemu-system-x86_64</emulator>
      <machine maxCpus='255'>pc-i440fx-7.2</machine>
      <machine canonical='pc-i440fx-7.2' maxCpus='255'>pc</machine>
      <machine canonical='pc-q35-7.2' maxCpus='288'>q35</machine>
      <domain type='qemu'/>
      <domain type='kvm'><machine maxCpus='1'>microvm</machine></domain>
    </arch>
  </guest>
</capabilities>
"""
DOMAIN = """
<domainCapabilities>
  <path>/usr/libexec/qemu-kvm</path>
  <domain>kvm</domain>
  <machine>pc-q35-7.2</machine>
  <arch>x86_64</arch>
  <vcpu max='240'/>
  <os supported='yes'>
    <enum name='firmware'><value>efi</value></enum>
    <loader supported='yes'>
      <enum name='secure'><value>yes</value><value>no</value></enum>
    </loader>
  </os>
  <cpu>
    <mode name='host-passthrough' supported='yes'/>
    <mode name='host-model' supported='no'/>
  </cpu>
  <devices>
    <disk supported='yes'><enum name='bus'><value>virtio</value><value>sata</value></enum></disk>
    <tpm supported='no'><enum name='backendModel'><value>emulator</value></enum></tpm>
  </devices>
</domainCapabilities>
"""


def test_both_are_read() -> None:
    can = host_capabilities(CAPABILITIES, DOMAIN)
    assert (can.virt, can.arch, can.emulator) == ("kvm", "x86_64", "/usr/libexec/qemu-kvm")
    assert can.machine == "pc-q35-7.2"
    assert can.machines == ("pc", "pc-i440fx-7.2", "q35", "pc-q35-7.2", "microvm")
    assert can.max_vcpus == 240
    assert can.firmwares == {"bios", "efi"}
    assert can.secure_boot
    assert can.cpu_modes == ("host-passthrough",)
    assert can.of("disk/bus") == ("virtio", "sata")
    assert can.of("tpm/backendModel") is None
    assert can.of("graphics/type") is None


def test_a_host_without_keys_has_no_secure_boot() -> None:
    assert not host_capabilities(CAPABILITIES, DOMAIN.replace("<value>yes</value>", "")).secure_boot


def test_one_alone_is_enough() -> None:
    can = host_capabilities(CAPABILITIES, "")
    assert (can.virt, can.machine, can.max_vcpus) == ("kvm", "pc", 288)
    assert (can.firmwares, can.values) == (frozenset({"bios"}), ())
    assert host_capabilities("", DOMAIN).virt == "kvm"
    assert host_capabilities("", "") == HostCapabilities()


def test_the_test_driver_is_understood() -> None:
    connection = libvirt.open("test:///default")
    can = host_capabilities(connection.getCapabilities(), "")
    connection.close()
    assert (can.virt, can.arch) == ("test", "i686")


@pytest.mark.parametrize("xml", ["<capabilities", "no"])
def test_what_is_no_xml_is_refused(xml: str) -> None:
    with pytest.raises(InvalidInput):
        host_capabilities(xml, "")
    with pytest.raises(InvalidInput):
        host_capabilities("", xml)

"""Definitions as they are met: every device is named, and what kind of machine it is."""

from __future__ import annotations

import pytest

from virttui.libvirtxml.device_summary import devices
from virttui.libvirtxml.domain_summary import count_pending_changes, domain_definition
from virttui.libvirtxml.parse import root_of
from virttui.model.domains.details import Device, DomainDefinition
from virttui.model.errors import InvalidInput

SERVER = """
<domain type='kvm' id='17'>
  <name>db-primary-01</name><uuid>4f0c1a52-93be-4c1d-8e07-2f7d5b1c9a10</uuid>
  <title>Payments DB, primary</title><description>Asks nobody.
Backed up at 2.</description>
  <metadata>
    <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
      <libosinfo:os id="http://debian.org/debian/12"/>
    </libosinfo:libosinfo>
  </metadata>
  <memory unit='GiB'>128</memory><currentMemory unit='GiB'>128</currentMemory>
  <memoryBacking><hugepages><page size='1' unit='G'/></hugepages></memoryBacking>
  <vcpu placement='static' current='16'>32</vcpu>
  <cputune><vcpupin vcpu='0' cpuset='8-23'/></cputune>
  <os firmware='efi'><type arch='x86_64' machine='pc-q35-8.2'>hvm</type>
    <firmware><feature enabled='yes' name='secure-boot'/></firmware>
    <loader readonly='yes' secure='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE.fd</loader></os>
  <cpu mode='host-passthrough'><topology sockets='1' dies='1' cores='8' threads='2'/></cpu>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <!-- a remark somebody left here -->
    <disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none' io='native'/>
      <source file='/srv/nvme/db.qcow2'/><backingStore type='file'><source file='/srv/base.qcow2'/>
      </backingStore><target dev='vda' bus='virtio'/><serial>db01</serial><boot order='1'/></disk>
    <disk type='network' device='disk'><source protocol='rbd' name='ceph-vm/db'/>
      <target dev='vdb' bus='virtio'/><encryption format='luks'/></disk>
    <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>
    <controller type='scsi' index='0' model='virtio-scsi'/>
    <interface type='bridge'><mac address='52:54:00:6b:1a:0e'/><source bridge='br-prod'/>
      <vlan><tag id='42'/></vlan><target dev='vnet3'/><model type='virtio'/>
      <alias name='net0'/><boot order='2'/></interface>
    <interface type='network'><mac address='52:54:00:6b:1a:0f'/><source network='mgmt'/>
      <link state='down'/><filterref filter='clean-traffic'/></interface>
    <serial type='pty'><source path='/dev/pts/4'/><log file='/var/log/db.log'/></serial>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/>
    </channel>
    <graphics type='vnc' port='5907' autoport='yes' listen='127.0.0.1' passwd='no'/>
    <video><model type='virtio' vram='16384' heads='2'><acceleration accel3d='yes'/></model></video>
    <hostdev mode='subsystem' type='pci' managed='yes'><driver name='vfio'/>
      <source><address domain='0x0000' bus='0x3b' slot='0x00' function='0x1'/></source></hostdev>
    <hostdev mode='subsystem' type='usb'><source><vendor id='0x0951'/><product id='0x1666'/>
      </source></hostdev>
    <filesystem type='mount'><driver type='virtiofs'/><source dir='/srv/share'/>
      <target dir='share'/></filesystem>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
    <tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
    <watchdog model='itco' action='reset'/>
    <memballoon model='virtio'><stats period='5'/></memballoon>
    <memory model='dimm'><target><size unit='GiB'>4</size><node>1</node></target></memory>
    <vsock model='virtio'><cid auto='yes' address='3'/></vsock>
    <flux model='capacitor'/>
  </devices>
</domain>"""
CONTAINER = """
<domain type='lxc' id='99'>
  <name>cave</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
  <os><type arch='x86_64'>exe</type><init>/bin/sh</init></os>
  <devices><emulator>/usr/libexec/libvirt_lxc</emulator>
    <filesystem type='mount'><source dir='/srv/cave'/><target dir='/'/></filesystem>
    <console type='pty' tty='/dev/pts/1'><source path='/dev/pts/1'/></console></devices>
</domain>"""
HOSTILE = """
<domain><devices><disk><target dev='&#x1f4a9;[/x]'/><source file='a&#10;b'/></disk></devices>
</domain>"""


def named(definition: DomainDefinition, name: str) -> Device:
    return next(device for device in definition.devices if device.name == name)


def test_a_server_in_full() -> None:
    found = domain_definition(SERVER)
    assert (found.machine, found.firmware, found.os) == ("q35-8.2", "UEFI secure", "debian 12")
    assert (found.vcpus, found.vcpus_max, found.hugepages) == (16, 32, "1G hugepages")
    assert (found.cpu, found.topology) == ("host-passthrough", "1 socket, 8 cores, 2 threads")
    assert found.memory == found.memory_max == 128 * 1024**3
    assert found.boot == ("vda", "nic1") and found.agent == "connected"
    assert found.pins == {0: "8-23"}
    assert found.description.splitlines() == ["Asks nobody.", "Backed up at 2."]


def test_each_device_is_there_once_even_an_unknown_one() -> None:
    found = domain_definition(SERVER)
    names = [device.name for device in found.devices]
    assert len(names) == len(set(names)) == 20
    assert named(found, "flux1").words == "capacitor"


@pytest.mark.parametrize(
    ("name", "words", "more"),
    [
        ("vda", "qcow2 virtio", "cache none, io native"),
        ("vda", "qcow2 virtio", "on top of /srv/base.qcow2"),
        ("vdb", "virtio encrypted", "rbd:ceph-vm/db"),
        ("sda", "sata cdrom read only", ""),
        ("nic1", "virtio bridge", "vlan 42"),
        ("nic2", "network", "filter clean-traffic"),
        ("serial1", "pty, log /var/log/db.log", "/dev/pts/4"),
        ("channel1", "guest agent connected", "org.qemu.guest_agent.0"),
        ("display1", "vnc 127.0.0.1:5907", "has a password"),
        ("video1", "virtio 16M 2 heads", "3D"),
        ("hostdev1", "pci 0000:3b:00.1", "driver vfio"),
        ("hostdev2", "usb 0951:1666", ""),
        ("fs1", "share virtiofs", "/srv/share"),
        ("rng1", "virtio random /dev/urandom", ""),
        ("tpm1", "tpm-crb emulator 2.0", ""),
        ("watchdog1", "itco reset", ""),
        ("balloon1", "virtio balloon, figures every 5 s", ""),
        ("dimm1", "4096M node 1", ""),
        ("vsock1", "virtio cid 3", ""),
        ("scsi0", "virtio-scsi", ""),
    ],
)
def test_devices_in_words(name: str, words: str, more: str) -> None:
    device = named(domain_definition(SERVER), name)
    assert device.words == words
    assert not more or more in device.more


def test_links_and_secrets() -> None:
    found = domain_definition(SERVER)
    assert named(found, "nic1").linked and not named(found, "nic2").linked
    assert "no" not in " ".join(named(found, "display1").more).split(), "no password is shown"


def test_a_container() -> None:
    found = domain_definition(CONTAINER)
    assert (found.firmware, found.boot, found.agent) == ("init", ("sh",), "")
    assert [device.words for device in found.devices] == ["/ mount", "pty, /dev/pts/1"]


@pytest.mark.parametrize(
    "xml", ["<domain/>", "<domain><devices/></domain>", "<domain><vcpu>many</vcpu></domain>"]
)
def test_a_bare_domain_has_no_facts_but_no_fault(xml: str) -> None:
    assert domain_definition(xml) == DomainDefinition()


def test_hostile_text_is_text() -> None:
    (disk,) = domain_definition(HOSTILE).devices
    assert disk.name == "\U0001f4a9[/x]" and disk.more == ("a\nb",)
    with pytest.raises(InvalidInput):
        domain_definition("<domain>")


def test_what_waits_for_the_next_boot() -> None:
    live = domain_definition(SERVER)
    assert count_pending_changes(live, live) == 0
    changed = SERVER.replace("current='16'", "current='8'").replace("/srv/nvme/db", "/srv/ssd/db")
    assert count_pending_changes(live, domain_definition(changed)) == 2
    fewer = SERVER.replace("<link state='down'/>", "").replace("8-23", "0-7")
    assert count_pending_changes(live, domain_definition(fewer)) == 1
    # libvirt writes these differently into a running domain's XML.
    runtime = SERVER.replace("vnet3", "vnet9").replace("5907", "5901").replace("pts/4", "pts/5")
    assert count_pending_changes(live, domain_definition(runtime)) == 0


def test_more_vcpus_are_one_change_that_waits() -> None:
    more = SERVER.replace("current='16'", "current='8'").replace(">16</vcpu>", ">32</vcpu>")
    more = more.replace("sockets='1'", "sockets='2'")
    assert (
        more != SERVER
        and count_pending_changes(domain_definition(SERVER), domain_definition(more)) == 1
    )


def test_the_companions_of_a_usb_controller_have_names_of_their_own() -> None:
    models = ("ich9-ehci1", "ich9-uhci1", "ich9-uhci2", "ich9-uhci3")
    controllers = "".join(
        f"<controller type='usb' index='0' model='{model}'>"
        + (f"<master startport='{number}'/>" if number else "")
        + "</controller>"
        for number, model in enumerate(models)
    )
    found = devices(root_of(f"<domain><devices>{controllers}</devices></domain>"))
    assert [one.name for one in found] == ["usb0", "usb0-uhci1", "usb0-uhci2", "usb0-uhci3"]

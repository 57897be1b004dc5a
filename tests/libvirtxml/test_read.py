"""Facts out of libvirt's XML."""

from __future__ import annotations

import pytest

from virttui.libvirtxml import read
from virttui.libvirtxml.parse import root_of
from virttui.model.errors import InvalidInput

DOMAIN = """
<domain type='kvm' id='3'>
  <name>one</name><title> Payments DB </title>
  <memory unit='GiB'>8</memory><currentMemory unit='KiB'>4194304</currentMemory>
  <vcpu placement='static' current='2'>4</vcpu>
  <os><type arch='x86_64'>hvm</type><nvram>/nv/one.fd</nvram></os>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
      <source file='/images/one.qcow2'/><target dev='vda' bus='virtio'/><shareable/></disk>
    <disk type='volume' device='disk'><source pool='fast' volume='data.raw'/>
      <target dev='vdb' bus='virtio'/></disk>
    <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>
    <interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/>
      <target dev='vnet3'/><model type='virtio'/></interface>
    <interface type='user'><mac address='52:54:00:00:00:02'/></interface>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/>
    </channel>
  </devices>
</domain>"""


def test_domain_facts() -> None:
    facts = read.domain(DOMAIN)
    assert (facts.title, facts.os_type, facts.vcpus) == ("Payments DB", "hvm", 2)
    assert facts.memory == 4 * 1024**3 and facts.memory_max == 8 * 1024**3
    assert facts.agent and facts.nvram == "/nv/one.fd"
    one, two, cd = facts.disks
    assert (one.target, one.source, one.format, one.shareable) == (
        "vda", "/images/one.qcow2", "qcow2", True,
    )  # fmt: skip
    assert (two.pool, two.source) == ("fast", "data.raw")
    assert (cd.device, cd.source, cd.read_only) == ("cdrom", "", True)
    nic, user = facts.nics
    assert (nic.mac, nic.source, nic.target, nic.model) == (
        "52:54:00:00:00:01", "default", "vnet3", "virtio",
    )  # fmt: skip
    assert (user.kind, user.source) == ("user", "")


def test_a_bare_domain_has_no_facts_but_no_fault() -> None:
    assert read.domain("<domain/>") == read.DomainFacts()


@pytest.mark.parametrize(
    ("xml", "mode"),
    [
        ("<network/>", "isolated"),
        ("<network><forward/></network>", "nat"),
        ("<network><forward mode='route'/></network>", "route"),
        ("<network><forward mode='bridge'/><bridge name='br0'/></network>", "bridge"),
        ("<network><forward mode='bridge'><interface dev='eth0'/></forward></network>", "macvtap"),
        ("<network><forward mode='private'/></network>", "macvtap"),
        ("<network><forward mode='hostdev'/></network>", "hostdev"),
        (
            "<network><forward mode='bridge'/><bridge name='o'/>"
            "<virtualport type='openvswitch'/></network>",
            "ovs",
        ),
    ],
)
def test_network_modes(xml: str, mode: str) -> None:
    assert read.network(xml).mode == mode


def test_network_addresses() -> None:
    facts = read.network(
        "<network><bridge name='virbr0'/><domain name='lab.internal'/>"
        "<ip address='192.168.122.1' netmask='255.255.255.0'>"
        "<dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp></ip>"
        "<ip family='ipv6' address='fd00::1' prefix='64'/></network>"
    )
    assert facts.subnets == ("192.168.122.0/24", "fd00::/64")
    assert (facts.dhcp, facts.bridge, facts.domain_name) == ("2-254", "virbr0", "lab.internal")


def test_a_wide_range_keeps_the_parts_that_differ() -> None:
    facts = read.network(
        "<network><ip address='10.0.0.1' prefix='16'>"
        "<dhcp><range start='10.0.1.2' end='10.0.9.254'/></dhcp></ip></network>"
    )
    assert facts.dhcp == "1.2-9.254"


def test_volume_row() -> None:
    volume = read.volume(
        "<volume><name>a.qcow2</name><capacity unit='GiB'>2</capacity>"
        "<allocation unit='bytes'>4096</allocation>"
        "<target><path>/i/a.qcow2</path><format type='qcow2'/></target>"
        "<backingStore><path>/i/base.qcow2</path></backingStore></volume>"
    )
    assert volume.capacity == 2 * 1024**3 and volume.allocation == 4096
    assert (volume.format, volume.backing) == ("qcow2", "/i/base.qcow2")


@pytest.mark.parametrize(
    "xml",
    [
        "<domain>",
        "",
        "<a>\x00</a>",
        "<domain><name>a\x1b[31mb</name></domain>",
        "<!DOCTYPE d [" + "".join(
            f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 100}">' for n in range(9)
        ) + "]><domain><name>&e8;</name></domain>",
    ],
    ids=["cut off", "empty", "a zero byte", "an escape byte", "an entity bomb"],
)  # fmt: skip
def test_what_cannot_be_parsed_says_so_or_expands_nothing(xml: str) -> None:
    try:
        facts = read.domain(xml)
    except InvalidInput as error:
        assert "cannot be parsed" in error.message
    else:
        assert len(facts.title) < 1000


def test_external_entities_are_not_read() -> None:
    xml = (
        '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><domain><title>&e;</title></domain>'
    )
    assert "root" not in read.domain(xml).title
    assert root_of("<a/>").tag == "a"

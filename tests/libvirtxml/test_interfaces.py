"""The NICs that are on a network, and how they look on the way there and back."""

from __future__ import annotations

import pytest

from virttui.libvirtxml import interfaces, read
from virttui.model.identity import ObjectId
from virttui.model.inventory import Network, Nic

NAT = Network(ObjectId("h", "u"), "default", True, mode="nat", bridge="virbr0")
DOMAIN = """
<domain><devices>
  <interface type='network'>
    <mac address='52:54:00:00:00:01'/>
    <source network='default' portgroup='slow' portid='p1' bridge='virbr0'/>
    <bandwidth><inbound average='100' floor='50'/></bandwidth>
    <target dev='vnet0'/><filterref filter='clean-traffic'/>
    <custom xmlns='urn:other' kept='yes'/>
  </interface>
  <interface type='bridge'>
    <mac address='52:54:00:00:00:02'/><source bridge='virbr0'/><target dev='vnet1'/>
  </interface>
  <interface type='network'>
    <mac address='52:54:00:00:00:03'/><source network='other'/><target dev='vnet2'/>
  </interface>
  <interface type='network'><mac address='52:54:00:00:00:04'/><source network='default'/>
  </interface>
</devices></domain>
"""


def test_who_is_on_it_and_runs() -> None:
    found = list(interfaces.live_interfaces(NAT, DOMAIN))
    assert [one.nic.target for one in found] == ["vnet0", "vnet1"]
    assert found[0].nic == Nic("52:54:00:00:00:01", "network", "default", "vnet0", port="p1",
                               filter="clean-traffic")  # fmt: skip


def test_it_is_parked_without_what_another_network_would_refuse() -> None:
    named, by_bridge = interfaces.live_interfaces(NAT, DOMAIN)
    parked = named.parked_xml("parking", "virbr9")
    assert '<source network="parking"/>' in parked and "floor" not in parked
    assert 'average="100"' in parked and 'kept="yes"' in parked
    assert '<source bridge="virbr9"/>' in by_bridge.parked_xml("parking", "virbr9")


def test_it_comes_home_as_it_was_but_for_its_port() -> None:
    named, by_bridge = interfaces.live_interfaces(NAT, DOMAIN)
    assert '<source network="default" portgroup="slow"/>' in named.restored_xml()
    assert 'floor="50"' in named.restored_xml() and "clean-traffic" in named.restored_xml()
    assert '<source bridge="virbr0"/>' in by_bridge.restored_xml()


def test_the_parking_has_no_addresses_and_no_way_out() -> None:
    facts = read.network(interfaces.parking_network_xml("a <name>"))
    assert (facts.mode, facts.subnets, facts.serves) == ("isolated", (), False)


@pytest.mark.parametrize(
    ("inside", "serves"),
    [
        ("<ip address='10.0.0.1' netmask='255.255.255.0'/>", True),
        ("<dns enable='no'/><ip address='10.0.0.1' netmask='255.255.255.0'/>", False),
        (
            "<dns enable='no'/><ip address='10.0.0.1' netmask='255.255.255.0'>"
            "<dhcp><range start='10.0.0.2' end='10.0.0.9'/></dhcp></ip>",
            True,
        ),
        ("", False),
        ("<forward mode='bridge'/><bridge name='br0'/>", False),
    ],
)
def test_which_networks_have_a_dnsmasq(inside: str, serves: bool) -> None:
    assert read.network(f"<network><name>n</name>{inside}</network>").serves is serves

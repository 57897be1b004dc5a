"""A network's form: free subnets, clashes in words, XML that libvirt's schema allows."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from virttui.libvirtxml.read import network as facts
from virttui.libvirtxml.schema.validate import validate
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField
from virttui.model.identity import Kind
from virttui.model.provision.network_pool import (
    HostEnvironment,
    NetworkPoolContext,
    NetworkPoolPlan,
    Route,
)
from virttui.planning.network_pool import network

UUID = "1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9"
SITE = NetworkPoolContext(
    UUID,
    names=frozenset({"default", "net1"}),
    used_subnets=(("192.168.100.0/24", "default"), ("fd00:1::/64", "default")),
    host_environment=HostEnvironment(
        (Route("192.168.101.0/24", "eth0"), Route("10.0.0.0/8", "wg0")), ("br0",), ("eth0", "eth1")
    ),
    libvirt="9.0.0",
)


def planned(**entered: str) -> NetworkPoolPlan:
    """What a form comes to, after it was held against the schema."""
    made = network.plan(entered, SITE)
    assert validate(made.xml, Kind.NETWORK, None).problems == (), made.xml
    assert made.meaning
    return made


def fields(site: NetworkPoolContext = SITE, **entered: str) -> dict[str, FormField]:
    return {one.name: one for one in network.form_fields(entered, site)}


def error(**entered: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        network.plan(entered, SITE)
    return refused.value.message


def test_what_is_there_without_a_word() -> None:
    made = planned()
    assert made.name == "net2" and made.start and made.autostart
    assert (
        made.xml
        == f"""\
<network>
  <name>net2</name>
  <uuid>{UUID}</uuid>
  <forward mode='nat'/>
  <ip address='192.168.102.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.102.2' end='192.168.102.254'/>
    </dhcp>
  </ip>
</network>"""
    )


@pytest.mark.parametrize("mode", ["nat", "route", "open", "isolated", "bridge", "ovs", "macvtap",
                                  "hostdev"])  # fmt: skip
def test_each_mode_is_read_back_as_itself(mode: str) -> None:
    asks = {"ovs": {"bridge": "ovs0"}}.get(mode, {})
    assert facts(planned(mode=mode, **asks).xml).mode == mode


def test_both_families_with_a_name_and_a_way_out() -> None:
    made = planned(
        subnet="172.20.0.0/16", dhcp="172.20.1.0-172.20.1.255", ipv6="fd12:3456::/64",
        dhcp6="dhcp", domain="lab.example", out="eth1", start="later",
    )  # fmt: skip
    assert not made.start and not made.autostart
    assert (
        made.xml.partition("</uuid>\n")[2]
        == """\
  <forward mode='nat' dev='eth1'>
    <nat ipv6='yes'/>
  </forward>
  <domain name='lab.example'/>
  <ip address='172.20.0.1' netmask='255.255.0.0'>
    <dhcp>
      <range start='172.20.1.0' end='172.20.1.255'/>
    </dhcp>
  </ip>
  <ip family='ipv6' address='fd12:3456::1' prefix='64'>
    <dhcp>
      <range start='fd12:3456::100' end='fd12:3456::1ff'/>
    </dhcp>
  </ip>
</network>"""
    )


def test_an_old_libvirt_is_not_asked_for_nat_of_ipv6() -> None:
    old = replace(SITE, libvirt="6.0.0")
    assert "<nat" not in network.plan({"ipv6": "fd12:3456::/64"}, old).xml


def test_macvtap_and_sr_iov_name_the_card() -> None:
    assert (
        "<forward mode='vepa'>\n    <interface dev='eth0'/>"
        in planned(mode="macvtap", how="vepa").xml
    )
    assert "<pf dev='eth1'/>" in planned(mode="hostdev", card="eth1").xml


def test_subnets_proposed_are_those_nobody_has() -> None:
    able = [one.name for one in fields()["subnet"].options]
    assert able == [*(f"192.168.{n}.0/24" for n in range(102, 106)), "none"]
    full = replace(
        SITE, used_subnets=(("192.168.0.0/16", "all"),), host_environment=HostEnvironment()
    )
    assert fields(full)["subnet"].value == "10.1.0.0/24"


def test_the_range_follows_the_subnet() -> None:
    assert fields()["dhcp"].value == "192.168.102.2-254"
    assert fields(subnet="172.16.4.0/22")["dhcp"].value == "172.16.4.2-172.16.7.254"
    assert "<range start='192.168.102.10' end='192.168.102.99'/>" in planned(dhcp="10-99").xml
    assert "<dhcp>" not in planned(dhcp="none").xml
    large = planned(subnet="172.16.0.0/12").xml
    assert "end='172.16.253.234'" in large, "libvirt refuses more than 65,535"


def test_a_word_about_each_field_fits_beside_it() -> None:
    for mode in ("nat", "macvtap", "bridge", "hostdev"):
        for wanted in fields(mode=mode, ipv6="fd12::/64").values():
            for words in (wanted.note, *(option.note for option in wanted.options)):
                assert len(words) <= 31, words


def test_no_addresses_at_all_is_a_bridge_alone() -> None:
    assert "<ip" not in planned(mode="isolated", subnet="none").xml


@pytest.mark.parametrize(("entered", "words"), [
    ({"subnet": "192.168.100.128/25"}, "clashes with 192.168.100.0/24 of the network default"),
    ({"subnet": "192.168.101.0/24"}, "clashes with the host's route to 192.168.101.0/24 by eth0"),
    ({"subnet": "10.9.0.0/24"}, "route to 10.0.0.0/8 by wg0"),
    ({"ipv6": "fd00:1::/64"}, "of the network default"),
    ({"subnet": "192.168.110.1/24"}, "the subnet is 192.168.110.0/24"),
    ({"subnet": "192.168.110.0"}, "has no prefix length"),
    ({"subnet": "fd00::/64"}, "not an IPv4 subnet"),
    ({"subnet": "lab"}, "not an IPv4 subnet"),
    ({"subnet": "127.0.0.0/8"}, "other uses"),
    ({"ipv6": "fd12::/48"}, "64 bits"),
    ({"ipv6": "fd12::/120", "dhcp6": "dhcp"}, "no room"),
    ({"dhcp": "9-2"}, "ends before it begins"),
    ({"dhcp": "1-9"}, "begins at 192.168.102.2"),
    ({"dhcp": "2-255"}, "cannot be leased"),
    ({"dhcp": "192.168.9.2-9"}, "is not in 192.168.102.0/24"),
    ({"dhcp": "some"}, "not a range, as 192.168.102.2-254"),
    ({"dhcp": "a-b"}, "not a range"),
    ({"name": "default"}, "there is a network default already"),
    ({"name": "a b"}, "not a valid name of a network"),
    ({"mode": "ovs"}, "bridge is missing"),
    ({"domain": "a b"}, "not a valid domain name"),
])  # fmt: skip
def test_what_cannot_be_is_refused_in_words(entered: dict[str, str], words: str) -> None:
    assert words in error(**entered)

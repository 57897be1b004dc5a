"""Routes from the kernel's tables, without those that no network clashes with."""

from __future__ import annotations

import os
from ipaddress import ip_network

from virttui.metrics.routes import ipv4, ipv6, routes
from virttui.model.provision.network_pool import Route

IPV4 = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
wg0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0
eth0\t0000FEA9\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
broken
"""
ZERO = "0" * 32
IPV6 = f"""\
fd000001000000000000000000000000 40 {ZERO} 00 {ZERO} 00000100 00000001 00000000 00000001     eth0
fe800000000000000000000000000000 40 {ZERO} 00 {ZERO} 00000100 00000001 00000000 00000001     eth0
{ZERO} 00 {ZERO} 00 {ZERO} 00000400 00000001 00000000 00000003     eth0
ff000000000000000000000000000000 08 {ZERO} 00 {ZERO} 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000001 80 {ZERO} 00 {ZERO} 00000000 00000001 00000000 80200001       lo
"""


def test_ipv4_is_read_back_to_front() -> None:
    assert list(ipv4(IPV4)) == [Route("192.168.1.0/24", "eth0"), Route("10.0.0.0/8", "wg0")]


def test_ipv6_without_what_every_card_has() -> None:
    assert list(ipv6(IPV6)) == [Route("fd00:1::/64", "eth0")]


def test_those_of_this_process_are_subnets() -> None:
    for route in routes(os.getpid()):
        assert ip_network(route.subnet).prefixlen and route.device


def test_a_process_that_is_gone_has_none() -> None:
    assert routes(2**30) == ()

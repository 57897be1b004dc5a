"""Logins by ssh: what is refused, the way through the host, and the arguments."""

from __future__ import annotations

import pytest

from virttui.model.errors import InvalidInput
from virttui.model.identity import ObjectId
from virttui.model.inventory import Network
from virttui.planning.ssh_login import arguments, is_behind, jump_of, login


def test_the_arguments_name_everything() -> None:
    assert arguments(login("10.0.0.5", "root", "22")) == [
        "ssh", "-p", "22", "-l", "root", "--", "10.0.0.5",
    ]  # fmt: skip
    through = login("fd00::5", "me", "2222", "root@kvm01:2200")
    assert arguments(through)[-4:] == ["-J", "root@kvm01:2200", "--", "fd00::5"]
    assert through.title == "ssh me@fd00::5:2222 through root@kvm01:2200"


@pytest.mark.parametrize(
    ("address", "user", "port"),
    [
        ("-oProxyCommand=x", "root", "22"), ("a b", "root", "22"), ("", "root", "22"),
        ("host;id", "root", "22"), ("fe80::1%-x", "root", "22"), ("10.0.0.5", "-root", "22"),
        ("10.0.0.5", "a b", "22"), ("10.0.0.5", "", "22"), ("10.0.0.5", "a@b", "22"),
        ("10.0.0.5", "root", "0"), ("10.0.0.5", "root", "65536"), ("10.0.0.5", "root", "-p"),
    ],
)  # fmt: skip
def test_what_could_be_an_option_is_refused(address: str, user: str, port: str) -> None:
    with pytest.raises(InvalidInput):
        login(address, user, port)


@pytest.mark.parametrize(
    ("uri", "jump"),
    [
        ("qemu+ssh://root@kvm01/system", "root@kvm01"),
        ("qemu+ssh://kvm01:2222/system", "kvm01:2222"),
        ("qemu+libssh2://me@[fd00::1]:22/system", "me@[fd00::1]:22"),
        ("qemu:///system", ""),
        ("qemu+tls://kvm01/system", ""),
        ("qemu+ssh://-oProxyCommand=x/system", ""),
        ("qemu+ssh://kvm01:port/system", ""),
    ],
)
def test_the_way_goes_through_a_host_that_is_reached_by_ssh(uri: str, jump: str) -> None:
    assert jump_of(uri) == jump


def test_an_address_of_its_hosts_own_network_is_behind_it() -> None:
    def network(mode: str, **more: bool) -> Network:
        subnets = ("192.168.122.0/24",)
        return Network(
            ObjectId("h", "n"), "n", more.get("active", True), mode=mode, subnets=subnets
        )

    assert is_behind("192.168.122.14", [network("nat")])
    assert is_behind("192.168.122.14", [network("isolated")])
    assert not is_behind("192.168.122.14", [network("route")])
    assert not is_behind("192.168.122.14", [network("nat", active=False)])
    assert not is_behind("10.0.0.1", [network("nat")])
    assert not is_behind("web.example", [network("nat")])

"""Definitions of new machines, held against libvirt's schema and its test driver."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import libvirt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from tests.planning.domain_spec.host_capabilities import ARM, DISK, KVM, MEDIUM, machine
from virttui.libvirtxml.schema.validate import validate
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind
from virttui.model.provision.domain_spec import (
    DiskSpec,
    DomainSpec,
    HostCapabilities,
    InstallMethod,
    NicSpec,
    OperatingSystem,
)
from virttui.planning.domain_spec.host_capabilities import host_capabilities
from virttui.planning.domain_spec.xml import domain_xml
from virttui.planning.osinfo.builtin import FREEBSD, GENERIC_LINUX, WINDOWS_11, unknown_system

SYSTEMS = (GENERIC_LINUX, WINDOWS_11, FREEBSD, unknown_system("plan9"))


def tree(
    made: DomainSpec, system: OperatingSystem = GENERIC_LINUX, can: HostCapabilities = KVM
) -> etree._Element:
    return etree.fromstring(domain_xml(made, system, can))


def boots(made: DomainSpec) -> list[str]:
    return [boot.get("dev", "") for boot in tree(made).findall("os/boot")]


KERNEL = {"kernel": "/srv/vmlinuz", "initrd": "/srv/initrd", "cmdline": "quiet a='b' <c>"}
OPTIONS: tuple[dict[str, object], ...] = (
    {},
    {"firmware": "uefi"},
    {"graphics": "none"},
    {"graphics": "spice", "tpm": True},
    {"virt": "qemu", "cpu": "EPYC", "vcpus": 4},
    {"disks": (), "nics": (), "installs": False},
    {"nics": (NicSpec("bridge", "br0"), NicSpec("direct", "eth0"), NicSpec("user", ""))},
    {"disks": (DiskSpec(path="/dev/sdb"), DiskSpec(device="cdrom"))},
)


@pytest.mark.parametrize(
    "method", [one for one in InstallMethod if one is not InstallMethod.CONTAINER]
)
@pytest.mark.parametrize("can", [KVM, ARM, HostCapabilities()], ids=["kvm", "arm", "nothing"])
def test_the_schema_allows_it(method: InstallMethod, can: HostCapabilities) -> None:
    for system, options in product(SYSTEMS, OPTIONS):
        made = domain_xml(machine(method, **KERNEL, **options), system, can)
        checked = validate(made, Kind.DOMAIN, None)
        assert (checked.problems, checked.note) == ((), ""), made


@pytest.fixture
def driver() -> Iterator[libvirt.virConnect]:
    connection = libvirt.open("test:///default")
    yield connection
    connection.close()


def test_the_test_driver_takes_it(driver: libvirt.virConnect) -> None:
    can = host_capabilities(driver.getCapabilities(), "")
    for system in SYSTEMS:
        made = domain_xml(machine(), system, can)
        domain = driver.defineXMLFlags(made, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
        domain.create()
        domain.destroy()
        domain.undefine()


@pytest.mark.parametrize(
    ("method", "installs", "expected"),
    [
        (InstallMethod.MEDIUM, True, ["cdrom", "hd"]),
        (InstallMethod.MEDIUM, False, ["hd", "cdrom"]),
        (InstallMethod.NETWORK, True, ["network", "hd"]),
        (InstallMethod.NETWORK, False, ["hd", "network"]),
        (InstallMethod.DISK, True, ["hd"]),
        (InstallMethod.CLOUD, True, ["hd"]),
        (InstallMethod.TREE, True, []),
        (InstallMethod.TREE, False, ["hd"]),
        (InstallMethod.KERNEL, False, []),
    ],
)
def test_what_boots_first(method: InstallMethod, installs: bool, expected: list[str]) -> None:
    made = machine(method, **KERNEL, installs=installs)
    assert boots(made) == expected
    kernel = method is InstallMethod.KERNEL or (method is InstallMethod.TREE and installs)
    assert tree(made).findtext("os/kernel") == ("/srv/vmlinuz" if kernel else None)


def test_only_what_is_there_boots() -> None:
    assert boots(machine(disks=(DISK,))) == ["hd"]
    assert boots(machine(disks=(MEDIUM,))) == ["cdrom"]
    assert boots(machine(InstallMethod.NETWORK, disks=())) == ["network"]


def test_it_is_marked_with_its_system() -> None:
    marked = tree(machine()).find("metadata/{*}libosinfo/{*}os")
    assert marked is not None
    assert marked.get("id") == "http://libosinfo.org/linux/2022"
    assert tree(machine(), unknown_system()).find("metadata") is None


def test_the_screen_is_for_the_host_alone() -> None:
    assert tree(machine()).xpath("devices/graphics/listen/@address") == ["127.0.0.1"]
    assert tree(machine(graphics="none")).find("devices/graphics") is None
    assert "passw" not in domain_xml(machine(), GENERIC_LINUX, KVM)


def test_no_screen_is_made_that_its_host_lacks() -> None:
    without = replace(KVM, values=(("graphics/type", ("vnc", "egl-headless")),))
    assert tree(machine(), can=without).xpath("devices/graphics/@type") == ["vnc"]
    with pytest.raises(InvalidInput, match="its host has no SPICE"):
        tree(machine(graphics="spice"), can=without)
    assert tree(machine(graphics="none"), can=without).find("devices/graphics") is None


@pytest.mark.parametrize(
    ("told", "made"),
    [
        (None, "relaxed vapic spinlocks"),
        ("spinlocks vendor_id", "spinlocks"),
        ("vendor_id", ""),
        ("relaxed runtime frequencies evmcs", "relaxed runtime frequencies"),
        ("synic stimer tlbflush ipi vapic", "vapic"),
        ("vpindex stimer tlbflush ipi", "vpindex tlbflush ipi"),
        ("relaxed vapic spinlocks vpindex runtime synic stimer reset frequencies reenlightenment "
         "tlbflush ipi avic",
         "relaxed vapic spinlocks vpindex runtime synic stimer frequencies tlbflush ipi avic"),
    ],
)  # fmt: skip
def test_windows_is_told_of_what_its_host_has(told: str | None, made: str) -> None:
    values = () if told is None else (("hyperv/features", tuple(told.split())),)
    can = replace(KVM, values=values)
    features = tree(machine(), WINDOWS_11, can).findall("features/hyperv/*")
    assert " ".join(one.tag for one in features) == made
    assert all(one.get("state") == "on" for one in features)
    assert tree(machine(virt="qemu"), WINDOWS_11, can).find("features/hyperv") is None
    assert tree(machine(), GENERIC_LINUX, can).find("features/hyperv") is None


def test_windows_has_cores_secure_boot_and_a_tpm() -> None:
    made = tree(machine(), WINDOWS_11)
    topology = {"sockets": "1", "cores": "4", "threads": "1"}
    assert [dict(one.attrib) for one in made.findall("cpu/topology")] == [topology]
    assert made.xpath("os/firmware/feature[@enabled='yes']/@name") == [
        "enrolled-keys", "secure-boot",
    ]  # fmt: skip
    assert [one.get("model") for one in made.findall("devices/tpm")] == ["tpm-crb"]
    assert [one.get("offset") for one in made.findall("clock")] == ["localtime"]


def test_a_container_is_its_root_and_its_init() -> None:
    made = tree(machine(InstallMethod.CONTAINER, disks=(), root="/srv/box", init="/bin/sh"))
    assert (made.get("type"), made.findtext("os/init")) == ("lxc", "/bin/sh")
    folders = made.findall("devices/filesystem/source")
    assert [one.get("dir") for one in folders] == ["/srv/box"]
    with pytest.raises(InvalidInput, match="no disks"):
        tree(machine(InstallMethod.CONTAINER, root="/srv/box"))


@settings(max_examples=50)
@given(st.text(min_size=1, max_size=20))
def test_hostile_words_stay_words(words: str) -> None:
    disk = DiskSpec(pool=words, volume=words)
    made = replace(
        machine(title=words, description=words, disks=(disk, DiskSpec(path=f"/{words}"))),
        name=words, nics=(NicSpec(source=words),),
    )  # fmt: skip
    try:
        told = tree(made)
    except InvalidInput:
        return
    assert told.findtext("name") == told.findtext("title") == words
    assert told.xpath("devices/disk/source/@volume") == [words]
    assert told.xpath("devices/interface/source/@network") == [words]
    assert len(told.findall("devices/disk")) == 2


@pytest.mark.parametrize(
    "entered",
    [
        {"name": ""},
        {"name": "a/b"},
        {"name": "a\nb"},
        {"disks": (DiskSpec(),)},
        {"disks": (DiskSpec(pool="default"),)},
        {"disks": (DiskSpec(path="relative"),)},
        {"nics": (NicSpec(source=""),)},
        {"nics": (NicSpec(kind="wormhole", source="a"),)},
        {"nics": (NicSpec(mac="nonsense"),)},
        {"method": InstallMethod.KERNEL},
        {"method": InstallMethod.CONTAINER, "disks": ()},
    ],
)
def test_what_cannot_be_is_said_in_words(entered: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        domain_xml(machine(**entered), GENERIC_LINUX, KVM)

"""What a definition may reach of its host: said by what it does, and gone once it is left out."""

from __future__ import annotations

import pytest

from tests.attack.definitions import BESIDE, IN_DEVICES, domain
from virttui.libvirtxml.host_access.access import HostAccess, KnownHostPaths
from virttui.libvirtxml.host_access.removal import without_accesses
from virttui.libvirtxml.host_access.scan import host_access
from virttui.model.errors import InvalidInput

KNOWN = KnownHostPaths(
    "kvm01",
    volumes=frozenset({"/pool/web.qcow2", "/pool/boot.iso"}),
    emulators=frozenset({"/usr/bin/qemu-system-x86_64"}),
)


def grave(xml: str) -> list[HostAccess]:
    return [one for one in host_access(xml, KNOWN) if one.grave]


def test_what_is_usual_reaches_nothing() -> None:
    assert host_access(domain(), KNOWN) == ()


@pytest.mark.parametrize("case", IN_DEVICES)
def test_a_device_is_said_by_what_it_does_and_can_be_left_out(case: str) -> None:
    device, words = IN_DEVICES[case]
    assert_named_and_left_out(domain(device), words)


@pytest.mark.parametrize("case", BESIDE)
def test_what_is_beside_the_devices_is_said_and_can_be_left_out(case: str) -> None:
    rest, words = BESIDE[case]
    assert_named_and_left_out(domain(rest=rest), words)


def assert_named_and_left_out(xml: str, words: str) -> None:
    found = grave(xml)
    assert any(words in one.words for one in found), [one.words for one in found]
    without = without_accesses(xml, found)
    assert grave(without) == [], without
    assert "/pool/web.qcow2" in without, "the rest stays"


def test_a_path_in_libvirts_own_folders_is_no_blocker() -> None:
    log = "<serial type='pty'><log file='/var/log/libvirt/qemu/a-serial.log'/></serial>"
    found = host_access(domain(log), KNOWN)
    assert [one.grave for one in found] == [False]


def test_a_document_type_is_refused() -> None:
    hidden = "<!DOCTYPE domain [<!ENTITY p '/etc/shadow'>]>" + domain(
        "<rng model='virtio'><backend model='random'>&p;</backend></rng>"
    )
    with pytest.raises(InvalidInput, match="document type"):
        host_access(hidden, KNOWN)


def test_a_container_without_a_root_folder_gets_the_hosts() -> None:
    bare = "<domain type='lxc'><name>c</name><os><type>exe</type><init>/bin/sh</init></os>"
    folder = "<filesystem><source dir='/var/lib/lxc/c'/><target dir='/'/></filesystem>"
    assert any("it gets all of kvm01" in one.words for one in grave(f"{bare}<devices/></domain>"))
    with_root = f"{bare}<devices>{folder}</devices></domain>"
    (root,) = grave(with_root)
    without = without_accesses(with_root, [root])
    with pytest.raises(InvalidInput, match="cannot be created without"):
        without_accesses(without, grave(without))


def test_an_attribute_of_another_namespace_is_refused() -> None:
    twice = "<serial xmlns:x='u' x:type='unix' type='pty'><source path='/run/x'/></serial>"
    with pytest.raises(InvalidInput, match="another namespace"):
        host_access(domain(twice), KNOWN)

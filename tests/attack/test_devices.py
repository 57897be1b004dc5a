"""Whatever devices a domain has, what is made of it keeps each of them, or says what it did."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given, settings
from lxml import etree

from tests.attack.devices import domains
from virttui.definitions import read
from virttui.definitions.cloning.definition import Identity, NewDisk, cloned, nics
from virttui.definitions.cloning.definition import moved as on_other_disks
from virttui.definitions.devices import devices
from virttui.definitions.host_access import Known, host_access, left_out
from virttui.definitions.importing.bringing import Newcomer, brought
from virttui.definitions.parse import root_of
from virttui.model.machines import HostCan

EXAMPLES = settings(max_examples=60, deadline=None)
NEW = "1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9"


def kinds(xml: str) -> Counter[str]:
    """How many devices there are of each kind."""
    return Counter(
        etree.QName(one).localname
        for one in root_of(xml).iterfind("devices/*")
        if isinstance(one.tag, str)
    )


def stays(xml: str) -> list[str]:
    """All elements outside of the devices, as they are."""
    return [
        etree.tostring(one, with_tail=False).decode()
        for one in root_of(xml)
        if one.tag not in ("devices", "name", "uuid", "os")
    ]


def addresses(xml: str) -> tuple[str, ...]:
    return tuple(f"52:54:00:aa:00:{number:02x}" for number in range(nics(xml)))


@EXAMPLES
@given(domains)
def test_a_clone_has_every_device_and_none_of_the_sources_names(xml: str) -> None:
    clone = cloned(xml, Identity("db-09", NEW, addresses(xml)))
    assert kinds(clone) == kinds(xml) and stays(clone) == stays(xml)
    assert "0f0e0d0c" not in clone and "52:54:00:00:00" not in clone
    own = re.sub(r"<disk.*?</disk>|<shmem.*?</shmem>", "", clone, flags=re.DOTALL)
    assert "web-01" not in own, "files, sockets and logs are its own; disks are chosen by the form"


@EXAMPLES
@given(domains)
def test_disks_are_on_what_was_chosen_and_on_nothing_else(xml: str) -> None:
    targets = [disk.target for disk in read.domain(xml).disks]
    there = {target: NewDisk("file", f"/new/{target}", "raw") for target in targets}
    text = on_other_disks(xml, there)
    assert [disk.source for disk in read.domain(text).disks] == [f"/new/{one}" for one in targets]
    assert {place for _, place in read.sources(text)} <= {f"/new/{one}" for one in targets}
    assert kinds(text) == kinds(xml)


@EXAMPLES
@given(domains)
def test_what_comes_in_keeps_every_device_or_says_that_it_is_left_out(xml: str) -> None:
    who = Newcomer("db-09", NEW, addresses(xml))
    text, _, _ = brought(xml, who, HostCan())
    assert kinds(text) == kinds(xml) and stays(text) == stays(xml)
    known = Known("kvm01")
    grave = [one for one in host_access(text, known) if one.grave]
    without = left_out(text, grave)
    assert not [one for one in host_access(without, known) if one.grave]
    lost = kinds(text) - kinds(without)
    assert sum(lost.values()) <= len({one.path for one in grave}), "only what was said goes"
    assert stays(without) == stays(text)


@EXAMPLES
@given(domains)
def test_every_device_is_on_the_page(xml: str) -> None:
    named = [one for one in kinds(xml).elements() if one != "emulator"]
    assert sorted(one.element for one in devices(root_of(xml))) == sorted(named)

"""Whatever devices a domain has, what is made of it keeps each of them, or says what it did."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.attack.devices import domains
from virttui.libvirtxml import read
from virttui.libvirtxml.device_summary import devices
from virttui.libvirtxml.edits.apply import apply
from virttui.libvirtxml.host_access.access import KnownHostPaths
from virttui.libvirtxml.host_access.removal import without_accesses
from virttui.libvirtxml.host_access.scan import host_access
from virttui.libvirtxml.parse import root_of
from virttui.model.commands import SettingChange
from virttui.model.errors import InvalidInput
from virttui.model.provision.domain_spec import HostCapabilities
from virttui.planning.clone.xml import CloneIdentity, NewDisk, clone_xml, count_nics
from virttui.planning.clone.xml import with_disks as on_other_disks
from virttui.planning.imports.adapt_xml import ImportIdentity, adapt

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
    return tuple(f"52:54:00:aa:00:{number:02x}" for number in range(count_nics(xml)))


@EXAMPLES
@given(domains)
def test_a_clone_has_every_device_and_none_of_the_sources_names(xml: str) -> None:
    clone = clone_xml(xml, CloneIdentity("db-09", NEW, addresses(xml)))
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
    who = ImportIdentity("db-09", NEW, addresses(xml))
    text, _, _ = adapt(xml, who, HostCapabilities())
    assert kinds(text) == kinds(xml) and stays(text) == stays(xml)
    known = KnownHostPaths("kvm01")
    grave = [one for one in host_access(text, known) if one.grave]
    without = without_accesses(text, grave)
    assert not [one for one in host_access(without, known) if one.grave]
    lost = kinds(text) - kinds(without)
    assert sum(lost.values()) <= len({one.path for one in grave}), "only what was said goes"
    assert stays(without) == stays(text)


@EXAMPLES
@given(domains)
def test_every_device_is_on_the_page(xml: str) -> None:
    named = [one for one in kinds(xml).elements() if one != "emulator"]
    assert sorted(one.element for one in devices(root_of(xml))) == sorted(named)


WHOLE = (("memory", "1G"), ("vcpus", "3"), ("title", "x"), ("description", "y"), ("boot", "hd"),
         ("cpu", "host-passthrough"))  # fmt: skip
OF_DISKS = (("cache", "none"), ("discard", "unmap"), ("bus", "scsi"), ("media", "none"))
OF_CARDS = (("link", "down"), ("network", "lab"), ("model", "e1000e"))


def each_device(xml: str) -> list[str]:
    """The text of every device, blanks between elements left out."""
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True)
    root = etree.fromstring(xml, parser)
    return [etree.tostring(one).decode() for one in root.iterfind("devices/*")]


def edits(xml: str) -> list[tuple[SettingChange, int]]:
    """Edits that could be asked for, each with the number of the device it is for, or -1."""
    found = [(SettingChange(what, "", (("", value),)), -1) for what, value in WHOLE]
    for number, device in enumerate(etree.fromstring(text) for text in each_device(xml)):
        target = device.find("target")
        name = target.get("dev", "") if target is not None else ""
        if device.tag == "disk" and xml.count(f"dev='{name}'") == 1:
            found += [
                (SettingChange(what, name, (("", value),)), number) for what, value in OF_DISKS
            ]
        if device.tag == "interface":
            place = sum("<interface" in one[:10] for one in each_device(xml)[: number + 1])
            found += [
                (SettingChange(what, f"nic{place}", (("", value),)), number)
                for what, value in OF_CARDS
            ]
    return found


@EXAMPLES
@given(domains, st.data())
def test_an_edit_changes_what_it_names_and_nothing_else(xml: str, data: st.DataObject) -> None:
    edit, number = data.draw(st.sampled_from(edits(xml)))
    try:
        text = apply(xml, "", edit).text
    except InvalidInput:
        return  # refused, in words
    before, after = each_device(xml), each_device(text)
    twice = number >= 0 and before.count(before[number]) > 1
    others = [place for place in range(len(before)) if place != number and edit.what != "boot"]
    changed = [place for place in others if before[place] != after[place]]
    assert len(before) == len(after) and (twice or not changed), (edit, changed)
    if edit.what in ("title", "description"):
        back = apply(text, "", SettingChange(edit.what, "", (("", "none"),))).text
        assert each_device(back) == before and stays(back) == stays(xml), "undone, it is as it was"

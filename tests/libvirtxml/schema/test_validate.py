"""Problems: which line, which words, and none where libvirt would find none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.libvirtxml.schema.documents import DEVICES, DOMAIN, NETWORKS, NEWER, everything
from virttui.libvirtxml.schema.matcher import mismatches
from virttui.libvirtxml.schema.schema_files import Schema, schema, schema_folder
from virttui.libvirtxml.schema.validate import validate
from virttui.libvirtxml.schema.wellformed import parse_root
from virttui.libvirtxml.text.tree import tree
from virttui.model.diagnostics import Diagnostic
from virttui.model.identity import Kind

DOCUMENTS = {name: one for name, one in everything().items() if name not in NEWER}
PLAIN = DOMAIN.replace("{device}", DEVICES["disk volume"] + "\n" + DEVICES["interface network"])


def read(kind: Kind) -> Schema:
    found = schema(kind)
    assert isinstance(found, Schema), found
    return found


def valid(text: str, kind: Kind) -> bool:
    """libxml2's verdict, which nothing of ours is part of."""
    return bool(read(kind).validator.validate(parse_root(text)))


def problems(text: str, kind: Kind = Kind.DOMAIN) -> tuple[Diagnostic, ...]:
    return validate(text, kind, None).problems


def changed(old: str, new: str, text: str = PLAIN) -> tuple[str, int]:
    """The document with one change, and the line of it."""
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new), text[: text.index(old)].count("\n") + 1


def test_libvirt_brings_its_schemas() -> None:
    found = schema_folder()
    assert found is not None, "install libvirt's library: its schemas come with it"
    checked = validate(PLAIN, Kind.DOMAIN, None)
    assert re.fullmatch(r"domain\.rng(, libvirt \d+\.\d+)?", checked.schema)
    assert not checked.note


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_valid_is_left_in_peace(name: str) -> None:
    kind, text = DOCUMENTS[name]
    assert valid(text, kind)
    assert validate(text, kind, None).problems == ()
    # Not only because libxml2 has the last word: the model agrees by itself.
    known = tree(text)
    assert known.root is not None
    assert mismatches(known, known.root, read(kind).grammar) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("bus='virtio'", "buss='virtio'", 'target has no attribute "buss". Did you mean "bus"?'),
        ("dev='vdb'", "foo='vdb'", 'target has no attribute "foo"'),
        ("<on_reboot>restart", "<on_reboot>restrt", 'on_reboot "restrt" is not allowed. '
         'Did you mean "restart"?'),
        ("<target dev='vdb' bus='virtio'/>", "", 'disk needs "target"'),
        (" offset='utc'", "", 'clock needs the attribute "offset"'),
        ("bus='virtio'", "bus=''", "target bus is empty. Allowed are ide, fdc, scsi and 6 more"),
        ("type='volume' device", "type='voluem' device", 'disk type "voluem" is not allowed. '
         'Did you mean "volume"?'),
        ("<source pool='default' volume='probe.qcow2'/>", "<source file='/a'/>",
         'source has no attribute "file" in a disk with type="volume"'),
        ("<mac address='52:54:00:00:00:01'/>", "<mac address='52:54'/>",
         'mac address "52:54" is not a MAC address of one card, like 52:54:00:6b:1a:0e'),
        ("<mtu size='1500'/>", "<mtu size='big'/>", 'mtu size "big" is not a whole number from 0 '
         "to 65535"),
        ("<link state='up'/>", "<link state='up'/><emulator>/x</emulator>",
         'interface has no element "emulator". It belongs in devices'),
        ("<link state='up'/>", "<linc state='up'/>",
         'interface has no element "linc". Did you mean "link"?'),
        ("<acpi/>", "<acpi/>yes", 'features has no text, but "yes" is there'),
        ("<name>probe</name>", "<name></name>", "name is empty. Wanted is a name on one line"),
        ("<uuid>11111111-2222-4333-8444-555555555555</uuid>", "<uuid>1</uuid>",
         'uuid "1" is not a UUID, 32 hexadecimal digits with or without dashes'),
    ],
)  # fmt: skip
def test_a_fault_is_said_in_plain_words_on_its_line(old: str, new: str, words: str) -> None:
    text, line = changed(old, new)
    assert not valid(text, Kind.DOMAIN)
    found = problems(text)
    assert words in [problem.words for problem in found]
    assert all(problem.level == "error" for problem in found)
    where = [problem.line for problem in found if problem.words == words]
    # What is missing is told at the element that misses it, which begins before.
    assert where == [line] if "needs" not in words else 0 <= line - where[0] <= 4


def test_a_problem_marks_what_is_wrong_and_what_to_put_there() -> None:
    text, line = changed("bus='virtio'", "buss='virtio'")
    (found,) = problems(text)
    assert (found.line, found.length, found.fix) == (line, 4, "bus")
    assert text.split("\n")[line - 1][found.column - 1 :].startswith("buss=")
    assert found.path == "devices/disk/target"
    (found,) = problems(changed("bus='virtio'", "bus='virtioo'")[0])
    assert (found.length, found.fix) == (len("virtioo"), "virtio")


def test_a_second_one_is_told_by_the_line_of_the_first() -> None:
    text, line = changed("<on_reboot>restart</on_reboot>", "<title>B</title>")
    first = PLAIN[: PLAIN.index("<title>")].count("\n") + 1
    (found,) = problems(text)
    assert (found.line, found.words) == (line, f'domain takes one "title", and line {first} has it')


def test_what_an_attribute_rules_out_is_said_with_it() -> None:
    disk = DEVICES["disk file"].replace("type='file' device", "type='block' device")
    found = problems(DOMAIN.replace("{device}", disk))
    assert [problem.words for problem in found] == [
        'source has no attribute "file" in a disk with type="block"'
    ]
    text, _ = changed("<domain type='kvm'>", "<domain type='kvm' id='x'>")
    assert [problem.words for problem in problems(text)] == ['domain id "x" is not a whole number']


def test_every_fault_is_told_not_only_the_first() -> None:
    text = PLAIN.replace("bus='virtio'", "buss='virtio'").replace("<acpi/>", "<acpy/>")
    text = text.replace("state='up'", "state='upp'")
    assert [problem.fix for problem in problems(text)] == ["acpi", "bus", "up"]


USB = ("<vendor id='0x1'/>", "<product id='0x2'/>", "<address bus='1' device='2'/>")
VIDEO = ("<acceleration accel3d='yes'/>", "<resolution x='1' y='2'/>")


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((USB[0], USB[1], USB[2]), []),
        ((USB[0], USB[2], USB[1]), ['"address" must come after "product"']),
        ((VIDEO[1], VIDEO[0]), ['"acceleration" must come before "resolution" of line {line}']),
        ((USB[1],), ['"product" must come after "vendor", which is missing']),
    ],
)
def test_what_must_stand_in_order_says_so(parts: tuple[str, ...], words: list[str]) -> None:
    """Where the order counts in every libvirt: newer ones let most children stand as they like."""
    begin, end = "<hostdev mode='subsystem' type='usb'><source>", "</source></hostdev>"
    if parts[0] in VIDEO:
        begin, end = "<video><model type='virtio'>", "</model></video>"
    text = DOMAIN.replace("{device}", "\n".join([begin, *parts, end]))
    line = text[: text.index(parts[0])].count("\n") + 1
    found = [problem.words for problem in problems(text)]
    assert found == [one.format(line=line) for one in words]


def test_an_attribute_that_one_of_several_forms_needs_is_missed() -> None:
    disk = DEVICES["disk block"].replace("type='block' ", "")
    (found,) = problems(DOMAIN.replace("{device}", disk))
    assert found.words == 'source has no attribute "dev"'
    kind, text = DOCUMENTS["pool scsi"]
    (found,) = problems(text.replace(" name='scsi_host1'", ""), kind)
    assert found.words == 'adapter needs "parentaddr"'


def test_what_goes_only_with_another_names_it() -> None:
    device = DEVICES["hostdev usb"].replace("<vendor id='0x1d6b'/>", "")
    (found,) = problems(DOMAIN.replace("{device}", device))
    assert found.words == '"product" must come after "vendor", which is missing'


def test_the_wrong_kind_of_document_is_said() -> None:
    (found,) = problems(NETWORKS["nat"])
    assert found.words == '"network" is not a definition of this kind: it begins with "domain"'


def test_what_only_libxml2_refuses_is_placed_by_trying() -> None:
    text, line = changed("<acpi/>", "<acpi/><other:x xmlns:other='urn:o'/>")
    assert not valid(text, Kind.DOMAIN)
    (found,) = problems(text)
    assert (found.line, found.words) == (
        line,
        "other:x of another namespace is not allowed here",
    )


def test_other_namespaces_are_passed_over() -> None:
    kind, text = DOCUMENTS["domain tuning"]
    text = text.replace("<qemu:arg value='-no-hpet'/>", "<qemu:arg valu='-no-hpet'/>")
    (found,) = problems(text, kind)
    assert found.path.startswith("qemu:commandline")


@pytest.mark.parametrize(
    ("old", "new", "words", "level"),
    [
        ("<link state='up'/>", "<boot order='2'/>", 'boot order "2" is given', "error"),
        ("<alias name='ua-net'/>", "<alias name='ua-disk'/>", 'alias "ua-disk" is used', "error"),
        ("<mtu size='1500'/>", "<address type='pci' slot='0x07'/>",
         'PCI address "0000:00:07.0" is used', "error"),
    ],
)  # fmt: skip
def test_what_must_differ_and_does_not_is_told(old: str, new: str, words: str, level: str) -> None:
    taken = (
        "<boot order='2'/><alias name='ua-disk'/>"
        "<address type='pci' domain='0' bus='0' slot='7' function='0'/>"
    )
    text = PLAIN.replace("<target dev='vdb' bus='virtio'/>", f"<target dev='vdb'/>{taken}")
    first = text[: text.index(taken)].count("\n") + 1
    text, line = changed(old, new, text)
    assert valid(text, Kind.DOMAIN)
    (found,) = problems(text)
    assert (found.line, found.level) == (line, level)
    assert found.words == f"{words} in line {first} already"


def test_the_same_target_twice_is_an_error_and_the_same_mac_a_warning() -> None:
    disk, card = DEVICES["disk volume"], DEVICES["interface user"]
    twice = problems(DOMAIN.replace("{device}", f"{disk}\n{disk}"))
    assert [(one.words.split(" in ")[0], one.level) for one in twice] == [
        ('target "vdb" is used', "error")
    ]
    twice = problems(DOMAIN.replace("{device}", f"{card}\n{card}"))
    assert [(one.words.split(" in ")[0], one.level) for one in twice] == [
        ('MAC address "52:54:00:00:00:03" is used', "warning")
    ]


def test_two_ways_to_say_the_boot_order_are_told() -> None:
    text = DOMAIN.replace("</type>", "</type><boot dev='hd'/>")
    (found,) = problems(text.replace("{device}", DEVICES["disk file"]))
    assert "does not go with the boot of os in line" in found.words


def test_the_first_console_may_share_all_with_its_serial_port() -> None:
    port = "<target port='0'/><alias name='serial0'/>"
    text = DOMAIN.replace(
        "{device}", f"<serial type='pty'>{port}</serial><console type='pty'>{port}</console>"
    )
    assert valid(text, Kind.DOMAIN)
    assert problems(text) == ()


def test_without_schemas_only_xml_is_checked_and_that_is_said(no_schemas: None) -> None:
    text, _ = changed("bus='virtio'", "buss='virtio'")
    checked = validate(text, Kind.DOMAIN, None)
    assert (checked.problems, checked.schema) == ((), "")
    assert checked.note == (
        "libvirt's schemas are not on this machine: only well-formed XML is checked"
    )
    broken = validate(text.replace("</disk>", "</disc>"), Kind.DOMAIN, None)
    assert len(broken.problems) == 1


def test_schemas_are_found_where_the_system_keeps_its_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    schemas = tmp_path / "libvirt" / "schemas"
    schemas.mkdir(parents=True)
    (schemas / "domain.rng").write_text("<not-a-schema")
    monkeypatch.setenv("XDG_DATA_DIRS", f"/nowhere:{tmp_path}")
    assert schema_folder() == schemas
    checked = validate(PLAIN, Kind.DOMAIN, None)
    assert checked.problems == ()
    assert re.fullmatch(r"domain\.rng cannot be read \(.+\): only well-.+ checked", checked.note)


def names(text: str) -> list[tuple[int, int]]:
    """The spans of all names of attributes and elements that are no one else's business."""
    known = tree(text)
    found = []
    for element in known.top.walk():
        if ":" in element.name or "metadata" in element.path:
            continue
        if element.parent is not known.top:
            found.append((element.start + 1, element.start + 1 + len(element.name)))
        found += [
            (one.start, one.start + len(one.name))
            for one in element.attributes
            if ":" not in one.name
        ]
    return found


@settings(deadline=None)  # the first reads the schemas
@given(st.data())
def test_any_misspelt_name_is_reported_on_its_line(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(DOCUMENTS)))
    kind, text = DOCUMENTS[name]
    start, end = data.draw(st.sampled_from(names(text)))
    word = text[start:end]
    error = data.draw(st.sampled_from([f"{word}q", f"q{word}", word[:-1] + "q", "zzzz"]))
    broken = text[:start] + error + text[end:]
    if text[start - 1] == "<":
        close = tree(text).at(start)
        assert close is not None
        if not close.empty:
            at = close.close_start + 2 + len(error) - len(word)
            broken = broken[:at] + error + broken[at + len(word) :]
    if valid(broken, kind):
        # A few names are free: the values of capabilities, of hypervisor features.
        return
    line = text[:start].count("\n") + 1
    on_it = [one for one in problems(broken, kind) if one.line == line]
    assert any(f'"{error}"' in one.words for one in on_it), (name, broken, problems(broken, kind))


@settings(deadline=None)  # the first reads the schemas
@given(st.data())
def test_the_model_and_libxml2_come_to_one_verdict(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(DOCUMENTS)))
    kind, text = DOCUMENTS[name]
    known = tree(text)
    nodes = [one for one in known.top.walk() if one.parent is not known.top]
    node = data.draw(st.sampled_from([one for one in nodes if ":" not in one.name]))
    piece = text[node.start : node.end]
    if data.draw(st.booleans()):
        broken = text[: node.start] + text[node.end :]
    else:
        broken = text[: node.start] + piece + text[node.start :]
    again = tree(broken)
    assert again.root is not None
    assert valid(broken, kind) == (not mismatches(again, again.root, read(kind).grammar))


# -- snapshots, whose schema has a whole domain within it ----------------------------------------


def snapshot(domain: str, inactive: str = "") -> str:
    """A snapshot as libvirt dumps it, its domain within."""
    return f"<domainsnapshot>\n<name>s</name>\n{domain}\n{inactive}\n</domainsnapshot>\n"


def as_inactive(text: str) -> str:
    return text.strip().replace("<domain ", "<inactiveDomain ", 1).removesuffix(
        "</domain>") + "</inactiveDomain>"  # fmt: skip


@pytest.mark.parametrize("inner", [PLAIN, "<domain><uuid>" + "1" * 8 + "-1111-1111-1111-" + "1" * 12
                                   + "</uuid></domain>"])  # fmt: skip
def test_a_snapshot_with_its_domain_is_left_in_peace(inner: str) -> None:
    text = snapshot(inner)
    known = tree(text)
    assert valid(text, Kind.SNAPSHOT) and problems(text, Kind.SNAPSHOT) == ()
    assert known.root is not None
    assert mismatches(known, known.root, read(Kind.SNAPSHOT).grammar) == []


def test_a_slip_in_the_domain_of_a_snapshot_is_the_one_problem() -> None:
    error, line = changed("bus='virtio'", "buss='virtio'")
    for text, above in ((snapshot(error), 2),
                        (snapshot(PLAIN, as_inactive(error)), 3 + PLAIN.count("\n"))):  # fmt: skip
        (problem,) = problems(text, Kind.SNAPSHOT)
        assert problem.words == 'target has no attribute "buss". Did you mean "bus"?'
        assert problem.line == line + above


# -- what only libxml2 refuses -------------------------------------------------------------------


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_what_libxml2_wants_behind_the_name_is_said(place: int) -> None:
    parts = ["<name>a</name>", "<memory>1024</memory>", "<os><type>hvm</type></os>",
             "<vcpu>1</vcpu>"]  # fmt: skip
    uuid = "<uuid>11111111-2222-3333-4444-555555555555</uuid>"
    text = f"<domain type='kvm'>{''.join([*parts[:place], uuid, *parts[place:]])}</domain>"
    said = [one.words for one in problems(text)]
    rules = schema(Kind.DOMAIN)
    assert isinstance(rules, Schema)
    # The schema of libvirt 11 lets it be anywhere.
    allowed = rules.allows(etree.fromstring(text))
    assert allowed or place > 1
    assert said == ([] if allowed else ["libvirt's validator requires uuid right after name"])


def test_names_of_disks_count_on_each_bus_where_libvirt_reads_vmx() -> None:
    disks = "".join(
        f"<disk type='file'><source file='/x/{bus}'/><target dev='sda' bus='{bus}'/></disk>"
        for bus in ("scsi", "sata")
    )
    text = f"""<domain type='{{}}'><name>a</name><memory>1024</memory><os><type>hvm</type></os>
      <devices>{disks}</devices></domain>"""
    assert problems(text.format("vmware")) == ()
    assert ['target "sda" is used' in one.words for one in problems(text.format("kvm"))] == [True]
    twice = problems(text.format("vmware").replace("bus='sata'", "bus='scsi'"))
    assert ['target "sda on scsi" is used' in one.words for one in twice] == [True]

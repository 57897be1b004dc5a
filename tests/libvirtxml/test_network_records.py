"""Reservations and DNS records: read as they are written, made from words, refused in words."""

from __future__ import annotations

import pytest
from lxml import etree

from virttui.libvirtxml.network_records import record_of, records, with_forwarder
from virttui.model.errors import InvalidInput
from virttui.model.network_records import RecordKind

LAB = """\
<network>
  <name>lab</name>
  <dns>
    <host ip='10.0.0.5'><hostname>web.lab</hostname><hostname>web</hostname></host>
    <srv service='ldap' protocol='tcp' domain='lab' target='dc1.lab' port='389'/>
    <txt name='build' value='sha &amp; more'/>
  </dns>
  <ip address='10.0.0.1' netmask='255.255.255.0'>
    <dhcp><range start='10.0.0.2' end='10.0.0.99'/>
      <host mac='52:54:00:00:00:01' name='db' ip='10.0.0.7'/></dhcp>
  </ip>
  <ip family='ipv6' address='fd00::1' prefix='64'>
    <dhcp><host id='0:3:0:1' name='six' ip='fd00::7'/></dhcp>
  </ip>
</network>
"""
SUBNETS = ("10.0.0.0/24", "fd00::/64")


def test_every_record_is_read_with_its_place() -> None:
    found = [(one.kind, one.name, one.value, one.parent) for one in records(LAB)]
    assert found == [
        (RecordKind.RESERVATION, "52:54:00:00:00:01", "10.0.0.7 db", 0),
        (RecordKind.RESERVATION, "0:3:0:1", "fd00::7 six", 1),
        (RecordKind.DNS_HOST, "10.0.0.5", "web.lab web", -1),
        (RecordKind.DNS_SRV, "_ldap._tcp.lab", "dc1.lab:389", -1),
        (RecordKind.DNS_TXT, "build", "sha & more", -1),
    ]


@pytest.mark.parametrize(
    ("section", "words", "xml", "parent"),
    [
        (RecordKind.RESERVATION, "52:54:00:AA:00:01 10.0.0.8 web",
         "<host mac='52:54:00:aa:00:01' name='web' ip='10.0.0.8'/>", 0),
        (RecordKind.RESERVATION, "52:54:00:aa:00:01 fd00::8",
         "<host mac='52:54:00:aa:00:01' ip='fd00::8'/>", 1),
        (RecordKind.DNS_HOST, "10.0.0.5 web.lab web",
         "<host ip='10.0.0.5'><hostname>web.lab</hostname><hostname>web</hostname></host>", -1),
        (RecordKind.DNS_SRV, "_ldap tcp dc1.lab 389",
         "<srv service='ldap' protocol='tcp' target='dc1.lab' port='389'/>", -1),
        (RecordKind.DNS_TXT, "build a <b> 'c'",
         '<txt name="build" value="a &lt;b&gt; \'c\'"/>', -1),
    ],
)  # fmt: skip
def test_a_record_is_made_from_words(
    section: RecordKind, words: str, xml: str, parent: int
) -> None:
    record = record_of(section, words.split(), SUBNETS)
    one, other = (etree.tostring(etree.fromstring(t), method="c14n") for t in (record.xml, xml))
    assert one == other and record.parent == parent


@pytest.mark.parametrize(
    ("section", "words", "why"),
    [
        (RecordKind.RESERVATION, "", "MAC ADDRESS"),
        (RecordKind.RESERVATION, "52:54:00 10.0.0.8", "is not a MAC"),
        (RecordKind.RESERVATION, "52:54:00:aa:00:01 10.9.0.8", "none of this network's subnets"),
        (RecordKind.RESERVATION, "52:54:00:aa:00:01 ten", "is not an address"),
        (RecordKind.RESERVATION, "52:54:00:aa:00:01 10.0.0.8 a/b", "not a name that DNS knows"),
        (RecordKind.DNS_HOST, "10.0.0.5", "ADDRESS NAME"),
        (RecordKind.DNS_SRV, "ldap icmp x 1", "neither tcp nor udp"),
        (RecordKind.DNS_SRV, "ldap tcp x 70000", "is not a port"),
        (RecordKind.DNS_TXT, "build", "NAME TEXT"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(section: RecordKind, words: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        record_of(section, words.split(), SUBNETS)


FORWARD = record_of(RecordKind.FORWARDER, ["10.0.0.53", "corp.example"], SUBNETS)


@pytest.mark.parametrize(
    ("words", "xml", "name", "value"),
    [
        ("10.0.0.53", "<forwarder addr='10.0.0.53'/>", "10.0.0.53", "for all names"),
        ("fd00::53", "<forwarder addr='fd00::53'/>", "fd00::53", "for all names"),
        ("10.0.0.53 corp", "<forwarder addr='10.0.0.53' domain='corp'/>", "10.0.0.53", "for corp"),
        ("corp.example", "<forwarder domain='corp.example'/>", "the host's own",
         "for corp.example"),
    ],
)  # fmt: skip
def test_a_forwarder_is_made_from_words(words: str, xml: str, name: str, value: str) -> None:
    record = record_of(RecordKind.FORWARDER, words.split(), SUBNETS)
    one, other = (etree.tostring(etree.fromstring(t), method="c14n") for t in (record.xml, xml))
    assert one == other and (record.name, record.value) == (name, value)


@pytest.mark.parametrize("words", ["", "a b c", "10.0.0.300", "corp 10.0.0.53", "co<rp"])
def test_no_forwarder_is_made_of_nonsense(words: str) -> None:
    with pytest.raises(InvalidInput):
        record_of(RecordKind.FORWARDER, words.split(), SUBNETS)


@pytest.mark.parametrize(
    "before",
    [LAB, LAB.replace("  <dns>", "  <dns>\n    <forwarder addr='1.1.1.1'/>"),
     "<network><name>n</name></network>", "<network>\n  <name>n</name>\n  <dns/>\n</network>\n",
     "<network>\n  <name>n</name>\n  <dns enable='yes'>\n  </dns>\n</network>\n"],
)  # fmt: skip
def test_a_forwarder_comes_and_goes_and_nothing_else_changes(before: str) -> None:
    after = with_forwarder(before, FORWARD, adds=True)
    assert [one for one in records(after) if one not in records(before)] == [FORWARD]
    again = with_forwarder(after, FORWARD, adds=False)
    assert records(again) == records(before)
    kept = [line for line in before.splitlines() if "dns" not in line]
    if len(kept) > 1:
        assert [line for line in again.splitlines() if "dns" not in line] == kept
    with pytest.raises(InvalidInput, match="already"):
        with_forwarder(after, FORWARD, adds=True)
    with pytest.raises(InvalidInput, match="any more"):
        with_forwarder(before, FORWARD, adds=False)

"""Whose definition a text is, and what else has to be known of it before it is written."""

from __future__ import annotations

import pytest

from virttui.libvirtxml import identity
from virttui.libvirtxml.identity import DocumentIdentity, EmulatorQuery
from virttui.model.errors import InvalidInput

UUID = "9b199ddd-7158-582f-afa1-36269d4fd12c"


@pytest.mark.parametrize(
    ("xml", "found"),
    [
        (
            f"<domain><name>a</name><uuid>{UUID}</uuid></domain>",
            DocumentIdentity("domain", "a", UUID),
        ),
        (
            f"<network><name> a </name><uuid>{UUID.replace('-', '').upper()}</uuid></network>",
            DocumentIdentity("network", "a", UUID),
        ),
        ("<interface type='bridge' name='br0'/>", DocumentIdentity("interface", "br0", "")),
        ("<filter name='f'><uuid>none</uuid></filter>", DocumentIdentity("filter", "f", "none")),
        ("<!-- note --><secret/>", DocumentIdentity("secret", "", "")),
        ("<?xml version='1.0' encoding='UTF-8'?><pool/>", DocumentIdentity("pool", "", "")),
    ],
)
def test_whose_a_definition_is(xml: str, found: DocumentIdentity) -> None:
    assert identity.identity(xml) == found


def test_a_snapshots_domain_is_not_its_identity() -> None:
    xml = f"<domainsnapshot><domain><name>d</name><uuid>{UUID}</uuid></domain></domainsnapshot>"
    assert identity.identity(xml) == DocumentIdentity("domainsnapshot", "", "")


def test_what_is_no_xml_is_told() -> None:
    with pytest.raises(InvalidInput):
        identity.identity("<domain>")


def test_what_a_domain_is_run_by() -> None:
    xml = """<domain type='kvm'><os><type arch='x86_64' machine='q35'>hvm</type></os>
    <devices><emulator>/usr/bin/qemu</emulator></devices></domain>"""
    assert identity.emulator_query(xml) == EmulatorQuery("/usr/bin/qemu", "x86_64", "q35", "kvm")
    assert identity.emulator_query("<domain/>") == EmulatorQuery(None, None, None, None)


def test_aliases() -> None:
    disk = "<disk><alias name='virtio-disk1'/></disk>"
    assert identity.alias(disk) == "virtio-disk1" and identity.alias("<disk/>") == ""
    xml = f"<domain><devices>{disk}<disk/><console><alias name='serial0'/></console></devices>"
    assert identity.aliases(f"{xml}</domain>") == {"virtio-disk1", "serial0"}


def test_how_full_a_pool_is_is_left_out_and_nothing_else() -> None:
    stays = "<pool type='dir'>\n  <name>a</name>\n  <source>\n  </source>\n</pool>\n"
    figures = (
        "  <capacity unit='bytes'>10</capacity>\n  <allocation unit='bytes'>5</allocation>\n"
        "  <available unit='bytes'>5</available>\n"
    )
    xml = stays.replace("  <source>", f"{figures}  <source>")
    assert identity.without_figures(xml) == stays
    assert identity.without_figures(stays) == stays

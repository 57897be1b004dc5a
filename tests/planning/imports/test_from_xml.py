"""What OVF and VMX say of a machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lab.appliances import OVF, VMX
from virttui.model.errors import InvalidInput
from virttui.model.provision.appliance import Appliance, ApplianceFormat
from virttui.planning.imports import guest_os, ovf, vmx
from virttui.planning.imports.fields import nearest_known
from virttui.planning.imports.from_xml import appliance_from_xml
from virttui.planning.osinfo.catalog import os_catalog

MIB = 1024**2
ENVELOPE = OVF.format(disk="a.vmdk", size=100)
CONFIG = VMX.format(disk="a.vmdk")


def test_an_ovf_tells_its_hardware() -> None:
    told = ovf.envelope(ENVELOPE.encode(), "/x/packed.ovf")
    machine = told.machine
    assert (machine.name, machine.vcpus, machine.memory) == ("packed", 1, 256 * MIB)
    assert machine.os == "debian12" and machine.firmware == "", "it tells none"
    assert [(one.bus, one.capacity) for one in machine.disks] == [("scsi", 64 * MIB)]
    assert [one.network for one in machine.nics] == ["VM Network"]
    assert told.files["vmdisk1"].href == "a.vmdk" and told.files["vmdisk1"].size == 100
    assert "sound is left out" in machine.notes


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            "<Envelope",
            "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/shadow'>]><Envelope",
            "entities",
        ),
        ("<Envelope", "<!DOCTYPE x [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><Envelope", "entities"),
        ("ovf:/disk/vmdisk1", "ovf:/disk/other", "not in it"),
        ('fileRef="file1"', 'fileRef="file9"', "not in it"),
        ('fileRef="file1"', 'fileRef="file1" ovf:parentRef="x"', "needs another one"),
        ('ovf:id="file1"', 'ovf:id="file1" ovf:compression="lzma"', "compressed by lzma"),
        ("<NetworkSection>", "<EncryptionSection/><NetworkSection>", "encrypted"),
        ("<VirtualHardwareSection>", "<Other>", "parsed"),
        ("VirtualSystem", "VirtualThing", "holds 0 machines"),
        ("Envelope", "Parcel", "not an OVF"),
    ],
)
def test_an_ovf_that_makes_no_sense_is_refused(old: str, new: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        ovf.envelope(ENVELOPE.replace(old, new).encode().replace(b'encoding="UTF-8"', b""), "/x")


@given(st.text(max_size=200), st.integers(0, len(ENVELOPE)))
def test_any_ovf_is_read_or_refused(words: str, place: int) -> None:
    raw = (ENVELOPE[:place] + words + ENVELOPE[place:]).encode()
    try:
        assert ovf.envelope(raw, "/x").machine.vcpus >= 0
    except InvalidInput as error:
        assert error.message


def test_a_vmx_tells_its_hardware() -> None:
    (found,) = vmx.drives(vmx.parse(CONFIG))
    assert (found.key, found.file, found.disk.bus) == ("sata0:0", "a.vmdk", "sata")
    text = CONFIG + 'firmware = "efi"\nvtpm.present = "TRUE"\nsound.present = "TRUE"\n'
    machine = vmx.appliance(vmx.parse(text), "/x/packed.vmx", (found.disk,))
    assert machine.uuid == "564d1122-3344-5566-7788-99aabbccddee"
    assert machine.firmware == "uefi" and machine.tpm and machine.os == "debian12"
    assert machine.nics[0].model == "e1000" and machine.nics[0].mac == "00:0c:29:12:34:56"
    assert any("sound" in line for line in machine.notes)
    assert any("TPM" in line for line in machine.notes)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hello", "neither a version nor a system"),
        ("", "neither a version nor a system"),
        (CONFIG + 'encryption.data = "x"', "encrypted"),
    ],
)
def test_a_vmx_that_makes_no_sense_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        vmx.appliance(vmx.parse(text), "/x", ())


@given(st.text(max_size=300))
def test_any_vmx_is_read_or_refused(words: str) -> None:
    for text in (words, CONFIG + words):
        try:
            known = vmx.parse(text)
            vmx.drives(known)
            vmx.appliance(known, "/x", ())
        except InvalidInput as error:
            assert error.message


@pytest.mark.parametrize(
    ("words", "cim", "id"),
    [
        ("windows9-64", "", "win10"),
        ("windows11_64Guest", "", "win11"),
        ("Microsoft Windows Server 2019 (64-bit)", "", "win2k19"),
        ("windows2019srvnext-64", "", "win2k22"),
        ("Windows2016_64", "", "win2k16"),
        ("debian12_64Guest", "", "debian12"),
        ("rhel9_64Guest", "", "rhel9-unknown"),
        ("centos7_64Guest", "", "centos7.0"),
        ("freebsd13_64Guest", "", "freebsd13.0"),
        ("other5xlinux-64", "", "linux2020"),
        ("something", "105", "win7"),
        ("something", "1", ""),
    ],
)
def test_systems_are_known_by_what_others_call_them(words: str, cim: str, id: str) -> None:
    assert guest_os.osinfo_id(words, cim=cim) == id


def test_a_version_that_is_not_known_is_the_one_before() -> None:
    known = os_catalog([Path("/nowhere")])
    assert (
        nearest_known("win12", known).id == "win11" and nearest_known("win10", known).id == "win10"
    )
    assert not nearest_known("debian12", known).known and not nearest_known("", known).known


@pytest.mark.parametrize(
    ("xml", "why"),
    [
        ("<network><name>x</name></network>", "not a definition of a machine"),
        ("<domain type='kvm'/>", "not a definition of a machine"),
        ("<domainsnapshot/>", "snapshot"),
        ("<domain", "parsed"),
        ("<!DOCTYPE d [<!ENTITY a 'b'>]><domain><name>&a;</name></domain>", "entities"),
    ],
)
def test_what_is_no_definition_is_refused(xml: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        appliance_from_xml(Appliance(ApplianceFormat.XML, "/x", xml=xml))

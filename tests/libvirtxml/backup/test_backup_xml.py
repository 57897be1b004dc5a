"""The XML that begins a backup, and what is read of checkpoints."""

from __future__ import annotations

import pytest
from lxml import etree

from virttui.libvirtxml.backup.read import checkpoint, disks, has_tpm, holds_bitmaps
from virttui.libvirtxml.backup.write import (
    BackupTarget,
    backup_xml,
    checkpoint_xml,
    target_volume_xml,
)
from virttui.model.errors import InvalidInput


def test_each_disk_says_its_own_mode() -> None:
    xml = backup_xml(
        [BackupTarget("vda", "/b/a&b.qcow2", "c1"), BackupTarget("vdb", "/b/b.qcow2")], ["sda"]
    )
    root = etree.fromstring(xml)
    assert root.get("mode") == "push"
    found = [dict(one.attrib) for one in root.iterfind("disks/disk")]
    assert found == [
        {
            "name": "vda",
            "backup": "yes",
            "type": "file",
            "backupmode": "incremental",
            "incremental": "c1",
        },
        {"name": "vdb", "backup": "yes", "type": "file", "backupmode": "full"},
        {"name": "sda", "backup": "no"},
    ]
    targets = [one.get("file") for one in root.iterfind("disks/disk/target")]
    assert targets == ["/b/a&b.qcow2", "/b/b.qcow2"]


def test_a_checkpoint_names_the_disks_without_one() -> None:
    root = etree.fromstring(checkpoint_xml("c2", "whose", {"vda": True, "vdb": False}))
    assert [one.get("checkpoint") for one in root.iterfind("disks/disk")] == ["bitmap", "no"]


def test_a_volume_names_its_backing_file_without_a_folder() -> None:
    root = etree.fromstring(target_volume_xml("b.qcow2", 1024, "a.qcow2"))
    assert root.findtext("backingStore/path") == "a.qcow2"
    assert root.findtext("target/compat") == "1.1"
    assert etree.fromstring(target_volume_xml("a.qcow2", 1024)).find("backingStore") is None


def test_what_is_read_of_a_checkpoint() -> None:
    found = checkpoint(
        "<domaincheckpoint><name>c2</name><parent><name>c1</name></parent>"
        "<description>words</description><disks>"
        "<disk name='vda' checkpoint='bitmap' bitmap='c2' size='65536'/>"
        "<disk name='vdb' checkpoint='no'/></disks></domaincheckpoint>"
    )
    assert (found.name, found.parent, found.description) == ("c2", "c1", "words")
    assert found.disks == ("vda",) and found.sizes == {"vda": 65536}


def test_what_is_read_of_disks() -> None:
    found = disks(
        "<domain><devices>"
        "<disk device='disk'><driver type='qcow2'/><source file='/a'><encryption/></source>"
        "<target dev='vda'/></disk>"
        "<disk device='cdrom'><target dev='sda'/><readonly/></disk></devices></domain>"
    )
    assert [(one.target, one.source, one.format) for one in found] == [
        ("vda", "/a", "qcow2"),
        ("sda", "", "raw"),
    ]
    assert found[0].encrypted and found[1].read_only


def test_tpm_and_versions_of_qcow2() -> None:
    assert has_tpm("<domain><devices><tpm><backend type='emulator'/></tpm></devices></domain>")
    assert not has_tpm("<domain/>")
    assert not holds_bitmaps("<volume><target><compat>0.10</compat></target></volume>")
    assert holds_bitmaps("<volume><target><compat>1.1</compat></target></volume>")
    with pytest.raises(InvalidInput):
        holds_bitmaps("<volume>")

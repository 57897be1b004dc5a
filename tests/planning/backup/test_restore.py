"""What a restore makes: a domain with nothing in common with the old one, or its disks alone."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.planning.backup.examples import GIB, POOL, backup_id, stored
from virttui.libvirtxml.read import domain as facts_of
from virttui.model.backup.manifest import BackupFile, StoredBackup
from virttui.model.errors import InvalidInput
from virttui.model.identity import ObjectId
from virttui.model.severity import Severity
from virttui.planning.backup.restore import (
    RestorePool,
    RestoreRequest,
    new_name,
    plan_in_place,
    plan_new_domain,
    restore_checks,
    volume_steps,
    with_links_down,
)
from virttui.planning.new_ids import IdGenerator

XML = """\
<domain type='kvm'>
  <name>web</name>
  <uuid>6dd8a1bb-2f4a-4b2a-8f0e-0c6f3a1d2b77</uuid>
  <os>
    <type>hvm</type>
    <nvram>/var/lib/libvirt/qemu/nvram/web_VARS.fd</nvram>
  </os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/images/web-vda'/>
      <backingStore/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='disk'>
      <source file='/images/left-out'/>
      <target dev='vdb' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
      <link state='up'/>
    </interface>
    <interface type='network'>
      <mac address='52:54:00:00:00:02'/>
      <source network='default'/>
    </interface>
  </devices>
</domain>
"""
TARGET = RestorePool(ObjectId("h", "target"), "fast", "dir", "/fast", available=100 * GIB)
REQUEST = RestoreRequest(TARGET, "/vault")
IDS = IdGenerator([])


def backup(*, nvram: bool = False) -> StoredBackup:
    found = stored(2, 1)
    files = (BackupFile("nvram", "/v/web_VARS.fd", "web-nvram.fd", 8, "0" * 64),) if nvram else ()
    return replace(found, manifest=replace(found.manifest, definition=XML, files=files))


def test_nothing_of_a_new_domain_is_that_of_the_old_one() -> None:
    plan, uuid = plan_new_domain(backup(nvram=True), REQUEST, "web-1102", IDS)
    facts = facts_of(plan.xml)
    assert "<name>web-1102</name>" in plan.xml and f"<uuid>{uuid}</uuid>" in plan.xml
    assert {nic.mac for nic in facts.nics}.isdisjoint({"52:54:00:00:00:01", "52:54:00:00:00:02"})
    assert plan.xml.count("<link state='down'/>") == 2
    vda = f"/fast/web-1102-{backup_id(2)}-vda.qcow2"
    assert [(one.target, one.source) for one in facts.disks] == [("vda", vda), ("sda", "")]
    assert "backingStore" not in plan.xml and "/images/" not in plan.xml
    (step,) = plan.volumes
    assert step.copy_of == (ObjectId("h", POOL), f"web-{backup_id(2)}-vda.qcow2")
    assert plan.nvram is not None and plan.nvram.source == "/vault/web-nvram.fd"
    assert plan.nvram.path == facts.nvram != "/var/lib/libvirt/qemu/nvram/web_VARS.fd"
    assert plan.replaces_xml is None and not plan.start


def test_links_stay_as_they_are_where_that_is_wanted() -> None:
    plan, _ = plan_new_domain(backup(), replace(REQUEST, link_up=True, start=True), "b", IDS)
    assert "down" not in plan.xml and plan.start
    assert plan.nvram is None and "web_VARS" not in plan.xml, "two guests never share variables"


def test_in_place_changes_the_sources_of_its_disks_and_nothing_else() -> None:
    plan = plan_in_place(backup(), REQUEST, "web", XML)
    assert plan.replaces_xml == XML
    before, after = XML.splitlines(), plan.xml.splitlines()
    assert set(after) - set(before) == {
        f"      <source file='/fast/web-{backup_id(2)}-restored-vda.qcow2'/>"
    }
    assert {one.strip() for one in set(before) - set(after)} == {
        "<source file='/images/web-vda'/>",
        "<backingStore/>",
    }
    gone = XML.replace("dev='vda'", "dev='vdz'")
    with pytest.raises(InvalidInput, match="no disk vda any more"):
        plan_in_place(backup(), REQUEST, "web", gone)


def test_names_that_are_taken_are_not_taken_again() -> None:
    first = volume_steps(backup(), REQUEST, "web")[0].new.name
    pool = replace(TARGET, volumes=(first,))
    assert volume_steps(backup(), replace(REQUEST, pool=pool), "web")[0].new.name != first
    assert new_name("web", "20261128T010000Z", ()) == "web-1128"
    assert new_name("web", "20261128T010000Z", ("web-1128",)) != "web-1128"


def test_what_cannot_be_restored_is_said() -> None:
    with pytest.raises(InvalidInput, match="vdq is not in the backup"):
        volume_steps(backup(), replace(REQUEST, targets=("vdq",)), "web")
    with pytest.raises(InvalidInput, match="needs files"):
        volume_steps(backup(), replace(REQUEST, pool=replace(TARGET, type="logical")), "web")
    broken = backup()
    broken = replace(broken, manifest=replace(broken.manifest, definition="<domain"))
    with pytest.raises(InvalidInput):
        plan_new_domain(broken, REQUEST, "b", IDS)


def test_what_is_said_before() -> None:
    chain = (stored(1, good=True), replace(backup(), check=stored(2, 1, good=True).check))
    levels = [one.level for one in restore_checks(chain, REQUEST, in_place=False)]
    assert levels == [Severity.WARNING, Severity.OK]
    small = replace(REQUEST, pool=replace(TARGET, available=GIB))
    found = restore_checks((stored(1), backup()), small, in_place=True)
    assert found[0].level is Severity.ERROR and "too little room" in found[0].words
    assert any("never verified" in one.words for one in found)
    assert any("which stay beside" in one.words for one in found)


def test_a_card_of_the_host_has_no_link() -> None:
    xml = "<domain><devices><interface type='hostdev'/></devices></domain>"
    assert with_links_down(xml) == xml

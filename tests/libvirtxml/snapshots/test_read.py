"""A snapshot is told as libvirt describes it."""

from __future__ import annotations

import pytest

from virttui.libvirtxml.snapshots.read import snapshot
from virttui.model.domains.snapshots import SnapshotKind
from virttui.model.errors import InvalidInput

EXTERNAL = """
<domainsnapshot>
  <name>before-17.4</name>
  <state>disk-snapshot</state>
  <description>before the upgrade
of Friday</description>
  <parent><name>before-17.3</name></parent>
  <creationTime>1764294480</creationTime>
  <memory snapshot='no'/>
  <disks>
    <disk name='vda' snapshot='external' type='file'>
      <driver type='qcow2'/><source file='/pool/gitlab.before-17.4'/>
    </disk>
    <disk name='vdb' snapshot='no'/>
    <disk name='sda' snapshot='no'/>
  </disks>
  <domain type='qemu'><name>gitlab</name><devices>
    <disk type='file' device='disk'><source file='/pool/gitlab.qcow2'/><target dev='vda'/></disk>
    <disk type='file' device='disk'><source file='/pool/data.raw'/><target dev='vdb'/></disk>
    <disk type='file' device='cdrom'><target dev='sda'/><readonly/></disk>
  </devices></domain>
</domainsnapshot>
"""


def test_an_external_one_names_the_file_of_then_and_the_one_that_came_after() -> None:
    found = snapshot(EXTERNAL, current=True)
    assert (found.name, found.parent, found.state) == (
        "before-17.4",
        "before-17.3",
        "disk-snapshot",
    )
    assert found.taken == 1764294480.0 and found.current and found.memory == "no"
    (disk,) = found.kept_disks
    assert (disk.target, disk.how) == ("vda", "external")
    assert (disk.source, disk.overlay) == ("/pool/gitlab.qcow2", "/pool/gitlab.before-17.4")
    assert [one.target for one in found.left_out] == ["vdb"]
    assert found.kind is SnapshotKind.EXTERNAL
    assert found.written_after is None, "no size was asked for"


@pytest.mark.parametrize(
    ("memory", "disk", "kind"),
    [
        ("internal", "internal", SnapshotKind.INTERNAL),
        ("no", "internal", SnapshotKind.INTERNAL),
        ("external", "external", SnapshotKind.EXTERNAL),
        ("external", "no", SnapshotKind.EXTERNAL),
        ("internal", "external", SnapshotKind.MIXED),
        ("no", "no", SnapshotKind.EMPTY),
    ],
)
def test_the_kind_is_that_of_its_disks_and_memory(
    memory: str, disk: str, kind: SnapshotKind
) -> None:
    xml = (
        f"<domainsnapshot><name>a</name><memory snapshot='{memory}'/>"
        f"<disks><disk name='vda' snapshot='{disk}'/></disks></domainsnapshot>"
    )
    assert snapshot(xml).kind is kind


def test_what_is_missing_is_not_known() -> None:
    found = snapshot("<domainsnapshot><name>a</name></domainsnapshot>")
    assert (found.taken, found.parent, found.state, found.disks) == (None, "", "", ())


def test_what_is_no_xml_is_refused() -> None:
    with pytest.raises(InvalidInput):
        snapshot("<domainsnapshot>")

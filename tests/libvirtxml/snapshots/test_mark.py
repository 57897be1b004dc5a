"""The mark of a snapshot whose deletion has begun."""

from __future__ import annotations

import pytest

from virttui.libvirtxml.snapshots.mark import marked
from virttui.libvirtxml.snapshots.read import snapshot

NOTED = (
    "<domainsnapshot><name>s</name><description>before &lt;17&gt;</description></domainsnapshot>"
)
BARE = "<domainsnapshot><name>s</name><state>shutoff</state></domainsnapshot>"


@pytest.mark.parametrize("xml", [NOTED, BARE])
def test_the_note_is_kept_behind_the_mark_and_comes_back(xml: str) -> None:
    before = snapshot(xml)
    after = snapshot(marked(xml, {}))
    assert after.being_deleted and not before.being_deleted
    assert after.note.endswith(before.note) and after.name == "s"
    assert marked(marked(xml, {}), {}) == marked(xml, {})
    assert snapshot(marked(marked(xml, {}), {}, mark=False)).note == before.note


def test_the_file_that_lies_on_the_moment_now_is_named() -> None:
    disk = "<disks><disk name='vda' snapshot='external'><source file='/p/old'/></disk></disks>"
    xml = BARE.replace("</domainsnapshot>", f"{disk}</domainsnapshot>")
    assert snapshot(marked(xml, {"vda": "/p/now"})).disks[0].overlay == "/p/now"
    assert snapshot(marked(xml, {"vdb": "/p/now"})).disks[0].overlay == "/p/old"

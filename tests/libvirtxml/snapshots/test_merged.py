"""A merged layer is named no more, wherever in the chain of a definition it was."""

from __future__ import annotations

import pytest
from lxml import etree

from virttui.libvirtxml.snapshots.merged import without_layer

DEEP = """\
<domainsnapshot><name>s2</name>
<disks><disk name='vda' snapshot='external' type='file'><source file='/p/web.s2'/></disk></disks>
<domain><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/p/web.s1'/>
<backingStore type='block'><format type='raw'/><source dev='/dev/vg/web'/></backingStore>
<target dev='vda'/></disk>
<disk type='file' device='disk'><source file='/p/web.s1'/><target dev='vdb'/></disk>
</devices></domain>
<inactiveDomain><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/p/web.s1'/>
<target dev='vda'/></disk>
</devices></inactiveDomain></domainsnapshot>"""

MIDDLE = """\
<domainsnapshot><name>s3</name><domain><devices>
<disk type='file' device='disk'><driver type='qcow2'/><source file='/p/web.s2' index='3'/>
<backingStore type='file' index='2'><format type='qcow2'/><source file='/p/web.s1'/>
<backingStore type='file' index='1'><format type='qcow2'/><source file='/p/web.qcow2'/>
<backingStore type='file'><format type='raw'/><source file='/p/golden.raw'/></backingStore>
</backingStore></backingStore>
<target dev='vda'/></disk></devices></domain></domainsnapshot>"""


def told(xml: str, disk: str, overlay: str, base: str, format: str) -> dict[str, str]:
    """Part and target of each disk -> its type, format and layers, after a merge."""
    found = {}
    root = etree.fromstring(without_layer(xml, disk, overlay, base, format))
    for one in root.iter("disk"):
        target = one.find("target")
        if target is not None:
            layers = [str(source.get("file") or source.get("dev")) for source in one.iter("source")]
            driver = one.find("driver")
            kind = None if driver is None else driver.get("type")
            part = next(part.tag for part in one.iterancestors() if "omain" in str(part.tag))
            found[f"{part} {target.get('dev')}"] = f"{one.get('type')} {kind} {' '.join(layers)}"
    return found


def test_the_base_takes_the_place_of_the_first_layer() -> None:
    found = told(DEEP, "vda", "/p/web.s1", "/dev/vg/web", "raw")
    assert found == {
        "domain vda": "block raw /dev/vg/web",
        "domain vdb": "file None /p/web.s1",
        "inactiveDomain vda": "block raw /dev/vg/web",
    }


def test_what_lies_below_a_middle_layer_stays() -> None:
    found = told(MIDDLE, "vda", "/p/web.s1", "/p/web.qcow2", "qcow2")
    assert found == {"domain vda": "file qcow2 /p/web.s2 /p/web.qcow2 /p/golden.raw"}


@pytest.mark.parametrize("disk", ["vda", "vdz"])
def test_what_names_it_nowhere_is_the_same_text(disk: str) -> None:
    assert without_layer(MIDDLE, disk, "/p/other", "/p/web.qcow2", "qcow2") is MIDDLE

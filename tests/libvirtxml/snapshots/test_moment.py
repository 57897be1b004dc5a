"""The definition of a domain as it was at a snapshot."""

from __future__ import annotations

import pytest

from virttui.libvirtxml.snapshots.moment import definition_then
from virttui.model.errors import InvalidInput

LIVE = """
<domain type='kvm' id='7'><name>web</name><devices><disk type='file'><alias name='virtio-disk0'/>
<source file='/p/web.qcow2' index='1'/><backingStore type='file'><source file='/p/base'/>
<backingStore/></backingStore><target dev='vda'/></disk></devices>
<seclabel type='dynamic' model='apparmor'><label>x</label></seclabel></domain>"""


def test_what_it_has_only_while_it_runs_is_left_out() -> None:
    found = definition_then(f"<domainsnapshot><name>s</name>{LIVE}</domainsnapshot>")
    assert found.startswith('<domain type="kvm"><name>web</name>')
    for word in ("id=", "index", "backingStore", "alias", "seclabel"):
        assert word not in found, found
    assert 'file="/p/web.qcow2"' in found


def test_the_definition_of_its_next_boot_is_preferred() -> None:
    stored = "<inactiveDomain type='kvm'><name>web</name><title>t</title></inactiveDomain>"
    found = definition_then(f"<domainsnapshot><name>s</name>{LIVE}{stored}</domainsnapshot>")
    assert found == '<domain type="kvm"><name>web</name><title>t</title></domain>'


def test_one_without_a_definition_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no definition"):
        definition_then("<domainsnapshot><name>s</name></domainsnapshot>")

"""What a real libvirtd tells is what its own schemas allow, and what it refuses is an error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.daemon import Lab
from tests.lab.processes import LabError
from virttui.libvirtxml.schema.host_knowledge import host_values
from virttui.libvirtxml.schema.validate import validate
from virttui.model.identity import Kind

pytestmark = pytest.mark.lab

# What lists the names of a kind of object, and what tells the definition of one.
KINDS = {
    Kind.DOMAIN: ("list --all --name", "dumpxml {} --inactive"),
    Kind.NETWORK: ("net-list --all --name", "net-dumpxml {}"),
    Kind.POOL: ("pool-list --all --name", "pool-dumpxml {}"),
    Kind.VOLUME: ("vol-list default", "vol-dumpxml {} --pool default"),
    Kind.NODE_DEVICE: ("nodedev-list", "nodedev-dumpxml {}"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_libvirt_tells_is_left_in_peace(lab: Lab, kind: Kind) -> None:
    lister, teller = KINDS[kind]
    lines = lab.virsh(*lister.split()).splitlines()
    names = [line.split()[0] for line in lines if line.strip()]
    told = [lab.virsh(*teller.format(name).split()) for name in names[:40]]
    assert told or kind is Kind.NODE_DEVICE
    for text in told:
        checked = validate(text, kind, None)
        assert (checked.problems, checked.note) == ((), ""), text


def test_a_running_domain_is_left_in_peace(lab: Lab) -> None:
    assert validate(lab.virsh("dumpxml", "alpha"), Kind.DOMAIN, None).problems == ()


def test_capabilities_are_known(lab: Lab) -> None:
    domain, host = lab.virsh("domcapabilities"), lab.virsh("capabilities")
    assert validate(domain, Kind.DOMAIN_CAPABILITIES, None).problems == ()
    # libvirt tells features that its own schema has no name for: sse4.1.
    assert all(
        "feature name" in one.words for one in validate(host, Kind.CAPABILITIES, None).problems
    )
    names = {"networks": lab.virsh("net-list", "--all", "--name").split()}
    known = host_values(domain, host, names, "QEMU on the lab")
    assert "q35" in {value.name for value in known.values["os/type[arch=x86_64]@machine"]}
    assert "virtio" in {value.name for value in known.values["devices/disk/target@bus"]}
    guest = lab.virsh("dumpxml", "alpha", "--inactive")
    assert validate(guest, Kind.DOMAIN, known).problems == ()


CLASHES: dict[str, Callable[[str], str]] = {
    "target": lambda xml: xml.replace("dev='vdz'", "dev='vdy'"),
    "alias": lambda xml: xml.replace("name='ua-z'", "name='ua-y'"),
    "boot order": lambda xml: xml.replace("order='2'", "order='1'"),
    "both boot orders": lambda xml: xml.replace("</type>", "</type><boot dev='hd'/>"),
    "PCI address": lambda xml: xml.replace("slot='0x1d'", "slot='0x1c'"),
}

CLASHING = """<domain type='qemu'>
  <name>clashing</name>
  <memory unit='MiB'>64</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <disk type='file'>
      <source file='/a.img'/>
      <target dev='vdy' bus='virtio'/>
      <boot order='1'/>
      <alias name='ua-y'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x1c' function='0x0'/>
    </disk>
    <disk type='file'>
      <source file='/b.img'/>
      <target dev='vdz' bus='virtio'/>
      <boot order='2'/>
      <alias name='ua-z'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x1d' function='0x0'/>
    </disk>
  </devices>
</domain>
"""


@pytest.mark.parametrize("clash", CLASHES)
def test_libvirt_refuses_what_is_called_an_error(lab: Lab, clash: str, tmp_path: Path) -> None:
    path = tmp_path / "clashing.xml"
    assert validate(CLASHING, Kind.DOMAIN, None).problems == ()
    path.write_text(CLASHING)
    lab.virsh("define", "--validate", str(path))
    lab.virsh("undefine", "clashing")
    path.write_text(CLASHES[clash](CLASHING))
    (found,) = validate(path.read_text(), Kind.DOMAIN, None).problems
    assert found.level == "error"
    with pytest.raises(LabError):
        lab.virsh("define", "--validate", str(path))

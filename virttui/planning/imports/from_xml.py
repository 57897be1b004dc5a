"""Appliances that have a libvirt definition."""

from __future__ import annotations

from lxml import etree
from msgspec.structs import replace

from virttui.libvirtxml.parse import attribute, root_of, size, text, whole
from virttui.model.errors import InvalidInput
from virttui.model.provision.appliance import Appliance, ApplianceNic
from virttui.planning.clone.xml import tree


def appliance_from_xml(appliance: Appliance) -> Appliance:
    """Return the appliance with the facts of its ``xml``. Raises InvalidInput for a text that is
    not a domain's."""
    root = root_of(appliance.xml)
    if root.getroottree().docinfo.internalDTD is not None:
        raise InvalidInput("it has entities of its own, which no definition needs")
    if root.tag == "domainsnapshot":
        raise InvalidInput("it is the definition of a snapshot, not of a machine")
    if root.tag != "domain" or not text(root, "name"):
        raise InvalidInput("it is not a definition of a machine: no <domain> with a name")
    if tree(appliance.xml).root is None:
        raise InvalidInput("its definition makes no sense")
    nics = tuple(
        ApplianceNic(
            network=_network(nic),
            model=attribute(nic, "model", "type"),
            mac=attribute(nic, "mac", "address").lower(),
        )
        for nic in root.iterfind("devices/interface")
    )
    uefi = attribute(root, "os", "firmware") == "efi" or root.find("os/nvram") is not None
    return replace(
        appliance,
        name=text(root, "name"),
        title=text(root, "title"),
        uuid=text(root, "uuid"),
        vcpus=whole(text(root, "vcpu")) or 0,
        memory=size(root, "memory") or 0,
        arch=attribute(root, "os/type", "arch"),
        firmware="uefi" if uefi else "bios",
        tpm=root.find("devices/tpm") is not None,
        nics=nics,
    )


def _network(nic: etree._Element) -> str:
    """Return the name of a NIC's libvirt network, "" where it is on none."""
    source = nic.find("source")
    return source.get("network", "") if source is not None and nic.get("type") == "network" else ""

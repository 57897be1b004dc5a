"""NICs of a running domain, and the XML that reattaches them to their network.

libvirt puts a NIC onto a bridge only when its definition names another bridge than before. So it is
moved twice: to a network that nobody else is on, and back.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from lxml import etree
from msgspec import Struct

from virttui.libvirtxml.parse import attribute, root_of
from virttui.libvirtxml.read import nic_of
from virttui.model.inventory import Network, Nic


class LiveInterface(Struct, frozen=True):
    """One ``<interface>`` of a running domain, and its present element."""

    nic: Nic
    element: etree._Element

    def restored_xml(self) -> str:
        """Return the element for its own network; libvirt makes its port anew."""
        element = deepcopy(self.element)
        source = element.find("source")
        if source is not None:
            source.attrib.pop("portid", "")
            if self.nic.kind == "network":
                source.attrib.pop("bridge", "")
        return etree.tostring(element, encoding="unicode", with_tail=False)

    def parked_xml(self, network: str, bridge: str) -> str:
        """Return the element for another network, whose bridge is ``bridge``."""
        element = deepcopy(self.element)
        for source in element.findall("source"):
            source.attrib.clear()
            by_bridge = self.nic.kind == "bridge"
            source.set("bridge" if by_bridge else "network", bridge if by_bridge else network)
        # A least bandwidth is a promise of the network that it leaves.
        for inbound in element.iterfind("bandwidth/inbound"):
            inbound.attrib.pop("floor", "")
        return etree.tostring(element, encoding="unicode", with_tail=False)


def live_interfaces(network: Network, xml: str) -> Iterator[LiveInterface]:
    """Yield the NICs on ``network`` in a domain's live definition. Raises InvalidInput."""
    for element in root_of(xml).iterfind("devices/interface"):
        nic = nic_of(element)
        if attribute(element, "target", "dev") and network.holds(nic):
            yield LiveInterface(nic, element)


def parking_network_xml(name: str) -> str:
    """Return a network to park NICs on: a bridge without addresses, DNS or a way out."""
    root = etree.Element("network")
    etree.SubElement(root, "name").text = name
    etree.SubElement(root, "bridge", stp="off", delay="0")
    etree.SubElement(root, "dns", enable="no")
    return etree.tostring(root, encoding="unicode")

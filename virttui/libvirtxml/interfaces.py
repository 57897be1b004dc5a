"""The NICs of a running domain that are on a network, and where they go to be plugged in again.

libvirt puts a NIC onto a bridge only when its definition names another one than before. So it is
moved twice: to a network that nobody else is on, and back.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field

from lxml import etree

from virttui.libvirtxml.parse import attribute, root_of
from virttui.libvirtxml.read import nic_of
from virttui.model.inventory import Network, Nic


@dataclass(frozen=True, slots=True)
class LiveInterface:
    """One ``<interface>`` of a domain that runs, and its element as it is now."""

    nic: Nic
    element: etree._Element = field(compare=False)

    def home(self) -> str:
        """The element as it is to be; its port is libvirt's to make anew."""
        element = deepcopy(self.element)
        source = element.find("source")
        if source is not None:
            source.attrib.pop("portid", "")
            if self.nic.kind == "network":
                source.attrib.pop("bridge", "")
        return etree.tostring(element, encoding="unicode", with_tail=False)

    def parked(self, network: str, bridge: str) -> str:
        """The element on another network, of which ``bridge`` is the bridge."""
        element = deepcopy(self.element)
        for source in element.findall("source"):
            source.attrib.clear()
            by_bridge = self.nic.kind == "bridge"
            source.set("bridge" if by_bridge else "network", bridge if by_bridge else network)
        # A least bandwidth is a promise of the network that it leaves.
        for inbound in element.iterfind("bandwidth/inbound"):
            inbound.attrib.pop("floor", "")
        return etree.tostring(element, encoding="unicode", with_tail=False)


def on(network: Network, xml: str) -> Iterator[LiveInterface]:
    """The NICs on ``network`` of a domain, as its live definition has them. Raises InvalidInput."""
    for element in root_of(xml).iterfind("devices/interface"):
        nic = nic_of(element)
        if attribute(element, "target", "dev") and network.holds(nic):
            yield LiveInterface(nic, element)


def parking(name: str) -> str:
    """A network to park NICs on: a bridge alone, without addresses, names or a way out."""
    root = etree.Element("network")
    etree.SubElement(root, "name").text = name
    etree.SubElement(root, "bridge", stp="off", delay="0")
    etree.SubElement(root, "dns", enable="no")
    return etree.tostring(root, encoding="unicode")

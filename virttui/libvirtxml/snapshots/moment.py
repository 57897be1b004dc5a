"""The definition of a domain as it was at a snapshot."""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.parse import root_of
from virttui.model.errors import InvalidInput

_LIVE = (
    "devices//alias",
    "devices/disk/backingStore",
    "devices/disk/mirror",
    "seclabel[@type='dynamic']",
)
"""What a domain has while it runs; a backing chain in a definition beats the image's own header."""


def definition_then(xml: str) -> str:
    """Return the ``<domain>`` of a ``<domainsnapshot>`` as one to be defined.

    Its disks are on the files of that moment. Raises InvalidInput where there is none.
    """
    root = root_of(xml)
    found = root.find("inactiveDomain")
    if found is None:
        found = root.find("domain")
    if found is None:
        raise InvalidInput("the snapshot has no definition of its domain")
    found.tag = "domain"
    found.attrib.pop("id", "")
    for path in _LIVE:
        for element in found.findall(path):
            _remove(element)
    for source in found.iterfind("devices/disk/source"):
        source.attrib.pop("index", "")
    found.tail = None
    return etree.tostring(found, encoding="unicode")


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)

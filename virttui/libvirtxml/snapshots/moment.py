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


def stored_definition(xml: str) -> str:
    """Return the definition that a ``<domainsnapshot>`` was taken with, as it was stored.

    A guest that ran has its stored one in ``<inactiveDomain>``. "" where libvirt kept none. Raises
    InvalidInput.
    """
    found = _definition(root_of(xml))
    return "" if found is None else etree.tostring(found, encoding="unicode")


def definition_then(xml: str) -> str:
    """Return the ``<domain>`` of a ``<domainsnapshot>`` as one to be defined.

    Its disks are on the files of that moment. Raises InvalidInput where there is none.
    """
    found = _definition(root_of(xml))
    if found is None:
        raise InvalidInput("the snapshot has no definition of its domain")
    found.attrib.pop("id", "")
    for path in _LIVE:
        for element in found.findall(path):
            _remove(element)
    for source in found.iterfind("devices/disk/source"):
        source.attrib.pop("index", "")
    return etree.tostring(found, encoding="unicode")


def _definition(snapshot: etree._Element) -> etree._Element | None:
    """The stored definition in a snapshot, as an element of its own."""
    found = snapshot.find("inactiveDomain")
    found = snapshot.find("domain") if found is None else found
    if found is not None:
        found.tag = "domain"
        found.tail = None
    return found


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)

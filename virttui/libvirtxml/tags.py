"""VirtTUI's tags in a domain's ``<metadata>``, under a namespace of their own.

libvirt keeps one element for each namespace there::

    <virttui:tags xmlns:virttui="urn:virttui:tags"><tag>web</tag><tag>db</tag></virttui:tags>
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from virttui.libvirtxml.parse import root_of
from virttui.model.domains.tags import tag_fault

NAMESPACE = "urn:virttui:tags"
PREFIX = "virttui"


def tags_of(root: etree._Element) -> tuple[str, ...]:
    """Return the tags of a ``<domain>``, sorted by name; invalid ones are left out."""
    found = root.find(f"metadata/{{{NAMESPACE}}}tags")
    return () if found is None else _tags_in(found)


def read_tags(xml: str) -> tuple[str, ...]:
    """Return the tags of the bare element, which libvirt's ``metadata`` returns. Raises
    InvalidInput."""
    return _tags_in(root_of(xml))


def _tags_in(element: etree._Element) -> tuple[str, ...]:
    # Its children may have been given the namespace too.
    words = {(child.text or "").strip() for child in element if isinstance(child.tag, str)}
    return tuple(sorted(word for word in words if is_tag(word)))


def tags_xml(tags: Iterable[str]) -> str:
    """Return the element for libvirt's ``setMetadata``, which adds the namespace itself."""
    element = etree.Element("tags")
    for tag in sorted(set(tags)):
        etree.SubElement(element, "tag").text = tag
    return etree.tostring(element, encoding="unicode")


def is_tag(word: str) -> bool:
    """True if a word can be a tag."""
    return not tag_fault(word)

"""Elements of an OVF file without their namespaces, which differ from version to version.

OVF 0.9 and oVirt name their sections by a type: ``<Section xsi:type="ovf:DiskSection_Type">``.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

_TYPED = frozenset({"Section", "Content"})


def name(one: etree._Element) -> str:
    """Return the local name of an element, "" for comments and the like."""
    found = etree.QName(one).localname if isinstance(one.tag, str) else ""
    if found not in _TYPED:
        return found
    kind = attribute(one, "type").rpartition(":")[2]
    return kind.removesuffix("_Type") or found


def attribute(one: etree._Element | None, local_name: str) -> str:
    """Return an attribute by its local name, "" where there is none."""
    if one is None:
        return ""
    return next((str(value).strip() for key, value in one.attrib.items()
                 if etree.QName(str(key)).localname == local_name), "")  # fmt: skip


def children(one: etree._Element | None, *local_name: str) -> list[etree._Element]:
    """Return the children with one of these names."""
    return [child for child in one if name(child) in local_name] if one is not None else []


def first(one: etree._Element | None, local_name: str) -> etree._Element | None:
    """Return the first child with a name."""
    return next(iter(children(one, local_name)), None)


def text(one: etree._Element | None, local_name: str) -> str:
    """The text of the first child with a name, "" where there is none."""
    found = first(one, local_name)
    return (found.text or "").strip() if found is not None else ""


def below(one: etree._Element, local_name: str) -> Iterator[etree._Element]:
    """Return all elements with a name, at any depth."""
    return (found for found in one.iter() if name(found) == local_name)

"""Finding the element that libxml2 refuses and the matcher accepts, by leaving out elements in
turn."""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.schema.matcher import Mismatch, is_foreign
from virttui.libvirtxml.schema.schema_files import Schema
from virttui.libvirtxml.text.tree import Element as Node

_MAX_VALIDATED = 200_000
"""The most elements to validate in all tries together: a fifth of a second."""


def locate_by_removal(node: Node, root: etree._Element, schema: Schema) -> Mismatch:
    """Return the smallest element without which the document is valid, as far as the limit allows.

    ``node`` is the same root as ``root``, with its places in the text.
    """
    size = sum(1 for _ in root.iter())
    tries = _MAX_VALIDATED // size
    if tries > len(root) and (moved := _out_of_order(node, root, schema)) is not None:
        return moved
    suspect = root
    while tries > 0:
        found = None
        for place, child in enumerate(suspect):
            if tries <= 0 or not isinstance(child.tag, str):
                continue
            tries -= 1
            if _valid_without(root, suspect, place, schema):
                found = child
                break
        if found is None:
            break
        suspect = found
        node = node.children[_index_of(suspect)]
    words = f"something in this {node.name} is not allowed, or not at this place"
    if is_foreign(node):
        words = f"{node.name} of another namespace is not allowed here"
    return Mismatch(node.start + 1, node.start + 1 + len(node.name), words, node)


def _out_of_order(node: Node, root: etree._Element, schema: Schema) -> Mismatch | None:
    """Return a child of the root that must follow its name, None where there is none.

    The schemas accept these in any order, and libxml2 does not always, because its interleaves are
    limited. libvirt itself writes names first.
    """
    name = next((one for one in root if one.tag == "name"), None)
    if name is None:
        return None
    # What says who it is comes first: of two that could be moved, that is the one people know.
    for child in sorted(root, key=lambda one: one.tag not in ("uuid", "genid")):
        if child is name or not isinstance(child.tag, str) or child.getprevious() is name:
            continue
        place, tail = root.index(child), child.tail
        root.remove(child)
        root.insert(root.index(name) + 1, child)
        valid = schema.allows(root)
        root.remove(child)
        root.insert(place, child)
        child.tail = tail
        if valid:
            found = node.children[_index_of(child)]
            words = f"libvirt's validator requires {found.name} right after name"
            return Mismatch(found.start + 1, found.start + 1 + len(found.name), words, found)
    return None


def _valid_without(
    root: etree._Element, parent: etree._Element, place: int, schema: Schema
) -> bool:
    """True if the document is valid without one child; the child is put back."""
    child = parent[place]
    tail = child.tail
    parent.remove(child)
    try:
        return schema.allows(root)
    finally:
        parent.insert(place, child)
        child.tail = tail


def _index_of(element: etree._Element) -> int:
    """Return the number of elements before it in its parent."""
    return sum(1 for one in element.itersiblings(preceding=True) if isinstance(one.tag, str))

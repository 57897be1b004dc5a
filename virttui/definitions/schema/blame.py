"""Find the element that libxml2 refuses, when the model cannot: by leaving elements out in turn."""

from __future__ import annotations

from lxml import etree

from virttui.definitions.schema.faults import Fault, foreign
from virttui.definitions.schema.library import Schema
from virttui.markup.tree import Element as Node

_WORK = 200_000
"""Elements that may be validated in all, in however many tries: a fifth of a second."""


def blamed(node: Node, root: etree._Element, schema: Schema) -> Fault:
    """The smallest element without which the document is valid, as far as the work allows.

    ``node`` is the same root as ``root``, with its places in the text.
    """
    size = sum(1 for _ in root.iter())
    tries = _WORK // size
    suspect = root
    while tries > 0:
        guilty = None
        for place, child in enumerate(suspect):
            if tries <= 0 or not isinstance(child.tag, str):
                continue
            tries -= 1
            if _valid_without(root, suspect, place, schema):
                guilty = child
                break
        if guilty is None:
            break
        suspect = guilty
        node = node.children[_rank(suspect)]
    words = f"something in this {node.name} is not allowed, or not at this place"
    if foreign(node):
        words = f"{node.name} of another namespace is not allowed here"
    return Fault(node.start + 1, node.start + 1 + len(node.name), words, node)


def _valid_without(
    root: etree._Element, parent: etree._Element, place: int, schema: Schema
) -> bool:
    """Whether the document is valid when one child is left out; it is put back."""
    child = parent[place]
    tail = child.tail
    parent.remove(child)
    try:
        return schema.allows(root)
    finally:
        parent.insert(place, child)
        child.tail = tail


def _rank(element: etree._Element) -> int:
    """The number of elements before it in its parent."""
    return sum(1 for one in element.itersiblings(preceding=True) if isinstance(one.tag, str))

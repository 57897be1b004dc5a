"""Removal of host accesses from a definition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from virttui.libvirtxml.host_access.access import HostAccess
from virttui.libvirtxml.text.span_edit import SpanEdit, apply_edits, drop_attribute, remove
from virttui.libvirtxml.text.tree import Element, Tree
from virttui.libvirtxml.text.tree import tree as read
from virttui.model.errors import InvalidInput


def without_accesses(xml: str, accesses: Iterable[HostAccess]) -> str:
    """Return the definition without these accesses. Raises InvalidInput where one is not at its
    place."""
    tree = read(xml)
    locations = sorted({(one.path, one.attribute) for one in accesses})
    removed = {path for path, attribute in locations if not attribute}
    changes = [
        change
        for path, attribute in locations
        if not _goes_with_parent(path, removed, attribute=attribute)
        for change in _change(tree, path, attribute)
    ]
    return apply_edits(xml, changes)


def _goes_with_parent(
    path: tuple[int, ...], removed: set[tuple[int, ...]], *, attribute: str
) -> bool:
    """True if something is removed together with an element around it."""
    longest = len(path) if attribute else len(path) - 1
    return any(path[:length] in removed for length in range(1, longest + 1))


def _change(tree: Tree, path: tuple[int, ...], attribute: str) -> Iterator[SpanEdit]:
    element: Element | None = tree.root
    for number in path:
        if element is None or number >= len(element.children):
            raise InvalidInput("its definition makes no sense")
        element = element.children[number]
    if element is None or not path:
        raise InvalidInput("it cannot be created without this access to the host: keep it")
    if not attribute:
        yield remove(tree, element)
    elif (edit := drop_attribute(tree, element, attribute)) is not None:
        yield edit

"""A definition without what it names of its host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from virttui.libvirtxml.host_access.access import HostAccess
from virttui.libvirtxml.text.span_edit import SpanEdit, drop_attribute, remove, spliced
from virttui.libvirtxml.text.tree import Element, Tree
from virttui.libvirtxml.text.tree import tree as read
from virttui.model.errors import InvalidInput


def left_out(xml: str, accesses: Iterable[HostAccess]) -> str:
    """The definition without these. Raises InvalidInput where one is not at its place."""
    tree = read(xml)
    wanted = sorted({(one.path, one.attribute) for one in accesses})
    whole = {path for path, attribute in wanted if not attribute}
    changes = [
        change
        for path, attribute in wanted
        if not _within(path, whole, attribute=attribute)
        for change in _change(tree, path, attribute)
    ]
    return spliced(xml, changes)


def _within(path: tuple[int, ...], whole: set[tuple[int, ...]], *, attribute: str) -> bool:
    """True if something goes with an element around it."""
    longest = len(path) if attribute else len(path) - 1
    return any(path[:length] in whole for length in range(1, longest + 1))


def _change(tree: Tree, path: tuple[int, ...], attribute: str) -> Iterator[SpanEdit]:
    element: Element | None = tree.root
    for number in path:
        if element is None or number >= len(element.children):
            raise InvalidInput("its definition makes no sense")
        element = element.children[number]
    if element is None or not path:
        raise InvalidInput("it cannot be made without what it wants of the host: keep that")
    if not attribute:
        yield remove(tree, element)
    elif (gone := drop_attribute(tree, element, attribute)) is not None:
        yield gone

"""Targeted edits of a text: each replaces a span, and everything outside of it stays as it is."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from virttui.libvirtxml.text.tree import Element, Tree, escaped


class SpanEdit(Struct, frozen=True):
    """``text`` replaces the text from ``start`` to ``end``."""

    start: int
    end: int
    text: str


def apply_edits(text: str, edits: Iterable[SpanEdit]) -> str:
    """Return ``text`` with these edits, which must not overlap."""
    parts, place = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        parts += [text[place : edit.start], edit.text]
        place = edit.end
    return "".join([*parts, text[place:]])


def set_attribute(tree: Tree, element: Element, name: str, value: str) -> SpanEdit:
    """Set an attribute, in the quotes it has; a new one goes after the others."""
    found = element.attribute(name)
    if found is None:
        after = element.attributes[-1].end if element.attributes else _after_name(element)
        return SpanEdit(after, after, f" {name}='{escaped(value, chr(39))}'")
    if found.value_start == found.end:
        return SpanEdit(found.start, found.end, f"{name}='{escaped(value, chr(39))}'")
    quote = tree.text[found.value_start - 1]
    return SpanEdit(found.value_start, found.value_end, escaped(value, quote))


def drop_attribute(tree: Tree, element: Element, name: str) -> SpanEdit | None:
    """Remove an attribute with the blanks before it; None where there is none."""
    found = element.attribute(name)
    if found is None:
        return None
    start = found.start
    while tree.text[start - 1].isspace():
        start -= 1
    return SpanEdit(start, found.end, "")


def set_text(tree: Tree, element: Element, text: str) -> SpanEdit:
    """Replace everything in an element by a text."""
    if element.empty:
        # From the name or last attribute on, so that blanks before ``/>`` do not stay.
        after = element.attributes[-1].end if element.attributes else _after_name(element)
        return SpanEdit(after, element.end, f">{escaped(text)}</{element.name}>")
    return SpanEdit(element.open_end, element.close_start, escaped(text))


def insert(tree: Tree, parent: Element, xml: str, after: Element | None = None) -> SpanEdit:
    """Insert ``xml`` (one element, its own lines indented by 2) into ``parent``.

    It goes after the child ``after``, else after the last child; it is indented as its siblings.
    """
    after = after or (parent.children[-1] if parent.children else None)
    if parent.empty:
        margin = _margin(tree, parent.start)
        place = parent.attributes[-1].end if parent.attributes else _after_name(parent)
        inner = _indented(xml, margin + "  ")
        return SpanEdit(place, parent.end, f">\n{inner}\n{margin}</{parent.name}>")
    if after is not None:
        inner = _indented(xml, _margin(tree, after.start))
        return SpanEdit(after.end, after.end, f"\n{inner}")
    margin = _margin(tree, parent.start)
    inner = _indented(xml, margin + "  ")
    old_text = tree.text[parent.open_end : parent.close_start].rstrip(" \t\n")
    return SpanEdit(parent.open_end, parent.close_start, f"{old_text}\n{inner}\n{margin}")


def remove(tree: Tree, element: Element) -> SpanEdit:
    """Remove an element, with its line where it has lines of its own."""
    start, end, text = element.start, element.end, tree.text
    margin = len(_margin(tree, start))
    begins_line = start == margin or text[start - margin - 1] == "\n"
    if begins_line and text[end : end + 1] == "\n":
        return SpanEdit(start - margin, end + 1, "")
    return SpanEdit(start, end, "")


def replace(tree: Tree, element: Element, xml: str) -> SpanEdit:
    """Replace an element by ``xml``, indented as it was."""
    return SpanEdit(
        element.start, element.end, _indented(xml, _margin(tree, element.start)).lstrip(" \t")
    )


def fragment(tree: Tree, element: Element) -> str:
    """Return an element's own text, unindented by the margin of its first line."""
    margin = _margin(tree, element.start)
    lines = tree.text[element.start : element.end].split("\n")
    return "\n".join([lines[0], *(line.removeprefix(margin) for line in lines[1:])])


def _after_name(element: Element) -> int:
    return element.start + 1 + len(element.name)


def _margin(tree: Tree, place: int) -> str:
    """Return the blanks between the beginning of a line and ``place``; "" where there is other
    text."""
    begin = tree.text.rfind("\n", 0, place) + 1
    margin = tree.text[begin:place]
    return margin if not margin.strip(" \t") else ""


def _indented(xml: str, margin: str) -> str:
    return "\n".join(margin + line if line else line for line in xml.strip("\n").split("\n"))

"""A canonical form of definitions: texts with the same meaning become equal."""

from __future__ import annotations

from virttui.libvirtxml.parse import UNITS, whole
from virttui.libvirtxml.text.tree import Element, Tree, escaped, tree

_SIZES = frozenset({"memory", "currentMemory", "capacity", "allocation", "available", "size"})
"""Elements that hold a size with a unit, which libvirt converts to its own unit."""


def canonical(text: str) -> str:
    """Return ``text`` with one element a line, attributes sorted by name, and sizes in one unit.

    Comments, blanks and the kind of quotes are dropped, as libvirt drops them.
    """
    parsed = tree(text)
    lines: list[str] = []
    stack: list[tuple[Element | str, int]] = [(e, 0) for e in reversed(parsed.top.children)]
    while stack:
        item, depth = stack.pop()
        if isinstance(item, str):
            lines.append("  " * depth + item)
            continue
        begin = f"{'  ' * depth}<{item.name}{_attributes(parsed, item)}"
        words = escaped(_words(parsed, item))
        if item.children:
            lines.append(f"{begin}>{words}")
            stack.append((f"</{item.name}>", depth))
            stack += [(child, depth + 1) for child in reversed(item.children)]
        else:
            lines.append(f"{begin}>{words}</{item.name}>" if words else f"{begin}/>")
    return "\n".join(lines)


def _attributes(parsed: Tree, element: Element) -> str:
    scaled = _size_in_bytes(parsed, element)
    return "".join(
        f" {found.name}='{escaped(found.value, chr(39))}'"
        for found in sorted(element.attributes, key=lambda one: one.name)
        if not (scaled and found.name == "unit")
    ) + (f" unit='{_unit(scaled, element)[0]}'" if scaled is not None else "")


def _words(parsed: Tree, element: Element) -> str:
    scaled = _size_in_bytes(parsed, element)
    if scaled is None:
        return parsed.text_of(element)
    return str(scaled // _unit(scaled, element)[1])


def _unit(size: int, element: Element) -> tuple[str, int]:
    """Return the unit, with its bytes, that libvirt writes such a size in, if it is whole in it."""
    kib = element.name in ("memory", "currentMemory", "size") and size % 1024 == 0
    return ("KiB", 1024) if kib else ("bytes", 1)


def _size_in_bytes(parsed: Tree, element: Element) -> int | None:
    """Return the size that an element holds; None where it holds none."""
    if element.name not in _SIZES or element.children:
        return None
    number, unit = parsed.text_of(element), element.get("unit")
    usual = "KiB" if element.name in ("memory", "currentMemory") else "b"
    factor = UNITS.get((unit or usual).lower())
    size = whole(number)
    return size * factor if size is not None and factor else None

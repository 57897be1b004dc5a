"""One way of writing a definition, so that two texts differ only where they mean something else."""

from __future__ import annotations

from virttui.libvirtxml.parse import UNITS, whole
from virttui.libvirtxml.text.tree import Element, Tree, escaped, tree

_SIZES = frozenset({"memory", "currentMemory", "capacity", "allocation", "available", "size"})
"""Elements that hold a size with a unit, which libvirt writes in a unit of its own."""


def canonical(text: str) -> str:
    """``text`` with one element a line, attributes in order of names, sizes in one unit each.

    Comments, blanks and the kind of quotes are left out, as libvirt leaves them out.
    """
    parsed = tree(text)
    lines: list[str] = []
    waiting: list[tuple[Element | str, int]] = [(e, 0) for e in reversed(parsed.top.children)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, str):
            lines.append("  " * depth + item)
            continue
        begin = f"{'  ' * depth}<{item.name}{_attributes(parsed, item)}"
        words = escaped(_words(parsed, item))
        if item.children:
            lines.append(f"{begin}>{words}")
            waiting.append((f"</{item.name}>", depth))
            waiting += [(child, depth + 1) for child in reversed(item.children)]
        else:
            lines.append(f"{begin}>{words}</{item.name}>" if words else f"{begin}/>")
    return "\n".join(lines)


def _attributes(parsed: Tree, element: Element) -> str:
    scaled = _scaled(parsed, element)
    return "".join(
        f" {found.name}='{escaped(found.value, chr(39))}'"
        for found in sorted(element.attributes, key=lambda one: one.name)
        if not (scaled and found.name == "unit")
    ) + (f" unit='{_unit(scaled, element)[0]}'" if scaled is not None else "")


def _words(parsed: Tree, element: Element) -> str:
    scaled = _scaled(parsed, element)
    if scaled is None:
        return parsed.text_of(element)
    return str(scaled // _unit(scaled, element)[1])


def _unit(size: int, element: Element) -> tuple[str, int]:
    """The unit that libvirt writes such a size in, where it is whole in it."""
    kib = element.name in ("memory", "currentMemory", "size") and size % 1024 == 0
    return ("KiB", 1024) if kib else ("bytes", 1)


def _scaled(parsed: Tree, element: Element) -> int | None:
    """The size an element holds in bytes; None where it holds none."""
    if element.name not in _SIZES or element.children:
        return None
    number, unit = parsed.text_of(element), element.get("unit")
    usual = "KiB" if element.name in ("memory", "currentMemory") else "b"
    factor = UNITS.get((unit or usual).lower())
    size = whole(number)
    return size * factor if size is not None and factor else None

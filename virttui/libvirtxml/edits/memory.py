"""How much memory a domain has: what its guest is given, and the most it can have.

With NUMA cells or memory modules libvirt computes the most itself, from the cells and the modules,
and puts any other figure back. So the cells are what changes then.
"""

from __future__ import annotations

from virttui.libvirtxml.edits.operands import (
    bytes_of,
    devices,
    root,
    set_size,
    size_of,
    spelled_size,
)
from virttui.libvirtxml.parse import UNITS, whole
from virttui.libvirtxml.text.span_edit import SpanEdit, insert, set_attribute, spliced
from virttui.libvirtxml.text.tree import Element, Tree
from virttui.model.errors import InvalidInput

LEAST_MEMORY = 1024**2
_MIB = 1024**2


def memory(parsed: Tree, value: str) -> str:
    """Set what the guest is given. The most it can have moves only where that is too little."""
    size = bytes_of(value)
    if size < LEAST_MEMORY:
        raise InvalidInput(f"{value} is too little for any guest")
    domain = root(parsed)
    most, given = domain.child("memory"), domain.child("currentMemory")
    if most is None:
        raise InvalidInput("its definition says nothing about memory")
    limit = size_of(parsed, most) or 0
    changes: list[SpanEdit] = []
    if size > limit:
        changes += _set_most(parsed, most, size)
    elif size < limit and _no_balloon(parsed):
        raise InvalidInput(
            f"it has no balloon device, so it always gets its {spelled_size(limit)}",
            advice="lower max-memory instead",
        )
    if given is not None:
        changes += set_size(parsed, given, size)
    elif size < limit:
        xml = f"<currentMemory unit='KiB'>{-(-size // 1024)}</currentMemory>"
        changes.append(insert(parsed, domain, xml, most))
    return spliced(parsed.text, changes)


def max_memory(parsed: Tree, value: str) -> str:
    """Set the most it can have; what it is given stays, as far as it fits."""
    size = bytes_of(value)
    domain = root(parsed)
    most, given = domain.child("memory"), domain.child("currentMemory")
    if most is None or size < LEAST_MEMORY:
        raise InvalidInput(f"{value} cannot be the most memory of this domain")
    changes = _set_most(parsed, most, size)
    now = size_of(parsed, given)
    if given is not None and now is not None and now > size:
        changes += set_size(parsed, given, size)
    elif given is None:
        kept = (size_of(parsed, most) or size) // 1024
        xml = f"<currentMemory unit='KiB'>{min(kept, size // 1024)}</currentMemory>"
        changes.append(insert(parsed, domain, xml, most))
    return spliced(parsed.text, changes)


def _no_balloon(parsed: Tree) -> bool:
    balloon = root(parsed).child("devices/memballoon")
    return balloon is not None and balloon.get("model") == "none"


def _set_most(parsed: Tree, most: Element, size: int) -> list[SpanEdit]:
    """The changes that make ``size`` the most memory, NUMA cells and modules included.

    Raises InvalidInput where they leave no room for it.
    """
    ceiling = size_of(parsed, root(parsed).child("maxMemory"))
    if ceiling is not None and size > ceiling:
        raise InvalidInput(
            f"its <maxMemory>, memory modules included, is {spelled_size(ceiling)}",
            advice="raise <maxMemory> in its XML first",
        )
    modules = sum(_module(parsed, one) for one in devices(parsed) if one.name == "memory")
    if modules and size <= modules:
        raise InvalidInput(
            f"its memory modules alone are {spelled_size(modules)}; remove one first"
        )
    changes = set_size(parsed, most, size)
    cells = list(root(parsed).all("cpu/numa/cell"))
    return [*changes, *_scaled(parsed, cells, size - modules)] if cells else changes


def _module(parsed: Tree, device: Element) -> int:
    size = size_of(parsed, device.child("target/size"))
    if size is None:
        raise InvalidInput("it has a memory module whose size cannot be read")
    return size


def _scaled(parsed: Tree, cells: list[Element], total: int) -> list[SpanEdit]:
    """Each cell's memory in the proportion it has, in whole pages; together they are ``total``."""
    sizes = [_cell_size(cell) for cell in cells]
    before = sum(sizes)
    if not before:
        raise InvalidInput("its NUMA cells have no memory that could be scaled")
    if before == total:
        return []
    page = max(_MIB, _largest_page(parsed))
    if total % page and (page > _MIB or len(cells) > 1):
        raise InvalidInput(
            f"its NUMA cells are made of {spelled_size(page)} each: "
            f"{spelled_size(total)} for all of them is no multiple of that"
        )
    shares = [size * total // before // page * page for size in sizes]
    # What rounding left over goes to the last cell that has memory at all.
    last = max(number for number, size in enumerate(sizes) if size)
    shares[last] += total - sum(shares)
    if any(size and not share for size, share in zip(sizes, shares, strict=True)):
        raise InvalidInput(f"{spelled_size(total)} is too little for its {len(cells)} NUMA cells")
    return [
        change
        for cell, share in zip(cells, shares, strict=True)
        for change in _set_cell(parsed, cell, share)
    ]


def _cell_size(cell: Element) -> int:
    number, factor = whole(cell.get("memory")), UNITS.get(cell.get("unit", "KiB").lower())
    if number is None or not factor:
        raise InvalidInput("it has a NUMA cell whose memory cannot be read")
    return number * factor


def _set_cell(parsed: Tree, cell: Element, size: int) -> list[SpanEdit]:
    factor = UNITS[cell.get("unit", "KiB").lower()]
    if size % factor == 0:
        return [set_attribute(parsed, cell, "memory", str(size // factor))]
    return [
        set_attribute(parsed, cell, "memory", str(size // 1024)),
        set_attribute(parsed, cell, "unit", "KiB"),
    ]


def _largest_page(parsed: Tree) -> int:
    """The largest huge page that its memory is made of, 0 where it names none."""
    pages = root(parsed).all("memoryBacking/hugepages/page")
    found = (
        (whole(page.get("size")) or 0) * UNITS.get(page.get("unit", "KiB").lower(), 0)
        for page in pages
    )
    return max(found, default=0)

"""The memory of a domain: its current and its maximum memory.

With NUMA cells or memory modules libvirt computes the maximum itself, from the cells and the
modules, and overwrites any other figure. So the cells are changed then.
"""

from __future__ import annotations

from virttui.libvirtxml.edits.operands import (
    bytes_of,
    devices,
    root,
    set_size,
    size_of,
    size_text,
)
from virttui.libvirtxml.parse import UNITS, whole
from virttui.libvirtxml.text.span_edit import SpanEdit, apply_edits, insert, set_attribute
from virttui.libvirtxml.text.tree import Element, Tree
from virttui.model.errors import InvalidInput

MIN_MEMORY = 1024**2
_MIB = 1024**2


def memory(parsed: Tree, value: str) -> str:
    """Set the current memory. The maximum is raised only where it is too small."""
    size = bytes_of(value)
    if size < MIN_MEMORY:
        raise InvalidInput(f"{value} is too little for any guest")
    domain = root(parsed)
    maximum, current = domain.child("memory"), domain.child("currentMemory")
    if maximum is None:
        raise InvalidInput("its definition says nothing about memory")
    limit = size_of(parsed, maximum) or 0
    changes: list[SpanEdit] = []
    if size > limit:
        changes += _set_maximum(parsed, maximum, size)
    elif size < limit and _no_balloon(parsed):
        raise InvalidInput(
            f"it has no balloon device, so it always gets its {size_text(limit)}",
            advice="lower max-memory instead",
        )
    if current is not None:
        changes += set_size(parsed, current, size)
    elif size < limit:
        xml = f"<currentMemory unit='KiB'>{-(-size // 1024)}</currentMemory>"
        changes.append(insert(parsed, domain, xml, maximum))
    return apply_edits(parsed.text, changes)


def max_memory(parsed: Tree, value: str) -> str:
    """Set the maximum memory; the current memory stays, as far as it fits."""
    size = bytes_of(value)
    domain = root(parsed)
    maximum, current = domain.child("memory"), domain.child("currentMemory")
    if maximum is None or size < MIN_MEMORY:
        raise InvalidInput(f"{value} cannot be the most memory of this domain")
    changes = _set_maximum(parsed, maximum, size)
    now = size_of(parsed, current)
    if current is not None and now is not None and now > size:
        changes += set_size(parsed, current, size)
    elif current is None:
        old_kib = (size_of(parsed, maximum) or size) // 1024
        xml = f"<currentMemory unit='KiB'>{min(old_kib, size // 1024)}</currentMemory>"
        changes.append(insert(parsed, domain, xml, maximum))
    return apply_edits(parsed.text, changes)


def _no_balloon(parsed: Tree) -> bool:
    balloon = root(parsed).child("devices/memballoon")
    return balloon is not None and balloon.get("model") == "none"


def _set_maximum(parsed: Tree, maximum: Element, size: int) -> list[SpanEdit]:
    """Return the edits that make ``size`` the maximum memory, NUMA cells and modules included.

    Raises InvalidInput where they leave no room for it.
    """
    ceiling = size_of(parsed, root(parsed).child("maxMemory"))
    if ceiling is not None and size > ceiling:
        raise InvalidInput(
            f"its <maxMemory>, memory modules included, is {size_text(ceiling)}",
            advice="raise <maxMemory> in its XML first",
        )
    modules = sum(_module_size(parsed, one) for one in devices(parsed) if one.name == "memory")
    if modules and size <= modules:
        raise InvalidInput(f"its memory modules alone are {size_text(modules)}; remove one first")
    changes = set_size(parsed, maximum, size)
    cells = list(root(parsed).all("cpu/numa/cell"))
    return [*changes, *_scale_cells(parsed, cells, size - modules)] if cells else changes


def _module_size(parsed: Tree, device: Element) -> int:
    size = size_of(parsed, device.child("target/size"))
    if size is None:
        raise InvalidInput("it has a memory module whose size cannot be read")
    return size


def _scale_cells(parsed: Tree, cells: list[Element], total: int) -> list[SpanEdit]:
    """Return the edits that scale the cells in proportion, in whole pages, so that they sum up
    to ``total``."""
    sizes = [_cell_size(cell) for cell in cells]
    before = sum(sizes)
    if not before:
        raise InvalidInput("its NUMA cells have no memory that could be scaled")
    if before == total:
        return []
    page = max(_MIB, _largest_page(parsed))
    if total % page and (page > _MIB or len(cells) > 1):
        raise InvalidInput(
            f"its NUMA cells are made of {size_text(page)} each: "
            f"{size_text(total)} for all of them is not a multiple of that"
        )
    shares = [size * total // before // page * page for size in sizes]
    # What rounding left over goes to the last cell that has memory at all.
    last = max(number for number, size in enumerate(sizes) if size)
    shares[last] += total - sum(shares)
    if any(size and not share for size, share in zip(sizes, shares, strict=True)):
        raise InvalidInput(f"{size_text(total)} is too little for its {len(cells)} NUMA cells")
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
    """Return the largest huge page of its memory backing, 0 where it names none."""
    pages = root(parsed).all("memoryBacking/hugepages/page")
    found = (
        (whole(page.get("size")) or 0) * UNITS.get(page.get("unit", "KiB").lower(), 0)
        for page in pages
    )
    return max(found, default=0)

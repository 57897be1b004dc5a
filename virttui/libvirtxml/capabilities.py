"""Facts of a host's capabilities: its NUMA cells, their huge pages, and the pool types it supports.

Field meanings follow libvirt's "Driver capabilities XML format".
"""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.parse import UNITS, root_of, size
from virttui.model.host_resources import HugePages, NumaCell


def cells(xml: str) -> tuple[NumaCell, ...]:
    """Return the NUMA cells of ``<capabilities>``, by id, without their free memory. Raises
    InvalidInput."""
    parsed = (_cell(cell) for cell in root_of(xml).iterfind("host/topology/cells/cell"))
    return tuple(sorted((cell for cell in parsed if cell is not None), key=lambda cell: cell.id))


def pool_types(xml: str) -> tuple[str, ...]:
    """Return the pool types that ``<storagepoolCapabilities>`` supports. Raises InvalidInput."""
    supported = root_of(xml).iterfind("pool[@supported='yes']")
    return tuple(type for pool in supported if (type := pool.get("type", "")))


def _cell(element: etree._Element) -> NumaCell | None:
    id = element.get("id", "")
    if not id.isdigit():
        return None
    pages = {
        length: int(count)
        for page in element.iterfind("pages")
        if (length := _page_size(page)) and (count := (page.text or "").strip()).isdigit()
    }
    # The smallest are the ordinary ones: every byte of memory is in them until it is set aside.
    ordinary = min(pages, default=0)
    return NumaCell(
        id=int(id),
        cpus=len(element.findall("cpus/cpu")),
        memory=size(element, "memory"),
        pages=tuple(
            HugePages(length, count)
            for length, count in sorted(pages.items())
            if length != ordinary
        ),
    )


def _page_size(page: etree._Element) -> int | None:
    """Return the size of one page, in bytes."""
    number, factor = page.get("size", ""), UNITS.get(page.get("unit", "KiB").lower())
    return int(number) * factor if number.isdigit() and factor else None

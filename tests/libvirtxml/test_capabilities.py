"""NUMA cells and huge pages out of capabilities."""

from __future__ import annotations

import pytest

from virttui.libvirtxml.capabilities import cells, pool_types
from virttui.model.errors import InvalidInput
from virttui.model.host_resources import HugePages, NumaCell

G = 1024**3
CPUS = "<cpus num='2'><cpu id='0'/><cpu id='1'/></cpus>"


def capabilities(inside: str) -> str:
    return f"<capabilities><host><topology><cells>{inside}</cells></topology></host></capabilities>"


def test_two_cells_with_huge_pages() -> None:
    def cell(id: int, gigabyte_pages: int) -> str:
        return (
            f"<cell id='{id}'><memory unit='KiB'>134217728</memory>"
            "<pages unit='KiB' size='4'>31457280</pages>"
            "<pages unit='KiB' size='2048'>4096</pages>"
            f"<pages unit='KiB' size='1048576'>{gigabyte_pages}</pages>"
            f"<distances><sibling id='0' value='10'/></distances>{CPUS}</cell>"
        )

    two_megabytes = HugePages(2 * 1024**2, 4096)
    assert cells(capabilities(cell(1, 0) + cell(0, 4))) == (
        NumaCell(0, 2, 128 * G, None, (two_megabytes, HugePages(G, 4))),
        NumaCell(1, 2, 128 * G, None, (two_megabytes, HugePages(G, 0))),
    )


def test_ordinary_pages_of_any_size_are_no_huge_pages() -> None:
    page = "<pages unit='KiB' size='64'>524288</pages>"
    told = capabilities(f"<cell id='0'><memory unit='GiB'>32</memory>{page}{CPUS}</cell>")
    assert cells(told) == (NumaCell(0, 2, 32 * G),)


@pytest.mark.parametrize("inside", ["", "<cell id='x'/>", "<cell/>"])
def test_without_cells_there_are_none(inside: str) -> None:
    assert cells(capabilities(inside)) == ()
    assert cells("<capabilities/>") == ()


def test_what_is_not_told_is_unknown() -> None:
    pages = "<pages unit='KiB' size='4'/><pages unit='ells' size='9'>1</pages>"
    assert cells(capabilities(f"<cell id='3'>{pages}</cell>")) == (NumaCell(3, 0),)


def test_xml_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput):
        cells("<capabilities>")


def test_the_types_of_pools_that_are_supported() -> None:
    told = "<pool type='dir' supported='yes'/><pool type='rbd' supported='no'/>"
    assert pool_types(f"<storagepoolCapabilities>{told}</storagepoolCapabilities>") == ("dir",)

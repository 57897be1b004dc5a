"""The machine under a real libvirtd, and what its pools promise, held against virsh."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.fleet_client import listening
from tests.lab.daemon import Lab
from virttui.libvirtxml import capabilities
from virttui.model.backend import Interest

pytestmark = pytest.mark.lab


def test_cells_and_pages_are_those_of_virsh(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()
        client.fleet.set_interest(Interest(machine=lab.uri))
        cells = client.when(lambda: client.inventory().host.cells, bool)
        told = capabilities.cells(lab.virsh("capabilities"))
        assert [(c.id, c.cpus, c.memory) for c in cells] == [(c.id, c.cpus, c.memory) for c in told]
        free = dict(re.findall(r"^\s*(\d+):\s+(\d+) KiB", lab.virsh("freecell", "--all"), re.M))
        for cell in cells:
            # Other work on the machine takes and gives memory between the two looks.
            assert cell.free == pytest.approx(int(free[str(cell.id)]) * 1024, rel=0.2)
        pages = lab.virsh("freepages", "--cellno", str(cells[0].id), "--pagesize", "2048")
        two_megabytes = next(p for p in cells[0].pages if p.size == 2 * 1024**2)
        assert two_megabytes.free == int(pages.split()[-1])


def test_pressure_is_the_kernels(lab: Lab) -> None:
    if not Path("/proc/pressure/cpu").exists():
        pytest.skip("this kernel keeps no pressure")
    with listening(lab.uri) as client:
        client.listed()
        found = client.wait(lambda: client.inventory().host.figures.pressure.cpu)
        assert 0 <= found.avg10 <= 1 and 0 <= found.avg60 <= 1


def promised(lab: Lab, pool: str) -> int:
    """What virsh says that the volumes of a pool may grow to."""
    names = [line.split()[0] for line in lab.virsh("vol-list", pool).splitlines() if line.strip()]
    told = (lab.virsh("vol-info", "--bytes", name, "--pool", pool) for name in names)
    found = [re.search(r"Capacity:\s+(\d+)", one) for one in told]
    assert all(found)
    return sum(int(one[1]) for one in found if one)


def test_promises_are_the_sum_virsh_tells(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()
        client.fleet.set_interest(Interest(pools=True))
        pool = client.when(lambda: client.pool("default"), lambda p: p.promised)
        assert pool.promised == promised(lab, "default") > 0
        lab.virsh("vol-create-as", "default", "thin.qcow2", "900G", "--format", "qcow2")
        try:
            client.fleet.refresh()
            more = client.when(
                lambda: client.pool("default"), lambda p: p.promised != pool.promised
            )
            assert pool.promised is not None and more.promised is not None
            assert more.promised == promised(lab, "default") == pool.promised + 900 * 1024**3
            assert more.promised > more.capacity, "thin: promised, not there"
        finally:
            lab.virsh("vol-delete", "thin.qcow2", "--pool", "default")

"""Cells and promises, asked of libvirt's in-process test driver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libvirt
import pytest

from tests.fleet_client import listening
from virttui.demo import demo_hosts
from virttui.hypervisor.polling import host_resources
from virttui.hypervisor.polling.host_resources import (
    Mark,
    NumaReader,
    OvercommitCounter,
    OvercommitResult,
)
from virttui.model.backend import Interest

G = 1024**3
DEFAULT, DEMO = "test:///default", demo_hosts()[0].uri


SCENE = """<node><pool type='dir'><name>thin</name>
<uuid>00000000-0000-0000-0000-000000000002</uuid><target><path>/thin</path></target></pool></node>"""


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Any]:
    """A connection of its own: those to the driver's default scene share what is in it."""
    path = tmp_path / "scene.xml"
    path.write_text(SCENE)
    opened = libvirt.open(f"test://{path}")
    yield opened
    opened.close()


def make_volumes(connection: Any, *gigabytes: int) -> Any:
    pool = connection.listAllStoragePools(0)[0]
    for number, size in enumerate(gigabytes):
        pool.createXML(
            f"<volume><name>v{number}</name><capacity unit='GiB'>{size}</capacity></volume>"
        )
    return pool


def mark(pool: Any) -> Mark:
    _state, capacity, allocation, _available = pool.info()
    return pool.numOfVolumes(), capacity, allocation


def test_cells_of_the_test_driver() -> None:
    connection = libvirt.open(DEFAULT)
    first, second = NumaReader().ask(connection) or ()
    unused = connection.getFreePages([2048, 1024**2], 0, 2)  # newer drivers tell of some
    connection.close()
    assert (first.id, first.cpus, first.memory, first.free) == (0, 8, 2 * G, 2 * G)
    assert (second.id, second.memory) == (1, 4 * G)
    assert [(pages.size, pages.total) for pages in first.pages] == [(2 * 1024**2, 0), (G, 0)]
    for cell in (first, second):
        told = unused.get(cell.id, {})
        assert [pages.free for pages in cell.pages] == [told.get(2048), told.get(1024**2)]


def test_a_driver_without_cells_has_none(connection: Any) -> None:
    assert NumaReader().ask(connection) is None


def test_volumes_are_counted_in_slices(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_resources, "SLICE", 0.0)
    pool, promises = make_volumes(connection, 1, 2, 3), OvercommitCounter()
    asked = {pool.UUIDString(): mark(pool)}
    slices = [promises.count(connection, asked)]
    while slices[-1].more:
        slices.append(promises.count(connection, asked))
    assert len(slices) >= 3, "one volume a slice"
    assert slices[0].sums == {}, "half a sum is no sum"
    assert slices[-1].sums == {pool.UUIDString(): 6 * G}


def test_a_volume_that_goes_while_counted_promises_nothing(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_resources, "SLICE", 0.0)
    pool, promises = make_volumes(connection, 1, 2), OvercommitCounter()
    asked = {pool.UUIDString(): mark(pool)}
    assert promises.count(connection, asked).more
    for volume in pool.listAllVolumes(0):
        volume.delete()
    while (found := promises.count(connection, asked)).more:
        pass
    assert found.sums[pool.UUIDString()] in (1 * G, 2 * G), "only what was counted before"
    asked = {pool.UUIDString(): mark(pool)}
    while (found := promises.count(connection, asked)).more:
        pass
    assert found.sums == {pool.UUIDString(): 0}, "another number of volumes: counted again"


def test_a_pool_that_is_gone_has_no_sum(connection: Any) -> None:
    gone = "00000000-0000-0000-0000-000000000001"
    found = OvercommitCounter().count(connection, {gone: (1, G, 0)})
    assert found == OvercommitResult({gone: None}, more=False)


def test_nothing_is_counted_before_somebody_looks() -> None:
    with listening(DEMO) as client:
        client.listed()
        pools = client.wait(lambda: client.inventory().pools)
        told = client.told
        client.wait(lambda: client.told > told + 1)
        assert {pool.promised for pool in client.inventory().pools.values()} == {None}
        client.fleet.set_interest(Interest(pools=True))
        client.wait(lambda: all(p.promised for p in client.inventory().pools.values()))
        assert client.the_pool("iso").promised == 2 * G
        counted = client.inventory().pools
        told = client.told
        client.fleet.refresh()
        client.wait(lambda: client.told > told + 1)
        again = client.inventory().pools
        assert all(again[uuid] is counted[uuid] for uuid in pools), "unchanged, so the same"


def test_cells_are_told_of_the_host_that_is_looked_at() -> None:
    with listening(DEFAULT, DEMO) as client:
        client.listed(DEFAULT)
        client.listed(DEMO)
        client.fleet.set_interest(Interest(machine=DEFAULT))
        cells = client.when(lambda: client.inventory(DEFAULT).host.cells, bool)
        assert [cell.cpus for cell in cells] == [8, 8]
        assert client.inventory(DEMO).host.cells is None

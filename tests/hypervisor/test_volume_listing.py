"""The volumes of a pool, bit by bit: who is answered when, without a hypervisor."""

from __future__ import annotations

import pytest

from virttui.hypervisor.connection.call_router import CallRouter, OnResult
from virttui.hypervisor.connection.worker import Job
from virttui.hypervisor.connection.worker_pool import WorkerPool
from virttui.hypervisor.volume_listing import REPORT_INTERVAL, VolumeListings, VolumePage
from virttui.model.errors import HostLost, NotFound, OperationError
from virttui.model.identity import ObjectId
from virttui.model.inventory import Volume
from virttui.model.messages import FleetMessage
from virttui.model.queries import VolumesQuery, VolumesResult

FEW = VolumePage((Volume("a", "/a", known=False),), more=True)
MORE = VolumePage((Volume("a", "/a"), Volume("b", "/b", known=False)), more=True)
ALL = VolumePage((Volume("a", "/a"), Volume("b", "/b")), more=False)


class _Calls(CallRouter):
    """Takes calls and makes none: a test gives their results."""

    def __init__(self) -> None:
        super().__init__(_no_pool, lambda message: None, lambda: None, lambda error: None)
        self.open: list[tuple[str, OnResult]] = []

    def call_untracked(self, worker: str, what: str, job: Job, on_result: OnResult) -> None:
        assert worker == "storage"
        self.open.append((what, on_result))

    def answer(self, result: VolumePage | OperationError) -> None:
        self.open.pop(0)[1](result)


def _no_pool() -> WorkerPool:
    return WorkerPool("host", lambda: pytest.fail("nothing connects here"), lambda: 0.0)


class _Host:
    """The listings of a host, what they answered, and a clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.calls = _Calls()
        self.told: list[FleetMessage] = []
        self.listings = VolumeListings(
            self.calls, self.told.append, lambda: self.now, lambda: frozenset(), lambda: "kvm1"
        )

    def ask(self, number: int, pool: str = "pool") -> VolumesQuery:
        query = VolumesQuery(ObjectId("host", pool), serial=number)
        self.listings.ask(query)
        return query

    def results(self) -> list[VolumesResult]:
        """What was answered since the last time."""
        found = [one for one in self.told if isinstance(one, VolumesResult)]
        self.told.clear()
        return found


def test_a_pool_is_answered_as_it_is_read() -> None:
    host = _Host()
    query = host.ask(1)
    host.calls.answer(FEW)
    assert host.results() == [VolumesResult(query, volumes=FEW.volumes, more_follows=True)]
    host.calls.answer(ALL)
    assert host.results() == [VolumesResult(query, volumes=ALL.volumes, more_follows=False)]
    assert host.calls.open == []


def test_slices_within_one_interval_are_reported_together() -> None:
    host = _Host()
    host.ask(1)
    host.calls.answer(FEW)
    host.results()
    host.now += REPORT_INTERVAL / 2
    host.calls.answer(MORE)
    assert host.results() == []
    host.now += REPORT_INTERVAL / 2
    host.calls.answer(MORE)
    assert [result.volumes for result in host.results()] == [MORE.volumes]


def test_who_asks_meanwhile_is_answered_by_one_more_reading() -> None:
    host = _Host()
    first = host.ask(1)
    second, third = host.ask(2), host.ask(3)
    assert len(host.calls.open) == 1
    host.calls.answer(ALL)
    assert [result.query for result in host.results()] == [first]
    assert len(host.calls.open) == 1
    host.calls.answer(ALL)
    assert [result.query for result in host.results()] == [second, third]
    assert host.calls.open == []


def test_pools_are_read_beside_each_other() -> None:
    host = _Host()
    host.ask(1)
    host.ask(2, "other")
    assert [what for what, _ in host.calls.open] == ["volumes pool", "volumes other"]


def test_a_failed_reading_fails_its_queries_and_the_next_begins() -> None:
    host = _Host()
    first, second = host.ask(1), host.ask(2)
    error = NotFound("there is no such pool")
    host.calls.answer(error)
    assert host.results() == [VolumesResult(first, error=error)]
    host.calls.answer(ALL)
    assert [result.query for result in host.results()] == [second]


def test_a_lost_connection_fails_all_queries_and_late_results_are_dropped() -> None:
    host = _Host()
    for number, pool in ((1, "pool"), (2, "pool"), (3, "other")):
        host.ask(number, pool)
    host.listings.connection_lost()
    results = host.results()
    assert sorted(result.query.serial for result in results) == [1, 2, 3]
    assert {type(result.error) for result in results} == {HostLost}
    assert [str(result.error) for result in results] == ["kvm1 does not answer now"] * 3
    host.calls.answer(ALL)
    assert host.results() == []
    again = host.ask(4)
    assert len(host.calls.open) == 2  # that of the other pool has not returned
    host.calls.answer(ALL)
    host.calls.answer(ALL)
    assert [result.query for result in host.results()] == [again]

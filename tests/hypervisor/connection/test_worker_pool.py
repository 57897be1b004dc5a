"""Workers by name, alone and with one connection for all: plain functions, no libvirt."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

import pytest

from virttui.hypervisor.connection.worker import Worker
from virttui.hypervisor.connection.worker_pool import WorkerPool
from virttui.model.errors import HostLost, OperationError

PATIENCE = 5.0


class Connection:
    """Something that can be closed."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def connections() -> list[Connection]:
    return []


@pytest.fixture
def pool(connections: list[Connection]) -> Iterator[WorkerPool]:
    made = WorkerPool("host", lambda: _opened(connections), lambda: 0.0)
    yield made
    made.close()


def _opened(connections: list[Connection]) -> Any:
    connections.append(Connection())
    return connections[-1]


def _result(worker: Worker, job: Any = lambda connection: connection) -> Any:
    results: SimpleQueue[Any] = SimpleQueue()
    worker.call("a call", job, results.put)
    return results.get(timeout=PATIENCE)


def test_a_worker_connects_when_something_is_asked_and_once(
    pool: WorkerPool, connections: list[Connection]
) -> None:
    worker = pool.worker("reads")
    assert connections == []
    assert _result(worker) is _result(pool.worker("reads"))
    assert len(connections) == 1
    assert _result(pool.worker("detail")) is not connections[0]


def test_in_process_all_workers_have_one_connection_and_none_closes_it(
    connections: list[Connection],
) -> None:
    pool = WorkerPool("host", lambda: _opened(connections), lambda: 0.0, shared=True)
    closed = threading.Event()
    pool.worker("reads").on_close = closed.set
    assert _result(pool.worker("reads")) is _result(pool.worker("storage"))
    pool.close()
    assert closed.wait(PATIENCE)
    assert not connections[0].closed.wait(0.05)


def test_what_is_called_on_close_is_called_before_the_connection_closes(
    pool: WorkerPool, connections: list[Connection]
) -> None:
    order: list[bool] = []
    worker = pool.worker("reads")
    _result(worker)
    worker.on_close = lambda: order.append(connections[0].closed.is_set())
    worker.close()
    assert connections[0].closed.wait(PATIENCE)
    assert order == [False]


def test_calls_that_wait_for_a_worker_that_closes_are_refused(
    pool: WorkerPool, connections: list[Connection]
) -> None:
    begun, held = threading.Event(), threading.Event()
    results: SimpleQueue[Any] = SimpleQueue()
    worker = pool.worker("reads")

    def job(_: object) -> str:
        begun.set()
        held.wait(PATIENCE)
        return "first"

    worker.call("first", job, results.put)
    worker.call("second", lambda _: "second", results.put)
    assert begun.wait(PATIENCE)
    pool.detach("reads")
    assert [call.what for _, call in pool.active_calls()] == ["first"]
    assert not connections[0].closed.is_set()
    held.set()
    assert results.get(timeout=PATIENCE) == "first"
    assert isinstance(results.get(timeout=PATIENCE), HostLost)
    assert connections[0].closed.wait(PATIENCE)
    assert pool.active_calls() == ()


def test_a_detached_worker_is_followed_by_a_new_one(pool: WorkerPool) -> None:
    before = _result(pool.worker("monitor"))
    pool.detach("monitor")
    assert _result(pool.worker("monitor")) is not before


def test_the_next_generation_still_names_what_hangs(connections: list[Connection]) -> None:
    begun, held = threading.Event(), threading.Event()
    old = WorkerPool("host", lambda: _opened(connections), lambda: 0.0)

    def job(_: object) -> None:
        begun.set()
        held.wait(PATIENCE)

    old.worker("reads").call("a list", job, lambda _: None)
    assert begun.wait(PATIENCE)
    old.close()
    new = WorkerPool("host", lambda: _opened(connections), lambda: 0.0)
    new.inherit(old)
    assert [(name, call.what) for name, call in new.active_calls()] == [("host reads", "a list")]
    held.set()


def test_a_connection_that_cannot_be_made_is_tried_with_each_call() -> None:
    attempts: list[int] = []

    def refuse() -> Any:
        attempts.append(1)
        raise HostLost("no route to the host")

    pool = WorkerPool("host", refuse, lambda: 0.0)
    assert isinstance(_result(pool.worker("reads")), HostLost)
    assert isinstance(_result(pool.worker("reads")), OperationError)
    assert len(attempts) == 2
    pool.close()

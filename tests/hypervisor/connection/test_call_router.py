"""Calls on workers, their results, and what is left behind: plain functions, no libvirt."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from queue import SimpleQueue
from typing import Any

import pytest

from virttui.hypervisor.connection.call_router import CallRouter
from virttui.hypervisor.connection.worker_pool import WorkerPool
from virttui.model.errors import HostLost, NotFound, OperationError

PATIENCE = 5.0


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Connection:
    """Something with a number that can be closed."""

    def __init__(self, number: int) -> None:
        self.number = number

    def close(self) -> None:
        """Nothing is behind it."""


class Host:
    """A host that has nothing but a router and the inbox of a fleet thread, which a test runs."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.connections = 0
        self.reads_answers = 0
        self.lost: list[HostLost] = []
        self.results: list[Any] = []
        self.held = threading.Event()
        self.calls = CallRouter(self._new_pool, self.inbox.put, self._answered, self.lost.append)

    def _new_pool(self) -> WorkerPool:
        return WorkerPool("host", self._connect, self.clock)

    def _connect(self) -> Any:
        self.connections += 1
        return Connection(self.connections)

    def _answered(self) -> None:
        self.reads_answers += 1

    def deliver(self) -> None:
        """Run the next message of the inbox, and wait for it first."""
        self.inbox.get(timeout=PATIENCE)()

    def hold(self, worker: str, topic: str) -> None:
        """Have a call of ``topic`` begin that returns only when ``held`` is set."""
        begun = threading.Event()

        def job(connection: Any) -> Any:
            begun.set()
            assert self.held.wait(PATIENCE)
            return connection.number

        assert self.calls.call(worker, topic, job, self.results.append)
        assert begun.wait(PATIENCE)


def _number(connection: Any) -> Any:
    return connection.number


def _unchanged(value: int, _: object) -> int:
    return value


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()
    yield made
    made.held.set()
    made.calls.close()


def test_a_result_comes_on_the_fleet_thread_and_ends_its_topic(host: Host) -> None:
    threads: list[threading.Thread] = []

    def received(result: int) -> None:
        host.results.append(result)
        threads.append(threading.current_thread())

    assert host.calls.call("detail", "node", _number, received)
    assert host.calls.busy("node")
    host.deliver()
    assert host.results == [1]
    assert threads == [threading.current_thread()]
    assert not host.calls.busy("node")


def test_a_topic_that_is_active_makes_no_second_call(host: Host) -> None:
    host.hold("detail", "node")
    assert not host.calls.call("detail", "node", lambda _: "second", host.results.append)
    assert host.calls.call("detail", "networks", lambda _: "other", host.results.append)
    host.held.set()
    host.deliver()
    host.deliver()
    assert host.results == [1, "other"]


def test_an_operation_error_is_a_result(host: Host) -> None:
    def job(_: object) -> None:
        raise NotFound("there is no such domain")

    host.calls.call("detail", "node", job, host.results.append)
    host.deliver()
    assert [type(result) for result in host.results] == [NotFound]


def test_a_fault_of_ours_is_a_result_and_the_worker_goes_on(host: Host) -> None:
    host.calls.call("detail", "node", lambda _: 1 / 0, host.results.append)
    host.deliver()
    host.calls.call("detail", "node", lambda _: "again", host.results.append)
    host.deliver()
    assert isinstance(host.results[0], OperationError)
    assert host.results[1] == "again"


def test_only_reads_tell_whether_the_host_answers(host: Host) -> None:
    for worker, topic in (("detail", "node"), ("reads", "open"), ("reads", "reads")):
        host.calls.call(worker, topic, lambda _: "answer", host.results.append)
        host.deliver()
    assert host.reads_answers == 1
    assert len(host.results) == 3


def test_a_lost_connection_is_reported_instead_of_delivered(host: Host) -> None:
    def job(_: object) -> None:
        raise HostLost("the connection broke")

    host.calls.call("reads", "reads", job, host.results.append)
    host.deliver()
    assert [str(error) for error in host.lost] == ["the connection broke"]
    assert host.results == []
    assert host.reads_answers == 0
    host.calls.call("reads", "open", job, host.results.append)
    host.deliver()
    assert len(host.lost) == 1
    assert [type(result) for result in host.results] == [HostLost]


def test_the_time_of_an_active_call_is_counted(host: Host) -> None:
    assert host.calls.waited("detail", host.clock()) == 0.0
    host.hold("detail", "node")
    host.clock.now += 2.5
    assert host.calls.waited("detail", host.clock()) == 2.5
    assert host.calls.waited("storage", host.clock()) == 0.0
    host.held.set()
    host.deliver()
    assert host.calls.waited("detail", host.clock()) == 0.0


def test_a_stuck_call_is_left_behind_and_its_late_result_dropped(host: Host) -> None:
    host.hold("monitor", "monitor")
    host.clock.now += 10.0
    host.calls.detach_stuck("monitor", "monitor")
    assert not host.calls.busy("monitor")
    assert host.calls.waited("monitor", host.clock()) == 0.0
    assert [name for name, _ in host.calls.active_calls()] == ["host monitor"]
    assert host.calls.call("monitor", "monitor", _number, host.results.append)
    host.deliver()
    assert host.results == [2]  # beside the stuck one, by a connection of its own
    host.held.set()
    host.deliver()
    assert host.results == [2]
    assert host.calls.active_calls() == ()


def test_a_late_result_does_not_end_the_call_that_followed(host: Host) -> None:
    host.hold("monitor", "monitor")
    host.calls.detach_stuck("monitor", "monitor")
    second = threading.Event()
    host.calls.call("monitor", "monitor", lambda _: second.wait(PATIENCE), host.results.append)
    host.held.set()
    host.deliver()
    assert host.results == []
    assert host.calls.busy("monitor")
    second.set()
    host.deliver()
    assert host.results == [True]


def test_topics_of_one_worker_are_left_together(host: Host) -> None:
    host.hold("agent", "agent")
    host.calls.call("agent", "guest", lambda _: "guest", host.results.append)
    host.calls.detach_stuck("agent", "agent", "guest")
    assert not host.calls.busy("agent")
    assert not host.calls.busy("guest")
    host.held.set()
    host.deliver()
    host.deliver()
    assert host.results == []


def test_a_reset_drops_results_and_begins_a_new_generation(host: Host) -> None:
    generation = host.calls.generation
    host.hold("reads", "reads")
    host.calls.call_untracked("storage", "volumes", lambda _: "early", host.results.append)
    dropped = host.inbox.get(timeout=PATIENCE)
    host.calls.reset()
    assert host.calls.generation is not generation
    assert not host.calls.busy("reads")
    assert [name for name, _ in host.calls.active_calls()] == ["host reads"]
    dropped()
    host.held.set()
    host.deliver()
    assert host.results == []
    assert host.reads_answers == 0


def test_untracked_calls_of_one_worker_queue_up(host: Host) -> None:
    for number in range(3):
        host.calls.call_untracked(
            "storage", f"volumes {number}", partial(_unchanged, number), host.results.append
        )
    for _ in range(3):
        host.deliver()
    assert host.results == [0, 1, 2]


def test_nothing_is_active_once_all_is_closed(host: Host) -> None:
    host.hold("detail", "node")
    host.calls.close()
    assert not host.calls.busy("node")
    host.held.set()
    host.deliver()
    assert host.results == []

"""The workers of one generation of connections, by name, each opened when first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable

from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.connection.worker import Clock, Worker, WorkerCall


class WorkerPool:
    """Workers by name; ``reads`` opens first, the others when something is asked of them.

    ``connect`` makes a connection on the thread of the worker that needs it. With ``shared`` all
    workers have one: in-process drivers share no state between connections.
    """

    def __init__(
        self, host: str, connect: Callable[[], Connection], clock: Clock, *, shared: bool = False
    ) -> None:
        self._host = host
        self._new_connection = connect
        self._clock = clock
        self._shared = shared
        self._lock = threading.Lock()
        self._shared_connection: Connection | None = None
        self._workers: dict[str, Worker] = {}
        self._detached: list[Worker] = []

    def worker(self, name: str) -> Worker:
        """The worker called ``name``; its connection is made on its own thread."""
        if name not in self._workers:
            self._workers[name] = Worker(
                f"{self._host} {name}", self._connect, self._clock, owns=not self._shared
            )
        return self._workers[name]

    def waited(self, name: str, now: float) -> float:
        """Seconds since the active call of a worker began; 0 when idle or not open."""
        worker = self._workers.get(name)
        return worker.waited(now) if worker is not None else 0.0

    def detach(self, name: str) -> None:
        """Close a worker, stuck or not; the next call opens a new one. The active call goes on."""
        worker = self._workers.pop(name, None)
        if worker is not None:
            worker.close()
            self._detached = [old for old in self._detached if old.active()] + [worker]

    def inherit(self, before: WorkerPool) -> None:
        """Take over the detached workers of an earlier generation that have an active call."""
        self._detached = [worker for worker in before._detached if worker.active()]

    def close(self) -> None:
        """Close all workers."""
        for name in tuple(self._workers):
            self.detach(name)

    def active_calls(self) -> tuple[tuple[str, WorkerCall], ...]:
        """Every active call, those of detached workers included, with its worker's name."""
        workers = (*self._workers.values(), *self._detached)
        return tuple((one.name, call) for one in workers if (call := one.active()) is not None)

    def _connect(self) -> Connection:
        if not self._shared:
            return self._new_connection()
        with self._lock:
            if self._shared_connection is None:
                self._shared_connection = self._new_connection()
            return self._shared_connection

"""Calls on the workers of one host, and the way of their results back to the fleet thread.

``CallRouter`` lives on the fleet thread and never blocks. A tracked call has a topic: one call a
topic is active, and its result is dropped once the topic was detached or the connections were
closed. The topic ``reads`` is special: its results alone tell whether the host answers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from virttui.hypervisor.connection.worker import Job, Worker, WorkerCall
from virttui.hypervisor.connection.worker_pool import WorkerPool
from virttui.model.errors import HostLost

Post = Callable[[Callable[[], None]], None]
OnResult = Callable[[Any], None]

READS = "reads"


class CallRouter:
    """The calls of one host, by worker and topic.

    ``post`` runs a function on the fleet thread. ``on_reads_answer`` is called there before the
    receiver of each result of the topic ``reads``; ``on_lost`` instead of it when the result is
    ``HostLost``.
    """

    def __init__(
        self,
        new_pool: Callable[[], WorkerPool],
        post: Post,
        on_reads_answer: Callable[[], None],
        on_lost: Callable[[HostLost], None],
    ) -> None:
        self._new_pool = new_pool
        self._post = post
        self._on_reads_answer = on_reads_answer
        self._on_lost = on_lost
        self._pool = new_pool()
        self._tokens: dict[str, object] = {}

    @property
    def generation(self) -> object:
        """A token of the present connections: another one after each ``reset``."""
        return self._pool

    def call(self, worker: str, topic: str, job: Job, on_result: OnResult) -> bool:
        """Make ``job`` on ``worker``; False, and no call, while ``topic`` is active.

        ``on_result`` gets the result or an OperationError on the fleet thread.
        """
        if topic in self._tokens:
            return False
        token = self._tokens[topic] = object()

        def done(result: object) -> None:
            self._post(partial(self._deliver, topic, token, on_result, result))

        self._pool.worker(worker).call(topic, job, done)
        return True

    def call_untracked(self, worker: str, what: str, job: Job, on_result: OnResult) -> None:
        """Make ``job`` on ``worker``, whatever is active; ``what`` names it where it hangs.

        ``on_result`` is called on the fleet thread, unless ``reset`` came between.
        """
        generation = self._pool

        def done(result: object) -> None:
            self._post(lambda: on_result(result) if self._pool is generation else None)

        self._pool.worker(worker).call(what, job, done)

    def worker(self, name: str) -> Worker:
        """The present worker of this name, for results that are wanted in any case."""
        return self._pool.worker(name)

    def busy(self, topic: str) -> bool:
        """Return true if a call of ``topic`` is active."""
        return topic in self._tokens

    @property
    def idle(self) -> bool:
        """Return true if no topic has an active call."""
        return not self._tokens

    def waited(self, worker: str, now: float) -> float:
        """Seconds since the active call of ``worker`` began; 0 when idle or not open."""
        return self._pool.waited(worker, now)

    def detach_stuck(self, worker: str, *topics: str) -> None:
        """Leave the active call of ``worker`` behind; the next one opens a new connection.

        Calls of ``topics`` are no longer active, and their results are dropped.
        """
        for topic in topics:
            self._tokens.pop(topic, None)
        self._pool.detach(worker)

    def close(self) -> None:
        """Close all connections, and drop the results of what is active."""
        self._pool.close()
        self._tokens.clear()

    def reset(self) -> None:
        """Close all connections and begin a new generation of workers."""
        self.close()
        before, self._pool = self._pool, self._new_pool()
        self._pool.inherit(before)

    def active_calls(self) -> tuple[tuple[str, WorkerCall], ...]:
        """Every active call with the name of its worker, those left behind included."""
        return self._pool.active_calls()

    def _deliver(self, topic: str, token: object, on_result: OnResult, result: object) -> None:
        if self._tokens.get(topic) is not token:
            return
        del self._tokens[topic]
        if topic == READS:
            if isinstance(result, HostLost):
                self._on_lost(result)
                return
            self._on_reads_answer()
        on_result(result)

"""The lanes of one connection generation, by name, each opened when first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from virttui.hypervisor.connection.connect import connect, in_process
from virttui.hypervisor.connection.worker import Clock, Worker, WorkerCall


class WorkerPool:
    """Lanes by name. ``reads`` opens first; the others follow when something is asked of them.

    In-process drivers share no state between connections, so there all lanes share one.
    """

    def __init__(self, host: str, uri: str, clock: Clock, *, read_only: bool) -> None:
        self._host = host
        self._clock = clock
        self._open: Callable[[], Any] = lambda: connect(uri, read_only=read_only)
        self._shares = in_process(uri)
        self._sharing = threading.Lock()
        self._shared: Any = None
        self._lanes: dict[str, Worker] = {}
        self._left: list[Worker] = []

    def lane(self, name: str) -> Worker:
        """The lane called ``name``; its connection is made on its own thread."""
        if name not in self._lanes:
            self._lanes[name] = Worker(
                f"{self._host} {name}",
                self._connect,
                self._clock,
                owns=not self._shares,
            )
        return self._lanes[name]

    def waited(self, name: str, now: float) -> float:
        """For how long the lane's call has been at work; 0 when idle or not open."""
        lane = self._lanes.get(name)
        return lane.waited(now) if lane is not None else 0.0

    def leave(self, name: str) -> None:
        """Give up a lane with a stuck call; the next one opens a fresh lane. The old one drains."""
        lane = self._lanes.pop(name, None)
        if lane is not None:
            lane.retire()
            self._left = [old for old in self._left if old.at_work()] + [lane]

    def inherit(self, before: WorkerPool) -> None:
        """Take over the lanes that an earlier generation left with calls at work."""
        self._left = [lane for lane in before._left if lane.at_work()]

    def retire(self) -> None:
        """Give up all lanes."""
        for name in tuple(self._lanes):
            self.leave(name)

    def at_work(self) -> tuple[tuple[str, WorkerCall], ...]:
        """Every call at work, those of lanes given up included, with its lane's name."""
        lanes = (*self._lanes.values(), *self._left)
        return tuple((lane.name, call) for lane in lanes if (call := lane.at_work()) is not None)

    def _connect(self) -> Any:
        if not self._shares:
            return self._open()
        with self._sharing:
            if self._shared is None:
                self._shared = self._open()
            return self._shared

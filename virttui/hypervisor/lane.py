"""A lane: one connection and the daemon threads that make calls on it.

Calls are handed in and their outcome is handed back on the lane's thread; whoever waits for it
does so elsewhere. A lane always knows which calls are at work and since when, so that a stuck one
can be named. Lanes are never killed: a retired lane takes no more calls and closes its connection
when the last one has returned.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

import libvirt

from virttui.hypervisor import translate
from virttui.model.errors import Trouble

log = logging.getLogger(__name__)

Connection = Any
Job = Callable[[Connection], Any]
Done = Callable[[Any], None]
Clock = Callable[[], float]


@dataclass(slots=True)
class Call:
    """One call: in words, what makes it, who gets the outcome, and since when it is at work."""

    what: str
    job: Job
    done: Done
    begun_at: float | None = None


class Lane:
    """One connection with ``workers`` threads. ``connect`` makes the connection when first needed.

    A lane that does not own its connection (several share an in-process one) never closes it.
    ``farewell`` is called on the lane when it is retired, before the connection is closed.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], Connection],
        clock: Clock,
        *,
        workers: int = 1,
        owns: bool = True,
    ) -> None:
        self.name = name
        self._owns = owns
        self._connect = connect
        self._clock = clock
        self._queue: SimpleQueue[Call | None] = SimpleQueue()
        self._opening = threading.Lock()
        self._connection: Connection | None = None
        self._at_work: dict[int, Call] = {}
        self._alive = workers
        self.farewell: Callable[[], None] | None = None
        self._retired = False
        for number in range(workers):
            thread = threading.Thread(target=self._work, name=f"{name}/{number}", daemon=True)
            thread.start()

    def call(self, what: str, job: Job, done: Done) -> None:
        """Make ``job(connection)`` soon; ``done`` gets its result or a Trouble, on this lane."""
        self._queue.put(Call(what, job, done))

    def at_work(self) -> tuple[Call, ...]:
        """The calls that have begun and not returned."""
        return tuple(self._at_work.values())

    def longest(self, now: float) -> float:
        """For how long the oldest call at work has been waited for; 0 without one."""
        begun = [call.begun_at for call in self.at_work() if call.begun_at is not None]
        return now - min(begun) if begun else 0.0

    def retire(self) -> None:
        """Take no more calls; close the connection when those at work have returned."""
        if not self._retired:
            self._retired = True
            for _ in range(self._alive):
                self._queue.put(None)

    def _work(self) -> None:
        mine = threading.get_ident()
        while (call := self._queue.get()) is not None:
            if self._retired:
                continue
            call.begun_at = self._clock()
            self._at_work[mine] = call
            outcome = self._outcome(call)
            del self._at_work[mine]
            call.done(outcome)
            # The last outcome must not live on in this frame: it may hold libvirt handles,
            # and a handle keeps its connection open.
            del call, outcome
        self._leave()

    def _outcome(self, call: Call) -> Any:
        connection: Connection | None = None
        try:
            with self._opening:
                if self._connection is None:
                    self._connection = self._connect()
                connection = self._connection
            return call.job(connection)
        except Trouble as trouble:
            return trouble
        except libvirt.libvirtError as error:
            alive = connection is not None and _alive(connection)
            if connection is not None and not alive:
                with self._opening:
                    self._connection = None
            return translate.trouble(error, alive=alive)
        except Exception as error:  # a fault of ours must not take the lane's thread with it
            log.exception("%s: %s", self.name, call.what)
            return Trouble(f"virttui stumbled over {call.what}: {error!r}")

    def _leave(self) -> None:
        with self._opening:
            self._alive -= 1
            if self._alive:
                return
            connection, self._connection = self._connection, None
        try:
            if self.farewell is not None:
                self.farewell()
            if connection is not None and self._owns:
                connection.close()
        except libvirt.libvirtError as error:
            log.debug("closing %s: %s", self.name, error)


def _alive(connection: Connection) -> bool:
    try:
        return bool(connection.isAlive())
    except libvirt.libvirtError:
        return False

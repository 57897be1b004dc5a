"""A lane: one connection and the daemon thread that makes calls on it.

Calls are handed in and their outcome is handed back on the lane's thread; whoever waits for it
does so elsewhere. A lane always knows which calls are at work and since when, so that a stuck one
can be named. Lanes are never killed: a retired lane takes no more calls and closes its connection
when the one at work has returned.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

import libvirt

from virttui.hypervisor.connection import translate
from virttui.model.errors import HostLost, OperationError

log = logging.getLogger(__name__)

Connection = Any
Job = Callable[[Connection], Any]
Done = Callable[[Any], None]
Clock = Callable[[], float]


@dataclass(slots=True)
class WorkerCall:
    """One call: in words, what makes it, who gets the outcome, and since when it is at work."""

    what: str
    job: Job
    done: Done
    begun_at: float | None = None


class Worker:
    """One connection and its one thread. ``connect`` makes the connection when first needed.

    One thread, because libvirt's client (9.0 here) frees what others still wait on, and crashes the
    process, when a connection with two or more waiting calls is closed by its keepalive.
    A lane that does not own its connection (several share an in-process one) never closes it.
    ``farewell`` is called on the lane when it is retired, before the connection is closed.
    """

    def __init__(
        self, name: str, connect: Callable[[], Connection], clock: Clock, *, owns: bool = True
    ) -> None:
        self.name = name
        self.farewell: Callable[[], None] | None = None
        self._owns = owns
        self._connect = connect
        self._clock = clock
        self._queue: SimpleQueue[WorkerCall | None] = SimpleQueue()
        self._connection: Connection | None = None
        self._at_work: WorkerCall | None = None
        self._retired = False
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def call(self, what: str, job: Job, done: Done) -> None:
        """Make ``job(connection)`` soon; ``done`` gets its result or a Trouble, on this lane."""
        self._queue.put(WorkerCall(what, job, done))

    def at_work(self) -> WorkerCall | None:
        """The call that has begun and not returned."""
        return self._at_work

    def waited(self, now: float) -> float:
        """For how long the call at work has been waited for; 0 without one."""
        call = self._at_work
        return now - call.begun_at if call is not None and call.begun_at is not None else 0.0

    def retire(self) -> None:
        """Take no more calls; close the connection when the one at work has returned."""
        self._retired = True
        self._queue.put(None)

    def _work(self) -> None:
        while (call := self._queue.get()) is not None:
            if self._retired:
                call.done(HostLost("the connection was given up before this was asked"))
                continue
            call.begun_at = self._clock()
            self._at_work = call
            outcome = self._outcome(call)
            self._at_work = None
            call.done(outcome)
            # The last outcome must not live on in this frame: it may hold libvirt handles,
            # and a handle keeps its connection open.
            del call, outcome
        self._leave()

    def _outcome(self, call: WorkerCall) -> Any:
        try:
            if self._connection is None:
                self._connection = self._connect()
            return call.job(self._connection)
        except OperationError as trouble:
            return trouble
        except libvirt.libvirtError as error:
            alive = _alive(self._connection)
            if not alive:
                self._connection = None
            return translate.trouble(error, alive=alive)
        except Exception as error:  # a fault of ours must not take the lane's thread with it
            log.exception("%s: %s", self.name, call.what)
            return OperationError(f"virttui stumbled over {call.what}: {error!r}")

    def _leave(self) -> None:
        connection, self._connection = self._connection, None
        try:
            if self.farewell is not None:
                self.farewell()
            if connection is not None and self._owns:
                connection.close()
        except libvirt.libvirtError as error:
            log.debug("closing %s: %s", self.name, error)


def _alive(connection: Connection | None) -> bool:
    if connection is None:
        return False
    try:
        return bool(connection.isAlive())
    except libvirt.libvirtError:
        return False

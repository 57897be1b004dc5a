"""A worker: one connection and the daemon thread that makes calls on it.

Calls are queued, and each result is passed on by the worker's thread. A worker always knows which
call is active and since when, so that a stuck one can be named. Workers are never killed: a closed
worker makes no more calls and closes its connection when the active one has returned.
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
from virttui.hypervisor.connection.types import Connection
from virttui.model.errors import HostLost, OperationError

log = logging.getLogger(__name__)

Job = Callable[[Connection], Any]
Done = Callable[[Any], None]
Clock = Callable[[], float]


@dataclass(slots=True)
class WorkerCall:
    """One call: what it is in words, the call itself, who gets its result, and when it began."""

    what: str
    job: Job
    done: Done
    started_at: float | None = None


class Worker:
    """One connection and its one thread. ``connect`` makes the connection when first needed.

    One thread, because libvirt's client (9.0 here) frees what others still wait on, and crashes the
    process, when a connection with two or more waiting calls is closed by its keepalive.
    A worker that does not own its connection (several share an in-process one) never closes it.
    ``on_close`` is called on the worker's thread when it is closed, before its connection is.
    """

    def __init__(
        self, name: str, connect: Callable[[], Connection], clock: Clock, *, owns: bool = True
    ) -> None:
        self.name = name
        self.on_close: Callable[[], None] | None = None
        self._owns = owns
        self._connect = connect
        self._clock = clock
        self._queue: SimpleQueue[WorkerCall | None] = SimpleQueue()
        self._connection: Connection | None = None
        self._active: WorkerCall | None = None
        self._closed = False
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def call(self, what: str, job: Job, done: Done) -> None:
        """Queue ``job(connection)``; ``done`` gets its result or OperationError on this thread."""
        self._queue.put(WorkerCall(what, job, done))

    def active(self) -> WorkerCall | None:
        """The call that has begun and not returned."""
        return self._active

    def waited(self, now: float) -> float:
        """Seconds since the active call began; 0 without one."""
        call = self._active
        return now - call.started_at if call is not None and call.started_at is not None else 0.0

    def close(self) -> None:
        """Make no more calls; close the connection when the active one has returned."""
        self._closed = True
        self._queue.put(None)

    def _run(self) -> None:
        while (call := self._queue.get()) is not None:
            if self._closed:
                call.done(HostLost("the connection was closed before this was asked"))
                continue
            call.started_at = self._clock()
            self._active = call
            result = self._result(call)
            self._active = None
            call.done(result)
            # The last result must not live on in this frame: it may hold libvirt handles,
            # and a handle keeps its connection open.
            del call, result
        self._close_connection()

    def _result(self, call: WorkerCall) -> object:
        try:
            if self._connection is None:
                self._connection = self._connect()
            return call.job(self._connection)
        except OperationError as error:
            return error
        except libvirt.libvirtError as error:
            alive = _alive(self._connection)
            if not alive:
                self._connection = None
            return translate.operation_error(error, alive=alive)
        except Exception as error:  # a fault of ours must not end the worker's thread with it
            log.exception("%s: %s", self.name, call.what)
            return OperationError(f"internal error in {call.what}: {error!r}")

    def _close_connection(self) -> None:
        connection, self._connection = self._connection, None
        try:
            if self.on_close is not None:
                self.on_close()
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

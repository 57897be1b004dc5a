"""The open consoles of one host: their phases, and what leads from one to the next.

Lives on the fleet thread. A console is opened on request alone; from then on it is attached again
by itself, after its guest was off and after its connection was lost, until it is closed. It is
never taken from somebody else unless that is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

import libvirt
from msgspec.structs import replace

from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.connection.worker import Worker
from virttui.hypervisor.consoles.console_worker import ConsoleWorker, Outcome, log_of, unreadable
from virttui.hypervisor.consoles.log_follower import LogFollower
from virttui.hypervisor.consoles.stream import ConsoleStream
from virttui.hypervisor.polling.host_context import HostContext
from virttui.hypervisor.queries.host_files import HostFiles
from virttui.model.domains.consoles import ConsolePhase, ConsoleRequest, ConsoleState, Sink
from virttui.model.errors import HostLost, OperationError, ReadOnly

WORKER = "consoles"
ASK_AGAIN, ASK_LATER, OFTEN = 1.0, 5.0, 10
"""Seconds after which a console that somebody else has is asked for again, the first ten times and
then. It disturbs nobody, but libvirtd writes a line to its log each time."""
AGAIN_SOON = 0.1
"""Seconds after which a console is attached again that ended though its guest is on."""
SETTLED = 0.5
"""Seconds in which a stream ends by itself when its domain goes off. One of a container may not."""
ATTACH_WAIT = 5.0
"""Seconds for which a start waits until the consoles of its domain are attached."""

_OPEN = (ConsolePhase.ATTACHED, ConsolePhase.READING)
_HELD = (ConsolePhase.ATTACHED, ConsolePhase.TAKEN_OVER, ConsolePhase.IN_USE)


@dataclass(slots=True)
class _Console:
    """One open console.

    ``stream`` is the one that is attached or being attached. ``call`` is the token of the call at
    work, the result of any other is dropped. ``force``: it is to be taken from whoever has it.
    ``asked`` counts how often in a row it could not be attached to a guest that is on.
    """

    state: ConsoleState
    sink: Sink
    stream: ConsoleStream | None = None
    follower: LogFollower | None = None
    call: object | None = None
    force: bool = False
    asked: int = 0
    again_at: float | None = None
    look_at: float | None = None


class HostConsoles:
    """The consoles of one host. ``write`` may be called from any thread, as may ``wait_attached``.

    ``answers`` tells whether the host can be called now.
    """

    def __init__(self, context: HostContext, answers: Callable[[], bool]) -> None:
        self._context = context
        self._answers = answers
        self._consoles: dict[int, _Console] = {}
        self._worker: Worker | None = None
        self._calls = ConsoleWorker(lambda: None)
        self._waiting: list[tuple[str, Callable[[], None]]] = []

    # --- from the fleet ---------------------------------------------------------------------

    def open(self, number: int, request: ConsoleRequest, sink: Sink) -> None:
        """Open a console under a number of its own, or refuse it with the reason."""
        state = ConsoleState(number, request, ConsolePhase.ATTACHING, self._context.fleet.wall())
        console = self._consoles[number] = _Console(state, sink)
        self._context.fleet.publish(state)
        self._attach(console)

    def attach(self, number: int, *, force: bool) -> None:
        """Attach a console anew; ``force`` takes it from whoever has it."""
        console = self._consoles.get(number)
        if console is None or console.state.phase in _OPEN:
            return
        console.force = force
        console.again_at = self._context.fleet.clock()
        self._attach(console)

    def write(self, number: int, data: bytes) -> None:
        """Send bytes to a guest; they are dropped while its console is not attached."""
        console = self._consoles.get(number)
        stream = console.stream if console is not None else None
        if stream is not None:
            stream.write(data)

    def close(self, number: int) -> None:
        """Let go of a console; it is CLOSED once others can open it."""
        console = self._consoles.pop(number, None)
        if console is None:
            return
        console.call = None
        if console.follower is not None:
            console.follower.stop()
        stream, console.stream = console.stream, None
        if stream is None:
            self._set(console, Outcome(ConsolePhase.CLOSED))
            return

        def done(_result: object) -> None:
            self._context.fleet.post(partial(self._set, console, Outcome(ConsolePhase.CLOSED)))

        calls = self._present_calls()
        self._worker_now().call("close a console", lambda _connection: calls.close(stream), done)

    def wait_attached(self, uuid: str) -> None:
        """Return when the consoles of a domain that was started paused are attached, or cannot be.

        Called on the worker of the command; waits for ``ATTACH_WAIT`` at most.
        """
        settled = threading.Event()
        self._context.fleet.post(partial(self._attach_domain, uuid, settled.set))
        settled.wait(ATTACH_WAIT)

    # --- from the host ----------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Return true if no console is open or asked for."""
        return not self._consoles

    def tick(self, now: float) -> None:
        """Ask again for what somebody else has, and look after guests that may be off."""
        for console in tuple(self._consoles.values()):
            if console.call is not None:
                continue
            if console.again_at is not None and now >= console.again_at and self._answers():
                self._attach(console)
            elif console.look_at is not None and now >= console.look_at:
                console.look_at = None
                request, stream = console.state.request, console.stream
                job = partial(self._present_calls().look, request, stream)
                self._call(console, "look after a console", job)

    def connected(self) -> None:
        """The host answers again: attach what was lost."""
        for console in tuple(self._consoles.values()):
            if console.state.phase is ConsolePhase.HOST_LOST:
                self._attach(console)

    def connection_lost(self, reason: str) -> None:
        """The connection is gone, and with it every stream."""
        for console in tuple(self._consoles.values()):
            if (console.stream, console.call, console.again_at) != (None, None, None):
                console.stream = console.call = console.again_at = console.look_at = None
                self._set(console, Outcome(ConsolePhase.HOST_LOST, reason))

    def domains_changed(self, uuids: Collection[str]) -> None:
        """Rows of these domains changed: attach to those that run."""
        for console in tuple(self._consoles.values()):
            uuid, phase = console.state.request.domain.uuid, console.state.phase
            if uuid in uuids and phase is ConsolePhase.OFF:
                domain = self._context.builder.domains.get(uuid)
                if domain is not None and domain.state.active:
                    self._attach(console)

    def domain_event(self, uuid: str, *, started: bool) -> None:
        """Something happened to a domain; ``started``: its process began, so attach at once.

        A stream may be that of a process before. Rows do not tell: a domain that was on for a
        moment was never seen to be.
        """
        for console in tuple(self._consoles.values()):
            if console.state.request.domain.uuid != uuid:
                continue
            if console.state.phase is ConsolePhase.OFF:
                if started:
                    self._attach(console)
            elif console.state.phase in _HELD:
                now = self._context.fleet.clock()
                console.look_at = now + (0.0 if started else SETTLED)
                if started and console.state.phase is ConsolePhase.IN_USE:
                    console.again_at = now

    def end(self) -> None:
        """The backend stops. The streams end with their worker."""
        for console in self._consoles.values():
            if console.follower is not None:
                console.follower.stop()
        self._consoles.clear()

    # --- calls ------------------------------------------------------------------------------

    def _attach_domain(self, uuid: str, settled: Callable[[], None]) -> None:
        self._waiting.append((uuid, settled))
        self.domain_event(uuid, started=True)
        self._tell_settled()

    def _attach(self, console: _Console) -> None:
        if console.call is not None:
            return
        console.again_at = console.look_at = None
        request, context = console.state.request, self._context
        force, console.force = console.force, False
        if context.fleet.settings.read_only and not request.read_along:
            error = ReadOnly(
                "a console cannot be opened in a read-only run",
                advice="start virttui without -r, or read along where it has a log",
            )
            self._refuse(console, error)
            return
        if not self._answers():
            lost = f"{context.name()} does not answer now"
            self._set(console, Outcome(ConsolePhase.HOST_LOST, lost))
            return
        if request.read_along:
            self._read_along(console)
            return
        waits_for_another = console.state.phase is ConsolePhase.IN_USE and not force
        if console.state.phase is not ConsolePhase.OFF and not waits_for_another:
            self._set(console, Outcome(ConsolePhase.ATTACHING))
        stream = console.stream = self._new_stream(console)
        job = partial(self._present_calls().attach, request, stream, force)
        self._call(console, f"open {request.device}", job)

    def _new_stream(self, console: _Console) -> ConsoleStream:
        post = self._context.fleet.post

        def taken(count: int) -> None:
            post(partial(self._taken, console, count))

        def ended(error: libvirt.libvirtError | None) -> None:
            post(partial(self._ended, console, stream, error))

        stream = ConsoleStream(console.sink, taken, ended)
        return stream

    def _ended(
        self, console: _Console, stream: ConsoleStream, error: libvirt.libvirtError | None
    ) -> None:
        """A stream ended: find out why. One that was closed or lost meanwhile is none of ours."""
        if console.stream is stream:
            job = partial(self._present_calls().ended, console.state.request, stream, error)
            self._call(console, "look why a console ended", job)

    def _read_along(self, console: _Console) -> None:
        request, context = console.state.request, self._context
        info = context.connection_info()
        here, host = info is not None and info.here, context.name()

        def failed(path: str, error: OSError) -> None:
            context.fleet.post(partial(self._refuse, console, unreadable(path, error)))

        def found(outcome: str | OperationError) -> None:
            if isinstance(outcome, OperationError):
                self._after(console, outcome)
                return
            self._set(console, Outcome(ConsolePhase.READING, outcome))
            find_files = partial(HostFiles.usual, context.uri)
            console.follower = LogFollower(
                outcome, find_files, console.sink, partial(failed, outcome), request.seen
            )

        self._call(console, "find a log", lambda c: log_of(c, request, here, host), found)

    def _call(
        self,
        console: _Console,
        what: str,
        job: Callable[[Connection], Any],
        on_result: Callable[[Any], None] | None = None,
    ) -> None:
        """Make one call for a console. A call of it that is at work is no longer waited for."""
        token = console.call = object()

        def deliver(result: Any) -> None:
            if console.call is token:
                console.call = None
                (on_result or partial(self._after, console))(result)
                self._tell_settled()

        def done(result: Any) -> None:
            self._context.fleet.post(partial(deliver, result))

        self._worker_now().call(what, job, done)

    def _worker_now(self) -> Worker:
        """The present worker of the consoles; a new one has a new connection and no streams."""
        worker = self._context.calls.worker(WORKER)
        if worker is not self._worker:
            self._worker = worker
            calls = self._calls = ConsoleWorker(
                lambda: self._context.fleet.post(lambda: self._closed(worker))
            )
            worker.on_close = calls.end
        return worker

    def _present_calls(self) -> ConsoleWorker:
        """The calls of the present worker."""
        self._worker_now()
        return self._calls

    def _closed(self, worker: Worker) -> None:
        """The connection of a worker was closed; the host may not know yet that it is lost."""
        if worker is not self._worker:
            return
        self._context.calls.detach_stuck(WORKER)
        self._worker = None
        self.connection_lost("the connection broke")
        self._try_again()

    def _try_again(self) -> None:
        now = self._context.fleet.clock()
        for console in self._consoles.values():
            if console.state.phase is ConsolePhase.HOST_LOST:
                console.again_at = now + ASK_AGAIN

    # --- phases -----------------------------------------------------------------------------

    def _after(self, console: _Console, outcome: Outcome | OperationError | None) -> None:
        """Take the outcome of a call; None leaves the phase as it is."""
        if outcome is None:
            return
        now = self._context.fleet.clock()
        # What was asked for while another request was at work counts for this moment alone: nobody
        # is cut off hours later.
        force, console.force = console.force, False
        console.again_at = None
        if not isinstance(outcome, Outcome):
            console.stream = None
            if isinstance(outcome, HostLost):
                self._set(console, Outcome(ConsolePhase.HOST_LOST, outcome.message))
                console.again_at = now + ASK_AGAIN
            else:
                self._refuse(console, outcome)
            return
        console.asked += 1
        often = console.asked <= OFTEN
        if outcome.phase is ConsolePhase.IN_USE:
            console.again_at = now if force else now + (ASK_AGAIN if often else ASK_LATER)
            console.force = force
        elif outcome.phase is ConsolePhase.ATTACHING:
            console.again_at = now + (AGAIN_SOON if often else ASK_AGAIN)
        else:
            console.asked = 0
        if outcome.phase is not ConsolePhase.ATTACHED:
            console.stream = None
        self._set(console, outcome)

    def _refuse(self, console: _Console, error: OperationError) -> None:
        self._set(console, Outcome(ConsolePhase.REFUSED, error.message), error)

    def _taken(self, console: _Console, count: int) -> None:
        console.state = replace(console.state, taken=console.state.taken + count)
        if console.state.id in self._consoles:
            self._context.fleet.publish(console.state)

    def _set(
        self, console: _Console, outcome: Outcome, error: OperationError | None = None
    ) -> None:
        """Publish a phase, unless it is the present one or the console is closed."""
        before = console.state
        if before.phase is not ConsolePhase.CLOSED and (before.phase, before.reason) != (
            outcome.phase,
            outcome.reason,
        ):
            console.state = replace(
                before,
                phase=outcome.phase,
                reason=outcome.reason,
                error=error,
                since=self._context.fleet.wall(),
            )
            self._context.fleet.publish(console.state)

    def _tell_settled(self) -> None:
        """Tell the starts that wait whose consoles are all attached, or will not be now."""
        busy = {
            one.state.request.domain.uuid
            for one in self._consoles.values()
            if one.call is not None or one.state.phase is ConsolePhase.ATTACHING
        }
        waiting, self._waiting = self._waiting, []
        for uuid, settled in waiting:
            if uuid in busy:
                self._waiting.append((uuid, settled))
            else:
                settled()

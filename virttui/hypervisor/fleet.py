"""The fleet: all hosts, one thread that decides for them, and the door to it from outside."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import TypeVar

from msgspec.structs import replace

from virttui.hypervisor.batches import Batch, Batches
from virttui.hypervisor.connection import event_loop
from virttui.hypervisor.connection.events import ChangeEvent
from virttui.hypervisor.host import Host
from virttui.hypervisor.polling.fleet_context import FleetContext, HostNames
from virttui.local import memory
from virttui.model.backend import HostSpec, Interest, Publish
from virttui.model.commands import IN_PARALLEL, BatchPolicy, Command
from virttui.model.domains.consoles import ConsoleRequest, Sink
from virttui.model.domains.logs import HostLogRequest, LogRequest
from virttui.model.identity import ObjectId
from virttui.model.messages import FleetMessage
from virttui.model.queries import Query
from virttui.model.tasks import Task
from virttui.settings import Settings

log = logging.getLogger(__name__)

_TRIMMED_EVERY = 30.0
"""Seconds between two times that free memory is given back to the system."""

T = TypeVar("T")

_Message = tuple[str | None, Callable[[], None]]
"""The host it is for, or None for any, and what is to be done."""


class Fleet:
    """The backend of the screens and of the headless commands (``model.backend.Backend``).

    Methods may be called from any thread and return at once; ``publish`` is called on the fleet's
    own threads.
    """

    def __init__(
        self,
        specs: Sequence[HostSpec],
        publish: Publish,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        memory.use_few_heaps()
        event_loop.start()
        self._inbox: SimpleQueue[_Message | None] = SimpleQueue()
        self._clock = clock
        names = HostNames([spec.id for spec in specs], {spec.id: spec.uri for spec in specs})
        self._publish = publish
        uris = {spec.id: spec.uri for spec in specs}
        fleet_context = FleetContext(
            clock,
            wall,
            partial(self._post, None),
            self._on_message,
            settings,
            names,
            uris,
            self._mark_changed,
        )
        self._hosts = {
            spec.id: Host(spec, replace(fleet_context, post=partial(self._post, spec.id)))
            for spec in specs
        }
        self._interest = Interest()
        # When each host has something to do again.
        self._due = dict.fromkeys(self._hosts, clock())
        self._trim_at = clock() + _TRIMMED_EVERY
        self._batches = Batches(self._hosts, clock, wall, publish)
        self._numbers, self._batch_numbers = itertools.count(1), itertools.count(1)
        self._console_numbers = itertools.count(1)
        self._host_of_console: dict[int, str] = {}
        self._log_numbers = itertools.count(1)
        self._host_of_logs: dict[int, str] = {}
        self._thread = threading.Thread(target=self._run, name="fleet", daemon=True)
        self._thread.start()

    def set_interest(self, interest: Interest) -> None:
        """Say which rows are in view."""
        before, self._interest = self._interest, interest
        concerned = before.hosts() | interest.hosts()
        for id, host in self._hosts.items():
            if id in concerned or interest.pools or before.pools:
                self._post(id, partial(host.set_interest, interest))

    def watch_domain(self, key: ObjectId | None) -> None:
        """Look at one domain in full, or away."""
        for id, host in self._hosts.items():
            self._post(id, partial(host.watch_domain, key))

    def submit(
        self, commands: Sequence[Command], pace: BatchPolicy = IN_PARALLEL
    ) -> tuple[int, ...]:
        """Put commands to work; a task follows for each."""
        numbered = [(next(self._numbers), command) for command in commands]
        if len(numbered) > 1:
            batch = Batch(next(self._batch_numbers), tuple(numbered), pace)
            self._post(None, partial(self._batches.submit, batch))
        else:
            for number, command in numbered:
                id = command.target.key.host
                self._post(id, partial(self._hosts[id].submit, number, command))
        return tuple(number for number, _ in numbered)

    def ask(self, query: Query) -> None:
        """Put a query to its host; its result is published."""
        id = query.key.host
        self._post(id, partial(self._hosts[id].ask, query))

    def cancel(self, task: int) -> None:
        """Drop a task that still waits, stop watching one, or end a transfer."""
        for id, host in self._hosts.items():
            self._post(id, partial(host.cancel, task))
        self._post(None, partial(self._batches.cancel, task))

    def open_console(self, request: ConsoleRequest, sink: Sink) -> int:
        """Open a console, or wait for it; returns its id."""
        number, id = next(self._console_numbers), request.domain.host
        self._host_of_console[number] = id
        self._post(id, partial(self._hosts[id].consoles.open, number, request, sink))
        return number

    def attach_console(self, console: int, *, force: bool = False) -> None:
        """Attach a console anew; with ``force`` whoever has it is cut off."""
        if (id := self._host_of_console.get(console)) is not None:
            self._post(id, partial(self._hosts[id].consoles.attach, console, force=force))

    def write_console(self, console: int, data: bytes) -> None:
        """Send bytes to the guest; not by the fleet thread, which may have an inventory to make."""
        if (id := self._host_of_console.get(console)) is not None:
            self._hosts[id].consoles.write(console, data)

    def close_console(self, console: int) -> None:
        """Let go of a console."""
        if (id := self._host_of_console.pop(console, None)) is not None:
            self._post(id, partial(self._hosts[id].consoles.close, console))

    def open_logs(self, request: LogRequest | HostLogRequest) -> int:
        """Read logs and follow them; returns their id."""
        id = request.host if isinstance(request, HostLogRequest) else request.domain.host
        number = next(self._log_numbers)
        self._host_of_logs[number] = id
        self._post(id, partial(self._hosts[id].logs.open, number, request))
        return number

    def read_older(self, logs: int, source: str) -> None:
        """Read what comes before the lines of one source that were told."""
        if (id := self._host_of_logs.get(logs)) is not None:
            self._post(id, partial(self._hosts[id].logs.read_older, logs, source))

    def close_logs(self, logs: int) -> None:
        """Follow these logs no longer."""
        if (id := self._host_of_logs.pop(logs, None)) is not None:
            self._post(id, partial(self._hosts[id].logs.close, logs))

    def refresh(self, host: str | None = None) -> None:
        """Read everything again now; lost hosts are tried at once."""
        for id in self._hosts if host is None else (host,):
            self._post(id, self._hosts[id].refresh)

    def stop(self, patience: float = 0.5) -> tuple[str, ...]:
        """Give up all connections; returns what still hangs after ``patience`` seconds, by name.

        The threads of such calls are daemons and end with the process.
        """
        self._inbox.put(None)
        deadline = self._clock() + patience
        self._thread.join(patience)
        while (stuck := self.stuck()) and self._clock() < deadline:
            time.sleep(0.01)
        return stuck

    def stuck(self) -> tuple[str, ...]:
        """The active calls, as "host worker: what"."""
        return tuple(
            f"{worker}: {call.what}"
            for host in self._hosts.values()
            for worker, call in host.calls.active_calls()
        )

    def _on_message(self, message: FleetMessage) -> None:
        """Publish what a host publishes; batches follow their tasks."""
        self._publish(message)
        if isinstance(message, Task) and message.batch and message.state.ended:
            self._post(None, partial(self._batches.ended, message))

    def _mark_changed(self, host: str, event: ChangeEvent) -> None:
        """Something on one host was changed by a command of another. On the fleet thread."""
        self._hosts[host].scheduler.on_change(event)
        self._due[host] = self._clock()

    def _post(self, host: str | None, do: Callable[[], None]) -> None:
        """Have something done on the fleet thread. None stands for what may concern any host."""
        self._inbox.put((host, do))

    def _run(self) -> None:
        while self._take_messages():
            now = self._clock()
            # Only those with something to do: with 50 hosts, each message ticking all of them
            # took more than a core.
            for id, host in self._hosts.items():
                if self._due[id] <= now:
                    next_due = self._safely(partial(host.tick, now))
                    self._due[id] = now + 1.0 if next_due is None else next_due
            self._safely(partial(self._batches.tick, now))
            if now >= self._trim_at:
                self._trim_at = now + _TRIMMED_EVERY
                memory.give_back()
        self._close()

    def _take_messages(self) -> bool:
        """Do what was posted, waiting for it until a host is due; false when the fleet ends."""
        next_due = min(self._due.values(), default=self._clock() + 1.0)
        try:
            message = self._inbox.get(timeout=max(0.0, next_due - self._clock()))
        except Empty:
            return True
        while message is not None:
            host, do = message
            self._safely(do)
            for id in self._hosts if host is None else (host,):
                self._due[id] = 0.0
            if self._inbox.empty():
                return True
            message = self._inbox.get()
        return False

    def _safely(self, do: Callable[[], T]) -> T | None:
        """Do one thing; a fault of ours in one host must not end the thread of all hosts."""
        try:
            return do()
        except Exception:  # logged, and the next tick tries again
            log.exception("internal error in the fleet thread")
            return None

    def _close(self) -> None:
        for host in self._hosts.values():
            host.close()

"""The interface of a backend, as the screens use it. The real one is ``hypervisor.fleet.Fleet``.

Every method returns at once. Its results arrive as messages through the callable that the backend
was opened with, from a thread of the backend's own, newest inventory per host last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from virttui.model.commands import IN_PARALLEL, BatchPolicy, Command
from virttui.model.domains.consoles import ConsoleRequest, Sink
from virttui.model.domains.logs import HostLogRequest, LogRequest
from virttui.model.identity import ObjectId
from virttui.model.messages import FleetMessage
from virttui.model.queries import Query

Publish = Callable[[FleetMessage], None]
"""Takes each message of a backend. Called from the backend's threads."""


class HostSpec(Struct, frozen=True):
    """A host to open: ``id`` is unique in the fleet, ``name`` is "" where none was configured."""

    id: str
    uri: str
    name: str = ""


class Interest(Struct, frozen=True):
    """The objects on the screen: some figures are read first for these, or for these alone.

    ``visible`` are the rows in view, ``selected`` the row under the cursor. ``pools`` says that the
    list of pools is shown; ``volumes`` are the volumes in view. ``machine`` is the id of the host
    whose own resources are shown, "" for none.
    """

    visible: frozenset[ObjectId] = frozenset()
    selected: ObjectId | None = None
    pools: bool = False
    machine: str = ""
    volumes: frozenset[ObjectId] = frozenset()

    def hosts(self) -> set[str]:
        """The hosts with an object on the screen."""
        keys = (*self.visible, *self.volumes, *((self.selected,) if self.selected else ()))
        return {key.host for key in keys} | ({self.machine} if self.machine else set())

    def of_host(self, host: str) -> Interest:
        """The part of it that is about one host. Its resources are shown with its pools."""
        selected = self.selected
        return Interest(
            visible=frozenset(key for key in self.visible if key.host == host),
            selected=selected if selected is not None and selected.host == host else None,
            pools=self.pools or self.machine == host,
            machine=self.machine if self.machine == host else "",
            volumes=frozenset(key for key in self.volumes if key.host == host),
        )


class Consoles(Protocol):
    """Opens consoles of domains, and carries what is typed."""

    def open_console(self, request: ConsoleRequest, sink: Sink) -> int:
        """Open a console, or wait for it; returns its id. Its ``ConsoleState``s are published."""

    def attach_console(self, console: int, *, force: bool = False) -> None:
        """Attach a console anew; ``force`` takes it from whoever has it, who is cut off."""

    def write_console(self, console: int, data: bytes) -> None:
        """Send bytes to the guest in steps. What is written while it is not attached is dropped."""

    def close_console(self, console: int) -> None:
        """Let go of a console; it is CLOSED once others can open it."""


class Logs(Protocol):
    """Reads the logs of domains and hosts while somebody looks at them."""

    def open_logs(self, request: LogRequest | HostLogRequest) -> int:
        """Read logs and follow them; returns their id. Updates are published."""

    def read_older(self, logs: int, source: str) -> None:
        """Read what comes before the lines of one source that were told."""

    def close_logs(self, logs: int) -> None:
        """Follow these logs no longer."""


class Backend(Consoles, Logs, Protocol):
    """A fleet of hosts, as the screens use it."""

    def set_interest(self, interest: Interest) -> None:
        """Set which rows are in view, so that they are asked first."""

    def watch_domain(self, key: ObjectId | None) -> None:
        """Publish the details of one domain, each tick, until another or None is inspected."""

    def submit(
        self, commands: Sequence[Command], pace: BatchPolicy = IN_PARALLEL
    ) -> tuple[int, ...]:
        """Put commands to work; returns their task ids. A task follows for each, by ``Publish``.

        Several commands at once are a batch: their tasks share a number, and follow the policy
        ``pace``.
        """

    def ask(self, query: Query) -> None:
        """Put a query to its host; its ``QueryResult`` is published."""

    def cancel(self, task: int) -> None:
        """Cancel a task that waits, or stop a transfer; any other running task goes on."""

    def refresh(self, host: str | None = None) -> None:
        """Read everything again now, and reconnect a lost host at once. ``None`` means all
        hosts."""

    def stop(self, patience: float = 0.5) -> tuple[str, ...]:
        """Stop within ``patience`` seconds; return the names of the calls that are still stuck."""


OpenBackend = Callable[[Sequence[HostSpec], Publish], Backend]

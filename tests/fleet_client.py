"""A client of a fleet: it records what the fleet publishes, and a test waits for what it
expects."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

from msgspec.structs import replace

from tests.patience import PATIENCE
from virttui.hypervisor.fleet import Fleet
from virttui.model.backend import HostSpec, Interest
from virttui.model.commands import Command, DefineArguments, Target, Verb
from virttui.model.documents import Document, DocumentText
from virttui.model.domains.consoles import ConsoleState
from virttui.model.domains.details import DomainDetails
from virttui.model.domains.logs import LogUpdate
from virttui.model.domains.usage import Usage
from virttui.model.errors import OperationError
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import ConnectionState, Domain, Inventory, Network, Pool
from virttui.model.messages import FleetMessage, HostEvent
from virttui.model.queries import (
    DefinitionQuery,
    DefinitionResult,
    DocumentsQuery,
    DocumentsResult,
    Query,
    QueryResult,
)
from virttui.model.tasks import Task, TaskState
from virttui.settings import Settings, specs

T = TypeVar("T")
R = TypeVar("R", bound=QueryResult)
Listed = TypeVar("Listed", Domain, Network, Pool)


class RecordingClient:
    """A running fleet and everything it has told so far."""

    def __init__(self, hosts: Sequence[HostSpec], settings: Settings) -> None:
        self._changed = threading.Condition()
        self.inventories: dict[str, Inventory] = {}
        self.told = 0
        self.tasks: dict[int, Task] = {}
        self.most_at_work = 0
        self.host_events: list[HostEvent] = []
        self.results: list[QueryResult] = []
        self.details: DomainDetails | None = None
        self.console_states: list[ConsoleState] = []
        self.log_updates: list[LogUpdate] = []
        self._serials = itertools.count(1)
        self.hosts = [host.id for host in hosts]
        self.fleet = Fleet(hosts, self._hear, settings)

    def _hear(self, message: FleetMessage) -> None:
        with self._changed:
            if isinstance(message, Inventory):
                self.inventories[message.host.id] = message
                self.told += 1
            elif isinstance(message, Task):
                self.tasks[message.id] = message
                running = sum(task.state is TaskState.RUNNING for task in self.tasks.values())
                self.most_at_work = max(self.most_at_work, running)
            elif isinstance(message, HostEvent):
                self.host_events.append(message)
            elif isinstance(message, DomainDetails):
                self.details = message
            elif isinstance(message, ConsoleState):
                self.console_states.append(message)
            elif isinstance(message, LogUpdate):
                self.log_updates.append(message)
            else:
                self.results.append(message)
            self._changed.notify_all()

    def wait(
        self,
        get: Callable[[], T | Literal[False] | None],
        seconds: float = PATIENCE,
        what: str = "",
    ) -> T:
        """What ``get`` gives as soon as it is true; fails after ``seconds``."""
        until = time.monotonic() + seconds
        with self._changed:
            while not (found := get()):
                left = until - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"not within {seconds} s: {what or get}\n{self.summary()}")
                # Ages grow without message, so look again now and then.
                self._changed.wait(min(left, 0.1))
        return found

    def when(
        self,
        get: Callable[[], T | None],
        holds: Callable[[T], object],
        seconds: float = PATIENCE,
        what: str = "",
    ) -> T:
        """What ``get`` gives as soon as it is there and ``holds`` is true of it."""
        return self.wait(
            lambda: found if (found := get()) is not None and holds(found) else None,
            seconds,
            what,
        )

    def summary(self) -> str:
        lines = [
            f"{found.host.name} {found.host.phase} {found.host.trouble or ''}: "
            + ", ".join(f"{d.name} {d.state}" for d in found.domains.values())
            for found in self.inventories.values()
        ]
        lines.append(str(self.details))
        return "\n".join([*lines, *map(str, self.tasks.values()), *map(str, self.host_events[-5:])])

    def inventory(self, host: str | None = None) -> Inventory:
        return self.inventories[host or self.hosts[0]]

    def phase(self, host: str | None = None) -> ConnectionState | None:
        found = self.inventories.get(host or self.hosts[0])
        return found.host.phase if found is not None else None

    def domain(self, name: str, host: str | None = None) -> Domain | None:
        found = self.inventories.get(host or self.hosts[0])
        return None if found is None else _named(found.domains.values(), name)

    def network(self, name: str, host: str | None = None) -> Network | None:
        found = self.inventories.get(host or self.hosts[0])
        return None if found is None else _named(found.networks.values(), name)

    def pool(self, name: str, host: str | None = None) -> Pool | None:
        found = self.inventories.get(host or self.hosts[0])
        return None if found is None else _named(found.pools.values(), name)

    def usage(self, name: str, host: str | None = None) -> Usage | None:
        found = self.domain(name, host)
        return self.inventory(host).usage.get(found.key.uuid) if found is not None else None

    # What has to be there by now. Where it may still come, a test waits for the ones above.

    def the_domain(self, name: str, host: str | None = None) -> Domain:
        return self._there(self.domain(name, host), name)

    def the_network(self, name: str, host: str | None = None) -> Network:
        return self._there(self.network(name, host), name)

    def the_pool(self, name: str, host: str | None = None) -> Pool:
        return self._there(self.pool(name, host), name)

    def the_usage(self, name: str, host: str | None = None) -> Usage:
        return self._there(self.usage(name, host), name)

    def _there(self, found: T | None, name: str) -> T:
        assert found is not None, f"{name} is not there\n{self.summary()}"
        return found

    def is_in(self, name: str, state: str, host: str | None = None) -> bool:
        found = self.domain(name, host)
        return found is not None and found.state.value == state

    def all_in(self, names: Iterable[str], state: str, host: str | None = None) -> bool:
        return all(self.is_in(name, state, host) for name in names)

    def has_active_pool(self, name: str, host: str | None = None) -> bool:
        found = self.pool(name, host)
        return found is not None and found.active

    def listed(self, host: str | None = None) -> Inventory:
        """Wait until the host is live and its domains are listed and read."""
        return self.wait(
            lambda: (
                (found := self.inventories.get(host or self.hosts[0])) is not None
                and found.host.phase is ConnectionState.LIVE
                and found.listed
                and all(d.os_type or d.fault for d in found.domains.values())
                and found
            ),
            what="the host is live and listed",
        )

    def look_at(self, *names: str, host: str | None = None) -> None:
        """Put these domains in view, the first one selected; all of them when none is named."""
        found = self.inventory(host).domains.values()
        keys = [d.key for d in found if not names or d.name in names]
        chosen = next((d.key for d in found if names and d.name == names[0]), None)
        self.fleet.set_interest(Interest(frozenset(keys), chosen))

    def watch_domain(self, name: str, host: str | None = None) -> None:
        """Open the page of a domain, as far as the fleet is concerned, with it in view."""
        self.details = None
        self.look_at(name, host=host)
        self.fleet.watch_domain(self.the_domain(name, host).key)

    def detail(
        self, holds: Callable[[DomainDetails], object], seconds: float = PATIENCE, what: str = ""
    ) -> DomainDetails:
        """Wait for details of the inspected domain for which ``holds`` is true."""
        return self.when(lambda: self.details, holds, seconds, what)

    def target(self, name: str, kind: Kind = Kind.DOMAIN, host: str | None = None) -> Target:
        rows = getattr(self.inventory(host), f"{kind.value}s").values()
        found: Domain | Network | Pool | None = next((r for r in rows if r.name == name), None)
        assert found is not None, self.summary()
        return Target(kind, found.key, name)

    def do(self, verb: Verb, name: str, kind: Kind = Kind.DOMAIN, host: str | None = None) -> int:
        """Submit a command; returns its task's id."""
        return self.fleet.submit([Command(verb, self.target(name, kind, host))])[0]

    def done(self, task: int, seconds: float = PATIENCE) -> Task:
        """Wait for a task to end."""
        return self.wait(
            lambda: (found := self.tasks.get(task)) is not None and found.state.ended and found,
            seconds,
            f"task {task} ends",
        )

    def document(self, name: str, kind: Kind = Kind.DOMAIN, host: str | None = None) -> Document:
        return Document(kind, self.target(name, kind, host).key, name)

    def ask_for(self, document: Document) -> DefinitionResult:
        """Ask for a definition; each time anew."""
        serial = next(self._serials)
        return self.answer(DefinitionQuery(document.key, document, serial=serial), DefinitionResult)

    def read(self, document: Document) -> DocumentText:
        answer = self.ask_for(document)
        assert answer.definition is not None, answer
        return answer.definition

    def documents(self, kind: Kind, key: ObjectId) -> tuple[Document, ...]:
        return self.answer(
            DocumentsQuery(key, kind, serial=next(self._serials)), DocumentsResult
        ).documents

    def define(self, document: Document, xml: str, base: str | None, **rest: Any) -> Task:
        """Define a document, and wait for the end of it."""
        target = Target(document.kind, document.key, document.name)
        command = Command(
            Verb.DEFINE, target, DefineArguments(document, xml=xml, base=base, **rest)
        )
        return self.done(self.fleet.submit([command])[0], 60)

    def answer(self, query: Query, result: type[R], seconds: float = PATIENCE) -> R:
        """Put a query, and wait for its last result."""
        self.fleet.ask(query)

        def last() -> R | None:
            found = (one for one in self.results if isinstance(one, result) and one.query == query)
            return next((one for one in found if not one.more_follows), None)

        return self.wait(last, seconds, str(query))


def _named(rows: Iterable[Listed], name: str) -> Listed | None:
    return next((row for row in rows if row.name == name), None)


def trouble(task: Task) -> OperationError:
    """What went wrong with a task, which has to have failed."""
    assert task.trouble is not None, task
    return task.trouble


@contextmanager
def listening(*uris: str, **changes: Any) -> Iterator[RecordingClient]:
    """A fleet on ``uris`` with settings changed by keyword; stopped at the end."""
    settings = replace(Settings(), **changes)
    client = RecordingClient(specs(uris), settings)
    try:
        yield client
    finally:
        client.fleet.stop(patience=2.0)

"""The fleet client of the command line: collects messages of hosts and waits for them."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from virttui.model.backend import HostSpec
from virttui.model.errors import InvalidInput
from virttui.model.identity import ObjectId
from virttui.model.inventory import ConnectionState, Inventory, Part
from virttui.model.messages import FleetMessage
from virttui.model.provision.domain_spec import HostCapabilities
from virttui.model.provision.network_pool import HostEnvironment
from virttui.model.queries import (
    CapabilitiesQuery,
    CapabilitiesResult,
    FileUsersQuery,
    FileUsersResult,
    HostEnvironmentQuery,
    HostEnvironmentResult,
    Query,
    QueryResult,
    VolumesQuery,
    VolumesResult,
)
from virttui.model.tasks import Task
from virttui.store.fleet_state import FleetState, FleetStore

if TYPE_CHECKING:
    from virttui.hypervisor.fleet import Fleet

PATIENCE = 20.0
"""Seconds a host may take to tell what a machine has to fit to."""
OTHERS_PATIENCE = 10.0
"""Seconds that the other hosts may take until they count as not known."""

T = TypeVar("T")
R = TypeVar("R", bound=QueryResult)


class FleetClient:
    """Takes the messages of a fleet, and waits for those that are expected."""

    def __init__(self, hosts: Sequence[HostSpec]) -> None:
        self._changed = threading.Condition()
        self._store = FleetStore(hosts, time.monotonic())
        self.tasks: dict[int, Task] = {}
        self.results: list[QueryResult] = []
        self._serials = itertools.count(1)

    def receive(self, message: FleetMessage) -> None:
        """Take a message; called from the fleet's threads."""
        with self._changed:
            if isinstance(message, Inventory):
                self._store.apply_inventory(message)
            elif isinstance(message, Task):
                self.tasks[message.id] = message
            elif isinstance(message, QueryResult):
                self._store.apply_query_result(message)
                self.results.append(message)
            self._changed.notify_all()

    def fleet_state(self) -> FleetState:
        """Everything that is known."""
        with self._changed:
            return self._store.fleet_state(time.monotonic(), time.time())

    def wait(self, get: Callable[[], T | None], seconds: float | None, what: str) -> T:
        """The value of ``get`` as soon as there is one. Raises InvalidInput when it is late."""
        until = None if seconds is None else time.monotonic() + seconds
        with self._changed:
            while (found := get()) is None:
                left = None if until is None else until - time.monotonic()
                if left is not None and left <= 0:
                    raise InvalidInput(f"no answer within {seconds:.0f} s: {what}")
                self._changed.wait(left)
            return found

    def ask(self, fleet: Fleet, query: Query, result: type[R], what: str) -> R:
        """Put a query, and return its last result, of the class ``result``.

        ``what`` names it in the message of InvalidInput, which is raised when no result comes.
        """
        numbered = replace(query, serial=next(self._serials))
        fleet.ask(numbered)

        def last() -> R | None:
            found = (a for a in self.results if isinstance(a, result) and a.query == numbered)
            return next((one for one in found if not one.more_follows), None)

        return self.wait(last, PATIENCE, what)


def host_of(name: str, hosts: Sequence[HostSpec], client: FleetClient) -> str:
    """The id of the host of a name ("" for any), once it has told all its parts.

    The other hosts are waited for as well, since a name or address may be theirs; one that takes
    long is not known then. Raises InvalidInput.
    """
    started = time.monotonic()

    def missing() -> str | None:
        found = client.fleet_state().inventories
        settled = all(_settled(one) for one in found.values())
        for id, inventory in found.items():
            host = inventory.host
            if name not in ("", host.name, host.uri, id):
                continue
            if host.phase in (ConnectionState.LOST, ConnectionState.DENIED):
                why = host.trouble.message if host.trouble is not None else "does not answer"
                raise InvalidInput(f"{host.name}: {why}")
            if (
                not inventory.listed
                or host.phase is not ConnectionState.LIVE
                or inventory.awaits(*Part)
            ):
                continue
            for part in (Part.NETWORKS, Part.POOLS):
                if reason := inventory.missing_parts.get(part):
                    raise InvalidInput(f"the {part} of {host.name} are not known: {reason}")
            if settled or time.monotonic() - started > OTHERS_PATIENCE:
                return id
        if settled and name and not any(_is_called(name, one) for one in found.values()):
            known = ", ".join(one.host.name for one in found.values())
            raise InvalidInput(f"no host is called {name}; there are: {known}")
        return None

    return client.wait(missing, PATIENCE, name or hosts[0].uri)


def _is_called(name: str, inventory: Inventory) -> bool:
    return name in (inventory.host.name, inventory.host.uri, inventory.host.id)


def _settled(inventory: Inventory) -> bool:
    """Return true if a host has reported its machines, or cannot."""
    if inventory.host.phase in (ConnectionState.LOST, ConnectionState.DENIED):
        return True
    return inventory.listed and not inventory.awaits(Part.DEFINITIONS)


def host_facts(
    host: str, client: FleetClient, fleet: Fleet
) -> tuple[HostCapabilities, HostEnvironment]:
    """The facts of a host for a new domain; the store then knows its volumes and who uses them."""
    key = ObjectId(host, "")
    can = client.ask(fleet, CapabilitiesQuery(key), CapabilitiesResult, "its capabilities")
    around = client.ask(fleet, HostEnvironmentQuery(key), HostEnvironmentResult, "its bridges")
    for pool in client.fleet_state().inventories[host].pools.values():
        if pool.active:
            volumes = f"the volumes of {pool.name}"
            client.ask(fleet, VolumesQuery(pool.key), VolumesResult, volumes)
    client.ask(fleet, FileUsersQuery(key), FileUsersResult, "who uses its volumes")
    return (
        can.capabilities or HostCapabilities(error=can.why_not),
        around.environment or HostEnvironment(error=around.why_not),
    )


def ended(client: FleetClient, id: int) -> Task | None:
    """A task, once it has ended."""
    task = client.tasks.get(id)
    return task if task is not None and task.state.ended else None

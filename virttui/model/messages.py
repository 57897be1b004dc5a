"""The messages that a backend publishes."""

from __future__ import annotations

from msgspec import Struct

from virttui.model.domains.consoles import ConsoleState
from virttui.model.domains.details import DomainDetails
from virttui.model.domains.logs import LogUpdate
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory
from virttui.model.queries import QueryResult
from virttui.model.severity import Severity
from virttui.model.tasks import Task


class HostEvent(Struct, frozen=True):
    """An event on a host: one line of the events pane.

    ``topic`` is one short word (domain, network, pool, host, task), ``subject`` the name of the
    object, ``text`` what happened to it. ``actor`` is "you" when a task of this run caused it.
    """

    epoch: float
    host: str
    topic: str
    subject: str
    text: str
    actor: str = ""
    level: Severity = Severity.OK
    key: ObjectId | None = None
    kind: Kind | None = None


FleetMessage = Inventory | Task | HostEvent | QueryResult | DomainDetails | ConsoleState | LogUpdate
"""Everything that a backend publishes."""

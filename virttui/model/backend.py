"""The interface of a backend, as the screens use it. The real one is ``hypervisor.fleet.Fleet``.

Every method returns at once. Its results arrive as messages through the callable that the backend
was opened with, from a thread of the backend's own, newest inventory per host last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from virttui.model.commands import IN_PARALLEL, BatchPolicy, Command
from virttui.model.identity import ObjectId
from virttui.model.queries import FleetMessage, Interest, Query

Publish = Callable[[FleetMessage], None]
"""Takes each message of a backend. Called from the backend's threads."""


@dataclass(frozen=True, slots=True)
class HostSpec:
    """One host to open: ``id`` is unique in the fleet, ``name`` is "" where none was given."""

    id: str
    uri: str
    name: str = ""


class Backend(Protocol):
    """A fleet of hosts, seen from the screens."""

    def look(self, interest: Interest) -> None:
        """Set which rows are in view, so that they are asked first."""

    def inspect(self, key: ObjectId | None) -> None:
        """Publish the details of one domain, each tick, until another or None is inspected."""

    def submit(
        self, commands: Sequence[Command], pace: BatchPolicy = IN_PARALLEL
    ) -> tuple[int, ...]:
        """Put commands to work; returns their task ids. A task follows for each, by ``Publish``.

        Several at once are a batch: their tasks bear one number, and follow ``pace``.
        """

    def ask(self, question: Query) -> None:
        """Ask; the answer names the question."""

    def cancel(self, task: int) -> None:
        """Drop a task that still waits, end a transfer; what else is at work goes on."""

    def refresh(self, host: str | None = None) -> None:
        """Read everything again now; a lost host is tried at once. ``None`` is all hosts."""

    def stop(self, patience: float = 0.5) -> tuple[str, ...]:
        """End within ``patience`` seconds; returns the calls left stuck, by name."""


OpenBackend = Callable[[Sequence[HostSpec], Publish], Backend]

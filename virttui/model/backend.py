"""What the screens may ask of whoever keeps the fleet. The real one is ``hypervisor.fleet.Fleet``.

Every method returns at once. What comes of it arrives as news through the callable the backend
was opened with, from a thread of the backend's own, newest inventory per host last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from virttui.model.commands import IN_PARALLEL, BatchPolicy, Command
from virttui.model.identity import ObjectId
from virttui.model.queries import Interest, News, Query

Tell = Callable[[News], None]


@dataclass(frozen=True, slots=True)
class HostSpec:
    """One host to open: ``id`` is unique in the fleet, ``name`` is "" where none was given."""

    id: str
    uri: str
    name: str = ""


class Backend(Protocol):
    """A fleet of hosts, seen from the screens."""

    def look(self, interest: Interest) -> None:
        """Say which rows are in view, so that they are asked first."""

    def inspect(self, key: ObjectId | None) -> None:
        """Tell everything about one domain, each tick, until told to look at another or none."""

    def submit(
        self, commands: Sequence[Command], pace: BatchPolicy = IN_PARALLEL
    ) -> tuple[int, ...]:
        """Put commands to work; returns their task ids. A task follows for each, by ``Tell``.

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


OpenBackend = Callable[[Sequence[HostSpec], Tell], Backend]

"""What the app tells a screen, whatever kind of screen it is."""

from __future__ import annotations

from virttui.model.domains.consoles import ConsoleState
from virttui.model.domains.details import DomainDetails
from virttui.model.domains.logs import LogUpdate
from virttui.model.queries import QueryResult
from virttui.model.tasks import Task
from virttui.store.fleet_state import FleetState


class LiveScreen:
    """A screen that the app keeps up to date. Each method does nothing unless it is overridden."""

    def update_state(self, fleet_state: FleetState) -> None:
        """Take what is known now. Called on the screen on top."""

    def on_task(self, task: Task) -> None:
        """Take a task that changed. Called on every open screen."""

    def on_query_result(self, result: QueryResult) -> None:
        """Take the result of a query. Called on the screen on top."""

    def on_stream(self, message: ConsoleState | LogUpdate) -> None:
        """Take what an open console or open logs tell. Called on every open screen."""
        if isinstance(message, LogUpdate):
            self.on_log_update(message)
        else:
            self.on_console_state(message)

    def on_console_state(self, state: ConsoleState) -> None:
        """Take the state of an open console. Called on every open screen."""

    def on_log_update(self, update: LogUpdate) -> None:
        """Take what was read of open logs. Called on every open screen."""

    def take_details(self, details: DomainDetails) -> None:
        """Take the details of the domain that is watched. Called on the screen on top."""

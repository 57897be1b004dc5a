"""What screens and modals may ask of the app they live in; the app itself is never imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, cast

from textual.dom import DOMNode

from virttui.model.backend import Consoles, HostSpec, Interest, Logs
from virttui.model.commands import IN_PARALLEL, BatchPolicy, Command
from virttui.model.domains.consoles import ConsoleState
from virttui.model.identity import ObjectId
from virttui.model.queries import Query
from virttui.render.glyphs import RenderContext
from virttui.settings import Settings
from virttui.store.fleet_state import FleetState
from virttui.store.local_tasks import LocalTasks


class AppServices(Protocol):
    """The app, seen from a screen."""

    @property
    def settings(self) -> Settings:
        """What was chosen at the start."""

    @property
    def look(self) -> RenderContext:
        """How things are drawn at this moment."""

    @property
    def consoles(self) -> Consoles | None:
        """Who opens consoles; None while nobody does."""

    @property
    def logs(self) -> Logs | None:
        """Who reads the logs of domains; None while nobody does."""

    @property
    def local_tasks(self) -> LocalTasks:
        """The tasks that the program does itself."""

    def follow_consoles(self, listener: Callable[[ConsoleState], None]) -> None:
        """Have a listener take the states of open consoles, after the pages did."""

    def fleet_state(self) -> FleetState:
        """All hosts and tasks, as they were told last."""

    def update_screen(self) -> None:
        """Paint what is known now."""

    def submit(
        self, commands: Sequence[Command], pace: BatchPolicy = IN_PARALLEL
    ) -> tuple[int, ...]:
        """Put commands to work; returns their task ids, none while nobody takes them."""

    def ask(self, query: Query) -> None:
        """Put a query to its host; the result comes to the screen on top.

        A query without a serial number gets one.
        """

    def cancel(self, task: int) -> None:
        """Drop a task that waits, or end one."""

    def refresh_now(self) -> None:
        """Read everything again."""

    def set_interest(self, interest: Interest) -> bool:
        """Say which rows are in view; false while there is no backend to hear it."""

    def watch_domain(self, key: ObjectId | None) -> None:
        """Have one domain told in full, or none."""

    def reopen(self, hosts: Sequence[HostSpec]) -> None:
        """Let go of all hosts and open others."""

    def open_demo(self) -> None:
        """Go on with the demo scene."""

    def leave(self) -> None:
        """Quit now."""


def console_of(node: DOMNode) -> AppServices:
    """The app that ``node`` lives in."""
    return cast("AppServices", node.app)

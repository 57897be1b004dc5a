"""Runs the commands of one host: a worker each.

Lives on the fleet thread; the command queue decides what may start.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from virttui.hypervisor.commands.registry import execute
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.call_router import CallRouter
from virttui.hypervisor.connection.connect import visit
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.polling.fleet_context import FleetContext
from virttui.model.errors import OperationError
from virttui.model.tasks import Progress, Task


class CommandExecutor:
    """The action workers of one host, and which task has which.

    The three callables are called on the fleet thread: ``on_done`` with the outcome of a task,
    ``on_progress`` and ``on_amended`` with the number of a task that is at work.
    ``wait_for_consoles`` is called on a worker, with the UUID of a domain that was just started.
    """

    def __init__(
        self,
        calls: CallRouter,
        fleet: FleetContext,
        on_done: Callable[[Task, str | OperationError], None],
        on_progress: Callable[[int, Progress], None],
        on_amended: Callable[[int, str], None],
        wait_for_consoles: Callable[[str], None],
    ) -> None:
        self._calls = calls
        self._fleet = fleet
        self._on_done = on_done
        self._on_progress = on_progress
        self._on_amended = on_amended
        self._wait_for_consoles = wait_for_consoles
        self._slots: dict[int, int] = {}
        self._controls: dict[int, TaskControl] = {}

    def start(self, task: Task) -> None:
        """Start a task on a worker of its own."""
        post = self._fleet.post

        def done(outcome: Any) -> None:
            post(partial(self._done, task, outcome))

        def progressed(progress: Progress) -> None:
            post(partial(self._on_progress, task.id, progress))

        def amended(text: str) -> None:
            post(partial(self._on_amended, task.id, text))

        lasts = task.command.verb.block_job
        control = TaskControl(
            progressed, amended, self._visit, self._wait_for_consoles, lasts=lasts
        )
        self._controls[task.id] = control
        # One connection a running command: see Worker for why they cannot share one.
        taken = set(self._slots.values())
        slot = next(n for n in range(1, len(taken) + 2) if n not in taken)
        self._slots[task.id] = slot
        self._calls.worker(f"actions {slot}").call(
            f"{task.command.verb.label} {task.command.target.name}",
            lambda connection: execute(connection, task.command, control),
            done,
        )

    def detach(self, number: int) -> None:
        """Free the slot of a task that takes long; its call goes on beside the next ones."""
        self._calls.detach_stuck(f"actions {self._slots.pop(number)}")

    def end(self, number: int) -> None:
        """Have a transfer or a block job end soon; other commands cannot be ended."""
        if (control := self._controls.get(number)) is not None:
            control.pull()

    def connection_lost(self) -> None:
        """The connections were given up: no task runs here any more, transfers end."""
        self._slots.clear()
        for control in self._controls.values():
            control.let_go()
        self._controls.clear()

    def _done(self, task: Task, outcome: str | OperationError) -> None:
        self._slots.pop(task.id, None)
        self._controls.pop(task.id, None)
        self._on_done(task, outcome)

    def _visit(self, host: str) -> AbstractContextManager[Connection]:
        """A connection to another host of the fleet. Raises OperationError where none can be."""
        return visit(self._fleet.uris[host])

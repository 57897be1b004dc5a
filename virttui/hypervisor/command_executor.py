"""Where commands are at work: a lane each, and what comes of them.

Lives on the fleet thread; the desk says what may begin.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any

from virttui.hypervisor.commands.registry import VERBS, execute
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.connect import visit
from virttui.hypervisor.connection.events import ChangeEvent
from virttui.model.errors import OperationError
from virttui.model.identity import Kind
from virttui.model.tasks import Progress, Task

if TYPE_CHECKING:
    from virttui.hypervisor.host import Host

# A command at work for so long gives up its slot when another waits for one.
STUCK_AFTER = 10.0


class CommandExecutor:
    """The action lanes of one host, and which task has which."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._slots: dict[int, int] = {}
        self._ropes: dict[int, TaskControl] = {}

    def put(self, task: Task) -> None:
        """Put a task to work."""

        def done(outcome: Any) -> None:
            self._host.fleet_context.post(partial(self._finished, task, outcome))

        def told(progress: Progress) -> None:
            self._host.fleet_context.post(partial(self._host.queue.progressed, task.id, progress))

        def amended(words: str) -> None:
            self._host.fleet_context.post(partial(self._host.queue.amend, task.id, words))

        lasts = task.command.verb.block_job
        control = self._ropes[task.id] = TaskControl(told, amended, self._visit, lasts=lasts)
        # One connection a command at work: see Lane for why they cannot share one.
        taken = set(self._slots.values())
        slot = next(n for n in range(1, len(taken) + 2) if n not in taken)
        self._slots[task.id] = slot
        self._host.lanes.lane(f"actions {slot}").call(
            f"{task.command.verb} {task.command.target.name}",
            lambda connection: execute(connection, task.command, control),
            done,
        )

    def _visit(self, host: str) -> AbstractContextManager[Any]:
        """A connection to another host of the fleet. Raises a Trouble where none can be."""
        return visit(self._host.fleet_context.uris[host])

    def _finished(self, task: Task, outcome: str | OperationError) -> None:
        """A command returned. What it changed and no event tells is read again."""
        host, target = self._host, task.command.target
        self._slots.pop(task.id, None)
        self._ropes.pop(task.id, None)
        host.queue.finished(task.id, outcome, host.builder.domains.get(target.key.uuid))
        defined = VERBS[task.command.verb].changes_definition
        host.asking.mark(ChangeEvent(target.kind, target.key.uuid, target.name, xml=defined))
        work = task.command.volume
        if work is not None and work.to is not None and work.to.host != host.spec.id:
            host.fleet_context.mark(
                work.to.host, ChangeEvent(Kind.POOL, work.to.uuid, work.to_name)
            )

    def free_stuck(self, now: float) -> None:
        """Calls that take long make room: what waits goes by a fresh connection beside them."""
        queue = self._host.queue
        if queue.wants_room:
            for task in queue.stuck(now, STUCK_AFTER):
                self._host.lanes.leave(f"actions {self._slots.pop(task.id)}")
                queue.set_aside(task.id)
            queue.begin()

    def end(self, number: int) -> None:
        """Have a transfer or a block job end soon; other commands cannot be ended."""
        if (control := self._ropes.get(number)) is not None:
            control.pull()

    def connection_lost(self) -> None:
        """The connections are given up: nothing is at work here any more, transfers end."""
        self._slots.clear()
        for control in self._ropes.values():
            control.let_go()
        self._ropes.clear()

"""The commands of one host: their queue, their execution, and what is read again after each."""

from __future__ import annotations

from collections.abc import Callable

from virttui.hypervisor.command_executor import CommandExecutor
from virttui.hypervisor.command_queue import CommandQueue
from virttui.hypervisor.commands.registry import VERBS
from virttui.hypervisor.connection.events import ChangeEvent
from virttui.hypervisor.polling.host_context import HostContext
from virttui.model.commands import Command
from virttui.model.errors import OperationError
from virttui.model.identity import Kind
from virttui.model.tasks import Task, TaskState
from virttui.model.volumes import VolumeOperation

# A command at work for so long gives up its slot when another waits for one.
STUCK_AFTER = 10.0


class HostCommands:
    """Puts commands to work on one host. Runs on the fleet thread.

    ``changed`` has something read again, ``failed`` reports a task that failed, and
    ``wait_attached`` waits until the consoles of a domain are attached (on a worker).
    """

    def __init__(
        self,
        context: HostContext,
        changed: Callable[[ChangeEvent], None],
        failed: Callable[[Task], None],
        wait_attached: Callable[[str], None],
    ) -> None:
        self._context, self._fleet = context, context.fleet
        self._changed, self._failed = changed, failed
        fleet = context.fleet
        self.queue = CommandQueue(
            self._start,
            self._publish,
            fleet.clock,
            fleet.wall,
            fleet.settings.shutdown_wait,
            fleet.settings.at_a_time,
        )
        self._executor = CommandExecutor(
            context.calls,
            fleet,
            self._done,
            self.queue.progressed,
            self.queue.amend,
            wait_attached,
        )

    @property
    def idle(self) -> bool:
        """Return true if no task waits, works or is watched."""
        return self.queue.idle

    def submit(self, number: int, command: Command, batch: int) -> None:
        """Put a command to work."""
        self.queue.submit(number, command, batch)

    def refuse(self, number: int, command: Command, batch: int, why: OperationError) -> None:
        """Publish a task that failed at once."""
        now, epoch = self._fleet.clock(), self._fleet.wall()
        self._publish(
            Task(number, command, TaskState.FAILED, now, epoch, now, why.message, why, batch)
        )

    def cancel(self, number: int) -> None:
        """Drop a task that waits, or end a transfer that is at work."""
        self.queue.cancel(number)
        self._executor.end(number)

    def tick(self, now: float) -> None:
        """End the shutdowns that were waited for long enough."""
        self.queue.tick(now)

    def detach_stuck(self, now: float) -> None:
        """Calls that take long free their slots: what waits gets a new connection beside them."""
        if self.queue.needs_slot:
            for task in self.queue.stuck(now, STUCK_AFTER):
                self._executor.detach(task.id)
                self.queue.set_aside(task.id)
            self.queue.begin()

    def connection_lost(self) -> None:
        """The connection broke under the tasks at work."""
        self.queue.connection_lost()
        self._executor.connection_lost()

    def close(self) -> None:
        """Leave calls at work behind, and end transfers."""
        self._executor.connection_lost()

    def _start(self, task: Task) -> None:
        self._executor.start(task)

    def _done(self, task: Task, outcome: str | OperationError) -> None:
        """A command returned. What it changed and no event reports is read again."""
        target, work = task.command.target, task.command.arguments
        domain = self._context.builder.domains.get(target.key.uuid)
        self.queue.finished(task.id, outcome, domain)
        defined = VERBS[task.command.verb].changes_definition
        self._changed(ChangeEvent(target.kind, target.key.uuid, target.name, xml=defined))
        if (
            isinstance(work, VolumeOperation)
            and work.target_pool is not None
            and work.target_pool.host != self._context.id
        ):
            self._fleet.mark_changed(
                work.target_pool.host,
                ChangeEvent(Kind.POOL, work.target_pool.uuid, work.target_pool_name),
            )

    def _publish(self, task: Task) -> None:
        self._fleet.publish(task)
        if task.state is TaskState.FAILED:
            self._failed(task)

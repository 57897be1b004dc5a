"""Commands that were given together: stopped at the first failure, or worked through one by one.

Lives on the fleet thread, above the hosts: a batch may span all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import replace

from virttui.hypervisor.host import Host
from virttui.model.backend import Publish
from virttui.model.commands import BatchPolicy, Command, Verb
from virttui.model.identity import Kind, ObjectId
from virttui.model.tasks import Task, TaskState

_RESTARTS = frozenset({Verb.REBOOT, Verb.RESET})
_BEGINS = frozenset({Verb.START, Verb.RESUME, *_RESTARTS})


def _boots(command: Command) -> bool:
    """Return true if a guest boots when the verb is done, so that a batch can wait for it."""
    return command.verb in _BEGINS and command.target.kind is Kind.DOMAIN


class Batch(Struct, frozen=True):
    """Numbered commands in order, and how they are worked through."""

    number: int
    commands: tuple[tuple[int, Command], ...]
    pace: BatchPolicy


@dataclass(slots=True)
class _Rolling:
    """A batch that goes one by one: what waits, what is at work, and whose guest is waited for.

    ``agent_answered`` is whether its agent did before, ``agent_lost`` whether it was lost since.
    """

    batch: Batch
    waiting: list[Task]
    at_work: int = 0
    waits_for: Task | None = None
    agent_lost: bool = False
    agent_answered: bool = False


class Batches:
    """The batches that are not done yet."""

    def __init__(
        self,
        hosts: Mapping[str, Host],
        clock: Callable[[], float],
        wall: Callable[[], float],
        publish: Publish,
    ) -> None:
        self._hosts = hosts
        self._clock = clock
        self._wall = wall
        self._publish = publish
        self._open: dict[int, Batch] = {}
        self._left: dict[int, set[int]] = {}
        self._rolling: dict[int, _Rolling] = {}

    def submit(self, batch: Batch) -> None:
        """Put a batch to work."""
        if batch.pace.one_by_one:
            now, epoch = self._clock(), self._wall()
            tasks = [
                Task(number, command, TaskState.WAITING, now, epoch, batch=batch.number)
                for number, command in batch.commands
            ]
            self._rolling[batch.number] = _Rolling(batch, tasks)
            for task in tasks:
                self._publish(task)
            self._next(self._rolling[batch.number])
            return
        if batch.pace.stop_at_failure:
            self._open[batch.number] = batch
            self._left[batch.number] = {number for number, _ in batch.commands}
        for number, command in batch.commands:
            self._hosts[command.target.key.host].submit(number, command, batch.number)

    def ended(self, task: Task) -> None:
        """A task of a batch ended."""
        failed = task.state is TaskState.FAILED
        if task.batch in self._open:
            self._left[task.batch].discard(task.id)
            batch = self._open[task.batch]
            if failed or not self._left[task.batch]:
                del self._open[task.batch], self._left[task.batch]
            if failed:
                self._stop(batch, task)
        rolling = self._rolling.get(task.batch)
        if rolling is None or rolling.at_work != task.id:
            return
        rolling.at_work = 0
        if failed and rolling.batch.pace.stop_at_failure:
            self._cancel_rest(rolling, self._reason(task))
        elif task.state is TaskState.DONE and _boots(task.command):
            rolling.waits_for, rolling.agent_lost = task, task.command.verb not in _RESTARTS
        else:
            self._next(rolling)

    def cancel(self, number: int) -> None:
        """Drop a task that waits in a batch that goes one by one."""
        for rolling in self._rolling.values():
            for task in [task for task in rolling.waiting if task.id == number]:
                rolling.waiting.remove(task)
                self._end(task, "cancelled")

    def tick(self, now: float) -> None:
        """Go on where a guest answers again, or has been waited for long enough."""
        for rolling in tuple(self._rolling.values()):
            task = rolling.waits_for
            if task is None:
                continue
            key = task.command.target.key
            answering = self._agent_answers(key)
            rolling.agent_lost = rolling.agent_lost or not answering
            if answering and rolling.agent_lost:
                rolling.waits_for = None
                self._next(rolling)
            elif now - (task.ended_at or now) >= rolling.batch.pace.patience:
                rolling.waits_for = None
                if (
                    rolling.agent_answered
                    and rolling.agent_lost
                    and rolling.batch.pace.stop_at_failure
                ):
                    name = task.command.target.name
                    self._cancel_rest(rolling, f"not started: {name} did not answer again")
                else:
                    self._next(rolling)

    def _next(self, rolling: _Rolling) -> None:
        if not rolling.waiting:
            self._rolling.pop(rolling.batch.number, None)
            return
        task = rolling.waiting.pop(0)
        rolling.at_work = task.id
        rolling.agent_answered = self._agent_answers(task.command.target.key)
        host = self._hosts[task.command.target.key.host]
        host.submit(task.id, task.command, task.batch)

    def _agent_answers(self, key: ObjectId) -> bool:
        """Return true if the guest's agent is connected."""
        return self._hosts[key.host].builder.facts(key.uuid).agent

    def _stop(self, batch: Batch, failed: Task) -> None:
        for number, command in batch.commands:
            self._hosts[command.target.key.host].commands.queue.drop(number, self._reason(failed))

    def _cancel_rest(self, rolling: _Rolling, why: str) -> None:
        for task in rolling.waiting:
            self._end(task, why)
        rolling.waiting.clear()
        self._rolling.pop(rolling.batch.number, None)

    def _reason(self, failed: Task) -> str:
        return f"not started: {failed.command.target.name} failed before it"

    def _end(self, task: Task, words: str) -> None:
        now = self._clock()
        self._publish(replace(task, state=TaskState.CANCELLED, ended_at=now, words=words))

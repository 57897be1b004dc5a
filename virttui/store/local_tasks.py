"""Tasks that this program does itself, without a backend: begun, told of, and ended here."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from virttui.model.commands import Command
from virttui.model.errors import OperationError
from virttui.model.tasks import Task, TaskState

FIRST_NUMBER = 1 << 40
"""Numbers from here on are of these tasks: no backend counts so far."""


@dataclass(slots=True)
class _LocalTask:
    """A task at work: ``words`` says how far it is, ``end`` ends it, as its ``finish`` tells."""

    task: Task
    words: Callable[[], str]
    end: Callable[[], None]


class LocalTasks:
    """The tasks at work. One thread alone uses it; ``publish`` takes each change of a task.

    ``monotonic`` and ``epoch`` are clocks, in seconds.
    """

    def __init__(
        self,
        publish: Callable[[Task], None],
        monotonic: Callable[[], float],
        epoch: Callable[[], float],
    ) -> None:
        self._publish = publish
        self._monotonic, self._epoch = monotonic, epoch
        self._numbers = itertools.count(FIRST_NUMBER)
        self._at_work: dict[int, _LocalTask] = {}

    def begin(self, command: Command, words: Callable[[], str], end: Callable[[], None]) -> int:
        """Begin a task that runs until ``finish``; returns its number.

        ``end`` is called where the user ends it, or the program does.
        """
        number = next(self._numbers)
        task = Task(
            number, command, TaskState.RUNNING, self._monotonic(), self._epoch(), words=words()
        )
        self._at_work[number] = _LocalTask(task, words, end)
        self._publish(task)
        return number

    def finish(self, number: int, words: str, trouble: OperationError | None = None) -> None:
        """Tell the end of a task: ``trouble`` is why it failed, None where it did not."""
        ended = self._at_work.pop(number, None)
        if ended is not None:
            state = TaskState.DONE if trouble is None else TaskState.FAILED
            now = self._monotonic()
            self._publish(
                replace(ended.task, state=state, ended_at=now, words=words, trouble=trouble)
            )

    def cancel(self, number: int) -> bool:
        """End a task; false where it is none of these."""
        found = self._at_work.get(number)
        if found is not None:
            found.end()
        return found is not None

    def end_all(self) -> None:
        """End every task, as the program goes on without its hosts, or ends."""
        for one in tuple(self._at_work.values()):
            one.end()

    def tick(self) -> None:
        """Tell of those whose words changed."""
        for one in self._at_work.values():
            if (words := one.words()) != one.task.words:
                one.task = replace(one.task, words=words)
                self._publish(one.task)

"""A task is a command at work, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from virttui.model.commands import Command
from virttui.model.errors import Trouble


class TaskState(StrEnum):
    """The life of a task. WAITING: queued behind others on its host."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self in (TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Task:
    """One command at work. A new object replaces it at each change; ``id`` stays.

    ``words`` says how far it is or what came of it; ``begun_epoch`` is wall-clock time. ``batch``
    is the number of those that were given together, 0 for one alone.
    """

    id: int
    command: Command
    state: TaskState
    begun_at: float
    begun_epoch: float
    ended_at: float | None = None
    words: str = ""
    trouble: Trouble | None = None
    batch: int = 0

    def took(self, now: float) -> float:
        """Seconds from its beginning to its end, or to ``now``."""
        return (self.ended_at if self.ended_at is not None else now) - self.begun_at

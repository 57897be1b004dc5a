"""A task is a command at work, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from virttui.model.commands import Command
from virttui.model.errors import OperationError


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
class Progress:
    """How far a task is: bytes, and bytes a second (None: not known yet)."""

    done: int
    total: int
    rate: float | None = None

    @property
    def progress(self) -> float | None:
        """The share that is done."""
        return self.done / self.total if self.total else None

    @property
    def remaining(self) -> int:
        """Bytes that are left."""
        return max(0, self.total - self.done)

    @property
    def left(self) -> float | None:
        """Seconds that are left at this rate."""
        return self.remaining / self.rate if self.rate else None


@dataclass(frozen=True, slots=True)
class Task:
    """One command at work. A new object replaces it at each change; ``id`` stays.

    ``words`` says how far it is or what came of it; ``begun_epoch`` is wall-clock time. ``batch``
    is the number of those that were given together, 0 for one alone. ``progress`` is told of
    transfers while they are at work.
    """

    id: int
    command: Command
    state: TaskState
    begun_at: float
    begun_epoch: float
    ended_at: float | None = None
    words: str = ""
    trouble: OperationError | None = None
    batch: int = 0
    progress: Progress | None = None

    def took(self, now: float) -> float:
        """Seconds from its beginning to its end, or to ``now``."""
        return (self.ended_at if self.ended_at is not None else now) - self.begun_at

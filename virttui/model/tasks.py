"""Tasks: commands that were submitted, with their state and result."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from virttui.model.commands import Command
from virttui.model.errors import OperationError


class TaskState(StrEnum):
    """States of a task. WAITING: it is queued behind others on its host."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """True if the task will not change any more."""
        return self in (TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED)


class Progress(Struct, frozen=True):
    """Progress of a task in bytes, with its rate in bytes a second (None: not known yet).

    ``counts`` names what is counted in place of bytes ("key").
    """

    done: int
    total: int
    rate: float | None = None
    counts: str = ""

    @property
    def progress(self) -> float | None:
        """The share that is done, None where the total is not known."""
        return self.done / self.total if self.total else None

    @property
    def remaining(self) -> int:
        """Bytes that are left."""
        return max(0, self.total - self.done)

    @property
    def seconds_left(self) -> float | None:
        """Seconds that are left at this rate."""
        return self.remaining / self.rate if self.rate else None


class Task(Struct, frozen=True):
    """A submitted command. A new object replaces it at each change; ``id`` stays.

    ``words`` is its progress or its result as a sentence; ``started_epoch`` is wall-clock time.
    ``batch`` is the number of the batch, 0 for a single command. ``progress`` is known of transfers
    while they run.
    """

    id: int
    command: Command
    state: TaskState
    started_at: float
    started_epoch: float
    ended_at: float | None = None
    words: str = ""
    trouble: OperationError | None = None
    batch: int = 0
    progress: Progress | None = None

    def duration(self, now: float) -> float:
        """Seconds from its beginning to its end, or to ``now``."""
        return (self.ended_at if self.ended_at is not None else now) - self.started_at

"""The desk where commands wait, are put to work, and are watched to their end.

Lives on the fleet thread. At most ``at_a_time`` commands of a host are at work, one a domain; the
slot after those is kept for force off. Force off, and the end of a job, go past a command that is
at work on their domain: it may be the very one they are meant to end. What QEMU does to a disk
keeps nothing else on its domain waiting: it may take hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from virttui.hypervisor.commands.registry import VERBS
from virttui.model.commands import Command, Verb
from virttui.model.domains.disk_jobs import DiskJob
from virttui.model.errors import Cancelled, HostLost, OperationError, TimedOut
from virttui.model.inventory import Domain
from virttui.model.tasks import Progress, Task, TaskState

# How long after its task ended an event on the same object still counts as caused by it.
ECHO = 2.0
# So many transfers that ended well may still have their checksum told.
MOVED = 20

StartTask = Callable[[Task], None]


class CommandQueue:
    """The tasks of one host. ``put`` puts one to work, ``tell`` shows each change to the world."""

    def __init__(
        self,
        put: StartTask,
        tell: StartTask,
        clock: Callable[[], float],
        wall: Callable[[], float],
        shutdown_wait: float,
        at_a_time: int,
    ) -> None:
        self._put = put
        self._tell = tell
        self._clock = clock
        self._wall = wall
        self._shutdown_wait = shutdown_wait
        self._at_a_time = at_a_time
        self._waiting: dict[int, Task] = {}
        self._forced: dict[int, Task] = {}
        self._working: dict[int, Task] = {}
        self._aside: dict[int, Task] = {}
        self._watched: dict[int, Task] = {}
        self._moved: dict[int, Task] = {}
        self._amended: dict[int, str] = {}
        self._echoes: dict[str, float] = {}
        self._pruned_at = clock()

    # --- in ---------------------------------------------------------------------------------

    def submit(self, number: int, command: Command, batch: int = 0) -> None:
        """Take a command; it begins as soon as there is room."""
        now, epoch = self._clock(), self._wall()
        task = Task(number, command, TaskState.WAITING, now, epoch, batch=batch)
        self._waiting[number] = task
        if VERBS[command.verb].extra_slot:
            self._forced[number] = task
        self._tell(task)
        self.begin()

    def cancel(self, number: int) -> None:
        """Drop a task that waits; one whose end is only watched is no longer watched."""
        task = self._waiting.pop(number, None) or self._watched.pop(number, None)
        if task is not None:
            self._end(task, TaskState.CANCELLED, "cancelled")

    def drop(self, number: int, why: str) -> None:
        """Drop a task that has not begun."""
        task = self._waiting.pop(number, None)
        if task is not None:
            self._end(task, TaskState.CANCELLED, why)

    def begin(self) -> None:
        """Put to work what there is room for; with thousands waiting, look no further than that."""
        self._forced = {id: task for id, task in self._forced.items() if id in self._waiting}
        for task in self._forced.values():
            self._begin(task)
        for task in list(self._waiting.values()):
            if self._gentle >= self._at_a_time or len(self._working) > self._at_a_time:
                return
            self._begin(task)

    def _begin(self, task: Task) -> None:
        if self._admits(task.command):
            del self._waiting[task.id]
            running = replace(task, state=TaskState.RUNNING, started_at=self._clock())
            self._working[task.id] = running
            self._tell(running)
            self._put(running)

    def _admits(self, command: Command) -> bool:
        return not self._blocked(command) and self._has_room(command)

    def _blocked(self, command: Command) -> bool:
        """Return true if a running task on the same object must end first."""
        on = self._on(command)
        if VERBS[command.verb].skips_queue:
            return any(task.command.verb is command.verb for task in on)
        if command.verb.block_job:
            return any(
                not task.command.verb.runs_beside or _disk(task.command) == _disk(command)
                for task in on
            )
        return any(not task.command.verb.runs_beside for task in on)

    def _has_room(self, command: Command) -> bool:
        if len(self._working) > self._at_a_time:
            return False
        return VERBS[command.verb].extra_slot or self._gentle < self._at_a_time

    def _on(self, command: Command) -> list[Task]:
        """The tasks whose call has not returned, on the same object."""
        key = command.target.key
        calls = (*self._working.values(), *self._aside.values())
        return [task for task in calls if task.command.target.key == key]

    @property
    def _gentle(self) -> int:
        """Count the running commands that may not use the extra slot."""
        return sum(not VERBS[task.command.verb].extra_slot for task in self._working.values())

    # --- out --------------------------------------------------------------------------------

    def finished(self, number: int, outcome: str | OperationError, domain: Domain | None) -> None:
        """A call returned: words, or why not. ``domain`` is its target's row now."""
        task = self._working.pop(number, None) or self._aside.pop(number, None)
        if task is None:
            return
        amended = self._amended.pop(number, "")
        if isinstance(outcome, str):
            outcome = amended or outcome
        if isinstance(outcome, Cancelled):
            self._end(task, TaskState.CANCELLED, outcome.message)
        elif isinstance(outcome, OperationError):
            self._end(task, TaskState.FAILED, outcome.message, outcome)
        elif VERBS[task.command.verb].waits_for_off:
            watched = replace(task, words=outcome)
            self._watched[number] = watched
            self._tell(watched)
            self.watch(task.command.target.key.uuid, domain)
        else:
            self._end(task, TaskState.DONE, outcome)
        self.begin()

    def progressed(self, number: int, progress: Progress) -> None:
        """A transfer told how far it is."""
        for tasks in (self._working, self._aside):
            if number in tasks:
                tasks[number] = replace(tasks[number], progress=progress)
                self._tell(tasks[number])

    def amend(self, number: int, words: str) -> None:
        """More is known of a transfer that ended well: its checksum."""
        if (task := self._moved.pop(number, None)) is not None:
            self._tell(replace(task, words=words))
        elif number in self._working or number in self._aside:
            self._amended[number] = words  # its end is on the way

    def watch(self, uuid: str, domain: Domain | None) -> None:
        """A domain's row changed (None: it is gone): end the shutdowns that waited for it."""
        if domain is not None and domain.state.active:
            return
        for task in [t for t in self._watched.values() if t.command.target.key.uuid == uuid]:
            del self._watched[task.id]
            suffix = "" if domain is not None else ", and its definition is gone: it was transient"
            self._end(task, TaskState.DONE, f"is off{suffix}")

    @property
    def idle(self) -> bool:
        """Return true if no task waits, works or is watched."""
        return not self._waiting and next(self._all(), None) is None

    def tick(self, now: float) -> None:
        """End the shutdowns that were waited for long enough."""
        for task in list(self._watched.values()):
            if now - task.started_at >= self._shutdown_wait:
                del self._watched[task.id]
                name = task.command.target.name
                trouble = TimedOut(
                    f"{name} has not shut down after {self._shutdown_wait:.0f} s",
                    advice="D forces it off; S asks again and waits again",
                )
                self._end(task, TaskState.FAILED, "the guest did not answer", trouble)

    def connection_lost(self) -> None:
        """The connection broke under the tasks at work: what they did is not known."""
        for task in (*self._working.values(), *self._aside.values()):
            broken = VERBS[task.command.verb].when_lost(task.command)
            self._end(task, TaskState.FAILED, broken.message, broken)
        # What had not begun must not begin minutes later, when nobody expects it any more.
        unbegun = HostLost("the connection broke before this started", advice="r asks again")
        for task in self._waiting.values():
            self._end(task, TaskState.FAILED, unbegun.message, unbegun)
        for tasks in (self._working, self._aside, self._waiting):
            tasks.clear()

    def set_aside(self, number: int) -> None:
        """Free the slot of a call that is slow or stuck; its task goes on and is ended as usual."""
        task = self._working.pop(number, None)
        if task is not None:
            self._aside[number] = task

    def stuck(self, now: float, patience: float) -> tuple[Task, ...]:
        """The tasks at work for longer than ``patience`` seconds, and those that only wait."""
        return tuple(
            task
            for task in self._working.values()
            if task.command.verb is Verb.FREEZE or now - task.started_at > patience
        )

    @property
    def needs_slot(self) -> bool:
        """Return true if a command waits only for a free slot."""
        return any(
            not self._blocked(task.command) and not self._has_room(task.command)
            for task in self._waiting.values()
        )

    def mine(self, uuid: str) -> bool:
        """Return true if a task of this run works on ``uuid``, or did so a moment ago."""
        return self._echoes.get(uuid, 0.0) > self._clock() or uuid in self.touched

    @property
    def touched(self) -> set[str]:
        """The objects, by UUID, that a task of this run is at work on or watched on."""
        return {task.command.target.key.uuid for task in self._all()}

    @property
    def being_forced_off(self) -> set[str]:
        """The objects, by UUID, that a force off of this run is at work on."""
        calls = (*self._working.values(), *self._aside.values())
        return {t.command.target.key.uuid for t in calls if t.command.verb is Verb.FORCE_OFF}

    def _all(self) -> Iterator[Task]:
        yield from self._working.values()
        yield from self._aside.values()
        yield from self._watched.values()

    def _end(
        self, task: Task, state: TaskState, words: str, trouble: OperationError | None = None
    ) -> None:
        now = self._clock()
        if now - self._pruned_at > ECHO:
            self._pruned_at = now
            self._echoes = {uuid: until for uuid, until in self._echoes.items() if until > now}
        self._echoes[task.command.target.key.uuid] = now + ECHO
        ended = replace(task, state=state, ended_at=now, words=words, trouble=trouble)
        if state is TaskState.DONE and task.command.verb.transfer:
            self._moved[task.id] = ended
            if len(self._moved) > MOVED:
                del self._moved[next(iter(self._moved))]
        self._tell(ended)


def _disk(command: Command) -> str:
    """The disk that QEMU works at; "" for what is no block job."""
    job = command.arguments if command.verb.block_job else None
    return job.disk if isinstance(job, DiskJob) else ""

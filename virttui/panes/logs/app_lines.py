"""What this app knows of a domain or host, as lines of its logs: events, and its own tasks."""

from __future__ import annotations

from collections.abc import Iterator

from virttui.model.domains.logs import LIBVIRT, TASKS, LogLine
from virttui.model.identity import ObjectId
from virttui.model.severity import Severity
from virttui.model.tasks import Task, TaskState
from virttui.panes.main.tasks import done_words
from virttui.render.glyphs import UNICODE
from virttui.store.fleet_state import FleetState

_HOST_TOPICS = ("host", "pool")
"""Events of the host itself that may have to do with what happens to a domain."""


class AppLines:
    """Gives each event and each step of a task once, of a domain or of all that is on a host."""

    def __init__(self, owner: ObjectId | str) -> None:
        self._key = owner if isinstance(owner, ObjectId) else None
        self._host = owner.host if isinstance(owner, ObjectId) else owner
        self._serial = -1
        self._tasks: dict[int, TaskState] = {}

    def new(self, fleet_state: FleetState) -> list[LogLine]:
        """What came since the last call, oldest first."""
        return sorted(
            [*self._events(fleet_state), *self._steps(fleet_state)], key=lambda line: line.at
        )

    def _events(self, fleet_state: FleetState) -> Iterator[LogLine]:
        newest = self._serial
        for one in fleet_state.events:
            if one.serial <= self._serial:
                break
            newest = max(newest, one.serial)
            event = one.event
            of_host = event.host == self._host and (
                self._key is None or event.topic in _HOST_TOPICS
            )
            of_domain = self._key is not None and event.key == self._key
            if event.topic == "task" or not (of_domain or of_host):
                continue
            subject = f"{event.topic} {event.subject}: " if of_host else ""
            by = f", by {event.actor}" if event.actor else ""
            text = f"{subject}{event.text}{by}"
            yield LogLine(LIBVIRT, text, event.epoch, level=event.level)
        self._serial = newest

    def _steps(self, fleet_state: FleetState) -> Iterator[LogLine]:
        for task in fleet_state.tasks:
            key = task.command.target.key
            if key.host != self._host or (self._key is not None and key != self._key):
                continue
            before = self._tasks.get(task.id)
            if before is task.state:
                continue
            self._tasks[task.id] = task.state
            label = task.command.verb.label
            if self._key is None:
                label = f"{label} {task.command.target.name}"
            if before is None:
                text = f"{UNICODE.working} {label}"
                yield LogLine(TASKS, text, task.started_epoch)
            if task.state.ended:
                yield _end(task, label)


def _end(task: Task, label: str) -> LogLine:
    ended = task.started_epoch + ((task.ended_at or task.started_at) - task.started_at)
    if task.state is TaskState.DONE:
        return LogLine(TASKS, f"{UNICODE.running} {label}: {done_words(task)}", ended)
    if task.state is TaskState.CANCELLED:
        return LogLine(TASKS, f"{UNICODE.cancelled} {label}: cancelled", ended)
    trouble = task.trouble
    why = trouble.message if trouble is not None else task.words
    advice = f". {trouble.advice}" if trouble is not None and trouble.advice else ""
    text = f"{UNICODE.failed} {label}: {why}{advice}"
    return LogLine(TASKS, text, ended, level=Severity.ERROR)

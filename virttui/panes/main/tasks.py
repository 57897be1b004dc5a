"""The tasks: what was asked of the hosts, and what libvirt works at that others asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from virttui import formatting
from virttui.model.commands import Target, Verb
from virttui.model.domains.disk_jobs import DiskJob
from virttui.model.domains.jobs import Job
from virttui.model.identity import Kind, ObjectId
from virttui.model.tasks import Progress, Task, TaskState
from virttui.render.columns import Cell, Column, HideRule, StateCell, state_cell
from virttui.render.filter import FilterLanguage
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean
from virttui.render.list_pane import Pane
from virttui.store.fleet_state import FleetState

BAR = 12


class TaskRow(NamedTuple):
    """One task, those of a batch (the one to speak of first), or a job that others asked for.

    The key's uuid is the number of the task or of the batch, or what the job is. ``job`` is what
    libvirt tells of the work, for a task of ours too.
    """

    key: ObjectId
    tasks: tuple[Task, ...]
    host: str
    job: Job | None = None

    @property
    def task(self) -> Task | None:
        """The task; of a batch the one that failed, else one that is at work."""
        return self.tasks[0] if self.tasks else None

    @property
    def meter(self) -> Job | Progress | None:
        """Its progress: libvirt's job, or the task's own while it is running."""
        if self.job is not None or not self.tasks or self.state is not TaskState.RUNNING:
            return self.job
        return self.tasks[0].progress

    @property
    def batch(self) -> bool:
        """The batch of these tasks, if they were given together."""
        return len(self.tasks) > 1

    @property
    def state(self) -> TaskState:
        """Its state; a job is running as long as it exists."""
        return self.tasks[0].state if self.tasks else TaskState.RUNNING

    @property
    def verb(self) -> str:
        """The action in words."""
        if self.tasks:
            return self.tasks[0].command.verb.label
        return "" if self.job is None else self.job.operation

    @property
    def target(self) -> Target:
        """The target of the action."""
        if self.tasks or self.job is None:
            return self.tasks[0].command.target
        return Target(Kind.DOMAIN, self.job.key, self.job.name)

    @property
    def started(self) -> tuple[float, float]:
        """The start: monotonic, and wall clock."""
        if self.tasks or self.job is None:
            first = min(self.tasks, key=lambda task: task.started_at)
            return first.started_at, first.started_epoch
        return self.job.started_at, self.job.started_epoch


def rows(fleet_state: FleetState) -> Sequence[TaskRow]:
    """Jobs of others, open tasks, then ended ones, each newest first; a batch is one row."""
    return [*_foreign(fleet_state), *_ours(fleet_state)]


def _foreign(fleet_state: FleetState) -> Iterator[TaskRow]:
    """The jobs on domains that no task of this run is at work on."""
    found = [job for jobs in fleet_state.jobs.values() for job in jobs]
    # Open tasks come before ended ones.
    at_work = list(takewhile(lambda task: not task.state.ended, fleet_state.tasks)) if found else []
    for job in sorted(found, key=lambda job: -job.started_epoch):
        if not any(_of_task(job, task) for task in at_work):
            key = ObjectId(job.key.host, f"job {job.id}")
            yield TaskRow(key, (), fleet_state.host_name(job.key.host), job)


def _of_task(job: Job, task: Task) -> bool:
    """Return true if a job is the one that a task of this run started."""
    if task.command.target.key != job.key:
        return False
    work = task.command.arguments
    if task.command.verb.block_job and isinstance(work, DiskJob):
        return job.disk == work.disk
    return not job.disk and task.command.verb is Verb.SAVE


def _ours(fleet_state: FleetState) -> Iterator[TaskRow]:
    batches: dict[int, list[Task]] = {}
    for task in fleet_state.tasks:
        if task.batch:
            batches.setdefault(task.batch, []).append(task)
    for task in fleet_state.tasks:
        target = task.command.target.key
        host = target.host
        if not task.batch:
            mine = task.state is TaskState.RUNNING and task.command.verb is Verb.SAVE
            jobs = fleet_state.jobs.get(target, ()) if mine else ()
            job = next((job for job in jobs if not job.disk), None)
            yield TaskRow(
                ObjectId(host, f"task {task.id}"), (task,), fleet_state.host_name(host), job
            )
        elif (batch := batches.pop(task.batch, None)) is not None:
            hosts = {one.command.target.key.host for one in batch}
            named = fleet_state.host_name(host) if len(hosts) == 1 else f"{len(hosts)} hosts"
            batch.sort(key=lambda one: (_SPEAKS.index(one.state), one.id))
            yield TaskRow(ObjectId("", f"batch {task.batch}"), tuple(batch), named)


_SPEAKS = (
    TaskState.FAILED,
    TaskState.RUNNING,
    TaskState.WAITING,
    TaskState.CANCELLED,
    TaskState.DONE,
)


def tally(tasks: Sequence[Task], skipped: int = 0) -> str:
    """``38 ok, 2 failed``, or ``12 of 40`` while it goes on."""
    states = [task.state for task in tasks]
    ended = sum(state.ended for state in states)
    failed = states.count(TaskState.FAILED)
    if ended < len(tasks):
        return f"{ended} of {len(tasks)}" + (f", {failed} failed" if failed else "")
    dropped = states.count(TaskState.CANCELLED)
    parts = [f"{states.count(TaskState.DONE)} ok"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{dropped} not done"] if dropped else []
    parts += [f"{skipped} skipped"] if skipped else []
    return ", ".join(parts)


def took(row: TaskRow, now: float) -> float:
    """Seconds from the first beginning to the last end, or to ``now``."""
    ends = [task.ended_at for task in row.tasks]
    known = [end for end in ends if end is not None]
    return (max(known) if known and len(known) == len(ends) else now) - row.started[0]


def state_of(row: TaskRow, look: RenderContext) -> StateCell:
    """The text of the STATE cell."""
    glyphs = look.glyphs
    if row.batch and any(not task.state.ended for task in row.tasks):
        ended = sum(task.state.ended for task in row.tasks)
        return StateCell(glyphs.working, f"{ended} of {len(row.tasks)}", Role.ACCENT, Role.ACCENT)
    if row.state is TaskState.WAITING:
        return StateCell(glyphs.working, "waits", Role.ACCENT, Role.ACCENT)
    if row.state is TaskState.RUNNING:
        share = row.meter.progress if row.meter is not None else None
        word = (
            formatting.age(took(row, look.now))
            if share is None
            else f"{formatting.percent(share)}%"
        )
        return StateCell(glyphs.working, word, Role.ACCENT, Role.ACCENT)
    if row.state is TaskState.FAILED:
        failed = sum(task.state is TaskState.FAILED for task in row.tasks)
        word = f"{failed} failed" if row.batch else "failed"
        return StateCell(glyphs.failed, word, Role.BAD_STRONG, Role.BAD_STRONG)
    if row.state is TaskState.CANCELLED:
        return StateCell(glyphs.cancelled, "cancelled", Role.MUTED)
    return StateCell(glyphs.running, "done", Role.OK)


def row_role(row: TaskRow) -> Role:
    """Done tasks are muted, open and failed ones are not."""
    return Role.MUTED if row.state in (TaskState.DONE, TaskState.CANCELLED) else Role.TEXT


def _state(row: TaskRow, look: RenderContext) -> Cell:
    state = state_of(row, look)
    if row.state is TaskState.DONE:
        # The word is muted like its row; the glyph alone says that it went well.
        return (Run(state.glyph, Role.OK), Run(f" {state.word}", Role.MUTED))
    return state_cell(state, row_role(row))


def target_of(row: TaskRow) -> str:
    """The name of what it is for, or how many they are."""
    if row.batch:
        return formatting.counted(len(row.tasks), row.target.kind.value)
    disk = row.job.disk if row.job is not None else ""
    return f"{row.target.name} {disk}".strip()


def progress(row: TaskRow, look: RenderContext, width: int = BAR) -> str:
    """The progress of a task, or its result."""
    if row.batch:
        return tally(row.tasks)
    job = row.meter
    if job is None or job.progress is None:
        return task_message(row.tasks[0]) if row.tasks else "running"
    if isinstance(job, Progress) and job.counts:
        return f"{look.bar(job.progress, width)}  {job.done} of {job.total}".strip()
    left = f"  {formatting.size(job.remaining)} left" if job.remaining else ""
    rate = f", {formatting.rate(job.rate)}/s" if job.rate else ""
    return f"{look.bar(job.progress, width)}{left}{rate}".strip()


def task_message(task: Task) -> str:
    """The progress of a task, or its result."""
    return task.trouble.message if task.trouble else task.words


_WAYS_BACK = {Verb.PAUSE: "p resumes it", Verb.SAVE: "s resumes it from there"}
"""Which key takes back what one key did without asking."""


def done_words(task: Task) -> str:
    """The result of a task, for the answer line."""
    words = task.words or f"{task.command.verb.label}: done"
    back = _WAYS_BACK.get(task.command.verb, "")
    return f"{words}; {back}" if back else words


def _left(row: TaskRow) -> str:
    if row.state.ended:
        return ""
    return (
        formatting.duration(row.meter.seconds_left) if row.meter is not None else formatting.UNKNOWN
    )


COLUMNS: tuple[Column[TaskRow], ...] = (
    Column("task", "TASK", 13, lambda row, look: row.verb),
    Column("state", "STATE", 15, _state),
    Column("target", "TARGET", 12, lambda row, look: target_of(row), flex=True, most=21),
    Column("host", "HOST", 7, lambda row, look: row.host),
    Column("progress", "PROGRESS", 25, lambda row, look: progress(row, look), flex=True,
           prose=True),
    Column("left", "LEFT", 6, lambda row, look: _left(row), right=True),
    Column("took", "TOOK", 7, lambda row, look: formatting.duration(took(row, look.now)),
    right=True),
    Column("at", "AT", 8, lambda row, look: formatting.clock(row.started[1]), gap=3),
    Column("by", "BY", 6, lambda row, look: Run("you" if row.tasks else "others", Role.MUTED)),
)  # fmt: skip

DROPS = (
    HideRule(("by",)), HideRule(("left",)), HideRule(("at",)), HideRule(("host",)),
        HideRule(("took",)),
    HideRule(("progress",)),
)  # fmt: skip


def _task_words(row: TaskRow) -> str:
    """What a filter finds a task by: its label, and the verb as records have it."""
    values = {task.command.verb.value for task in row.tasks}
    return "\n".join([row.verb, *sorted(values - {row.verb})])


LANGUAGE: FilterLanguage[TaskRow] = FilterLanguage(
    {
        "target": lambda row: (
            "\n".join(task.command.target.name for task in row.tasks) or row.target.name
        ),
        "host": lambda row: row.host,
        "state": lambda row: row.state.value,
        "task": _task_words,
        "progress": lambda row: "\n".join(map(task_message, row.tasks)),
        "by": lambda row: "you" if row.tasks else "others",
    }
)
"""What a filter may ask of a task."""


def status_text(row: TaskRow, fleet_state: FleetState, look: RenderContext) -> Line:
    """The task in words."""
    name = Run(f"{row.verb} {clean(target_of(row))}", Role.STRONG)
    if row.batch:
        return name, Run(f"  {tally(row.tasks)}. enter shows each")
    if row.task is None:
        if row.job is not None and row.job.waits:
            return name, Run("  the copy is complete: f switches the guest to it, X discards it")
        elapsed = formatting.span(took(row, look.now))
        return name, Run(f"  started by another client, running for {elapsed}; X ends it")
    return name, Run(f"  {_in_words(row.task, look)}")


def _in_words(task: Task, look: RenderContext) -> str:
    took = formatting.span(task.duration(look.now))
    if task.state is TaskState.FAILED:
        return f"failed after {took}: {task_message(task)}"
    if task.state is TaskState.DONE:
        return task_message(task) or f"done after {took}"
    if task.state is TaskState.CANCELLED:
        return f"cancelled. {task_message(task) or 'Nothing was changed'}"
    if task.state is TaskState.WAITING:
        return "queued; X cancels it"
    return f"running for {took}. {_far(task) or task_message(task)}"


def _far(task: Task) -> str:
    """``30.0G of 120G at 537M/s, 3 min left; X ends it`` of a transfer."""
    far = task.progress
    if far is None:
        return ""
    left = f", {formatting.span(far.seconds_left)} left" if far.seconds_left is not None else ""
    if far.counts:
        return f"{far.done} of {formatting.counted(far.total, far.counts)}{left}; X ends it"
    rate = f" at {formatting.rate(far.rate)}/s" if far.rate else ""
    return f"{formatting.size(far.done)} of {formatting.size(far.total)}{rate}{left}; X ends it"


def _about(rows: Sequence[TaskRow]) -> str:
    others = sum(not row.tasks for row in rows)
    ended = sum(bool(row.tasks) and all(task.state.ended for task in row.tasks) for row in rows)
    more = f", {others} of other clients" if others else ""
    return f"{len(rows) - others - ended} running{more}, {ended} ended"


TASKS: Pane[TaskRow] = Pane(
    id="tasks",
    kind=None,
    columns=COLUMNS,
    drops=DROPS,
    rows=rows,
    row_role=row_role,
    language=LANGUAGE,
    status_text=status_text,
    needs_attention=lambda row: row.state is TaskState.FAILED,
    order="newest first",
    pins=False,
    minimum=lambda width: 11,
    about=_about,
)

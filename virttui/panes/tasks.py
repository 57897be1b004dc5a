"""The tasks: what was asked of the hosts, and the whole story of the selected one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from virttui import text
from virttui.model.inventory import Key
from virttui.model.tasks import Task, TaskState
from virttui.panes.chrome import rule
from virttui.panes.columns import Cell, Column, Drop, State, state_cell
from virttui.panes.filter import Language
from virttui.panes.glyphs import Look
from virttui.panes.line import Line, Role, Run, clean, within, wrapped
from virttui.panes.pane import Pane
from virttui.panes.survey import Survey


class TaskRow(NamedTuple):
    """One task, or those of a batch, the one to speak of first.

    The key's uuid is the number of the task, or of the batch.
    """

    key: Key
    tasks: tuple[Task, ...]
    host: str

    @property
    def task(self) -> Task:
        """The task; of a batch the one that failed, else one that is at work."""
        return self.tasks[0]

    @property
    def batch(self) -> bool:
        """Whether these were given together."""
        return len(self.tasks) > 1


def rows(survey: Survey) -> Sequence[TaskRow]:
    """Open tasks, then ended ones, each newest first; a batch is one row."""
    batches: dict[int, list[Task]] = {}
    for task in survey.tasks:
        if task.batch:
            batches.setdefault(task.batch, []).append(task)
    found: list[TaskRow] = []
    for task in survey.tasks:
        host = task.command.target.key.host
        if not task.batch:
            key = Key(host, f"task {task.id}")
            found.append(TaskRow(key, (task,), survey.host_name(host)))
        elif (given := batches.pop(task.batch, None)) is not None:
            hosts = {one.command.target.key.host for one in given}
            named = survey.host_name(host) if len(hosts) == 1 else f"{len(hosts)} hosts"
            given.sort(key=lambda one: (_SPEAKS.index(one.state), one.id))
            found.append(TaskRow(Key("", f"batch {task.batch}"), tuple(given), named))
    return found


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
    begun = min(task.begun_at for task in row.tasks)
    if any(task.ended_at is None for task in row.tasks):
        return now - begun
    return max(task.ended_at or now for task in row.tasks) - begun


def state_of(task: Task, look: Look) -> State:
    """What the STATE cell says."""
    glyphs = look.glyphs
    if task.state is TaskState.WAITING:
        return State(glyphs.working, "waits", Role.ACCENT, Role.ACCENT)
    if task.state is TaskState.RUNNING:
        return State(glyphs.working, text.age(task.took(look.now)), Role.ACCENT, Role.ACCENT)
    if task.state is TaskState.FAILED:
        return State(glyphs.failed, "failed", Role.BAD_STRONG, Role.BAD_STRONG)
    if task.state is TaskState.CANCELLED:
        return State(glyphs.cancelled, "cancelled", Role.MUTED)
    return State(glyphs.running, "done", Role.OK)


def tone(row: TaskRow) -> Role:
    """Done tasks are muted, open and failed ones are not."""
    quiet = row.task.state in (TaskState.DONE, TaskState.CANCELLED)
    return Role.MUTED if quiet else Role.TEXT


def _state(row: TaskRow, look: Look) -> Cell:
    state = state_of(row.task, look)
    failed = sum(task.state is TaskState.FAILED for task in row.tasks)
    if row.batch and any(not task.state.ended for task in row.tasks):
        ended = sum(task.state.ended for task in row.tasks)
        word = f"{ended} of {len(row.tasks)}"
        state = State(look.glyphs.working, word, Role.ACCENT, Role.ACCENT)
    elif row.batch and failed:
        state = replace(state, word=f"{failed} failed")
    if row.task.state is TaskState.DONE:
        # The word is muted like its row; the glyph alone says that it went well.
        return (Run(state.glyph, Role.OK), Run(f" {state.word}", Role.MUTED))
    return state_cell(state, tone(row))


def target_of(row: TaskRow) -> str:
    """The name of what it is for, or how many they are."""
    target = row.task.command.target
    return text.counted(len(row.tasks), target.kind.value) if row.batch else target.name


def progress(row: TaskRow) -> str:
    """How far it is, or what came of it."""
    return tally(row.tasks) if row.batch else said(row.task)


def said(task: Task) -> str:
    """How far a task is, or what came of it."""
    return task.trouble.sentence if task.trouble else task.words


COLUMNS: tuple[Column[TaskRow], ...] = (
    Column("task", "TASK", 11, lambda row, look: row.task.command.verb.value),
    Column("state", "STATE", 15, _state),
    Column("target", "TARGET", 12, lambda row, look: target_of(row), flex=True, most=21),
    Column("host", "HOST", 7, lambda row, look: row.host),
    Column("progress", "PROGRESS", 12, lambda row, look: progress(row), flex=True, prose=True),
    Column("took", "TOOK", 7, lambda row, look: text.duration(took(row, look.now)), right=True),
    Column("at", "AT", 8, lambda row, look: text.clock(row.task.begun_epoch), gap=3),
)

DROPS = (Drop(("at",)), Drop(("host",)), Drop(("took",)), Drop(("progress",)))


LANGUAGE: Language[TaskRow] = Language(
    {
        "target": lambda row: "\n".join(task.command.target.name for task in row.tasks),
        "host": lambda row: row.host,
        "state": lambda row: row.task.state.value,
        "task": lambda row: row.task.command.verb.value,
        "progress": lambda row: said(row.task),
    }
)
"""What a filter may ask of a task."""


def sentence(row: TaskRow, survey: Survey, look: Look) -> Line:
    """The task in words."""
    task = row.task
    name = Run(f"{task.command.verb.value} {target_of(row)}", Role.STRONG)
    words = f"{tally(row.tasks)}. enter shows each" if row.batch else _in_words(task, look)
    return name, Run(f"  {words}")


def _in_words(task: Task, look: Look) -> str:
    took = text.span(task.took(look.now))
    if task.state is TaskState.FAILED:
        return f"failed after {took}: {said(task)}"
    if task.state is TaskState.DONE:
        return said(task) or f"done after {took}"
    if task.state is TaskState.CANCELLED:
        return f"cancelled. {said(task) or 'Nothing was changed'}"
    if task.state is TaskState.WAITING:
        return "waits for its turn; X cancels it"
    return f"at work for {took}. {said(task)}"


def story(row: TaskRow, virsh: str, look: Look, cells: int, height: int) -> list[Line]:
    """The whole story of a task in ``height`` lines: what failed, why, what to do, by hand."""
    task = row.task
    command, trouble = task.command, task.trouble
    failed = task.state is TaskState.FAILED
    title = f"{command.verb.value} {command.target.name}" + (", why it failed" if failed else "")
    end = f"{row.host}, {text.clock(task.begun_epoch)}"
    lines: list[Line] = [rule(title, end, look, cells)]
    if trouble is not None:
        lines += _told("what failed", trouble.sentence, Role.STRONG, cells)
        lines += _told("libvirt says", trouble.said, Role.TEXT, cells)
        lines += _told("try", trouble.advice, Role.TEXT, cells)
    else:
        lines += _told("so far" if not task.state.ended else "result", task.words, Role.TEXT, cells)
    lines.append(())
    lines += _told("by hand", virsh, Role.TEXT, cells)
    lines += [()] * height
    return [within(line, cells) for line in lines[:height]]


def _told(label: str, words: str, role: Role, cells: int) -> list[Line]:
    if not words:
        return []
    lines: list[Line] = []
    for paragraph in words.splitlines() or [words]:
        for part in wrapped(clean(paragraph), max(10, cells - 17)):
            head = f" {label if not lines else '':<15}"
            lines.append((Run(head, Role.MUTED), Run(part, role)))
    return lines


def _about(survey: Survey) -> str:
    ended = len(survey.tasks) - survey.running_tasks
    return f"{survey.running_tasks} running, {ended} ended"


TASKS: Pane[TaskRow] = Pane(
    id="tasks",
    kind=None,
    columns=COLUMNS,
    drops=DROPS,
    rows=rows,
    tone=tone,
    language=LANGUAGE,
    sentence=sentence,
    eyes=lambda row: row.task.state is TaskState.FAILED,
    order="newest first",
    pins=False,
    minimum=lambda cells: 11,
    about=_about,
)

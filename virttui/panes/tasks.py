"""The tasks: what was asked of the hosts, and the whole story of the selected one."""

from __future__ import annotations

from collections.abc import Sequence
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
    """One task. The key's uuid is the task's number."""

    key: Key
    task: Task
    host: str


def rows(survey: Survey) -> Sequence[TaskRow]:
    """Open tasks, then ended ones, each newest first."""
    return [
        TaskRow(
            Key(task.command.target.key.host, f"task {task.id}"),
            task,
            survey.host_name(task.command.target.key.host),
        )
        for task in survey.tasks
    ]


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
    if row.task.state is TaskState.DONE:
        # The word is muted like its row; the glyph alone says that it went well.
        return (Run(state.glyph, Role.OK), Run(f" {state.word}", Role.MUTED))
    return state_cell(state, tone(row))


def said(task: Task) -> str:
    """How far a task is, or what came of it."""
    return task.trouble.sentence if task.trouble else task.words


COLUMNS: tuple[Column[TaskRow], ...] = (
    Column("task", "TASK", 11, lambda row, look: row.task.command.verb.value),
    Column("state", "STATE", 15, _state),
    Column(
        "target", "TARGET", 12, lambda row, look: row.task.command.target.name, flex=True, most=21
    ),
    Column("host", "HOST", 7, lambda row, look: row.host),
    Column("progress", "PROGRESS", 12, lambda row, look: said(row.task), flex=True, prose=True),
    Column("took", "TOOK", 7, lambda row, look: text.duration(row.task.took(look.now)), right=True),
    Column("at", "AT", 8, lambda row, look: text.clock(row.task.begun_epoch), gap=3),
)

DROPS = (Drop(("at",)), Drop(("host",)), Drop(("took",)), Drop(("progress",)))


LANGUAGE: Language[TaskRow] = Language(
    {
        "target": lambda row: row.task.command.target.name,
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
    name = Run(f"{task.command.verb.value} {task.command.target.name}", Role.STRONG)
    return name, Run(f"  {_in_words(task, look)}")


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

"""Details of one task: what failed, the likely cause, what to try, the equivalent command."""

from __future__ import annotations

import posixpath
import re

from virttui import formatting
from virttui.model.commands import Verb
from virttui.model.domains.diagnosis import Diagnosis
from virttui.model.inventory import Inventory, Pool
from virttui.model.tasks import Task, TaskState
from virttui.panes.main.tasks import TaskRow, progress, tally, task_message
from virttui.render.chrome import rule
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, cut_end, within, wrapped
from virttui.store.fleet_state import FleetState

LABEL = 15


def detail_lines(
    row: TaskRow, fleet_state: FleetState, virsh: str, look: RenderContext, width: int, height: int
) -> list[Line]:
    """The details of a task in exactly ``height`` lines."""
    task = row.task
    failed = row.state is TaskState.FAILED
    title = f"{row.verb} {row.target.name}" + (", why it failed" if failed else "")
    if failed and task is not None and task.command.verb is Verb.START:
        title = f"why {row.target.name} did not start"
    about = f"{row.host}, {formatting.clock(row.started[1])}"
    lines: list[Line] = [rule(title, about, look, width)]
    if row.batch:
        lines += labelled("so far", tally(row.tasks), Role.TEXT, width)
        lines += [line for one in row.tasks[: height - 4] for line in _one_of_many(one, width)]
    elif task is None:
        lines += labelled("so far", progress(row, look, 40), Role.TEXT, width)
        lines += labelled("", "started by another client; X ends it", Role.MUTED, width)
    elif task.trouble is not None:
        lines += _why(task, fleet_state, width)
    else:
        words = progress(row, look, 40) if row.meter else task.words
        lines += labelled("so far" if not task.state.ended else "result", words, Role.TEXT, width)
    if virsh:
        # The equivalent command stays in view, however many lines there are.
        first, *others = virsh.splitlines()
        more = f"  and {len(others)} more, y copies all" if others else ""
        command = Run(cut_end(clean(first), width - LABEL - 1 - len(more)) + more)
        lines = [*lines[: height - 2], (), (Run(f" {'equivalent':<{LABEL}}", Role.MUTED), command)]
    lines += [()] * height
    return [within(line, width) for line in lines[:height]]


def _one_of_many(task: Task, width: int) -> list[Line]:
    if task.state is not TaskState.FAILED:
        return []
    return labelled("", f"{task.command.target.name}: {task_message(task)}", Role.TEXT, width)[:1]


def _why(task: Task, fleet_state: FleetState, width: int) -> list[Line]:
    """The failed step, its likely cause, the advice, and the messages of log and libvirt."""
    trouble = task.trouble
    assert trouble is not None
    key = task.command.target.key
    found = fleet_state.diagnoses.get(key)
    inventory = fleet_state.inventories.get(key.host)
    cause, steps = likely(task, inventory, found)
    lines = labelled("what failed", trouble.message, Role.STRONG, width)
    if trouble.libvirt_message != trouble.message:
        lines += labelled("libvirt says", trouble.libvirt_message, Role.TEXT, width)
    lines += labelled("most likely", cause, Role.TEXT, width)
    for number, step in enumerate(steps, 1):
        head = Run(f" {'try' if number == 1 else '':<{LABEL}}", Role.MUTED)
        lines.append((head, Run(f"{number} ", Role.ACCENT_STRONG), Run(clean(step))))
    if found is not None:
        lines += diagnosis_lines(found, width, most=6)
    return lines


def diagnosis_lines(found: Diagnosis, width: int, most: int) -> list[Line]:
    """The end of the log, newest line first, and libvirt's own messages."""
    lines: list[Line] = [()]
    newest = list(reversed(found.log))[:most]
    for place, words in enumerate(newest):
        label = "qemu log" if place == 0 else ""
        role = Role.TEXT if _is_problem(words) else Role.MUTED
        head = Run(f" {label:<{LABEL}}", Role.MUTED)
        lines.append((head, Run(cut_end(clean(words), width - LABEL - 1), role)))
    if not newest:
        lines += labelled("qemu log", found.log_note, Role.MUTED, width)
    lines.append(())
    messages = "; ".join(found.messages or ()) or "none: not tainted, no deprecated settings"
    if found.messages is None:
        messages = "this libvirt keeps none"
    return [*lines, *labelled("messages", messages, Role.TEXT, width)]


def _is_problem(line: str) -> bool:
    """Return true if a line of the log reports a problem, not a routine step."""
    return (
        re.search(r"error|fail|denied|cannot|could not|abort|fatal|unable", line, re.I) is not None
    )


def likely(
    task: Task, inventory: Inventory | None, found: Diagnosis | None
) -> tuple[str, list[str]]:
    """The most likely cause, and what to try, step by step."""
    trouble = task.trouble
    if trouble is None:
        return "", []
    # Only of a file that is not there, or of no space, may its pool be the cause; a log names many
    # files, of earlier lives too.
    message = f"{trouble.libvirt_message} {found.cause if found is not None else ''}"
    pool = _pool_of(message, inventory)
    host = inventory.host.name if inventory is not None else ""
    missing = re.search("No such file|is not there|is missing", message) is not None
    full = re.search("[Nn]o space left", message) is not None
    if missing and pool is not None and not pool.active:
        where = f" ({pool.type} {pool.path})" if pool.path else ""
        return (
            f"pool {pool.name}{where} is off on {host}",
            [f"start pool {pool.name} (3, s)", "retry this task (r)"],
        )
    if full and pool is not None and pool.capacity and pool.available < pool.capacity // 100:
        return (
            f"pool {pool.name} on {host} is full",
            [f"free some space in {pool.name} (3)", "retry this task (r)"],
        )
    cause = found.cause if found is not None else ""
    advice = trouble.advice or (found.advice if found is not None else "")
    steps = [advice] if advice else []
    return cause, [*steps, "retry this task (r)"] if steps else steps


def _pool_of(words: str, inventory: Inventory | None) -> Pool | None:
    """The pool that a path named in ``words`` lies in."""
    paths = re.findall(r"/[^\s'\",:;()]+", words)
    pools = inventory.pools.values() if inventory is not None else ()
    for path in paths:
        for pool in pools:
            if pool.path and posixpath.normpath(path).startswith(pool.path.rstrip("/") + "/"):
                return pool
    return None


def labelled(label: str, words: str, role: Role, width: int) -> list[Line]:
    """Words under a label, wrapped; nothing when there are none."""
    if not words:
        return []
    lines: list[Line] = []
    for paragraph in words.splitlines() or [words]:
        for part in wrapped(clean(paragraph), max(10, width - LABEL - 2)):
            head = f" {label if not lines else '':<{LABEL}}"
            lines.append((Run(head, Role.MUTED), Run(part, role)))
    return lines

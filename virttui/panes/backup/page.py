"""The list of a domain's backups as lines, what the next one would do, and what one holds."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from virttui import formatting
from virttui.model.backup.arguments import BackupPlan
from virttui.model.backup.chains import chain_of, damaged, dependents
from virttui.model.backup.manifest import BackupKind, StoredBackup
from virttui.model.errors import InvalidInput
from virttui.model.tasks import Task
from virttui.render.glyphs import RenderContext
from virttui.render.line import (
    Background,
    Line,
    Role,
    Run,
    clean,
    cut_end,
    fit,
    on,
    within,
    wrapped,
)

WIDE = 100
"""From so many columns on, the plan and the backup stand side by side, and more columns show."""
_LABEL = 11
_WHEN, _KIND, _STATE, _SIZE, _TOOK, _TAKEN, _VERIFIED = 18, 12, 12, 5, 6, 16, 8
"""Cells of the columns."""


class BackupRow(Struct, frozen=True):
    """The cells of one row of the list."""

    when: str
    kind: str
    state: str
    size: str
    took: str
    taken: str
    verified: str
    pool: str


_HEADER = BackupRow("BACKUP", "KIND", "STATE", "SIZE", "TOOK", "TAKEN", "VERIFIED", "POOL")


def moment(epoch: float) -> str:
    """A moment as people of this machine's time zone read it: ``Sun 29 Nov 01:00``."""
    return time.strftime("%a %d %b %H:%M", time.localtime(epoch))


def header(width: int) -> Line:
    """The titles of the columns."""
    return within((Run(f"  {_cells(_HEADER, width)}", Role.MUTED),), width)


def list_line(
    backup: StoredBackup,
    backups: Sequence[StoredBackup],
    look: RenderContext,
    width: int,
    *,
    chosen: bool,
) -> Line:
    """One backup; what a full one begins is indented under it in time, newest first."""
    glyphs, manifest = look.glyphs, backup.manifest
    problem = damaged(backup, of_pool(backup, backups))
    state = f"{glyphs.failed} broken" if problem else f"{glyphs.running} complete"
    begins = f"{glyphs.open} " if manifest.kind is BackupKind.FULL else "  "
    verified = backup.verified
    row = BackupRow(
        f"{begins}{moment(manifest.begun)}",
        manifest.kind.value,
        state,
        formatting.size(manifest.size),
        formatting.age(max(0.0, manifest.ended - manifest.begun)),
        manifest.consistency.value,
        "no" if verified is None else formatting.age(max(0.0, look.epoch - verified)),
        clean(backup.pool_name),
    )
    role = Role.BAD if problem else Role.TEXT
    begin = Run(f"{glyphs.cursor} " if chosen else "  ", Role.ACCENT)
    line = within((begin, Run(_cells(row, width), role)), width)
    return on(line, Background.CURSOR) if chosen else line


def of_pool(backup: StoredBackup, backups: Iterable[StoredBackup]) -> list[StoredBackup]:
    """The backups that lie in the same pool."""
    return [one for one in backups if one.pool == backup.pool]


def _cells(row: BackupRow, width: int) -> str:
    wide = width >= WIDE
    cells = [fit(row.when, _WHEN), fit(row.kind, _KIND), fit(row.state, _STATE)]
    cells.append(fit(row.size, _SIZE, right=True))
    if wide:
        cells.append(fit(row.took, _TOOK, right=True))
        cells.append(fit(row.taken, _TAKEN))
    cells.append(fit(row.verified, _VERIFIED, right=True))
    cells.append(row.pool)
    return "  ".join(cells)


def task_line(task: Task, look: RenderContext, width: int) -> Line:
    """A command on backups that is at work: its share, its rate and what is left."""
    words = f"{look.glyphs.working} {task.command.verb.label}"
    progress = task.progress
    if progress is not None and progress.total:
        words += f" {progress.done * 100 // progress.total} %"
        words += f", {formatting.size(progress.done)} of {formatting.size(progress.total)}"
        if progress.rate:
            words += f", {formatting.short_size(progress.rate)}/s"
        if progress.seconds_left is not None:
            words += f", {formatting.span(progress.seconds_left)} left"
    return within((Run(f"  {words}; X in the tasks (5) ends it", Role.ACCENT),), width)


# -- what the next one would do --------------------------------------------------------------------


def plan_lines(plan: BackupPlan | None, error: str, pool: str, width: int) -> list[Line]:
    """What ``n`` would do, disk by disk, and what speaks against it."""
    if plan is None:
        words = error or "asking what it would do"
        return _paragraph("", words, Role.BAD if error else Role.MUTED, width)
    lines: list[Line] = []
    for words in plan.blockers:
        lines += _paragraph("not now", words, Role.BAD, width)
    for disk in plan.disks:
        about = f"about {formatting.size(disk.estimate)}"
        words = f"{disk.kind}, {about}" + (f": {disk.reason}" if disk.reason else "")
        lines += _paragraph(disk.target, words, Role.TEXT, width)
    total = formatting.size(plan.estimate)
    room = "" if plan.available is None else f"; {pool} has {formatting.size(plan.available)} free"
    lines += _paragraph("together", f"{total}{room}", Role.TEXT, width)
    if plan.full_because:
        lines += _paragraph("why full", plan.full_because, Role.TEXT, width)
    lines += _paragraph("taken", _taken(plan), Role.TEXT, width)
    for words in plan.warnings:
        if "agent is not connected" not in words:
            lines += _paragraph("mind", words, Role.WARN, width)
    lines += [line for one in plan.left_out for line in _left_out(one.what, one.reason, width)]
    return lines


def _taken(plan: BackupPlan) -> str:
    """The state of the guest's file systems at that moment."""
    if plan.starts_paused:
        return "while it is off: its file systems are as it left them"
    if plan.quiesce:
        return "its agent holds its writes for that moment"
    return "as after a power cut"


def _left_out(what: str, reason: str, width: int) -> list[Line]:
    return _paragraph(what, f"not in it: {reason}", Role.MUTED, width)


def _paragraph(label: str, words: str, role: Role, width: int) -> list[Line]:
    room = max(16, width - _LABEL - 2)
    lines = []
    for part in wrapped(clean(words), room) or [""]:
        begin = Run(f" {fit(clean(label), _LABEL)}", Role.MUTED)
        lines.append(within((begin, Run(part, role)), width))
        label = ""
    return lines


# -- the one under the cursor ----------------------------------------------------------------------


def about(
    backup: StoredBackup, backups: Sequence[StoredBackup], look: RenderContext, width: int
) -> list[Line]:
    """All that is known of a backup."""
    return [
        line
        for label, words, role in _facts(backup, backups, look)
        for line in _paragraph(label, words, role, width)
    ]


def _facts(
    backup: StoredBackup, backups: Sequence[StoredBackup], look: RenderContext
) -> Iterator[tuple[str, str, Role]]:
    manifest, own = backup.manifest, of_pool(backup, backups)
    if problem := damaged(backup, own):
        yield "broken", f"{problem}: it cannot be restored", Role.BAD
    yield "id", manifest.id, Role.TEXT
    yield "needs", _needs(backup, own), Role.TEXT
    if needed_by := dependents({manifest.id}, own):
        count = formatting.counted(len(needed_by), "later one")
        yield "needed by", f"{count}, worth nothing without it", Role.TEXT
    yield from _verification(backup, look)
    for disk in manifest.disks:
        words = f"{disk.kind}, {formatting.size(disk.size)} of {formatting.size(disk.capacity)}"
        yield disk.target, words, Role.TEXT
    for file in manifest.files:
        yield file.what, formatting.size(file.size), Role.TEXT
    for one in manifest.left_out:
        yield one.what, f"not in it: {one.reason}", Role.MUTED
    if manifest.frozen_seconds is not None:
        yield "held", f"its writes stood still for {manifest.frozen_seconds:.2f} s", Role.TEXT
    name = manifest.checkpoint.name if manifest.checkpoint is not None else ""
    yield "checkpoint", name or "none: nothing incremental can follow it", Role.MUTED
    yield "taken by", f"libvirt {manifest.libvirt} on {manifest.host}", Role.MUTED


def _needs(backup: StoredBackup, own: Sequence[StoredBackup]) -> str:
    if not backup.manifest.parent:
        return "nothing: it is full"
    try:
        chain = chain_of(backup.manifest.id, own)
    except InvalidInput as error:
        return error.message
    between = len(chain) - 2
    words = f"the full one of {moment(chain[0].manifest.begun)}"
    return f"{words} and all {between} between" if between else words


def _verification(backup: StoredBackup, look: RenderContext) -> Iterator[tuple[str, str, Role]]:
    check = backup.check
    if check is None:
        yield "verified", "never: V reads it again and compares", Role.WARN
        return
    age = formatting.span(max(0.0, look.epoch - check.at))
    if check.good:
        yield "verified", f"{age} ago: every file agreed with the manifest", Role.TEXT
    for good, words in check.lines:
        if not good:
            yield "verified", f"{age} ago: {words}", Role.BAD


def sentence(backup: StoredBackup | None, backups: Sequence[StoredBackup], width: int) -> Line:
    """The backup under the cursor in one line."""
    if backup is None:
        return ()
    manifest = backup.manifest
    problem = damaged(backup, of_pool(backup, backups))
    verified = "verified" if backup.verified is not None else "not verified"
    said = problem or f"{manifest.kind}, {manifest.consistency}, {verified}"
    when = moment(manifest.begun)
    return Run(when, Role.STRONG), Run(f"  {cut_end(clean(said), max(10, width - len(when) - 4))}")

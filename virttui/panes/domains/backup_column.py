"""The age of the last good backup of a domain, as a column and as a word of the filter."""

from __future__ import annotations

import math

from virttui import formatting
from virttui.panes.domains.rows import DomainRow
from virttui.render.columns import Cell, Column, SortKey
from virttui.render.glyphs import RenderContext
from virttui.render.line import Role, Run


def backup_age(row: DomainRow) -> float | None:
    """Seconds since its last backup, by the time of the host's last answer.

    None where nobody has looked; endless where there is none, so that ``backup>1d`` finds it.
    """
    answered = row.inventory.host.answered_epoch
    if row.backup is None or answered is None:
        return None
    return math.inf if row.backup.begun is None else max(0.0, answered - row.backup.begun)


def _cell(row: DomainRow, look: RenderContext) -> Cell:
    if row.backup is None:
        return look.glyphs.unknown
    if row.backup.begun is None:
        return Run("none", Role.WARN) if row.inventory.current else "none"
    return formatting.age(max(0.0, look.epoch - row.backup.begun))


def _sort(row: DomainRow) -> SortKey:
    if row.backup is None:
        return None
    return math.inf if row.backup.begun is None else -row.backup.begun


BACKUP = Column("backup", "BACKUP", 6, _cell, _sort, right=True, descends=True)

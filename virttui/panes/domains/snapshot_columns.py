"""The snapshots of a domain in figures: as columns, and as words of the filter."""

from __future__ import annotations

from virttui import formatting
from virttui.panes.domains.rows import DomainRow
from virttui.render.columns import Cell, Column, SortKey
from virttui.render.glyphs import RenderContext


def snapshot_count(row: DomainRow) -> float | None:
    """How many it has; None where nobody has looked."""
    return None if row.snapshots is None else float(row.snapshots.count)


def snapshot_age(row: DomainRow) -> float | None:
    """Seconds since its newest, by the time of the host's last answer; None without any."""
    answered = row.inventory.host.answered_epoch
    if row.snapshots is None or row.snapshots.newest is None or answered is None:
        return None
    return max(0.0, answered - row.snapshots.newest)


def chain_length(row: DomainRow) -> float | None:
    """Files of its longest backing chain; None while it is off, or where nobody has looked."""
    chain = None if row.snapshots is None else row.snapshots.chain
    return None if chain is None else float(chain)


def _count_cell(row: DomainRow, look: RenderContext) -> Cell:
    return look.glyphs.unknown if row.snapshots is None else str(row.snapshots.count)


def _count_key(row: DomainRow) -> SortKey:
    return snapshot_count(row)


def _since_cell(row: DomainRow, look: RenderContext) -> Cell:
    if row.snapshots is None:
        return look.glyphs.unknown
    if not row.snapshots.count:
        return ""
    newest = row.snapshots.newest
    return formatting.age(None if newest is None else max(0.0, look.epoch - newest))


def _since_key(row: DomainRow) -> SortKey:
    newest = None if row.snapshots is None else row.snapshots.newest
    return None if newest is None else -newest


def _chain_cell(row: DomainRow, look: RenderContext) -> Cell:
    chain = None if row.snapshots is None else row.snapshots.chain
    return look.glyphs.unknown if chain is None else str(chain)


def _chain_key(row: DomainRow) -> SortKey:
    return chain_length(row)


SNAPS = Column("snaps", "SNAPS", 5, _count_cell, _count_key, right=True, descends=True)
SINCE = Column("since", "SINCE", 5, _since_cell, _since_key, right=True, descends=True)
CHAIN = Column("chain", "CHAIN", 5, _chain_cell, _chain_key, right=True, descends=True)

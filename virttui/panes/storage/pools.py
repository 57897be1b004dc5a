"""The storage pools: how full each is, on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from virttui import formatting
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory, Pool
from virttui.natural_sort import natural
from virttui.panes.hosts.pane import host_words
from virttui.panes.row_state import stale_or_working, working
from virttui.render.columns import (
    Cell,
    Column,
    HideRule,
    SortKey,
    StateCell,
    autostart_column,
    hides_host,
    host_column,
    name_column,
    state_column,
)
from virttui.render.filter import FilterLanguage, NumericField, Unit
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run
from virttui.render.list_pane import Pane
from virttui.store.attention import fill, pool_alarms
from virttui.store.fleet_state import FleetState
from virttui.store.overcommit import over, pool_overcommit


class PoolRow(NamedTuple):
    """One pool and its host."""

    key: ObjectId
    pool: Pool
    inventory: Inventory
    working: str


def rows(fleet_state: FleetState) -> Sequence[PoolRow]:
    """All pools by name."""
    found = []
    for inventory in fleet_state.inventories.values():
        for pool in inventory.pools.values():
            task = working(fleet_state, pool.key)
            found.append(PoolRow(pool.key, pool, inventory, task))
    return sorted(found, key=lambda row: (natural(row.pool.name), row.key))


def word(pool: Pool) -> str:
    """The state in words."""
    return {"running": "active", "inactive": "off", "inaccessible": "unreachable"}.get(
        pool.state, pool.state
    )


def state_of(row: PoolRow, look: RenderContext) -> StateCell:
    """The text of the STATE cell."""
    pool, glyphs = row.pool, look.glyphs
    passing = stale_or_working(row.inventory, pool.active, word(pool), row.working, look)
    if passing is not None:
        return passing
    if pool_alarms(pool, look.limits):
        text = word(pool) if pool.state == "inaccessible" else "nearly full"
        return StateCell(glyphs.warning, text, alarm=True)
    if pool.fault or pool.state == "degraded":
        return StateCell(glyphs.warning, word(pool), Role.WARN)
    if pool.active:
        return StateCell(glyphs.running, word(pool))
    return StateCell(glyphs.off, word(pool), Role.MUTED)


def row_role(row: PoolRow) -> Role:
    """Pools that are off or stale are muted."""
    counts = row.pool.active or row.pool.state == "inaccessible"
    return Role.TEXT if row.inventory.current and counts else Role.MUTED


def _warned(row: PoolRow, shown: str, look: RenderContext) -> Cell:
    taken = fill(row.pool)
    if row.inventory.current and taken is not None and taken >= look.limits.full:
        return Run(shown, Role.WARN)
    return shown


def _bar(row: PoolRow, look: RenderContext) -> Cell:
    return _warned(row, look.bar(fill(row.pool), 19), look)


def _used(row: PoolRow, look: RenderContext) -> Cell:
    taken = fill(row.pool)
    return _warned(
        row, formatting.UNKNOWN if taken is None else f"{formatting.percent(taken)}%", look
    )


def _used_sort(row: PoolRow) -> SortKey:
    taken = fill(row.pool)
    return None if taken is None else round(taken * 100)


def _free(row: PoolRow, look: RenderContext) -> Cell:
    return _warned(
        row, formatting.size(row.pool.available) if row.pool.active else formatting.UNKNOWN, look
    )


def _promised(row: PoolRow, look: RenderContext) -> Cell:
    ratio = pool_overcommit(row.pool).ratio
    if ratio is None:
        return formatting.UNKNOWN
    shown = f"{look.glyphs.times}{ratio:.2f}"
    warned = row.inventory.current and over(ratio, look.limits.pool_promised)
    return Run(shown, Role.WARN) if warned else shown


def _size(row: PoolRow, look: RenderContext) -> Cell:
    return formatting.whole_size(row.pool.capacity or None)


COLUMNS: tuple[Column[PoolRow], ...] = (
    name_column("POOL", 10, 28, lambda row: row.pool.name),
    state_column(state_of, row_role, lambda row: word(row.pool)),
    Column(
        "type",
        "TYPE",
        8,
        lambda row, look: row.pool.type or formatting.UNKNOWN,
        lambda row: row.pool.type or None,
    ),
    Column("bar", "", 19, _bar),
    Column("used", "USED", 5, _used, _used_sort, right=True, descends=True),
    Column(
        "free",
        "FREE",
        6,
        _free,
        lambda row: row.pool.available if row.pool.active else None,
        right=True,
    ),
    Column(
        "size",
        "SIZE",
        5,
        _size,
        lambda row: row.pool.capacity or None,
        right=True,
        descends=True,
    ),
    Column(
        "promised",
        "PROMISED",
        9,
        _promised,
        lambda row: pool_overcommit(row.pool).ratio,
        right=True,
        descends=True,
    ),
    Column(
        "volumes",
        "VOLUMES",
        8,
        lambda row, look: formatting.UNKNOWN if row.pool.volumes is None else str(row.pool.volumes),
        lambda row: row.pool.volumes,
        right=True,
        descends=True,
    ),
    host_column(),
    autostart_column(lambda row: row.pool.autostart),
)

DROPS = (
    HideRule(("type",)),
    HideRule(("bar",)),
    HideRule(("auto",)),
    HideRule(("volumes",)),
    HideRule(("promised",)),
    HideRule(("size",)),
    HideRule(("host",)),
    HideRule(("free",)),
)


LANGUAGE: FilterLanguage[PoolRow] = FilterLanguage(
    {
        "name": lambda row: row.pool.name,
        "host": lambda row: row.inventory.host.name,
        "state": lambda row: f"{word(row.pool)}\n{row.pool.state}",
        "type": lambda row: row.pool.type,
        "path": lambda row: row.pool.path,
        "source": lambda row: "\n".join(value for _, value in row.pool.origin),
    },
    {
        "full": NumericField(Unit.PERCENT, lambda row: fill(row.pool)),
        "free": NumericField(
            Unit.SIZE, lambda row: row.pool.available if row.pool.active else None
        ),
        "promised": NumericField(Unit.PERCENT, lambda row: pool_overcommit(row.pool).ratio),
        "size": NumericField(Unit.SIZE, lambda row: row.pool.capacity if row.pool.active else None),
    },
)
"""What a filter may ask of a pool."""


def origin_words(pool: Pool) -> str:
    """The source of its storage, on one line."""
    return ", ".join(f"{name} {value}" for name, value in pool.origin)


def status_text(row: PoolRow, fleet_state: FleetState, look: RenderContext) -> Line:
    """The pool in words."""
    if not row.inventory.current:
        return host_words(row.inventory, look)
    pool = row.pool
    name = Run(f"{pool.name} on {row.inventory.host.name}", Role.STRONG)
    taken = fill(pool)
    if pool.fault:
        text = pool.fault
    elif pool.state == "inaccessible":
        text = "cannot be reached: the storage behind it is gone"
    elif not pool.active:
        text = f"is off; s starts it  {' '.join(filter(None, (pool.path, origin_words(pool))))}"
    elif taken is not None and taken >= look.limits.full:
        text = (
            f"has {formatting.size(pool.available)} left; guests stop on I/O errors when it is full"
        )
    else:
        free = f"{formatting.size(pool.available)} free of {formatting.whole_size(pool.capacity)}"
        text = "  ".join(filter(None, (pool.path, free, origin_words(pool))))
    return name, Run(f"  {text.strip()}")


POOLS: Pane[PoolRow] = Pane(
    id="storage",
    kind=Kind.POOL,
    columns=COLUMNS,
    drops=DROPS,
    rows=rows,
    row_role=row_role,
    language=LANGUAGE,
    status_text=status_text,
    sort="used",
    minimum=lambda width: 10,
    without=hides_host,
)

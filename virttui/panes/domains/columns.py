"""The columns of the domains: what each cell says, and how the list is sorted by it."""

from __future__ import annotations

from collections.abc import Callable

from virttui import formatting
from virttui.model.domains.usage import Usage
from virttui.panes.domains.backup_column import BACKUP
from virttui.panes.domains.rows import (
    DomainRow,
    cpu_share,
    cpu_sort_key,
    memory_share,
    row_role,
    state_of,
    uptime,
    word,
)
from virttui.panes.domains.snapshot_columns import CHAIN, SINCE, SNAPS
from virttui.render.columns import (
    Cell,
    Column,
    HideRule,
    SortKey,
    autostart_column,
    host_column,
    name_column,
    state_cell,
)
from virttui.render.glyphs import RenderContext
from virttui.render.line import Role, Run
from virttui.store.attention import slow, strained


def _figure(
    row: DomainRow,
    shown: str,
    look: RenderContext,
    old: Callable[[float], bool],
    warned: bool = False,
) -> Cell:
    """A figure of a running domain: yellow when it warns, muted when it is old."""
    if not row.inventory.current:
        return shown
    if old(look.now):
        return Run(shown, Role.MUTED)
    return Run(shown, Role.WARN) if warned else shown


def _active(row: DomainRow) -> bool:
    return row.domain.state.active


def _cpu_sort(row: DomainRow) -> SortKey:
    return cpu_sort_key(row.domain, row.usage)


def _cpu(row: DomainRow, look: RenderContext) -> Cell:
    share = cpu_share(row)
    warned = share is not None and share >= look.limits.cpu
    return _figure(row, formatting.percent(share), look, row.usage.cpu_old, warned)


def _cpu_bar(width: int) -> Callable[[DomainRow, RenderContext], Cell]:
    def cell(row: DomainRow, look: RenderContext) -> Cell:
        share = cpu_share(row)
        warned = share is not None and share >= look.limits.cpu
        return _figure(row, look.bar(share, width), look, row.usage.cpu_old, warned)

    return cell


def _peak(row: DomainRow) -> float | None:
    return row.usage.peak if _active(row) else None


def steal(row: DomainRow) -> float | None:
    """The share of time its vCPUs wait for a host CPU; None when it is off or not known."""
    return row.usage.steal if _active(row) else None


def latency(row: DomainRow) -> float | None:
    """Seconds a disk request; None when it is off, idle or not known."""
    return row.usage.latency if _active(row) else None


def errors(row: DomainRow) -> float | None:
    """Network errors and drops a second; None when it is off or not known."""
    return row.usage.net_errors if _active(row) else None


def _rounded(value: float | None, scale: float, digits: int = 0) -> SortKey:
    return None if value is None else round(value * scale, digits)


def _steal(row: DomainRow, look: RenderContext) -> Cell:
    share = steal(row)
    warned = share is not None and share >= look.limits.steal
    return _figure(row, formatting.percent(share), look, row.usage.monitor_old, warned)


def _latency(row: DomainRow, look: RenderContext) -> Cell:
    shown = formatting.milliseconds(latency(row))
    return _figure(row, shown, look, row.usage.monitor_old, slow(row.usage, look.limits))


def _errors(row: DomainRow, look: RenderContext) -> Cell:
    lost = errors(row)
    shown = formatting.UNKNOWN if lost is None else formatting.count(lost)
    return _figure(row, shown, look, row.usage.net_old, bool(lost and round(lost)))


def _full(row: DomainRow) -> float | None:
    found = row.usage.filesystem if _active(row) else None
    return None if found is None else found.share


def _filesystem(row: DomainRow, look: RenderContext) -> Cell:
    share = _full(row)
    warned = share is not None and share >= look.limits.filesystem
    return _figure(row, formatting.percent(share), look, row.usage.monitor_old, warned)


def _up(row: DomainRow, look: RenderContext) -> Cell:
    if not _active(row):
        return ""
    return formatting.UNKNOWN if (up := uptime(row.domain, look)) is None else formatting.age(up)


def _up_sort(row: DomainRow) -> SortKey:
    started = row.domain.started_epoch
    return None if started is None or not _active(row) else -started


def _why(row: DomainRow, look: RenderContext) -> Cell:
    concern = row.concern
    if concern is None or concern.alarm:
        return "" if concern is None else concern.words
    # The figures of this moment, as in the sentence below the list.
    return next(iter(strained(row.usage, look.limits, concern)), concern.words)


def _memory(row: DomainRow, look: RenderContext) -> Cell:
    usage = row.usage
    current = usage.memory_given if _active(row) else None
    current = row.domain.memory if current is None else current
    used = usage.memory_used if _active(row) else None
    shown = f"{formatting.size(used):>5}/{formatting.short_size(current):<4}"
    share = memory_share(row)
    if used is not None and not usage.memory_exact and row.inventory.current:
        # What stands in for its use is no measurement, and must not look like one.
        return Run(shown, Role.MUTED)
    warned = share is not None and share >= look.limits.memory
    return _figure(row, shown, look, usage.monitor_old, warned)


def _memory_bar(row: DomainRow, look: RenderContext) -> Cell:
    share = memory_share(row)
    warned = share is not None and share >= look.limits.memory
    return _figure(row, look.bar(share, 8), look, row.usage.monitor_old, warned)


def _memory_percent(row: DomainRow, look: RenderContext) -> Cell:
    share = memory_share(row)
    warned = share is not None and share >= look.limits.memory
    return _figure(row, formatting.percent(share), look, row.usage.monitor_old, warned)


def _both(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return one if other is None else other
    return one + other


def _rate(
    title: str,
    value: Callable[[Usage], float | None],
    *,
    network: bool,
    width: int = 5,
    gap: int = 1,
) -> Column[DomainRow]:
    """A column of bytes a second."""

    def shown(row: DomainRow) -> float | None:
        return value(row.usage) if row.domain.state.active else None

    def cell(row: DomainRow, look: RenderContext) -> Cell:
        old = row.usage.net_old if network else row.usage.monitor_old
        return _figure(row, formatting.rate(shown(row)), look, old)

    return Column(
        title.lower(),
        title,
        width,
        cell,
        lambda row: formatting.rounded_rate(shown(row)),
        right=True,
        gap=gap,
        descends=True,
    )


def _address(row: DomainRow, look: RenderContext) -> Cell:
    addresses = row.domain.addresses
    return addresses[0] if addresses else ("" if not _active(row) else look.glyphs.unknown)


def _address_sort(row: DomainRow) -> SortKey:
    addresses = row.domain.addresses
    if not addresses:
        return None
    parts = addresses[0].split(".")
    if all(part.isdigit() for part in parts):
        return ".".join(part.zfill(3) for part in parts)
    return addresses[0]


def _state(row: DomainRow, look: RenderContext) -> Cell:
    return state_cell(state_of(row, look), row_role(row))


def _state_sort(row: DomainRow) -> SortKey:
    return word(row.domain)


COLUMNS: tuple[Column[DomainRow], ...] = (
    name_column("NAME", 10, 30, lambda row: row.domain.name),
    Column("state", "STATE", 15, _state, _state_sort),
    Column(
        "vcpu",
        "VCPU",
        4,
        lambda row, look: "–" if row.domain.vcpus is None else str(row.domain.vcpus),
        lambda row: row.domain.vcpus,
        right=True,
        descends=True,
    ),
    Column("bar", "", 8, _cpu_bar(8)),
    Column("widebar", "", 10, _cpu_bar(10)),
    Column("cpu", "CPU%", 4, _cpu, _cpu_sort, right=True, descends=True, word="cpu"),
    Column(
        "peak",
        "PEAK",
        4,
        lambda row, look: formatting.percent(_peak(row)),
        lambda row: _rounded(_peak(row), 100),
        right=True,
        descends=True,
    ),
    Column(
        "steal",
        "STEAL",
        5,
        _steal,
        lambda row: _rounded(steal(row), 100),
        right=True,
        descends=True,
    ),
    Column("membar", "", 8, _memory_bar),
    Column(
        "mem%",
        "MEM%",
        4,
        _memory_percent,
        lambda row: None if (share := memory_share(row)) is None else round(share * 100),
        right=True,
        descends=True,
    ),
    Column(
        "mem",
        " USED/MEM",
        10,
        _memory,
        lambda row: formatting.rounded_size(row.usage.memory_used) if _active(row) else None,
        gap=2,
        descends=True,
        word="used",
    ),
    _rate("DISK", lambda usage: _both(usage.read, usage.write), network=False, width=4, gap=2),
    _rate("READ", lambda usage: usage.read, network=False),
    _rate("WRITE", lambda usage: usage.write, network=False),
    Column(
        "lat",
        "LAT ms",
        6,
        _latency,
        lambda row: _rounded(latency(row), 1000, 1),
        right=True,
        descends=True,
        word="latency",
    ),
    _rate("NET", lambda usage: _both(usage.rx, usage.tx), network=True, width=4),
    _rate("RX", lambda usage: usage.rx, network=True),
    _rate("TX", lambda usage: usage.tx, network=True),
    Column(
        "err",
        "ERR/s",
        5,
        _errors,
        lambda row: _rounded(errors(row), 1),
        right=True,
        descends=True,
        word="errors",
    ),
    Column(
        "full",
        "FULL%",
        5,
        _filesystem,
        lambda row: _rounded(_full(row), 100),
        right=True,
        descends=True,
        word="full",
    ),
    Column(
        "why",
        "WHY",
        20,
        _why,
        lambda row: row.concern and row.concern.words,
        gap=2,
        flex=True,
        prose=True,
    ),
    Column("address", "ADDRESS", 15, _address, _address_sort, gap=2),
    host_column(),
    autostart_column(lambda row: row.domain.autostart),
    Column("up", "UP", 5, _up, _up_sort, right=True, descends=True),
    BACKUP,
    SNAPS,
    SINCE,
    CHAIN,
    Column(
        "tags",
        "TAGS",
        8,
        lambda row, look: " ".join(row.domain.tags),
        lambda row: " ".join(row.domain.tags) or None,
        gap=2,
    ),
    Column(
        "id",
        "ID",
        4,
        lambda row, look: "" if row.domain.id is None else str(row.domain.id),
        lambda row: row.domain.id,
        right=True,
    ),
    Column("uuid", "UUID", 36, lambda row, look: row.key.uuid, lambda row: row.key.uuid, gap=2),
    Column(
        "title",
        "TITLE",
        14,
        lambda row, look: row.domain.title,
        lambda row: row.domain.title or None,
        gap=2,
        flex=True,
    ),
)

DROPS: tuple[HideRule, ...] = (
    HideRule(("uuid",)),
    HideRule(("title",)),
    HideRule(("widebar",), ("bar",)),
    HideRule(("peak",)),
    HideRule(("membar", "mem%")),
    HideRule(("tags",)),
    HideRule(("backup",)),
    HideRule(("chain",)),
    HideRule(("since",)),
    HideRule(("snaps",)),
    HideRule(("id",)),
    HideRule(("full",)),
    HideRule(("err",)),
    HideRule(("up",)),
    HideRule(("lat",)),
    HideRule(("steal",)),
    HideRule(("vcpu",)),
    HideRule(("auto",)),
    HideRule(("bar",)),
    HideRule(("read", "write"), ("disk",)),
    HideRule(("rx", "tx"), ("net",)),
    HideRule(("address",)),
    HideRule(("net",)),
    HideRule(("disk",)),
    HideRule(("host",)),
    HideRule(("mem",)),
)

EXTRA = frozenset({"backup", "chain", "err", "full", "id", "since", "snaps", "uuid", "why"})
"""Columns that are shown only when they were chosen."""

TROUBLE = frozenset({"name", "state", "cpu", "why", "mem", "host"})
"""The columns while nothing but what needs attention is shown."""

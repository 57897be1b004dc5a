"""The domains as a pane: what a filter may ask of them, and how they are grouped."""

from __future__ import annotations

from collections.abc import Sequence

from virttui import formatting
from virttui.model.identity import Kind
from virttui.panes.domains.backup_column import backup_age
from virttui.panes.domains.columns import (
    COLUMNS,
    DROPS,
    EXTRA,
    TROUBLE,
    errors,
    latency,
    steal,
)
from virttui.panes.domains.rows import (
    PLAIN_TEXTS,
    DomainRow,
    cpu_share,
    memory_share,
    row_role,
    rows,
    word,
)
from virttui.panes.domains.snapshot_columns import chain_length, snapshot_age, snapshot_count
from virttui.panes.domains.summary import status_text
from virttui.render.columns import hides_host
from virttui.render.filter import FilterLanguage, NumericField, Unit
from virttui.render.grouping import Grouping
from virttui.render.list_pane import Pane
from virttui.store.fleet_state import FleetState


def minimum(width: int) -> int:
    """The least cells for NAME: more on wider screens."""
    if width < 60:
        return 10
    return 16 if width < 120 else 20 if width < 160 else 26


def _used(row: DomainRow) -> float | None:
    return row.usage.memory_used if row.domain.state.active else None


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _up(row: DomainRow) -> float | None:
    """Seconds since it was started, by the time of the host's last answer."""
    answered, started = row.inventory.host.answered_epoch, row.domain.started_epoch
    return None if answered is None or started is None else answered - started


LANGUAGE: FilterLanguage[DomainRow] = FilterLanguage(
    {
        "name": lambda row: row.domain.name,
        "title": lambda row: row.domain.title,
        "host": lambda row: row.inventory.host.name,
        "address": lambda row: "\n".join(row.domain.addresses),
        "tag": lambda row: "\n".join(row.domain.tags),
        "state": lambda row: f"{word(row.domain)}\n{row.domain.state.value}",
        "network": lambda row: "\n".join(nic.source for nic in row.domain.nics),
        "pool": lambda row: "\n".join(disk.pool for disk in row.domain.disks),
        "uuid": lambda row: row.key.uuid,
    },
    {
        "cpu": NumericField(Unit.PERCENT, cpu_share),
        "peak": NumericField(Unit.PERCENT, lambda row: row.usage.peak),
        "steal": NumericField(Unit.PERCENT, steal),
        "mem": NumericField(Unit.SIZE, _used, memory_share),
        "vcpu": NumericField(Unit.COUNT, lambda row: row.domain.vcpus),
        "read": NumericField(Unit.RATE, lambda row: row.usage.read),
        "write": NumericField(Unit.RATE, lambda row: row.usage.write),
        "disk": NumericField(Unit.RATE, lambda row: _sum(row.usage.read, row.usage.write)),
        "lat": NumericField(Unit.MILLISECONDS, latency),
        "rx": NumericField(Unit.RATE, lambda row: row.usage.rx),
        "tx": NumericField(Unit.RATE, lambda row: row.usage.tx),
        "net": NumericField(Unit.RATE, lambda row: _sum(row.usage.rx, row.usage.tx)),
        "err": NumericField(Unit.COUNT, errors),
        "full": NumericField(
            Unit.PERCENT,
            lambda row: found.share if (found := row.usage.filesystem) is not None else None,
        ),
        "up": NumericField(Unit.DURATION, _up),
        "backup": NumericField(Unit.DURATION, backup_age),
        "snap": NumericField(Unit.COUNT, snapshot_count),
        "snapage": NumericField(Unit.DURATION, snapshot_age),
        "chain": NumericField(Unit.COUNT, chain_length),
    },
    PLAIN_TEXTS.of_row,
)
"""What a filter may ask of a domain."""

GROUPS = {
    "host": Grouping("by host", lambda row: row.inventory.host.name, ""),
    "state": Grouping("by state", lambda row: word(row.domain), ""),
    "tag": Grouping("by tags", lambda row: " ".join(row.domain.tags), "no tags"),
    "network": Grouping(
        "by network",
        lambda row: ", ".join(dict.fromkeys(nic.source for nic in row.domain.nics if nic.source)),
        "no network",
    ),
}


def summary(rows: Sequence[DomainRow]) -> str:
    """The number of domains under a heading, and their usage together."""
    running = sum(row.domain.state.runs for row in rows)
    used = [value for row in rows if (value := _used(row)) is not None]
    cores = [
        share * row.domain.vcpus
        for row in rows
        if (share := cpu_share(row)) is not None and row.domain.vcpus
    ]
    text = formatting.counted(len(rows), "domain")
    if len({row.domain.state for row in rows}) > 1:
        # Where all are alike, their heading says how, or the number of them.
        text += f", {running} running"
    if cores:
        text += f"  {sum(cores):.1f} cores"
    return f"{text}  {formatting.size(sum(used))} used" if used else text


def _ready(fleet_state: FleetState) -> bool:
    """Return true once the CPU figures have come, so that the first order is the real one."""
    return any(
        usage.cpu is not None
        for i in fleet_state.inventories.values()
        for usage in i.usage.values()
    ) or not any(d.state.runs for i in fleet_state.inventories.values() for d in i.domains.values())


DOMAINS: Pane[DomainRow] = Pane(
    id="domains",
    kind=Kind.DOMAIN,
    columns=COLUMNS,
    drops=DROPS,
    rows=rows,
    row_role=row_role,
    language=LANGUAGE,
    status_text=status_text,
    sort="cpu",
    minimum=minimum,
    ready=_ready,
    without=hides_host,
    extra=EXTRA,
    trouble=TROUBLE,
    groups=GROUPS,
    summary=summary,
)

"""The hosts: how each is reached, how that stands, and what the machine itself does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from virttui import formatting
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import ConnectionState, HostState, Inventory
from virttui.render.columns import (
    Cell,
    Column,
    HideRule,
    SortKey,
    StateCell,
    name_column,
    state_column,
)
from virttui.render.filter import FilterLanguage, NumericField, Unit
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run
from virttui.render.list_pane import Pane
from virttui.store.fleet_state import FleetState
from virttui.store.overcommit import memory_ratio, over, strained, vcpu_ratio


class HostRow(NamedTuple):
    """One host. Its key has no uuid."""

    key: ObjectId
    inventory: Inventory

    @property
    def host(self) -> HostState:
        """The host's state."""
        return self.inventory.host


def rows(fleet_state: FleetState) -> Sequence[HostRow]:
    """All hosts in configured order."""
    return [
        HostRow(ObjectId(id, ""), inventory) for id, inventory in fleet_state.inventories.items()
    ]


def host_state(host: HostState, look: RenderContext) -> StateCell:
    """The text of a host's STATE cell, here and in the strip."""
    glyphs = look.glyphs
    since = formatting.age(look.now - host.since_at)
    if host.phase is ConnectionState.LIVE:
        return StateCell(glyphs.running, "live", Role.OK, Role.OK)
    if host.phase is ConnectionState.CONNECTING:
        return StateCell(glyphs.working, f"asking {since}", Role.ACCENT, Role.ACCENT)
    if host.phase is ConnectionState.SILENT:
        return StateCell(glyphs.silent, f"silent {silent_for(host, look)}", alarm=True)
    if host.phase is ConnectionState.DENIED:
        return StateCell(glyphs.warning, "denied", alarm=True)
    return StateCell(glyphs.failed, f"lost {silent_for(host, look)}", alarm=True)


def silent_for(host: HostState, look: RenderContext) -> str:
    """The time since a host has answered, in at most four cells."""
    since = host.since_at if host.answered_at is None else host.answered_at
    return formatting.age(look.now - since)


def host_words(inventory: Inventory, look: RenderContext) -> Line:
    """The reason why a host's rows are old, and the next step."""
    host = inventory.host
    name = Run(host.name, Role.STRONG)
    if host.phase is ConnectionState.CONNECTING:
        waited = formatting.span(look.now - host.since_at)
        return name, Run(f"  asking for its domains, {waited}")
    next_try = _next_try(host, look)
    if host.phase is ConnectionState.DENIED:
        why = host.trouble.message if host.trouble else "denies you access"
        return name, Run(f"  {why}. virttui doctor says what is missing{next_try}")
    if host.answered_at is None:
        why = host.trouble.message if host.trouble else "has not answered yet"
        return name, Run(f"  {why}{next_try}")
    silent = formatting.span(look.now - host.answered_at)
    from_when = (
        "" if host.answered_epoch is None else f" from {formatting.clock(host.answered_epoch)}"
    )
    text = f"  has not answered for {silent}; its rows are{from_when or ' old'}"
    if host.phase is ConnectionState.LOST and host.trouble:
        text = f"  {host.trouble.message}; its rows are{from_when or ' old'}"
    return name, Run(text + next_try)


def _next_try(host: HostState, look: RenderContext) -> str:
    if host.next_try_at is None or host.next_try_at <= look.now:
        return ". ctrl+r tries now"
    return f". Next try in {formatting.span(host.next_try_at - look.now)}, ctrl+r tries now"


def memory_share(host: HostState) -> float | None:
    """The share of the machine's memory in use."""
    figures = host.figures
    if figures.memory_used is None or not figures.memory_total:
        return None
    return figures.memory_used / figures.memory_total


def used_of(host: HostState, *, known: bool = True) -> str:
    """Memory used and had, the slash in the fifth cell."""
    figures = host.figures
    used = figures.memory_used if known else None
    return f"{formatting.size(used):>5}/{formatting.short_size(figures.memory_total):<4}"


def _live(row: HostRow, value: float | None) -> float | None:
    return value if row.inventory.current else None


def _percent(
    row: HostRow, share: float | None, warn_from: float, show: Callable[[float | None], str]
) -> Cell:
    share = _live(row, share)
    shown = show(share)
    return Run(shown, Role.WARN) if share is not None and share >= warn_from else shown


def _cpu(row: HostRow) -> float | None:
    return row.host.figures.cpu


def _promised(ratio: float | None, limit: float, look: RenderContext) -> Cell:
    shown = formatting.times(ratio, look.glyphs.times)
    return Run(shown, Role.WARN) if over(ratio, limit) else shown


def _rounded(share: float | None) -> SortKey:
    return None if share is None else round(share * 100)


def _load(row: HostRow, look: RenderContext) -> Cell:
    load = row.host.figures.load
    return formatting.UNKNOWN if load is None else f"{load[0]:.1f}"


def up_of(inventory: Inventory) -> str:
    """Running and defined domains; unknown until they were listed once."""
    if not inventory.listed and not inventory.domains:
        return f"{formatting.UNKNOWN}/{formatting.UNKNOWN}"
    return f"{inventory.host.running}/{len(inventory.domains)}"


def row_role(row: HostRow) -> Role:
    """A host that does not answer is muted, but for its state."""
    return Role.TEXT if row.inventory.current else Role.MUTED


COLUMNS: tuple[Column[HostRow], ...] = (
    name_column("HOST", 12, 24, lambda row: row.host.name),
    state_column(
        lambda row, look: host_state(row.host, look), row_role, lambda row: row.host.phase.value
    ),
    Column(
        "bar",
        "",
        8,
        lambda row, look: _percent(
            row, _cpu(row), look.limits.cpu, lambda share: look.bar(share, 8)
        ),
    ),
    Column(
        "cpu",
        "CPU%",
        4,
        lambda row, look: _percent(row, _cpu(row), look.limits.cpu, formatting.percent),
        lambda row: _rounded(_cpu(row)),
        right=True,
        descends=True,
        word="cpu",
    ),
    Column(
        "membar",
        "",
        8,
        lambda row, look: _percent(
            row, memory_share(row.host), look.limits.memory, lambda share: look.bar(share, 8)
        ),
    ),
    Column(
        "mem%",
        "MEM%",
        4,
        lambda row, look: _percent(
            row, memory_share(row.host), look.limits.memory, formatting.percent
        ),
        lambda row: _rounded(memory_share(row.host)),
        right=True,
        descends=True,
    ),
    Column(
        "mem",
        " USED/MEM",
        10,
        lambda row, look: used_of(row.host, known=row.inventory.current),
        lambda row: formatting.rounded_size(row.host.figures.memory_used),
        gap=2,
        descends=True,
        word="used",
    ),
    Column(
        "up",
        "UP",
        9,
        lambda row, look: up_of(row.inventory),
        lambda row: row.host.running,
        right=True,
        descends=True,
    ),
    Column(
        "vcpu",
        "VCPU",
        5,
        lambda row, look: _promised(vcpu_ratio(row.host), look.limits.vcpus_promised, look),
        lambda row: vcpu_ratio(row.host),
        right=True,
        descends=True,
    ),
    Column(
        "promised",
        "MEM",
        5,
        lambda row, look: _promised(memory_ratio(row.host), look.limits.memory_promised, look),
        lambda row: memory_ratio(row.host),
        right=True,
        descends=True,
        word="promised",
    ),
    Column(
        "cores",
        "CORES",
        5,
        lambda row, look: str(row.host.figures.cpus or formatting.UNKNOWN),
        lambda row: row.host.figures.cpus,
        right=True,
        descends=True,
    ),
    Column(
        "load",
        "LOAD",
        5,
        _load,
        lambda row: None if (load := row.host.figures.load) is None else load[0],
        right=True,
        descends=True,
    ),
    Column(
        "hypervisor",
        "HYPERVISOR",
        12,
        lambda row, look: row.host.hypervisor or formatting.UNKNOWN,
        gap=2,
        flex=True,
        most=20,
    ),
    Column("uri", "URI", 20, lambda row, look: row.host.uri, gap=2, flex=True),
)

DROPS = (
    HideRule(("uri",)),
    HideRule(("membar",)),
    HideRule(("bar",)),
    HideRule(("hypervisor",)),
    HideRule(("load",)),
    HideRule(("cores",)),
    HideRule(("promised",)),
    HideRule(("vcpu",)),
    HideRule(("mem",)),
    HideRule(("up",)),
    HideRule(("mem%",)),
)


LANGUAGE: FilterLanguage[HostRow] = FilterLanguage(
    {
        "name": lambda row: row.host.name,
        "state": lambda row: row.host.phase.value,
        "uri": lambda row: row.host.uri,
    },
    {
        "cpu": NumericField(Unit.PERCENT, _cpu),
        "mem": NumericField(
            Unit.SIZE,
            lambda row: row.host.figures.memory_used,
            lambda row: memory_share(row.host),
        ),
    },
)
"""What a filter may ask of a host."""


def machine(host: HostState) -> Iterable[str]:
    """Load, swap and the disk of libvirt's images, where the host is this machine."""
    figures = host.figures
    if figures.load is not None:
        yield "load " + " ".join(f"{load:.1f}" for load in figures.load)
    if figures.swap is not None:
        yield f"swap {formatting.percent(figures.swap)}%"
    if figures.disk_total is not None and figures.disk_used is not None:
        free = formatting.size(figures.disk_total - figures.disk_used)
        yield f"images {free} free of {formatting.size(figures.disk_total)}"


def status_text(row: HostRow, fleet_state: FleetState, look: RenderContext) -> Line:
    """The host in words: what strains it first."""
    host = row.host
    if not row.inventory.current:
        return host_words(row.inventory, look)
    name, strain = Run(host.name, Role.STRONG), "; ".join(strained(row.inventory, look.limits))
    parts = [
        *machine(host),
        host.hypervisor,
        f"libvirt {host.libvirt}" if host.libvirt else "",
        host.uri,
    ]
    if host.read_only:
        parts.append("open for reading only")
    text = Run("  " + "  ".join(part for part in parts if part))
    return (name, Run(f"  {strain}", Role.WARN), text) if strain else (name, text)


HOSTS: Pane[HostRow] = Pane(
    id="hosts",
    kind=Kind.HOST,
    columns=COLUMNS,
    drops=DROPS,
    rows=rows,
    row_role=row_role,
    language=LANGUAGE,
    status_text=status_text,
    order="as configured",
    minimum=lambda width: 8 if width < 60 else 12,
)

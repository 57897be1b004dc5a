"""The domains: their columns, and what a filter may ask of them."""

from __future__ import annotations

from collections.abc import Callable

from virttui import text
from virttui.model.inventory import (
    Kind,
    Usage,
)
from virttui.panes.columns import Cell, Column, Drop, SortKey, host_column, state_cell
from virttui.panes.domain_rows import (
    DomainRow,
    cpu_share,
    memory_share,
    rows,
    state_of,
    tone,
    word,
)
from virttui.panes.domain_words import sentence
from virttui.panes.filter import Facts
from virttui.panes.glyphs import Look
from virttui.panes.health import WARN_CPU, WARN_MEMORY
from virttui.panes.line import Role, Run
from virttui.panes.pane import Pane
from virttui.panes.survey import Survey, natural


def _figure(
    row: DomainRow, shown: str, look: Look, old: Callable[[float], bool], warned: bool = False
) -> Cell:
    """A figure of a running domain: yellow when it warns, muted when it is old."""
    if not row.inventory.fresh:
        return shown
    if old(look.now):
        return Run(shown, Role.MUTED)
    return Run(shown, Role.WARN) if warned else shown


def _active(row: DomainRow) -> bool:
    return row.domain.state.active


def _cpu_sort(row: DomainRow) -> SortKey:
    cpu = row.usage.cpu
    return round(cpu * 100) if cpu is not None and row.domain.state.active else None


def _cpu(row: DomainRow, look: Look) -> Cell:
    share = cpu_share(row)
    warned = share is not None and share >= WARN_CPU
    return _figure(row, text.percent(share), look, row.usage.cpu_old, warned)


def _cpu_bar(row: DomainRow, look: Look) -> Cell:
    share = cpu_share(row)
    warned = share is not None and share >= WARN_CPU
    return _figure(row, look.bar(share, 8), look, row.usage.cpu_old, warned)


def _memory(row: DomainRow, look: Look) -> Cell:
    usage = row.usage
    given = usage.memory_given if _active(row) else None
    given = row.domain.memory if given is None else given
    used = usage.memory_used if _active(row) else None
    shown = f"{text.size(used):>5}/{text.whole_size(given):<4}"
    share = memory_share(row)
    if used is not None and not usage.memory_exact and row.inventory.fresh:
        # What stands in for its use is no measurement, and must not look like one.
        return Run(shown, Role.MUTED)
    warned = share is not None and share >= WARN_MEMORY
    return _figure(row, shown, look, usage.monitor_old, warned)


def _memory_bar(row: DomainRow, look: Look) -> Cell:
    share = memory_share(row)
    warned = share is not None and share >= WARN_MEMORY
    return _figure(row, look.bar(share, 8), look, row.usage.monitor_old, warned)


def _memory_percent(row: DomainRow, look: Look) -> Cell:
    share = memory_share(row)
    warned = share is not None and share >= WARN_MEMORY
    return _figure(row, text.percent(share), look, row.usage.monitor_old, warned)


def _both(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return one if other is None else other
    return one + other


def _rate(
    title: str,
    value: Callable[[Usage], float | None],
    *,
    network: bool,
    cells: int = 5,
    gap: int = 1,
) -> Column[DomainRow]:
    """A column of bytes a second."""

    def shown(row: DomainRow) -> float | None:
        return value(row.usage) if row.domain.state.active else None

    def cell(row: DomainRow, look: Look) -> Cell:
        old = row.usage.net_old if network else row.usage.monitor_old
        return _figure(row, text.rate(shown(row)), look, old)

    return Column(
        title.lower(),
        title,
        cells,
        cell,
        lambda row: text.shown_rate(shown(row)),
        right=True,
        gap=gap,
        descends=True,
    )


def _address(row: DomainRow, look: Look) -> Cell:
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


def _state(row: DomainRow, look: Look) -> Cell:
    return state_cell(state_of(row, look), tone(row))


def _state_sort(row: DomainRow) -> SortKey:
    return word(row.domain)


COLUMNS: tuple[Column[DomainRow], ...] = (
    Column(
        "name",
        "NAME",
        10,
        lambda row, look: row.domain.name,
        lambda row: natural(row.domain.name),
        flex=True,
        most=30,
    ),
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
    Column("bar", "", 8, _cpu_bar),
    Column("cpu", "CPU%", 4, _cpu, _cpu_sort, right=True, descends=True, word="cpu"),
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
        lambda row: text.shown_size(row.usage.memory_used) if _active(row) else None,
        gap=2,
        descends=True,
        word="used",
    ),
    _rate("DISK", lambda usage: _both(usage.read, usage.write), network=False, cells=4, gap=2),
    _rate("READ", lambda usage: usage.read, network=False),
    _rate("WRITE", lambda usage: usage.write, network=False),
    _rate("NET", lambda usage: _both(usage.rx, usage.tx), network=True, cells=4),
    _rate("RX", lambda usage: usage.rx, network=True),
    _rate("TX", lambda usage: usage.tx, network=True),
    Column("address", "ADDRESS", 15, _address, _address_sort, gap=2),
    host_column(),
    Column(
        "auto",
        "AUTO",
        4,
        lambda row, look: "on" if row.domain.autostart else "",
        lambda row: int(row.domain.autostart),
        descends=True,
    ),
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

DROPS: tuple[Drop, ...] = (
    Drop(("title",)),
    Drop(("membar", "mem%")),
    Drop(("vcpu",)),
    Drop(("auto",)),
    Drop(("bar",)),
    Drop(("read", "write"), ("disk",)),
    Drop(("rx", "tx"), ("net",)),
    Drop(("address",)),
    Drop(("net",)),
    Drop(("disk",)),
    Drop(("host",)),
    Drop(("mem",)),
)


def minimum(cells: int) -> int:
    """The least cells for NAME: more on wider screens."""
    if cells < 60:
        return 10
    return 16 if cells < 120 else 20 if cells < 160 else 26


def facts(row: DomainRow) -> Facts:
    """What a filter may ask of a domain."""
    domain = row.domain
    return Facts(
        domain.name,
        row.inventory.host.name,
        f"{word(domain)} {domain.state.value}",
        domain.title,
        " ".join(domain.addresses),
        cpu_share(row),
        row.usage.memory_used if _active(row) else None,
        memory_share(row),
    )


def _ready(survey: Survey) -> bool:
    """Whether the CPU figures have come, so that the first order is the real one."""
    return any(
        usage.cpu is not None for i in survey.inventories.values() for usage in i.usage.values()
    ) or not any(d.state.runs for i in survey.inventories.values() for d in i.domains.values())


DOMAINS: Pane[DomainRow] = Pane(
    id="domains",
    kind=Kind.DOMAIN,
    columns=COLUMNS,
    drops=DROPS,
    rows=rows,
    tone=tone,
    facts=facts,
    sentence=sentence,
    sort="cpu",
    minimum=minimum,
    ready=_ready,
    without=lambda survey: frozenset() if survey.several else frozenset({"host"}),
)

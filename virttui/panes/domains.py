"""The domains: columns, states and the sentence for the answer line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from virttui import text
from virttui.model.inventory import (
    NO_USAGE,
    Domain,
    DomainState,
    Inventory,
    Key,
    Kind,
    Phase,
    Usage,
)
from virttui.model.tasks import Task, TaskState
from virttui.panes.columns import Cell, Column, Drop, SortKey, State, state_cell
from virttui.panes.filter import Facts
from virttui.panes.glyphs import Look
from virttui.panes.health import WARN_CPU, WARN_MEMORY, domain_alarms, fill
from virttui.panes.hosts import host_words
from virttui.panes.line import Line, Role, Run
from virttui.panes.pane import Pane
from virttui.panes.survey import Survey, natural


class DomainRow(NamedTuple):
    """One domain with what it uses, the host it is on and the task at work on it."""

    key: Key
    domain: Domain
    usage: Usage
    inventory: Inventory
    task: Task | None


def rows(survey: Survey) -> Sequence[DomainRow]:
    """All domains by name."""
    inventories, at_work = survey.inventories, survey.at_work
    found: list[DomainRow] = []
    add, new = found.append, tuple.__new__
    # Ten thousand of these a tick: a NamedTuple's own constructor takes three times as long.
    for key in survey.domains:
        host, uuid = key
        inventory = inventories[host]
        usage = inventory.usage.get(uuid, NO_USAGE)
        task = at_work.get(key) if at_work else None
        add(new(DomainRow, (key, inventory.domains[uuid], usage, inventory, task)))
    return found


# -- states ------------------------------------------------------------------------------------


def word(domain: Domain) -> str:
    """The state in the words of the screen, without ages."""
    state, reason = domain.state, domain.reason
    if state is DomainState.CRASHED or (
        reason == "crashed" and state in (DomainState.SHUTOFF, DomainState.PAUSED)
    ):
        return "crashed"
    if state is DomainState.PAUSED:
        return {"ioerror": "I/O error", "watchdog": "watchdog"}.get(reason, "paused")
    if state is DomainState.SHUTOFF:
        return "saved" if domain.saved else "off"
    return _WORDS[state]


_WORDS = {
    DomainState.RUNNING: "running",
    DomainState.IDLE: "idle",
    DomainState.NOSTATE: "no state",
    DomainState.SHUTDOWN: "shutting down",
    DomainState.PMSUSPENDED: "asleep",
}


def state_of(row: DomainRow, look: Look) -> State:
    """What the STATE cell says."""
    domain, glyphs = row.domain, look.glyphs
    said = word(domain)
    if not row.inventory.fresh:
        glyph = glyphs.running if domain.state.runs else glyphs.off
        if domain.state is DomainState.PAUSED:
            glyph = glyphs.paused
        return State(glyph, said, age=text.age(look.now - _answered(row.inventory)))
    if row.task is not None:
        return State(glyphs.working, task_words(row.task, look.now), Role.ACCENT, Role.ACCENT)
    if domain.silent_at is not None:
        return State(glyphs.silent, f"silent {text.age(look.now - domain.silent_at)}", alarm=True)
    if domain_alarms(domain):
        glyph = glyphs.failed if said == "crashed" else glyphs.warning
        return State(glyph, said, alarm=True)
    return State(*_calm(domain, said, look))


def _calm(domain: Domain, said: str, look: Look) -> tuple[str, str, Role]:
    """Glyph, word and the glyph's role of a domain that needs no eyes."""
    glyphs = look.glyphs
    if domain.fault:
        return glyphs.warning, said, Role.WARN
    if domain.state is DomainState.SHUTOFF:
        return (glyphs.saved if domain.saved else glyphs.off), said, Role.MUTED
    if domain.state in (DomainState.PAUSED, DomainState.PMSUSPENDED):
        return glyphs.paused, said, Role.WARN
    return glyphs.running, said, Role.OK


def task_words(task: Task, now: float) -> str:
    """``start 3s``, ``start waits``: a task at work, in the room of a STATE cell."""
    verb = task.command.verb.value
    if task.state is TaskState.WAITING:
        return f"{verb} waits"
    return f"{verb} {text.age(task.took(now))}"


def _answered(inventory: Inventory) -> float:
    answered = inventory.host.answered_at
    return inventory.at if answered is None else answered


def tone(row: DomainRow) -> Role:
    """Rows that are off or stale are one muted run."""
    if not row.inventory.fresh:
        return Role.MUTED
    off = row.domain.state is DomainState.SHUTOFF and row.domain.reason != "crashed"
    return Role.MUTED if off and row.task is None else Role.TEXT


# -- cells -------------------------------------------------------------------------------------


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


def cpu_share(row: DomainRow) -> float | None:
    """The share of its own vCPUs a domain uses; None when it is off or not known."""
    return row.usage.cpu if row.domain.state.active else None


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


def memory_share(row: DomainRow) -> float | None:
    """The share of its memory a guest uses, as far as its balloon driver tells."""
    usage = row.usage
    if not _active(row) or usage.memory_used is None or not usage.memory_given:
        return None
    return usage.memory_used / usage.memory_given if usage.memory_exact else None


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
    Column(
        "host",
        "HOST",
        7,
        lambda row, look: row.inventory.host.name,
        lambda row: row.inventory.host.name,
        gap=2,
    ),
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


# -- the answer line ---------------------------------------------------------------------------


def sentence(row: DomainRow, survey: Survey, look: Look) -> Line:
    """The row in words: the reason when something is wrong, else what it is."""
    host = row.inventory.host
    if host.phase is not Phase.LIVE:
        return host_words(row.inventory, look)
    return Run(row.domain.name, Role.STRONG), Run("  " + reason(row, survey, look))


def reason(row: DomainRow, survey: Survey, look: Look) -> str:
    """Why a row looks as it does, or its address, vCPUs and title."""
    domain = row.domain
    if row.task is not None:
        words = row.task.words
        return f"{task_words(row.task, look.now)}{': ' + words if words else ''}"
    if domain.silent_at is not None:
        silent = text.span(look.now - domain.silent_at)
        return f"its QEMU has not answered for {silent}; other guests are live. D forces it off"
    if domain.fault:
        return domain.fault
    alarming = _alarm_words(row)
    return alarming or _warning(row) or _plainly(domain, look)


def _alarm_words(row: DomainRow) -> str:
    domain, said = row.domain, word(row.domain)
    if said == "crashed":
        kept = domain.id is not None
        return "crashed; kept as it was, D ends it" if kept else "crashed; s starts it again"
    if said == "I/O error":
        full = [
            f"pool {pool.name} has no space"
            for pool in row.inventory.pools.values()
            if (taken := fill(pool)) is not None
            and taken >= 0.95
            and any(disk.pool == pool.name for disk in domain.disks)
        ]
        return "paused itself: a disk got an I/O error" + "".join(f", {what}" for what in full)
    if said == "watchdog":
        return "paused by its watchdog: the guest had stopped feeding it"
    return ""


def _warning(row: DomainRow) -> str:
    domain, host = row.domain, row.inventory.host
    cpu, memory = cpu_share(row), memory_share(row)
    if cpu is not None and cpu >= WARN_CPU:
        promised, cores = host.vcpus_promised, host.figures.cpus
        said = f"uses {cpu * 100:.0f} % of its {domain.vcpus or '–'} vCPUs"
        if promised and cores and promised > cores:
            return f"{said}; {host.name} promises {promised / cores:.1f} vCPU a core"
        return said
    if memory is not None and memory >= WARN_MEMORY:
        return f"uses {memory * 100:.0f} % of the memory it is given"
    return ""


def _plainly(domain: Domain, look: Look) -> str:
    """Address, vCPUs, title, as far as they are known."""
    parts = [
        " ".join(domain.addresses),
        "" if domain.vcpus is None else f"{domain.vcpus} vcpu",
        "" if domain.memory is None else text.whole_size(domain.memory),
        "autostart" if domain.autostart else "",
        "" if domain.persistent else "gone when it stops",
        domain.title,
    ]
    return "  ".join(part for part in parts if part) or word(domain)


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

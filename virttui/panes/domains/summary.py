"""A domain in words, for the answer line: why it looks as it does, or what it is."""

from __future__ import annotations

from virttui import formatting
from virttui.model.inventory import ConnectionState, Domain
from virttui.panes.domains.rows import (
    DomainRow,
    cpu_share,
    memory_share,
    task_words,
    uptime,
    word,
)
from virttui.panes.hosts.pane import host_words
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run
from virttui.store.attention import alarm_words, slow, strained
from virttui.store.fleet_state import FleetState


def status_text(row: DomainRow, fleet_state: FleetState, look: RenderContext) -> Line:
    """The row in words: the reason when something is wrong, else what it is."""
    host = row.inventory.host
    if host.phase is not ConnectionState.LIVE:
        return host_words(row.inventory, look)
    return Run(row.domain.name, Role.STRONG), Run("  " + reason(row, fleet_state, look))


def reason(row: DomainRow, fleet_state: FleetState, look: RenderContext) -> str:
    """The reason of a row's state, or its address, vCPUs and title."""
    domain = row.domain
    if row.task is not None:
        words = row.task.words
        return f"{task_words(row.task, look.now)}{': ' + words if words else ''}"
    if domain.silent_at is not None:
        silent = formatting.span(look.now - domain.silent_at)
        return f"its QEMU has not answered for {silent}; other guests are live. D forces it off"
    if domain.fault:
        return domain.fault
    alarming = alarm_words(domain, row.inventory, look.limits)
    found = fleet_state.diagnoses.get(row.key)
    if word(domain) == "crashed" and found is not None and found.cause:
        return f"{alarming}: {found.cause}"
    return alarming or _warning(row, look) or _plainly(domain, look)


def _warning(row: DomainRow, look: RenderContext) -> str:
    """The text for the yellow figures of a row, the gravest first."""
    domain, usage, limits = row.domain, row.usage, look.limits
    if not domain.state.active:
        return ""
    words = "; ".join(strained(usage, limits, row.concern))
    cpu, memory = cpu_share(row), memory_share(row)
    if words:
        return words + (_overcommit(row) if "steal" in words else "")
    if slow(usage, limits):
        took, usual = usage.latency or 0.0, usage.usual_latency or 0.0
        return f"its disks take {took * 1000:.1f} ms a request, usually {usual * 1000:.1f} ms"
    if usage.net_errors:
        return f"its network loses {usage.net_errors:.0f} packets a second"
    if cpu is not None and cpu >= limits.cpu:
        return f"uses {cpu * 100:.0f} % of its {domain.vcpus or '–'} vCPUs{_overcommit(row)}"
    if memory is not None and memory >= limits.memory:
        return f"uses {memory * 100:.0f} % of the memory it is given"
    return ""


def _overcommit(row: DomainRow) -> str:
    """The over-commit of its host's CPUs, where there is one."""
    host = row.inventory.host
    promised, cores = host.vcpus_promised, host.figures.cpus
    if not promised or not cores or promised <= cores:
        return ""
    return f"; {host.name} is over-committed: {promised / cores:.1f} vCPUs a core"


def _plainly(domain: Domain, look: RenderContext) -> str:
    """Address, vCPUs, title, as far as they are known."""
    parts = [
        " ".join(domain.addresses),
        "" if domain.vcpus is None else f"{domain.vcpus} vcpu",
        "" if domain.memory is None else formatting.whole_size(domain.memory),
        "" if (up := uptime(domain, look)) is None else f"up {formatting.span(up)}",
        "autostart" if domain.autostart else "",
        "" if domain.persistent else "transient: gone when it stops",
        " ".join(domain.tags),
        domain.title,
    ]
    return "  ".join(part for part in parts if part) or word(domain)

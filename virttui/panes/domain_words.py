"""A domain in words, for the answer line: why it looks as it does, or what it is."""

from __future__ import annotations

from virttui import text
from virttui.model.inventory import Domain, Phase
from virttui.panes.domain_rows import DomainRow, cpu_share, memory_share, task_words, word
from virttui.panes.glyphs import Look
from virttui.panes.health import ALARM_POOL, WARN_CPU, WARN_MEMORY, fill
from virttui.panes.hosts import host_words
from virttui.panes.line import Line, Role, Run
from virttui.panes.survey import Survey


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
            and taken >= ALARM_POOL
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

"""The rows of the domains pane, and what their STATE cells say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from virttui import formatting
from virttui.model.backup.last import NO_BACKUP, LastBackup
from virttui.model.domains.jobs import Job
from virttui.model.domains.usage import NO_USAGE, Usage
from virttui.model.identity import ObjectId
from virttui.model.inventory import Domain, DomainState, Inventory
from virttui.model.snapshots.summary import NO_SNAPSHOTS, SnapshotSummary
from virttui.model.tasks import Task, TaskState
from virttui.render.columns import StateCell
from virttui.render.glyphs import RenderContext
from virttui.render.lazy_rows import LazyRows
from virttui.render.line import Role
from virttui.store.attention import Alert, domain_alarms
from virttui.store.fleet_state import FleetState

MANY = 10_000
"""As many domains as a fleet is made for."""


# Of a filter ten thousand are made: the garbage collector need not look at them (gc=False).
class DomainRow(Struct, frozen=True, gc=False):
    """One domain with what it uses, its host, the task at work on it, why it needs attention, and
    the first of libvirt's jobs on it. ``backup`` and ``snapshots`` are None as long as nobody has
    looked."""

    key: ObjectId
    domain: Domain
    usage: Usage
    inventory: Inventory
    task: Task | None
    concern: Alert | None
    job: Job | None
    backup: LastBackup | None = None
    snapshots: SnapshotSummary | None = None


def rows(fleet_state: FleetState) -> Sequence[DomainRow]:
    """All domains by name."""
    inventories, at_work = fleet_state.inventories, fleet_state.at_work
    concerns, jobs, backups = fleet_state.concerns, fleet_state.jobs, fleet_state.backups
    summaries = fleet_state.snapshots

    def make(key: ObjectId) -> DomainRow:
        host, uuid = key
        inventory = inventories[host]
        usage = inventory.usage.get(uuid, NO_USAGE)
        task = at_work.get(key) if at_work else None
        concern = concerns.get(key) if concerns else None
        job = jobs[key][0] if jobs and key in jobs else None
        backup = backups[host].get(uuid, NO_BACKUP) if host in backups else None
        taken = summaries[host].get(uuid, NO_SNAPSHOTS) if host in summaries else None
        domain = inventory.domains[uuid]
        return DomainRow(key, domain, usage, inventory, task, concern, job, backup, taken)

    def cpu_keys(keys: Sequence[ObjectId]) -> list[int | None]:
        found: list[int | None] = []
        add = found.append
        for host, uuid in keys:
            inventory = inventories[host]
            usage = inventory.usage.get(uuid)
            add(None if usage is None else cpu_sort_key(inventory.domains[uuid], usage))
        return found

    def texts(keys: Sequence[ObjectId]) -> list[str]:
        return PLAIN_TEXTS.of(inventories, keys)

    return LazyRows(fleet_state.domains, make, {"cpu": cpu_keys}, texts)


def cpu_sort_key(domain: Domain, usage: Usage) -> int | None:
    """The percent of CPU that a row shows; None when it is off or not known."""
    cpu = usage.cpu
    return round(cpu * 100) if cpu is not None and domain.state.active else None


def row_of(fleet_state: FleetState, key: ObjectId) -> DomainRow | None:
    """The row of one domain, whether it is shown or not."""
    inventory = fleet_state.inventories.get(key.host)
    domain = inventory.domains.get(key.uuid) if inventory is not None else None
    if inventory is None or domain is None:
        return None
    jobs, backups = fleet_state.jobs.get(key), fleet_state.backups.get(key.host)
    taken = fleet_state.snapshots.get(key.host)
    return DomainRow(
        key,
        domain,
        inventory.usage.get(key.uuid, NO_USAGE),
        inventory,
        fleet_state.at_work.get(key),
        fleet_state.concerns.get(key),
        jobs[0] if jobs else None,
        None if backups is None else backups.get(key.uuid, NO_BACKUP),
        None if taken is None else taken.get(key.uuid, NO_SNAPSHOTS),
    )


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


class _PlainTexts:
    """Name, title, host, address, tag and state of domains, as a plain word of a filter finds them.

    The text of a domain is kept as long as it is the same object: ten thousand are asked for at
    each key that is typed.
    """

    def __init__(self) -> None:
        self._known: dict[ObjectId, tuple[Domain, str, str]] = {}

    def of_row(self, row: DomainRow) -> str:
        """The text of a row."""
        return self._of(row.key, row.domain, row.inventory.host.name)

    def of(self, inventories: Mapping[str, Inventory], keys: Sequence[ObjectId]) -> list[str]:
        """The texts of these domains, without their rows."""
        texts: list[str] = []
        add, known_of = texts.append, self._known.get
        for key in keys:
            inventory = inventories[key[0]]
            domain, host = inventory.domains[key[1]], inventory.host.name
            known = known_of(key)
            same = known is not None and known[0] is domain and known[1] == host
            add(known[2] if known is not None and same else self._of(key, domain, host))
        return texts

    def _of(self, key: ObjectId, domain: Domain, host: str) -> str:
        known = self._known.get(key)
        if known is not None and known[0] is domain and known[1] == host:
            return known[2]
        if len(self._known) > 4 * MANY:
            self._known.clear()
        parts = (domain.name, domain.title, host, word(domain), domain.state.value)
        text = "\n".join((*parts, *domain.addresses, *domain.tags)).casefold()
        self._known[key] = (domain, host, text)
        return text


PLAIN_TEXTS = _PlainTexts()


def state_of(row: DomainRow, look: RenderContext) -> StateCell:
    """The text of the STATE cell."""
    domain, glyphs = row.domain, look.glyphs
    text = word(domain)
    if not row.inventory.current:
        glyph = glyphs.running if domain.state.runs else glyphs.off
        if domain.state is DomainState.PAUSED:
            glyph = glyphs.paused
        return StateCell(glyph, text, age=formatting.age(look.now - _answered(row.inventory)))
    watches = row.task is not None and row.task.command.verb.watches
    if row.task is not None and not watches:
        text = task_words(row.task, look.now, row.job)
        return StateCell(glyphs.working, text, Role.ACCENT, Role.ACCENT)
    if domain.silent_at is not None:
        return StateCell(
            glyphs.silent, f"silent {formatting.age(look.now - domain.silent_at)}", alarm=True
        )
    if domain_alarms(domain):
        glyph = glyphs.failed if text == "crashed" else glyphs.warning
        return StateCell(glyph, text, alarm=True)
    if row.job is not None:
        return StateCell(glyphs.working, job_words(row.job, look.now), Role.ACCENT, Role.ACCENT)
    if row.task is not None:  # it changes nothing: what wants a look is told before it
        text = task_words(row.task, look.now)
        return StateCell(glyphs.working, text, Role.ACCENT, Role.ACCENT)
    return StateCell(*_calm(domain, text, look))


def _calm(domain: Domain, text: str, look: RenderContext) -> tuple[str, str, Role]:
    """Glyph, word and the glyph's role of a domain that needs no attention."""
    glyphs = look.glyphs
    if domain.fault:
        return glyphs.warning, text, Role.WARN
    if domain.state is DomainState.SHUTOFF:
        return (glyphs.saved if domain.saved else glyphs.off), text, Role.MUTED
    if domain.state in (DomainState.PAUSED, DomainState.PMSUSPENDED):
        return glyphs.paused, text, Role.WARN
    return glyphs.running, text, Role.OK


def task_words(task: Task, now: float, job: Job | None = None) -> str:
    """``start 3s``, ``save 62%``, ``start waits``: a task at work, in the room of a STATE cell."""
    verb = task.command.verb.label
    if task.state is TaskState.WAITING:
        return f"{verb} waits"
    if job is not None and job.progress is not None:
        return f"{verb} {formatting.percent(job.progress)}%"
    return f"{verb} {formatting.age(task.duration(now))}"


def job_words(job: Job, now: float) -> str:
    """``migrate 62%``, ``dump 3s``: work of libvirt's that this run did not ask for."""
    if job.progress is not None:
        return f"{job.operation} {formatting.percent(job.progress)}%"
    return f"{job.operation} {formatting.age(now - job.started_at)}"


def _answered(inventory: Inventory) -> float:
    answered = inventory.host.answered_at
    return inventory.at if answered is None else answered


def row_role(row: DomainRow) -> Role:
    """Rows that are off or stale are one muted run."""
    if not row.inventory.current:
        return Role.MUTED
    off = row.domain.state is DomainState.SHUTOFF and row.domain.reason != "crashed"
    return Role.MUTED if off and row.task is None else Role.TEXT


def cpu_share(row: DomainRow) -> float | None:
    """The share of its own vCPUs a domain uses; None when it is off or not known."""
    return row.usage.cpu if row.domain.state.active else None


def memory_share(row: DomainRow) -> float | None:
    """The share of its memory a guest uses, as far as its balloon driver tells."""
    usage = row.usage
    if not row.domain.state.active or usage.memory_used is None or not usage.memory_given:
        return None
    return usage.memory_used / usage.memory_given if usage.memory_exact else None


def uptime(domain: Domain, look: RenderContext) -> float | None:
    """Seconds since it was started, where that is known."""
    if domain.started_epoch is None or not domain.state.active:
        return None
    return max(0.0, look.epoch - domain.started_epoch)

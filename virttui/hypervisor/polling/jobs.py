"""Jobs of libvirt's on the domains of one host: who has one, and how far it is.

A job has no event when it begins, and asking for it may wait for the guest's monitor: so it is
answered on a worker of its own, those at work each time, those in view and the others in turns that
fit the time there is: on a far host two calls a guest are slow.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial

import libvirt
from msgspec import Struct
from msgspec.structs import replace

from virttui.hypervisor.connection.calls import or_none
from virttui.hypervisor.connection.handles import DomainHandleCache
from virttui.hypervisor.connection.translate import BLOCK_JOBS, OPERATIONS
from virttui.hypervisor.connection.types import Connection, Stats
from virttui.hypervisor.polling.host_context import HostContext
from virttui.hypervisor.polling.timing import RoundRobin
from virttui.model.domains.jobs import Job
from virttui.model.errors import OperationError
from virttui.model.identity import ObjectId

EVERY = 1.0
# Seconds of asking after which the rest waits for the next time, and how long a turn may take of
# them: one for those in view, one for the others.
BUDGET = 1.0
TURN_BUDGET = 0.25
# Domains a turn, at most.
TURN = 50
# Turns in which each domain is asked once: in view, and out of view.
IN_VIEW_ROUND, OTHERS_ROUND = 2, 10
# A call that takes longer is left where it is.
DEADLINE = 5.0


class JobSample(Struct, frozen=True):
    """The domains that answered, the jobs that were found, and the duration in seconds."""

    answered: frozenset[str]
    jobs: tuple[Job, ...]
    seconds: float


class JobPoller:
    """The plan for the jobs of one host. Runs on the fleet thread."""

    def __init__(self, context: HostContext) -> None:
        self._context = context
        self._reader = JobReader(context.id)
        self._due = 0.0
        self._known: dict[str, Job] = {}
        self._first: dict[str, tuple[float, int]] = {}
        self._hinted: set[str] = set()
        self._asked: tuple[str, ...] = ()
        self._view_turns = RoundRobin(TURN, IN_VIEW_ROUND)
        self._round_robin = RoundRobin(TURN, OTHERS_ROUND)

    @property
    def all(self) -> tuple[Job, ...]:
        """The jobs at work."""
        return tuple(self._known.values())

    def hint(self, uuid: str) -> None:
        """Something happened that may be a job's beginning or end: ask soon."""
        self._hinted.add(uuid)

    def tick(self, now: float, in_view: list[str]) -> None:
        """Ask when it is due."""
        context = self._context
        if context.calls.busy("jobs"):
            if context.calls.waited("jobs", now) > DEADLINE:
                context.calls.detach_stuck("jobs", "jobs")
                context.suspect_hung(self._asked)
                self._reader = JobReader(context.id)
            return
        if now < self._due:
            return
        self._due = now + EVERY
        disks_of = self._disks_to_query(in_view)
        if disks_of or self._known:
            asker, self._asked = self._reader, tuple(disks_of)
            context.calls.call("jobs", "jobs", lambda c: asker.jobs(c, disks_of), self._on_sample)

    def _disks_to_query(self, in_view: list[str]) -> dict[str, tuple[str, ...]]:
        """The domains to query, in this order, each with the disks that may have a block job."""
        builder = self._context.builder
        known = [job.key.uuid for job in self._known.values()]
        first = dict.fromkeys((*known, *self._context.commanded(), *self._hinted))
        seen = {*in_view, *first}
        turns = self._view_turns.turn([uuid for uuid in in_view if uuid not in first])
        turns += self._round_robin.turn([uuid for uuid in builder.active if uuid not in seen])
        disks_of: dict[str, tuple[str, ...]] = {}
        being_forced_off = self._context.being_forced_off()
        for uuid in (*first, *turns):
            domain = builder.domains.get(uuid)
            if domain is None or uuid in being_forced_off:
                continue
            if domain.state.active and domain.silent_at is None:
                disks = [d.target for d in domain.disks if d.device == "disk" and d.source]
                disks_of[uuid] = tuple(disks)
        self._hinted &= disks_of.keys()
        return disks_of

    def _on_sample(self, outcome: JobSample | OperationError) -> None:
        if isinstance(outcome, OperationError):
            return
        now, epoch = self._context.fleet.clock(), self._context.fleet.wall()
        self._hinted -= outcome.answered
        for rota in (self._view_turns, self._round_robin):
            rota.pace(outcome.seconds / max(1, len(outcome.answered)), TURN_BUDGET)
        active = set(self._context.builder.active)
        jobs = {
            id: job
            for id, job in self._known.items()
            if job.key.uuid not in outcome.answered and job.key.uuid in active
        }
        for job in outcome.jobs:
            known = self._known.get(job.id)
            began = known or replace(
                job, started_at=now - job.started_at, started_epoch=epoch - job.started_at
            )
            dated = replace(job, started_at=began.started_at, started_epoch=began.started_epoch)
            jobs[job.id] = self._paced(dated, now)
        self._first = {id: first for id, first in self._first.items() if id in jobs}
        if jobs != self._known:
            self._known = jobs
            self._context.publish_soon()

    def _paced(self, job: Job, now: float) -> Job:
        """The job with its mean rate since it was first seen, where libvirt tells none."""
        if job.rate is not None or not job.remaining:
            return job
        at, remaining = self._first.setdefault(job.id, (now, job.remaining))
        if job.remaining > remaining:
            self._first[job.id] = (now, job.remaining)
        if job.remaining >= remaining or now <= at:
            return job
        rate = (remaining - job.remaining) / (now - at)
        return replace(job, rate=rate, seconds_left=job.remaining / rate)


class JobReader:
    """The calls that ask for jobs. On the jobs worker."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._handles = DomainHandleCache()

    def jobs(self, connection: Connection, disks_of: Mapping[str, Sequence[str]]) -> JobSample:
        """The jobs of these domains; ``started_at`` of each is the seconds since it began.

        Of block jobs libvirt does not tell when they began.
        """
        started = time.monotonic()
        found: list[Job] = []
        answered: list[str] = []
        for uuid, disks in disks_of.items():
            if time.monotonic() - started > BUDGET:
                break
            answered.append(uuid)
            for domain in self._handles.some(connection, (uuid,)):
                key = ObjectId(self._host, uuid)
                stats = or_none(connection, domain.jobStats)
                job = domain_job(key, domain.name(), stats or {})
                found += [job] if job is not None else []
                for disk in disks:
                    ask = partial(domain.blockJobInfo, disk, 0)
                    block = block_job(key, domain.name(), disk, or_none(connection, ask) or {})
                    found += [block] if block is not None else []
        return JobSample(frozenset(answered), tuple(found), time.monotonic() - started)


def domain_job(key: ObjectId, name: str, stats: Stats) -> Job | None:
    """The job that ``jobStats`` tells of (bytes, ms), or None."""
    if stats.get("type", libvirt.VIR_DOMAIN_JOB_NONE) not in (
        libvirt.VIR_DOMAIN_JOB_BOUNDED,
        libvirt.VIR_DOMAIN_JOB_UNBOUNDED,
    ):
        return None
    total, remaining = stats.get("data_total", 0), stats.get("data_remaining")
    rate = stats.get("memory_bps") or None
    elapsed = stats.get("time_elapsed", 0) / 1000
    progress = 1 - remaining / total if total and remaining is not None else None
    if not rate and elapsed and total and remaining is not None:
        rate = (total - remaining) / elapsed or None
    return Job(
        key,
        name,
        OPERATIONS.get(stats.get("operation", 0), "job"),
        progress=progress,
        seconds_left=remaining / rate if rate and remaining is not None else None,
        rate=rate,
        remaining=remaining if total else None,
        started_at=elapsed,
    )


def block_job(key: ObjectId, name: str, disk: str, stats: Stats) -> Job | None:
    """The job that ``blockJobInfo`` tells of, or None."""
    if not stats:
        return None
    done, end = stats.get("cur", 0), stats.get("end", 0)
    operation = BLOCK_JOBS.get(stats.get("type", 0), "block job")
    return Job(
        key,
        name,
        operation,
        disk,
        progress=min(1.0, done / end) if end else None,
        remaining=max(0, end - done) if end else None,
    )

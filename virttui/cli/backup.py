"""``virttui backup`` and ``virttui verify``: for cron and systemd timers.

Exit statuses: 0 all of it was done, 1 some of it failed, 2 bad arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from virttui import formatting
from virttui.cli.backup_retention import delete_by_rule, places_of, plans_by_rule
from virttui.cli.client import FleetClient, host_of
from virttui.cli.output import print_json, show_message, warn
from virttui.cli.run_work import with_fleet
from virttui.cli.task_follower import carry_out
from virttui.model.backend import HostSpec
from virttui.model.backup.arguments import (
    BackupArguments,
    BackupMode,
    BackupPlan,
    VerifyArguments,
)
from virttui.model.backup.chains import damaged, newest_first
from virttui.model.backup.manifest import StoredBackup
from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Domain, Pool
from virttui.model.queries import BackupPlanQuery, BackupPlanResult, BackupsQuery, BackupsResult
from virttui.model.tasks import Task
from virttui.settings import Settings

if TYPE_CHECKING:
    from virttui.hypervisor.fleet import Fleet


class BackupRequest(Struct, frozen=True):
    """What was asked for on the command line.

    ``names`` are domains by name or UUID; ``every``: all that run, with ``start_paused`` those that
    are off as well. ``host`` is one of several, "" for the only one. ``pool`` is the name of a pool
    there. ``keep`` is a rule of retention, "" for none.
    """

    names: tuple[str, ...] = ()
    every: bool = False
    pool: str = ""
    host: str = ""
    mode: BackupMode = BackupMode.AUTOMATIC
    quiesce: bool = True
    without: tuple[str, ...] = ()
    start_paused: bool = False
    id: str = ""
    keep: str = ""
    dry_run: bool = False
    as_json: bool = False


def back_up(hosts: Sequence[HostSpec], settings: Settings, request: BackupRequest) -> int:
    """Back domains up, or say what that would do."""

    def work(client: FleetClient, fleet: Fleet) -> int:
        host = host_of(request.host, hosts, client)
        pool = find_pool(client, host, request.pool)
        domains = find_domains(client, host, request)
        arguments = BackupArguments(
            pool.key,
            pool.name,
            request.mode,
            request.quiesce,
            request.without,
            request.start_paused,
        )
        places = [(pool.key.uuid, one.key.uuid) for one in domains]
        if request.dry_run:
            return _show_plans(client, fleet, domains, arguments, request, places)
        commands = [
            Command(Verb.BACK_UP, Target(Kind.DOMAIN, one.key, one.name), arguments)
            for one in domains
        ]
        if not request.as_json:
            status = carry_out(commands, client, fleet)
            return status or _by_rule(client, fleet, host, places, request)
        tasks: list[Task] = []
        status = carry_out(commands, client, fleet, tasks)
        found = ask_backups(client, fleet, ObjectId(host, ""))
        records = [_task_record(task, found) for task in tasks]
        if request.keep:
            kept: list[dict[str, Any]] = []
            status = status or _by_rule(client, fleet, host, places, request, kept)
            for record in records:
                record["retention"] = [one for one in kept if one["uuid"] == record["uuid"]]
        print_json(records)
        return status

    return with_fleet(hosts, settings, work)


def _by_rule(
    client: FleetClient,
    fleet: Fleet,
    host: str,
    places: Sequence[tuple[str, str]],
    request: BackupRequest,
    records: list[dict[str, Any]] | None = None,
) -> int:
    """Delete what the rule of a request does not keep, where it has one; the exit status."""
    if not request.keep:
        return 0
    found = ask_backups(client, fleet, ObjectId(host, ""))
    plans = plans_by_rule(found, places, request.keep)
    return delete_by_rule(plans, host, client, fleet, records, dry_run=request.dry_run)


def verify(hosts: Sequence[HostSpec], settings: Settings, request: BackupRequest) -> int:
    """Verify the backups of domains, in one pool or in every pool that has some."""

    def work(client: FleetClient, fleet: Fleet) -> int:
        host = host_of(request.host, hosts, client)
        found = ask_backups(client, fleet, ObjectId(host, ""))
        names = request.names
        if request.every:
            names = tuple(dict.fromkeys(one.manifest.uuid for one in found))
        chosen = [
            one for name in names for one in named_backups(found, name, request.pool, request.id)
        ]
        places = places_of(chosen)
        if request.dry_run:
            return _preview(client, fleet, host, places, request)
        commands = []
        for pool, uuid in places:
            own = [one for one in chosen if (one.pool, one.manifest.uuid) == (pool, uuid)]
            ids = tuple(one.manifest.id for one in own)
            target = Target(Kind.DOMAIN, ObjectId(host, uuid), own[0].manifest.domain)
            arguments = VerifyArguments(ObjectId(host, pool), own[0].pool_name, ids)
            commands.append(Command(Verb.VERIFY_BACKUP, target, arguments))
        if not request.as_json:
            status = carry_out(commands, client, fleet)
            return status or _by_rule(client, fleet, host, places, request)
        tasks: list[Task] = []
        status = carry_out(commands, client, fleet, tasks)
        checked = ask_backups(client, fleet, ObjectId(host, ""))
        ids = tuple(one.manifest.id for one in chosen)
        records = [
            backup_record(one, checked) for one in newest_first(checked) if one.manifest.id in ids
        ]
        if request.keep:
            kept: list[dict[str, Any]] = []
            status = status or _by_rule(client, fleet, host, places, request, kept)
            fates = {(one["uuid"], one["pool"], one["id"]): one for one in kept}
            for record in records:
                fate = fates.get((record["uuid"], record["pool"], record["id"]), {})
                record |= {word: fate.get(word) for word in ("kept_because", "goes", "deleted")}
        print_json(records)
        return status

    return with_fleet(hosts, settings, work)


def _preview(
    client: FleetClient,
    fleet: Fleet,
    host: str,
    places: Sequence[tuple[str, str]],
    request: BackupRequest,
) -> int:
    records: list[dict[str, Any]] = []
    status = _by_rule(client, fleet, host, places, request, records if request.as_json else None)
    if request.as_json:
        print_json(records)
    return status


def show_backups(hosts: Sequence[HostSpec], settings: Settings, request: BackupRequest) -> int:
    """List the backups of domains, or of all; the newest first."""

    def work(client: FleetClient, fleet: Fleet) -> int:
        host = host_of(request.host, hosts, client)
        found = ask_backups(client, fleet, ObjectId(host, ""))
        if request.names:
            found = tuple(
                one
                for name in request.names
                for one in named_backups(found, name, request.pool, request.id)
            )
        rows = newest_first(found)
        if request.as_json:
            print_json([backup_record(one, found) for one in rows])
            return 0
        for one in rows:
            show_message(backup_line(one, found))
        return 0

    return with_fleet(hosts, settings, work)


# -- what is meant ---------------------------------------------------------------------------------


def find_pool(client: FleetClient, host: str, name: str) -> Pool:
    """The active pool of a name or UUID. Raises InvalidInput."""
    pools = client.fleet_state().inventories[host].pools.values()
    found = next((one for one in pools if name in (one.name, one.key.uuid)), None)
    if found is None:
        known = ", ".join(sorted(one.name for one in pools)) or "none"
        raise InvalidInput(f"no pool is called {name}; there are: {known}")
    if not found.active:
        raise InvalidInput(f"the pool {name} is off", advice="start it first")
    return found


def find_domains(client: FleetClient, host: str, request: BackupRequest) -> list[Domain]:
    """The domains that are named, each once; or all that run and have a disk.

    Raises InvalidInput.
    """
    known = client.fleet_state().inventories[host].domains.values()
    if request.every:
        guests = (one for one in known if one.os_type != "exe" and _has_data(one))
        chosen = (one for one in guests if one.state.active or request.start_paused)
        return sorted(chosen, key=lambda one: one.name)
    found: dict[str, Domain] = {}
    for name in request.names:
        domain = next((one for one in known if name in (one.name, one.key.uuid)), None)
        if domain is None:
            raise InvalidInput(f"no domain is called {name}")
        found[domain.key.uuid] = domain
    return list(found.values())


def _has_data(domain: Domain) -> bool:
    """Whether a domain has a disk that it writes to: there is nothing to back up else."""
    return any(
        one.device in ("disk", "lun") and one.source and not one.read_only for one in domain.disks
    )


def ask_backups(client: FleetClient, fleet: Fleet, key: ObjectId) -> tuple[StoredBackup, ...]:
    """The backups on a host. Raises InvalidInput where they cannot be listed."""
    result = client.ask(fleet, BackupsQuery(key), BackupsResult, "the backups in its pools")
    if result.error is not None:
        raise InvalidInput(result.error.message, advice=result.error.advice)
    for words in result.unreadable:
        warn(words)
    return result.backups


def named_backups(
    backups: Iterable[StoredBackup], name: str, pool: str = "", id: str = ""
) -> list[StoredBackup]:
    """The backups of a domain by name or UUID, newest first. Raises InvalidInput without any.

    The domain itself may be gone.
    """
    own = [one for one in backups if name in (one.manifest.domain, one.manifest.uuid)]
    own = [one for one in own if pool in ("", one.pool_name, one.pool)]
    if len({one.manifest.uuid for one in own}) > 1:
        raise InvalidInput(f"several domains were called {name}", advice="give its UUID")
    if id:
        own = [one for one in own if one.manifest.id == id]
    if not own:
        raise InvalidInput(f"there is no backup {id} of {name}".replace("  ", " "))
    return newest_first(own)


# -- what is printed -------------------------------------------------------------------------------


def _show_plans(
    client: FleetClient,
    fleet: Fleet,
    domains: Sequence[Domain],
    arguments: BackupArguments,
    request: BackupRequest,
    places: Sequence[tuple[str, str]],
) -> int:
    plans: list[tuple[Domain, BackupPlan]] = []
    for domain in domains:
        query = BackupPlanQuery(domain.key, arguments)
        result = client.ask(fleet, query, BackupPlanResult, f"the plan for {domain.name}")
        if result.plan is None:
            raise InvalidInput(f"{domain.name}: {result.why_not}")
        plans.append((domain, result.plan))
    host = arguments.pool.host
    if request.as_json:
        records = [_plan_record(domain, plan) for domain, plan in plans]
        if request.keep:
            kept: list[dict[str, Any]] = []
            _by_rule(client, fleet, host, places, request, kept)
            for record in records:
                record["retention"] = [one for one in kept if one["uuid"] == record["uuid"]]
        print_json(records)
    else:
        for domain, plan in plans:
            for line in plan_lines(domain.name, plan, arguments.pool_name):
                show_message(line)
        _by_rule(client, fleet, host, places, request)
    return int(any(plan.blockers for _, plan in plans))


def plan_lines(name: str, plan: BackupPlan, pool: str) -> list[str]:
    """What a backup would do, in lines."""
    since = f", on {plan.base.manifest.id}" if plan.base is not None else ""
    lines = [f"{name}: {plan.kind} backup {plan.id} into {pool}{since}"]
    for disk in plan.disks:
        why = f": {disk.reason}" if disk.reason else ""
        about = formatting.size(disk.estimate)
        lines.append(f"  {disk.target}  {disk.kind}, about {about}{why}")
    lines += [f"  {one.what}  not in it: {one.reason}" for one in plan.left_out]
    if plan.full_because:
        lines.append(f"  full, since {plan.full_because}")
    how = "its agent holds the writes" if plan.quiesce else "its writes are not held"
    lines.append(f"  at that moment {how}")
    lines += [f"  warning: {words}" for words in plan.warnings]
    lines += [f"  not possible: {words}" for words in plan.blockers]
    return lines


def _plan_record(domain: Domain, plan: BackupPlan) -> dict[str, Any]:
    return {
        "name": domain.name,
        "uuid": domain.key.uuid,
        "id": plan.id,
        "kind": plan.kind.value,
        "parent": plan.base.manifest.id if plan.base is not None else None,
        "quiesced": plan.quiesce,
        "estimate_bytes": plan.estimate,
        "disks": [
            {"target": one.target, "kind": one.kind.value, "estimate_bytes": one.estimate}
            for one in plan.disks
        ],
        "left_out": [{"what": one.what, "reason": one.reason} for one in plan.left_out],
        "warnings": list(plan.warnings),
        "blockers": list(plan.blockers),
    }


def _task_record(task: Task, backups: Sequence[StoredBackup]) -> dict[str, Any]:
    """One backup that was asked for: what became of it."""
    own = [one for one in backups if one.manifest.uuid == task.command.target.key.uuid]
    done = [one for one in newest_first(own) if one.manifest.id in task.words]
    return {
        "name": task.command.target.name,
        "uuid": task.command.target.key.uuid,
        "state": task.state.value,
        "message": task.words,
        "advice": task.trouble.advice if task.trouble is not None else "",
        "libvirt_message": task.trouble.libvirt_message if task.trouble is not None else "",
        "backup": backup_record(done[0], backups) if done else None,
    }


def backup_record(backup: StoredBackup, backups: Sequence[StoredBackup]) -> dict[str, Any]:
    """A backup, for scripts; moments are seconds since 1970, unknown is null."""
    manifest = backup.manifest
    own = [one for one in backups if one.pool == backup.pool]
    return {
        "name": manifest.domain,
        "uuid": manifest.uuid,
        "pool": backup.pool_name,
        "id": manifest.id,
        "kind": manifest.kind.value,
        "parent": manifest.parent or None,
        "begun": manifest.begun,
        "ended": manifest.ended,
        "consistency": manifest.consistency.value,
        "bytes": manifest.size,
        "verified": backup.verified,
        "problem": damaged(backup, own),
        "manifest": backup.manifest_volume,
        "disks": [one.target for one in manifest.disks],
    }


def backup_line(backup: StoredBackup, backups: Sequence[StoredBackup]) -> str:
    """A backup in one line."""
    manifest = backup.manifest
    own = [one for one in backups if one.pool == backup.pool]
    problem = damaged(backup, own)
    state = "verified" if backup.verified is not None else "not verified"
    state = f"not complete: {problem}" if problem else state
    size = formatting.size(manifest.size)
    return (
        f"{manifest.domain}  {manifest.id}  {manifest.kind}  {size}  {manifest.consistency}  "
        f"{backup.pool_name}  {state}"
    )

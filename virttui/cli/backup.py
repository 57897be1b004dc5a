"""``virttui backup`` and ``virttui verify``: for cron and systemd timers.

Exit statuses: 0 all of it was done, 1 some of it failed, 2 bad arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from virttui import formatting
from virttui.cli.backup_lookup import (
    BackupRequest,
    ask_backups,
    find_domains,
    find_pool,
    named_backups,
)
from virttui.cli.backup_retention import Retention, places_of
from virttui.cli.client import FleetClient, host_of
from virttui.cli.output import print_json, show_message
from virttui.cli.run_work import with_fleet
from virttui.cli.task_follower import carry_out
from virttui.model.backend import HostSpec
from virttui.model.backup.arguments import (
    BackupArguments,
    BackupPlan,
    VerifyArguments,
)
from virttui.model.backup.chains import damaged, newest_first
from virttui.model.backup.manifest import StoredBackup
from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Domain
from virttui.model.queries import BackupPlanQuery, BackupPlanResult
from virttui.model.tasks import Task
from virttui.settings import Settings

if TYPE_CHECKING:
    from virttui.hypervisor.fleet import Fleet


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
        retention = Retention(client, fleet, host, places, request)
        if request.dry_run:
            return _show_plans(client, fleet, domains, arguments, request, retention)
        commands = [
            Command(Verb.BACK_UP, Target(Kind.DOMAIN, one.key, one.name), arguments)
            for one in domains
        ]
        if not request.as_json:
            status = carry_out(commands, client, fleet)
            return status or retention.apply()
        tasks: list[Task] = []
        status = carry_out(commands, client, fleet, tasks)
        found = ask_backups(client, fleet, ObjectId(host, ""))
        records = [_task_record(task, found) for task in tasks]
        if request.keep:
            # Nothing is deleted where anything failed.
            status, kept = (status, []) if status else retention.apply_for_records()
            _with_retention(records, kept)
        print_json(records)
        return status

    return with_fleet(hosts, settings, work)


def _with_retention(
    records: list[dict[str, Any]], kept: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The records of domains, each with what became of its backups."""
    for record in records:
        record["retention"] = [one for one in kept if one["uuid"] == record["uuid"]]
    return records


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
        retention = Retention(client, fleet, host, places, request)
        if request.dry_run:
            return _preview(retention, request)
        commands = []
        for pool, uuid in places:
            own = [one for one in chosen if (one.pool, one.manifest.uuid) == (pool, uuid)]
            ids = tuple(one.manifest.id for one in own)
            target = Target(Kind.DOMAIN, ObjectId(host, uuid), own[0].manifest.domain)
            arguments = VerifyArguments(ObjectId(host, pool), own[0].pool_name, ids)
            commands.append(Command(Verb.VERIFY_BACKUP, target, arguments))
        if not request.as_json:
            status = carry_out(commands, client, fleet)
            return status or retention.apply()
        tasks: list[Task] = []
        status = carry_out(commands, client, fleet, tasks)
        checked = ask_backups(client, fleet, ObjectId(host, ""))
        ids = tuple(one.manifest.id for one in chosen)
        records = [
            backup_record(one, checked) for one in newest_first(checked) if one.manifest.id in ids
        ]
        if request.keep:
            status, kept = (status, []) if status else retention.apply_for_records()
            fates = {(one["uuid"], one["pool"], one["id"]): one for one in kept}
            for record in records:
                fate = fates.get((record["uuid"], record["pool"], record["id"]), {})
                record |= {word: fate.get(word) for word in ("kept_because", "goes", "deleted")}
        print_json(records)
        return status

    return with_fleet(hosts, settings, work)


def _preview(retention: Retention, request: BackupRequest) -> int:
    """Say what the rule would delete."""
    if not request.as_json:
        return retention.apply()
    status, records = retention.apply_for_records()
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


# -- what is printed -------------------------------------------------------------------------------


def _show_plans(
    client: FleetClient,
    fleet: Fleet,
    domains: Sequence[Domain],
    arguments: BackupArguments,
    request: BackupRequest,
    retention: Retention,
) -> int:
    plans: list[tuple[Domain, BackupPlan]] = []
    for domain in domains:
        query = BackupPlanQuery(domain.key, arguments)
        result = client.ask(fleet, query, BackupPlanResult, f"the plan for {domain.name}")
        if result.plan is None:
            raise InvalidInput(f"{domain.name}: {result.why_not}")
        plans.append((domain, result.plan))
    if request.as_json:
        records = [_plan_record(domain, plan) for domain, plan in plans]
        if request.keep:
            _with_retention(records, retention.apply_for_records()[1])
        print_json(records)
    else:
        for domain, plan in plans:
            for line in plan_lines(domain.name, plan, arguments.pool_name):
                show_message(line)
        retention.apply()
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

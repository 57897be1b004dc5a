"""``--keep RULE`` of ``virttui backup`` and ``virttui verify``: deletes what a rule does not keep.

What goes is planned anew on what the pools hold right before, and each backup that stays is told
with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from virttui import formatting
from virttui.cli.backup_lookup import BackupRequest, ask_backups
from virttui.cli.client import FleetClient
from virttui.cli.output import show_message
from virttui.cli.task_follower import carry_out
from virttui.model.backup.arguments import DeleteBackupArguments
from virttui.model.backup.manifest import StoredBackup
from virttui.model.commands import Command, Target, Verb
from virttui.model.identity import Kind, ObjectId
from virttui.model.tasks import Task, TaskState
from virttui.planning.backup.retention import Retained, retained, retention_rule

if TYPE_CHECKING:
    from virttui.hypervisor.fleet import Fleet

Place = tuple[str, str]
"""The UUIDs of a pool and of the domain whose backups it has."""


def places_of(backups: Iterable[StoredBackup]) -> list[Place]:
    """The pools and domains that backups are of, each once."""
    return list(dict.fromkeys((one.pool, one.manifest.uuid) for one in backups))


class Retention:
    """The rule of a request on the backups of some domains in some pools; without one, nothing."""

    def __init__(
        self,
        client: FleetClient,
        fleet: Fleet,
        host: str,
        places: Sequence[Place],
        request: BackupRequest,
    ) -> None:
        self._client, self._fleet, self._host = client, fleet, host
        self._places, self._request = places, request

    def apply(self) -> int:
        """Delete what the rule does not keep, and tell what stays; the exit status."""
        return self._apply(None)

    def apply_for_records(self) -> tuple[int, list[dict[str, Any]]]:
        """Do the same and tell nothing; the exit status, and a record of each backup."""
        records: list[dict[str, Any]] = []
        return self._apply(records), records

    def _apply(self, records: list[dict[str, Any]] | None) -> int:
        if not self._request.keep:
            return 0
        found = ask_backups(self._client, self._fleet, ObjectId(self._host, ""))
        plans = plans_by_rule(found, self._places, self._request.keep)
        return delete_by_rule(
            plans, self._host, self._client, self._fleet, records, dry_run=self._request.dry_run
        )


def plans_by_rule(
    backups: Iterable[StoredBackup], places: Iterable[Place], rule: str
) -> list[tuple[Retained, ...]]:
    """What becomes of the backups in these places, by a rule as ``retention_rule`` reads it."""
    found = list(backups)
    read = retention_rule(rule)
    plans = (
        retained([one for one in found if (one.pool, one.manifest.uuid) == place], read)
        for place in places
    )
    return [plan for plan in plans if plan]


def delete_by_rule(
    plans: Iterable[tuple[Retained, ...]],
    host: str,
    client: FleetClient,
    fleet: Fleet,
    records: list[dict[str, Any]] | None = None,
    *,
    dry_run: bool,
) -> int:
    """Tell what stays and what goes, and delete that; the exit status.

    With ``records`` nothing is told, and a record of each backup is added there.
    """
    status = 0
    for plan in plans:
        if records is None:
            for line in retention_lines(plan):
                show_message(line)
        going = tuple(one.backup.manifest.id for one in plan if one.goes)
        tasks: list[Task] = []
        if going and not dry_run:
            told = None if records is None else tasks
            status = max(status, carry_out([_command(host, plan, going)], client, fleet, told))
        if records is not None:
            deleted = bool(tasks) and all(task.state is TaskState.DONE for task in tasks)
            records += [_record(one, deleted=deleted and one.goes) for one in plan]
    return status


def _command(host: str, plan: tuple[Retained, ...], going: tuple[str, ...]) -> Command:
    one = plan[0].backup
    target = Target(Kind.DOMAIN, ObjectId(host, one.manifest.uuid), one.manifest.domain)
    arguments = DeleteBackupArguments(ObjectId(host, one.pool), one.pool_name, going)
    return Command(Verb.DELETE_BACKUP, target, arguments)


def _go(number: int) -> str:
    return "1 goes" if number == 1 else f"{number} go"


def retention_lines(plan: tuple[Retained, ...]) -> list[str]:
    """What becomes of the backups of one domain in one pool, the newest first."""
    one, going = plan[0].backup, [row.backup for row in plan if row.goes]
    head = f"{one.manifest.domain}: {formatting.counted(len(plan), 'backup')} in {one.pool_name}"
    if going:
        size = formatting.size(sum(row.manifest.size for row in going))
        head = f"{head}, the rule keeps {len(plan) - len(going)}; {_go(len(going))}, {size}"
    else:
        head = f"{head}, all stay"
    lines = [head]
    for row in plan:
        fate = "goes" if row.goes else f"stays: {', '.join(row.reasons)}"
        lines.append(f"  {row.backup.manifest.id}  {fate}")
    return lines


def _record(row: Retained, *, deleted: bool) -> dict[str, Any]:
    manifest = row.backup.manifest
    return {
        "name": manifest.domain,
        "uuid": manifest.uuid,
        "pool": row.backup.pool_name,
        "id": manifest.id,
        "bytes": manifest.size,
        "kept_because": list(row.reasons),
        "goes": row.goes,
        "deleted": deleted,
    }

"""The answers to queries about backups."""

from __future__ import annotations

from virttui.hypervisor.backup.back_up import plan_now
from virttui.hypervisor.backup.stored import backups_on
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.queries.reader import QueryContext, Reader, reader
from virttui.model import queries
from virttui.model.backup.chains import good_of_each
from virttui.model.backup.last import LastBackup
from virttui.model.queries import Query


def _backups(
    query: queries.BackupsQuery, _host: QueryContext, connection: Connection
) -> queries.BackupsResult:
    found = backups_on(connection, uuid=query.key.uuid)
    unreadable = tuple(f"{one.volume} in {one.pool_name}: {one.reason}" for one in found.unreadable)
    return queries.BackupsResult(query, backups=found.backups, unreadable=unreadable)


def _last_backups(
    query: queries.LastBackupsQuery, _host: QueryContext, connection: Connection
) -> queries.LastBackupsResult:
    last = tuple(
        (uuid, LastBackup(good[0].manifest.begun, good[0].verified is not None, good[0].pool_name))
        for uuid, good in good_of_each(backups_on(connection).backups).items()
        if good
    )
    return queries.LastBackupsResult(query, backups=last)


def _backup_plan(
    query: queries.BackupPlanQuery, _host: QueryContext, connection: Connection
) -> queries.BackupPlanResult:
    plan = plan_now(connection, query.key.uuid, query.arguments)
    return queries.BackupPlanResult(query, plan=plan)


READERS: dict[type[Query], Reader] = {
    queries.BackupsQuery: reader(
        "backups", "backups", 60.0, queries.BackupsQuery, queries.BackupsResult, _backups
    ),
    queries.LastBackupsQuery: reader(
        "last backups",
        "backups",
        60.0,
        queries.LastBackupsQuery,
        queries.LastBackupsResult,
        _last_backups,
    ),
    queries.BackupPlanQuery: reader(
        "backup plan",
        "backups",
        60.0,
        queries.BackupPlanQuery,
        queries.BackupPlanResult,
        _backup_plan,
    ),
}

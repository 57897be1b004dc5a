"""The answers to queries about snapshots."""

from __future__ import annotations

from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.queries.reader import QueryContext, Reader, reader
from virttui.hypervisor.queries.snapshots import snapshots
from virttui.hypervisor.snapshots.compare import compare
from virttui.hypervisor.snapshots.context import context_of
from virttui.hypervisor.snapshots.files import snapshot_files
from virttui.hypervisor.snapshots.summaries import snapshot_summaries
from virttui.model import queries
from virttui.model.queries import Query


def _snapshots(
    query: queries.SnapshotsQuery, _host: QueryContext, connection: Connection
) -> queries.SnapshotsResult:
    domain = connection.lookupByUUIDString(query.key.uuid)
    return queries.SnapshotsResult(query, snapshots=snapshots(connection, domain))


def _snapshot_files(
    query: queries.SnapshotFilesQuery, _host: QueryContext, connection: Connection
) -> queries.SnapshotFilesResult:
    domain = connection.lookupByUUIDString(query.key.uuid)
    found = snapshots(connection, domain)
    files = snapshot_files(connection, domain, found)
    return queries.SnapshotFilesResult(query, snapshots=found, files=files)


def _snapshot_summaries(
    query: queries.SnapshotSummariesQuery, _host: QueryContext, connection: Connection
) -> queries.SnapshotSummariesResult:
    return queries.SnapshotSummariesResult(query, summaries=tuple(snapshot_summaries(connection)))


def _snapshot_context(
    query: queries.SnapshotContextQuery, _host: QueryContext, connection: Connection
) -> queries.SnapshotContextResult:
    domain = connection.lookupByUUIDString(query.key.uuid)
    return queries.SnapshotContextResult(query, context=context_of(connection, domain))


def _snapshot_comparison(
    query: queries.SnapshotComparisonQuery, _host: QueryContext, connection: Connection
) -> queries.SnapshotComparisonResult:
    found = compare(connection, query.key.uuid, query.name)
    return queries.SnapshotComparisonResult(query, comparison=found)


READERS: dict[type[Query], Reader] = {
    queries.SnapshotsQuery: reader(
        "snapshots",
        "knowledge",
        60.0,
        queries.SnapshotsQuery,
        queries.SnapshotsResult,
        _snapshots,
    ),
    queries.SnapshotFilesQuery: reader(
        "files of snapshots",
        "knowledge",
        60.0,
        queries.SnapshotFilesQuery,
        queries.SnapshotFilesResult,
        _snapshot_files,
    ),
    queries.SnapshotSummariesQuery: reader(
        "snapshots in figures",
        "knowledge",
        60.0,
        queries.SnapshotSummariesQuery,
        queries.SnapshotSummariesResult,
        _snapshot_summaries,
    ),
    queries.SnapshotContextQuery: reader(
        "snapshot context",
        "knowledge",
        60.0,
        queries.SnapshotContextQuery,
        queries.SnapshotContextResult,
        _snapshot_context,
    ),
    queries.SnapshotComparisonQuery: reader(
        "snapshot comparison",
        "knowledge",
        60.0,
        queries.SnapshotComparisonQuery,
        queries.SnapshotComparisonResult,
        _snapshot_comparison,
    ),
}

"""What the lists ask for besides the inventories: volumes, and figures that no tick brings.

Figures of a column are asked of every host that answers, only while it is shown or its word is in
the filter, and again now and then, or when a task has changed what it tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from virttui.model.commands import Verb
from virttui.model.identity import ObjectId
from virttui.model.queries import (
    FileUsersQuery,
    LastBackupsQuery,
    LastBackupsResult,
    Query,
    QueryResult,
    SnapshotSummariesQuery,
    SnapshotSummariesResult,
    VolumesQuery,
)
from virttui.model.tasks import Task
from virttui.panes.main.view_state import MainViewState
from virttui.store.fleet_state import FleetState
from virttui.widgets.app_protocol import AppServices


def ask_for_volumes(console: AppServices, pool: ObjectId) -> None:
    """Ask for the volumes of a pool, and for who uses the files of its host."""
    console.ask(VolumesQuery(pool))
    console.ask(FileUsersQuery(ObjectId(pool.host, "")))


class ColumnQuery(Struct, frozen=True):
    """``words`` are columns and words of the filter; ``every`` is in seconds; the query is made
    from a key whose UUID is empty: it is for the whole host."""

    words: frozenset[str]
    query: Callable[[ObjectId], Query]
    result: type[QueryResult]
    every: float
    changed_by: frozenset[Verb]


COLUMN_QUERIES = (
    ColumnQuery(
        frozenset({"backup"}),
        LastBackupsQuery,
        LastBackupsResult,
        600.0,
        frozenset({Verb.BACK_UP, Verb.VERIFY_BACKUP, Verb.DELETE_BACKUP}),
    ),
    ColumnQuery(
        frozenset({"snap", "snapage", "snaps", "since", "chain"}),
        SnapshotSummariesQuery,
        SnapshotSummariesResult,
        600.0,
        frozenset(
            {
                Verb.SNAPSHOT,
                Verb.REVERT,
                Verb.UNDO_REVERT,
                Verb.DELETE_SNAPSHOTS,
                Verb.BLOCK_COMMIT,
                Verb.BLOCK_PULL,
            }
        ),
    ),
)


class ColumnQueries:
    """When which host was asked."""

    def __init__(self, console: Callable[[], AppServices], view_state: MainViewState) -> None:
        self._console, self._view_state = console, view_state
        self._asked_at: dict[tuple[str, int], float] = {}

    def ask_due(self, fleet_state: FleetState) -> None:
        """Ask what is shown and was not asked lately."""
        for place in self._wanted():
            for host in fleet_state.inventories:
                asked_at = self._asked_at.get((host, place))
                late = asked_at is None or fleet_state.now - asked_at >= COLUMN_QUERIES[place].every
                if late and fleet_state.current(host):
                    self._asked_at[host, place] = fleet_state.now
                    self._console().ask(COLUMN_QUERIES[place].query(ObjectId(host, "")))

    def on_task(self, task: Task) -> None:
        """Ask the host of a task anew, once it has ended, where it has changed a column."""
        if task.state.ended:
            for place, one in enumerate(COLUMN_QUERIES):
                if task.command.verb in one.changed_by:
                    self._asked_at.pop((task.command.target.key.host, place), None)

    def answers(self, result: QueryResult) -> bool:
        """Whether a result is for a column: an error leaves its cells unknown, and is not told."""
        return isinstance(result, tuple(one.result for one in COLUMN_QUERIES))

    def _wanted(self) -> Iterator[int]:
        """The places of the queries whose columns are shown, or whose words are filtered by."""
        choice = self._view_state.views["domains"].choice
        for place, one in enumerate(COLUMN_QUERIES):
            if one.words & (choice.filter.figures | choice.on | {choice.sort}):
                yield place

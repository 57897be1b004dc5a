"""Everything known of all hosts at one moment; every pane is drawn from it.

``FleetStore`` takes the messages of a backend and keeps the newest of everything. ``FleetState``
is its frozen snapshot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from urllib.parse import urlsplit

from msgspec import Struct, field

from virttui.model.backend import HostSpec
from virttui.model.backup.last import LastBackup
from virttui.model.domains.diagnosis import Diagnosis
from virttui.model.domains.jobs import Job
from virttui.model.identity import ObjectId
from virttui.model.inventory import (
    ConnectionState,
    Domain,
    HostState,
    Inventory,
    Network,
    Part,
    Pool,
    Volume,
)
from virttui.model.messages import HostEvent
from virttui.model.queries import (
    DiagnosisResult,
    FileUsersResult,
    LastBackupsResult,
    QueryResult,
    SnapshotSummariesResult,
    VolumesResult,
)
from virttui.model.snapshots.summary import SnapshotSummary
from virttui.model.tasks import Task
from virttui.model.thresholds import USUAL_LIMITS, Thresholds
from virttui.store.attention import Alert
from virttui.store.host_index import HostIndex

MAX_EVENTS = 10_000
MAX_TASKS = 5_000


class NumberedEvent(Struct, frozen=True):
    """An event with the number it came in as, which is its identity in a list."""

    serial: int
    event: HostEvent


class FleetState(Struct, frozen=True):
    """Everything known at ``now`` (monotonic) and ``epoch`` (wall clock).

    ``inventories`` is in configured order, ``domains`` in order of names; ``tasks`` and ``events``
    are newest first. ``at_work`` holds the open task of each object that has one, ``jobs`` what
    libvirt works at on it, ``concerns`` what needs attention and why, ``diagnoses`` what was found
    out about those that failed, ``nics`` how many interfaces are on each network or bridge, by
    host, kind and name. ``users_by_path`` holds who uses which path of a host, in its own
    words, and ``unknown`` what it could not look at, with the path that may have further users (""
    for any); both lack a host that has not answered yet, as do ``backups`` and ``snapshots``, which
    have the last backup and the figures of the snapshots of each domain by host and UUID.
    """

    inventories: Mapping[str, Inventory] = field(default_factory=dict)
    domains: Sequence[ObjectId] = ()
    tasks: Sequence[Task] = ()
    events: Sequence[NumberedEvent] = ()
    at_work: Mapping[ObjectId, Task] = field(default_factory=dict)
    jobs: Mapping[ObjectId, Sequence[Job]] = field(default_factory=dict)
    volumes: Mapping[ObjectId, Sequence[Volume]] = field(default_factory=dict)
    concerns: Mapping[ObjectId, Alert] = field(default_factory=dict)
    diagnoses: Mapping[ObjectId, Diagnosis] = field(default_factory=dict)
    nics: Mapping[str, Mapping[tuple[str, str], int]] = field(default_factory=dict)
    users_by_path: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    unknown: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    backups: Mapping[str, Mapping[str, LastBackup]] = field(default_factory=dict)
    snapshots: Mapping[str, Mapping[str, SnapshotSummary]] = field(default_factory=dict)
    now: float = 0.0
    epoch: float = 0.0

    def host(self, id: str) -> HostState | None:
        """The host with that id."""
        inventory = self.inventories.get(id)
        return inventory.host if inventory else None

    @property
    def connecting(self) -> int:
        """The number of hosts that have not answered yet and have not failed."""
        hosts = (inventory.host for inventory in self.inventories.values())
        return sum(one.phase is ConnectionState.CONNECTING for one in hosts)

    def host_name(self, id: str) -> str:
        """The display name of the host with that id."""
        inventory = self.inventories.get(id)
        return inventory.host.name if inventory else id

    def current(self, id: str) -> bool:
        """Return true if the rows of that host are current."""
        inventory = self.inventories.get(id)
        return inventory is not None and inventory.current

    def domain(self, key: ObjectId) -> Domain | None:
        """The domain with that key."""
        inventory = self.inventories.get(key.host)
        return inventory.domains.get(key.uuid) if inventory else None

    def network(self, key: ObjectId) -> Network | None:
        """The network with that key."""
        inventory = self.inventories.get(key.host)
        return inventory.networks.get(key.uuid) if inventory else None

    def pool(self, key: ObjectId) -> Pool | None:
        """The pool with that key."""
        inventory = self.inventories.get(key.host)
        return inventory.pools.get(key.uuid) if inventory else None

    def nics_on(self, network: Network) -> int:
        """The number of interfaces of its host's domains on a network."""
        counts = self.nics.get(network.key.host, {})
        by_bridge = counts.get(("bridge", network.bridge), 0) if network.own_bridge else 0
        return counts.get(("network", network.name), 0) + by_bridge

    @property
    def several(self) -> bool:
        """Return true if there is more than one host, so that rows must name theirs."""
        return len(self.inventories) > 1

    @property
    def interval(self) -> float:
        """Seconds between two looks, the longest of all hosts."""
        return max((i.interval for i in self.inventories.values()), default=1.0)

    @property
    def running_tasks(self) -> int:
        """The number of tasks that have not ended."""
        return len(self.at_work)


def spoken(spec: HostSpec) -> str:
    """The name of a host before its own name is known."""
    if spec.name:
        return spec.name
    try:
        place = urlsplit(spec.uri).hostname
    except ValueError:
        place = None
    return place or spec.uri


class FleetStore:
    """The newest state of all hosts, as the backend reports it. One thread alone uses it."""

    def __init__(
        self, hosts: Iterable[HostSpec], now: float, limits: Thresholds = USUAL_LIMITS
    ) -> None:
        self._inventories: dict[str, Inventory] = {
            spec.id: Inventory(
                HostState(
                    spec.id, spec.uri, spoken(spec), ConnectionState.CONNECTING, since_at=now
                ),
                at=now,
                missing_parts=dict.fromkeys(Part, ""),
            )
            for spec in hosts
        }
        self._tasks: dict[int, Task] = {}
        self._events: deque[NumberedEvent] = deque(maxlen=MAX_EVENTS)
        self._serial = 0
        self._volumes: dict[ObjectId, Sequence[Volume]] = {}
        self._serials: dict[ObjectId, int] = {}
        self._limits = limits
        self._indexes: dict[str, HostIndex] = {}
        self._updated = set(self._inventories)
        self._order: list[ObjectId] = []
        self._diagnoses: Mapping[ObjectId, Diagnosis] = {}
        self._nics: dict[str, Mapping[tuple[str, str], int]] = {}
        self._users_by_path: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
        self._unknown: Mapping[str, tuple[tuple[str, str], ...]] = {}
        self._backups: Mapping[str, Mapping[str, LastBackup]] = {}
        self._snapshots: Mapping[str, Mapping[str, SnapshotSummary]] = {}

    def apply_inventory(self, inventory: Inventory) -> None:
        """Replace a host's inventory by a newer one."""
        self._inventories[inventory.host.id] = inventory
        self._updated.add(inventory.host.id)

    def apply_task(self, task: Task) -> None:
        """Replace a task by its newest state; beyond ``MAX_TASKS`` the oldest ended one is
        dropped."""
        self._tasks[task.id] = task
        if len(self._tasks) > MAX_TASKS:
            ended = next((id for id, old in self._tasks.items() if old.state.ended), None)
            if ended is not None:
                del self._tasks[ended]

    def apply_event(self, event: HostEvent) -> None:
        """Add a line to the events."""
        self._serial += 1
        self._events.appendleft(NumberedEvent(self._serial, event))

    def apply_query_result(self, result: QueryResult) -> None:
        """Keep the volumes of pools, the users of files, diagnoses and last backups; the screens
        that put the other queries take their results."""
        if isinstance(result, FileUsersResult):
            self._apply_file_users(result)
        elif isinstance(result, VolumesResult) and result.error is None:
            self._apply_volumes(result)
        elif isinstance(result, DiagnosisResult) and result.diagnosis is not None:
            self._diagnoses = {**self._diagnoses, result.query.key: result.diagnosis}
        elif isinstance(result, LastBackupsResult) and result.error is None:
            self._backups = {**self._backups, result.query.key.host: dict(result.backups)}
        elif isinstance(result, SnapshotSummariesResult) and result.error is None:
            host = result.query.key.host
            self._snapshots = {**self._snapshots, host: dict(result.summaries)}

    def _apply_file_users(self, result: FileUsersResult) -> None:
        """Replace who uses which file on a host; a mapping that is equal stays the same object."""
        host, error = result.query.key.host, result.error
        unknown = (("", f"who uses what: {error.message}"),) if error else result.unknown
        if self._unknown.get(host) != unknown:
            self._unknown = {**self._unknown, host: unknown}
        if error is not None:
            return
        users: dict[str, tuple[str, ...]] = {}
        for path, words in result.users_by_path:
            users[path] = (*users.get(path, ()), words)
        if self._users_by_path.get(host) != users:
            self._users_by_path = {**self._users_by_path, host: users}

    def _apply_volumes(self, result: VolumesResult) -> None:
        """Take the volumes of a pool; one that is as before stays the same object.

        What was not read anew yet is shown as it was. The result of an older query comes too late.
        """
        key, serial = result.query.key, result.query.serial
        if serial < self._serials.get(key, 0):
            return
        self._serials[key] = serial
        known = {volume.path: volume for volume in self._volumes.get(key, ())}
        self._volumes[key] = tuple(
            before
            if (before := known.get(volume.path)) is not None
            and (before == volume or not volume.known)
            else volume
            for volume in result.volumes
        )

    @property
    def hosts(self) -> list[HostState]:
        """The hosts in configured order."""
        return [inventory.host for inventory in self._inventories.values()]

    def fleet_state(self, now: float, epoch: float) -> FleetState:
        """The picture of this moment."""
        tasks = sorted(self._tasks.values(), key=_newest_first)
        at_work = _at_work(tasks)
        self._update_indexes()
        return FleetState(
            inventories=dict(self._inventories),
            domains=self._order,
            concerns=self._alerts(),
            diagnoses=self._diagnoses,
            nics=self._nics,
            tasks=tasks,
            events=tuple(self._events),
            at_work=at_work,
            jobs=_jobs(self._inventories.values()),
            volumes=dict(self._volumes),
            users_by_path=self._users_by_path,
            unknown=self._unknown,
            backups=self._backups,
            snapshots=self._snapshots,
            now=now,
            epoch=epoch,
        )

    def _update_indexes(self) -> None:
        """Bring what follows from the inventories up to date, of those hosts that sent another."""
        reordered = False
        for id in self._updated:
            index = self._indexes.setdefault(id, HostIndex(self._limits))
            nics = index.nics
            reordered |= index.update(self._inventories[id])
            if index.nics is not nics:
                self._nics = {**self._nics, id: index.nics}
        self._updated.clear()
        if reordered:
            orders = [index.order for index in self._indexes.values()]
            merged = orders[0] if len(orders) == 1 else sorted(chain.from_iterable(orders))
            self._order = [key for _, key in merged]

    def _alerts(self) -> Mapping[ObjectId, Alert]:
        """The alerts of all hosts."""
        found: dict[ObjectId, Alert] = {}
        for index in self._indexes.values():
            for alerts in index.alerts:
                found.update(alerts)
        return found


def _at_work(tasks: Sequence[Task]) -> dict[ObjectId, Task]:
    """The open task of each object that has one; of several the newest that changes something."""
    found = [task for task in reversed(tasks) if not task.state.ended]
    found.sort(key=lambda task: not task.command.verb.watches)
    return {task.command.target.key: task for task in found}


def _jobs(inventories: Iterable[Inventory]) -> Mapping[ObjectId, Sequence[Job]]:
    """The jobs of all hosts by their domain."""
    found: dict[ObjectId, list[Job]] = {}
    for inventory in inventories:
        for job in inventory.jobs:
            found.setdefault(job.key, []).append(job)
    return found


def _newest_first(task: Task) -> tuple[bool, float, int]:
    """Open tasks before ended ones, the newest of each first."""
    return task.state.ended, -task.started_epoch, -task.id

"""One host: its connection's states, what is asked when, and what comes of it.

Runs on the fleet thread alone, never blocks, and makes no libvirt call itself. The table of
states is in the docstring of ``virttui.hypervisor``.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from virttui.hypervisor.command_executor import CommandExecutor
from virttui.hypervisor.command_queue import CommandQueue
from virttui.hypervisor.connection.connect import ConnectionInfo
from virttui.hypervisor.connection.events import ChangeEvent
from virttui.hypervisor.connection.worker_pool import WorkerPool
from virttui.hypervisor.polling.details_poller import DetailsPoller
from virttui.hypervisor.polling.fleet_context import FleetContext
from virttui.hypervisor.polling.inventory_builder import InventoryBuilder
from virttui.hypervisor.polling.list_reader import ListReader
from virttui.hypervisor.polling.scheduler import PollScheduler
from virttui.hypervisor.queries.registry import reader_of
from virttui.hypervisor.query_dispatcher import QueryDispatcher
from virttui.hypervisor.volume_listing import VolumeListings
from virttui.model.backend import HostSpec
from virttui.model.commands import Command
from virttui.model.errors import BadUri, HostDenied, HostLost, OperationError, ReadOnly
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import ConnectionState, HostMetrics, HostState, Inventory
from virttui.model.queries import HostEvent, Interest, Query, QueryResult
from virttui.model.severity import Severity
from virttui.model.tasks import Task, TaskState

SILENT_AFTER = 3.0
DENIED_RETRY = 30.0
LONGEST_RETRY = 30.0


class Host:
    """One host of the fleet. Everything about it that changes is changed here."""

    def __init__(self, spec: HostSpec, fleet_context: FleetContext) -> None:
        self.spec = spec
        self.fleet_context = fleet_context
        self.builder = InventoryBuilder(spec.id)
        self.interest = Interest()
        self.phase = ConnectionState.CONNECTING
        self.link: ConnectionInfo | None = None
        self.figures = HostMetrics()
        self.lanes = self._new_lanes()
        self.reader = self._new_reader()
        self.workshop = CommandExecutor(self)
        self.queue = CommandQueue(
            self.workshop.put,
            self._tell_task,
            fleet_context.clock,
            fleet_context.wall,
            fleet_context.settings.shutdown_wait,
            fleet_context.settings.at_a_time,
        )
        self.asking = PollScheduler(self)
        self.inspection = DetailsPoller(self)
        self.library = QueryDispatcher(self)
        self.shelves = VolumeListings(self)
        self._busy: dict[str, object] = {}
        self._since = fleet_context.clock()
        self._answered_at: float | None = None
        self._answered_epoch: float | None = None
        self._next_try: float | None = fleet_context.clock()
        self._attempts = 0
        self._trouble: OperationError | None = None
        self._publish_at: float | None = fleet_context.clock()

    @property
    def name(self) -> str:
        """What people call it: its name in the config, else its hostname, else by its URI."""
        if self.spec.name:
            return self.spec.name
        if self.link is None or not self.link.hostname:
            return self.fleet_context.names.unheard(self.spec.id)
        return self.fleet_context.names.of(self.link.hostname, self.spec.id)

    # --- from the fleet -----------------------------------------------------------------------

    def tick(self, now: float) -> float:
        """Do what is due; returns when there will be something again."""
        if self._next_try is not None and now >= self._next_try:
            self._connect()
        if self.phase is ConnectionState.LIVE and self.lanes.waited("reads", now) > SILENT_AFTER:
            self._enter(ConnectionState.SILENT)
            self._happened("stopped answering", level=Severity.ERROR)
        if self.phase in (ConnectionState.LIVE, ConnectionState.SILENT):
            self.asking.tick(now)
            self.inspection.tick(now)
            self.library.tick(now)
            self.workshop.free_stuck(now)
        self.queue.tick(now)
        if self._publish_at is not None and now >= self._publish_at:
            self._publish(now)
        return min(
            now + min(0.25, self.fleet_context.settings.interval),
            *(next_due for next_due in (self._next_try, self._publish_at) if next_due is not None),
            self.asking.next_due(now) if self.phase is ConnectionState.LIVE else now + 1.0,
            self.inspection.next_due(now) if self.phase is ConnectionState.LIVE else now + 1.0,
        )

    def look(self, interest: Interest) -> None:
        """What the eyes are on; what is on other hosts is ignored."""
        mine = {key for key in interest.visible if key.host == self.spec.id}
        selected = interest.selected
        chosen = selected if selected is not None and selected.host == self.spec.id else None
        machine = interest.machine if interest.machine == self.spec.id else ""
        pools = interest.pools or bool(machine)
        volumes = frozenset(key for key in interest.volumes if key.host == self.spec.id)
        fresh = Interest(frozenset(mine), chosen, pools, machine, volumes)
        if fresh != self.interest:
            self.interest = fresh
            self.publish_soon()

    def inspect(self, key: ObjectId | None) -> None:
        """Look at one domain in full; a key of another host, or None, looks away."""
        mine = key is not None and key.host == self.spec.id
        self.inspection.look(key.uuid if mine and key is not None else None)

    def submit(self, number: int, command: Command, batch: int = 0) -> None:
        """Put a command to work, or refuse it at once with a task that says why."""
        why: OperationError | None = None
        if self.fleet_context.settings.read_only:
            why = ReadOnly("this run is read-only", advice="start virttui without -r")
        elif self.phase is not ConnectionState.LIVE:
            why = HostLost(f"{self.name} does not answer now", advice="ctrl+r tries it again")
        if why is not None:
            now, epoch = self.fleet_context.clock(), self.fleet_context.wall()
            words = why.sentence
            self._tell_task(
                Task(number, command, TaskState.FAILED, now, epoch, now, words, why, batch)
            )
            return
        self.queue.submit(number, command, batch)

    def cancel(self, number: int) -> None:
        """Drop a task that waits, or end a transfer that is at work."""
        self.queue.cancel(number)
        self.workshop.end(number)

    def ask(self, question: Query) -> None:
        """Answer a question, on the lane it is about."""
        reader = reader_of(question)
        # What keeps the reads waiting need not keep those with a timeout.
        answers = self.phase is ConnectionState.LIVE or (
            self.phase is ConnectionState.SILENT and reader.timeout is not None
        )
        if not answers:
            trouble = HostLost(f"{self.name} does not answer now")
            self.fleet_context.tell(QueryResult(question, trouble=trouble))
        elif reader.function is None:
            self.shelves.ask(question)
        else:
            self.library.ask(question)

    def refresh(self) -> None:
        """Read everything again now; a lost or denied host is tried at once."""
        if self.phase in (ConnectionState.LIVE, ConnectionState.SILENT):
            self.asking.refresh()
        elif self.phase in (ConnectionState.LOST, ConnectionState.DENIED):
            self._next_try = self.fleet_context.clock()

    def close(self) -> None:
        """Give everything up; calls at work are left behind, transfers end."""
        self.workshop.connection_lost()
        self.lanes.retire()

    # --- calls and their answers --------------------------------------------------------------

    def call(
        self, lane: str, topic: str, job: Callable[[Any], Any], then: Callable[[Any], None]
    ) -> bool:
        """Make ``job`` on ``lane`` unless ``topic`` is at work; ``then`` gets the outcome here.

        The outcome of a lane or connection that was given up meanwhile is dropped.
        """
        if topic in self._busy:
            return False
        token = object()
        self._busy[topic] = token

        def done(outcome: Any) -> None:
            self.fleet_context.post(partial(self._answered, lane, topic, token, then, outcome))

        self.lanes.lane(lane).call(topic, job, done)
        return True

    def busy(self, topic: str) -> bool:
        """Whether a call of ``topic`` is at work."""
        return topic in self._busy

    def abandon(self, lane: str, *topics: str) -> None:
        """Leave a stuck call where it is; the next ones of ``topics`` go by a fresh connection."""
        for topic in topics:
            self._busy.pop(topic, None)
        self.lanes.leave(lane)

    def _answered(
        self, lane: str, topic: str, token: object, then: Callable[[Any], None], outcome: Any
    ) -> None:
        if self._busy.get(topic) is not token:
            return
        del self._busy[topic]
        if lane == "reads":
            if isinstance(outcome, HostLost):
                self._lose(outcome)
                return
            self._heard()
        then(outcome)

    def _heard(self) -> None:
        self._answered_at, self._answered_epoch = (
            self.fleet_context.clock(),
            self.fleet_context.wall(),
        )
        if self.phase is ConnectionState.SILENT:
            seconds = self.fleet_context.clock() - self._since
            self._enter(ConnectionState.LIVE)
            self._happened(f"answers again after {seconds:.0f} s")

    # --- the state machine --------------------------------------------------------------------

    def _connect(self) -> None:
        """Begin a new generation: fresh lanes, fresh reader, and an opening call."""
        self._next_try = None
        self.lanes.retire()
        self._busy.clear()
        self.lanes = self._new_lanes(self.lanes)
        self.reader = self._new_reader()
        self.lanes.lane("reads").farewell = self.reader.end
        token = self._busy["open"] = object()
        opened = partial(self._opened, token)
        self.lanes.lane("reads").call(
            "open",
            self.reader.begin,
            lambda outcome: self.fleet_context.post(partial(opened, outcome)),
        )

    def _opened(self, token: object, outcome: ConnectionInfo | OperationError) -> None:
        if self._busy.get("open") is not token:
            return
        del self._busy["open"]
        if isinstance(outcome, OperationError):
            self._failed(outcome)
            return
        came_back = self._attempts > 0 and self.builder.listed
        self.link = outcome
        if not self.spec.name and outcome.hostname:
            self.fleet_context.names.claim(outcome.hostname, self.spec.id)
        self._attempts = 0
        self._trouble = None
        self._heard()
        self._enter(ConnectionState.LIVE)
        self.asking.begin(outcome)
        self.inspection.begin(outcome)
        if came_back:
            self._happened("live again")

    def _failed(self, trouble: OperationError) -> None:
        """An opening failed: wait, a little longer each time and never in step with others."""
        self._trouble = trouble
        self._attempts += 1
        denied = isinstance(trouble, HostDenied)
        wait = DENIED_RETRY if denied else min(LONGEST_RETRY, 2.0 ** (self._attempts - 1))
        # A URI that libvirt does not take is tried again when somebody asks for it.
        again = self.fleet_context.clock() + wait * random.uniform(0.8, 1.2)
        self._next_try = None if isinstance(trouble, BadUri) else again
        self._enter(ConnectionState.DENIED if denied else ConnectionState.LOST)

    def _lose(self, trouble: OperationError) -> None:
        """The connection is gone: rows stay, greyed; what was at work is told so."""
        if self.phase in (ConnectionState.LOST, ConnectionState.DENIED, ConnectionState.CONNECTING):
            return
        self._happened("the connection broke", level=Severity.ERROR)
        self.lanes.retire()
        self._busy.clear()
        self.queue.connection_lost()
        self.workshop.connection_lost()
        self.library.connection_lost()
        self.shelves.connection_lost()
        self._failed(trouble)

    def _enter(self, phase: ConnectionState) -> None:
        if phase is not self.phase:
            self.phase, self._since = phase, self.fleet_context.clock()
        self.publish_soon()

    def _new_lanes(self, before: WorkerPool | None = None) -> WorkerPool:
        lanes = WorkerPool(
            self.spec.id,
            self.spec.uri,
            self.fleet_context.clock,
            read_only=self.fleet_context.settings.read_only,
        )
        if before is not None:
            lanes.inherit(before)
        return lanes

    def _new_reader(self) -> ListReader:
        """A reader whose callbacks know their own generation by the lanes they came with."""
        lanes = self.lanes
        post = self.fleet_context.post

        def hand(mark: ChangeEvent) -> None:
            post(lambda: self._marked(mark) if self.lanes is lanes else None)

        def closed() -> None:
            gone = HostLost("the connection was closed")
            post(lambda: self._lose(gone) if self.lanes is lanes else None)

        return ListReader(self.spec.uri, hand, closed)

    # --- events -------------------------------------------------------------------------------

    def _marked(self, mark: ChangeEvent) -> None:
        self.asking.mark(mark)
        self.inspection.mark(mark)
        if mark.what:
            key = ObjectId(self.spec.id, mark.uuid)
            by = "you" if self.queue.mine(mark.uuid) else ""
            self._happening(mark.kind.value, mark.name, mark.what, by, mark.level, key, mark.kind)

    def happened_to(self, uuid: str, topic: str, what: str, level: Severity = Severity.OK) -> None:
        """Tell of something that no event of libvirt's tells about a domain."""
        domain = self.builder.domains.get(uuid)
        if domain is not None:
            self._happening(topic, domain.name, what, "", level, domain.key, Kind.DOMAIN)

    def _happened(self, what: str, level: Severity = Severity.OK) -> None:
        self._happening("host", self.name, what, "", level, None, Kind.HOST)

    def _happening(
        self,
        topic: str,
        who: str,
        what: str,
        by: str,
        level: Severity,
        key: ObjectId | None,
        kind: Kind,
    ) -> None:
        epoch, host = self.fleet_context.wall(), self.spec.id
        self.fleet_context.tell(HostEvent(epoch, host, topic, who, what, by, level, key, kind))

    # --- tasks --------------------------------------------------------------------------------

    def _tell_task(self, task: Task) -> None:
        self.fleet_context.tell(task)
        if task.state is TaskState.FAILED:
            target, what = task.command.target, f"{task.command.verb} failed: {task.words}"
            self._happening(
                "task", target.name, what, "you", Severity.WARNING, target.key, target.kind
            )

    # --- what the world sees ------------------------------------------------------------------

    def rows_changed(self, uuids: set[str]) -> None:
        """Rows changed: tell the desk, which may wait for one, and the world, at once."""
        for uuid in uuids:
            self.queue.watch(uuid, self.builder.domains.get(uuid))
        if uuids:
            self.publish_soon()

    def complain(self, trouble: OperationError | None) -> None:
        """Say what keeps a live host from telling its domains, or that nothing does any more."""
        if trouble is not None and self._trouble is None:
            self._happened(
                f"its domains could not be listed: {trouble.sentence}", level=Severity.WARNING
            )
        if self.phase in (ConnectionState.LIVE, ConnectionState.SILENT):
            self._trouble = trouble
            self.publish_soon()

    def publish_soon(self, delay: float = 0.0) -> None:
        """Have an inventory told within ``delay`` seconds."""
        next_due = self.fleet_context.clock() + delay
        self._publish_at = next_due if self._publish_at is None else min(self._publish_at, next_due)

    def _publish(self, now: float) -> None:
        self._publish_at = (
            None
            if self.phase is ConnectionState.LIVE
            else now + self.fleet_context.settings.interval
        )
        if self.phase is not ConnectionState.LIVE:
            self.builder.figures.gap(now)
        builder, selected = self.builder, self.interest.selected
        self.fleet_context.tell(
            Inventory(
                host=self._state(),
                at=now,
                interval=self.fleet_context.settings.interval,
                listed=builder.listed,
                domains=builder.domains,
                usage=builder.usage,
                networks=builder.networks,
                pools=builder.pools,
                untold=builder.untold,
                jobs=self.asking.jobs.all,
                trail=builder.trail(selected.uuid) if selected is not None else None,
            )
        )

    def _state(self) -> HostState:
        link, figures = self.link, self.figures
        if link is not None:
            figures = replace(
                figures,
                cpus=figures.cpus or link.cpus,
                memory_total=figures.memory_total or link.memory_total,
            )
        return HostState(
            id=self.spec.id,
            uri=self.spec.uri,
            name=self.name,
            phase=self.phase,
            since_at=self._since,
            answered_at=self._answered_at,
            answered_epoch=self._answered_epoch,
            next_try_at=self._next_try,
            trouble=self._trouble,
            hypervisor=link.hypervisor if link else "",
            libvirt=link.libvirt if link else "",
            local=link.here if link else False,
            read_only=self.fleet_context.settings.read_only,
            figures=figures,
            running=len(self.builder.active),
            vcpus_promised=self.builder.promised[0],
            memory_promised=self.builder.promised[1],
            cells=self.asking.capacity.cells,
        )

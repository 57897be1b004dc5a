"""One host: the states of its connection, its pollers, its commands and its inventories.

Runs on the fleet thread alone, never blocks, and makes no libvirt call itself. The table of
states is in the docstring of ``virttui.hypervisor``.
"""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from virttui.hypervisor.connection.call_router import CallRouter
from virttui.hypervisor.connection.connect import ConnectionInfo, connect, in_process
from virttui.hypervisor.connection.events import ChangeEvent
from virttui.hypervisor.connection.retry import RetrySchedule
from virttui.hypervisor.connection.worker_pool import WorkerPool
from virttui.hypervisor.consoles.host_consoles import HostConsoles
from virttui.hypervisor.event_reporter import EventReporter
from virttui.hypervisor.host_commands import HostCommands
from virttui.hypervisor.logs.host_logs import HostLogs
from virttui.hypervisor.polling.details_poller import DetailsPoller
from virttui.hypervisor.polling.fleet_context import FleetContext
from virttui.hypervisor.polling.host_context import HostContext
from virttui.hypervisor.polling.inventory_builder import InventoryBuilder
from virttui.hypervisor.polling.list_reader import ListReader
from virttui.hypervisor.polling.scheduler import PollScheduler
from virttui.hypervisor.queries.registry import reader_of
from virttui.hypervisor.query_dispatcher import QueryDispatcher
from virttui.hypervisor.volume_listing import VolumeListings
from virttui.model.backend import HostSpec, Interest
from virttui.model.commands import Command
from virttui.model.errors import HostDenied, HostLost, OperationError, ReadOnly
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import ConnectionState, HostState, Inventory
from virttui.model.queries import Query, VolumesQuery
from virttui.model.severity import Severity

SILENT_AFTER = 3.0


class Host:
    """One host of the fleet. Everything about it that changes is changed here."""

    def __init__(self, spec: HostSpec, fleet: FleetContext) -> None:
        self.spec = spec
        self.fleet = fleet
        self.builder = InventoryBuilder(spec.id)
        self._events = EventReporter(spec.id, fleet, self.builder, lambda: self.name)
        self._interest = Interest()
        self.phase = ConnectionState.CONNECTING
        self._info: ConnectionInfo | None = None
        self.calls = CallRouter(
            self._new_pool, fleet.post, self._reads_answered, self._connection_lost
        )
        context = self._context()
        self.commands = HostCommands(
            context,
            lambda event: self.scheduler.on_change(event),
            self._events.failed,
            lambda uuid: self.consoles.wait_attached(uuid),
        )
        self.scheduler = PollScheduler(context)
        self.details = DetailsPoller(context)
        self.queries = QueryDispatcher(context)
        self.volumes = VolumeListings(
            self.calls,
            fleet.publish,
            fleet.clock,
            lambda: self._interest.volumes,
            lambda: self.name,
        )
        self.consoles = HostConsoles(context, self._answers)
        self.logs = HostLogs(context, self._answers)
        self._since = fleet.clock()
        self._answered_at: float | None = None
        self._answered_epoch: float | None = None
        self._retry = RetrySchedule(fleet.clock())
        self._error: OperationError | None = None
        self._publish_at: float | None = fleet.clock()

    def _context(self) -> HostContext:
        return HostContext(
            id=self.spec.id,
            uri=self.spec.uri,
            fleet=self.fleet,
            calls=self.calls,
            builder=self.builder,
            name=lambda: self.name,
            connection_info=lambda: self._info,
            interest=lambda: self._interest,
            commanded=lambda: self.commands.queue.touched,
            being_forced_off=lambda: self.commands.queue.being_forced_off,
            rows_changed=self._rows_changed,
            suspect_hung=lambda uuids: self.scheduler.suspect_hung(uuids),
            publish_soon=self._publish_soon,
            report_event=self._events.domain,
            report_list_error=self._report_list_error,
        )

    def _answers(self) -> bool:
        """Whether the host can be called now."""
        return self.phase in (ConnectionState.LIVE, ConnectionState.SILENT)

    @property
    def name(self) -> str:
        """The name for people: from the config, else its hostname, else from its URI."""
        if self.spec.name:
            return self.spec.name
        if self._info is None or not self._info.hostname:
            return self.fleet.names.from_uri(self.spec.id)
        return self.fleet.names.of(self._info.hostname, self.spec.id)

    # --- from the fleet -----------------------------------------------------------------------

    def tick(self, now: float) -> float:
        """Do what is due; returns when there will be something again."""
        if self._retry.is_due(now):
            self._connect()
        if self.phase is ConnectionState.LIVE and self.calls.waited("reads", now) > SILENT_AFTER:
            self._set_state(ConnectionState.SILENT)
            self._events.host("stopped answering", level=Severity.ERROR)
        if self.phase in (ConnectionState.LIVE, ConnectionState.SILENT):
            self.scheduler.tick(now)
            self.details.tick(now)
            self.queries.tick(now)
            self.commands.detach_stuck(now)
        self.commands.tick(now)
        self.consoles.tick(now)
        if self._publish_at is not None and now >= self._publish_at:
            self._publish(now)
        interval = self.fleet.settings.interval
        return min(
            now + (min(1.0, interval) if self._idle else min(0.25, interval)),
            *(
                next_due
                for next_due in (self._retry.next_at, self._publish_at)
                if next_due is not None
            ),
            self.scheduler.next_due(now) if self.phase is ConnectionState.LIVE else now + 1.0,
            self.details.next_due(now) if self.phase is ConnectionState.LIVE else now + 1.0,
        )

    @property
    def _idle(self) -> bool:
        """Return true if nothing is at work or watched that may have to be left or asked again.

        A fleet of 50 hosts ticked 200 times a second for what none of them had.
        """
        watched = (self.calls, self.scheduler, self.queries, self.commands, self.consoles)
        return self.phase is ConnectionState.LIVE and all(one.idle for one in watched)

    def set_interest(self, interest: Interest) -> None:
        """Set the objects that are on screen; those of other hosts are ignored."""
        mine = interest.of_host(self.spec.id)
        selected_before, self._interest = self._interest.selected, mine
        # Only the trail is of what is selected: which rows are in view changes with every sample
        # of a list sorted by a figure, and an inventory for it would cost a second painting.
        if mine.selected != selected_before:
            self._publish_soon()

    def watch_domain(self, key: ObjectId | None) -> None:
        """Look at one domain in full; a key of another host, or None, looks away."""
        mine = key is not None and key.host == self.spec.id
        self.details.watch(key.uuid if mine and key is not None else None)

    def submit(self, number: int, command: Command, batch: int = 0) -> None:
        """Put a command to work, or refuse it at once with a task that says why."""
        why: OperationError | None = None
        if self.fleet.settings.read_only:
            why = ReadOnly("this run is read-only", advice="start virttui without -r")
        elif self.phase is not ConnectionState.LIVE:
            why = HostLost(f"{self.name} does not answer now", advice="ctrl+r tries it again")
        if why is not None:
            self.commands.refuse(number, command, batch, why)
        else:
            self.commands.submit(number, command, batch)

    def cancel(self, number: int) -> None:
        """Drop a task that waits, or end a transfer that is at work."""
        self.commands.cancel(number)

    def ask(self, query: Query) -> None:
        """Answer a query, on the worker it is about."""
        reader = reader_of(query)
        # What keeps the reads waiting need not keep those with a timeout.
        answers = self.phase is ConnectionState.LIVE or (
            self.phase is ConnectionState.SILENT and reader.timeout is not None
        )
        if not answers:
            error = HostLost(f"{self.name} does not answer now")
            self.fleet.publish(reader.result(query, error=error))
        elif isinstance(query, VolumesQuery):
            self.volumes.ask(query)
        else:
            self.queries.ask(query)

    def refresh(self) -> None:
        """Read everything again now; a lost or denied host is tried at once."""
        if self.phase in (ConnectionState.LIVE, ConnectionState.SILENT):
            self.scheduler.refresh()
        elif self.phase in (ConnectionState.LOST, ConnectionState.DENIED):
            self._retry.at_once(self.fleet.clock())

    def close(self) -> None:
        """Give everything up; calls at work are left behind, transfers end."""
        self.commands.close()
        self.consoles.end()
        self.logs.end()
        self.calls.close()

    def _reads_answered(self) -> None:
        self._answered_at, self._answered_epoch = self.fleet.clock(), self.fleet.wall()
        if self.phase is ConnectionState.SILENT:
            seconds = self.fleet.clock() - self._since
            self._set_state(ConnectionState.LIVE)
            self._events.host(f"answers again after {seconds:.0f} s")

    def _connect(self) -> None:
        """Begin a new generation: new workers, a new reader, and a call that opens it."""
        self._retry.started()
        self.calls.reset()
        reader = self._new_reader()
        self.calls.worker("reads").on_close = reader.end
        self.calls.call("reads", "open", reader.begin, partial(self._opened, reader))

    def _opened(self, reader: ListReader, outcome: ConnectionInfo | OperationError) -> None:
        if isinstance(outcome, OperationError):
            self._failed(outcome)
            return
        came_back = self._retry.failures > 0 and self.builder.listed
        self._info = outcome
        if not self.spec.name and outcome.hostname:
            self.fleet.names.claim(outcome.hostname, self.spec.id)
        self._retry.opened()
        self._error = None
        self._reads_answered()
        self._set_state(ConnectionState.LIVE)
        self.scheduler.start(outcome, reader)
        self.details.start(outcome)
        self.consoles.connected()
        self.logs.connected()
        if came_back:
            self._events.host("live again")

    def _failed(self, error: OperationError) -> None:
        self._error = error
        self._retry.failed(error, self.fleet.clock())
        denied = isinstance(error, HostDenied)
        self._set_state(ConnectionState.DENIED if denied else ConnectionState.LOST)

    def _connection_lost(self, trouble: OperationError) -> None:
        """The connection is gone: rows stay, greyed; commands at work fail."""
        if self.phase in (ConnectionState.LOST, ConnectionState.DENIED, ConnectionState.CONNECTING):
            return
        self._events.host("the connection broke", level=Severity.ERROR)
        self.calls.close()
        self.commands.connection_lost()
        self.queries.connection_lost()
        self.volumes.connection_lost()
        self.consoles.connection_lost(trouble.message)
        self._failed(trouble)

    def _set_state(self, phase: ConnectionState) -> None:
        if phase is not self.phase:
            self.phase, self._since = phase, self.fleet.clock()
        self._publish_soon()

    def _new_pool(self) -> WorkerPool:
        spec, read_only = self.spec, self.fleet.settings.read_only
        return WorkerPool(
            spec.id,
            lambda: connect(spec.uri, read_only=read_only),
            self.fleet.clock,
            shared=in_process(spec.uri),
        )

    def _new_reader(self) -> ListReader:
        """A reader whose callbacks know the generation of connections they came with."""
        generation, post = self.calls.generation, self.fleet.post

        def changed(event: ChangeEvent) -> None:
            post(lambda: self._on_change(event) if self.calls.generation is generation else None)

        def closed() -> None:
            lost = HostLost("the connection was closed")
            post(
                lambda: self._connection_lost(lost) if self.calls.generation is generation else None
            )

        return ListReader(self.spec.uri, changed, closed)

    def _on_change(self, event: ChangeEvent) -> None:
        self.scheduler.on_change(event)
        self.details.on_change(event)
        if event.kind is Kind.DOMAIN:
            self.consoles.domain_event(event.uuid, started=event.started)
            if event.started:
                self.logs.domain_started(event.uuid)
        self._events.change(event, mine=self.commands.queue.mine(event.uuid))

    # --- what the fleet publishes -------------------------------------------------------------

    def _rows_changed(self, uuids: set[str]) -> None:
        """Rows changed: the queue may wait for one of them; publish an inventory at once."""
        for uuid in uuids:
            self.commands.queue.watch(uuid, self.builder.domains.get(uuid))
        if uuids:
            self.consoles.domains_changed(uuids)
            self._publish_soon()

    def _report_list_error(self, trouble: OperationError | None) -> None:
        """Report why the domains of a live host cannot be listed; None: they can be again."""
        if trouble is not None and self._error is None:
            self._events.host(
                f"its domains could not be listed: {trouble.message}", level=Severity.WARNING
            )
        if self.phase in (ConnectionState.LIVE, ConnectionState.SILENT):
            self._error = trouble
            self._publish_soon()

    def _publish_soon(self, delay: float = 0.0) -> None:
        """Publish an inventory within ``delay`` seconds."""
        next_due = self.fleet.clock() + delay
        self._publish_at = next_due if self._publish_at is None else min(self._publish_at, next_due)

    def _publish(self, now: float) -> None:
        self._publish_at = (
            None if self.phase is ConnectionState.LIVE else now + self.fleet.settings.interval
        )
        if self.phase is not ConnectionState.LIVE:
            self.builder.figures.gap(now)
        builder, selected = self.builder, self._interest.selected
        self.fleet.publish(
            Inventory(
                host=self._state(),
                at=now,
                interval=self.fleet.settings.interval,
                listed=builder.listed,
                domains=builder.domains,
                usage=builder.usage,
                networks=builder.networks,
                pools=builder.pools,
                missing_parts=builder.untold,
                jobs=self.scheduler.jobs.all,
                trail=builder.trail(selected.uuid) if selected is not None else None,
            )
        )

    def _state(self) -> HostState:
        link, figures = self._info, self.scheduler.metrics
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
            next_try_at=self._retry.next_at,
            trouble=self._error,
            hypervisor=link.hypervisor if link else "",
            libvirt=link.libvirt if link else "",
            local=link.here if link else False,
            read_only=self.fleet.settings.read_only,
            figures=figures,
            running=len(self.builder.active),
            vcpus_promised=self.builder.promised[0],
            memory_promised=self.builder.promised[1],
            cells=self.scheduler.capacity.cells,
        )

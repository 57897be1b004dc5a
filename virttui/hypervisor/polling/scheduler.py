"""The schedule of a live host's reads: their order and their times.

One question a worker and topic at a time: what is due while one is at work waits, and a tick that
overruns is skipped, never queued. What is in view goes first; the rest takes turns.
"""

from __future__ import annotations

from collections.abc import Iterable

from virttui.hypervisor.connection.connect import ConnectionInfo
from virttui.hypervisor.connection.events import ChangeEvent
from virttui.hypervisor.polling.capacity import CapacityPoller
from virttui.hypervisor.polling.guest_agent import GuestPoller
from virttui.hypervisor.polling.host_context import HostContext
from virttui.hypervisor.polling.hung_guests import HungGuests
from virttui.hypervisor.polling.jobs import JobPoller
from virttui.hypervisor.polling.list_reader import (
    DomainFlags,
    DomainListRow,
    ListReader,
)
from virttui.hypervisor.polling.sampler import Sampler
from virttui.hypervisor.polling.slow_reader import DefinitionReader, DefinitionResults, PoolReader
from virttui.hypervisor.polling.timing import RoundRobin, Timetable
from virttui.model.errors import OperationError
from virttui.model.identity import Kind
from virttui.model.inventory import HostMetrics, Network, Part, Pool

# Events are gathered for so long before the rows they name are read again, all at once.
EVENT_DELAY = 0.05
# Above so many marked domains one list is cheaper than a look at each.
RELIST_ABOVE = 40
# What emits no event (autostart, volumes, config-only edits) is read again so often.
SLOW_INTERVAL = 10.0
# What failed is asked again after this.
RETRY_INTERVAL = 2.0
# A whole list is cheap for a hundred domains and not for ten thousand; events do its work.
RELIST_INTERVAL = 60.0


class PollScheduler:
    """The scheduler of the reads of one host. Runs on the fleet thread."""

    def __init__(self, context: HostContext) -> None:
        self._context = context
        self._calls, self._builder = context.calls, context.builder
        self._info: ConnectionInfo | None = None
        self._reader: ListReader | None = None
        self._definitions = DefinitionReader(context.id)
        self._pool_reader = PoolReader(context.id)
        self._guest_poller = GuestPoller(context, bulk=False)
        self.jobs = JobPoller(context)
        self.capacity = CapacityPoller(context)
        self._times = Timetable()
        self._to_reread: set[str] = set()
        self._reread_at = 0.0
        self._unread: dict[str, None] = {}
        self._hung_guests = HungGuests(context)
        self._early_sample = False
        self._definition_turns = RoundRobin.of_definitions(len(context.fleet.uris))
        self._sampler = Sampler(context, self._hung_guests, self._in_view, self._to_reread.update)

    @property
    def metrics(self) -> HostMetrics:
        """The machine's own figures."""
        return self._sampler.metrics

    def start(self, info: ConnectionInfo, reader: ListReader) -> None:
        """A connection opened: ask everything, the list first."""
        self._info, self._reader = info, reader
        here = self._context.uri if info.here else ""
        self._definitions = DefinitionReader(self._context.id, here)
        self._guest_poller = GuestPoller(self._context, bulk=info.bulk)
        self.jobs = JobPoller(self._context)
        self.capacity = CapacityPoller(self._context)
        self._sampler.start(info, reader, self._definitions)
        self._to_reread.clear()
        self._early_sample = True
        self._hung_guests.clear()
        self.refresh()

    def refresh(self) -> None:
        """Make everything due."""
        self._times.clear()
        self._times.set("tick", self._now)
        self._hung_guests.refresh()
        self._guest_poller.refresh()
        self.capacity.refresh()
        self._unread.update(dict.fromkeys(self._builder.domains))

    def on_change(self, event: ChangeEvent) -> None:
        """Something changed: read it again soon."""
        now = self._now
        if event.kind is Kind.DOMAIN:
            if not self._to_reread:
                self._reread_at = now + EVENT_DELAY
            self._to_reread.add(event.uuid)
            self.jobs.hint(event.uuid)
            if event.started:
                self._builder.take_starts({event.uuid: self._context.fleet.wall()})
            if event.xml:
                self._unread[event.uuid] = None
        elif event.kind in (Kind.NETWORK, Kind.POOL, Kind.VOLUME):
            topic = "networks" if event.kind is Kind.NETWORK else "pools"
            self._times.advance(topic, now + EVENT_DELAY, now)

    def suspect_hung(self, uuids: Iterable[str]) -> None:
        """A call about these domains hangs: have their monitors looked at soon."""
        self._hung_guests.suspect(self._builder.domains.keys() & uuids)

    def next_due(self, now: float) -> float:
        """The next time at which ``tick`` has something to do."""
        if self._calls.busy("reads"):
            # Its result brings a tick; a slow host, always overdue, ticked 100 times a second.
            return now + 1.0
        dues = [self._times.next("tick", now)]
        if self._to_reread:
            dues.append(self._reread_at)
        return max(now + 0.01, min(dues))

    @property
    def idle(self) -> bool:
        """Return true if nothing is watched whose time is not that of a tick."""
        return self._hung_guests.idle and not self._unread

    def tick(self, now: float) -> None:
        """Begin what is due, one call a topic."""
        self._read(now)
        if not self._builder.listed:
            return
        self._sampler.detach_stuck_monitor(now)
        self._hung_guests.tick(now)
        self._ask_definitions(now)
        if self._is_due("networks", now, SLOW_INTERVAL):
            self._calls.call("detail", "networks", self._definitions.networks, self._on_networks)
        if self._is_due("pools", now, SLOW_INTERVAL):
            self._calls.call("storage", "pools", self._pool_reader.pools, self._on_pools)
        if self._builder.undated() and self._is_due("starts", now, 5.0):
            self._read_start_times()
        in_view = self._in_view()
        if self._early_sample and in_view and self._unread.keys().isdisjoint(in_view):
            # The first sample came before anybody said what is in view, and knew no devices:
            # rates would come with the third one.
            self._early_sample = False
            self._times.advance("tick", now, now)
        self._guest_poller.tick(now, in_view)
        self.capacity.tick(now)
        if self._info is not None and self._info.bulk:
            self.jobs.tick(now, in_view)

    @property
    def _now(self) -> float:
        return self._context.fleet.clock()

    @property
    def _interval(self) -> float:
        return self._context.fleet.settings.interval

    def _is_due(self, topic: str, now: float, again: float) -> bool:
        return not self._calls.busy(topic) and self._times.take(topic, now, again)

    def _in_view(self) -> list[str]:
        """Running domains somebody looks at, the selected one first."""
        interest = self._context.interest()
        keys = [interest.selected] if interest.selected is not None else []
        keys += sorted(key for key in interest.visible if key != interest.selected)
        domains = self._builder.domains
        return [
            key.uuid
            for key in keys
            if (found := domains.get(key.uuid)) is not None and found.state.active
        ]

    # --- the reads worker -----------------------------------------------------------------------

    def _read(self, now: float) -> None:
        """The next call of the reads worker: what changed before what is due.

        While a guest is forced off libvirt holds its lock, 12 s if its QEMU is hung, and every
        call that walks all domains waits for it: then only the others are asked, by name.
        """
        calls, reader = self._calls, self._reader
        if calls.busy("reads") or self._info is None or reader is None:
            return
        being_forced_off = self._context.being_forced_off()
        changed_now = self._to_reread - being_forced_off
        if not being_forced_off and (
            self._times.is_due("list", now) or len(self._to_reread) > RELIST_ABOVE
        ):
            interval = RELIST_INTERVAL if self._info.events else self._interval
            self._times.set("list", now + interval)
            self._times.set("flags", now + SLOW_INTERVAL)
            self._to_reread.clear()
            calls.call("reads", "reads", reader.every, self._on_list)
        elif changed_now and now >= self._reread_at:
            self._to_reread -= changed_now
            calls.call(
                "reads", "reads", lambda c: reader.reread(c, tuple(changed_now)), self._on_reread
            )
        elif not being_forced_off and self._times.take("flags", now, SLOW_INTERVAL):
            calls.call("reads", "reads", reader.flags, self._on_flags)
        elif suspects := self._hung_guests.take_suspects(being_forced_off):
            done = self._hung_guests.on_control_info
            calls.call("reads", "reads", lambda c: reader.control(c, suspects), done)
        elif self._times.take_beat("tick", now, self._interval * self._sampler.ticks):
            self._sampler.sample()

    def _on_list(self, outcome: dict[str, DomainListRow] | OperationError) -> None:
        self._context.report_list_error(outcome if isinstance(outcome, OperationError) else None)
        if isinstance(outcome, OperationError):
            self._times.set("list", self._now + RETRY_INTERVAL)
            return
        changed = self._builder.replace_rows(outcome)
        self._unread.update(dict.fromkeys(self._builder.unread()))
        self._context.rows_changed(changed)
        self._context.publish_soon()

    def _on_flags(self, outcome: DomainFlags | OperationError) -> None:
        if isinstance(outcome, OperationError):
            return
        builder = self._builder
        if outcome.count != len(builder.domains):
            self._times.set("list", self._now)
        self._context.rows_changed(builder.merge_flags(outcome.autostart, outcome.saved))

    def _on_reread(self, outcome: dict[str, DomainListRow | None] | OperationError) -> None:
        if isinstance(outcome, OperationError):
            self._times.set("list", self._now)
            return
        changed = self._builder.merge_rows(outcome)
        self._unread.update(dict.fromkeys(self._builder.unread()))
        self._context.rows_changed(changed)

    # --- definitions, networks, pools, addresses ----------------------------------------------

    def _ask_definitions(self, now: float) -> None:
        """Definitions never read or changed, in view first; every 10 s those in view again.

        Silent guests are left out: since libvirt 11.0 their XML waits for the monitor too. So are
        those that are being forced off.
        """
        if self._calls.busy("definitions") or not self._times.is_due("definitions again", now):
            return
        domains = self._builder.domains
        if self._times.take("definitions", now, SLOW_INTERVAL):
            self._unread.update(dict.fromkeys(self._in_view()))
            self._unread.update(dict.fromkeys(self._definition_turns.turn(list(domains))))
        out = {*self._builder.silent, *self._context.being_forced_off()}
        uuids = [uuid for uuid in self._unread if uuid in domains and uuid not in out]
        if not uuids:
            self._unread.clear()
            return
        view = {key.uuid for key in self._context.interest().visible}
        uuids.sort(key=lambda uuid: uuid not in view)
        reader = self._definitions
        self._calls.call(
            "detail", "definitions", lambda c: reader.definitions(c, uuids), self._on_definitions
        )

    def _on_definitions(self, outcome: DefinitionResults | OperationError) -> None:
        if isinstance(outcome, OperationError):
            # What is still unread would be asked again at once, and by a new connection each time.
            self._times.set("definitions again", self._now + RETRY_INTERVAL)
            return
        for uuid in (*outcome.facts, *outcome.missing):
            self._unread.pop(uuid, None)
        for uuid in self._unread.keys() - self._builder.domains.keys():
            del self._unread[uuid]
        self._context.rows_changed(self._builder.take_facts(outcome.facts))

    def _read_start_times(self) -> None:
        """Read the start times of domains, where the processes of this machine show them."""
        info = self._info
        if info is not None and info.here and info.driver.upper() == "QEMU":
            self._calls.call("detail", "starts", self._definitions.starts, self._on_start_times)

    def _on_start_times(self, outcome: dict[str, float] | OperationError) -> None:
        if not isinstance(outcome, OperationError):
            self._context.rows_changed(self._builder.take_starts(outcome))

    def _on_networks(self, outcome: dict[str, Network] | OperationError) -> None:
        if isinstance(outcome, OperationError):
            self._builder.fail(Part.NETWORKS, outcome.message)
            self._context.publish_soon()
        elif self._builder.take_networks(outcome):
            self._context.publish_soon()

    def _on_pools(self, outcome: dict[str, Pool] | OperationError) -> None:
        if isinstance(outcome, OperationError):
            self._builder.fail(Part.POOLS, outcome.message)
            self._context.publish_soon()
        elif self._builder.take_pools(outcome):
            self._context.publish_soon()

"""What is asked of a live host, when, and in which order.

One question a lane and topic at a time: what is due while one is at work waits, and a tick that
overruns is skipped, never queued. What is in view goes first; the rest takes turns.
"""

from __future__ import annotations

from collections.abc import Sequence

from virttui.hypervisor.connection.connect import ConnectionInfo
from virttui.hypervisor.connection.events import ChangeEvent
from virttui.hypervisor.polling.capacity import CapacityPoller
from virttui.hypervisor.polling.guest_agent import GuestPoller
from virttui.hypervisor.polling.host_context import HostContext
from virttui.hypervisor.polling.jobs import JobPoller
from virttui.hypervisor.polling.list_reader import (
    DomainFlags,
    DomainListRow,
    ListReader,
    Sample,
    SampleRequest,
)
from virttui.hypervisor.polling.monitor_reader import MonitorReader, MonitorRequest, MonitorSample
from virttui.hypervisor.polling.round_robin import RoundRobin
from virttui.hypervisor.polling.slow_reader import DefinitionReader, DefinitionResults, PoolReader
from virttui.hypervisor.polling.usage import RefreshIntervals
from virttui.model.errors import OperationError
from virttui.model.identity import Kind
from virttui.model.inventory import HostMetrics, Network, Part, Pool
from virttui.model.severity import Severity

# Events are gathered for so long before the rows they name are read again, all at once.
GATHER = 0.05
# Above so many marked domains one list is cheaper than a look at each.
MANY = 40
# What emits no event (autostart, volumes, config-only edits) is read again so often.
SLOW = 10.0
# What failed is asked again after this.
AGAIN = 2.0
# A whole list is cheap for a hundred domains and not for ten thousand; events do its work.
RELIST = 60.0
# A monitor call that takes longer is left where it is and the guilty guest is looked for.
MONITOR_DEADLINE = 1.5
# A silent guest is probed so often.
PROBE = 2.0
# A guest is silent when its monitor has been held for so long.
HELD = 2.0
# Domains given a figure out of turn in one tick, at most, by the calls for one.
ROTA_SIZE = 2000


class PollScheduler:
    """What is read from one host, and when. Runs on the fleet thread."""

    def __init__(self, context: HostContext) -> None:
        self._context = context
        self._link: ConnectionInfo | None = None
        self._reader: ListReader | None = None
        self.metrics = HostMetrics()
        self._detail = DefinitionReader(context.id)
        self._storage = PoolReader(context.id)
        self._guests = GuestPoller(context, bulk=False)
        self.jobs = JobPoller(context)
        self.capacity = CapacityPoller(context)
        self._monitor = MonitorReader()
        self._due: dict[str, float] = {}
        self._dirty: set[str] = set()
        self._dirty_at = 0.0
        self._unread: dict[str, None] = {}
        self._suspects: set[str] = set()
        self._doubted: set[str] = set()
        self._tick = 0
        self._cpu_rota = RoundRobin(ROTA_SIZE)
        self._monitor_rota = RoundRobin(ROTA_SIZE)
        self._definition_rota = RoundRobin(ROTA_SIZE)

    def begin(self, link: ConnectionInfo, reader: ListReader) -> None:
        """A connection opened: ask everything, the list first."""
        self._link, self._reader = link, reader
        here = self._context.uri if link.here else ""
        self._detail = DefinitionReader(self._context.id, here)
        self._guests = GuestPoller(self._context, bulk=link.bulk)
        self.jobs = JobPoller(self._context)
        self.capacity = CapacityPoller(self._context)
        self._monitor = MonitorReader()
        self._dirty.clear()
        self._suspects.clear()
        self._doubted.clear()
        self.refresh()

    def refresh(self) -> None:
        """Make everything due."""
        now = self._now
        topics = ("list", "tick", "networks", "pools", "node", "definitions", "probe", "starts")
        self._due = dict.fromkeys(topics, now)
        self._guests.refresh()
        self.capacity.refresh()
        self._unread.update(dict.fromkeys(self._context.builder.domains))

    def mark(self, mark: ChangeEvent) -> None:
        """Something changed: read it again soon."""
        now = self._now
        if mark.kind is Kind.DOMAIN:
            if not self._dirty:
                self._dirty_at = now + GATHER
            self._dirty.add(mark.uuid)
            self.jobs.hint(mark.uuid)
            if mark.started:
                self._context.builder.take_starts({mark.uuid: self._context.fleet.wall()})
            if mark.xml:
                self._unread[mark.uuid] = None
        elif mark.kind in (Kind.NETWORK, Kind.POOL, Kind.VOLUME):
            topic = "networks" if mark.kind is Kind.NETWORK else "pools"
            self._due[topic] = min(self._due.get(topic, now), now + GATHER)

    def next_due(self, now: float) -> float:
        """When ``wake`` will have something to do again."""
        dues = [self._due.get("tick", now)]
        if self._dirty:
            dues.append(self._dirty_at)
        return max(now + 0.01, min(dues))

    def tick(self, now: float) -> None:
        """Begin what is due, one call a topic."""
        self._read(now)
        if not self._context.builder.listed:
            return
        self._look_for_the_guilty(now)
        self._ask_definitions(now)
        if self._is_due("networks", now, SLOW):
            self._context.calls.call("detail", "networks", self._detail.networks, self._networks)
        if self._is_due("pools", now, SLOW):
            self._context.calls.call("storage", "pools", self._storage.pools, self._pools)
        if self._context.builder.undated() and self._is_due("starts", now, 5.0):
            self._date_starts()
        in_view = self._in_view()
        self._guests.tick(now, in_view)
        self.capacity.tick(now)
        if self._link is not None and self._link.bulk:
            self.jobs.tick(now, in_view)

    @property
    def _now(self) -> float:
        return self._context.fleet.clock()

    @property
    def _interval(self) -> float:
        return self._context.fleet.settings.interval

    def _is_due(self, topic: str, now: float, again: float) -> bool:
        if self._context.calls.busy(topic) or now < self._due.get(topic, now):
            return False
        self._due[topic] = now + again
        return True

    def _in_view(self) -> list[str]:
        """Running domains somebody looks at, the selected one first."""
        interest = self._context.interest()
        keys = [interest.selected] if interest.selected is not None else []
        keys += sorted(key for key in interest.visible if key != interest.selected)
        domains = self._context.builder.domains
        return [
            key.uuid
            for key in keys
            if (found := domains.get(key.uuid)) is not None and found.state.active
        ]

    # --- the reads lane -----------------------------------------------------------------------

    def _read(self, now: float) -> None:
        """The next call of the reads lane: what changed before what is due.

        While a guest is forced off libvirt holds its lock, 12 s if its QEMU is hung, and every
        call that walks all domains waits for it: then only the others are asked, by name.
        """
        calls, reader = self._context.calls, self._reader
        if calls.busy("reads") or self._link is None or reader is None:
            return
        being_forced_off = self._context.being_forced_off()
        dirty = self._dirty - being_forced_off
        if not being_forced_off and (now >= self._due.get("list", now) or len(self._dirty) > MANY):
            self._due["list"] = now + (RELIST if self._link.events else self._interval)
            self._due["flags"] = now + SLOW
            self._dirty.clear()
            calls.call("reads", "reads", reader.every, self._listed)
        elif dirty and now >= self._dirty_at:
            self._dirty -= dirty
            calls.call("reads", "reads", lambda c: reader.reread(c, tuple(dirty)), self._reread)
        elif not being_forced_off and now >= self._due.get("flags", now):
            self._due["flags"] = now + SLOW
            calls.call("reads", "reads", reader.flags, self._flagged)
        elif suspects := tuple(self._suspects - being_forced_off):
            self._suspects.clear()
            calls.call("reads", "reads", lambda c: reader.control(c, suspects), self._controlled)
        elif now >= self._due.get("tick", now):
            self._due["tick"] = max(self._due.get("tick", now) + self._interval, now)
            self._sample(now)

    def _listed(self, outcome: dict[str, DomainListRow] | OperationError) -> None:
        self._context.report_list_error(outcome if isinstance(outcome, OperationError) else None)
        if isinstance(outcome, OperationError):
            self._due["list"] = self._now + AGAIN
            return
        changed = self._context.builder.replace_rows(outcome)
        self._unread.update(dict.fromkeys(self._context.builder.unread()))
        self._context.rows_changed(changed)
        self._context.publish_soon()

    def _flagged(self, outcome: DomainFlags | OperationError) -> None:
        if isinstance(outcome, OperationError):
            return
        builder = self._context.builder
        if outcome.count != len(builder.domains):
            self._due["list"] = self._now
        self._context.rows_changed(builder.merge_flags(outcome.autostart, outcome.saved))

    def _reread(self, outcome: dict[str, DomainListRow | None] | OperationError) -> None:
        if isinstance(outcome, OperationError):
            self._due["list"] = self._now
            return
        changed = self._context.builder.merge_rows(outcome)
        self._unread.update(dict.fromkeys(self._context.builder.unread()))
        self._context.rows_changed(changed)

    # --- figures ------------------------------------------------------------------------------

    def _sample(self, now: float) -> None:
        """One tick: the counters of the reads lane, the monitor's, and the machine's own."""
        context, link, reader = self._context, self._link, self._reader
        assert link is not None
        assert reader is not None
        self._tick += 1
        being_forced_off = context.being_forced_off()
        first = [uuid for uuid in self._in_view() if uuid not in being_forced_off]
        active = [uuid for uuid in context.builder.active if uuid not in being_forced_off]
        seen = set(first)
        rest = self._cpu_rota.turn([uuid for uuid in active if uuid not in seen])
        by_one = link.here or not link.bulk
        wanted = SampleRequest(
            cpu=(*first, *rest) if by_one else (),
            each={} if link.bulk else {uuid: self._devices(uuid) for uuid in first},
            without=being_forced_off,
        )
        context.calls.call("reads", "reads", lambda c: reader.sample(c, wanted), self._sampled)
        if link.bulk:
            self._ask_monitor(first, active, with_cpu=not by_one)
        if self._tick % 2 == 1 and not context.calls.busy("node"):
            figures = self._detail.here if link.here else self._detail.node
            context.calls.call("detail", "node", figures, self._node)

    def _devices(self, uuid: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        facts = self._context.builder.facts(uuid)
        nics = tuple(nic.target for nic in facts.nics if nic.target)
        return nics, tuple(disk.target for disk in facts.disks if disk.target)

    def _turns(self, rota: RoundRobin) -> RefreshIntervals:
        every = self._interval * self._cpu_rota.rounds
        monitored = self._interval * rota.rounds
        net = self._interval if self._link is not None and self._link.bulk else every
        return RefreshIntervals(cpu=every, net=net, monitor=monitored)

    def _sampled(self, outcome: Sample | OperationError) -> None:
        context = self._context
        if isinstance(outcome, OperationError):
            return
        changed = context.builder.merge_states(outcome.states)
        for uuid in (*outcome.missing, *context.builder.strangers(outcome.states)):
            self._dirty.add(uuid)
        in_view = self._in_view()
        now_turns = RefreshIntervals(self._interval, self._interval, self._interval)
        context.builder.take_readings(
            outcome.readings, outcome.at, dict.fromkeys(in_view, now_turns),
            self._turns(self._monitor_rota),
        )  # fmt: skip
        context.builder.remember(outcome.at, in_view)
        context.rows_changed(changed)
        # The monitor's figures come a moment later: one inventory tells both.
        context.publish_soon(0.1 if context.calls.busy("monitor") else 0.0)

    def _ask_monitor(self, first: list[str], active: Sequence[str], *, with_cpu: bool) -> None:
        """Ask what is in view, and of the rest as many as a fifth of the lane's time allows."""
        silent = set(self._context.builder.silent)
        seen = set(first)
        answering = [uuid for uuid in active if uuid not in silent]
        rest = self._monitor_rota.turn([uuid for uuid in answering if uuid not in seen])
        asked = MonitorRequest(
            full=(*(uuid for uuid in first if uuid not in silent), *rest),
            cpu=tuple(answering) if with_cpu else (),
        )
        monitor = self._monitor
        self._context.calls.call(
            "monitor", "monitor", lambda c: monitor.sample(c, asked), self._told
        )

    def _told(self, outcome: MonitorSample | OperationError) -> None:
        if isinstance(outcome, OperationError):
            return
        asked = max(1, len(outcome.readings))
        self._monitor_rota.pace(outcome.seconds / asked, 0.2 * self._interval)
        now_turns = RefreshIntervals(self._interval, self._interval, self._interval)
        self._context.builder.take_readings(
            outcome.readings, outcome.at, dict.fromkeys(self._in_view(), now_turns),
            self._turns(self._monitor_rota),
        )  # fmt: skip
        self._suspects.update(outcome.unheard)
        self._context.publish_soon()

    def _node(self, outcome: HostMetrics | OperationError) -> None:
        # Told with the next tick: an inventory of their own would cost a painting.
        if not isinstance(outcome, OperationError):
            self.metrics = outcome

    # --- guests that do not answer ------------------------------------------------------------

    def _look_for_the_guilty(self, now: float) -> None:
        """A monitor call that hangs is left; ``controlInfo`` of those asked names the guest."""
        calls, builder = self._context.calls, self._context.builder
        if calls.busy("monitor") and calls.waited("monitor", now) > MONITOR_DEADLINE:
            calls.detach_stuck("monitor", "monitor")
            self._monitor = MonitorReader()
            self._suspects.update(builder.active)
        doubtful = {*builder.silent, *self._doubted}
        if doubtful and now >= self._due.get("probe", now):
            self._due["probe"] = now + (PROBE / 4 if self._doubted else PROBE)
            self._doubted.clear()
            self._suspects.update(doubtful)

    def _controlled(self, outcome: dict[str, float | None] | OperationError) -> None:
        if isinstance(outcome, OperationError):
            return
        now, builder = self._now, self._context.builder
        for uuid, held in outcome.items():
            known = uuid in builder.silent
            if held is None and known:
                builder.silence(uuid, None)
                self._context.report_event(uuid, "guest", "answers again")
            elif held is not None and held >= HELD and not known:
                builder.silence(uuid, now - held)
                self._context.report_event(uuid, "guest", "stopped answering", level=Severity.ERROR)
            elif held is not None and not known:
                self._doubted.add(uuid)  # held, but not for long: looked at again in a moment
        self._context.publish_soon()

    # --- definitions, networks, pools, addresses ----------------------------------------------

    def _ask_definitions(self, now: float) -> None:
        """Definitions never read or changed, in view first; every 10 s those in view again.

        Silent guests are left out: since libvirt 11.0 their XML waits for the monitor too. So are
        those that are being forced off.
        """
        if self._context.calls.busy("definitions") or now < self._due.get("definitions again", now):
            return
        domains = self._context.builder.domains
        if now >= self._due.get("definitions", now):
            self._due["definitions"] = now + SLOW
            self._unread.update(dict.fromkeys(self._in_view()))
            self._unread.update(dict.fromkeys(self._definition_rota.turn(list(domains))))
        out = {*self._context.builder.silent, *self._context.being_forced_off()}
        wanted = [uuid for uuid in self._unread if uuid in domains and uuid not in out]
        if not wanted:
            self._unread.clear()
            return
        view = {key.uuid for key in self._context.interest().visible}
        wanted.sort(key=lambda uuid: uuid not in view)
        detail = self._detail
        self._context.calls.call(
            "detail", "definitions", lambda c: detail.definitions(c, wanted), self._defined
        )

    def _defined(self, outcome: DefinitionResults | OperationError) -> None:
        if isinstance(outcome, OperationError):
            # What is still unread would be asked again at once, and by a new connection each time.
            self._due["definitions again"] = self._now + AGAIN
            return
        for uuid in (*outcome.facts, *outcome.gone):
            self._unread.pop(uuid, None)
        for uuid in self._unread.keys() - self._context.builder.domains.keys():
            del self._unread[uuid]
        self._context.rows_changed(self._context.builder.take_facts(outcome.facts))

    def _date_starts(self) -> None:
        """When domains were started, where this machine's own processes tell."""
        link = self._link
        if link is not None and link.here and link.driver.upper() == "QEMU":
            self._context.calls.call("detail", "starts", self._detail.starts, self._dated)

    def _dated(self, outcome: dict[str, float] | OperationError) -> None:
        if not isinstance(outcome, OperationError):
            self._context.rows_changed(self._context.builder.take_starts(outcome))

    def _networks(self, outcome: dict[str, Network] | OperationError) -> None:
        if isinstance(outcome, OperationError):
            self._context.builder.fail(Part.NETWORKS, outcome.sentence)
        else:
            self._context.builder.take_networks(outcome)
        self._context.publish_soon()

    def _pools(self, outcome: dict[str, Pool] | OperationError) -> None:
        if isinstance(outcome, OperationError):
            self._context.builder.fail(Part.POOLS, outcome.sentence)
        else:
            self._context.builder.take_pools(outcome)
        self._context.publish_soon()

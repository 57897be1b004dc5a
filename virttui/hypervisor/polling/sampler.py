"""The figures of one host: what is sampled in a tick, and by which calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from virttui.hypervisor.connection.connect import ConnectionInfo
from virttui.hypervisor.polling.host_context import HostContext
from virttui.hypervisor.polling.hung_guests import HungGuests
from virttui.hypervisor.polling.list_reader import ListReader, Sample, SampleRequest
from virttui.hypervisor.polling.monitor_reader import MonitorReader, MonitorRequest, MonitorSample
from virttui.hypervisor.polling.slow_reader import DefinitionReader
from virttui.hypervisor.polling.timing import RoundRobin
from virttui.hypervisor.polling.usage import RefreshIntervals
from virttui.model.backend import Interest
from virttui.model.errors import OperationError
from virttui.model.inventory import HostMetrics

# A monitor call that takes longer is left where it is and the guilty guest is looked for.
MONITOR_DEADLINE = 1.5
# A sample is published without the monitor's figures when they take longer than so many seconds.
MONITOR_WAIT = 0.3
# Seconds in which each guest out of view is asked once for what its QEMU knows: with 106 guests
# libvirtd takes 131 ms for all of them, and 41 for the 34 in view.
MONITOR_ROUND = 5.0
# With more hosts than these, those of which nothing is in view are sampled every other tick.
FEW_HOSTS = 10


class Sampler:
    """Samples the figures of one host. Runs on the fleet thread.

    ``in_view`` gives the running domains in view, the selected one first; ``reread`` has the rows
    of domains read again. ``metrics`` are the machine's own.
    """

    def __init__(
        self,
        context: HostContext,
        hung_guests: HungGuests,
        in_view: Callable[[], list[str]],
        reread: Callable[[Iterable[str]], None],
    ) -> None:
        self.metrics = HostMetrics()
        self._context = context
        self._calls, self._builder = context.calls, context.builder
        self._hung_guests = hung_guests
        self._in_view, self._reread = in_view, reread
        self._info: ConnectionInfo | None = None
        self._reader: ListReader | None = None
        self._definitions: DefinitionReader | None = None
        self._monitor = MonitorReader()
        self._count = 0
        self._interval = context.fleet.settings.interval
        hosts = len(context.fleet.uris)
        self._cpu_turns = RoundRobin.of_figures(hosts)
        spread = max(1, round(MONITOR_ROUND / self._interval))
        self._monitor_turns = RoundRobin.of_figures(hosts, spread)

    def start(
        self, info: ConnectionInfo, reader: ListReader, definitions: DefinitionReader
    ) -> None:
        """A connection opened."""
        self._info, self._reader, self._definitions = info, reader, definitions
        self._monitor = MonitorReader()

    @property
    def ticks(self) -> int:
        """Refresh intervals between two samples: 2 on a host of many of which nothing is shown."""
        several = len(self._context.fleet.uris) > FEW_HOSTS
        return 2 if several and self._context.interest() == Interest() else 1

    def sample(self) -> None:
        """One tick: the counters of the reads worker, the monitor's, and the machine's own."""
        info, reader, definitions = self._info, self._reader, self._definitions
        assert info is not None
        assert reader is not None
        assert definitions is not None
        self._count += 1
        being_forced_off = self._context.being_forced_off()
        first = [uuid for uuid in self._in_view() if uuid not in being_forced_off]
        active = [uuid for uuid in self._builder.active if uuid not in being_forced_off]
        seen = set(first)
        rest = self._cpu_turns.turn([uuid for uuid in active if uuid not in seen], self.ticks)
        by_one = info.here or not info.bulk
        request = SampleRequest(
            cpu=(*first, *rest) if by_one else (),
            each={} if info.bulk else {uuid: self._devices(uuid) for uuid in first},
            without=being_forced_off,
        )
        self._calls.call("reads", "reads", lambda c: reader.sample(c, request), self._on_sample)
        if info.bulk:
            self._ask_monitor(first, active, with_cpu=not by_one)
        if self._count % 2 == 1 and not self._calls.busy("node"):
            metrics = definitions.here if info.here else definitions.node
            self._calls.call("detail", "node", metrics, self._on_host_metrics)

    def detach_stuck_monitor(self, now: float) -> None:
        """A monitor call that hangs is left; ``controlInfo`` of those asked names the guest."""
        if self._calls.busy("monitor") and self._calls.waited("monitor", now) > MONITOR_DEADLINE:
            self._calls.detach_stuck("monitor", "monitor")
            self._monitor = MonitorReader()
            self._hung_guests.suspect(self._builder.active)

    def _devices(self, uuid: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        facts = self._builder.facts(uuid)
        nics = tuple(nic.target for nic in facts.nics if nic.target)
        return nics, tuple(disk.target for disk in facts.disks if disk.target)

    def _refresh_intervals(self) -> RefreshIntervals:
        """Seconds between two figures of a row out of view."""
        interval = self._interval * self.ticks
        every = interval * self._cpu_turns.rounds
        net = interval if self._info is not None and self._info.bulk else every
        return RefreshIntervals(cpu=every, net=net, monitor=interval * self._monitor_turns.rounds)

    def _take(self, sample: Sample | MonitorSample, in_view: list[str]) -> None:
        now_turns = RefreshIntervals(self._interval, self._interval, self._interval)
        self._builder.take_readings(
            sample.readings,
            sample.at,
            dict.fromkeys(in_view, now_turns),
            self._refresh_intervals(),
        )

    def _on_sample(self, outcome: Sample | OperationError) -> None:
        if isinstance(outcome, OperationError):
            return
        context, builder = self._context, self._builder
        changed = builder.merge_states(outcome.states)
        self._reread((*outcome.missing, *builder.strangers(outcome.states)))
        in_view = self._in_view()
        self._take(outcome, in_view)
        builder.remember(outcome.at, in_view)
        context.rows_changed(changed)
        # The monitor's figures come a moment later: one inventory tells both.
        wait = min(MONITOR_WAIT, 0.3 * self._interval)
        context.publish_soon(wait if self._calls.busy("monitor") else 0.0)

    def _ask_monitor(self, first: list[str], active: Sequence[str], *, with_cpu: bool) -> None:
        """Ask what is in view, and of the rest as many as a fifth of the worker's time allows."""
        silent = set(self._builder.silent)
        seen = set(first)
        answering = [uuid for uuid in active if uuid not in silent]
        others = [uuid for uuid in answering if uuid not in seen]
        rest = self._monitor_turns.turn(others, self.ticks)
        request = MonitorRequest(
            full=(*(uuid for uuid in first if uuid not in silent), *rest),
            cpu=tuple(answering) if with_cpu else (),
        )
        monitor = self._monitor
        self._calls.call(
            "monitor", "monitor", lambda c: monitor.sample(c, request), self._on_monitor_sample
        )

    def _on_monitor_sample(self, outcome: MonitorSample | OperationError) -> None:
        if isinstance(outcome, OperationError):
            return
        count = max(1, len(outcome.readings))
        self._monitor_turns.pace(outcome.seconds / count, 0.2 * self._interval)
        self._take(outcome, self._in_view())
        self._hung_guests.suspect(outcome.unheard)
        self._context.publish_soon()

    def _on_host_metrics(self, outcome: HostMetrics | OperationError) -> None:
        # Published with the next tick: a publication of their own would cost a painting.
        if not isinstance(outcome, OperationError):
            self.metrics = outcome

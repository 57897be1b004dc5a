"""The plan for the one domain whose page is open: what is asked when, and what comes of it.

Runs on the fleet thread. Figures come each tick on the worker "inspect", the definition every 10 s
or on an event on "detail", the guest agent's word every 10 s on "agent". A guest that is silent is
not asked at all: its page keeps what it has.
"""

from __future__ import annotations

from msgspec.structs import replace

from virttui.hypervisor.connection.call_router import OnResult
from virttui.hypervisor.connection.connect import ConnectionInfo
from virttui.hypervisor.connection.events import ChangeEvent
from virttui.hypervisor.connection.worker import Job
from virttui.hypervisor.polling.details_reader import DefinitionResult, DetailsReader, StatsResult
from virttui.hypervisor.polling.host_context import HostContext
from virttui.hypervisor.polling.timing import Timetable
from virttui.metrics.devices import DetailMeter
from virttui.model.domains.details import DomainDetails, GuestAgentInfo
from virttui.model.errors import NotFound, OperationError
from virttui.model.identity import ObjectId
from virttui.model.inventory import DomainState

# The definition and the guest agent's word are asked again after this.
SLOW_INTERVAL = 10.0
# A look that takes longer is left where it is, and the next one waits a while.
DEADLINE = 1.5
# libvirt waits for an agent for ever; we do not.
AGENT_DEADLINE = 20.0
RETRY_INTERVAL = 5.0
# Events come in bursts; what they changed is read once.
EVENT_DELAY = 0.1


class DetailsPoller:
    """Asks for one domain of a host while somebody looks at it, else for nothing."""

    def __init__(self, context: HostContext) -> None:
        self._context = context
        self._info: ConnectionInfo | None = None
        self._details: DomainDetails | None = None
        self._reader: DetailsReader | None = None
        self._meter = DetailMeter()
        self._times = Timetable()

    @property
    def _now(self) -> float:
        return self._context.fleet.clock()

    def watch(self, uuid: str | None) -> None:
        """Look at this domain from now on; None looks away and forgets."""
        if uuid is None:
            self._details = self._reader = None
            self._meter = DetailMeter()
        elif self._details is None or self._details.key.uuid != uuid:
            interval = self._context.fleet.settings.interval
            self._details = DomainDetails(ObjectId(self._context.id, uuid), interval=interval)
            self._meter = DetailMeter()
        self._start()

    def start(self, info: ConnectionInfo) -> None:
        """A connection opened: ask everything anew."""
        self._info = info
        self._start()

    def _start(self) -> None:
        self._times.clear()
        if self._details is not None and self._info is not None:
            self._reader = DetailsReader(
                self._details.key.uuid, bulk=self._info.bulk, here=self._info.here
            )

    def on_change(self, event: ChangeEvent) -> None:
        """Something happened to a domain: if to this one, read it again soon."""
        if self._details is not None and event.uuid == self._details.key.uuid:
            self._times.advance_all(self._now + EVENT_DELAY)

    def next_due(self, now: float) -> float:
        """The next time at which ``wake`` has something to do."""
        return self._times.next("look", now + 1.0) if self._details is not None else now + 60.0

    def tick(self, now: float) -> None:
        """Begin what is due."""
        if self._details is None or self._reader is None:
            return
        if (
            self._context.calls.busy("look")
            and self._context.calls.waited("inspect", now) > DEADLINE
        ):
            self._context.calls.detach_stuck("inspect", "look")
            self._times.set("look", now + RETRY_INTERVAL)
            self._context.suspect_hung((self._details.key.uuid,))
            self._publish(replace(self._details, hung=True))
        domain = self._context.builder.domains.get(self._details.key.uuid)
        if domain is None or domain.silent_at is not None:
            return
        reader, interval = self._reader, self._context.fleet.settings.interval
        if self._is_due("look", now, interval):
            disks = tuple(disk.target for disk in domain.disks if disk.target)
            nics = tuple(nic.target for nic in domain.nics if nic.target)
            self._ask(
                "inspect", "look", lambda c: reader.read_stats(c, disks, nics), self._on_stats
            )
        if self._is_due("define", now, SLOW_INTERVAL):
            self._ask("detail", "define", reader.define, self._on_definition)
        if self._may_ask_guest(domain.state) and self._is_due("guest", now, SLOW_INTERVAL):
            self._ask("agent", "guest", reader.guest, self._on_guest_info)
        elif (
            self._context.calls.busy("guest")
            and self._context.calls.waited("agent", now) > AGENT_DEADLINE
        ):
            self._context.calls.detach_stuck("agent", "agent", "guest")
            self._times.set("guest", now + RETRY_INTERVAL)

    def _ask(self, worker: str, topic: str, job: Job, then: OnResult) -> None:
        """Make a call; its outcome is dropped when another domain is looked at by then."""
        reader = self._reader

        def deliver(outcome: object) -> None:
            if self._reader is reader:
                then(outcome)

        self._context.calls.call(worker, topic, job, deliver)

    def _is_due(self, topic: str, now: float, again: float) -> bool:
        free = not self._context.calls.busy(topic)
        return free and self._times.take_beat(topic, now, again)

    def _may_ask_guest(self, state: DomainState) -> bool:
        """Say why not where that is known without asking."""
        details = self._details
        assert details is not None
        channel = details.definition.agent if details.definition is not None else ""
        if details.definition is None:
            why = ""
        elif not state.active:
            why = "off"
        elif not state.runs:
            why = "suspended" if state is DomainState.PMSUSPENDED else "paused"
        elif not channel:
            why = "no channel for it"
        elif channel != "connected":
            why = "not running in the guest"
        elif self._context.fleet.settings.read_only:
            why = "not asked: read-only"
        else:
            return True
        if (why, None) != (details.guest_why, details.guest):
            self._details = replace(details, guest=None, guest_why=why)
        return False

    def _on_stats(self, outcome: StatsResult | OperationError) -> None:
        assert self._details is not None
        if isinstance(outcome, OperationError):
            deleted = isinstance(outcome, NotFound)
            interval = RETRY_INTERVAL if deleted else self._details.interval
            self._times.set("look", self._now + interval)
            return
        figures = self._meter.take(outcome.count)
        self._publish(
            replace(
                self._details,
                at=outcome.count.at,
                disks=figures.disks,
                nics=figures.nics,
                vcpus=figures.vcpus,
                memory=figures.memory,
                process=outcome.process,
                trails=self._meter.trails(),
                disk_errors=outcome.errors,
                hung=False,
            )
        )

    def _on_definition(self, outcome: DefinitionResult | OperationError) -> None:
        assert self._details is not None
        if isinstance(outcome, NotFound):
            return
        if isinstance(outcome, OperationError):
            self._publish(replace(self._details, fault=outcome.message))
            return
        self._publish(
            replace(
                self._details,
                definition=outcome.definition or self._details.definition,
                waiting=outcome.waiting,
                fault=outcome.fault,
            )
        )

    def _on_guest_info(self, outcome: GuestAgentInfo | OperationError) -> None:
        assert self._details is not None
        if isinstance(outcome, OperationError):
            self._publish(replace(self._details, guest=None, guest_why=outcome.message))
        else:
            self._publish(replace(self._details, guest=outcome, guest_why=""))

    def _publish(self, details: DomainDetails) -> None:
        self._details = details
        self._context.fleet.publish(details)

"""Guests whose QEMU does not answer, found by how long libvirt has held their monitors."""

from __future__ import annotations

from collections.abc import Iterable

from virttui.hypervisor.polling.host_context import HostContext
from virttui.hypervisor.polling.timing import Timetable
from virttui.model.errors import OperationError
from virttui.model.severity import Severity

# A silent guest is probed so often.
PROBE_INTERVAL = 2.0
# A guest is silent when its monitor has been held for so long.
SILENT_AFTER = 2.0


class HungGuests:
    """The running guests that may not answer, and which of them ``controlInfo`` is asked about."""

    def __init__(self, context: HostContext) -> None:
        self._context = context
        self._builder = context.builder
        self._times = Timetable()
        self._suspects: set[str] = set()
        self._doubted: set[str] = set()

    def clear(self) -> None:
        """Forget all that was suspected: a connection opened."""
        self._suspects.clear()
        self._doubted.clear()

    def refresh(self) -> None:
        """Make the next probe due."""
        self._times.clear()

    @property
    def idle(self) -> bool:
        """Return true if no guest is suspected, doubted or silent."""
        return not (self._suspects or self._doubted or self._builder.silent)

    def suspect(self, uuids: Iterable[str]) -> None:
        """Have these guests probed soon."""
        self._suspects.update(uuids)

    def take_suspects(self, without: Iterable[str]) -> tuple[str, ...]:
        """The guests to probe now, if any; all are then done with."""
        suspects = tuple(self._suspects.difference(without))
        if suspects:
            self._suspects.clear()
        return suspects

    def tick(self, now: float) -> None:
        """Probe again those that are silent, and sooner those of which it is not clear."""
        doubtful = {*self._builder.silent, *self._doubted}
        interval = PROBE_INTERVAL / 4 if self._doubted else PROBE_INTERVAL
        if doubtful and self._times.take("probe", now, interval):
            self._doubted.clear()
            self._suspects.update(doubtful)

    def on_control_info(self, outcome: dict[str, float | None] | OperationError) -> None:
        """Take the seconds for which each monitor has been held, None where it is free."""
        if isinstance(outcome, OperationError):
            return
        now, builder = self._context.fleet.clock(), self._builder
        for uuid, busy in outcome.items():
            known = uuid in builder.silent
            if busy is None and known:
                builder.silence(uuid, None)
                self._context.report_event(uuid, "guest", "answers again")
            elif busy is not None and busy >= SILENT_AFTER and not known:
                builder.silence(uuid, now - busy)
                self._context.report_event(uuid, "guest", "stopped answering", level=Severity.ERROR)
            elif busy is not None and not known:
                self._doubted.add(uuid)  # held, but not for long: looked at again in a moment
        self._context.publish_soon()

"""The plan for what a host has and has promised: asked only while somebody looks at it.

Runs on the fleet thread. NUMA cells are asked every 10 s while the host's machine is on the
screen, what volumes promise while its pools are: a slice at a time, with rests in between.
"""

from __future__ import annotations

from virttui.hypervisor.polling.host_context import HostContext
from virttui.hypervisor.polling.host_resources import (
    NumaReader,
    OvercommitCounter,
    OvercommitResult,
)
from virttui.hypervisor.polling.timing import Timetable
from virttui.model.errors import OperationError
from virttui.model.host_resources import NumaCell

EVERY = 10.0
# Between two slices of counting: the storage worker stays free for most of the time.
REST = 0.4


class CapacityPoller:
    """The cells of one host, and the sums of its pools' volumes."""

    def __init__(self, context: HostContext) -> None:
        self._context = context
        self._machine = NumaReader()
        self._overcommit = OvercommitCounter()
        self._times = Timetable()
        self.cells: tuple[NumaCell, ...] | None = None

    def refresh(self) -> None:
        """Read and count everything anew the next time."""
        self._machine = NumaReader()
        self._overcommit = OvercommitCounter()
        self._times.clear()

    def tick(self, now: float) -> None:
        """Begin what is due, if somebody looks."""
        context, interest = self._context, self._context.interest()
        calls, times = context.calls, self._times
        if interest.machine and not calls.busy("cells") and times.take("cells", now, EVERY):
            calls.call("detail", "cells", self._machine.ask, self._on_cells)
        if interest.pools and not calls.busy("promises") and times.take("count", now, REST):
            self._count()

    def _count(self) -> None:
        promises = self._overcommit
        marks = {
            pool.key.uuid: (pool.volumes, pool.capacity, pool.allocation)
            for pool in self._context.builder.pools.values()
            if pool.active and pool.volumes is not None
        }
        if marks:
            self._context.calls.call(
                "storage", "promises", lambda c: promises.count(c, marks), self._counted
            )

    def _on_cells(self, outcome: tuple[NumaCell, ...] | OperationError | None) -> None:
        if not isinstance(outcome, OperationError) and outcome != self.cells:
            self.cells = outcome
            self._context.publish_soon()

    def _counted(self, outcome: OvercommitResult | OperationError) -> None:
        if isinstance(outcome, OperationError) or not outcome.more:
            self._times.set("count", self._context.fleet.clock() + EVERY)
        if isinstance(outcome, OperationError):
            return
        if self._context.builder.take_volume_sums(outcome.sums):
            self._context.publish_soon()

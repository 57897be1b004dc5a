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
        self._promises = OvercommitCounter()
        self._cells_due = self._count_due = 0.0
        self.cells: tuple[NumaCell, ...] | None = None

    def refresh(self) -> None:
        """Read and count everything anew the next time."""
        self._machine = NumaReader()
        self._promises = OvercommitCounter()
        self._cells_due = self._count_due = 0.0

    def tick(self, now: float) -> None:
        """Begin what is due, if somebody looks."""
        context, interest = self._context, self._context.interest()
        if interest.machine and now >= self._cells_due and not context.calls.busy("cells"):
            self._cells_due = now + EVERY
            context.calls.call("detail", "cells", self._machine.ask, self._on_cells)
        if interest.pools and now >= self._count_due and not context.calls.busy("promises"):
            self._count(now)

    def _count(self, now: float) -> None:
        self._count_due = now + REST
        promises = self._promises
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
        if isinstance(outcome, OperationError):
            self._count_due = self._context.fleet.clock() + EVERY
            return
        if not outcome.more:
            self._count_due = self._context.fleet.clock() + EVERY
        if self._context.builder.take_promises(outcome.sums):
            self._context.publish_soon()

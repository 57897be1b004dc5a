"""The plan for what a host has and has promised: asked only while somebody looks at it.

Runs on the fleet thread. NUMA cells are asked every 10 s while the host's machine is on the
screen, what volumes promise while its pools are: a slice at a time, with rests in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from virttui.hypervisor.polling.host_resources import (
    NumaReader,
    OvercommitCounter,
    OvercommitResult,
)
from virttui.model.errors import OperationError
from virttui.model.host_resources import NumaCell

if TYPE_CHECKING:
    from virttui.hypervisor.host import Host

EVERY = 10.0
# Between two slices of counting: the storage lane stays free for most of the time.
REST = 0.4


class CapacityPoller:
    """The cells of one host, and the sums of its pools' volumes."""

    def __init__(self, host: Host) -> None:
        self._host = host
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
        host, interest = self._host, self._host.interest
        if interest.machine and now >= self._cells_due and not host.busy("cells"):
            self._cells_due = now + EVERY
            host.call("detail", "cells", self._machine.ask, self._told)
        if interest.pools and now >= self._count_due and not host.busy("promises"):
            self._count(now)

    def _count(self, now: float) -> None:
        self._count_due = now + REST
        promises = self._promises
        marks = {
            pool.key.uuid: (pool.volumes, pool.capacity, pool.allocation)
            for pool in self._host.builder.pools.values()
            if pool.active and pool.volumes is not None
        }
        if marks:
            self._host.call(
                "storage", "promises", lambda c: promises.count(c, marks), self._counted
            )

    def _told(self, outcome: tuple[NumaCell, ...] | OperationError | None) -> None:
        if not isinstance(outcome, OperationError) and outcome != self.cells:
            self.cells = outcome
            self._host.publish_soon()

    def _counted(self, outcome: OvercommitResult | OperationError) -> None:
        if isinstance(outcome, OperationError):
            self._count_due = self._host.fleet_context.clock() + EVERY
            return
        if not outcome.more:
            self._count_due = self._host.fleet_context.clock() + EVERY
        if self._host.builder.take_promises(outcome.sums):
            self._host.publish_soon()

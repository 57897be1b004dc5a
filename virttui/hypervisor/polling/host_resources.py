"""The machine under a host, and what its pools have promised; asked while somebody looks.

``NumaReader`` runs on the detail worker, ``OvercommitCounter`` on the storage worker: what each
remembers is its worker's own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from virttui.hypervisor.connection.calls import or_none
from virttui.hypervisor.connection.types import Connection, VolumeHandle
from virttui.libvirtxml import capabilities
from virttui.model.errors import InvalidInput
from virttui.model.host_resources import HugePages, NumaCell

# Capabilities are long to make and change when an administrator sets pages aside.
CAPABILITIES_AGE = 300.0
# What one slice of counting may take before the worker is free for others.
SLICE = 0.1
# A pool that looks as before is counted again after this: volumes can be resized in place.
PROMISE_AGE = 300.0


class NumaReader:
    """The NUMA cells of one connection: what they have is remembered, what is free is asked."""

    def __init__(self) -> None:
        self._known: tuple[NumaCell, ...] = ()
        self._read_at: float | None = None

    def ask(self, connection: Connection) -> tuple[NumaCell, ...] | None:
        """Every cell with what is free in it now; None where the driver tells of no cells."""
        now = time.monotonic()
        if self._read_at is None or now - self._read_at > CAPABILITIES_AGE:
            self._read(connection, now)
        found = self._with_free(connection)
        if any(pages.free is not None and pages.free > pages.total for pages in _pages(found)):
            # More is free than there was: pages were set aside since.
            self._read(connection, now)
            found = self._with_free(connection)
        return found or None

    def _read(self, connection: Connection, now: float) -> None:
        xml = or_none(connection, connection.getCapabilities)
        self._read_at = now
        try:
            self._known = capabilities.cells(xml) if xml else ()
        except InvalidInput:
            self._known = ()

    def _with_free(self, connection: Connection) -> tuple[NumaCell, ...]:
        if not self._known:
            return ()
        first, last = self._known[0].id, self._known[-1].id
        count = last - first + 1
        amounts = or_none(connection, partial(connection.getCellsFreeMemory, first, count)) or []
        # libvirt's own test driver counts KiB here, where bytes are documented.
        unit = 1024 if connection.getType().upper() == "TEST" else 1
        free = {first + place: amount * unit for place, amount in enumerate(amounts)}
        unused: Mapping[int, Mapping[int, int]] = {}
        if sizes := sorted({pages.size // 1024 for pages in _pages(self._known)}):
            ask = partial(connection.getFreePages, sizes, first, count)
            unused = or_none(connection, ask) or {}
        return tuple(
            replace(
                cell,
                free=free.get(cell.id),
                pages=tuple(_free(pages, unused.get(cell.id, {})) for pages in cell.pages),
            )
            for cell in self._known
        )


def _pages(cells: tuple[NumaCell, ...]) -> list[HugePages]:
    return [pages for cell in cells for pages in cell.pages]


def _free(pages: HugePages, unused: Mapping[int, int]) -> HugePages:
    return replace(pages, free=unused.get(pages.size // 1024))


Mark = tuple[int | None, int, int]
"""What tells that a pool's volumes changed: their number, the pool's size, what is taken."""


class OvercommitResult(Struct, frozen=True):
    """Bytes promised by pool UUID, None where they cannot be told; ``more`` is left to count."""

    sums: Mapping[str, int | None]
    more: bool


@dataclass(slots=True)
class _Tally:
    """A pool being counted: its volumes that are left, and the sum so far."""

    uuid: str
    mark: Mark
    volumes: list[VolumeHandle]
    sum: int = 0


class _Known(Struct, frozen=True):
    mark: Mark
    at: float
    sum: int | None


class OvercommitCounter:
    """The sum of the sizes that each pool's volumes may grow to, counted in slices.

    ``info()`` looks at each volume's file, so thousands of them take seconds in all.
    """

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._tally: _Tally | None = None

    def count(self, connection: Connection, pools: Mapping[str, Mark]) -> OvercommitResult:
        """Count on for a slice of time, and say what is known of ``pools``.

        A sum that is being counted anew is told as it was before.
        """
        until = time.monotonic() + SLICE
        while (tally := self._next(connection, pools)) is not None:
            if not tally.volumes:
                self._end(tally, tally.sum)
            else:
                tally.sum += _capacity(connection, tally.volumes.pop())
            if time.monotonic() >= until:
                break
        sums = {uuid: self._known[uuid].sum for uuid in pools if uuid in self._known}
        return OvercommitResult(sums, self._tally is not None or self._stale(pools) is not None)

    def _next(self, connection: Connection, pools: Mapping[str, Mark]) -> _Tally | None:
        """The pool to count now: the one begun, else one that is not known as it is."""
        current = self._tally
        if current is not None and pools.get(current.uuid) == current.mark:
            return current
        self._tally = None
        while (uuid := self._stale(pools)) is not None:
            volumes = or_none(connection, partial(_volumes, connection, uuid))
            tally = _Tally(uuid, pools[uuid], volumes or [])
            if volumes is not None:
                self._tally = tally
                return tally
            self._end(tally, None)
        return None

    def _stale(self, pools: Mapping[str, Mark]) -> str | None:
        now = time.monotonic()
        for uuid, mark in pools.items():
            known = self._known.get(uuid)
            if known is None or known.mark != mark or now - known.at > PROMISE_AGE:
                return uuid
        return None

    def _end(self, tally: _Tally, sum: int | None) -> None:
        self._known[tally.uuid] = _Known(tally.mark, time.monotonic(), sum)
        self._tally = None


def _volumes(connection: Connection, uuid: str) -> list[VolumeHandle]:
    found = connection.storagePoolLookupByUUIDString(uuid).listAllVolumes(0)
    return found


def _capacity(connection: Connection, volume: VolumeHandle) -> int:
    """The size a volume may grow to (bytes); one that was deleted meanwhile counts as 0."""
    info = or_none(connection, volume.info)
    return int(info[1]) if info is not None else 0

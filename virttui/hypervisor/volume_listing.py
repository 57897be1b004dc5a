"""Lists the volumes of a pool in slices: names at once, volumes in view next, then the rest.

``VolumeListings`` lives on the fleet thread and reads a pool once at a time: queries that come
meanwhile are answered by one more listing after it, since what is read now may be older than the
reason to ask. ``VolumeListing`` runs on the storage worker, which is free for others after each
slice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Set
from dataclasses import dataclass
from functools import partial

import libvirt
from msgspec import Struct

from virttui.hypervisor.connection.call_router import CallRouter
from virttui.hypervisor.connection.calls import named, xml_of
from virttui.hypervisor.connection.types import Connection, VolumeHandle
from virttui.libvirtxml import read
from virttui.model.backend import Publish
from virttui.model.errors import HostLost, InvalidInput, OperationError
from virttui.model.identity import ObjectId
from virttui.model.inventory import Volume
from virttui.model.queries import VolumesQuery, VolumesResult

# Seconds that one slice of reading may take, and between two results: each is painted.
SLICE = 0.1
REPORT_INTERVAL = 0.4


class VolumePage(Struct, frozen=True):
    """All volumes as far as they are known; ``more`` are still to be read."""

    volumes: tuple[Volume, ...]
    more: bool


class VolumeListing:
    """One pool being read. Its methods run on the storage worker only."""

    def __init__(self, uuid: str) -> None:
        self._uuid = uuid
        self._volumes: list[Volume | None] | None = None
        self._unread: dict[str, tuple[int, VolumeHandle]] = {}

    def read_slice(self, connection: Connection, in_view: Set[str]) -> VolumePage:
        """Read for ``SLICE`` seconds, the paths in view first. Raises libvirtError."""
        volumes = self._volumes
        if volumes is None:
            volumes = self._volumes = self._list(connection)
        until = time.monotonic() + SLICE
        for path in [*(path for path in in_view if path in self._unread), *self._unread]:
            if path in self._unread:
                index, volume = self._unread.pop(path)
                volumes[index] = _details(volume)
                if time.monotonic() >= until:
                    break
        known = tuple(volume for volume in volumes if volume is not None)
        return VolumePage(known, bool(self._unread))

    def _list(self, connection: Connection) -> list[Volume | None]:
        """The volumes by name. Where they are files their keys are their paths: one call for all.

        Others are left out until they were read: their path would be a call for each.
        """
        found = named(connection.storagePoolLookupByUUIDString(self._uuid))
        volumes: list[Volume | None] = []
        for index, (name, volume) in enumerate(found.volumes):
            key = volume.key()
            is_path = key.startswith("/") and key.endswith(f"/{name}")
            volumes.append(Volume(name, key, known=False) if is_path else None)
            self._unread[key if is_path else f"{index} {name}"] = (index, volume)
        return [*volumes, *found.rest]


def _details(volume: VolumeHandle) -> Volume | None:
    """A volume in full; None for one that vanished meanwhile."""
    try:
        return read.volume(xml_of(volume))
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_VOL:
            raise
        return None
    except InvalidInput:
        return Volume(name=volume.name(), path="")


@dataclass(slots=True)
class _Listing:
    """A pool being read, and the queries it answers; ``reported_at`` is None before the first."""

    queries: list[VolumesQuery]
    listing: VolumeListing
    reported_at: float | None = None


class VolumeListings:
    """The queries about the volumes of one host's pools."""

    def __init__(
        self,
        calls: CallRouter,
        publish: Publish,
        clock: Callable[[], float],
        in_view: Callable[[], Set[ObjectId]],
        name: Callable[[], str],
    ) -> None:
        self._calls = calls
        self._publish = publish
        self._clock = clock
        self._in_view = in_view
        self._name = name
        self._active: dict[str, _Listing] = {}
        self._waiting: dict[str, list[VolumesQuery]] = {}

    def ask(self, query: VolumesQuery) -> None:
        """Answer a query: with several results, of which the last has ``more_follows`` False."""
        pool = query.key.uuid
        if pool in self._active:
            self._waiting.setdefault(pool, []).append(query)
        else:
            self._start(pool, [query])

    def connection_lost(self) -> None:
        """The connection broke: all queries fail."""
        error = HostLost(f"{self._name()} does not answer now")
        for active in self._active.values():
            self._fail(active.queries, error)
        for queries in self._waiting.values():
            self._fail(queries, error)
        self._active.clear()
        self._waiting.clear()

    def _start(self, pool: str, queries: list[VolumesQuery]) -> None:
        active = self._active[pool] = _Listing(queries, VolumeListing(pool))
        self._read_slice(pool, active)

    def _read_slice(self, pool: str, active: _Listing) -> None:
        paths = {key.uuid for key in self._in_view()}
        self._calls.call_untracked(
            "storage",
            f"volumes {pool}",
            lambda connection: active.listing.read_slice(connection, paths),
            partial(self._on_result, pool, active),
        )

    def _on_result(self, pool: str, active: _Listing, result: VolumePage | OperationError) -> None:
        if self._active.get(pool) is not active:
            return
        if isinstance(result, VolumePage) and result.more:
            now, last = self._clock(), active.reported_at
            if last is None or now - last >= REPORT_INTERVAL:
                active.reported_at = now
                self._report(active.queries, result)
            self._read_slice(pool, active)
            return
        del self._active[pool]
        if isinstance(result, OperationError):
            self._fail(active.queries, result)
        else:
            self._report(active.queries, result)
        if queries := self._waiting.pop(pool, []):
            self._start(pool, queries)

    def _report(self, queries: list[VolumesQuery], page: VolumePage) -> None:
        for query in queries:
            self._publish(VolumesResult(query, volumes=page.volumes, more_follows=page.more))

    def _fail(self, queries: list[VolumesQuery], error: OperationError) -> None:
        for query in queries:
            self._publish(VolumesResult(query, error=error))

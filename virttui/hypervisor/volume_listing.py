"""The volumes of a pool, told as they are read: names at once, what is in view next, then the rest.

``VolumeListings`` lives on the fleet thread and has one reading of a pool at work at a time:
whoever asks meanwhile is answered by one more after it, since what is read now may be older than
the reason to ask. ``Reading`` is the storage lane's, and gives the lane to others after each slice.
"""

from __future__ import annotations

import time
from collections.abc import Set
from dataclasses import dataclass
from functools import partial

import libvirt

from virttui.hypervisor.connection.calls import named, xml_of
from virttui.hypervisor.connection.types import Connection, VolumeHandle
from virttui.hypervisor.polling.host_context import HostContext
from virttui.libvirtxml import read
from virttui.model.errors import HostLost, InvalidInput, OperationError
from virttui.model.inventory import Volume
from virttui.model.queries import Query, QueryResult

# What one slice of reading may take, and the seconds between two tellings: each is painted.
SLICE = 0.1
TOLD = 0.4


@dataclass(frozen=True, slots=True)
class VolumePage:
    """All volumes as far as they are known; ``more`` are still to be read."""

    volumes: tuple[Volume, ...]
    more: bool


class VolumeListing:
    """One pool being read. Its methods run on the storage lane only."""

    def __init__(self, uuid: str) -> None:
        self._uuid = uuid
        self._volumes: list[Volume | None] | None = None
        self._left: dict[str, tuple[int, VolumeHandle]] = {}

    def go_on(self, connection: Connection, view: Set[str]) -> VolumePage:
        """Read for a slice of time, the paths in ``view`` first. Raises libvirtError."""
        volumes = self._volumes
        if volumes is None:
            volumes = self._volumes = self._list(connection)
        until = time.monotonic() + SLICE
        for path in [*(path for path in view if path in self._left), *self._left]:
            if path in self._left:
                place, volume = self._left.pop(path)
                volumes[place] = _details(volume)
                if time.monotonic() >= until:
                    break
        told = tuple(volume for volume in volumes if volume is not None)
        return VolumePage(told, bool(self._left))

    def _list(self, connection: Connection) -> list[Volume | None]:
        """The volumes by name. Where they are files their keys are their paths: one call for all.

        Others are left out until they were read: their path would be a call for each.
        """
        found = named(connection.storagePoolLookupByUUIDString(self._uuid))
        volumes: list[Volume | None] = []
        for place, (name, volume) in enumerate(found.volumes):
            key = volume.key()
            is_path = key.startswith("/") and key.endswith(f"/{name}")
            volumes.append(Volume(name, key, known=False) if is_path else None)
            self._left[key if is_path else f"{place} {name}"] = (place, volume)
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
class _Asked:
    """Who is answered by a reading, and when they were told last; 0 for never."""

    questions: list[Query]
    reading: VolumeListing
    told_at: float = 0.0


class VolumeListings:
    """The questions about the volumes of one host's pools."""

    def __init__(self, context: HostContext) -> None:
        self._context = context
        self._at_work: dict[str, _Asked] = {}
        self._waiting: dict[str, list[Query]] = {}

    def ask(self, question: Query) -> None:
        """Have a question answered, bit by bit."""
        uuid = question.key.uuid
        if uuid in self._at_work:
            self._waiting.setdefault(uuid, []).append(question)
        else:
            self._begin(uuid, [question])

    def connection_lost(self) -> None:
        """The connection broke: nothing is answered any more."""
        lost = HostLost(f"{self._context.name()} does not answer now")
        for asked in self._at_work.values():
            self._fail(asked.questions, lost)
        for questions in self._waiting.values():
            self._fail(questions, lost)
        self._at_work.clear()
        self._waiting.clear()

    def _begin(self, uuid: str, questions: list[Query]) -> None:
        asked = self._at_work[uuid] = _Asked(questions, VolumeListing(uuid))
        self._go_on(uuid, asked)

    def _go_on(self, uuid: str, asked: _Asked) -> None:
        context = self._context
        view = {key.uuid for key in context.interest().volumes}
        context.calls.call_untracked(
            "storage",
            f"volumes {uuid}",
            lambda connection: asked.reading.go_on(connection, view),
            partial(self._read, uuid, asked),
        )

    def _read(self, uuid: str, asked: _Asked, outcome: VolumePage | OperationError) -> None:
        if self._at_work.get(uuid) is not asked:
            return
        if isinstance(outcome, VolumePage) and outcome.more:
            now = self._context.fleet.clock()
            if now - asked.told_at >= TOLD or not asked.told_at:
                asked.told_at = now
                self._tell(asked.questions, outcome)
            self._go_on(uuid, asked)
            return
        del self._at_work[uuid]
        if isinstance(outcome, OperationError):
            self._fail(asked.questions, outcome)
        else:
            self._tell(asked.questions, outcome)
        if questions := self._waiting.pop(uuid, []):
            self._begin(uuid, questions)

    def _tell(self, questions: list[Query], told: VolumePage) -> None:
        for question in questions:
            self._context.fleet.tell(QueryResult(question, volumes=told.volumes, more=told.more))

    def _fail(self, questions: list[Query], trouble: OperationError) -> None:
        for question in questions:
            self._context.fleet.tell(QueryResult(question, trouble=trouble))

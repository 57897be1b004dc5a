"""Hear what happens to one domain while a command is at work on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import libvirt

from virttui.hypervisor.connection.types import Connection, DomainHandle

# Of the events waited for one may be missed: what they tell of is looked at so often besides.
LOOK_AGAIN = 0.5


class DomainEventRecorder:
    """The events of one domain since ``hearing`` began. ``hears``: the driver tells of them."""

    def __init__(self) -> None:
        self.hears = False
        self._changed = threading.Condition()
        self._events: list[tuple[int, tuple[Any, ...]]] = []

    def record(self, _connection: Connection, _domain: DomainHandle, *arguments: Any) -> None:
        """Take an event; on libvirt's event thread. What was registered with it is its id."""
        *values, event = arguments
        with self._changed:
            self._events.append((event, tuple(values)))
            self._changed.notify_all()

    def forget(self) -> None:
        """Begin anew."""
        with self._changed:
            self._events.clear()

    def events(self, event: int) -> list[tuple[Any, ...]]:
        """The arguments of each event of that id."""
        with self._changed:
            return [values for id, values in self._events if id == event]

    def wait(self, holds: Callable[[], object], seconds: float) -> bool:
        """Wait until ``holds()``; it is looked at after each event and twice a second."""
        until = time.monotonic() + seconds
        while not holds():
            left = until - time.monotonic()
            if left <= 0:
                return False
            with self._changed:
                self._changed.wait(min(left, LOOK_AGAIN))
        return True


@contextmanager
def hearing(
    connection: Connection, domain: DomainHandle, events: Sequence[int]
) -> Iterator[DomainEventRecorder]:
    """Hear ``events`` of ``domain``; nothing where the driver tells of none."""
    witness = DomainEventRecorder()
    registered = []
    for event in events:
        with suppress(libvirt.libvirtError):
            registered.append(
                connection.domainEventRegisterAny(domain, event, witness.record, event)
            )
    witness.hears = len(registered) == len(events)
    try:
        yield witness
    finally:
        for number in registered:
            with suppress(libvirt.libvirtError):
                connection.domainEventDeregisterAny(number)

"""UUIDs and MAC addresses of new machines."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from copy import copy
from uuid import uuid4

from virttui.planning.devices.guest_context import free_mac

MAX_NICS = 8
"""The most network cards that the wizard gives a machine."""


class IdGenerator:
    """Generates UUIDs and MAC addresses that no machine uses, each of them once.

    ``used_macs`` are the addresses in use. ``random_mac`` and ``random_uuid`` are the sources of
    new ones.
    """

    def __init__(
        self,
        used_macs: Iterable[str],
        random_mac: Callable[[Container[str]], str] | None = None,
        random_uuid: Callable[[], str] | None = None,
    ) -> None:
        self._used_macs = set(used_macs)
        self._random_mac = random_mac or free_mac
        self._random_uuid = random_uuid or (lambda: str(uuid4()))
        self._machines: list[tuple[str, tuple[str, ...]]] = []
        self._first = 0

    def uuid(self) -> str:
        """Return a new UUID."""
        return self._random_uuid()

    def mac(self) -> str:
        """Return a new MAC address."""
        address = self._random_mac(self._used_macs)
        self._used_macs.add(address)
        return address

    def for_machine(self, number: int) -> tuple[str, tuple[str, ...]]:
        """Return the UUID and the MAC addresses of a machine; the same at each call."""
        while len(self._machines) <= self._first + number:
            macs = tuple(self.mac() for _ in range(MAX_NICS))
            self._machines.append((self.uuid(), macs))
        return self._machines[self._first + number]

    def starting_at(self, first: int) -> IdGenerator:
        """Return the same generator, whose machine 0 is machine ``first`` of this one."""
        shifted = copy(self)
        shifted._first = self._first + first
        return shifted

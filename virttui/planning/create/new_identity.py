"""What a new machine is known by, and nobody else yet."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import uuid4

from virttui.planning.devices.make import free_mac

CARDS = 8
"""The most cards the wizard gives a machine."""


class IdGenerator:
    """UUIDs and MAC addresses that nobody has, the same ones for a number each time."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._known: list[tuple[str, tuple[str, ...]]] = []

    def __call__(self, number: int) -> tuple[str, tuple[str, ...]]:
        """Those of the machine with that number."""
        while len(self._known) <= number:
            macs = []
            for _ in range(CARDS):
                macs.append(free_mac(self._taken))
                self._taken.add(macs[-1])
            self._known.append((str(uuid4()), tuple(macs)))
        return self._known[number]

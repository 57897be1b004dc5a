"""What the hosts of a fleet share with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from virttui.model.backend import Tell
from virttui.settings import Settings

Post = Callable[[Callable[[], None]], None]


@dataclass(frozen=True, slots=True)
class World:
    """What a host needs from outside: two clocks, the inbox of its thread, ears, settings.

    ``names`` holds the display names taken so far, each with the id of its host.
    """

    clock: Callable[[], float]
    wall: Callable[[], float]
    post: Post
    tell: Tell
    settings: Settings
    names: dict[str, str]

    def claim(self, name: str, host: str) -> str:
        """A name for ``host`` that no other host of the fleet bears: "vm", then "vm-2"."""
        number, free = 1, name
        while self.names.setdefault(free, host) != host:
            number += 1
            free = f"{name}-{number}"
        return free

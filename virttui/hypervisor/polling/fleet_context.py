"""The objects that all hosts of a fleet share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from virttui.hypervisor.connection.events import ChangeEvent
from virttui.hypervisor.connection.uris import labels
from virttui.model.backend import Publish
from virttui.settings import Settings

Post = Callable[[Callable[[], None]], None]


class HostNames:
    """Display names of hosts that were given none: the hostname, then "vm-2" for the next of it.

    Numbers follow the order of the configuration, whichever host answers first. Before one has
    said its hostname, it has the name that its URI gives it, which is no other's.
    """

    def __init__(self, order: Sequence[str], uris: Mapping[str, str]) -> None:
        self._order = {host: place for place, host in enumerate(order)}
        by_uri = labels(list(dict.fromkeys(uris.values())))
        self._from_uri = {host: by_uri[uri] for host, uri in uris.items()}
        self._claims: dict[str, list[str]] = {}

    def claim(self, hostname: str, host: str) -> None:
        """``host`` turned out to call itself ``hostname``."""
        claims = self._claims.setdefault(hostname, [])
        if host not in claims:
            claims.append(host)
            claims.sort(key=self._order.__getitem__)

    def from_uri(self, host: str) -> str:
        """The name of a host that has not said its own."""
        return self._from_uri[host]

    def of(self, hostname: str, host: str) -> str:
        """The name of ``host`` among all that call themselves ``hostname``."""
        place = self._claims[hostname].index(host)
        return f"{hostname}-{place + 1}" if place else hostname


class FleetContext(Struct, frozen=True):
    """The objects that all hosts share: clocks, the inbox of their thread, receiver, settings.

    ``uris`` are those of all hosts of the fleet. ``mark_changed`` has one of them read again what
    changed.
    """

    clock: Callable[[], float]
    wall: Callable[[], float]
    post: Post
    publish: Publish
    settings: Settings
    names: HostNames
    uris: Mapping[str, str]
    mark_changed: Callable[[str, ChangeEvent], None]

"""Listening to a fleet, with every domain in view."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from virttui.cli.output import warn
from virttui.model.backend import HostSpec, Interest
from virttui.model.domains.usage import NO_USAGE, Usage
from virttui.model.identity import ObjectId
from virttui.model.inventory import ConnectionState, Domain, Inventory, Part
from virttui.model.messages import FleetMessage

# Two samples a second apart, and everything printed within five.
BETWEEN = 1.0
DEADLINE = 4.4

SetInterest = Callable[[Interest], None]


class SampleCollector:
    """Takes the messages of a fleet until each host has sent two or failed, or time is up."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._newest: dict[str, Inventory] = {}
        self._listed_at: dict[str, float] = {}
        self._interest: frozenset[ObjectId] = frozenset()

    def receive(self, message: FleetMessage) -> None:
        """Take a message; called from the fleet's threads."""
        if isinstance(message, Inventory):
            with self._changed:
                self._newest[message.host.id] = message
                if message.listed:
                    self._listed_at.setdefault(message.host.id, message.at)
                self._changed.notify_all()

    def newest(self) -> dict[str, Inventory]:
        """The newest inventory of each host that has sent one."""
        with self._changed:
            return dict(self._newest)

    def ready(self, hosts: Sequence[str]) -> bool:
        """Return true if every host has reported two samples, or failed."""
        with self._changed:
            return all(self._ready(host) for host in hosts)

    def watch_all(self, look: SetInterest) -> None:
        """Put every domain in view, so that each is asked each tick."""
        with self._changed:
            keys = frozenset(
                domain.key for found in self._newest.values() for domain in found.domains.values()
            )
            if keys != self._interest:
                self._interest = keys
                look(Interest(visible=keys))

    def wait(self, hosts: Sequence[str], look: SetInterest) -> dict[str, Inventory]:
        """The newest inventory of each host that has sent one, once all are ready."""
        until = time.monotonic() + DEADLINE
        with self._changed:
            while (left := until - time.monotonic()) > 0:
                if all(self._ready(host) for host in hosts):
                    break
                self.watch_all(look)
                self._changed.wait(left)
            return dict(self._newest)

    def _ready(self, host: str) -> bool:
        found = self._newest.get(host)
        if found is None:
            return False
        if found.host.phase in (ConnectionState.LOST, ConnectionState.DENIED):
            return True
        listed_at = self._listed_at.get(host)
        if listed_at is None or found.at < listed_at + BETWEEN:
            return False
        # Without its definition a domain has no disks and NICs, without leases no address.
        if found.awaits(Part.DEFINITIONS, Part.NETWORKS):
            return False
        return all(
            _is_repeated(domain, found.usage.get(uuid, NO_USAGE))
            for uuid, domain in found.domains.items()
            if domain.state.runs
        )


def _is_repeated(domain: Domain, usage: Usage) -> bool:
    """Return true if every figure that this domain can have is there; a silent one has no more."""
    return domain.silent_at is not None or (
        usage.cpu is not None
        and (usage.memory_used is not None or usage.memory_given is not None)
        and (usage.rx is not None or not domain.nics)
        and (usage.read is not None or not domain.disks)
    )


def complain(hosts: Sequence[HostSpec], found: Mapping[str, Inventory]) -> bool:
    """One line on stderr for each host that did not answer."""
    silent = False
    for host in hosts:
        inventory = found.get(host.id)
        if (
            inventory is not None
            and inventory.listed
            and inventory.host.phase is ConnectionState.LIVE
        ):
            continue
        silent = True
        trouble = inventory.host.trouble if inventory is not None else None
        why = trouble.message if trouble is not None else f"no answer within {DEADLINE:.0f} s"
        warn(f"{host.name or host.uri}: {why}")
    return silent

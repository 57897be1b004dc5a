"""The users of the volumes of a host, for forms that choose one: domains, images, snapshots."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from virttui.model.inventory import Inventory
from virttui.store.fleet_state import FleetState
from virttui.store.shared_storage import seen_elsewhere


class VolumeUse(NamedTuple):
    """Somebody has a place: a volume as ``pool/name``, or a path.

    ``writes`` says that a domain can write to it, ``runs`` that it runs. ``who`` is a domain's
    name, or what images and snapshots are called where they are told.
    """

    place: str
    who: str
    writes: bool
    runs: bool

    @property
    def words(self) -> str:
        """The user in words, and whether it runs."""
        if not self.writes:
            return self.who
        return f"{self.who}, which {'runs' if self.runs else 'is off'}"


def with_first_user(uses: Iterable[VolumeUse]) -> tuple[tuple[str, str], ...]:
    """Each place with the first who has it: a domain with a disk on it before all others."""
    found: dict[str, str] = {}
    for use in uses:
        found.setdefault(use.place, use.who)
    return tuple(found.items())


def users(fleet_state: FleetState, inventory: Inventory) -> tuple[VolumeUse, ...]:
    """The users of each volume or path; a volume by its pool and name as well as by its path."""
    known = {
        posixpath.normpath(volume.path): f"{pool.name}/{volume.name}"
        for pool in inventory.pools.values()
        for volume in fleet_state.volumes.get(pool.key, ())
    }
    return (
        *_here(inventory, known),
        *_elsewhere(fleet_state, inventory),
        *_reported_by_host(fleet_state, inventory, known),
    )


def _here(inventory: Inventory, known: dict[str, str]) -> Iterator[VolumeUse]:
    """By the definitions of the domains of its host."""
    for domain in inventory.domains.values():
        for disk in domain.disks:
            if not disk.source:
                continue
            writes = not disk.read_only and disk.device in ("disk", "lun")
            path = disk.source.startswith("/") or not disk.pool
            place = posixpath.normpath(disk.source) if path else f"{disk.pool}/{disk.source}"
            for one in dict.fromkeys((place, known.get(place, place))):
                yield VolumeUse(one, domain.name, writes, domain.state.active)


def _elsewhere(fleet_state: FleetState, inventory: Inventory) -> Iterator[VolumeUse]:
    """By the definitions of domains of other hosts that see the same storage."""
    for pool in inventory.pools.values():
        for name, sights in seen_elsewhere(pool, fleet_state.inventories).items():
            for sight in sights:
                if sight.sure:
                    who = f"{sight.domain.name} on {sight.host}"
                    yield VolumeUse(f"{pool.name}/{name}", who, True, sight.domain.state.active)


def _reported_by_host(
    fleet_state: FleetState, inventory: Inventory, known: dict[str, str]
) -> Iterator[VolumeUse]:
    """By the word of its host: through links, through what lies on it, for snapshots."""
    runs = {one.name for one in inventory.domains.values() if one.state.active}
    for path, words in fleet_state.users_by_path.get(inventory.host.id, {}).items():
        # A domain has it as a disk by another name, unless it is there through what lies on it.
        under = any(one.startswith("overlay ") for one in words)
        for one in words:
            writes = not under and not one.startswith("snapshot ")
            for place in dict.fromkeys((path, known.get(path, path))):
                yield VolumeUse(place, one, writes, one in runs)

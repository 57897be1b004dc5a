"""Domains of other hosts that use a pool's volumes as disks, through the same storage."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from virttui.model.inventory import Domain, Inventory, Pool
from virttui.model.volumes import FILE_POOLS


class RemoteDiskUser(NamedTuple):
    """A domain of another host with a disk on a volume.

    Not ``sure`` where the path is the same and nothing tells whether it is the same storage.
    """

    domain: Domain
    host: str
    sure: bool


class _Twin(NamedTuple):
    """The same storage on another host: its pool there, "" for none, and its folder."""

    name: str
    folder: str
    sure: bool


def seen_elsewhere(
    pool: Pool, inventories: Mapping[str, Inventory]
) -> dict[str, tuple[RemoteDiskUser, ...]]:
    """By the names of the pool's volumes: who on other hosts has them."""
    found: dict[str, list[RemoteDiskUser]] = {}
    for id, inventory in inventories.items():
        if id == pool.key.host:
            continue
        twins = list(_twins(pool, inventory))
        for domain in inventory.domains.values():
            for disk in domain.disks:
                for twin in twins:
                    name = _name_in(twin, disk.pool, disk.source)
                    if name:
                        sight = RemoteDiskUser(domain, inventory.host.name, twin.sure)
                        found.setdefault(name, []).append(sight)
                        break
    return {name: tuple(sights) for name, sights in found.items()}


def _twins(pool: Pool, inventory: Inventory) -> Iterator[_Twin]:
    """The pools of another host that are, or may be, the same storage; else its bare folder.

    Network storage is known by where it comes from. A folder may be mounted on both hosts behind
    libvirt's back: that cannot be told, but a file system of another size is another one.
    """
    folder = posixpath.normpath(pool.path) if pool.path.startswith("/") else ""
    elsewhere = False
    for other in inventory.pools.values():
        if pool.source and pool.source == other.source:
            yield _Twin(other.name, posixpath.normpath(other.path) if other.path else "", True)
        elif folder and folder == posixpath.normpath(other.path or "."):
            elsewhere = True
            shared = pool.type in FILE_POOLS and other.type in FILE_POOLS
            if shared and not pool.source and not other.source and _alike(pool, other):
                yield _Twin(other.name, folder, False)
    if folder and not elsewhere and not pool.source and pool.type in FILE_POOLS:
        yield _Twin("", folder, False)


def _alike(one: Pool, other: Pool) -> bool:
    return not one.capacity or not other.capacity or one.capacity == other.capacity


def _name_in(twin: _Twin, pool: str, source: str) -> str:
    """The name of the volume that a disk is on, "" when it is on none of the twin."""
    if pool:
        return source if pool == twin.name else ""
    folder, name = posixpath.split(posixpath.normpath(source)) if source else ("", "")
    return name if twin.folder and folder == twin.folder else ""

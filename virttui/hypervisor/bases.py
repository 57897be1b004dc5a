"""Bases of overlays: nobody gets to write to one by a definition, new or put back."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from functools import partial
from typing import Any

import libvirt

from virttui.definitions import read
from virttui.hypervisor.calls import or_none
from virttui.hypervisor.questions import disks_of, path_of, volumes
from virttui.model.commands import Op, Step
from virttui.model.errors import Refused


def not_written_to(
    connection: Any, domain: Any, text: str, steps: Iterable[Step] = (), own: Iterable[str] = ()
) -> None:
    """Raises Refused when a definition, or a disk plugged in, would write to what overlays lie on.

    ``domain`` is what it replaces, or None: what that has already is its own affair, and so are
    the overlays it is on. ``own`` are the names of volumes that were just made for it.
    """
    wanted = _written(connection, text, frozenset(own))
    for step in steps:
        if step.op in (Op.ATTACH, Op.UPDATE) and step.xml.startswith("<disk"):
            whole = f"<domain><devices>{step.xml}</devices></domain>"
            wanted |= _written(connection, whole, frozenset())
    if not wanted:
        return
    named = disks_of(domain) if domain is not None else set()
    had = {path_of(connection, pool, place) for pool, place in named if place}
    fresh = wanted - had
    for pool in _pools(connection) if fresh else ():
        for volume in or_none(connection, partial(volumes, pool)) or ():
            base = posixpath.normpath(volume.backing) if volume.backing else ""
            if base in fresh and posixpath.normpath(volume.path) not in had:
                raise Refused(
                    f"{base} is a base: {volume.name} lies on it, and would be lost if it was"
                    " written to; nothing was changed",
                    advice="put the disk on an overlay of its own, or make it read-only",
                )


def _written(connection: Any, text: str, own: frozenset[str]) -> set[str]:
    """The paths of the disks that a guest could write to."""
    disks = read.domain(text).disks if text else ()
    return {
        path_of(connection, disk.pool, disk.source)
        for disk in disks
        if disk.source and not disk.read_only and disk.device != "cdrom"
        if disk.source.rpartition("/")[2] not in own
    }


def _pools(connection: Any) -> list[Any]:
    flags = libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE
    return list(connection.listAllStoragePools(flags))

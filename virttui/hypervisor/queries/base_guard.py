"""Bases of overlays: nobody gets to write to one by a definition, new or put back."""

from __future__ import annotations

from collections.abc import Iterable

from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.hypervisor.queries.delete_plan import disks_of, path_of
from virttui.hypervisor.queries.file_users import DATA, OVERLAY, FileUsers
from virttui.libvirtxml import read
from virttui.model.commands import LiveChange, LiveOperation
from virttui.model.errors import Refused


def not_written_to(
    connection: Connection,
    domain: DomainHandle | None,
    text: str,
    steps: Iterable[LiveChange] = (),
    own: Iterable[str] = (),
) -> None:
    """Raises Refused when a definition, or a disk plugged in, would write to what overlays lie on.

    ``domain`` is what it replaces, or None: what that has already is its own affair, and so are
    the overlays it is on. ``own`` are the names of volumes that were just made for it.
    """
    written = _written(connection, text, frozenset(own))
    for step in steps:
        if step.op in (LiveOperation.ATTACH, LiveOperation.UPDATE) and step.xml.startswith("<disk"):
            whole = f"<domain><devices>{step.xml}</devices></domain>"
            written |= _written(connection, whole, frozenset())
    if not written:
        return
    named = disks_of(domain) if domain is not None else set()
    had = {path_of(connection, pool, place) for pool, place in named if place}
    fresh = written - had
    if not fresh:
        return
    uses = FileUsers(connection)
    for path in sorted(fresh):
        for who in sorted(uses.of(path, beside=had)):
            name = who.removeprefix(OVERLAY).removeprefix(DATA)
            if name != who:
                has = (
                    f"is the backing file of {name}"
                    if who.startswith(OVERLAY)
                    else (f"holds the data of {name}, which needs it")
                )
                raise Refused(
                    f"{path} {has}, and would be lost if it was written to; nothing was changed",
                    advice="put the disk on an overlay of its own, or make it read-only",
                )


def _written(connection: Connection, text: str, own: frozenset[str]) -> set[str]:
    """The paths of the disks that a guest could write to."""
    disks = read.domain(text).disks if text else ()
    return {
        path_of(connection, disk.pool, disk.source)
        for disk in disks
        if disk.source and not disk.read_only and disk.device != "cdrom"
        if disk.source.rpartition("/")[2] not in own
    }

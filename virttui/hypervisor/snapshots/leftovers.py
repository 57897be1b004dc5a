"""Deletions of snapshots that were interrupted: what can be finished, and files that nobody needs.

A merge that was interrupted has lost nothing of now. Its snapshot is marked, and is deleted to the
end; a file that was merged already, and that nobody names, can be removed.
"""

from __future__ import annotations

from functools import partial

import libvirt

from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.calls import or_none, or_none_on
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.provision import copy_volume
from virttui.hypervisor.queries.file_users import FileUsers
from virttui.hypervisor.queries.snapshots import snapshots
from virttui.model.provision.plan import CreatedResource, IncompleteDomain, ResourceKind
from virttui.persistence.provision_journal import InterruptedJournal

DELETING = "deleting snapshots of"
"""What a journal says was interrupted."""


def unfinished_deletion(connection: Connection, journal: InterruptedJournal) -> IncompleteDomain:
    """What is left of a deletion: its snapshots that were begun, and the files nobody names."""
    uuid = journal.key.uuid
    domain = or_none_on((libvirt.VIR_ERR_NO_DOMAIN,), partial(connection.lookupByUUIDString, uuid))
    there = snapshots(connection, domain) if domain is not None else ()
    marked = {one.name for one in there if one.being_deleted}
    begun = [one.name for one in journal.resources if one.kind is ResourceKind.SNAPSHOT]
    unfinished = tuple(name for name in begun if name in marked)
    untouched = [name for name in begun if name in {one.name for one in there} - marked]
    files = [one for one in journal.resources if one.kind is ResourceKind.FILE]
    removable: list[CreatedResource] = []
    kept: list[str] = []
    if files and not unfinished and not untouched:
        users = FileUsers(connection)
        for file in files:
            found, why = _is_there(connection, file.name)
            if not found and not why:
                continue
            others = users.of(file.name)
            unknown = users.not_known(file.name)
            if others:
                why = f"{', '.join(sorted(others))} has it"
            if why or unknown:
                kept.append(f"{file.words} stays: {why or f'not known: {unknown[0]}'}")
            else:
                removable.append(file)
    return IncompleteDomain(
        journal.path.name,
        journal.key,
        journal.name,
        journal.started_epoch,
        tuple(removable),
        tuple(kept),
        journal.operation,
        unfinished,
    )


def _is_there(connection: Connection, path: str) -> tuple[bool, str]:
    """Whether a file is there, and why that cannot be told."""
    try:
        with copy_volume.folder(connection, path) as pool:
            found = or_none(connection, lambda: copy_volume.file_in(connection, pool, path))
    except libvirt.libvirtError as error:
        if not connection.isAlive():
            raise
        return False, translate.operation_error(error).message
    return found is not None, ""

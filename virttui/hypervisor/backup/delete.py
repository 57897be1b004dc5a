"""Backups deleted: their volumes, their checkpoints, their manifests, in this order.

As long as the manifest is there, so is the backup in every list, though not complete: what was
interrupted can be done again.
"""

from __future__ import annotations

import libvirt

from virttui import formatting
from virttui.hypervisor.backup.checkpoints import delete_checkpoint
from virttui.hypervisor.backup.small_volumes import find_volume
from virttui.hypervisor.backup.stored import backups_in
from virttui.hypervisor.connection.calls import or_none_on
from virttui.hypervisor.connection.types import Connection, DomainHandle, PoolHandle
from virttui.hypervisor.queries.file_users import FileUsers
from virttui.model.backup.arguments import DeleteBackupArguments
from virttui.model.backup.chains import dependents, newest_first
from virttui.model.backup.manifest import StoredBackup
from virttui.model.commands import Command
from virttui.model.errors import Refused
from virttui.planning.backup.names import check_volume


def delete_backups(
    connection: Connection, command: Command, arguments: DeleteBackupArguments
) -> str:
    """Delete backups of a domain, the newest first; returns words.

    Raises Refused when another backup needs one of them, or when somebody uses a volume.
    """
    pool = connection.storagePoolLookupByUUIDString(arguments.pool.uuid)
    uuid = command.target.key.uuid
    backups = backups_in(connection, pool, uuid=uuid).backups
    chosen = newest_first(one for one in backups if one.manifest.id in arguments.ids)
    if not chosen:
        raise Refused("they are gone already")
    if needed_by := dependents(arguments.ids, backups):
        raise Refused(
            f"{', '.join(sorted(needed_by))} would be worth nothing without it; "
            "nothing was deleted",
            advice="delete those with it",
        )
    _require_unused(connection, pool, chosen)
    # A domain that is gone has no checkpoints either.
    domain = or_none_on((libvirt.VIR_ERR_NO_DOMAIN,), lambda: connection.lookupByUUIDString(uuid))
    notes = [words for one in chosen if (words := _delete(pool, domain, one))]
    freed = formatting.short_size(sum(one.manifest.size for one in chosen))
    words = f"{formatting.counted(len(chosen), 'backup')} deleted, {freed} freed"
    return "; ".join([words, *dict.fromkeys(notes)])


def _require_unused(connection: Connection, pool: PoolHandle, chosen: list[StoredBackup]) -> None:
    """Raises Refused when anybody but these backups uses one of their volumes."""
    ours = {f"overlay {name}" for one in chosen for name in one.manifest.volumes}
    uses = FileUsers(connection)
    for backup in chosen:
        for name in backup.manifest.volumes:
            volume = find_volume(pool, name)
            others = uses.of(volume.path()) - ours if volume is not None else set()
            if others:
                raise Refused(f"{name} is used by {', '.join(sorted(others))}; nothing was deleted")


def _delete(pool: PoolHandle, domain: DomainHandle | None, backup: StoredBackup) -> str:
    """Delete one backup; a note about its checkpoint, "" where there is nothing to say."""
    manifest, note = backup.manifest, ""
    for name in manifest.volumes:
        _delete_volume(pool, name)
    if domain is not None and manifest.checkpoint is not None:
        problem = delete_checkpoint(domain, manifest.checkpoint.name)
        if problem:
            note = "its checkpoint goes with the next backup"
    _delete_volume(pool, check_volume(backup.manifest_volume))
    _delete_volume(pool, backup.manifest_volume)
    return note


def _delete_volume(pool: PoolHandle, name: str) -> None:
    volume = find_volume(pool, name)
    if volume is not None:
        volume.delete(0)

"""Build, format, refresh and delete the target of a pool."""

from __future__ import annotations

from collections.abc import Collection

import libvirt

from virttui.hypervisor.commands.volumes import require_accepted
from virttui.hypervisor.connection.types import Connection, PoolHandle
from virttui.hypervisor.queries.delete_plan import disks_of
from virttui.hypervisor.queries.file_users import FileUsers, in_a_pool_that_is_off
from virttui.libvirtxml import read
from virttui.model.commands import BuildPoolArguments, Command, DeletePoolTargetArguments
from virttui.model.errors import Refused
from virttui.model.volumes import FILE_POOLS


def _pool(connection: Connection, command: Command) -> PoolHandle:
    return connection.storagePoolLookupByUUIDString(command.target.key.uuid)


def build(connection: Connection, command: Command, arguments: BuildPoolArguments) -> str:
    """Prepare the place of a pool: a folder, or what is formatted if nothing is on it.

    With ``overwrite`` it is formatted whatever is on it, unless a domain uses it.
    """
    pool = _pool(connection, command)
    if arguments.overwrite:
        _unused(connection, pool, arguments.despite, formats=True)
        pool.build(libvirt.VIR_STORAGE_POOL_BUILD_OVERWRITE)
        return "its target is formatted"
    pool.build(libvirt.VIR_STORAGE_POOL_BUILD_NO_OVERWRITE if arguments.no_overwrite else 0)
    return "its target is built"


def refresh(connection: Connection, command: Command) -> str:
    """Have libvirt look for its volumes again."""
    _pool(connection, command).refresh(0)
    return "is refreshed"


def delete_target(
    connection: Connection, command: Command, arguments: DeletePoolTargetArguments
) -> str:
    """Take away the place of a pool that is off and that nobody uses; its definition stays."""
    pool = _pool(connection, command)
    _unused(connection, pool, arguments.despite, formats=False)
    try:
        pool.delete(0)
    except libvirt.libvirtError as error:
        if "not empty" not in error.get_error_message():
            raise
        path = read.pool(pool.XMLDesc(0)).path
        raise Refused(
            f"{path} is not empty; nothing was removed",
            advice="delete its volumes, and what else is in it, first",
            libvirt_message=error.get_error_message(),
        ) from error
    return "its target is deleted; its definition stays"


def _unused(
    connection: Connection, pool: PoolHandle, despite: Collection[str], *, formats: bool
) -> None:
    """Raise Refused while the pool is active, or a domain, running or not, has a disk on it.

    Where data is lost (``formats``, or no files) also while uses are unknown that the user did not
    agree to.
    """
    if pool.isActive():
        raise Refused("it is active", advice="stop it first")
    facts, uses = read.pool(pool.XMLDesc(0)), FileUsers(connection)
    if users := _users(connection, pool.name(), facts.path, uses):
        raise Refused(f"it is used by {', '.join(sorted(users))}; nothing was changed")
    if formats or facts.type not in FILE_POOLS:
        own = in_a_pool_that_is_off(pool.name())
        require_accepted(despite, [words for words in uses.not_known("") if words != own])


def _users(connection: Connection, name: str, folder: str, uses: FileUsers) -> set[str]:
    """The users of a pool's volumes (it may be off): domains by either definition, and overlays."""
    users = {
        domain.name()
        for domain in connection.listAllDomains(0)
        if any(named == name for named, _ in disks_of(domain))
    }
    if folder in ("", "/", "/dev", "/dev/mapper", "/dev/disk/by-path"):
        return users  # where the volumes of others are, too
    return users | uses.below(folder)

"""Delete a domain with its storage, or the definition of a network or pool."""

from __future__ import annotations

import libvirt

from virttui.hypervisor.commands import volumes
from virttui.hypervisor.commands.keep_definition import keep_definition
from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.types import Connection, DomainHandle, NetworkHandle, PoolHandle
from virttui.hypervisor.queries.delete_plan import count, snapshots_of
from virttui.hypervisor.queries.file_users import FileUsers
from virttui.model.commands import Command, DeleteDomainArguments
from virttui.model.errors import NotFound, Refused


def delete_domain(
    connection: Connection,
    domain: DomainHandle,
    command: Command,
    arguments: DeleteDomainArguments,
) -> str:
    """Storage first, the definition last: what is left over can then still be named by it."""
    if domain.isActive():
        raise Refused("it runs", advice="shut it down first, then delete it")
    # Whatever would stop the last step is told before the first.
    if not arguments.with_saved and count(domain.hasManagedSaveImage):
        raise Refused("it has a saved state", advice="delete it together with its saved state")
    if not arguments.with_snapshots and snapshots_of(domain):
        raise Refused("it has snapshots", advice="delete it together with its snapshots")
    keep_definition(domain, command)
    _delete_volumes(connection, domain, arguments)
    _undefine(domain, arguments)
    number = len(arguments.volumes)
    return (
        f"is deleted, with {number} volume{'s' if number > 1 else ''}" if number else "is deleted"
    )


def delete_object(network_or_pool: NetworkHandle | PoolHandle, command: Command) -> str:
    """Drop a network's or pool's definition; a pool's volumes stay where they are."""
    if network_or_pool.isActive():
        raise Refused("it is active", advice="stop it first, then delete it")
    keep_definition(network_or_pool, command)
    network_or_pool.undefine()
    return "is deleted"


def _undefine(domain: DomainHandle, arguments: DeleteDomainArguments) -> None:
    """Drop the definition, with as many of libvirt's precautions as the driver knows.

    Drivers without firmware files or checkpoints refuse the flags about them by name.
    """
    flags = 0
    if arguments.with_saved:
        flags |= libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
    if arguments.with_snapshots:
        flags |= libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
    checkpoints = (
        libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA if arguments.with_snapshots else 0
    )
    nvram = (
        libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
        if arguments.with_nvram
        else libvirt.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM
    )
    for extra in (checkpoints | nvram, checkpoints, nvram):
        try:
            domain.undefineFlags(flags | extra)
        except libvirt.libvirtError as error:
            if "unsupported flags" not in error.get_error_message():
                raise
        else:
            return
    domain.undefineFlags(flags)


def _delete_volumes(
    connection: Connection, domain: DomainHandle, arguments: DeleteDomainArguments
) -> None:
    """Delete the volumes named, unless another domain or overlay came to use one meanwhile.

    Raises Refused that says what was deleted before it; the definition is kept then.
    """
    if not arguments.volumes:
        return
    _refresh_pools(connection, arguments.volumes)
    uses = FileUsers(connection, without=domain.UUIDString())
    for path in arguments.volumes:
        if others := uses.of(path, beside=arguments.volumes):
            raise Refused(f"{path} is used by {', '.join(sorted(others))}; nothing was deleted")
        volumes.require_accepted(arguments.despite, uses.not_known(path))
    deleted: list[str] = []
    for path in arguments.volumes:
        # Reading every definition takes a while, and somebody may have started it meanwhile.
        if domain.isActive():
            raise Refused(
                f"it was started meanwhile{_deleted(deleted)}", advice="shut it down first"
            )
        try:
            connection.storageVolLookupByPath(path).delete(0)
        except libvirt.libvirtError as error:
            if not connection.isAlive():
                raise
            why = translate.operation_error(error)
            if isinstance(why, NotFound):
                continue
            raise Refused(
                f"{path} could not be deleted, the definition is kept{_deleted(deleted)}",
                advice=why.advice,
                libvirt_message=why.libvirt_message,
            ) from error
        deleted.append(path)


def _deleted(paths: list[str]) -> str:
    return f"; deleted before it: {', '.join(paths)}" if paths else "; nothing was deleted"


def _refresh_pools(connection: Connection, paths: tuple[str, ...]) -> None:
    """Have the pools of ``paths`` look again: overlays made behind libvirt's back count too."""
    seen: set[str] = set()
    for path in paths:
        try:
            pool = connection.storageVolLookupByPath(path).storagePoolLookupByVolume()
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_VOL:
                raise
            continue
        if pool.name() not in seen:
            seen.add(pool.name())
            pool.refresh(0)

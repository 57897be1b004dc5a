"""The checkpoints of our backups: deleted with them, and when their backup never became one."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from functools import partial

import libvirt

from virttui.hypervisor.connection.calls import or_none_on
from virttui.hypervisor.connection.types import DomainHandle
from virttui.libvirtxml.backup.read import Checkpoint
from virttui.planning.backup.names import CHECKPOINT_PREFIX, backup_of_checkpoint

log = logging.getLogger(__name__)

_GONE = (libvirt.VIR_ERR_NO_DOMAIN_CHECKPOINT,)


def delete_checkpoint(domain: DomainHandle, name: str, *, broken: bool = False) -> str:
    """Delete a checkpoint; returns why it could not be, "" when it is gone.

    Its bitmap is merged into the one before, so nothing is lost. A ``broken`` one has no bitmap
    left, and only what libvirt knows of it is deleted. While the domain is off libvirt deletes
    none: the next backup does it.
    """
    handle = or_none_on(_GONE, partial(domain.checkpointLookupByName, name, 0))
    if handle is None:
        return ""
    flags = libvirt.VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY if broken else 0
    try:
        handle.delete(flags)
    except libvirt.libvirtError as error:
        if not domain.connect().isAlive():
            raise
        log.debug("deleting checkpoint %s: %s", name, error)
        return error.get_error_message() or "libvirt does not say why"
    return ""


def stale(
    checkpoints: Iterable[Checkpoint], pool: str, complete: Collection[str]
) -> tuple[str, ...]:
    """The checkpoints of backups into a pool that never became complete: none has their id.

    ``complete`` are the ids of those that did.
    """
    found = []
    for one in checkpoints:
        belongs = backup_of_checkpoint(one.description)
        if one.name.startswith(CHECKPOINT_PREFIX) and belongs is not None:
            id, its_pool = belongs
            if its_pool == pool and id not in complete:
                found.append(one.name)
    return tuple(found)


def forget_broken(domain: DomainHandle, checkpoints: Iterable[Checkpoint]) -> tuple[str, ...]:
    """Drop the checkpoints of ours whose bitmaps are gone; returns their names.

    A guest that was killed has not written its bitmaps; no backup can begin at one of them.
    """
    dropped = []
    for one in checkpoints:
        if not one.name.startswith(CHECKPOINT_PREFIX):
            continue
        if delete_checkpoint(domain, one.name) and not delete_checkpoint(
            domain, one.name, broken=True
        ):
            dropped.append(one.name)
    return tuple(dropped)

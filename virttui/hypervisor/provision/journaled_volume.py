"""A volume that is made by itself, noted until it is whole, so that ``:leftovers`` knows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import libvirt

from virttui.hypervisor.connection.types import Connection, PoolHandle
from virttui.model.errors import OperationError, PartiallyDone
from virttui.model.identity import ObjectId
from virttui.model.provision.plan import CreatedResource, ResourceKind
from virttui.persistence.provision_journal import Journal


@contextmanager
def noted(
    connection: Connection, key: ObjectId, pool: PoolHandle, name: str, what: str
) -> Iterator[None]:
    """Note the volume ``name`` of ``pool`` while it is made; ``what`` says what is done to it.

    ``key`` is the domain that it is for, or its host alone. Whoever is in it takes away what was
    begun when that fails, or raises PartiallyDone. Raises Refused where nothing can be noted.
    """
    if _is_there(pool, name):
        yield  # it will be refused, and is nothing of ours
        return
    journal, done = Journal(key, name, what=what), False
    try:
        journal.note(CreatedResource(ResourceKind.VOLUME, name, pool.UUIDString(), pool.name()))
        yield
        done = True
    except PartiallyDone:
        raise
    except (libvirt.libvirtError, OperationError, OSError):
        # Without an answer nobody knows whether it was made.
        done = bool(connection.isAlive())
        raise
    finally:
        journal.close(done=done)


def _is_there(pool: PoolHandle, name: str) -> bool:
    try:
        pool.storageVolLookupByName(name)
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_VOL:
            raise
        return False
    return True

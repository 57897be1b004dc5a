"""A check that a pool has room for a volume before it is written.

A pool of files takes a volume of any size and is full once it is written to. libvirt 9.0 says so
then; the daemon of 11.3 ends (its stream crashes on the failed write, also when virsh uploads), and
everything else that is done on the host ends with it. So it is looked at before.
"""

from __future__ import annotations

import logging

import libvirt

from virttui.formatting import short_size
from virttui.hypervisor.connection.types import PoolHandle
from virttui.libvirtxml import read
from virttui.model.errors import Refused
from virttui.model.volumes import FILE_POOLS

log = logging.getLogger(__name__)


def has_room(pool: PoolHandle, pool_name: str, name: str, data: int) -> None:
    """Raises Refused where a pool of files has less room than the bytes of a volume's data."""
    if read.pool(pool.XMLDesc(0)).type not in FILE_POOLS:
        return  # others take the space when a volume is made, and say so
    try:
        # What libvirt knows is as old as its last look: guests write meanwhile.
        pool.refresh(0)
    except libvirt.libvirtError as error:
        log.debug("looking at %s before %s is written: %s", pool_name, name, error)
    _, capacity, _, available = pool.info()
    if capacity and data > available:
        raise Refused(
            f"{pool_name} is full: {name} needs {short_size(data)}, "
            f"and {short_size(available)} are free",
            advice="free some space there, or choose another pool",
        )

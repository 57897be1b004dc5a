"""A restore: all that it needs is verified, then its plan is carried out as any other creation."""

from __future__ import annotations

from functools import partial

import libvirt

from virttui.hypervisor.backup.checkpoints import forget_broken
from virttui.hypervisor.backup.facts import checkpoints_of
from virttui.hypervisor.backup.verify import require_good
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.calls import or_none_on
from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.hypervisor.provision import run
from virttui.model.backup.restore import RestoreArguments
from virttui.model.commands import Command
from virttui.model.errors import Refused


def restore(
    connection: Connection, command: Command, arguments: RestoreArguments, control: TaskControl
) -> str:
    """Restore a backup; returns words. Raises Refused before anything is made where a file of it is
    not what its manifest says, and where a domain that gets its disks back runs."""
    plan = arguments.plan
    domain = None
    if plan.replaces_xml is not None:
        domain = connection.lookupByUUIDString(command.target.key.uuid)
        _can_be_replaced(domain)
    pool = connection.storagePoolLookupByUUIDString(arguments.pool.uuid)
    require_good(connection, pool, arguments.uuid, (arguments.id,), control)
    if domain is not None:
        _can_be_replaced(domain)
    control.reach(0, 0)
    words = run.make(connection, command, plan, control)
    if domain is not None:
        # The bitmaps of its checkpoints are in the disks that it had.
        forget_broken(domain, checkpoints_of(domain, sizes=False))
    return f"restored from {arguments.id}: {words}"


def _can_be_replaced(domain: DomainHandle) -> None:
    """Raises Refused where the disks of a domain cannot be exchanged now."""
    if domain.isActive():
        raise Refused(
            f"{domain.name()} runs: its disks cannot be exchanged",
            advice="shut it down first, or restore it as a new domain",
        )
    if domain.hasManagedSaveImage(0):
        raise Refused(
            f"{domain.name()} has a saved state, which belongs to its disks of today",
            advice="W drops the saved state; or restore it as a new domain",
        )
    count = or_none_on((libvirt.VIR_ERR_NO_SUPPORT,), partial(domain.snapshotNum, 0))
    if count:
        raise Refused(
            f"{domain.name()} has snapshots, which belong to its disks of today",
            advice="delete them first, or restore it as a new domain",
        )

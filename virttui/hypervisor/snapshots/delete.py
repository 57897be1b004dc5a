"""Snapshots deleted one after the other, leaf first.

Before each one everything is looked at again, and planned again. A running domain is merged by
block commits (``merge``), one that is off by libvirt's own delete, which cannot be ended. What is
begun is noted in a journal until its last file is gone, so that ``:leftovers`` can finish it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import libvirt

from virttui.formatting import listed
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.commands.volumes import require_accepted
from virttui.hypervisor.connection.calls import or_none
from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.hypervisor.provision.copy_volume import delete_file
from virttui.hypervisor.queries.file_users import FileUsers
from virttui.hypervisor.queries.snapshots import snapshots
from virttui.hypervisor.snapshots.files import snapshot_files
from virttui.hypervisor.snapshots.leftovers import DELETING
from virttui.hypervisor.snapshots.merge import mark, merge, name_the_base
from virttui.libvirtxml.snapshots.read import snapshot as read_snapshot
from virttui.model.commands import Command
from virttui.model.domains.snapshot_deletion import (
    DeletionPlan,
    DeletionStep,
    DeletionWay,
    SnapshotDeletion,
    SnapshotFiles,
)
from virttui.model.errors import ChangedElsewhere, OperationError, PartiallyDone, Refused
from virttui.model.identity import ObjectId
from virttui.model.provision.plan import CreatedResource, ResourceKind
from virttui.persistence.provision_journal import Journal
from virttui.planning.snapshots import delete as planning

_NOT_BEGUN = (
    libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
    libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
    libvirt.VIR_ERR_INVALID_ARG,
)
"""Codes of libvirt's delete when it has not begun."""


def delete_snapshots(
    connection: Connection, command: Command, work: SnapshotDeletion, control: TaskControl
) -> str:
    """Delete snapshots; returns what is so now. PartiallyDone names what was done before a failure.

    Raises Refused before anything is changed, and Cancelled.
    """
    domain = connection.lookupByUUIDString(command.target.key.uuid)
    files, plan = _planned(connection, domain, work.names)
    _require_agreement(plan, work)
    done: list[str] = []
    left: list[str] = []
    for place, name in enumerate(plan.names):
        try:
            control.check()
            if place:
                files, plan = _planned(connection, domain, (name,))
                _require_agreement(plan, work)
            require_accepted(work.despite, planning.unknown_users(plan.steps[:1], files))
            step = next(one for one in plan.steps if one.name == name)
            left += _delete(connection, domain, command.target.key, step, files, control)
        except (libvirt.libvirtError, OperationError) as error:
            if not done or not connection.isAlive():
                raise
            raise _partly(done, name, error) from error
        done.append(name)
    summary = f"deleted {listed(done)}"
    return f"{summary}; left as files: {listed(left)}" if left else summary


def _planned(
    connection: Connection, domain: DomainHandle, names: Sequence[str]
) -> tuple[SnapshotFiles, DeletionPlan]:
    there = snapshots(connection, domain)
    files = snapshot_files(connection, domain, there)
    plan = planning.plan(names, there, files)
    if plan.refusal:
        raise Refused(f"{plan.refusal}; nothing was changed", advice=plan.advice)
    return files, plan


def _require_agreement(plan: DeletionPlan, work: SnapshotDeletion) -> None:
    """Raises ChangedElsewhere when more would be lost than was agreed to."""
    more = [name for name in plan.names if name not in work.names]
    lost = [path for step in plan.steps if step.way is DeletionWay.DISCARD for path in step.remove]
    more += [path for path in lost if path not in work.agreed]
    if more:
        raise ChangedElsewhere(
            f"{listed(more)} would be lost too; nothing was changed",
            advice="delete it again: the question says what goes now",
        )


def _partly(done: Sequence[str], name: str, error: Exception) -> OperationError:
    why = error.message if isinstance(error, OperationError) else str(error)
    advice = error.advice if isinstance(error, OperationError) else ""
    return PartiallyDone(f"deleted {listed(done)}; {name} is left: {why}", advice=advice)


def _delete(
    connection: Connection,
    domain: DomainHandle,
    key: ObjectId,
    step: DeletionStep,
    files: SnapshotFiles,
    control: TaskControl,
) -> list[str]:
    """Delete one snapshot; returns the names of files that could not be removed."""
    journal, whole = Journal(key, domain.name(), what=DELETING), False
    try:
        journal.note(CreatedResource(ResourceKind.SNAPSHOT, step.name, key.uuid, domain.name()))
        for path in step.remove:
            journal.note(CreatedResource(ResourceKind.FILE, path))
        _forget(domain, step, running=files.running, control=control)
        _gone(domain, step)
        left = [path for path in step.remove if not _removed(connection, path)]
        whole = True
    except (libvirt.libvirtError, OperationError):
        whole = bool(connection.isAlive()) and _untouched(domain, step)
        raise
    finally:
        journal.close(done=whole)
    return [path.rpartition("/")[2] for path in left]


def _forget(
    domain: DomainHandle,
    step: DeletionStep,
    *,
    running: bool,
    control: TaskControl,
) -> None:
    """Have libvirt forget the snapshot, after its data has gone where it belongs."""
    snapshot = domain.snapshotLookupByName(step.name, 0)
    if step.way is DeletionWay.DISCARD:
        snapshot.delete(libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY)
        return
    if step.way is DeletionWay.POINT:
        snapshot.delete(0)
        return
    if running:
        merge(domain, step, control)
        name_the_base(domain, step)
        flags = libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY
        # Marking it has made it anew.
        domain.snapshotLookupByName(step.name, 0).delete(flags)
        return
    is_new = mark(domain, step.name, step.overlays)
    try:
        if domain.isActive():
            raise Refused("it was started meanwhile", advice="delete it again")
        domain.snapshotLookupByName(step.name, 0).delete(0)
    except Refused:
        mark(domain, step.name, step.overlays, on=not is_new)
        raise
    except libvirt.libvirtError as error:
        if error.get_error_code() not in _NOT_BEGUN:
            raise
        mark(domain, step.name, step.overlays, on=not is_new)
        raise Refused(
            f"libvirt does not merge {step.name} while the domain is off; nothing was changed",
            advice="start it: QEMU merges the files then, and it may be paused",
            libvirt_message=error.get_error_message(),
        ) from error


def _gone(domain: DomainHandle, step: DeletionStep) -> None:
    """Read back. Raises PartiallyDone where libvirt still has the snapshot."""
    if step.name in {one.getName() for one in domain.listAllSnapshots(0)}:
        raise PartiallyDone(f"libvirt said that {step.name} is deleted, and still lists it")


def _untouched(domain: DomainHandle, step: DeletionStep) -> bool:
    """Whether a snapshot is there as it was: nothing was merged into it or taken away."""
    found = or_none(domain.connect(), partial(domain.snapshotLookupByName, step.name, 0))
    if found is None:
        return False
    return not read_snapshot(found.getXMLDesc(0)).being_deleted


def _removed(connection: Connection, path: str) -> bool:
    """Remove a file that nobody names, asked right before; false where it stays."""
    if not path.startswith("/"):
        return False
    users = FileUsers(connection)
    if users.of(path) or users.not_known(path):
        return False
    try:
        delete_file(connection, path)
    except libvirt.libvirtError:
        if not connection.isAlive():
            raise
        return False
    return True

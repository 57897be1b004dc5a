"""Revert a domain to a snapshot, and read back where it stands.

libvirt 9.0 asks nobody: it replaces the definition and ends the guest. So the snapshot, the
checkpoints and the state are held against the plan, and the definition is kept in the history.
"""

from __future__ import annotations

import time

import libvirt

from virttui import formatting
from virttui.hypervisor.commands.keep_definition import keep_definition
from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.hypervisor.guest_agent.changes import set_time
from virttui.hypervisor.snapshots.context import context_of
from virttui.hypervisor.snapshots.overlay_revert import revert_by_overlay
from virttui.hypervisor.snapshots.take import drop_checkpoints, take_now
from virttui.model.commands import Command
from virttui.model.domains.snapshots import Snapshot
from virttui.model.errors import (
    ChangedElsewhere,
    InvalidInput,
    OperationError,
    PartiallyDone,
    Refused,
)
from virttui.model.snapshots.changes import (
    AfterRevert,
    RevertArguments,
    RevertWay,
    SnapshotContext,
)
from virttui.planning.snapshots.revert import (
    checkpoints_in_the_way,
    runs_after,
    snapshot_named,
    way,
    why_not,
)

_AGAIN = "look at its snapshots (t), then revert again"
_FLAGS = {
    AfterRevert.AS_THEN: 0,
    AfterRevert.RUNNING: libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING,
    AfterRevert.PAUSED: libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED,
}
CLOCK_PATIENCE = 30.0
"""Seconds that an agent has to answer after a revert, for its clock to be set."""
_EVERY = 0.5


def revert(connection: Connection, command: Command, wanted: RevertArguments) -> str:
    """Revert to the snapshot; returns words for it. Raises libvirtError, OperationError."""
    domain = connection.lookupByUUIDString(command.target.key.uuid)
    context = context_of(connection, domain, refresh=True)
    snapshot = _as_planned(context, wanted)
    keep_definition(domain, command)
    words = []
    drop_checkpoints(domain, wanted.drop_checkpoints)
    if wanted.drop_checkpoints:
        words.append(f"{formatting.counted(len(wanted.drop_checkpoints), 'checkpoint')} deleted")
    if wanted.first is not None:
        words.append(take_now(connection, command.target, wanted.first))
    if wanted.way is RevertWay.OVERLAY:
        words.append(revert_by_overlay(connection, command, snapshot))
        if wanted.after is AfterRevert.RUNNING:
            domain.create()
    else:
        _by_libvirt(domain, wanted)
    _read_back(domain, snapshot, wanted)
    words.append(f"is back at {wanted.name}")
    if wanted.set_clock and runs_after(snapshot, wanted.after):
        words.append(_set_clock(domain))
    return "; ".join(words)


def _as_planned(context: SnapshotContext, wanted: RevertArguments) -> Snapshot:
    """The snapshot. Raises ChangedElsewhere or Refused where the plan is for another state."""
    try:
        snapshot = snapshot_named(context, wanted.name)
    except InvalidInput as error:
        raise ChangedElsewhere(f"{error.message}; nothing was changed", advice=_AGAIN) from error
    if reason := why_not(context, snapshot):
        raise Refused(f"{reason}; nothing was changed")
    current = context.current.name if context.current is not None else ""
    if current != wanted.current:
        raise ChangedElsewhere("its snapshots have changed; nothing was changed", advice=_AGAIN)
    if context.active != wanted.active:
        raise ChangedElsewhere(
            f"it is {'on' if context.active else 'off'} by now; nothing was changed", advice=_AGAIN
        )
    if checkpoints_in_the_way(context, snapshot) != wanted.drop_checkpoints:
        raise ChangedElsewhere(
            "its checkpoints have changed, and a revert would end the guest; nothing was changed",
            advice=_AGAIN,
        )
    if way(context, snapshot) is not wanted.way:
        raise Refused("this host reverts in another way than was planned; nothing was changed")
    return snapshot


def _by_libvirt(domain: DomainHandle, wanted: RevertArguments) -> None:
    flags = _FLAGS[wanted.after]
    if wanted.force:
        flags |= libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_FORCE
    snapshot = domain.snapshotLookupByName(wanted.name, 0)
    try:
        domain.revertToSnapshot(snapshot, flags)
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_SNAPSHOT_REVERT_RISKY:
            raise
        raise Refused(
            "libvirt calls this revert risky, and wants to be forced",
            advice=":revert --force, once it is known what is lost",
            libvirt_message=error.get_error_message() or "",
        ) from error


def _read_back(domain: DomainHandle, snapshot: Snapshot, wanted: RevertArguments) -> None:
    """Raises PartiallyDone where libvirt says that it was done, and the domain is not there."""
    current = domain.snapshotCurrent(0).getName() if domain.hasCurrentSnapshot(0) else ""
    if current != wanted.name:
        where = current or "none"
        raise PartiallyDone(f"it was reverted, and libvirt calls {where} its current snapshot")
    runs = runs_after(snapshot, wanted.after)
    state = domain.state()[0]
    if runs and state != libvirt.VIR_DOMAIN_RUNNING:
        raise PartiallyDone(f"it is back at {wanted.name}, and does not run", advice="s starts it")
    if wanted.after is AfterRevert.PAUSED and state != libvirt.VIR_DOMAIN_PAUSED:
        raise PartiallyDone(f"it is back at {wanted.name}, and is not paused")


def _set_clock(domain: DomainHandle) -> str:
    """Set its clock as soon as its agent answers; words for what came of it."""
    until = time.monotonic() + CLOCK_PATIENCE
    while True:
        try:
            return set_time(domain)
        except OperationError as error:
            return f"its clock was not set: {error.message}"
        except libvirt.libvirtError as error:
            if time.monotonic() > until or not domain.connect().isAlive():
                return f"its clock was not set: {error.get_error_message()}"
        time.sleep(_EVERY)

"""Take a snapshot, and read back that it is there and that the disks have moved."""

from __future__ import annotations

import logging
import posixpath
import time
from collections.abc import Iterator, Sequence
from functools import partial

import libvirt

from virttui import formatting
from virttui.hypervisor.connection.calls import or_none, xml_of
from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.hypervisor.guest_screen.screenshots import take_screenshot
from virttui.hypervisor.snapshots.context import context_of
from virttui.libvirtxml.disks.chains import chains
from virttui.libvirtxml.snapshots.read import snapshot
from virttui.libvirtxml.snapshots.write import taken_snapshot
from virttui.model.commands import Command, Target
from virttui.model.domains.snapshots import SnapshotKind
from virttui.model.errors import (
    ChangedElsewhere,
    InvalidInput,
    OperationError,
    PartiallyDone,
    Refused,
)
from virttui.model.severity import Severity
from virttui.model.snapshots.changes import SnapshotContext, TakeSnapshotArguments
from virttui.persistence.snapshot_screenshots import save_screenshot
from virttui.planning.snapshots.checks import checks
from virttui.planning.snapshots.take import checked_name, why_not

log = logging.getLogger(__name__)

_AGAIN = "look at its snapshots (t), then take it again"


def take(connection: Connection, command: Command, wanted: TakeSnapshotArguments) -> str:
    """Take the snapshot of a command; returns words for it. Raises as ``take_now``."""
    return take_now(connection, command.target, wanted)


def take_now(connection: Connection, target: Target, wanted: TakeSnapshotArguments) -> str:
    """Take the snapshot; returns words for it. Raises libvirtError, OperationError.

    What was planned is held against the domain as it is now: its kind of snapshots, its state,
    its checkpoints, the space. Nothing is changed where one of them is another.
    """
    domain = connection.lookupByUUIDString(target.key.uuid)
    context = context_of(connection, domain, refresh=True)
    _as_planned(context, wanted)
    picture = _screenshot(connection, target) if wanted.screenshot else None
    drop_checkpoints(domain, wanted.drop_checkpoints)
    began = time.monotonic()
    domain.snapshotCreateXML(taken_snapshot(wanted), _flags(wanted))
    lasted = time.monotonic() - began
    _read_back(domain, wanted)
    _look_through_pools(connection, context, wanted)
    if picture is not None:
        try:
            save_screenshot(target.key, wanted.name, picture)
        except OSError as error:
            log.debug("the picture of %s is not kept: %s", wanted.name, error)
    return "; ".join(_words(context, wanted, lasted))


def _flags(wanted: TakeSnapshotArguments) -> int:
    if wanted.kind is SnapshotKind.INTERNAL:
        return 0
    if wanted.memory_file:
        return int(libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_LIVE)
    flags = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY
    flags |= libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC
    if wanted.quiesce:
        flags |= libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE
    return int(flags)


def _as_planned(context: SnapshotContext, wanted: TakeSnapshotArguments) -> None:
    """Raises ChangedElsewhere or Refused where the domain is not what the plan was made for."""
    current = context.current.name if context.current is not None else ""
    if context.active != wanted.active:
        raise ChangedElsewhere(
            f"it is {'on' if context.active else 'off'} by now; nothing was changed", advice=_AGAIN
        )
    if current != wanted.after:
        raise ChangedElsewhere("its snapshots have changed; nothing was changed", advice=_AGAIN)
    if why := why_not(wanted.kind, context):
        raise Refused(f"no {wanted.kind.value} snapshot is possible: {why}")
    if wanted.kind is SnapshotKind.INTERNAL and context.checkpoints != wanted.drop_checkpoints:
        raise ChangedElsewhere(
            "its checkpoints have changed, and exclude internal snapshots; nothing was changed",
            advice=_AGAIN,
        )
    known = {disk.target for disk in context.disks}
    named = {one.target for one in wanted.overlays} | set(wanted.left_out)
    if wanted.kind is SnapshotKind.EXTERNAL and known != named:
        raise ChangedElsewhere("its disks have changed; nothing was changed", advice=_AGAIN)
    try:
        checked_name(wanted.name, context, wanted.kind)
    except InvalidInput as error:
        raise Refused(error.message) from error
    for check in checks(context, wanted):
        if check.level is Severity.ERROR:
            raise Refused(check.words, advice="free some space there")


def _screenshot(connection: Connection, target: Target) -> bytes | None:
    """The picture of its screen; a guest that has none is taken all the same."""
    try:
        return take_screenshot(connection, target.key.uuid, 0).data
    except (libvirt.libvirtError, OperationError) as error:
        if not connection.isAlive():
            raise
        log.debug("no picture before the snapshot: %s", error)
        return None


def drop_checkpoints(domain: DomainHandle, names: Sequence[str]) -> None:
    """Delete the checkpoints, the newest first. Raises PartiallyDone where one stays."""
    for name in reversed(names):
        domain.checkpointLookupByName(name, 0).delete(0)
    if names and (left := domain.listAllCheckpoints(0)):
        stay = formatting.listed([one.getName() for one in left])
        raise PartiallyDone(f"the checkpoints {stay} are still there; nothing else was done")


def _read_back(domain: DomainHandle, wanted: TakeSnapshotArguments) -> None:
    """Raises PartiallyDone where libvirt says that it is taken, and it is not as it was wanted."""
    handle = domain.snapshotLookupByName(wanted.name, 0)
    found = snapshot(handle.getXMLDesc(0), current=bool(handle.isCurrent(0)))
    if not found.current:
        raise PartiallyDone(f"{wanted.name} is taken, and libvirt does not call it current")
    kept = {disk.target for disk in found.kept_disks}
    if wanted.kind is SnapshotKind.EXTERNAL:
        now = {chain.disk: chain.layers[0].source for chain in chains(xml_of(domain))}
        behind = [one.target for one in wanted.overlays if now.get(one.target) != one.path]
        behind += [one.target for one in wanted.overlays if one.target not in kept]
        if behind:
            raise PartiallyDone(
                f"{wanted.name} is taken, and {formatting.listed(behind)} did not move to a new "
                "file"
            )
    elif found.kind is not SnapshotKind.INTERNAL:
        raise PartiallyDone(f"{wanted.name} is taken, and no disk is in it")


def _look_through_pools(
    connection: Connection, context: SnapshotContext, wanted: TakeSnapshotArguments
) -> None:
    """Have libvirt see the new files: it knows the size of none that it was not told of."""
    folders = {posixpath.dirname(one.path) for one in wanted.overlays}
    folders |= {posixpath.dirname(wanted.memory_file)} if wanted.memory_file else set()
    for pool in context.pools:
        if pool.path in folders:
            handle = or_none(connection, partial(connection.storagePoolLookupByName, pool.name))
            if handle is not None:
                or_none(connection, partial(handle.refresh, 0))


def _words(context: SnapshotContext, wanted: TakeSnapshotArguments, lasted: float) -> Iterator[str]:
    """What was taken, and how long the guest was held: libvirt tells no more than its call."""
    yield f"{wanted.name} is taken, {wanted.kind.value}"
    if wanted.quiesce:
        yield f"its writes were held for {lasted:.2f} s at most"
    elif wanted.kind is SnapshotKind.INTERNAL and context.state == "running":
        yield f"it stood still for {lasted:.1f} s at most"
    elif wanted.memory:
        yield f"its memory was written in {lasted:.1f} s"
    if wanted.drop_checkpoints:
        count = formatting.counted(len(wanted.drop_checkpoints), "checkpoint")
        yield f"{count} deleted: the next backup is a full one"

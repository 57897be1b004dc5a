"""One snapshot of a running domain merged by block commits of our own.

libvirt's delete of an external snapshot cannot be ended (its ``abortJob`` says yes and does
nothing). A commit can, at any time: chain and files stay. But the file of the moment is written to
from the first block on, so that the moment is lost then, though nothing of now is. So the snapshot
is marked before, and stays marked until it is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import libvirt

from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.calls import xml_of
from virttui.hypervisor.connection.types import DomainHandle
from virttui.hypervisor.snapshots.redefine import redefine
from virttui.libvirtxml.disks.chains import chains
from virttui.libvirtxml.snapshots.mark import marked
from virttui.libvirtxml.snapshots.merged import without_layer
from virttui.libvirtxml.snapshots.read import snapshot as read_snapshot
from virttui.model.domains.disk_jobs import BackingChain
from virttui.model.domains.snapshot_deletion import DeletionStep, DiskMerge
from virttui.model.errors import Cancelled, OperationError, PartiallyDone, Refused

log = logging.getLogger(__name__)

EVERY = 0.2
"""Seconds between two looks at a job."""
_COMMITS = (
    libvirt.VIR_DOMAIN_BLOCK_JOB_TYPE_COMMIT,
    libvirt.VIR_DOMAIN_BLOCK_JOB_TYPE_ACTIVE_COMMIT,
)


def mark(domain: DomainHandle, name: str, overlays: Mapping[str, str], *, on: bool = True) -> bool:
    """Say in the note of a snapshot that its moment is given up, or no more; whether that is new.

    The snapshot is made anew by it, with the ``overlays`` that are on its files now: somebody may
    have gone back to it by a file that it does not name. Raises libvirtError.
    """
    snapshot = domain.snapshotLookupByName(name, 0)
    xml = snapshot.getXMLDesc(libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE)
    redefine(snapshot, marked(xml, overlays, mark=on))
    return read_snapshot(xml).being_deleted is not on


def name_the_base(domain: DomainHandle, step: DeletionStep) -> None:
    """Have the other snapshots name the files into which layers of theirs were merged.

    libvirt 9.0 does so by itself after a commit, 11.3 does not: a revert would look for a file that
    is gone. Raises libvirtError.
    """
    for snapshot in domain.listAllSnapshots(0):
        if snapshot.getName() == step.name:
            continue
        before = xml = snapshot.getXMLDesc(libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE)
        for one in step.merges:
            layers = _chain(domain, one.disk).layers
            format = next((layer.format for layer in layers if layer.source == one.base), "")
            xml = without_layer(xml, one.disk, one.overlay, one.base, format)
        if xml != before:
            redefine(snapshot, xml)


def merge(domain: DomainHandle, step: DeletionStep, control: TaskControl) -> None:
    """Write each layer above the files of a moment into them, and mark the snapshot before.

    Raises PartiallyDone or Cancelled once something was written, any other error before. The
    domain goes on as before then, whatever came of it.
    """
    total, done = sum(int(domain.blockInfo(one.disk, 0)[0]) for one in step.merges), 0
    is_new = mark(domain, step.name, step.overlays)
    for place, one in enumerate(step.merges):
        try:
            switches = _begin(domain, one, control, resumes=not is_new)
        except (libvirt.libvirtError, OperationError) as error:
            if domain.connect().isAlive():
                if place or not is_new:
                    raise _broken(domain, step, one, error) from error
                mark(domain, step.name, step.overlays, on=False)
            raise
        try:
            done += _merged(domain, one, control, done, total, switches=switches)
        except (libvirt.libvirtError, OperationError) as error:
            if not domain.connect().isAlive():
                raise
            raise _broken(domain, step, one, error) from error


def _broken(
    domain: DomainHandle, step: DeletionStep, one: DiskMerge, error: Exception
) -> OperationError:
    """What is so after a merge that has written something."""
    lost = f"what {step.name} held is not whole any more"
    if isinstance(error, Cancelled):
        return Cancelled(
            f"ended by hand: {domain.name()} goes on as before, but {lost}",
            advice="delete it again to finish; :leftovers lists it",
        )
    why = error.message if isinstance(error, OperationError) else str(error)
    return PartiallyDone(
        f"{one.disk} could not be merged: {why}; nothing of now is lost, but {lost}",
        advice="delete it again once the cause is gone; :leftovers lists it",
    )


def _chain(domain: DomainHandle, disk: str) -> BackingChain:
    for chain in chains(xml_of(domain)):
        if chain.disk == disk:
            return chain
    raise Refused(f"it has no disk {disk} any more")


def _begin(domain: DomainHandle, one: DiskMerge, control: TaskControl, *, resumes: bool) -> bool:
    """Have the job of a disk begin; whether it has to be switched to.

    Where a deletion ``resumes`` that was interrupted, its job may be at work or have ended.
    """
    layers = _chain(domain, one.disk).layers
    places = [layer.source for layer in layers]
    if resumes and one.base in places and one.overlay not in places:
        return False  # the job that was at work has ended meanwhile
    place = places.index(one.overlay) if one.overlay in places else -1
    if place < 0 or places[place + 1 : place + 2] != [one.base]:
        raise Refused(f"the chain of {one.disk} has changed")
    if (domain.blockJobInfo(one.disk, 0) or {}).get("type") in _COMMITS:
        return place == 0
    control.check()
    top, base = (
        f"{one.disk}[{layer.index}]" if layer.index else layer.source
        for layer in layers[place : place + 2]
    )
    flags = 0 if place else libvirt.VIR_DOMAIN_BLOCK_COMMIT_ACTIVE
    domain.blockCommit(one.disk, base, top if place else None, 0, flags)
    return place == 0


def _merged(
    domain: DomainHandle,
    one: DiskMerge,
    control: TaskControl,
    before: int,
    total: int,
    *,
    switches: bool,
) -> int:
    """Follow the job of a disk, which ends if anything breaks; returns its bytes."""
    try:
        size = _follow(domain, one.disk, control, before, total, switches=switches)
        left = [layer.source for layer in _chain(domain, one.disk).layers]
    except (libvirt.libvirtError, OperationError):
        _end(domain, one.disk)
        raise
    if one.overlay in left or one.base not in left:
        raise Refused(
            f"QEMU gave up the job, and {one.disk} is still on both files",
            advice="look at the free space of its pool, and the log (l)",
        )
    return size


def _follow(
    domain: DomainHandle,
    disk: str,
    control: TaskControl,
    before: int,
    total: int,
    *,
    switches: bool,
) -> int:
    size = 0
    while info := domain.blockJobInfo(disk, 0):
        if info.get("type") not in _COMMITS:
            raise Refused(f"{disk} has another job now")
        done, size = info.get("cur", 0), info.get("end", 0)
        control.reach(before + done, max(total, before + size))
        if switches and done >= size and _chain(domain, disk).ready:
            domain.blockJobAbort(disk, libvirt.VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT)
        elif control.rest(EVERY):
            raise Cancelled("cancelled")
    return size


def _end(domain: DomainHandle, disk: str) -> None:
    """End the job of a disk; one that has ended by itself is well."""
    try:
        if domain.blockJobInfo(disk, 0):
            domain.blockJobAbort(disk, 0)
    except libvirt.libvirtError as error:
        log.debug("ending the job on %s: %s", disk, error)

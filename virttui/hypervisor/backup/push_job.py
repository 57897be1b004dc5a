"""libvirt's backup job in push mode, from its beginning to an end that was read back."""

from __future__ import annotations

import logging
import time
from functools import partial

import libvirt

from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.calls import or_none, or_none_on
from virttui.hypervisor.connection.types import DomainHandle, Stats
from virttui.model.errors import Cancelled, OperationError, Refused

log = logging.getLogger(__name__)

EVERY = 0.25
"""Seconds between two looks at how far it is."""
_BACKUP = libvirt.VIR_DOMAIN_JOB_OPERATION_BACKUP
_COMPLETED = libvirt.VIR_DOMAIN_JOB_STATS_COMPLETED | libvirt.VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED
_NOT_ACTIVE = (libvirt.VIR_ERR_OPERATION_INVALID,)


def follow(domain: DomainHandle, control: TaskControl) -> None:
    """Wait for the end of the backup job of a domain; an end by hand aborts it.

    Raises Cancelled, Refused with libvirt's own reason when it failed, libvirtError.
    """
    try:
        while (stats := _current(domain)) is not None:
            control.reach(stats.get("disk_processed", 0), stats.get("disk_total", 0))
            control.rest(EVERY)
            control.check()
    except OperationError:
        _abort(domain)
        raise
    _require_success(domain)


def _current(domain: DomainHandle) -> Stats | None:
    """What is told of the backup job that runs; None when there is none, or the domain is off."""
    stats = or_none_on(_NOT_ACTIVE, partial(domain.jobStats, 0))
    if not stats or not stats.get("type", 0) or stats.get("operation") != _BACKUP:
        return None
    return stats


def end_dead_job(domain: DomainHandle) -> bool:
    """End a backup job that ended while the daemon was down; whether there was one.

    libvirt 9.0 takes it up again, waits for an end that was already, and refuses every other job.
    Such a job has nothing to copy: no job of QEMU belongs to it.
    """
    for last in (False, True):
        stats = _current(domain)
        if stats is None or stats.get("disk_total", 0):
            return False
        if not last:
            time.sleep(EVERY)
    domain.abortJob()
    return True


def _abort(domain: DomainHandle) -> None:
    """End the job, and wait until it is gone."""
    try:
        if _current(domain) is not None:
            domain.abortJob()
        while domain.isActive() and _current(domain) is not None:
            time.sleep(EVERY)
    except libvirt.libvirtError as error:
        log.debug("ending the backup of %s: %s", domain.name(), error)


def _require_success(domain: DomainHandle) -> None:
    """Raises Refused unless the job that ended says that it was a backup that succeeded."""
    connection = domain.connect()
    stats = or_none(connection, partial(domain.jobStats, _COMPLETED)) or {}
    kind = stats.get("type", 0)
    is_backup = stats.get("operation") == _BACKUP
    if is_backup and kind == libvirt.VIR_DOMAIN_JOB_COMPLETED and stats.get("success", True):
        return
    words = str(stats.get("errmsg", "")) if is_backup else ""
    if not domain.isActive():
        raise Refused(
            "the domain went off before all of it was copied",
            advice="start it, then back it up again",
            libvirt_message=words,
        )
    if kind == libvirt.VIR_DOMAIN_JOB_CANCELLED:
        raise Cancelled("its job was cancelled by somebody else", libvirt_message=words)
    if "No space left" in words:
        raise Refused(
            "the pool was full before all of it was copied",
            advice="free some space there, or choose another pool",
            libvirt_message=words,
        )
    said = words or "libvirt does not say why"
    raise Refused(f"libvirt could not copy all of it: {said}", libvirt_message=words)

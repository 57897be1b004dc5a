"""End a job that libvirt or QEMU does on a domain."""

from __future__ import annotations

import libvirt

from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.model.commands import JobArguments
from virttui.model.errors import Refused


def abort_job(connection: Connection, domain: DomainHandle, arguments: JobArguments) -> str:
    """End the domain's own job, or the block job of one of its disks; never another that came."""
    disk = arguments.disk
    if disk:
        info = domain.blockJobInfo(disk, 0)
        operation = translate.BLOCK_JOBS.get(info.get("type", 0), "") if info else ""
        _same_job(arguments.operation, operation)
        domain.blockJobAbort(disk, 0)
        return f"its job on {disk} is cancelled"
    operation = domain.jobStats().get("operation", 0)
    _same_job(arguments.operation, translate.OPERATIONS.get(operation, ""))
    dumps = operation == libvirt.VIR_DOMAIN_JOB_OPERATION_DUMP
    # Measured: the daemon of 9.0 goes down, and with it every connection to that host.
    if dumps and connection.getLibVersion() // 1000 == 9000:
        raise Refused(
            "it is being dumped, and libvirt 9.0 crashes when a dump is cancelled",
            advice="wait for its end, or update libvirt",
        )
    domain.abortJob()
    return "its job is cancelled"


def _same_job(expected: str, found: str) -> None:
    """Raises Refused when the job that was meant has ended meanwhile."""
    if expected and found and expected != found:
        raise Refused(f"that job has ended; it has another now: {found}")
    if expected and not found:
        raise Refused("that job has ended already")

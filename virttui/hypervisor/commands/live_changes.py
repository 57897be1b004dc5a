"""Change a running domain by parts of its definition: devices, memory, vCPUs, title."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libvirt

from virttui import formatting
from virttui.hypervisor.commands.event_recorder import hearing
from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.libvirtxml.identity import alias, aliases
from virttui.model.commands import LiveChange, LiveOperation
from virttui.model.errors import OperationError, PartiallyDone, Refused, TimedOut

# How long a guest gets to let go of a device after libvirt has waited for it (5 s).
LETTING_GO = 10.0

_LIVE = libvirt.VIR_DOMAIN_AFFECT_LIVE
_REMOVED = libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED
_REMOVAL_FAILED = libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED


def change(
    connection: Connection, domain: DomainHandle, steps: Sequence[LiveChange], before: str
) -> str:
    """Take every step, also after one that failed; returns words for all that was done.

    ``before`` says what was done already, "" for nothing. Raises libvirtError when the connection
    breaks; the Trouble of the only step when nothing else was done; else PartiallyDone.
    """
    done, failed = [before] if before else [], []
    for step in steps:
        try:
            done.append(_take(connection, domain, step))
        except OperationError as trouble:
            failed.append((step, trouble))
        except libvirt.libvirtError as error:
            if not connection.isAlive():
                raise
            failed.append((step, translate.operation_error(error)))
    if not failed:
        return "; ".join(done)
    if not done and len(failed) == 1:
        raise failed[0][1]
    words = [*done, *(f"{_not_done(step)}: {trouble.message}" for step, trouble in failed)]
    first = failed[0][1]
    raise PartiallyDone(
        "; ".join(words), advice=first.advice, libvirt_message=first.libvirt_message
    )


def _take(connection: Connection, domain: DomainHandle, step: LiveChange) -> str:
    if step.op is LiveOperation.DETACH:
        return _detach(connection, domain, step)
    call, words = _STEPS[step.op]
    call(domain, step)
    if step.op is LiveOperation.MEMORY:
        return f"the guest was asked to go to {formatting.size(int(step.value))}"
    return f"{step.what} {words}"


# Memory is asked of the guest's balloon, which takes its time; libvirt counts it in KiB.
_STEPS: dict[LiveOperation, tuple[Callable[[DomainHandle, LiveChange], object], str]] = {
    LiveOperation.ATTACH: (
        lambda domain, step: domain.attachDeviceFlags(step.xml, _LIVE),
        "is attached",
    ),
    LiveOperation.UPDATE: (
        lambda domain, step: domain.updateDeviceFlags(step.xml, _LIVE),
        "is changed",
    ),
    LiveOperation.MEMORY: (
        lambda domain, step: domain.setMemoryFlags(int(step.value) // 1024, _LIVE),
        "is set",
    ),
    LiveOperation.VCPUS: (
        lambda domain, step: domain.setVcpusFlags(int(step.value), _LIVE),
        "is set",
    ),
    LiveOperation.TITLE: (
        lambda domain, step: _describe(domain, libvirt.VIR_DOMAIN_METADATA_TITLE, step.value),
        "is set",
    ),
    LiveOperation.DESCRIPTION: (
        lambda domain, step: _describe(domain, libvirt.VIR_DOMAIN_METADATA_DESCRIPTION, step.value),
        "is set",
    ),
}


def _describe(domain: DomainHandle, which: int, text: str) -> None:
    domain.setMetadata(which, text or None, None, None, _LIVE)


def _detach(connection: Connection, domain: DomainHandle, step: LiveChange) -> str:
    """Take a device out, and wait for the guest to let go of it. Raises Refused, TimedOut."""
    name = alias(step.xml)
    with hearing(connection, domain, (_REMOVED, _REMOVAL_FAILED)) as witness:
        domain.detachDeviceFlags(step.xml, _LIVE)
        # Without an alias nobody else has to agree: it is gone when the call returns.
        if not name:
            return f"{step.what} is detached"

        def refused() -> bool:
            return (name,) in witness.events(_REMOVAL_FAILED)

        def detached() -> bool:
            return (name,) in witness.events(_REMOVED) or name not in aliases(domain.XMLDesc(0))

        witness.wait(lambda: refused() or detached(), LETTING_GO)
        if detached():
            return f"{step.what} is detached"
        if refused():
            raise Refused(f"the guest refuses to let go of {step.what}")
    raise TimedOut(
        f"the guest has not let go of {step.what}",
        advice="it may still: a guest that is paused, or has not booted, cannot",
    )


def _not_done(step: LiveChange) -> str:
    """The message for a step that failed: the device is as it was before."""
    return {
        LiveOperation.ATTACH: f"{step.what} is not attached",
        LiveOperation.DETACH: f"{step.what} is not detached",
    }.get(step.op, f"{step.what} is not changed")

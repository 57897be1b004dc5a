"""A domain that is off, started paused for a backup, and ended after it.

libvirt backs up running domains alone. The guest runs no instruction. Its QEMU ends with our
connection, so that none is left when this program is killed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import libvirt

from virttui.hypervisor.connection.types import DomainHandle
from virttui.model.errors import Refused

log = logging.getLogger(__name__)

_IDLE = 0.1
"""Seconds of CPU below which its virtual CPUs have run nothing."""
_FLAGS = libvirt.VIR_DOMAIN_START_PAUSED | libvirt.VIR_DOMAIN_START_AUTODESTROY


@contextmanager
def started_paused(domain: DomainHandle, *, allowed: bool) -> Iterator[bool]:
    """Have a domain run, paused where it was off and that is ``allowed``; whether it was off.

    Somebody may resume it meanwhile: then it is theirs, and stays. Raises Refused for one with a
    saved state, which a start would take.
    """
    if domain.isActive() or not allowed:
        yield False
        return
    if domain.hasManagedSaveImage(0):
        raise Refused(
            f"{domain.name()} has a saved state, which a start would take",
            advice="start it first, or drop the state (W)",
        )
    domain.createWithFlags(_FLAGS)
    number, spent = domain.ID(), _vcpu_seconds(domain)
    try:
        yield True
    finally:
        _end(domain, number, spent)


def _vcpu_seconds(domain: DomainHandle) -> float:
    """The time that the threads of its virtual CPUs have used so far."""
    return sum(float(vcpu[2]) for vcpu in domain.vcpus()[0]) / 1e9


def _end(domain: DomainHandle, number: int, spent: float) -> None:
    """End the domain that was started, unless it is another start by now, or was resumed.

    One that was resumed and paused again tells nothing of that, but its CPUs have worked.
    """
    try:
        paused = domain.state(0)[0] == libvirt.VIR_DOMAIN_PAUSED
        untouched = paused and _vcpu_seconds(domain) - spent < _IDLE
        if domain.ID() == number and untouched:
            # Politely: QEMU writes the bitmaps of its checkpoints when it ends.
            domain.destroyFlags(libvirt.VIR_DOMAIN_DESTROY_GRACEFUL)
    except libvirt.libvirtError as error:
        if domain.connect().isAlive():
            log.warning("ending %s after its backup: %s", domain.name(), error)

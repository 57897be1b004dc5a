"""What can be known of an agent without asking it more than its clock."""

from __future__ import annotations

import time

import libvirt

from virttui.hypervisor.connection.types import DomainHandle
from virttui.model.domains.guest_agent import GuestClock

# Both agents' words, QEMU 4 to 10: the command "has been disabled: the agent is in frozen state".
_FROZEN = "in frozen state"
UNANSWERED = frozenset(
    {libvirt.VIR_ERR_AGENT_UNRESPONSIVE, getattr(libvirt, "VIR_ERR_AGENT_COMMAND_TIMEOUT", 112)}
)
"""Codes of an agent that did not answer; what it was asked may still be done."""


def says_frozen(error: libvirt.libvirtError) -> bool:
    """Whether an agent refuses a call because the guest's file systems are held."""
    return _FROZEN in (error.get_error_message() or "")


def is_frozen(domain: DomainHandle) -> bool:
    """Whether the guest's file systems are held. Raises libvirtError where it does not answer.

    Its status has a command that taints the domain; a held guest refuses to tell its time.
    """
    try:
        domain.getTime(0)
    except libvirt.libvirtError as error:
        if says_frozen(error):
            return True
        raise
    return False


def clock_of(domain: DomainHandle) -> GuestClock:
    """The guest's clock against this computer's. Raises libvirtError."""
    before = time.time()
    told = domain.getTime(0)
    after = time.time()
    guest = told["seconds"] + told["nseconds"] / 1e9
    return GuestClock(guest - (before + after) / 2, (after - before) / 2)

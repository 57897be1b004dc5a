"""What can be known of an agent without asking it more than its clock."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import libvirt
import libvirt_qemu

from virttui.hypervisor.connection.types import DomainHandle
from virttui.model.domains.guest_agent import GuestClock
from virttui.model.errors import Refused

# Agents of QEMU 4 to 9: the command "has been disabled: the agent is in frozen state".
_FROZEN = "in frozen state"
# That of QEMU 10 says the same of a held guest and of what its configuration forbids.
_NOT_ALLOWED = "has been disabled: the command is not allowed"
_STATUS_SECONDS = 5
UNANSWERED = frozenset(
    {libvirt.VIR_ERR_AGENT_UNRESPONSIVE, getattr(libvirt, "VIR_ERR_AGENT_COMMAND_TIMEOUT", 112)}
)
"""Codes of an agent that did not answer; what it was asked may still be done."""


def not_allowed(error: libvirt.libvirtError) -> bool:
    """Whether an agent refuses a call, for now or for good."""
    message = error.get_error_message() or ""
    return _NOT_ALLOWED in message or _FROZEN in message


def refuses_as_frozen(domain: DomainHandle, error: libvirt.libvirtError) -> bool:
    """Whether an agent refuses a call because the guest's file systems are held.

    Raises libvirtError where it does not answer.
    """
    message = error.get_error_message() or ""
    return _FROZEN in message or (_NOT_ALLOWED in message and _status_is_frozen(domain))


@contextmanager
def refused_if_frozen(domain: DomainHandle) -> Iterator[None]:
    """Raise Refused in place of libvirt's error where an agent refuses because writes are held."""
    try:
        yield
    except libvirt.libvirtError as error:
        if not_allowed(error) and refuses_as_frozen(domain, error):
            raise Refused(
                "its writes are held: its agent does nothing else until then",
                advice=":let go has them go on",
                libvirt_message=error.get_error_message() or "",
            ) from error
        raise


def is_frozen(domain: DomainHandle) -> bool:
    """Whether the guest's file systems are held. Raises libvirtError where it does not answer.

    Its status has a command that taints the domain; a held guest refuses to tell its time.
    """
    try:
        domain.getTime(0)
    except libvirt.libvirtError as error:
        if refuses_as_frozen(domain, error):
            return True
        if not_allowed(error):
            return False
        raise
    return False


def _status_is_frozen(domain: DomainHandle) -> bool:
    """What an agent says that refuses its time. Asked last, since it taints the domain."""
    try:
        domain.guestInfo(libvirt.VIR_DOMAIN_GUEST_INFO_HOSTNAME, 0)
    except libvirt.libvirtError as error:
        if not not_allowed(error):
            raise
        line = json.dumps({"execute": "guest-fsfreeze-status"})
        told = json.loads(libvirt_qemu.qemuAgentCommand(domain, line, _STATUS_SECONDS, 0))
        return bool(told.get("return") == "frozen")
    return False


def clock_of(domain: DomainHandle) -> GuestClock:
    """The guest's clock against this computer's. Raises libvirtError."""
    before = time.time()
    told = domain.getTime(0)
    after = time.time()
    guest = told["seconds"] + told["nseconds"] / 1e9
    return GuestClock(guest - (before + after) / 2, (after - before) / 2)

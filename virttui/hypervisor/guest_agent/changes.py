"""What an agent changes in its guest: trim, time, passwords, ssh keys; each is read again after."""

from __future__ import annotations

import time

import libvirt

from virttui import formatting
from virttui.hypervisor.connection.calls import xml_of
from virttui.hypervisor.connection.types import DomainHandle
from virttui.hypervisor.guest_agent.reader import allocated, keys_of
from virttui.hypervisor.guest_agent.state import clock_of, refused_if_frozen
from virttui.libvirtxml.guest_agent import discarding_disks
from virttui.model.commands import Command
from virttui.model.domains.guest_agent import PasswordArguments, SshKeyArguments
from virttui.model.errors import Refused

_CLOCK_RIGHT = 0.5
"""Seconds within which a clock that was set counts as right."""


def trim(domain: DomainHandle) -> str:
    """Have the guest give back the blocks that its file systems do not use; returns words."""
    disks = discarding_disks(xml_of(domain))
    before = allocated(domain, disks)
    began = time.monotonic()
    with refused_if_frozen(domain):
        domain.fSTrim(None, 0, 0)
    took = formatting.span(time.monotonic() - began)
    after = allocated(domain, disks)
    if not disks:
        return "is trimmed, but its disks pass no discard on: nothing came back"
    if before is None or after is None:
        return f"is trimmed in {took}; what came back is not told"
    if after >= before:
        return f"is trimmed in {took}; its disks take as much as before"
    return f"gave back {formatting.size(before - after)} in {took}"


def set_time(domain: DomainHandle) -> str:
    """Set the guest's clock by this computer's; returns words. Raises Refused where it is wrong."""
    with refused_if_frozen(domain):
        before = clock_of(domain)
    now = time.time()
    domain.setTime({"seconds": int(now), "nseconds": int(now % 1 * 1e9)}, 0)
    after = clock_of(domain)
    if abs(after.ahead) > _CLOCK_RIGHT + after.error:
        raise Refused(f"its clock was set, and is {_apart(after.ahead)} this computer's")
    return f"has the time of this computer; it was {_apart(before.ahead)} it"


def _apart(ahead: float) -> str:
    return f"{abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'}"


def set_password(domain: DomainHandle, command: Command, arguments: PasswordArguments) -> str:
    """Set the password of a user of the guest; returns words. Raises libvirtError, Refused."""
    value = arguments.password.take()
    if value is None:
        raise Refused("its password was already used", advice="E asks for it again")
    flags = libvirt.VIR_DOMAIN_PASSWORD_ENCRYPTED if arguments.is_hashed else 0
    with refused_if_frozen(domain):
        domain.setUserPassword(arguments.user, value.decode(), flags)
    return f"set the password of {arguments.user}; a login shows whether it holds"


def change_ssh_keys(domain: DomainHandle, command: Command, arguments: SshKeyArguments) -> str:
    """Add and remove lines of a user's authorized_keys; returns words. Raises Refused."""
    user = arguments.user
    with refused_if_frozen(domain):
        if arguments.add:
            domain.authorizedSSHKeysSet(
                user, list(arguments.add), libvirt.VIR_DOMAIN_AUTHORIZED_SSH_KEYS_SET_APPEND
            )
        if arguments.remove:
            domain.authorizedSSHKeysSet(
                user, list(arguments.remove), libvirt.VIR_DOMAIN_AUTHORIZED_SSH_KEYS_SET_REMOVE
            )
    there = keys_of(domain, user)
    if any(one not in there for one in arguments.add):
        raise Refused("its agent says that the key is added, and it is not there")
    if any(one in there for one in arguments.remove):
        raise Refused("its agent says that the key is removed, and it is there")
    return f"has {formatting.counted(len(there), 'ssh key')} for {user}"

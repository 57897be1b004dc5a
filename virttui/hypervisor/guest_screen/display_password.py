"""The password of a display, on a running domain that was started with one."""

from __future__ import annotations

import secrets
import time

import libvirt

from virttui.hypervisor.connection.types import Connection
from virttui.libvirtxml.guest_access.guest_screen import password_of, with_password
from virttui.model.commands import Command
from virttui.model.domains.guest_screen import VNC_PASSWORD, DisplayPasswordArguments
from virttui.model.errors import InvalidInput, Refused


def set_display_password(
    connection: Connection, command: Command, arguments: DisplayPasswordArguments
) -> str:
    """Set the password, or shut everybody out, and read it back; returns words.

    Raises libvirtError, NotFound, Refused, InvalidInput. An empty password is never set: QEMU lets
    in whoever types none then.
    """
    domain = connection.lookupByUUIDString(command.target.key.uuid)
    shuts, kind = arguments.password is None, arguments.type
    password = secrets.token_hex(VNC_PASSWORD // 2) if shuts else _password(arguments)
    seconds = 0.0 if shuts else arguments.seconds
    until = "" if seconds is None else _moment(time.time() + seconds)
    secure = libvirt.VIR_DOMAIN_XML_SECURE
    changed = with_password(domain.XMLDesc(secure), kind, password, until)
    domain.updateDeviceFlags(changed, libvirt.VIR_DOMAIN_AFFECT_LIVE)
    if password_of(domain.XMLDesc(secure), kind) != (password, until):
        raise Refused(f"libvirt took it, and its {kind} display has another password now")
    if shuts:
        return f"nobody gets in by {kind} any more; whoever is in stays"
    return f"its {kind} password is set" + (f" until {until} UTC" if until else "")


def _password(arguments: DisplayPasswordArguments) -> str:
    value = arguments.password.take() if arguments.password is not None else None
    if not value:
        raise Refused("the password was used already", advice="type it again")
    password = value.decode()
    if arguments.type == "vnc" and len(password) > VNC_PASSWORD:
        raise InvalidInput(f"a VNC password has at most {VNC_PASSWORD} characters")
    return password


def _moment(epoch: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(epoch))

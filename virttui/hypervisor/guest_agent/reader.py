"""Reads what a guest's agent tells, for the dialog of what it can be asked to do."""

from __future__ import annotations

import time
from functools import partial

import libvirt

from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.calls import or_none, or_none_unless_gone, xml_of
from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.hypervisor.guest_agent.state import UNANSWERED, clock_of, is_frozen, not_allowed
from virttui.hypervisor.polling.details_reader import guest_info_of
from virttui.libvirtxml.guest_agent import agent_channel, discarding_disks
from virttui.model.domains.details import GuestAgentInfo
from virttui.model.domains.guest_agent import GuestAgentReport, GuestClock, TrimEstimate

NO_CHANNEL = "it has no channel for an agent; :add channel gives it one, from its next start"
NO_AGENT = "no agent runs in it; its system has one as qemu-guest-agent"


def report(connection: Connection, uuid: str) -> GuestAgentReport:
    """Ask an agent what it tells. Raises libvirtError for what is not the agent's silence."""
    domain = connection.lookupByUUIDString(uuid)
    xml = xml_of(domain)
    channel = agent_channel(xml)
    if channel != "connected":
        return GuestAgentReport(why_not=NO_AGENT if channel else NO_CHANNEL)
    began = time.monotonic()
    try:
        clock = _clock(domain)
        took = time.monotonic() - began
        if clock is None and is_frozen(domain):
            return GuestAgentReport(took=took, is_frozen=True)
        raw = domain.guestInfo(0, 0)
    except libvirt.libvirtError as error:
        if error.get_error_code() in UNANSWERED:
            waited = time.monotonic() - began
            why = f"its agent has not answered for {waited:.0f} s"
            return GuestAgentReport(why_not=why, is_silent=True)
        raise
    info = guest_info_of(raw)
    keys, keys_why = _keys(domain)
    return GuestAgentReport(
        took=took,
        info=info,
        clock=clock,
        is_windows=raw.get("os.id") == "mswindows",
        trim=_trim(connection, domain, discarding_disks(xml), info),
        keys=keys,
        keys_why=keys_why,
    )


def _clock(domain: DomainHandle) -> GuestClock | None:
    """The guest's clock; None where its agent refuses to tell it, now or for good."""
    try:
        return clock_of(domain)
    except libvirt.libvirtError as error:
        if not_allowed(error):
            return None
        raise


def keys_of(domain: DomainHandle, user: str) -> tuple[str, ...]:
    """The lines of a user's authorized_keys, none where there is no such file. Raises
    libvirtError."""
    try:
        return tuple(domain.authorizedSSHKeysGet(user, 0) or ())
    except libvirt.libvirtError as error:
        message = error.get_error_message() or ""
        if "authorized_keys" in message and "No such file" in message:
            return ()
        raise


def _keys(domain: DomainHandle) -> tuple[int | None, str]:
    try:
        return len(keys_of(domain, "root")), ""
    except libvirt.libvirtError as error:
        return None, translate.operation_error(error).message


def allocated(domain: DomainHandle, disks: tuple[str, ...]) -> int | None:
    """The bytes that disks take on their storage; None where one does not tell."""
    told = [or_none_unless_gone(partial(domain.blockInfo, disk)) for disk in disks]
    return sum(one[1] for one in told if one) if told and all(told) else None


def _trim(
    connection: Connection, domain: DomainHandle, disks: tuple[str, ...], info: GuestAgentInfo
) -> TrimEstimate:
    taken = or_none(connection, lambda: allocated(domain, disks)) if disks else None
    on_them = [
        one for one in info.disks or () if one.disks and all(disk in disks for disk in one.disks)
    ]
    used = [one.used for one in on_them if one.used is not None]
    known = bool(on_them) and len(used) == len(on_them)
    return TrimEstimate(disks, taken, sum(used) if known else None)

"""Change what a network hands out: records while it is active, forwarders in what is stored."""

from __future__ import annotations

import libvirt

from virttui.hypervisor.commands.define import define
from virttui.hypervisor.commands.edit import ATTEMPTS
from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.types import Connection, NetworkHandle
from virttui.hypervisor.queries.documents import stored
from virttui.libvirtxml.network_records import with_forwarder
from virttui.model.commands import Command, DefineArguments, Verb
from virttui.model.documents import Document
from virttui.model.errors import ChangedElsewhere, PartiallyDone, Refused
from virttui.model.identity import Kind
from virttui.model.network_records import NetworkRecord, RecordKind
from virttui.persistence import definition_history

_SECTIONS = {
    RecordKind.RESERVATION: libvirt.VIR_NETWORK_SECTION_IP_DHCP_HOST,
    RecordKind.DNS_HOST: libvirt.VIR_NETWORK_SECTION_DNS_HOST,
    RecordKind.DNS_SRV: libvirt.VIR_NETWORK_SECTION_DNS_SRV,
    RecordKind.DNS_TXT: libvirt.VIR_NETWORK_SECTION_DNS_TXT,
}
# What is dropped may be in one of the two alone.
_ABSENT = "couldn't locate"
_NOW, _LATER = "now", "from its next start on"


def update(connection: Connection, command: Command, record: NetworkRecord) -> str:
    """Add or drop one record, live and in what is stored; returns words for what was done.

    The two are asked for apart: a record may be in one of them alone. Raises libvirtError when
    neither took it, PartiallyDone when one did.
    """
    network = connection.networkLookupByUUIDString(command.target.key.uuid)
    how = _update if record.kind.live else _store
    return how(connection, network, record, command)


def _update(
    connection: Connection, network: NetworkHandle, record: NetworkRecord, command: Command
) -> str:
    """Have libvirt update what runs and what is stored."""
    persistent = bool(network.isPersistent())
    if persistent:
        before, _ = stored(network, Kind.NETWORK)
        document = Document(Kind.NETWORK, command.target.key, network.name())
        definition_history.save_version(document, "record", before)
    adds = command.verb is Verb.ADD_RECORD
    what = libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST
    what = what if adds else libvirt.VIR_NETWORK_UPDATE_COMMAND_DELETE
    done: list[str] = []
    failed: list[tuple[str, libvirt.libvirtError]] = []
    for flag, when, needed in (
        (libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE, _NOW, network.isActive()),
        (libvirt.VIR_NETWORK_UPDATE_AFFECT_CONFIG, _LATER, persistent),
    ):
        if not needed:
            continue
        try:
            network.update(what, _SECTIONS[record.kind], record.parent, record.xml, flag)
        except libvirt.libvirtError as error:
            if not connection.isAlive():
                raise
            failed.append((when, error))
        else:
            done.append(when)
    if failed and not done:
        raise failed[0][1]
    failed = [one for one in failed if adds or _ABSENT not in one[1].get_error_message()]
    if failed:
        when, first = failed[0]
        why = translate.operation_error(first)
        raise PartiallyDone(
            f"{done[0]}, but not {when}: {why.message}", libvirt_message=why.libvirt_message
        )
    verb = "is handed out" if adds else "is no longer handed out"
    return f"{record.name} {verb} {' and '.join(done)}"


def _store(
    connection: Connection, network: NetworkHandle, record: NetworkRecord, command: Command
) -> str:
    """Write a forwarder into what is stored, or out of it: libvirt's update knows none."""
    if not network.isPersistent():
        raise Refused("it is transient: there is no next start that could have it")
    adds = command.verb is Verb.ADD_RECORD
    document = Document(Kind.NETWORK, command.target.key, network.name())
    for attempt in range(ATTEMPTS):
        before, _ = stored(network, Kind.NETWORK)
        text = with_forwarder(before, record, adds=adds)
        try:
            define(connection, command, DefineArguments(document, text, before))
        except ChangedElsewhere:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            break
    result = "is asked" if adds else "is no longer asked"
    when = f" {_LATER}; R restarts it now" if network.isActive() else ""
    return f"{record.name} {result} {record.value}{when}"

"""Change what a network hands out while it is active: reservations and DNS records."""

from __future__ import annotations

from typing import Any

import libvirt

from virttui.archive import history
from virttui.hypervisor import translate
from virttui.hypervisor.documents import stored
from virttui.model.commands import Command, Verb
from virttui.model.documents import Document
from virttui.model.errors import BadInput, PartlyDone
from virttui.model.identity import Kind
from virttui.model.records import Section

_SECTIONS = {
    Section.RESERVATION: libvirt.VIR_NETWORK_SECTION_IP_DHCP_HOST,
    Section.DNS_HOST: libvirt.VIR_NETWORK_SECTION_DNS_HOST,
    Section.DNS_SRV: libvirt.VIR_NETWORK_SECTION_DNS_SRV,
    Section.DNS_TXT: libvirt.VIR_NETWORK_SECTION_DNS_TXT,
}
# What is dropped may be in one of the two alone.
_ABSENT = "couldn't locate"
_NOW, _LATER = "now", "from its next start on"


def update(connection: Any, command: Command) -> str:
    """Add or drop one record, live and in what is stored; returns words for what was done.

    The two are asked for apart: a record may be in one of them alone. Raises libvirtError when
    neither took it, PartlyDone when one did.
    """
    record = command.record
    if record is None:
        raise BadInput("a record must be named")
    network = connection.networkLookupByUUIDString(command.target.key.uuid)
    persistent = bool(network.isPersistent())
    if persistent:
        before, _ = stored(network, Kind.NETWORK)
        document = Document(Kind.NETWORK, command.target.key, network.name())
        history.keep(document, "record", before)
    adds = command.verb is Verb.ADD_RECORD
    what = libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST
    what = what if adds else libvirt.VIR_NETWORK_UPDATE_COMMAND_DELETE
    done: list[str] = []
    failed: list[tuple[str, libvirt.libvirtError]] = []
    for flag, when, wanted in (
        (libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE, _NOW, network.isActive()),
        (libvirt.VIR_NETWORK_UPDATE_AFFECT_CONFIG, _LATER, persistent),
    ):
        if not wanted:
            continue
        try:
            network.update(what, _SECTIONS[record.section], record.parent, record.xml, flag)
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
        why = translate.trouble(first)
        raise PartlyDone(f"{done[0]}, but not {when}: {why.sentence}", said=why.said)
    verb = "is handed out" if adds else "is no longer handed out"
    return f"{record.name} {verb} {' and '.join(done)}"

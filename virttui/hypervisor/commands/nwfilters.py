"""Network filters: undefined when nobody needs them."""

from __future__ import annotations

from functools import partial

import libvirt

from virttui.hypervisor.connection.calls import or_none
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.queries.documents import stored
from virttui.libvirtxml import read
from virttui.libvirtxml.parse import root_of
from virttui.model.commands import Command
from virttui.model.documents import Document
from virttui.model.errors import InvalidInput, Refused
from virttui.model.identity import Kind
from virttui.persistence import definition_history


def undefine(connection: Connection, command: Command) -> str:
    """Undefine a filter; its definition is kept. Raises libvirtError, or Refused that says who
    uses it: libvirt asks for running NICs alone, and would take it from under other filters."""
    nwfilter = connection.nwfilterLookupByUUIDString(command.target.key.uuid)
    name = nwfilter.name()
    if others := _referring(connection, name):
        raise Refused(f"{', '.join(others)} refers to it", advice="change that filter first")
    text, _ = stored(nwfilter, Kind.NWFILTER)
    document = Document(Kind.NWFILTER, command.target.key, name)
    definition_history.save_version(document, command.verb.value, text)
    try:
        nwfilter.undefine()
    except libvirt.libvirtError as error:
        users = _running(connection, name) if connection.isAlive() else []
        if not users:
            raise
        advice = "take it from their NICs, or shut them down"
        message = error.get_error_message()
        raise Refused(
            f"NICs of {', '.join(users)} use it", advice=advice, libvirt_message=message
        ) from error
    return "is deleted"


def _referring(connection: Connection, name: str) -> list[str]:
    """The other filters that name this one."""
    found = []
    for one in connection.listAllNWFilters(0):
        xml = or_none(connection, partial(one.XMLDesc, 0))
        root = root_of(xml) if xml else None
        if root is not None and any(e.get("filter") == name for e in root.iterfind("filterref")):
            found.append(one.name())
    return sorted(found)


def _running(connection: Connection, name: str) -> list[str]:
    """The running domains with a NIC that names this filter."""
    found = []
    for domain in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE):
        xml = or_none(connection, partial(domain.XMLDesc, 0))
        try:
            nics = read.domain(xml).nics if xml else ()
        except InvalidInput:
            continue
        if any(nic.filter == name for nic in nics):
            found.append(domain.name())
    return sorted(found)

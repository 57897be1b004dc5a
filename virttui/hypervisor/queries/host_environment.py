"""The parts of a host that a new network or pool must fit: devices, routes and pool types.

And what a pool could be made of, as far as libvirt can look for it.
"""

from __future__ import annotations

import re

import libvirt

from virttui.hypervisor.connection.calls import or_none, xml_of
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.queries.diagnosis import daemon
from virttui.libvirtxml.capabilities import pool_types
from virttui.libvirtxml.node_devices import disk
from virttui.libvirtxml.parse import attribute, root_of
from virttui.metrics.routes import routes
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput, Refused, Unsupported
from virttui.model.provision.network_pool import HostEnvironment, PoolSource, PoolSourceSearch
from virttui.planning.network_pool import pool_sources as found_sources

_OF_GUESTS = ("lo", "vnet", "tap", "macvtap", "virbr")
"""How devices begin that are no way out of a host."""


def surroundings(connection: Connection, here: str) -> HostEnvironment:
    """The environment of a host; ``here`` is its URI where the host is this machine, else "".

    The routes are those that libvirt's daemon sees: it may be in a container. Raises libvirtError.
    """
    devices = _devices(connection)
    xml = or_none(connection, connection.getStoragePoolCapabilities)
    process = daemon(here) if here else None
    return HostEnvironment(
        routes=routes(process) if process is not None else (),
        bridges=tuple(name for name, type in devices if type == "bridge"),
        cards=tuple(name for name, type in devices if type != "bridge"),
        pools=pool_types(xml) if xml else None,
        disks=_disks(connection),
        adapters=_adapters(connection),
    )


def _disks(connection: Connection) -> tuple[Option, ...]:
    """The block devices of the host by path; none of those that go meanwhile or make no sense."""
    flags = libvirt.VIR_CONNECT_LIST_NODE_DEVICES_CAP_STORAGE
    found: list[Option] = []
    for device in or_none(connection, lambda: connection.listAllDevices(flags)) or ():
        try:
            read = disk(xml_of(device))
        except (libvirt.libvirtError, InvalidInput):
            if not connection.isAlive():
                raise
            continue
        if read is not None:
            found.append(read)
    return tuple(sorted(found, key=lambda one: one.name))


def _adapters(connection: Connection) -> tuple[str, ...]:
    flags = libvirt.VIR_CONNECT_LIST_NODE_DEVICES_CAP_SCSI_HOST
    found = or_none(connection, lambda: connection.listAllDevices(flags)) or ()
    return tuple(sorted(device.name() for device in found))


def _devices(connection: Connection) -> list[tuple[str, str]]:
    """The network devices of the host by name, each with its type; none that go meanwhile."""
    found: list[tuple[str, str]] = []
    for device in or_none(connection, lambda: connection.listAllInterfaces(0)) or ():
        name = device.name()
        if name.startswith(_OF_GUESTS):
            continue
        try:
            found.append((name, attribute(root_of(xml_of(device)), ".", "type")))
        except (libvirt.libvirtError, InvalidInput):
            if not connection.isAlive():
                raise
    return sorted(found)


# -- sources -----------------------------------------------------------------------------------

_PACKAGES = {"pvs": "lvm2", "vgs": "lvm2", "iscsiadm": "open-iscsi", "showmount": "nfs-common"}
"""The programs that libvirt asks, and what Debian calls the package that has each."""


def sources(connection: Connection, search: PoolSourceSearch) -> tuple[PoolSource, ...]:
    """The possible sources of a pool. Raises libvirtError, or OperationError with the reason."""
    spec = found_sources.query_xml(search) or None
    try:
        xml = connection.findStoragePoolSources(search.type, spec, 0)
    except libvirt.libvirtError as error:
        if not connection.isAlive():
            raise
        if "no storage pools were found" in error.get_error_message():
            xml = "<sources/>"
        else:
            raise _unknown(search, error) from error
    found = found_sources.parse_sources(xml)
    if not found and search.type == "netfs":
        # libvirt 9.0 says the same when it has no showmount to ask with.
        raise Refused(
            f"libvirt finds no share on {search.host}; it looks with showmount (nfs-common)"
        )
    return found


def _unknown(search: PoolSourceSearch, error: libvirt.libvirtError) -> Refused | Unsupported:
    """The reason, in a sentence, why libvirt cannot search for sources."""
    message, where = error.get_error_message(), f" on {search.host}" if search.host else ""
    if missing := re.search(r"cannot execute binary \S*?([^/\s:]+):", message):
        package = _PACKAGES.get(missing[1], "")
        has = f"{missing[1]} ({package})" if package else missing[1]
        return Refused(f"the host has no {has}, which libvirt looks with", libvirt_message=message)
    unsupported = (libvirt.VIR_ERR_NO_SUPPORT, libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED)
    if error.get_error_code() in unsupported or "missing backend" in message:
        return Unsupported(
            f"this libvirt cannot look for {search.type} sources", libvirt_message=message
        )
    last = message.strip().rpartition("\n")[2].rpartition(": ")[2] or message
    return Refused(f"libvirt could not look{where}: {last}", libvirt_message=message)

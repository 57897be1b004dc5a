"""The values that a host knows for a document: its capabilities, and the names on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import libvirt

from virttui.hypervisor.connection.calls import or_none, volume_names, xml_of
from virttui.hypervisor.connection.types import Connection, InterfaceHandle
from virttui.hypervisor.queries.documents import domain_capabilities
from virttui.libvirtxml.node_devices import host_device
from virttui.libvirtxml.parse import attribute, root_of
from virttui.libvirtxml.schema.host_knowledge import host_values
from virttui.model.documents import Document, HostValues
from virttui.model.domains.devices import HostDevice
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind

T = TypeVar("T")


def known(connection: Connection, document: Document | None, source: str) -> HostValues:
    """The values for ``document``; a domain's are those of its own emulator and machine.

    What the driver or this connection does not tell is left out. Raises libvirtError.
    """
    uuid = document.key.uuid if document is not None and document.kind is Kind.DOMAIN else ""
    xml = or_none(connection, lambda: domain_capabilities(connection, uuid))
    if xml is None and uuid:  # a domain that is not there, or not any more
        xml = or_none(connection, lambda: domain_capabilities(connection, ""))
    capabilities = or_none(connection, connection.getCapabilities)
    return host_values(xml or "", capabilities or "", _names(connection), source)


def host_devices(connection: Connection) -> tuple[HostDevice, ...]:
    """The devices of the host that could be passed through, by bus and address; none of those
    that go meanwhile or make no sense. Raises libvirtError."""
    flags = (
        libvirt.VIR_CONNECT_LIST_NODE_DEVICES_CAP_PCI_DEV
        | libvirt.VIR_CONNECT_LIST_NODE_DEVICES_CAP_USB_DEV
    )
    found: list[HostDevice] = []
    for device in _list(connection, connection.listAllDevices, flags) or ():
        try:
            read = host_device(xml_of(device))
        except (libvirt.libvirtError, InvalidInput):
            if not connection.isAlive():
                raise
            continue
        if read is not None:
            found.append(read)
    return tuple(sorted(found, key=lambda device: (device.bus, device.address)))


def _names(connection: Connection) -> dict[str, tuple[str, ...]]:
    """The names on a host, by what they are of; without what could not be asked."""
    listings: dict[str, tuple[Callable[[int], list[Any]], Callable[[Any], str]]] = {
        "networks": (connection.listAllNetworks, lambda network: network.name()),
        "pools": (connection.listAllStoragePools, lambda pool: pool.name()),
        "bridges": (connection.listAllInterfaces, _bridge),
        "nwfilters": (connection.listAllNWFilters, lambda nwfilter: nwfilter.name()),
        "secrets": (connection.listAllSecrets, lambda secret: secret.UUIDString()),
    }
    found: dict[str, tuple[str, ...]] = {}
    for what, (listing, name) in listings.items():
        things = _list(connection, listing)
        if things is not None:
            found[what] = tuple(text for thing in things if (text := name(thing)))
    active = libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE
    for pool in _list(connection, connection.listAllStoragePools, active) or ():
        volumes = volume_names(connection, pool)
        if volumes is not None:
            found[f"volumes/{pool.name()}"] = volumes
    return found


def _list(
    connection: Connection, listing: Callable[[int], list[T]], flags: int = 0
) -> list[T] | None:
    things = or_none(connection, lambda: listing(flags))
    return things


def _bridge(interface: InterfaceHandle) -> str:
    """The name of an interface that is a bridge, "" of another; one that goes has none to tell."""
    try:
        is_bridge = attribute(root_of(xml_of(interface)), ".", "type") == "bridge"
    except (libvirt.libvirtError, InvalidInput):
        return ""
    return str(interface.name()) if is_bridge else ""

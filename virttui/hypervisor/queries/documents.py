"""Read definitions: every kind of document that libvirt keeps or tells.

What is stored is read as it will be at the next start (INACTIVE) and with passwords (SECURE): what
is written back without them has lost them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import libvirt

from virttui.hypervisor.connection.calls import HasXml, listed
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.queries.delete_plan import count
from virttui.libvirtxml.identity import emulator_query, without_figures
from virttui.model.documents import Document, DocumentText
from virttui.model.errors import Refused
from virttui.model.identity import Kind, ObjectId

READ_ONLY = "the connection is read-only"
NO_PASSWORDS = "passwords are not shown here, and what is written without them has lost them"
_VIEW_ONLY = {
    Kind.VOLUME: "libvirt cannot change a volume's definition",
    Kind.NODE_DEVICE: "libvirt cannot replace a node device's definition",
    Kind.NETWORK_PORT: "libvirt makes a port with its NIC, and drops it with it",
    Kind.NWFILTER_BINDING: "libvirt binds a filter with its NIC, and lets it go with it",
    Kind.CAPABILITIES: "these are what the host can do",
    Kind.DOMAIN_CAPABILITIES: "these are what the host can do for a domain",
}
_NOT_ALLOWED = (
    libvirt.VIR_ERR_OPERATION_DENIED,
    libvirt.VIR_ERR_ACCESS_DENIED,
    libvirt.VIR_ERR_AUTH_UNAVAILABLE,
)


def find(connection: Connection, document: Document) -> Any:
    """libvirt's object behind ``document``, looked up anew; of a saved image its domain.

    Raises libvirtError, or Refused where there is no object.
    """
    kind, uuid, part = document.kind, document.key.uuid, document.part
    if kind is Kind.SNAPSHOT:
        return connection.lookupByUUIDString(uuid).snapshotLookupByName(part, 0)
    if kind is Kind.VOLUME:
        return connection.storagePoolLookupByUUIDString(uuid).storageVolLookupByName(part)
    if kind is Kind.NETWORK_PORT:
        return connection.networkLookupByUUIDString(uuid).portLookupByUUIDString(part)
    look_up: dict[Kind, Callable[[str], Any]] = {
        Kind.DOMAIN: connection.lookupByUUIDString,
        Kind.SAVED_IMAGE: connection.lookupByUUIDString,
        Kind.NETWORK: connection.networkLookupByUUIDString,
        Kind.POOL: connection.storagePoolLookupByUUIDString,
        Kind.NWFILTER: connection.nwfilterLookupByUUIDString,
        Kind.NWFILTER_BINDING: connection.nwfilterBindingLookupByPortDev,
        Kind.SECRET: connection.secretLookupByUUIDString,
        Kind.INTERFACE: connection.interfaceLookupByName,
        Kind.NODE_DEVICE: connection.nodeDeviceLookupByName,
    }
    if kind not in look_up:
        raise Refused(f"a {kind} has no definition")
    return look_up[kind](uuid)


def stored(thing: Any, kind: Kind) -> tuple[str, bool]:
    """The stored XML of ``thing``, and whether it has passwords; "" for a transient object.

    Raises libvirtError.
    """
    if kind is Kind.DOMAIN:
        if not thing.isPersistent():
            return "", True
        inactive, secure = libvirt.VIR_DOMAIN_XML_INACTIVE, libvirt.VIR_DOMAIN_XML_SECURE
        return secured(thing.XMLDesc, secure, inactive)
    if kind is Kind.SNAPSHOT:
        return secured(thing.getXMLDesc, libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE)
    if kind is Kind.SAVED_IMAGE:
        return secured(thing.managedSaveGetXMLDesc, libvirt.VIR_DOMAIN_SAVE_IMAGE_XML_SECURE)
    if kind in (Kind.NETWORK, Kind.POOL) and not thing.isPersistent():
        return "", True
    if kind is Kind.NETWORK:
        return _inactive(thing, libvirt.VIR_NETWORK_XML_INACTIVE), True
    if kind is Kind.POOL:
        return without_figures(_inactive(thing, libvirt.VIR_STORAGE_XML_INACTIVE)), True
    if kind is Kind.INTERFACE:
        return _inactive(thing, libvirt.VIR_INTERFACE_XML_INACTIVE), True
    return thing.XMLDesc(0), True


def read(connection: Connection, document: Document, *, read_only: bool) -> DocumentText:
    """One definition as it is now. Raises libvirtError or OperationError."""
    kind = document.kind
    if kind is Kind.CAPABILITIES:
        return DocumentText(document, connection.getCapabilities(), why_not=_VIEW_ONLY[kind])
    if kind is Kind.DOMAIN_CAPABILITIES:
        text = domain_capabilities(connection, document.key.uuid)
        return DocumentText(document, text, why_not=_VIEW_ONLY[kind])
    thing = find(connection, document)
    text, whole = stored(thing, kind)
    why_not = _VIEW_ONLY.get(kind, "")
    if read_only:
        why_not = why_not or READ_ONLY
    elif not whole:
        why_not = NO_PASSWORDS
    return DocumentText(document, text, _live(thing, kind), why_not, transient=not text)


def domain_capabilities(connection: Connection, uuid: str) -> str:
    """The domain capabilities for a domain like ``uuid``; the host's default with "".

    Raises libvirtError.
    """
    if not uuid:
        return str(connection.getDomainCapabilities(None, None, None, None, 0))
    domain = connection.lookupByUUIDString(uuid)
    by = emulator_query(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    return str(connection.getDomainCapabilities(by.emulator, by.arch, by.machine, by.virttype, 0))


def of_host(connection: Connection, host: str) -> tuple[Document, ...]:
    """The documents of a host that no pane shows, by kind and name; none of a kind it has not."""
    return tuple(
        sorted(_of_host(connection, host), key=lambda document: (document.kind, document.name))
    )


def _of_host(connection: Connection, host: str) -> Iterator[Document]:
    for nwfilter in listed(connection.listAllNWFilters):
        yield Document(Kind.NWFILTER, ObjectId(host, nwfilter.UUIDString()), nwfilter.name())
    for binding in listed(connection.listAllNWFilterBindings):
        port = binding.portDev()
        yield Document(Kind.NWFILTER_BINDING, ObjectId(host, port), port, binding.filterName())
    for secret in listed(connection.listAllSecrets):
        uuid = secret.UUIDString()
        yield Document(Kind.SECRET, ObjectId(host, uuid), secret.usageID() or uuid)
    for interface in listed(connection.listAllInterfaces):
        yield Document(Kind.INTERFACE, ObjectId(host, interface.name()), interface.name())
    for device in listed(connection.listAllDevices):
        yield Document(Kind.NODE_DEVICE, ObjectId(host, device.name()), device.name())
    yield Document(Kind.CAPABILITIES, ObjectId(host, ""), Kind.CAPABILITIES.value)
    if _has(partial(domain_capabilities, connection, "")):
        kind = Kind.DOMAIN_CAPABILITIES
        yield Document(kind, ObjectId(host, ""), kind.value)


def of_network(connection: Connection, key: ObjectId) -> tuple[Document, ...]:
    """The ports of a network, then the documents of its host."""
    network = connection.networkLookupByUUIDString(key.uuid)
    ports = sorted(port.UUIDString() for port in listed(network.listAllPorts))
    found = [Document(Kind.NETWORK_PORT, key, network.name(), port) for port in ports]
    return (*found, *of_host(connection, key.host))


def of_domain(connection: Connection, key: ObjectId) -> tuple[Document, ...]:
    """A domain's snapshots by name, its saved image and its capabilities."""
    domain = connection.lookupByUUIDString(key.uuid)
    names = sorted(snapshot.getName() for snapshot in listed(domain.listAllSnapshots))
    found = [Document(Kind.SNAPSHOT, key, name, name) for name in names]
    if count(domain.hasManagedSaveImage) and _has(domain.managedSaveGetXMLDesc):
        found.append(Document(Kind.SAVED_IMAGE, key, domain.name()))
    if _has(partial(domain_capabilities, connection, key.uuid)):
        found.append(Document(Kind.DOMAIN_CAPABILITIES, key, domain.name()))
    return tuple(found)


def _live(thing: Any, kind: Kind) -> str:
    """The live XML, "" when it does not run or has no live form."""
    if kind not in (Kind.DOMAIN, Kind.NETWORK, Kind.POOL, Kind.INTERFACE) or not thing.isActive():
        return ""
    if kind is Kind.DOMAIN:
        return secured(thing.XMLDesc, libvirt.VIR_DOMAIN_XML_SECURE)[0]
    return str(thing.XMLDesc(0))


def secured(read: Callable[[int], str], secure: int, others: int = 0) -> tuple[str, bool]:
    """A definition with its passwords where this connection may see them, and whether it may."""
    try:
        return read(secure | others), True
    except libvirt.libvirtError as error:
        if error.get_error_code() not in _NOT_ALLOWED and not _is_unknown_flag(error):
            raise
    return read(others), False


def _inactive(thing: HasXml, flag: int) -> str:
    """The stored XML; drivers without that flag have only one definition."""
    try:
        return str(thing.XMLDesc(flag))
    except libvirt.libvirtError as error:
        if not _is_unknown_flag(error):
            raise
    return str(thing.XMLDesc(0))


def _is_unknown_flag(error: libvirt.libvirtError) -> bool:
    """Return true if the error is about a flag that the driver or its version does not know."""
    return "unsupported flags" in error.get_error_message()


def _has(ask: Callable[[], object]) -> bool:
    """Return true if the driver supports the call, and this connection may use it."""
    try:
        ask()
    except libvirt.libvirtError as error:
        if error.get_error_code() not in (libvirt.VIR_ERR_NO_SUPPORT, *_NOT_ALLOWED):
            raise
        return False
    return True

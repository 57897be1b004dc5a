"""Images in a pool, identified by reading their first bytes through a stream, on any host."""

from __future__ import annotations

from functools import partial

from virttui.hypervisor.connection.calls import or_none
from virttui.hypervisor.connection.streams import head
from virttui.hypervisor.connection.types import Connection
from virttui.model.provision.domain_spec import HostCapabilities, IsoDescriptor
from virttui.planning.domain_spec.host_capabilities import host_capabilities as can_of
from virttui.planning.osinfo.iso_image import descriptor

HEAD = 64 * 1024
"""Bytes of an image that tell what it is: the volume descriptors are in its 16th sector on."""


def image(connection: Connection, pool: str, name: str) -> IsoDescriptor:
    """The facts of an image in a volume (of a pool, by its UUID). Raises InvalidInput for no ISO
    image."""
    volume = connection.storagePoolLookupByUUIDString(pool).storageVolLookupByName(name)
    return descriptor(head(connection, volume, min(HEAD, int(volume.info()[1]))))


def host_can(connection: Connection) -> HostCapabilities:
    """The capabilities of a host for a new machine, as far as its driver reports them."""
    capabilities = or_none(connection, connection.getCapabilities) or ""
    # Only there does libvirt tell of secure boot; what has no such board tells of its usual one.
    ask = partial(connection.getDomainCapabilities, None, None, "q35")
    domains = (
        or_none(connection, ask) or or_none(connection, connection.getDomainCapabilities) or ""
    )
    return can_of(capabilities, domains)

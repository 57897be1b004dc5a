"""Takes a picture of a guest's screen, and reads how it can be looked at."""

from __future__ import annotations

import libvirt

from virttui.hypervisor.connection.streams import BREAKS, abort
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.queries.documents import secured
from virttui.libvirtxml.guest_access.guest_screen import guest_displays
from virttui.model.domains.guest_screen import GuestDisplays, Screenshot
from virttui.model.errors import Refused

MOST_BYTES = 64 << 20
"""Of a picture: 4096x2304 as PPM are 27 MiB."""
_PART = 256 << 10


def take_screenshot(connection: Connection, uuid: str, screen: int) -> Screenshot:
    """The picture of one screen. It is QEMU's monitor that takes it, so this may hang with a guest.

    Raises libvirtError, or Refused for more than MOST_BYTES.
    """
    domain = connection.lookupByUUIDString(uuid)
    stream, data = connection.newStream(0), bytearray()
    try:
        type = domain.screenshot(stream, screen, 0)
        while part := stream.recv(_PART):
            data += part
            if len(data) > MOST_BYTES:
                raise Refused(f"the picture has more than {MOST_BYTES >> 20} MiB")
        stream.finish()
    except BREAKS:
        abort(stream)
        raise
    return Screenshot(type, bytes(data))


def read_displays(connection: Connection, uuid: str) -> GuestDisplays:
    """The displays of a domain, with whether they were started with a password where that may be
    seen."""
    domain = connection.lookupByUUIDString(uuid)
    xml, with_passwords = secured(domain.XMLDesc, libvirt.VIR_DOMAIN_XML_SECURE)
    return guest_displays(xml, secured=with_passwords)

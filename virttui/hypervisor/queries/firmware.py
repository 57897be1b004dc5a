"""The files of a UEFI firmware and its variables, also where libvirt chooses them itself."""

from __future__ import annotations

import re

from virttui.hypervisor.connection.calls import or_none
from virttui.hypervisor.connection.types import Connection

_FLASH = re.compile(r'"filename":"([^"]+)","node-name":"libvirt-pflash([01])-storage"')


def firmware_of(connection: Connection, xml: str, nvram: str) -> tuple[str, str]:
    """The paths of a firmware and of its variables, "" where there is none.

    ``nvram`` is what the definition says. Where libvirt chooses the firmware, that names neither
    while the domain is off (9.0); the command line that it would start does.
    """
    if nvram or "firmware='efi'" not in xml:
        return "", nvram
    line = or_none(connection, lambda: connection.domainXMLToNative("qemu-argv", xml, 0))
    paths = {number: path for path, number in _FLASH.findall(line or "")}
    return paths.get("0", ""), paths.get("1", "")

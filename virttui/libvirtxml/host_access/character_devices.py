"""Serial ports, consoles, channels and the like: their other ends on the host."""

from __future__ import annotations

from virttui.libvirtxml.host_access.access import AccessReader, Element
from virttui.libvirtxml.host_access.safe_paths import is_libvirt_socket, is_log_path, is_loopback

_HARMLESS_TYPES = frozenset({"", "null", "vc", "pty", "stdio", "spicevmc", "qemu-vdagent", "host"})
"""Types that name nothing of the host, or let libvirt choose it."""


def read_character(reader: AccessReader, device: Element, kind: str) -> None:
    """Read a device with ``<source>``, ``<log>`` and the like; the whole device is removed when
    it is left out."""
    host = reader.known.name
    type = reader.read_attribute(device, "type")
    target = device.find("target")
    if kind == "console" and target is not None and target.get("type", "serial") == "serial":
        kind = "serial"  # libvirt writes the first serial port twice
    for log in device.iterfind("log"):
        file = reader.read_attribute(log, "file")
        if file:
            words = f"the output of its {kind} is written to {file} of {host}"
            reader.report(words, log, grave=not is_log_path(file))
    reader.read_attribute(device, "tty")
    if kind == "smartcard":
        _smartcard(reader, device)
    for source in device.iterfind("source"):
        _source(reader, device, kind, type, source)


def _source(reader: AccessReader, device: Element, kind: str, type: str, source: Element) -> None:
    host, mode = reader.known.name, reader.read_attribute(source, "mode")
    path = reader.read_attribute(source, "path")
    for name in ("path", "host", "service", "master", "slave", "channel"):
        reader.read_attribute(source, name)
    if type in ("tcp", "udp"):
        _address(reader, device, kind, source, mode)
    elif type == "unix" and path:
        if mode != "bind":  # libvirt takes a missing mode for "connect"
            reader.report(f"its {kind} talks to whoever serves {path} on {host}", device)
        elif not is_libvirt_socket(path):
            words = f"it makes the socket {path} on {host}, for its {kind}"
            reader.report(words, device, single=True)
    elif type in ("file", "pipe") and path:
        reader.report(f"the output of its {kind} is written to {path} of {host}", device,
                   grave=not is_log_path(path))  # fmt: skip
    elif type == "dev" and path:
        words = f"its {kind} reads and writes the device {path} of {host}"
        reader.report(words, device, single=True)
    elif type == "nmdm":
        reader.report(f"its {kind} makes a pair of terminals on {host}", device, grave=False)
    elif type not in _HARMLESS_TYPES and path:
        reader.report(f"its {kind} is joined to {path} of {host}", device)


def _address(reader: AccessReader, device: Element, kind: str, source: Element, mode: str) -> None:
    """Report TCP and UDP; a port that others can reach is grave."""
    host = reader.known.name
    address = source.get("host", "")
    port = source.get("service", "")
    if mode == "bind":
        words = f"it opens port {port} of {host} for its {kind}"
        if is_loopback(address):
            words = f"{words}, for programs of {host} only"
            reader.report(words, device, grave=False, single=True)
        else:
            words = f"{words}, to anybody who reaches {address or 'any address of it'}"
            reader.report(words, device, single=True)
    else:
        words = f"its {kind} connects from {host} to {address or 'the host itself'}:{port}"
        reader.report(words, device)


def _smartcard(reader: AccessReader, device: Element) -> None:
    host, mode = reader.known.name, reader.read_attribute(device, "mode")
    for database in device.iterfind("database"):
        reader.read_text(database)
    if mode == "host-certificates":
        reader.report(f"its smart card is made of certificates and keys of {host}", device)
    elif mode == "host":
        reader.report(f"it is given the smart card reader of {host}", device, single=True)

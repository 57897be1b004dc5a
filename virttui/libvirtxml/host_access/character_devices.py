"""Serial ports, consoles, channels and the like: where they lead on the host."""

from __future__ import annotations

from virttui.libvirtxml.host_access.access import AccessReader, Element
from virttui.libvirtxml.host_access.safe_paths import is_logged, is_own, only_here

_QUIET = frozenset({"", "null", "vc", "pty", "stdio", "spicevmc", "qemu-vdagent", "host"})
"""Where nothing of the host is named, or libvirt chooses it."""


def read_character(reader: AccessReader, device: Element, kind: str) -> None:
    """One device with ``<source>``, ``<log>`` and the like; the whole device goes when left out."""
    host = reader.known.name
    type = reader.value(device, "type")
    target = device.find("target")
    if kind == "console" and target is not None and target.get("type", "serial") == "serial":
        kind = "serial"  # libvirt writes the first serial port twice
    for log in device.iterfind("log"):
        file = reader.value(log, "file")
        if file:
            words = f"what its {kind} says is written to {file} of {host}"
            reader.report(words, log, grave=not is_logged(file))
    reader.value(device, "tty")
    if kind == "smartcard":
        _smartcard(reader, device)
    for source in device.iterfind("source"):
        _source(reader, device, kind, type, source)


def _source(reader: AccessReader, device: Element, kind: str, type: str, source: Element) -> None:
    host, mode = reader.known.name, reader.value(source, "mode")
    path = reader.value(source, "path")
    for name in ("path", "host", "service", "master", "slave", "channel"):
        reader.value(source, name)
    if type in ("tcp", "udp"):
        _address(reader, device, kind, source, mode)
    elif type == "unix" and path:
        if mode != "bind":  # libvirt takes a missing mode for "connect"
            reader.report(f"its {kind} talks to whoever serves {path} on {host}", device)
        elif not is_own(path):
            words = f"it makes the socket {path} on {host}, for its {kind}"
            reader.report(words, device, single=True)
    elif type in ("file", "pipe") and path:
        reader.report(f"what its {kind} says is written to {path} of {host}", device,
                   grave=not is_logged(path))  # fmt: skip
    elif type == "dev" and path:
        words = f"its {kind} reads and writes the device {path} of {host}"
        reader.report(words, device, single=True)
    elif type == "nmdm":
        reader.report(f"its {kind} makes a pair of terminals on {host}", device, grave=False)
    elif type not in _QUIET and path:
        reader.report(f"its {kind} is joined to {path} of {host}", device)


def _address(reader: AccessReader, device: Element, kind: str, source: Element, mode: str) -> None:
    """TCP and UDP: what listens where others can reach it is grave."""
    host = reader.known.name
    address = source.get("host", "")
    port = source.get("service", "")
    if mode == "bind":
        words = f"it opens port {port} of {host} for its {kind}"
        if only_here(address):
            words = f"{words}, for programs of {host} alone"
            reader.report(words, device, grave=False, single=True)
        else:
            words = f"{words}, to anybody who reaches {address or 'any address of it'}"
            reader.report(words, device, single=True)
    else:
        words = f"its {kind} connects from {host} to {address or 'the host itself'}:{port}"
        reader.report(words, device)


def _smartcard(reader: AccessReader, device: Element) -> None:
    host, mode = reader.known.name, reader.value(device, "mode")
    for database in device.iterfind("database"):
        reader.text(database)
    if mode == "host-certificates":
        reader.report(f"its smart card is made of certificates and keys of {host}", device)
    elif mode == "host":
        reader.report(f"it is given the smart card reader of {host}", device, single=True)

"""Disks and network cards: their sources on the host, and programs that are run there for them."""

from __future__ import annotations

from virttui.libvirtxml.host_access.access import AccessReader, Element, values
from virttui.libvirtxml.host_access.safe_paths import (
    is_libvirt_socket,
    is_loopback,
    is_package_path,
)

_PATH_ATTRIBUTES = ("file", "dev", "dir")
"""The attributes of a ``<source>`` that are paths of the host."""
_TAPS = frozenset({"/dev/net/tun", "/dev/vhost-net"})


def read_rom(reader: AccessReader, device: Element) -> None:
    """Report a ROM that is read from a file of the host."""
    for rom in device.iterfind("rom"):
        path = reader.read_attribute(rom, "file")
        if path and not is_package_path(path):
            reader.report(
                f"its guest is given the file {path} of {reader.known.name} as a ROM", rom
            )


# -- disks -----------------------------------------------------------------------------------------


def read_disk(reader: AccessReader, device: Element) -> None:
    """Read a disk, with its backing files, its mirror and its data files."""
    host = reader.known.name
    target = device.find("target")
    name = target.get("dev", "") if target is not None else ""
    exclusive = device.find("readonly") is None and device.get("device") != "cdrom"
    if (
        reader.read_attribute(device, "rawio") == "yes"
        or reader.read_attribute(device, "sgio") == "unfiltered"
    ):
        reader.report(f"disk {name} may send any SCSI command to its device of {host}", device)
    for source in device.iterfind(".//source"):
        direct = source.getparent() is device
        access = "reads and writes" if exclusive and direct else "reads"
        _disk_source(reader, device, source, f"disk {name}", access)
    read_rom(reader, device)


def _disk_source(
    reader: AccessReader, device: Element, source: Element, disk: str, access: str
) -> None:
    host = reader.known.name
    parent = source.getparent()
    kind = parent.get("type", "") if parent is not None else ""
    for attribute in _PATH_ATTRIBUTES:
        path = reader.read_attribute(source, attribute)
        if path and path not in reader.known.volumes:
            words = f"{disk} {access} {path} of {host}, which is not a volume of an active pool"
            drive = device.get("device") in ("cdrom", "floppy")
            reader.report(words, source if drive else device)
    if source.get("protocol"):
        for name in ("name", "query", "tls", "tlsHostname"):
            reader.read_attribute(source, name)
        _network_disk(reader, device, source, disk)
    if kind == "vhostuser" or source.get("path"):
        path = reader.read_attribute(source, "path")
        reader.report(f"{disk} is whoever serves {path} on {host}, who sees its memory", device)
    elif kind == "nvme":
        parts = " ".join(values(source.find("address")))
        reader.report(f"{disk} is the NVMe device {parts} of {host}", device)
    elif kind == "vhostvdpa":
        reader.report(f"{disk} is a vDPA device of {host}", device)
    _helpers(reader, device, source, disk)


def _helpers(reader: AccessReader, device: Element, source: Element, disk: str) -> None:
    """Report sockets, keys and files of the host that a disk is reached with."""
    host = reader.known.name
    for one in source.iterfind("reservations//source"):
        path = reader.read_attribute(one, "path")
        if not is_libvirt_socket(path):
            reader.report(f"{disk} is reserved by whoever serves {path} on {host}", device)
    for one in source.iterfind("*"):
        for attribute in ("keyfile", "agentsock", "path"):
            if value := reader.read_attribute(one, attribute):
                reader.report(f"{disk} is reached with {value} of {host}", device)


def _network_disk(reader: AccessReader, device: Element, source: Element, disk: str) -> None:
    """Report a network disk: the host connects to its server, with its own keys and settings."""
    protocol, host = reader.read_attribute(source, "protocol"), reader.known.name
    where = []
    for one in source.iterfind("host"):
        if socket := reader.read_attribute(one, "socket"):
            reader.report(f"{disk} is whoever serves {socket} on {host} ({protocol})", device)
        else:
            name, port = reader.read_attribute(one, "name"), reader.read_attribute(one, "port")
            where.append(f"{name}, port {port}" if port else name)
    for one in source.iterfind("config"):
        if file := reader.read_attribute(one, "file"):
            reader.report(f"{disk} is set up by {file} of {host}", device)
    servers = "; ".join(where) or f"the servers that {host} is set up for"
    reader.report(f"{disk} is what {host} is served by {servers} ({protocol})", device)


# -- network cards ---------------------------------------------------------------------------------


def read_interface(reader: AccessReader, device: Element) -> None:
    """Read a network card: devices and sockets of the host, scripts, open ports."""
    host, kind = reader.known.name, reader.read_attribute(device, "type")
    for tag, when in (("script", "starts"), ("downscript", "ends")):
        for script in device.iterfind(tag):
            path = reader.read_attribute(script, "path")
            reader.report(f"{path} is run as root on {host} when it {when}", script)
    for source in device.iterfind("source"):
        _card_source(reader, device, kind, source)
    _card_backends(reader, device)
    if kind == "user":
        reader.report(f"its card reaches what {host} serves to itself", device, grave=False)
    read_rom(reader, device)


def _card_backends(reader: AccessReader, device: Element) -> None:
    """Report a card's backends, its forwarded ports and its device on the host."""
    host = reader.known.name
    for backend in device.iterfind("backend"):
        for name in ("tap", "vhost"):
            path = reader.read_attribute(backend, name)
            if path and path not in _TAPS:
                reader.report(f"its card opens {path} of {host}", backend, name)
        if path := reader.read_attribute(backend, "logFile"):
            reader.report(f"the log of its card is written to {path} of {host}", backend, "logFile")
    for forward in device.iterfind("portForward"):
        _forward(reader, forward)
    for target in device.iterfind("target"):
        name = reader.read_attribute(target, "dev")
        if reader.read_attribute(target, "managed") == "no":
            reader.report(f"its card is on {name}, which {host} has already", device, single=True)


def _forward(reader: AccessReader, forward: Element) -> None:
    host, address = reader.known.name, reader.read_attribute(forward, "address")
    reader.read_attribute(forward, "dev")
    ports = [one.get("start", "all") for one in forward.iterfind("range")] or ["all"]
    words = f"it opens port {', '.join(ports)} of {host} at {address or 'every address'}"
    reader.report(words, forward, grave=not is_loopback(address), single=True)


def _card_source(reader: AccessReader, device: Element, kind: str, source: Element) -> None:
    host = reader.known.name
    path, dev = reader.read_attribute(source, "path"), reader.read_attribute(source, "dev")
    if any(source.find(tag) is not None for tag in ("ip", "route")):
        reader.report(f"it sets addresses and routes of {host} itself", device)
    if kind == "hostdev":
        what = " ".join(values(source.find("address")))
        reader.report(f"it is given the network device {what} of {host}", device, single=True)
    elif kind == "vhostuser":
        words = f"its card is joined to {path} on {host}, and whoever serves that sees its memory"
        reader.report(words, device, single=True)
    elif kind == "vdpa":
        reader.report(f"it is given the vDPA device {dev} of {host}", device, single=True)
    elif kind == "direct":
        reader.report(f"its card is on the network device {dev} of {host}", device, grave=False)
    elif kind in ("server", "client", "udp", "mcast"):
        where = f"{source.get('address', '')}:{source.get('port', '')}"
        verb = "connects to" if kind == "client" else "opens"
        local = is_loopback(source.get("address", ""))
        words = f"its card {verb} {where} of {host}, unencrypted"
        reader.report(words, device, grave=not local, single=kind in ("server", "udp"))
    elif path or dev.startswith("/"):
        reader.report(f"its card uses {path or dev} of {host}", device, grave=kind != "user")

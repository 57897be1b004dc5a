"""Disks and network cards: what they are of the host, and what is run there for them."""

from __future__ import annotations

from virttui.libvirtxml.host_access.access import AccessReader, Element, values
from virttui.libvirtxml.host_access.safe_paths import is_own, is_shipped, only_here

_FOUND = ("file", "dev", "dir")
"""The attributes of a ``<source>`` that are paths of the host."""
_TAPS = frozenset({"/dev/net/tun", "/dev/vhost-net"})


def read_rom(reader: AccessReader, device: Element) -> None:
    """A ROM that the firmware of a guest reads out of a file of the host."""
    for rom in device.iterfind("rom"):
        path = reader.value(rom, "file")
        if path and not is_shipped(path):
            reader.report(
                f"its guest is given the file {path} of {reader.known.name} as a ROM", rom
            )


# -- disks -----------------------------------------------------------------------------------------


def read_disk(reader: AccessReader, device: Element) -> None:
    """A disk, all that it lies on, is copied to or keeps its data in."""
    host = reader.known.name
    target = device.find("target")
    name = target.get("dev", "") if target is not None else ""
    alone = device.find("readonly") is None and device.get("device") != "cdrom"
    if reader.value(device, "rawio") == "yes" or reader.value(device, "sgio") == "unfiltered":
        reader.report(f"disk {name} may send any SCSI command to its device of {host}", device)
    for source in device.iterfind(".//source"):
        direct = source.getparent() is device
        may = "reads and writes" if alone and direct else "reads"
        _disk_source(reader, device, source, f"disk {name}", may)
    read_rom(reader, device)


def _disk_source(
    reader: AccessReader, device: Element, source: Element, disk: str, may: str
) -> None:
    host = reader.known.name
    parent = source.getparent()
    kind = parent.get("type", "") if parent is not None else ""
    for attribute in _FOUND:
        path = reader.value(source, attribute)
        if path and path not in reader.known.volumes:
            words = f"{disk} {may} {path} of {host}, which is no volume of a pool that is on"
            drive = device.get("device") in ("cdrom", "floppy")
            reader.report(words, source if drive else device)
    if source.get("protocol"):
        for name in ("name", "query", "tls", "tlsHostname"):
            reader.value(source, name)
        _network_disk(reader, device, source, disk)
    if kind == "vhostuser" or source.get("path"):
        path = reader.value(source, "path")
        reader.report(f"{disk} is whoever serves {path} on {host}, who sees its memory", device)
    elif kind == "nvme":
        parts = " ".join(values(source.find("address")))
        reader.report(f"{disk} is the NVMe device {parts} of {host}", device)
    elif kind == "vhostvdpa":
        reader.report(f"{disk} is a vDPA device of {host}", device)
    _helpers(reader, device, source, disk)


def _helpers(reader: AccessReader, device: Element, source: Element, disk: str) -> None:
    """Sockets, keys and files of the host that a disk is reached with."""
    host = reader.known.name
    for one in source.iterfind("reservations//source"):
        path = reader.value(one, "path")
        if not is_own(path):
            reader.report(f"{disk} is reserved by whoever serves {path} on {host}", device)
    for one in source.iterfind("*"):
        for attribute in ("keyfile", "agentsock", "path"):
            if value := reader.value(one, attribute):
                reader.report(f"{disk} is reached with {value} of {host}", device)


def _network_disk(reader: AccessReader, device: Element, source: Element, disk: str) -> None:
    """What is served from elsewhere: the host asks for it, with its own keys and settings."""
    protocol, host = reader.value(source, "protocol"), reader.known.name
    where = []
    for one in source.iterfind("host"):
        if socket := reader.value(one, "socket"):
            reader.report(f"{disk} is whoever serves {socket} on {host} ({protocol})", device)
        else:
            name, port = reader.value(one, "name"), reader.value(one, "port")
            where.append(f"{name}, port {port}" if port else name)
    for one in source.iterfind("config"):
        if file := reader.value(one, "file"):
            reader.report(f"{disk} is set up by {file} of {host}", device)
    servers = "; ".join(where) or f"the servers that {host} is set up for"
    reader.report(f"{disk} is what {host} is served by {servers} ({protocol})", device)


# -- network cards ---------------------------------------------------------------------------------


def read_interface(reader: AccessReader, device: Element) -> None:
    """A network card: devices and sockets of the host, programs that are run, ports opened."""
    host, kind = reader.known.name, reader.value(device, "type")
    for tag, when in (("script", "starts"), ("downscript", "ends")):
        for script in device.iterfind(tag):
            path = reader.value(script, "path")
            reader.report(f"{path} is run as root on {host} when it {when}", script)
    for source in device.iterfind("source"):
        _card_source(reader, device, kind, source)
    _card_ends(reader, device)
    if kind == "user":
        reader.report(f"its card reaches what {host} serves to itself", device, grave=False)
    read_rom(reader, device)


def _card_ends(reader: AccessReader, device: Element) -> None:
    """What stands behind a card on the host: backends, forwarded ports, its device there."""
    host = reader.known.name
    for backend in device.iterfind("backend"):
        for name in ("tap", "vhost"):
            path = reader.value(backend, name)
            if path and path not in _TAPS:
                reader.report(f"its card opens {path} of {host}", backend, name)
        if path := reader.value(backend, "logFile"):
            reader.report(f"what its card says is written to {path} of {host}", backend, "logFile")
    for forward in device.iterfind("portForward"):
        _forward(reader, forward)
    for target in device.iterfind("target"):
        name = reader.value(target, "dev")
        if reader.value(target, "managed") == "no":
            reader.report(f"its card is on {name}, which {host} has already", device, single=True)


def _forward(reader: AccessReader, forward: Element) -> None:
    host, address = reader.known.name, reader.value(forward, "address")
    reader.value(forward, "dev")
    ports = [one.get("start", "all") for one in forward.iterfind("range")] or ["all"]
    words = f"it opens port {', '.join(ports)} of {host} at {address or 'every address'}"
    reader.report(words, forward, grave=not only_here(address), single=True)


def _card_source(reader: AccessReader, device: Element, kind: str, source: Element) -> None:
    host = reader.known.name
    path, dev = reader.value(source, "path"), reader.value(source, "dev")
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
        near = only_here(source.get("address", ""))
        words = f"its card {verb} {where} of {host}, unencrypted"
        reader.report(words, device, grave=not near, single=kind in ("server", "udp"))
    elif path or dev.startswith("/"):
        reader.report(f"its card uses {path or dev} of {host}", device, grave=kind != "user")

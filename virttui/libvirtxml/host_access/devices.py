"""Devices that access the host, each described by its effect."""

from __future__ import annotations

from collections.abc import Callable

from virttui.libvirtxml.host_access.access import AccessReader, Element, attributes, values
from virttui.libvirtxml.host_access.disks_and_nics import read_disk, read_interface, read_rom
from virttui.libvirtxml.host_access.safe_paths import is_libvirt_socket, is_loopback, is_random


def _hostdev(reader: AccessReader, device: Element) -> None:
    """Report a device of the host, with the values that libvirt finds it by."""
    kind = device.get("type") or device.get("mode") or "device"
    reader.mark_harmless(device)
    words = values(device.find("source"))
    for one in device.iterfind("source//*"):
        words += [*values(one), (one.text or "").strip()]
    what = " ".join(word for word in words if word)[:60]
    reader.report(
        f"it is given the {kind} device {what} of {reader.known.name}", device, single=True
    )
    read_rom(reader, device)


def _filesystem(reader: AccessReader, device: Element) -> None:
    host, kind = reader.known.name, reader.read_attribute(device, "type") or "mount"
    read_only = device.find("readonly") is not None
    for source in device.iterfind("source"):
        for name in ("dir", "file", "dev", "name", "socket"):
            path, single = reader.read_attribute(source, name), False
            if not path or kind == "ram":
                continue
            if name == "socket":
                words = f"it uses the folder that whoever serves {path} on {host} gives it"
                single = True
            elif kind in ("template", "volume"):
                words = f"it is given the {kind} {path} of {host}"
            else:
                what = {"file": "image", "dev": "device"}.get(name, "folder")
                access = "reads" if read_only else "reads and writes"
                words = f"it {access} the {what} {path} of {host}"
            reader.report(words, device, grave=kind not in ("template", "volume"), single=single)
    for binary in device.iterfind("binary"):
        if (program := reader.read_attribute(binary, "path")) and not _is_virtiofsd(program):
            reader.report(f"{program} is run as root on {host} when it starts", device)


def _is_virtiofsd(program: str) -> bool:
    return program in ("/usr/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd")


def _graphics(reader: AccessReader, device: Element) -> None:
    host, kind = reader.known.name, reader.read_attribute(device, "type")
    open_to_all = not device.get("passwd")
    name = kind.upper()
    for element in (device, *device.iterfind("listen")):
        attribute = "listen" if element is device else "address"
        address = reader.read_attribute(element, attribute)
        if reader.read_attribute(element, "type") == "network" and element is not device:
            address = f"the network {reader.read_attribute(element, 'network')}"
        if address and not is_loopback(address) and kind not in ("sdl", "desktop", "egl-headless"):
            # Whoever made the file knows the password in it.
            guard = "without a password" if open_to_all else "with the password that its file has"
            words = f"anybody who reaches {address} of {host} sees and uses its {name} screen"
            drop = "listen" if element is device else ""
            reader.report(f"{words}, {guard}", element, drop)
        if (path := reader.read_attribute(element, "socket")) and not is_libvirt_socket(path):
            drop = "socket" if element is device else ""
            reader.report(f"it makes the socket {path} on {host}, for its screen", element, drop)
    if kind in ("sdl", "desktop") or device.get("display") or device.get("xauth"):
        for attribute in ("display", "xauth"):
            reader.read_attribute(device, attribute)
        reader.report(f"its screen is a window on the desktop of {host}", device)
    for name in ("rendernode", "address"):
        for element in (device, *device.iterfind("gl")):
            value = reader.read_attribute(element, name)
            if value and element.tag != "listen":
                what = "the graphics device" if name == "rendernode" else "the message bus"
                reader.report(f"it uses {what} {value} of {host}", element, name,
                           grave=name == "address")  # fmt: skip


def _rng(reader: AccessReader, device: Element) -> None:
    host = reader.known.name
    for backend in device.iterfind("backend"):
        model, path = reader.read_attribute(backend, "model"), reader.read_text(backend)
        if model in ("random", "") and path and not is_random(path):
            reader.report(f"it reads {path} of {host} as its random numbers", device)
        for source in backend.iterfind("source"):
            _read_served_source(reader, device, source, "its random numbers come")


def _read_served_source(reader: AccessReader, device: Element, source: Element, what: str) -> None:
    """Report a source that is served by a socket of the host, or over the network from it."""
    host, path = reader.known.name, reader.read_attribute(source, "path")
    if path:
        reader.report(f"{what} from whoever serves {path} on {host}", device)
    elif source.get("host") or source.get("service"):
        address, port = (
            reader.read_attribute(source, "host"),
            reader.read_attribute(source, "service"),
        )
        reader.report(f"{what} over the network of {host}, from {address}:{port}", device)


def _tpm(reader: AccessReader, device: Element) -> None:
    host = reader.known.name
    for backend in device.iterfind("backend"):
        kind = reader.read_attribute(backend, "type")
        if kind == "passthrough" and backend.find("device") is None:
            reader.report(f"it is given the TPM of {host}", device, single=True)
        for element in (*backend.iterfind("device"), *backend.iterfind("source")):
            path = next((reader.read_attribute(element, name) for name in ("path", "file", "dir")
                         if element.get(name)), "")  # fmt: skip
            if kind == "passthrough":
                reader.report(f"it is given the TPM {path} of {host}", device, single=True)
            elif kind == "external":
                reader.report(f"its TPM is whoever serves {path} on {host}", device, single=True)
            elif path:
                reader.report(f"its TPM is kept in {path} of {host}", device, single=True)
        for element in backend.iterfind("source"):
            for name, _ in attributes(element):
                reader.read_attribute(element, name)


def _input(reader: AccessReader, device: Element) -> None:
    for source in device.iterfind("source"):
        path = reader.read_attribute(source, "dev") or reader.read_attribute(source, "evdev")
        reader.report(f"it reads the input device {path} of {reader.known.name}: every key typed "
                   "there", device, single=True)  # fmt: skip


def _memory(reader: AccessReader, device: Element) -> None:
    model = reader.read_attribute(device, "model")
    for element in device.iterfind("source/path"):
        path = reader.read_text(element)
        words = f"it reads and writes the file {path} of {reader.known.name} as memory ({model})"
        reader.report(words, device, single=True)


def _shmem(reader: AccessReader, device: Element) -> None:
    host, name = reader.known.name, reader.read_attribute(device, "name")
    for server in device.iterfind("server"):
        if path := reader.read_attribute(server, "path"):
            reader.report(f"it shares memory through whoever serves {path} on {host}", device)
    reader.report(f'it shares the memory "{name}" of {host} with every guest that names it', device)


def _audio(reader: AccessReader, device: Element) -> None:
    host, kind = reader.known.name, reader.read_attribute(device, "type")
    if kind not in ("", "none", "spice", "dbus", "file"):
        reader.report(
            f"it hears and plays sound by {kind} of {host}, its microphone included", device
        )
    if path := reader.read_attribute(device, "path"):
        reader.report(f"its sound is written to {path} of {host}", device)
    server = reader.read_attribute(device, "serverName")
    if server or device.get("runtimeDir"):
        server = server or reader.read_attribute(device, "runtimeDir")
        reader.report(f"its sound goes to and comes from the server {server} of {host}", device)
    for way in (*device.iterfind("input"), *device.iterfind("output")):
        for name in ("dev", "serverName", "clientName", "name", "streamName", "connectPorts"):
            value = reader.read_attribute(way, name)
            if value and name in ("dev", "serverName"):
                reader.report(f"its sound uses {value} of {host}", device)


def _video(reader: AccessReader, device: Element) -> None:
    for element in (*device.iterfind("driver"), *device.iterfind("model/acceleration"),
                    *device.iterfind("acceleration")):  # fmt: skip
        if path := reader.read_attribute(element, "rendernode"):
            reader.report(f"it uses the graphics device {path} of {reader.known.name}",
            element,
                       "rendernode", grave=False)  # fmt: skip


def _emulator(reader: AccessReader, device: Element) -> None:
    program = reader.read_text(device)
    if program and program not in reader.known.emulators:
        reader.report(f"{program} is run on {reader.known.name} as its emulator", device)


def _lease(reader: AccessReader, device: Element) -> None:
    for target in device.iterfind("target"):
        path = reader.read_attribute(target, "path")
        reader.report(f"it holds its leases in {path} of {reader.known.name}", device)


def _pstore(reader: AccessReader, device: Element) -> None:
    for element in device.iterfind("path"):
        path = reader.read_text(element)
        words = f"it writes its crash records to {path} of {reader.known.name}"
        reader.report(words, device, grave=not is_libvirt_socket(path))


def _vsock(reader: AccessReader, device: Element) -> None:
    """Read a socket between guest and host; its host end is opened by programs of the host."""
    for source in device.iterfind("source"):
        _read_served_source(reader, device, source, "its host socket comes")


READERS: dict[str, Callable[[AccessReader, Element], None]] = {
    "disk": read_disk,
    "interface": read_interface,
    "hostdev": _hostdev,
    "filesystem": _filesystem,
    "graphics": _graphics,
    "rng": _rng,
    "tpm": _tpm,
    "input": _input,
    "memory": _memory,
    "shmem": _shmem,
    "audio": _audio,
    "video": _video,
    "emulator": _emulator,
    "lease": _lease,
    "pstore": _pstore,
    "vsock": _vsock,
}

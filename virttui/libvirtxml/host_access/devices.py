"""The devices that reach into the host, each by what it does there."""

from __future__ import annotations

from collections.abc import Callable

from virttui.libvirtxml.host_access.access import AccessReader, Element, attributes, values
from virttui.libvirtxml.host_access.disks_and_nics import read_disk, read_interface, read_rom
from virttui.libvirtxml.host_access.safe_paths import is_own, is_random, only_here


def _hostdev(reader: AccessReader, device: Element) -> None:
    """A device of the host: what it is, by what libvirt finds it by."""
    kind = device.get("type") or device.get("mode") or "device"
    reader.harmless(device)
    words = values(device.find("source"))
    for one in device.iterfind("source//*"):
        words += [*values(one), (one.text or "").strip()]
    what = " ".join(word for word in words if word)[:60]
    reader.report(
        f"it is given the {kind} device {what} of {reader.known.name}", device, single=True
    )
    read_rom(reader, device)


def _filesystem(reader: AccessReader, device: Element) -> None:
    host, kind = reader.known.name, reader.value(device, "type") or "mount"
    read_only = device.find("readonly") is not None
    for source in device.iterfind("source"):
        for name in ("dir", "file", "dev", "name", "socket"):
            path, single = reader.value(source, name), False
            if not path or kind == "ram":
                continue
            if name == "socket":
                words = f"it uses the folder that whoever serves {path} on {host} gives it"
                single = True
            elif kind in ("template", "volume"):
                words = f"it is given the {kind} {path} of {host}"
            else:
                what = {"file": "image", "dev": "device"}.get(name, "folder")
                may = "reads" if read_only else "reads and writes"
                words = f"it {may} the {what} {path} of {host}"
            reader.report(words, device, grave=kind not in ("template", "volume"), single=single)
    for binary in device.iterfind("binary"):
        if (program := reader.value(binary, "path")) and not _is_virtiofsd(program):
            reader.report(f"{program} is run as root on {host} when it starts", device)


def _is_virtiofsd(program: str) -> bool:
    return program in ("/usr/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd")


def _graphics(reader: AccessReader, device: Element) -> None:
    host, kind = reader.known.name, reader.value(device, "type")
    open_to_all = not device.get("passwd")
    name = kind.upper()
    for element in (device, *device.iterfind("listen")):
        attribute = "listen" if element is device else "address"
        address = reader.value(element, attribute)
        if reader.value(element, "type") == "network" and element is not device:
            address = f"the network {reader.value(element, 'network')}"
        if address and not only_here(address) and kind not in ("sdl", "desktop", "egl-headless"):
            # Whoever made the file knows the password in it.
            guard = "without a password" if open_to_all else "with the password that its file has"
            words = f"anybody who reaches {address} of {host} sees and uses its {name} screen"
            drop = "listen" if element is device else ""
            reader.report(f"{words}, {guard}", element, drop)
        if (path := reader.value(element, "socket")) and not is_own(path):
            drop = "socket" if element is device else ""
            reader.report(f"it makes the socket {path} on {host}, for its screen", element, drop)
    if kind in ("sdl", "desktop") or device.get("display") or device.get("xauth"):
        for attribute in ("display", "xauth"):
            reader.value(device, attribute)
        reader.report(f"its screen is a window on the desktop of {host}", device)
    for name in ("rendernode", "address"):
        for element in (device, *device.iterfind("gl")):
            value = reader.value(element, name)
            if value and element.tag != "listen":
                what = "the graphics device" if name == "rendernode" else "the message bus"
                reader.report(f"it uses {what} {value} of {host}", element, name,
                           grave=name == "address")  # fmt: skip


def _rng(reader: AccessReader, device: Element) -> None:
    host = reader.known.name
    for backend in device.iterfind("backend"):
        model, path = reader.value(backend, "model"), reader.text(backend)
        if model in ("random", "") and path and not is_random(path):
            reader.report(f"it reads {path} of {host} as its random numbers", device)
        for source in backend.iterfind("source"):
            _served(reader, device, source, "its random numbers come")


def _served(reader: AccessReader, device: Element, source: Element, what: str) -> None:
    """Something that comes over a socket of the host, or over the network from it."""
    host, path = reader.known.name, reader.value(source, "path")
    if path:
        reader.report(f"{what} from whoever serves {path} on {host}", device)
    elif source.get("host") or source.get("service"):
        address, port = reader.value(source, "host"), reader.value(source, "service")
        reader.report(f"{what} over the network of {host}, from {address}:{port}", device)


def _tpm(reader: AccessReader, device: Element) -> None:
    host = reader.known.name
    for backend in device.iterfind("backend"):
        kind = reader.value(backend, "type")
        if kind == "passthrough" and backend.find("device") is None:
            reader.report(f"it is given the TPM of {host}", device, single=True)
        for element in (*backend.iterfind("device"), *backend.iterfind("source")):
            path = next((reader.value(element, name) for name in ("path", "file", "dir")
                         if element.get(name)), "")  # fmt: skip
            if kind == "passthrough":
                reader.report(f"it is given the TPM {path} of {host}", device, single=True)
            elif kind == "external":
                reader.report(f"its TPM is whoever serves {path} on {host}", device, single=True)
            elif path:
                reader.report(f"its TPM is kept in {path} of {host}", device, single=True)
        for element in backend.iterfind("source"):
            for name, _ in attributes(element):
                reader.value(element, name)


def _input(reader: AccessReader, device: Element) -> None:
    for source in device.iterfind("source"):
        path = reader.value(source, "dev") or reader.value(source, "evdev")
        reader.report(f"it reads the input device {path} of {reader.known.name}: every key typed "
                   "there", device, single=True)  # fmt: skip


def _memory(reader: AccessReader, device: Element) -> None:
    model = reader.value(device, "model")
    for element in device.iterfind("source/path"):
        path = reader.text(element)
        words = f"it reads and writes the file {path} of {reader.known.name} as memory ({model})"
        reader.report(words, device, single=True)


def _shmem(reader: AccessReader, device: Element) -> None:
    host, name = reader.known.name, reader.value(device, "name")
    for server in device.iterfind("server"):
        if path := reader.value(server, "path"):
            reader.report(f"it shares memory through whoever serves {path} on {host}", device)
    reader.report(f'it shares the memory "{name}" of {host} with every guest that names it', device)


def _audio(reader: AccessReader, device: Element) -> None:
    host, kind = reader.known.name, reader.value(device, "type")
    if kind not in ("", "none", "spice", "dbus", "file"):
        reader.report(
            f"it hears and plays sound by {kind} of {host}, its microphone included", device
        )
    if path := reader.value(device, "path"):
        reader.report(f"its sound is written to {path} of {host}", device)
    server = reader.value(device, "serverName")
    if server or device.get("runtimeDir"):
        server = server or reader.value(device, "runtimeDir")
        reader.report(f"its sound goes to and comes from the server {server} of {host}", device)
    for way in (*device.iterfind("input"), *device.iterfind("output")):
        for name in ("dev", "serverName", "clientName", "name", "streamName", "connectPorts"):
            value = reader.value(way, name)
            if value and name in ("dev", "serverName"):
                reader.report(f"its sound uses {value} of {host}", device)


def _video(reader: AccessReader, device: Element) -> None:
    for element in (*device.iterfind("driver"), *device.iterfind("model/acceleration"),
                    *device.iterfind("acceleration")):  # fmt: skip
        if path := reader.value(element, "rendernode"):
            reader.report(f"it uses the graphics device {path} of {reader.known.name}",
            element,
                       "rendernode", grave=False)  # fmt: skip


def _emulator(reader: AccessReader, device: Element) -> None:
    program = reader.text(device)
    if program and program not in reader.known.emulators:
        reader.report(f"{program} is run on {reader.known.name} as its emulator", device)


def _lease(reader: AccessReader, device: Element) -> None:
    for target in device.iterfind("target"):
        path = reader.value(target, "path")
        reader.report(f"it holds its leases in {path} of {reader.known.name}", device)


def _pstore(reader: AccessReader, device: Element) -> None:
    for element in device.iterfind("path"):
        path = reader.text(element)
        words = f"it writes its crash records to {path} of {reader.known.name}"
        reader.report(words, device, grave=not is_own(path))


def _vsock(reader: AccessReader, device: Element) -> None:
    """A socket between guest and host, which programs of the host open: nothing is named."""
    for source in device.iterfind("source"):
        _served(reader, device, source, "its host socket comes")


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

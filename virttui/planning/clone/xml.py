"""The definition of a clone: span edits of the source's, which keep everything else unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct, field

from virttui.libvirtxml.build import element
from virttui.libvirtxml.text.span_edit import (
    SpanEdit,
    apply_edits,
    drop_attribute,
    fragment,
    insert,
    remove,
    replace,
    set_attribute,
    set_text,
)
from virttui.libvirtxml.text.tree import Element, Tree
from virttui.libvirtxml.text.tree import tree as read
from virttui.model.errors import InvalidInput
from virttui.planning.clone.names import replace_name


@lru_cache(maxsize=2)
def tree(xml: str) -> Tree:
    """Return the parsed text, cached: one source has up to 200 clones."""
    return read(xml)


class NewDisk(Struct, frozen=True):
    """The source of a clone's disk: a path, or a volume by its pool and name.

    ``kind`` is libvirt's type: file, block or volume.
    """

    kind: str
    path: str
    format: str
    pool: str = ""


class CloneIdentity(Struct, frozen=True):
    """The values that a clone does not share with its source. ``macs`` go to its NICs in order.

    ``disks`` are the new sources of its disks by target, None for a disk that it does not get;
    other disks stay as they are. ``nvram`` is the path of its NVRAM.
    """

    name: str
    uuid: str
    macs: tuple[str, ...] = ()
    disks: Mapping[str, NewDisk | None] = field(default_factory=dict)
    nvram: str = ""


def count_nics(xml: str) -> int:
    """Return the number of MAC addresses that a clone needs."""
    root = tree(xml).root
    return len(list(root.all("devices/interface"))) if root is not None else 0


def macs_of(xml: str) -> tuple[str, ...]:
    """Return the MAC addresses of its NICs, "" where one has none yet."""
    root = tree(xml).root
    nics = root.all("devices/interface") if root is not None else ()
    found = (nic.child("mac") for nic in nics)
    return tuple(mac.get("address") if mac is not None else "" for mac in found)


def nvram_path(xml: str, identity: CloneIdentity, path: str) -> str:
    """Return the path of a clone's NVRAM; ``path`` is the source's, or ""."""
    parsed = tree(xml)
    if parsed.root is None:
        return ""
    found = parsed.root.child("os/nvram")
    if found is not None:
        source = found.child("source")
        path = source.get("file") if source is not None else parsed.text_of(found)
    return _SourceXml(parsed, parsed.root).own_path(path, identity) if path else ""


def clone_xml(xml: str, identity: CloneIdentity) -> str:
    """Return the definition of a clone. Raises InvalidInput where the text is not a domain's."""
    parsed = tree(xml)
    root = parsed.root
    if root is None or root.name != "domain":
        raise InvalidInput("its definition makes no sense")
    original = _SourceXml(parsed, root)
    changes = [
        *_identity(original, identity),
        *_nvram(original, identity),
        *_nics(original, identity),
        *_devices(original, identity),
        *_disks(original, identity),
    ]
    return apply_edits(xml, changes)


class _SourceXml:
    """The source's definition, its name and its UUID."""

    def __init__(self, parsed: Tree, root: Element) -> None:
        self.tree, self.root = parsed, root
        self.name = self.text("name")
        self.uuid = self.text("uuid")

    def text(self, path: str) -> str:
        found = self.root.child(path)
        return self.tree.text_of(found) if found is not None else ""

    def renamed_path(self, path: str, identity: CloneIdentity) -> str:
        """Return a path with the source's name and UUID replaced by the clone's."""
        words = path.replace(self.uuid, identity.uuid) if self.uuid else path
        return replace_name(words, self.name, identity.name)

    def own_path(self, path: str, identity: CloneIdentity) -> str:
        """Return a path for the clone alone: with its name, even where the source's has none."""
        moved = self.renamed_path(path, identity)
        if moved != path or path.startswith("/dev/"):
            return moved
        stem, dot, ending = path.rpartition(".")
        if not dot or "/" in ending:
            return f"{path}-{identity.name}"
        return f"{stem}-{identity.name}.{ending}"


def _identity(original: _SourceXml, identity: CloneIdentity) -> Iterator[SpanEdit]:
    """Yield the edits of name and UUID.

    The firmware may show the guest its UUID as well: libvirt requires both to be equal.
    """
    name, uuid = original.root.child("name"), original.root.child("uuid")
    if name is None:
        raise InvalidInput("its definition has no name")
    yield set_text(original.tree, name, identity.name)
    if uuid is not None:
        yield set_text(original.tree, uuid, identity.uuid)
    else:
        yield insert(original.tree, original.root, element("uuid", text=identity.uuid), name)
    yield from _without(original, original.root, "id")
    genid = original.root.child("genid")
    if genid is not None and not genid.empty:
        # Empty, libvirt makes a new one: the guest is told that it is a copy.
        yield replace(original.tree, genid, "<genid/>")
    for entry in original.root.all("sysinfo/system/entry"):
        if original.tree.text_of(entry) == original.uuid and original.uuid:
            yield set_text(original.tree, entry, identity.uuid)


def _nvram(original: _SourceXml, identity: CloneIdentity) -> Iterator[SpanEdit]:
    nvram, os = original.root.child("os/nvram"), original.root.child("os")
    if os is None or not identity.nvram:
        return
    if nvram is None:
        # libvirt chose the place, and would choose another one, empty.
        yield insert(original.tree, os, element("nvram", text=identity.nvram))
        return
    source = nvram.child("source")
    if source is not None and source.attribute("file") is not None:
        yield set_attribute(original.tree, source, "file", identity.nvram)
    elif original.tree.text_of(nvram):
        yield set_text(original.tree, nvram, identity.nvram)


def _nics(original: _SourceXml, identity: CloneIdentity) -> Iterator[SpanEdit]:
    """Yield the edits of MAC addresses; names of devices and switch ports are left to libvirt."""
    for nic, mac in zip(original.root.all("devices/interface"), identity.macs, strict=True):
        found = nic.child("mac")
        if found is not None:
            yield set_attribute(original.tree, found, "address", mac)
        else:
            yield insert(original.tree, nic, element("mac", address=mac))
        target = nic.child("target")
        if target is not None:  # a device of the host is one guest's alone
            yield from _without(original, target, "dev", "managed")
        source = nic.child("source")
        if source is not None:
            yield from _without(original, source, "portid")
        for port in nic.all("virtualport"):
            if port.get("type") != "midonet":  # which has to be told its port
                for parameters in port.all("parameters"):
                    yield from _without(original, parameters, "interfaceid", "instanceid")
        yield from _nic_files(original, nic, identity)


def _nic_files(original: _SourceXml, nic: Element, identity: CloneIdentity) -> Iterator[SpanEdit]:
    """Yield the edits of a vhost-user card's socket, and of passt's log."""
    source, backend = nic.child("source"), nic.child("backend")
    is_server = source is not None and source.get("mode") == "server" and source.get("path")
    if is_server and source is not None:
        yield set_attribute(
            original.tree, source, "path", original.own_path(source.get("path"), identity)
        )
    if backend is not None and backend.get("logFile"):
        yield set_attribute(
            original.tree, backend, "logFile", original.own_path(backend.get("logFile"), identity)
        )


def _without(original: _SourceXml, element: Element, *names: str) -> Iterator[SpanEdit]:
    """Yield the edits that remove attributes, or the element where nothing else is left of it."""
    found = [edit for name in names if (edit := drop_attribute(original.tree, element, name))]
    if found and len(found) == len(element.attributes) and not element.children:
        yield remove(original.tree, element)
    else:
        yield from found


_CHARACTERS = ("serial", "parallel", "console", "channel", "redirdev", "smartcard")


def _devices(original: _SourceXml, identity: CloneIdentity) -> Iterator[SpanEdit]:
    """Yield the edits of ports, sockets and files that only one guest can have."""
    devices = original.root.child("devices")
    if devices is None:
        return
    for device in devices.children:
        if device.name in _CHARACTERS:
            yield from _character_device(original, device, identity)
        elif device.name == "graphics":
            yield from _graphics(original, device, identity)
        elif device.name == "vsock":
            yield from _vsock(original, device)
        elif device.name in _FILE_PATHS:
            yield from _file_device(original, device, identity)


def _character_device(
    original: _SourceXml, device: Element, identity: CloneIdentity
) -> Iterator[SpanEdit]:
    log = device.child("log")
    if log is not None and log.get("file"):
        yield set_attribute(
            original.tree, log, "file", original.own_path(log.get("file"), identity)
        )
    kind, source = device.get("type"), device.child("source")
    if source is None or not source.get("path"):
        return
    path = source.get("path")
    if kind == "pty":
        # The terminal it had when it last ran: libvirt gives each start another.
        yield remove(original.tree, source)
    elif kind == "file" or (kind in ("unix", "pipe") and source.get("mode") != "connect"):
        yield set_attribute(original.tree, source, "path", original.own_path(path, identity))
    elif (moved := original.renamed_path(path, identity)) != path:
        yield set_attribute(original.tree, source, "path", moved)


_PORTS = ("port", "tlsPort", "websocket")


def _graphics(original: _SourceXml, device: Element, identity: CloneIdentity) -> Iterator[SpanEdit]:
    """Yield the edits that let libvirt choose ports, and give sockets their own paths."""
    if device.get("socket"):
        yield set_attribute(
            original.tree, device, "socket", original.own_path(device.get("socket"), identity)
        )
    for listen in device.all("listen"):
        if listen.get("socket"):
            yield set_attribute(
                original.tree, listen, "socket", original.own_path(listen.get("socket"), identity)
            )
    fixed = [name for name in _PORTS if device.get(name, "-1") != "-1"]
    for name in fixed:
        yield set_attribute(original.tree, device, name, "-1")
    if ("port" in fixed or "tlsPort" in fixed) and device.get("autoport") != "yes":
        yield set_attribute(original.tree, device, "autoport", "yes")


_FILE_PATHS = {"memory": "source/path", "pstore": "path", "audio": ""}
"""Devices that write to a file of the host, and the element that holds its path."""


def _file_device(
    original: _SourceXml, device: Element, identity: CloneIdentity
) -> Iterator[SpanEdit]:
    """Yield the edits of a file's path: two guests that write to one file lose its content."""
    if device.name == "audio":
        if device.get("path"):
            yield set_attribute(
                original.tree, device, "path", original.own_path(device.get("path"), identity)
            )
        return
    for path in device.all(_FILE_PATHS[device.name]):
        if words := original.tree.text_of(path):
            yield set_text(original.tree, path, original.own_path(words, identity))


def _vsock(original: _SourceXml, device: Element) -> Iterator[SpanEdit]:
    cid = device.child("cid")
    if cid is not None and cid.get("address"):
        yield set_attribute(original.tree, cid, "auto", "yes")
        yield from _without(original, cid, "address")


def _disks(original: _SourceXml, identity: CloneIdentity) -> Iterator[SpanEdit]:
    for disk in original.root.all("devices/disk"):
        target = disk.child("target")
        name = target.get("dev") if target is not None else ""
        if name not in identity.disks:
            continue
        new_disk = identity.disks[name]
        if new_disk is None:
            yield remove(original.tree, disk)
        else:
            yield from _disk(original, disk, new_disk)


def with_disks(xml: str, disks: Mapping[str, NewDisk]) -> str:
    """Return the definition with other sources for these disks, and nothing else changed."""
    parsed = tree(xml)
    if parsed.root is None:
        raise InvalidInput("its definition makes no sense")
    original = _SourceXml(parsed, parsed.root)
    changes: list[SpanEdit] = []
    for disk in original.root.all("devices/disk"):
        target = disk.child("target")
        if target is not None and (new_disk := disks.get(target.get("dev"))) is not None:
            changes += _disk(original, disk, new_disk)
    return apply_edits(xml, changes)


def _disk(original: _SourceXml, disk: Element, new_disk: NewDisk) -> Iterator[SpanEdit]:
    """Yield the edits that give a disk another source and format; libvirt finds its backing chain.

    A SCSI device of the host becomes a plain disk when it is copied: no file takes SCSI commands.
    """
    yield set_attribute(original.tree, disk, "type", new_disk.kind)
    if disk.get("device") == "lun":
        yield set_attribute(original.tree, disk, "device", "disk")
        for name in ("rawio", "sgio"):
            if (edit := drop_attribute(original.tree, disk, name)) is not None:
                yield edit
    sources = list(disk.all("source"))
    if sources:
        yield replace(original.tree, sources[0], _source(original, sources[0], new_disk))
    else:
        yield insert(original.tree, disk, _source(original, None, new_disk))
    driver = disk.child("driver")
    if driver is not None and driver.get("type") != new_disk.format:
        yield set_attribute(original.tree, driver, "type", new_disk.format)
    elif driver is None:
        yield insert(original.tree, disk, element("driver", name="qemu", type=new_disk.format))
    # Each of them, not the first alone: libvirt's schema takes several, and the last one counts.
    for found in (*sources[1:], *disk.all("backingStore"), *disk.all("mirror")):
        yield remove(original.tree, found)


def _source(original: _SourceXml, source: Element | None, new_disk: NewDisk) -> str:
    """Return the ``<source>`` with the encryption and labels of the old one."""
    attributes = {"file": "", "dev": "", "pool": "", "volume": ""}
    if new_disk.kind == "volume":
        attributes |= {"pool": new_disk.pool, "volume": new_disk.path}
    else:
        attributes["dev" if new_disk.kind == "block" else "file"] = new_disk.path
    inner: list[str] = []
    if source is not None:
        attributes["startupPolicy"] = source.get("startupPolicy")
        children = (one for one in source.children if one.name in ("encryption", "seclabel"))
        inner = [fragment(original.tree, one) for one in children]
    return element("source", *inner, **attributes)

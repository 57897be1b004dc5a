"""The definition of a clone, made from the source's by spans: what is not named stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from virttui.libvirtxml.build import element
from virttui.libvirtxml.text.span_edit import (
    SpanEdit,
    drop_attribute,
    fragment,
    insert,
    remove,
    replace,
    set_attribute,
    set_text,
    spliced,
)
from virttui.libvirtxml.text.tree import Element, Tree
from virttui.libvirtxml.text.tree import tree as read
from virttui.model.errors import InvalidInput
from virttui.planning.clone.names import renamed_in


@lru_cache(maxsize=2)
def tree(xml: str) -> Tree:
    """The parsed text: one source has up to 200 clones."""
    return read(xml)


@dataclass(frozen=True, slots=True)
class NewDisk:
    """What a disk of the clone is on: a path, or a volume by its pool where there is no path.

    ``kind`` is libvirt's word for it: file, block or volume.
    """

    kind: str
    path: str
    format: str
    pool: str = ""


@dataclass(frozen=True, slots=True)
class CloneIdentity:
    """Who a clone is. ``macs`` go to its NICs in their order.

    ``disks`` are what its disks are on by target, None for one that it does not have; what is not
    named stays as the source has it. ``nvram`` is where its firmware's variables are kept.
    """

    name: str
    uuid: str
    macs: tuple[str, ...] = ()
    disks: Mapping[str, NewDisk | None] = field(default_factory=dict)
    nvram: str = ""


def nics(xml: str) -> int:
    """How many MAC addresses a clone of it wants."""
    root = tree(xml).root
    return len(list(root.all("devices/interface"))) if root is not None else 0


def macs_of(xml: str) -> tuple[str, ...]:
    """The MAC addresses of its NICs, "" where one has none yet."""
    root = tree(xml).root
    nics = root.all("devices/interface") if root is not None else ()
    found = (nic.child("mac") for nic in nics)
    return tuple(mac.get("address") if mac is not None else "" for mac in found)


def nvram_for(xml: str, who: CloneIdentity, path: str) -> str:
    """Where a clone keeps its firmware's variables; ``path`` is where the source does, or ""."""
    parsed = tree(xml)
    if parsed.root is None:
        return ""
    found = parsed.root.child("os/nvram")
    if found is not None:
        source = found.child("source")
        path = source.get("file") if source is not None else parsed.text_of(found)
    return _Was(parsed, parsed.root).own(path, who) if path else ""


def cloned(xml: str, who: CloneIdentity) -> str:
    """The definition of a clone. Raises InvalidInput where the text is no domain's."""
    parsed = tree(xml)
    root = parsed.root
    if root is None or root.name != "domain":
        raise InvalidInput("its definition makes no sense")
    was = _Was(parsed, root)
    changes = [
        *_who(was, who),
        *_machine(was, who),
        *_nics(was, who),
        *_devices(was, who),
        *_disks(was, who),
    ]
    return spliced(xml, changes)


class _Was:
    """The source's definition, and who it is."""

    def __init__(self, parsed: Tree, root: Element) -> None:
        self.tree, self.root = parsed, root
        self.name = self.text("name")
        self.uuid = self.text("uuid")

    def text(self, path: str) -> str:
        found = self.root.child(path)
        return self.tree.text_of(found) if found is not None else ""

    def moved(self, path: str, who: CloneIdentity) -> str:
        """A path with the clone's name and UUID in the place of the source's."""
        words = path.replace(self.uuid, who.uuid) if self.uuid else path
        return renamed_in(words, self.name, who.name)

    def own(self, path: str, who: CloneIdentity) -> str:
        """A path that must be the clone's alone: with its name in it, whatever it was."""
        moved = self.moved(path, who)
        if moved != path or path.startswith("/dev/"):
            return moved
        stem, dot, ending = path.rpartition(".")
        if not dot or "/" in ending:
            return f"{path}-{who.name}"
        return f"{stem}-{who.name}.{ending}"


def _who(was: _Was, who: CloneIdentity) -> Iterator[SpanEdit]:
    """Name and UUID, also where the firmware tells the guest its UUID: libvirt wants both alike."""
    name, uuid = was.root.child("name"), was.root.child("uuid")
    if name is None:
        raise InvalidInput("its definition has no name")
    yield set_text(was.tree, name, who.name)
    if uuid is not None:
        yield set_text(was.tree, uuid, who.uuid)
    else:
        yield insert(was.tree, was.root, element("uuid", text=who.uuid), name)
    yield from _without(was, was.root, "id")
    genid = was.root.child("genid")
    if genid is not None and not genid.empty:
        # Empty, libvirt makes a new one: the guest is told that it is a copy.
        yield replace(was.tree, genid, "<genid/>")
    for entry in was.root.all("sysinfo/system/entry"):
        if was.tree.text_of(entry) == was.uuid and was.uuid:
            yield set_text(was.tree, entry, who.uuid)


def _machine(was: _Was, who: CloneIdentity) -> Iterator[SpanEdit]:
    nvram, os = was.root.child("os/nvram"), was.root.child("os")
    if os is None or not who.nvram:
        return
    if nvram is None:
        # libvirt chose the place, and would choose another one, empty.
        yield insert(was.tree, os, element("nvram", text=who.nvram))
        return
    source = nvram.child("source")
    if source is not None and source.attribute("file") is not None:
        yield set_attribute(was.tree, source, "file", who.nvram)
    elif was.tree.text_of(nvram):
        yield set_text(was.tree, nvram, who.nvram)


def _nics(was: _Was, who: CloneIdentity) -> Iterator[SpanEdit]:
    """New MAC addresses; what names one port of a switch is left to libvirt to find anew."""
    for nic, mac in zip(was.root.all("devices/interface"), who.macs, strict=True):
        found = nic.child("mac")
        if found is not None:
            yield set_attribute(was.tree, found, "address", mac)
        else:
            yield insert(was.tree, nic, element("mac", address=mac))
        target = nic.child("target")
        if target is not None:  # a device of the host is one guest's alone
            yield from _without(was, target, "dev", "managed")
        source = nic.child("source")
        if source is not None:
            yield from _without(was, source, "portid")
        for port in nic.all("virtualport"):
            if port.get("type") != "midonet":  # which has to be told its port
                for parameters in port.all("parameters"):
                    yield from _without(was, parameters, "interfaceid", "instanceid")
        yield from _card(was, nic, who)


def _card(was: _Was, nic: Element, who: CloneIdentity) -> Iterator[SpanEdit]:
    """The socket that a vhost-user card makes, and the log of passt."""
    source, backend = nic.child("source"), nic.child("backend")
    makes = source is not None and source.get("mode") == "server" and source.get("path")
    if makes and source is not None:
        yield set_attribute(was.tree, source, "path", was.own(source.get("path"), who))
    if backend is not None and backend.get("logFile"):
        yield set_attribute(was.tree, backend, "logFile", was.own(backend.get("logFile"), who))


def _without(was: _Was, element: Element, *names: str) -> Iterator[SpanEdit]:
    """An element without these attributes; gone where it would have nothing left to say."""
    found = [gone for name in names if (gone := drop_attribute(was.tree, element, name))]
    if found and len(found) == len(element.attributes) and not element.children:
        yield remove(was.tree, element)
    else:
        yield from found


_CHARACTERS = ("serial", "parallel", "console", "channel", "redirdev", "smartcard")


def _devices(was: _Was, who: CloneIdentity) -> Iterator[SpanEdit]:
    """Ports, sockets and files that only one guest can have."""
    devices = was.root.child("devices")
    if devices is None:
        return
    for device in devices.children:
        if device.name in _CHARACTERS:
            yield from _character(was, device, who)
        elif device.name == "graphics":
            yield from _graphics(was, device, who)
        elif device.name == "vsock":
            yield from _vsock(was, device)
        elif device.name in _WRITTEN:
            yield from _written(was, device, who)


def _character(was: _Was, device: Element, who: CloneIdentity) -> Iterator[SpanEdit]:
    log = device.child("log")
    if log is not None and log.get("file"):
        yield set_attribute(was.tree, log, "file", was.own(log.get("file"), who))
    kind, source = device.get("type"), device.child("source")
    if source is None or not source.get("path"):
        return
    path = source.get("path")
    if kind == "pty":
        # The terminal it had when it last ran: libvirt gives each start another.
        yield remove(was.tree, source)
    elif kind == "file" or (kind in ("unix", "pipe") and source.get("mode") != "connect"):
        yield set_attribute(was.tree, source, "path", was.own(path, who))
    elif (moved := was.moved(path, who)) != path:
        yield set_attribute(was.tree, source, "path", moved)


_PORTS = ("port", "tlsPort", "websocket")


def _graphics(was: _Was, device: Element, who: CloneIdentity) -> Iterator[SpanEdit]:
    """Ports that libvirt finds at each start; sockets of its own."""
    if device.get("socket"):
        yield set_attribute(was.tree, device, "socket", was.own(device.get("socket"), who))
    for listen in device.all("listen"):
        if listen.get("socket"):
            yield set_attribute(was.tree, listen, "socket", was.own(listen.get("socket"), who))
    fixed = [name for name in _PORTS if device.get(name, "-1") != "-1"]
    for name in fixed:
        yield set_attribute(was.tree, device, name, "-1")
    if ("port" in fixed or "tlsPort" in fixed) and device.get("autoport") != "yes":
        yield set_attribute(was.tree, device, "autoport", "yes")


_WRITTEN = {"memory": "source/path", "pstore": "path", "audio": ""}
"""Devices that write to a file of the host, and where in them its path stands."""


def _written(was: _Was, device: Element, who: CloneIdentity) -> Iterator[SpanEdit]:
    """A file that each guest needs for itself: two that write to one lose what is in it."""
    if device.name == "audio":
        if device.get("path"):
            yield set_attribute(was.tree, device, "path", was.own(device.get("path"), who))
        return
    for path in device.all(_WRITTEN[device.name]):
        if words := was.tree.text_of(path):
            yield set_text(was.tree, path, was.own(words, who))


def _vsock(was: _Was, device: Element) -> Iterator[SpanEdit]:
    cid = device.child("cid")
    if cid is not None and cid.get("address"):
        yield set_attribute(was.tree, cid, "auto", "yes")
        yield from _without(was, cid, "address")


def _disks(was: _Was, who: CloneIdentity) -> Iterator[SpanEdit]:
    for disk in was.root.all("devices/disk"):
        target = disk.child("target")
        name = target.get("dev") if target is not None else ""
        if name not in who.disks:
            continue
        wanted = who.disks[name]
        if wanted is None:
            yield remove(was.tree, disk)
        else:
            yield from _disk(was, disk, wanted)


def moved(xml: str, disks: Mapping[str, NewDisk]) -> str:
    """The same definition with disks on something else, all else as it is."""
    parsed = tree(xml)
    if parsed.root is None:
        raise InvalidInput("its definition makes no sense")
    was = _Was(parsed, parsed.root)
    changes: list[SpanEdit] = []
    for disk in was.root.all("devices/disk"):
        target = disk.child("target")
        if target is not None and (wanted := disks.get(target.get("dev"))) is not None:
            changes += _disk(was, disk, wanted)
    return spliced(xml, changes)


def _disk(was: _Was, disk: Element, wanted: NewDisk) -> Iterator[SpanEdit]:
    """Another source and its format; libvirt finds by itself what that lies on.

    What was a SCSI device of the host is a plain disk as a copy: no file takes SCSI commands.
    """
    yield set_attribute(was.tree, disk, "type", wanted.kind)
    if disk.get("device") == "lun":
        yield set_attribute(was.tree, disk, "device", "disk")
        for name in ("rawio", "sgio"):
            if (gone := drop_attribute(was.tree, disk, name)) is not None:
                yield gone
    sources = list(disk.all("source"))
    if sources:
        yield replace(was.tree, sources[0], _source(was, sources[0], wanted))
    else:
        yield insert(was.tree, disk, _source(was, None, wanted))
    driver = disk.child("driver")
    if driver is not None and driver.get("type") != wanted.format:
        yield set_attribute(was.tree, driver, "type", wanted.format)
    elif driver is None:
        yield insert(was.tree, disk, element("driver", name="qemu", type=wanted.format))
    # Each of them, not the first alone: libvirt's schema takes several, and the last one counts.
    for found in (*sources[1:], *disk.all("backingStore"), *disk.all("mirror")):
        yield remove(was.tree, found)


def _source(was: _Was, source: Element | None, wanted: NewDisk) -> str:
    """The ``<source>``, with what the old one holds beside its place (encryption, labels)."""
    entered = {"file": "", "dev": "", "pool": "", "volume": ""}
    if wanted.kind == "volume":
        entered |= {"pool": wanted.pool, "volume": wanted.path}
    else:
        entered["dev" if wanted.kind == "block" else "file"] = wanted.path
    inner: list[str] = []
    if source is not None:
        entered["startupPolicy"] = source.get("startupPolicy")
        kept = (one for one in source.children if one.name in ("encryption", "seclabel"))
        inner = [fragment(was.tree, one) for one in kept]
    return element("source", *inner, **entered)

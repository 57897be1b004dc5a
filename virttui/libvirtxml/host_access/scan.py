"""The scan of a domain's definition for accesses to its host."""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.host_access.access import (
    AccessReader,
    Element,
    HostAccess,
    KnownHostPaths,
    attributes,
    elements,
)
from virttui.libvirtxml.host_access.character_devices import read_character
from virttui.libvirtxml.host_access.devices import READERS
from virttui.libvirtxml.host_access.domain_elements import read_machine
from virttui.libvirtxml.parse import root_of
from virttui.model.errors import InvalidInput

_CHARACTERS = frozenset({"serial", "parallel", "console", "channel", "redirdev", "smartcard"})


def host_access(xml: str, known: KnownHostPaths) -> tuple[HostAccess, ...]:
    """Return the accesses to the host in a definition, in order. Raises InvalidInput.

    A definition that declares entities is refused: libvirt would read another text than the one
    shown.
    """
    root = root_of(xml)
    if root.getroottree().docinfo.internalDTD is not None:
        raise InvalidInput("its definition declares a document type, which no definition needs")
    for element in elements(root):
        # libvirt takes an attribute by its name, whatever its namespace is.
        if any(name.startswith("{") for name, _ in attributes(element)) and not _foreign(element):
            raise InvalidInput(
                "its definition has attributes of another namespace, as libvirt has none"
            )
    reader = AccessReader(root, known)
    _mark_harmless(reader)
    read_machine(reader)
    for devices in root.iterfind("devices"):
        for device in devices:
            if isinstance(device.tag, str):
                _device(reader, device)
    for element, attribute, value in reader.unread_paths():
        where = f"{_path(element)}@{attribute}" if attribute else _path(element)
        reader.report(f"it names {value} in {where}, and virttui does not know what for", element)
    return tuple(sorted(reader.accesses, key=lambda one: one.path))


def _foreign(element: Element) -> bool:
    """True if an element is metadata, or of another namespace, which is reported as a whole."""
    chain = (element, *element.iterancestors())
    return any(one.tag == "metadata" or etree.QName(one).namespace for one in chain)


def _device(reader: AccessReader, device: Element) -> None:
    kind = etree.QName(device).localname
    if kind in _CHARACTERS:
        read_character(reader, device, kind)
    elif kind in READERS:
        READERS[kind](reader, device)


def _mark_harmless(reader: AccessReader) -> None:
    """Mark texts, and everything inside the guest, as read."""
    for path in ("metadata", "description", "title", "name", "os/cmdline", "os/type", "os/init",
                 "os/initarg", "os/initenv", "os/initdir", "os/inituser", "os/initgroup", "cpu",
                 "clock", "launchSecurity", "features/hyperv",
                 "devices/filesystem/target", "devices/disk/serial",
                 "devices/disk/vendor", "devices/disk/product", "devices/*/alias"):  # fmt: skip
        for element in reader.root.iterfind(path):
            reader.mark_harmless(element)
    for element in elements(reader.root):
        if element.tag == "entry" and not element.get("file"):
            reader.mark_harmless(element)  # of <sysinfo>: words for the guest
        parent = element.getparent()
        if element.tag == "secret" and parent is not None and parent.tag in ("auth", "encryption"):
            reader.mark_harmless(element)  # a name that libvirt keeps a value under


def _path(element: Element) -> str:
    names = [etree.QName(element).localname]
    names += [etree.QName(one).localname for one in element.iterancestors()]
    return "/".join(names[-2::-1]) or names[0]

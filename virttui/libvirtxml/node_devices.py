"""Devices of a host, from the definitions of its node devices."""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.parse import attribute, root_of, size, text
from virttui.model.documents import Option
from virttui.model.domains.devices import Bus, HostDevice

_BRIDGE = "0x06"
"""The class of PCI bridges, which cannot be passed through."""
_ROOT_HUB = "0x1d6b"
"""The vendor of the root hubs in the host's USB controllers."""


def host_device(xml: str) -> HostDevice | None:
    """Return the device, or None for one that cannot be passed through. Raises InvalidInput."""
    root = root_of(xml)
    pci = root.find("capability[@type='pci']")
    if pci is not None:
        return _pci(pci, text(root, "driver/name"))
    usb = root.find("capability[@type='usb_device']")
    return _usb(usb) if usb is not None else None


def disk(xml: str) -> Option | None:
    """Return a block device by its path, with its size and model; None for anything but a disk
    with a medium. Raises InvalidInput."""
    storage = root_of(xml).find("capability[@type='storage']")
    if storage is None or text(storage, "drive_type") not in ("disk", ""):
        return None
    words, path = [], text(storage, "block")
    if length := size(storage, "size", "bytes"):
        words.append(f"{length / 1e9:.0f} GB")
    words += [part for name in ("vendor", "model") if (part := text(storage, name))]
    return Option(path, " ".join(words)) if path else None


def _pci(device: etree._Element, driver: str) -> HostDevice | None:
    if text(device, "class").startswith(_BRIDGE):
        return None
    domain, bus, slot, function = (
        _number(text(device, part)) for part in ("domain", "bus", "slot", "function")
    )
    address = f"{domain:04x}:{bus:02x}:{slot:02x}.{function:x}"
    return HostDevice(Bus.PCI, address, _id(device), _words(device), driver)


def _usb(device: etree._Element) -> HostDevice | None:
    if attribute(device, "vendor", "id") == _ROOT_HUB:
        return None
    address = f"{_number(text(device, 'bus'))}.{_number(text(device, 'device'))}"
    return HostDevice(Bus.USB, address, _id(device), _words(device))


def _number(words: str) -> int:
    """Return a number as libvirt writes it: decimal, or hexadecimal with 0x."""
    try:
        return int(words, 0)
    except ValueError:
        return 0


def _id(device: etree._Element) -> str:
    parts = (attribute(device, part, "id") for part in ("vendor", "product"))
    return ":".join(part.removeprefix("0x") for part in parts)


def _words(device: etree._Element) -> str:
    return " ".join(filter(None, (text(device, "vendor"), text(device, "product"))))

"""Devices of the host that are passed through to a guest."""

from __future__ import annotations

import re
from collections import Counter

from virttui.libvirtxml.build import element
from virttui.model.documents import Option
from virttui.model.domains.devices import Bus, DeviceContext, DeviceXml, GuestContext, HostDevice
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.planning.form import DeviceType, choice, of_names

_ID = re.compile(r"([0-9a-f]{4}):([0-9a-f]{4})")
_PORT = re.compile(r"(\d{1,3})\.(\d{1,3})")
_SLOT = re.compile(r"(?:([0-9a-f]{4}):)?([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])")


def _device(host: DeviceContext, bus: Bus, usual: str, entered: FormValues) -> FormField:
    """Return the field for a device of the host; one that the host does not list can be typed."""
    if host.devices is None:
        options: tuple[Option, ...] = ()
        note = "asking its host"
    else:
        found = [one for one in host.devices if one.bus is bus]
        twice = Counter(one.id for one in found)
        options = tuple(Option(_device_value(one, twice), _device_note(one)) for one in found)
        note = "" if options else f"its host lists none; type it as {usual}"
    value = entered.get("device") or (options[0].name if options else "")
    return FormField("device", "device", value, options, note=note)


def _device_value(device: HostDevice, twice: Counter[str]) -> str:
    """Return the id of a USB device, which does not change with the port; the address where two
    have that id, and of PCI devices."""
    if device.bus is Bus.PCI or twice[device.id] > 1:
        return device.address
    return device.id


def _device_note(device: HostDevice) -> str:
    where = device.id if device.bus is Bus.PCI else device.address
    return ", ".join(part for part in (device.words or where, device.driver) if part)


def usb_why_not(guest: GuestContext, host: DeviceContext) -> str:
    """Return the reason why no USB device can be plugged in, else ""."""
    return "" if guest.usb else "it has no USB: its controller is of model none"


def usb_fields(guest: GuestContext, host: DeviceContext, entered: FormValues) -> list[FormField]:
    """Return the fields of a USB device."""
    return [_device(host, Bus.USB, "046d:c52b or 1.4", entered)]


def usb_xml(values: FormValues, guest: GuestContext, host: DeviceContext) -> DeviceXml:
    """Return the XML of a USB device, by vendor and product or by bus and device."""
    words = values["device"].lower()
    if (match := _ID.fullmatch(words)) is not None:
        source = element(
            "source",
            element("vendor", id=f"0x{match[1]}"),
            element("product", id=f"0x{match[2]}"),
        )
    elif (match := _PORT.fullmatch(words)) is not None:
        source = element("source", element("address", bus=match[1], device=match[2]))
    else:
        raise InvalidInput(f"{words or 'nothing'} is not a USB device: write 046d:c52b, or 1.4")
    return DeviceXml(
        element("hostdev", source, mode="subsystem", type="usb"), f"USB device {words}"
    )


def pci_fields(guest: GuestContext, host: DeviceContext, entered: FormValues) -> list[FormField]:
    """Return the fields of a PCI device, and whether libvirt detaches it from the host's driver."""
    managed = (
        Option("yes", "libvirt takes it from the host's driver"),
        Option("no", "you detached it yourself"),
    )
    return [
        _device(host, Bus.PCI, "0000:06:00.0", entered),
        choice("managed", "managed", managed, entered),
        choice("rom", "its ROM", of_names("on", "off"), entered, note="what it boots by"),
    ]


def pci_xml(values: FormValues, guest: GuestContext, host: DeviceContext) -> DeviceXml:
    """Return the XML of a PCI device, by its address on the host."""
    words = values["device"].lower()
    match = _SLOT.fullmatch(words)
    if match is None:
        raise InvalidInput(f"{words or 'nothing'} is not a PCI address: write 0000:06:00.0")
    address = element(
        "address",
        domain=f"0x{match[1] or '0000'}",
        bus=f"0x{match[2]}",
        slot=f"0x{match[3]}",
        function=f"0x{match[4]}",
    )
    xml = element(
        "hostdev",
        element("source", address),
        "<rom bar='off'/>" if values["rom"] == "off" else "",
        mode="subsystem",
        type="pci",
        managed=values["managed"],
    )
    return DeviceXml(xml, f"PCI device {words}")


PASSTHROUGH = {
    "usb": DeviceType(usb_fields, usb_xml, usb_why_not),
    "pci": DeviceType(pci_fields, pci_xml),
}

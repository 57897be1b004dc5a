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


def _device(around: DeviceContext, bus: Bus, usual: str, entered: FormValues) -> FormField:
    """Which device of the host; what the host does not tell of can be typed."""
    if around.devices is None:
        options: tuple[Option, ...] = ()
        note = "asking its host"
    else:
        found = [one for one in around.devices if one.bus is bus]
        twice = Counter(one.id for one in found)
        options = tuple(Option(_called(one, twice), _words(one)) for one in found)
        note = "" if options else f"its host tells of none; type it as {usual}"
    value = entered.get("device") or (options[0].name if options else "")
    return FormField("device", "device", value, options, note=note)


def _called(device: HostDevice, twice: Counter[str]) -> str:
    """By what it is, so that another port changes nothing; by where, if there are several."""
    if device.bus is Bus.PCI or twice[device.id] > 1:
        return device.address
    return device.id


def _words(device: HostDevice) -> str:
    where = device.id if device.bus is Bus.PCI else device.address
    return ", ".join(part for part in (device.words or where, device.driver) if part)


def usb_why_not(guest: GuestContext, around: DeviceContext) -> str:
    """It wants something to be plugged into."""
    return "" if guest.usb else "it has no USB: its controller is of model none"


def usb_fields(guest: GuestContext, around: DeviceContext, entered: FormValues) -> list[FormField]:
    """Which USB device."""
    return [_device(around, Bus.USB, "046d:c52b or 1.4", entered)]


def usb_xml(values: FormValues, guest: GuestContext, around: DeviceContext) -> DeviceXml:
    """The XML of a USB device, by vendor and product or by bus and device."""
    words = values["device"].lower()
    if (found := _ID.fullmatch(words)) is not None:
        source = element(
            "source",
            element("vendor", id=f"0x{found[1]}"),
            element("product", id=f"0x{found[2]}"),
        )
    elif (found := _PORT.fullmatch(words)) is not None:
        source = element("source", element("address", bus=found[1], device=found[2]))
    else:
        raise InvalidInput(f"{words or 'nothing'} is no USB device: write 046d:c52b, or 1.4")
    return DeviceXml(
        element("hostdev", source, mode="subsystem", type="usb"), f"USB device {words}"
    )


def pci_fields(guest: GuestContext, around: DeviceContext, entered: FormValues) -> list[FormField]:
    """Which PCI device, and who takes it from the host's driver."""
    managed = (
        Option("yes", "libvirt takes it from the host's driver"),
        Option("no", "it was taken by hand"),
    )
    return [
        _device(around, Bus.PCI, "0000:06:00.0", entered),
        choice("managed", "managed", managed, entered),
        choice("rom", "its ROM", of_names("on", "off"), entered, note="what it boots by"),
    ]


def pci_xml(values: FormValues, guest: GuestContext, around: DeviceContext) -> DeviceXml:
    """The XML of a PCI device, by its address on the host."""
    words = values["device"].lower()
    found = _SLOT.fullmatch(words)
    if found is None:
        raise InvalidInput(f"{words or 'nothing'} is no PCI address: write 0000:06:00.0")
    address = element(
        "address",
        domain=f"0x{found[1] or '0000'}",
        bus=f"0x{found[2]}",
        slot=f"0x{found[3]}",
        function=f"0x{found[4]}",
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


PASSING = {
    "usb": DeviceType(usb_fields, usb_xml, usb_why_not),
    "pci": DeviceType(pci_fields, pci_xml),
}

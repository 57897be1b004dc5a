"""The consoles in a domain's definition, by libvirt's aliases.

Field meanings follow libvirt's "Domain XML format", and names of devices Linux's drivers.
"""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.parse import attribute, root_of
from virttui.model.domains.consoles import ConsoleDevice

_SERIAL_PORTS = {
    "isa-serial": "ttyS",
    "usb-serial": "ttyUSB",
    "spapr-vio-serial": "hvc",
}
"""Type of a serial device -> the name of its ports in a Linux guest, which go by their number."""
_BY_MODEL = {"pl011": "ttyAMA", "16550a": "ttyS", "isa-debugcon": ""}
"""The same for serial devices that have one type and several models."""


def consoles(xml: str) -> tuple[ConsoleDevice, ...]:
    """Return every console of a domain, serial ones first. Raises InvalidInput.

    A domain that is off has no aliases; they are then those that it will get at its start.
    """
    root = root_of(xml)
    serial = [
        _device(one, f"serial{number}", _serial_name(one, number))
        for number, one in enumerate(root.iterfind("devices/serial"))
    ]
    found = {one.alias: one for one in serial}
    virtio = 0
    for number, one in enumerate(root.iterfind("devices/console")):
        kind = attribute(one, "target", "type", "serial")
        # The first console of a machine is its first serial port once more.
        if kind == "serial" and serial:
            continue
        name = _console_name(kind, number, virtio)
        virtio += kind == "virtio"
        device = _device(one, f"console{number}", name)
        found.setdefault(device.alias, device)
    return tuple(found.values())


def _device(element: etree._Element, alias: str, name: str) -> ConsoleDevice:
    kind, source = element.get("type", ""), attribute(element, "source", "path")
    return ConsoleDevice(
        alias=attribute(element, "alias", "name", alias) or alias,
        name=name,
        type=attribute(element, "target", "type") or element.tag,
        log_file=attribute(element, "log", "file") or (source if kind == "file" else ""),
        why_not="" if kind == "pty" else f"its other end is a {kind}: libvirt opens a pty alone",
    )


def _serial_name(element: etree._Element, number: int) -> str:
    kind = attribute(element, "target", "type", "isa-serial")
    model = attribute(element, "target/model", "name")
    port = attribute(element, "target", "port", str(number))
    name = _BY_MODEL.get(model, _SERIAL_PORTS.get(kind, ""))
    return f"{name}{port}" if name else ""


def _console_name(kind: str, number: int, virtio: int) -> str:
    """The name in the guest; ``virtio`` counts the virtio consoles before this one."""
    if kind == "virtio":
        return f"hvc{virtio}"
    if kind == "lxc":
        return f"tty{number + 1}"
    return {"xen": f"hvc{number}", "sclp": "ttysclp0", "sclplm": "ttyS1"}.get(kind, "")

"""Serial ports, channels, graphics, video, RNG, TPM and watchdog."""

from __future__ import annotations

from virttui.libvirtxml.build import element, name, path, require_unused
from virttui.model.documents import Option
from virttui.model.domains.devices import DeviceContext, DeviceXml, GuestContext
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.planning.devices.nic import nic_fields, nic_xml
from virttui.planning.form import DeviceType, choice, of_names, preferred


def serial_fields(guest: GuestContext, host: DeviceContext, entered: FormValues) -> list[FormField]:
    """Return the fields of a serial port."""
    types = (Option("pty", "a console, as c opens it"), Option("file", "written to a file"))
    fields = [choice("type", "leads to", types, entered)]
    if fields[0].value == "file":
        fields.append(
            FormField("path", "path", entered.get("path", ""), note="/var/log/web-serial.log")
        )
    return fields


def serial_xml(values: FormValues, guest: GuestContext, host: DeviceContext) -> DeviceXml:
    """Return the XML of a serial port."""
    source = element("source", path=path(values["path"])) if values["type"] == "file" else ""
    return DeviceXml(element("serial", source, type=values["type"]), "serial port")


_CHANNELS = (
    Option("org.qemu.guest_agent.0", "the guest agent"),
    Option("com.redhat.spice.0", "clipboard and resizing over SPICE"),
)


def channel_fields(
    guest: GuestContext, host: DeviceContext, entered: FormValues
) -> list[FormField]:
    """Return the field for the name by which the guest finds the channel."""
    usable = [one for one in _CHANNELS if one.name not in guest.used_names]
    if "spice" not in guest.of("graphics"):
        usable = [one for one in usable if "spice" not in one.name]
    value = entered.get("name") or preferred(usable)
    return [FormField("name", "name", value, tuple(usable), note="what the guest finds it by")]


def channel_xml(values: FormValues, guest: GuestContext, host: DeviceContext) -> DeviceXml:
    """Return the XML of a channel."""
    channel = require_unused(
        name(values["name"], "name of a channel"), guest.used_names, "a channel"
    )
    spice = channel == "com.redhat.spice.0"
    if spice and "spice" not in guest.of("graphics"):
        raise InvalidInput("this channel needs SPICE graphics, and it has none")
    target = element("target", type="virtio", name=channel)
    return DeviceXml(element("channel", target, type="spicevmc" if spice else "unix"), channel)


def _screens(guest: GuestContext, host: DeviceContext) -> tuple[Option, ...]:
    known = host.options("devices/graphics@type", "vnc", "spice")
    usable = [one for one in known if one.name in ("vnc", "spice")]
    return tuple(one for one in usable if one.name not in guest.of("graphics"))


def graphics_why_not(guest: GuestContext, host: DeviceContext) -> str:
    """Return the reason why no graphics can be added, else "". QEMU has one of each type."""
    if _screens(guest, host):
        return ""
    existing = [type for type in guest.of("graphics") if type in ("vnc", "spice")]
    return (
        f"it has {' and '.join(existing)} already"
        if existing
        else "its host has neither VNC nor SPICE"
    )


def graphics_fields(
    guest: GuestContext, host: DeviceContext, entered: FormValues
) -> list[FormField]:
    """Return the fields of graphics: their type and the address they listen on."""
    usable = _screens(guest, host)
    hosts = (
        Option("127.0.0.1", "from its host only"),
        Option("0.0.0.0", "from anywhere, without a password"),
    )
    address = entered.get("listen") or hosts[0].name
    return [
        choice("type", "over", usable, entered, usual=preferred(usable, "vnc")),
        FormField("listen", "listens on", address, hosts, note="the port is chosen at its start"),
    ]


def graphics_xml(values: FormValues, guest: GuestContext, host: DeviceContext) -> DeviceXml:
    """Return the XML of graphics; libvirt chooses the port."""
    address = name(values["listen"], "address")
    listen = element("listen", type="address", address=address)
    xml = element("graphics", listen, type=values["type"], autoport="yes")
    return DeviceXml(xml, f"{values['type'].upper()} screen")


def _cards(guest: GuestContext, host: DeviceContext) -> tuple[Option, ...]:
    known = host.options("devices/video/model@type", "virtio", "vga", "qxl", "bochs", "cirrus")
    second = ("virtio", "qxl")
    return tuple(
        one for one in known if one.name != "none" and (not guest.of("video") or one.name in second)
    )


def video_why_not(guest: GuestContext, host: DeviceContext) -> str:
    """Return the reason why no video card can be added, else "". A domain with the model none
    has no first one."""
    if "none" in guest.of("video"):
        return "it has a video of model none: remove that first"
    return "" if _cards(guest, host) else "its host has no model for a second one"


def video_fields(guest: GuestContext, host: DeviceContext, entered: FormValues) -> list[FormField]:
    """Return the field for the model of the card."""
    usable = _cards(guest, host)
    note = "its second card" if guest.of("video") else ""
    return [choice("model", "model", usable, entered, usual=preferred(usable, "virtio"), note=note)]


def video_xml(values: FormValues, guest: GuestContext, host: DeviceContext) -> DeviceXml:
    """Return the XML of a video card."""
    model = element("model", type=values["model"])
    return DeviceXml(element("video", model), f"video {values['model']}")


def rng_fields(guest: GuestContext, host: DeviceContext, entered: FormValues) -> list[FormField]:
    """Return the fields of a random number generator."""
    models = host.options("devices/rng@model", "virtio")
    known = host.options("devices/rng/backend@model", "random", "builtin")
    notes = {"random": "a device of the host", "builtin": "QEMU's own"}
    backends = [Option(one.name, notes[one.name]) for one in known if one.name in notes]
    fields = [
        choice("model", "model", models, entered, usual=preferred(models, "virtio")),
        choice("backend", "from", backends, entered, usual=preferred(backends, "random")),
    ]
    if fields[1].value == "random":
        sources = of_names("/dev/urandom", "/dev/random", "/dev/hwrng")
        fields.append(FormField("source", "device", entered.get("source", "/dev/urandom"), sources))
    return fields


def rng_xml(values: FormValues, guest: GuestContext, host: DeviceContext) -> DeviceXml:
    """Return the XML of a random number generator."""
    random = values["backend"] == "random"
    source = path(values["source"]) if random else ""
    backend = element("backend", text=source, model=values["backend"])
    return DeviceXml(element("rng", backend, model=values["model"]), "RNG")


def tpm_why_not(guest: GuestContext, host: DeviceContext) -> str:
    """Return the reason why no TPM can be added, else "". A domain has one at most."""
    if guest.of("tpm"):
        return "it has one already"
    known = host.options("devices/tpm/backend@type", "emulator")
    missing = host.lacks("devices/tpm@model") or not any(one.name == "emulator" for one in known)
    return "its host has no TPM emulator: install swtpm" if missing else ""


def tpm_fields(guest: GuestContext, host: DeviceContext, entered: FormValues) -> list[FormField]:
    """Return the fields of a TPM: its model and version."""
    models = host.options("devices/tpm@model", "tpm-crb", "tpm-tis")
    usual = preferred(models, "tpm-crb", "tpm-tis-device", "tpm-spapr", "tpm-tis")
    versions = host.options("devices/tpm/backend@version", "2.0", "1.2")
    return [
        choice("model", "model", models, entered, usual=usual),
        choice("version", "version", versions, entered, usual=preferred(versions, "2.0")),
    ]


def tpm_xml(values: FormValues, guest: GuestContext, host: DeviceContext) -> DeviceXml:
    """Return the XML of an emulated TPM."""
    backend = element("backend", type="emulator", version=values["version"])
    return DeviceXml(element("tpm", backend, model=values["model"]), "TPM")


_ACTIONS = of_names("reset", "shutdown", "poweroff", "pause", "dump", "inject-nmi", "none")


def _watchdogs(guest: GuestContext, host: DeviceContext) -> tuple[Option, ...]:
    """Return the models that can be added. Before libvirt 9.1 a domain had one watchdog, and
    none of the chipset's own."""
    version = tuple(int(part) for part in host.libvirt.split(".")[:2] if part.isdigit())
    newer = version >= (9, 1)
    if guest.arch.startswith("s390"):
        usable = [Option("diag288")]
    else:
        usable = [Option("i6300esb", "a PCI card")]
        usable += [Option("itco", "of the q35 chipset")] if guest.q35 and newer else []
    existing = guest.of("watchdog")
    return tuple(one for one in usable if one.name not in existing) if newer or not existing else ()


def watchdog_why_not(guest: GuestContext, host: DeviceContext) -> str:
    """Return the reason why no watchdog can be added, else ""."""
    return "" if _watchdogs(guest, host) else "it has one already"


def watchdog_fields(
    guest: GuestContext, host: DeviceContext, entered: FormValues
) -> list[FormField]:
    """Return the fields of a watchdog: its model, and the action when the guest hangs."""
    return [
        choice("model", "model", _watchdogs(guest, host), entered),
        choice("action", "when it hangs", _ACTIONS, entered),
    ]


def watchdog_xml(values: FormValues, guest: GuestContext, host: DeviceContext) -> DeviceXml:
    """Return the XML of a watchdog."""
    xml = element("watchdog", model=values["model"], action=values["action"])
    return DeviceXml(xml, f"watchdog {values['model']}")


PERIPHERALS = {
    "nic": DeviceType(nic_fields, nic_xml, containers=True),
    "serial": DeviceType(serial_fields, serial_xml),
    "graphics": DeviceType(graphics_fields, graphics_xml, graphics_why_not),
    "video": DeviceType(video_fields, video_xml, video_why_not),
    "channel": DeviceType(channel_fields, channel_xml),
    "rng": DeviceType(rng_fields, rng_xml),
    "tpm": DeviceType(tpm_fields, tpm_xml, tpm_why_not),
    "watchdog": DeviceType(watchdog_fields, watchdog_xml, watchdog_why_not),
}

"""Ports, screens and small helpers of a guest."""

from __future__ import annotations

from virttui.libvirtxml.build import element, name, path, unused
from virttui.model.documents import Option
from virttui.model.domains.devices import DeviceContext, DeviceXml, GuestContext
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.planning.devices.nic import nic_fields, nic_xml
from virttui.planning.form import DeviceType, choice, of_names, preferred


def serial_fields(
    guest: GuestContext, around: DeviceContext, entered: FormValues
) -> list[FormField]:
    """Where a serial port leads."""
    types = (Option("pty", "a console, as c opens it"), Option("file", "written to a file"))
    wanted = [choice("type", "leads to", types, entered)]
    if wanted[0].value == "file":
        wanted.append(
            FormField("path", "path", entered.get("path", ""), note="/var/log/web-serial.log")
        )
    return wanted


def serial_xml(values: FormValues, guest: GuestContext, around: DeviceContext) -> DeviceXml:
    """The XML of a serial port."""
    source = element("source", path=path(values["path"])) if values["type"] == "file" else ""
    return DeviceXml(element("serial", source, type=values["type"]), "serial port")


_CHANNELS = (
    Option("org.qemu.guest_agent.0", "the guest agent"),
    Option("com.redhat.spice.0", "clipboard and resizing over SPICE"),
)


def channel_fields(
    guest: GuestContext, around: DeviceContext, entered: FormValues
) -> list[FormField]:
    """The name by which the guest finds it."""
    able = [one for one in _CHANNELS if one.name not in guest.used_names]
    if "spice" not in guest.of("graphics"):
        able = [one for one in able if "spice" not in one.name]
    value = entered.get("name") or preferred(able)
    return [FormField("name", "name", value, tuple(able), note="what the guest finds it by")]


def channel_xml(values: FormValues, guest: GuestContext, around: DeviceContext) -> DeviceXml:
    """The XML of a channel."""
    called = unused(name(values["name"], "name of a channel"), guest.used_names, "a channel")
    spice = called == "com.redhat.spice.0"
    if spice and "spice" not in guest.of("graphics"):
        raise InvalidInput("this channel needs SPICE graphics, and it has none")
    target = element("target", type="virtio", name=called)
    return DeviceXml(element("channel", target, type="spicevmc" if spice else "unix"), called)


def _screens(guest: GuestContext, around: DeviceContext) -> tuple[Option, ...]:
    known = around.options("devices/graphics@type", "vnc", "spice")
    able = [one for one in known if one.name in ("vnc", "spice")]
    return tuple(one for one in able if one.name not in guest.of("graphics"))


def graphics_why_not(guest: GuestContext, around: DeviceContext) -> str:
    """QEMU serves one screen of each type."""
    if _screens(guest, around):
        return ""
    has = [type for type in guest.of("graphics") if type in ("vnc", "spice")]
    return f"it has {' and '.join(has)} already" if has else "its host has neither VNC nor SPICE"


def graphics_fields(
    guest: GuestContext, around: DeviceContext, entered: FormValues
) -> list[FormField]:
    """How a screen is reached, and from where."""
    able = _screens(guest, around)
    hosts = (
        Option("127.0.0.1", "from its host alone"),
        Option("0.0.0.0", "from anywhere, without a password"),
    )
    address = entered.get("listen") or hosts[0].name
    return [
        choice("type", "over", able, entered, usual=preferred(able, "vnc")),
        FormField("listen", "listens on", address, hosts, note="the port is chosen at its start"),
    ]


def graphics_xml(values: FormValues, guest: GuestContext, around: DeviceContext) -> DeviceXml:
    """The XML of a screen; libvirt chooses its port."""
    address = name(values["listen"], "address")
    listen = element("listen", type="address", address=address)
    xml = element("graphics", listen, type=values["type"], autoport="yes")
    return DeviceXml(xml, f"{values['type'].upper()} screen")


def _cards(guest: GuestContext, around: DeviceContext) -> tuple[Option, ...]:
    known = around.options("devices/video/model@type", "virtio", "vga", "qxl", "bochs", "cirrus")
    second = ("virtio", "qxl")
    return tuple(
        one for one in known if one.name != "none" and (not guest.of("video") or one.name in second)
    )


def video_why_not(guest: GuestContext, around: DeviceContext) -> str:
    """A domain that is said to have no card can have no second one."""
    if "none" in guest.of("video"):
        return "it has a video of model none: take that away first"
    return "" if _cards(guest, around) else "its host has none that could be its second"


def video_fields(
    guest: GuestContext, around: DeviceContext, entered: FormValues
) -> list[FormField]:
    """Which card the guest sees."""
    able = _cards(guest, around)
    note = "its second card" if guest.of("video") else ""
    return [choice("model", "model", able, entered, usual=preferred(able, "virtio"), note=note)]


def video_xml(values: FormValues, guest: GuestContext, around: DeviceContext) -> DeviceXml:
    """The XML of a graphics card."""
    model = element("model", type=values["model"])
    return DeviceXml(element("video", model), f"video {values['model']}")


def rng_fields(guest: GuestContext, around: DeviceContext, entered: FormValues) -> list[FormField]:
    """Where random numbers come from."""
    models = around.options("devices/rng@model", "virtio")
    known = around.options("devices/rng/backend@model", "random", "builtin")
    notes = {"random": "a device of the host", "builtin": "QEMU's own"}
    backends = [Option(one.name, notes[one.name]) for one in known if one.name in notes]
    wanted = [
        choice("model", "model", models, entered, usual=preferred(models, "virtio")),
        choice("backend", "from", backends, entered, usual=preferred(backends, "random")),
    ]
    if wanted[1].value == "random":
        sources = of_names("/dev/urandom", "/dev/random", "/dev/hwrng")
        wanted.append(FormField("source", "device", entered.get("source", "/dev/urandom"), sources))
    return wanted


def rng_xml(values: FormValues, guest: GuestContext, around: DeviceContext) -> DeviceXml:
    """The XML of a random number generator."""
    random = values["backend"] == "random"
    source = path(values["source"]) if random else ""
    backend = element("backend", text=source, model=values["backend"])
    return DeviceXml(element("rng", backend, model=values["model"]), "RNG")


def tpm_why_not(guest: GuestContext, around: DeviceContext) -> str:
    """One a domain, where the host can emulate it."""
    if guest.of("tpm"):
        return "it has one already"
    known = around.options("devices/tpm/backend@type", "emulator")
    lacks = around.lacks("devices/tpm@model") or not any(one.name == "emulator" for one in known)
    return "its host has no TPM emulator: install swtpm" if lacks else ""


def tpm_fields(guest: GuestContext, around: DeviceContext, entered: FormValues) -> list[FormField]:
    """Which interface and version the guest sees."""
    models = around.options("devices/tpm@model", "tpm-crb", "tpm-tis")
    usual = preferred(models, "tpm-crb", "tpm-tis-device", "tpm-spapr", "tpm-tis")
    versions = around.options("devices/tpm/backend@version", "2.0", "1.2")
    return [
        choice("model", "model", models, entered, usual=usual),
        choice("version", "version", versions, entered, usual=preferred(versions, "2.0")),
    ]


def tpm_xml(values: FormValues, guest: GuestContext, around: DeviceContext) -> DeviceXml:
    """The XML of an emulated TPM."""
    backend = element("backend", type="emulator", version=values["version"])
    return DeviceXml(element("tpm", backend, model=values["model"]), "TPM")


_ACTIONS = of_names("reset", "shutdown", "poweroff", "pause", "dump", "inject-nmi", "none")


def _dogs(guest: GuestContext, around: DeviceContext) -> tuple[Option, ...]:
    """Before libvirt 9.1 a domain had one, and none of the chipset's own."""
    version = tuple(int(part) for part in around.libvirt.split(".")[:2] if part.isdigit())
    newer = version >= (9, 1)
    if guest.arch.startswith("s390"):
        able = [Option("diag288")]
    else:
        able = [Option("i6300esb", "a PCI card")]
        able += [Option("itco", "of the q35 chipset")] if guest.q35 and newer else []
    has = guest.of("watchdog")
    return tuple(one for one in able if one.name not in has) if newer or not has else ()


def watchdog_why_not(guest: GuestContext, around: DeviceContext) -> str:
    """One of each model, or one at all."""
    return "" if _dogs(guest, around) else "it has one already"


def watchdog_fields(
    guest: GuestContext, around: DeviceContext, entered: FormValues
) -> list[FormField]:
    """Which one the guest sees, and what happens when it hangs."""
    return [
        choice("model", "model", _dogs(guest, around), entered),
        choice("action", "when it hangs", _ACTIONS, entered),
    ]


def watchdog_xml(values: FormValues, guest: GuestContext, around: DeviceContext) -> DeviceXml:
    """The XML of a watchdog."""
    xml = element("watchdog", model=values["model"], action=values["action"])
    return DeviceXml(xml, f"watchdog {values['model']}")


PLAIN = {
    "nic": DeviceType(nic_fields, nic_xml, containers=True),
    "serial": DeviceType(serial_fields, serial_xml),
    "graphics": DeviceType(graphics_fields, graphics_xml, graphics_why_not),
    "video": DeviceType(video_fields, video_xml, video_why_not),
    "channel": DeviceType(channel_fields, channel_xml),
    "rng": DeviceType(rng_fields, rng_xml),
    "tpm": DeviceType(tpm_fields, tpm_xml, tpm_why_not),
    "watchdog": DeviceType(watchdog_fields, watchdog_xml, watchdog_why_not),
}

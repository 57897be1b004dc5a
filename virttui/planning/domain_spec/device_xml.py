"""The devices of a machine, in the order virt-install writes them.

Sound is left out on purpose: nobody hears it in a terminal. So is a watchdog, as virt-install does:
one that nobody in the guest feeds would reset it.
"""

from __future__ import annotations

from collections.abc import Iterator

from virttui.libvirtxml.build import element, mac, name, path
from virttui.model.errors import InvalidInput
from virttui.model.provision.domain_spec import (
    DiskSpec,
    DomainSpec,
    HostCapabilities,
    NicSpec,
    OperatingSystem,
)
from virttui.planning.domain_spec.defaults import (
    NONE,
    X86,
    has_balloon,
    has_usb3,
    is_q35,
    is_qemu,
    is_virt_board,
)

_SPARE_PORTS = 14
"""PCI Express slots for devices to come: QEMU 6.1 fails with more than 14."""
_FORMATS = {"iso": "raw", "": "raw"}
_STATS_PERIOD = "5"
"""Seconds between a guest's reports of its memory; without it, libvirt has no figures."""
_LOCALHOST = "127.0.0.1"
_SOURCES = {
    "network": ("network", {}),
    "bridge": ("bridge", {}),
    "direct": ("dev", {"mode": "bridge"}),
}
"""Kind of network -> the attribute of its source, and further attributes."""


def devices(
    machine: DomainSpec, system: OperatingSystem, capabilities: HostCapabilities
) -> Iterator[str]:
    """Yield every device of a machine that has its defaults. Raises InvalidInput."""
    if capabilities.emulator and machine.arch == capabilities.arch:
        yield element("emulator", text=capabilities.emulator)
    yield from (drive(disk) for disk in machine.disks)
    if is_qemu(machine):
        yield from _controllers(machine, system)
    yield from (nic(one) for one in machine.nics)
    yield from _serial(machine)
    if is_qemu(machine):
        yield from _channels(machine)
    if machine.graphics != NONE:
        yield from _graphics(machine)
    yield from _other_devices(machine, system, capabilities)


# -- disks and cards ---------------------------------------------------------------------------


def drive(disk: DiskSpec) -> str:
    """Return a disk or drive. Blocks that the guest frees are freed on the host.

    Raises InvalidInput.
    """
    kind, source = _source(disk)
    driver = {"name": "qemu", "type": _FORMATS.get(disk.format, disk.format)}
    if disk.device != "disk":
        driver["type"] = "raw" if kind != "empty" else ""
    elif not disk.read_only:
        driver["discard"] = "unmap"
    if kind == "block" and disk.device == "disk":
        driver |= {"cache": "none", "io": "native"}
    return element(
        "disk",
        element("driver", **driver) if kind != "empty" else "",
        source,
        element("target", dev=name(disk.target, "target"), bus=disk.bus),
        "<readonly/>" if disk.read_only else "",
        element("boot", order=str(disk.boot_order)) if disk.boot_order else "",
        type="file" if kind == "empty" else kind,
        device=disk.device,
    )


def _source(disk: DiskSpec) -> tuple[str, str]:
    if disk.pool or disk.volume:
        if not (disk.pool and disk.volume):
            raise InvalidInput(f"the disk {disk.target} has a pool and no volume, or the reverse")
        return "volume", element("source", pool=disk.pool, volume=disk.volume)
    if disk.path:
        kind = "block" if disk.path.startswith("/dev/") else "file"
        return kind, element("source", **{"dev" if kind == "block" else "file": path(disk.path)})
    if disk.device == "disk":
        raise InvalidInput(f"the disk {disk.target} has no source: neither a volume nor a path")
    return "empty", ""


def nic(card: NicSpec) -> str:
    """Return a network card. Raises InvalidInput."""
    source = ""
    if card.kind != "user":
        if card.kind not in _SOURCES or not card.source:
            raise InvalidInput(f"a card on {card.kind or 'nothing'} {card.source} cannot be made")
        attribute, more = _SOURCES[card.kind]
        named = {attribute: card.source, "portgroup": card.portgroup, **more}
        source = element("source", **named)
    return element(
        "interface",
        element("mac", address=mac(card.mac)) if card.mac else "",
        source,
        element("model", type=card.model) if card.model else "",
        element("boot", order=str(card.boot_order)) if card.boot_order else "",
        type=card.kind,
    )


# -- controllers -------------------------------------------------------------------------------


def _controllers(machine: DomainSpec, system: OperatingSystem) -> Iterator[str]:
    if machine.arch in X86 or (is_virt_board(machine) and machine.arch != "s390x"):
        yield from _usb(has_usb3(machine, system))
    if any(disk.bus == "scsi" for disk in machine.disks):
        yield element("controller", type="scsi", model="virtio-scsi")
    if is_q35(machine) or (is_virt_board(machine) and machine.machine.startswith("virt")):
        yield element("controller", type="pci", model="pcie-root")
        yield from [element("controller", type="pci", model="pcie-root-port")] * _SPARE_PORTS


def _usb(usb3: bool) -> Iterator[str]:
    if usb3:
        yield element("controller", type="usb", model="qemu-xhci", ports="15")
        return
    yield element("controller", type="usb", model="ich9-ehci1")
    for number, start in enumerate(("0", "2", "4"), 1):
        master = element("master", startport=start)
        yield element("controller", master, type="usb", model=f"ich9-uhci{number}")


# -- lines, screen -----------------------------------------------------------------------------


def _serial(machine: DomainSpec) -> Iterator[str]:
    """Yield a serial port and the console on it."""
    if machine.arch == "s390x":
        yield element("console", element("target", type="sclp"), type="pty")
        return
    yield element("serial", type="pty")
    yield element("console", element("target", type="serial"), type="pty")


def _channels(machine: DomainSpec) -> Iterator[str]:
    if machine.agent:
        target = element("target", type="virtio", name="org.qemu.guest_agent.0")
        yield element("channel", element("source", mode="bind"), target, type="unix")
    if machine.graphics == "spice":
        target = element("target", type="virtio", name="com.redhat.spice.0")
        yield element("channel", target, type="spicevmc")


def _graphics(machine: DomainSpec) -> Iterator[str]:
    """Yield graphics that listen on the host only, and an absolute pointer."""
    bus = "virtio" if machine.arch == "s390x" else "usb"
    yield element("input", type="tablet", bus=bus)
    if machine.arch not in X86:
        yield element("input", type="keyboard", bus=bus)
    listen = element("listen", type="address", address=_LOCALHOST)
    yield element("graphics", listen, type=machine.graphics, port="-1", autoport="yes")
    yield element("video", element("model", type=machine.video))
    if machine.graphics == "spice" and machine.arch in X86:
        yield from [element("redirdev", bus="usb", type="spicevmc")] * 2


def _other_devices(
    machine: DomainSpec, system: OperatingSystem, capabilities: HostCapabilities
) -> Iterator[str]:
    if machine.tpm:
        models = capabilities.of("tpm/model") or ()
        model = "tpm-crb" if "tpm-crb" in models or not models else ""
        yield element("tpm", element("backend", type="emulator", version="2.0"), model=model)
    if has_balloon(machine, system):
        yield element("memballoon", element("stats", period=_STATS_PERIOD), model="virtio")
    if machine.rng:
        backend = element("backend", text="/dev/urandom", model="random")
        yield element("rng", backend, model="virtio")

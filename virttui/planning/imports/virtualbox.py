"""VirtualBox's own description of a machine in an OVF file: ``<vbox:Machine>``.

OVF's items lack the addresses of the cards, the UUID, the firmware and the boot order.
"""

from __future__ import annotations

import re

from lxml import etree
from msgspec import Struct

from virttui.libvirtxml.parse import whole
from virttui.planning.imports.device_models import card_model, mac_of, one_line
from virttui.planning.imports.ovf_elements import attribute, below, children, first, name, text

_ORDER = {"harddisk": "disk", "dvd": "cdrom", "floppy": "floppy", "network": "net"}


class VirtualBoxNic(Struct, frozen=True):
    """An enabled network card."""

    mac: str = ""
    model: str = ""


class VirtualBoxMachine(Struct, frozen=True):
    """The facts in VirtualBox's section. ``boot`` are kinds of devices (disk, cdrom, floppy,
    net), in order."""

    uuid: str = ""
    vcpus: int = 0
    memory: int = 0
    firmware: str = "bios"
    secure: bool = False
    tpm: bool = False
    arch: str = "x86_64"
    os_label: str = ""
    description: str = ""
    suspended: bool = False
    boot: tuple[str, ...] = ()
    adapters: tuple[VirtualBoxNic, ...] = ()


def virtualbox_machine(machine: etree._Element) -> VirtualBoxMachine | None:
    """Return VirtualBox's section of an OVF file, None in a file of another tool."""
    # Old releases put the same elements one level up.
    found = next((one for one in machine.iter() if _is_machine(one)), None)
    if found is None:
        return None
    hardware = first(found, "Hardware")
    parent = hardware if hardware is not None else found

    def value(called: str, key: str) -> str:
        return next((attribute(one, key).lower() for one in below(parent, called)), "")

    firmware, tpm = value("Firmware", "type"), value("TrustedPlatformModule", "type")
    return VirtualBoxMachine(
        uuid=_uuid(attribute(hardware, "uuid") or attribute(found, "uuid")),
        vcpus=whole(value("CPU", "count")) or 0,
        memory=(whole(value("Memory", "RAMSize")) or 0) * 1024**2,
        firmware="uefi" if firmware.startswith("efi") else "bios",
        secure=firmware.startswith("efi") and value("SecureBoot", "enabled") == "true",
        tpm=tpm not in ("", "none"),
        arch="aarch64" if value("Platform", "architecture").startswith("arm") else "x86_64",
        os_label=attribute(found, "OSType"),
        description=one_line(text(found, "Description")),
        suspended=bool(attribute(found, "stateFile")),
        boot=_boot(first(parent, "Boot")),
        adapters=tuple(_adapters(first(parent, "Network"))),
    )


def _is_machine(one: etree._Element) -> bool:
    """True for ``<vbox:Machine>``, by its namespace: others may use the same name."""
    space = (etree.QName(one).namespace or "") if isinstance(one.tag, str) else ""
    return "virtualbox" in space and name(one) == "Machine"


def _adapters(network: etree._Element | None) -> list[VirtualBoxNic]:
    """Return the enabled cards, in the order of their slots."""
    cards = children(network, "Adapter")
    cards.sort(key=lambda card: whole(attribute(card, "slot")) or 0)
    return [
        VirtualBoxNic(mac_of(attribute(card, "MACAddress")), card_model(attribute(card, "type")))
        for card in cards
        if attribute(card, "enabled").lower() in ("true", "1")
    ]


def _boot(order: etree._Element | None) -> tuple[str, ...]:
    entries = children(order, "Order")
    entries.sort(key=lambda one: whole(attribute(one, "position")) or 0)
    kinds = [_ORDER.get(attribute(one, "device").lower(), "") for one in entries]
    return tuple(kind for kind in dict.fromkeys(kinds) if kind)


def _uuid(words: str) -> str:
    plain = words.strip("{} ").lower()
    return plain if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", plain) else ""

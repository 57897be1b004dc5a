"""What VirtualBox says of its machine beside the OVF that it is in: ``<vbox:Machine>``.

OVF's own items leave out the addresses of its cards, its UUID, its firmware and what boots first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from virttui.libvirtxml.parse import whole
from virttui.planning.imports.device_models import card_model, mac_of, one_line
from virttui.planning.imports.ovf_elements import attribute, below, children, first, name, text

_ORDER = {"harddisk": "disk", "dvd": "cdrom", "floppy": "floppy", "network": "net"}


@dataclass(frozen=True, slots=True)
class VirtualBoxNic:
    """A network card that is on."""

    mac: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class VirtualBoxMachine:
    """What VirtualBox tells. ``boot`` are kinds of devices (disk, cdrom, floppy, net), in order."""

    uuid: str = ""
    vcpus: int = 0
    memory: int = 0
    firmware: str = "bios"
    secure: bool = False
    tpm: bool = False
    arch: str = "x86_64"
    os_words: str = ""
    description: str = ""
    suspended: bool = False
    boot: tuple[str, ...] = ()
    adapters: tuple[VirtualBoxNic, ...] = ()


def box(machine: etree._Element) -> VirtualBoxMachine | None:
    """What it tells of the machine of an OVF file, None where that is of somebody else."""
    # Old releases put the same elements one level up.
    found = next((one for one in machine.iter() if _is_machine(one)), None)
    if found is None:
        return None
    hardware = first(found, "Hardware")
    near = hardware if hardware is not None else found

    def said(called: str, key: str) -> str:
        return next((attribute(one, key).lower() for one in below(near, called)), "")

    firmware, tpm = said("Firmware", "type"), said("TrustedPlatformModule", "type")
    return VirtualBoxMachine(
        uuid=_uuid(attribute(hardware, "uuid") or attribute(found, "uuid")),
        vcpus=whole(said("CPU", "count")) or 0,
        memory=(whole(said("Memory", "RAMSize")) or 0) * 1024**2,
        firmware="uefi" if firmware.startswith("efi") else "bios",
        secure=firmware.startswith("efi") and said("SecureBoot", "enabled") == "true",
        tpm=tpm not in ("", "none"),
        arch="aarch64" if said("Platform", "architecture").startswith("arm") else "x86_64",
        os_words=attribute(found, "OSType"),
        description=one_line(text(found, "Description")),
        suspended=bool(attribute(found, "stateFile")),
        boot=_boot(first(near, "Boot")),
        adapters=tuple(_adapters(first(near, "Network"))),
    )


def _is_machine(one: etree._Element) -> bool:
    """``<vbox:Machine>``, by its namespace: others may call something else that."""
    space = (etree.QName(one).namespace or "") if isinstance(one.tag, str) else ""
    return "virtualbox" in space and name(one) == "Machine"


def _adapters(network: etree._Element | None) -> list[VirtualBoxNic]:
    """The cards that are on, in the order of their slots."""
    cards = children(network, "Adapter")
    cards.sort(key=lambda card: whole(attribute(card, "slot")) or 0)
    return [
        VirtualBoxNic(mac_of(attribute(card, "MACAddress")), card_model(attribute(card, "type")))
        for card in cards
        if attribute(card, "enabled").lower() in ("true", "1")
    ]


def _boot(order: etree._Element | None) -> tuple[str, ...]:
    told = children(order, "Order")
    told.sort(key=lambda one: whole(attribute(one, "position")) or 0)
    kinds = [_ORDER.get(attribute(one, "device").lower(), "") for one in told]
    return tuple(kind for kind in dict.fromkeys(kinds) if kind)


def _uuid(words: str) -> str:
    plain = words.strip("{} ").lower()
    return plain if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", plain) else ""

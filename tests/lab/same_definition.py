"""What our definitions have in common with virt-install's, and where and why they do not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from lxml import etree

from virttui.model.provision.domain_spec import HostCapabilities


@dataclass(frozen=True)
class Difference:
    """A place, what virt-install has there and what we have ("" for nothing), and the reason.

    ``screen`` is one that its host must have for the difference to be.
    """

    place: str
    theirs: str
    ours: str
    reason: str
    screen: str = ""

    def covers(self, place: str, theirs: str, ours: str) -> bool:
        return all(
            re.fullmatch(pattern, found)
            for pattern, found in (
                (self.place, place), (self.theirs, theirs), (self.ours, ours),
            )
        )  # fmt: skip


DIFFERENCES = (
    Difference(
        "on_reboot", "destroy", "",
        "it is defined once, not for its installation alone: it would end at each reboot for good",
    ),
    Difference(
        r"devices/serial\.pty\.0(@type)?|devices/console\.pty\.0/target(@type)?", "", ".*",
        "improvement: the serial line that libvirt adds by itself is written down",
    ),
    Difference(
        r"devices/graphics\.\w+\.0/listen(@\w+)?", "", ".*",
        "improvement: the screen is the host's alone, whatever vnc_listen says in qemu.conf",
    ),
    Difference(
        r"devices/graphics\.vnc\.0@autoport", "", "yes",
        "the same: libvirt takes port -1 for it",
    ),
    Difference(
        r"devices/memballoon\.virtio\.0/stats(@period)?", "", ".*",
        "improvement: guests tell of their memory, every 5 s",
    ),
    Difference(
        r"devices/disk\.disk\.0/driver@discard", "", "unmap",
        "improvement: an imported image, too, gives back the space that its guest frees",
    ),
    Difference(
        r"cpu/topology(@\w+)?", "", ".*",
        "improvement: Windows for desktops uses two sockets at most, so its vCPUs are cores",
    ),
    Difference(
        r"os/firmware(/feature\.[\w-]+(@\w+)?)?", "", ".*",
        "improvement: libvirt takes the first firmware, on Debian the one that refuses what is not "
        "signed; Windows 11 gets it, others one that boots everything",
    ),
    Difference(
        r"cpu(@mode)?", "", "|maximum",
        "improvement: QEMU's default processor lacks x86-64-v2, without which RHEL 9 does not boot",
    ),
    Difference(
        r"features/hyperv.*|clock/timer\.hypervclock.*", ".*", "",
        "the same: QEMU has these with KVM alone, and before 5.0 it did not ask what the host has",
    ),
    Difference(
        r"devices/rng\.virtio\.0.*", "", ".*",
        "improvement: UEFI firmware since EDK II of 2024 boots from a network only with an RNG",
    ),
    Difference(
        r"devices/sound\.ich\w+\.0(@model)?", ".*", "",
        "left out: nobody hears it in a terminal",
        screen="spice",
    ),
    Difference(
        r"devices/graphics\.spice\.0(/image(@compression)?|@tlsPort)", ".*", "",
        "left out: tlsPort is autoport's, and whether the picture is compressed the client's",
        screen="spice",
    ),
)  # fmt: skip


def flat(xml: str, can: HostCapabilities) -> dict[str, str]:
    """Every element and attribute of a definition by its place; what is generated is left out."""
    root = etree.fromstring(xml)
    for found in [*root.findall(".//mac"), *root.findall("uuid")]:
        _remove(found)
    for memory in [*root.findall("memory"), *root.findall("currentMemory")]:
        assert memory.attrib.pop("unit", "KiB") == "KiB"
    for disk in root.findall(".//disk[@device='disk']"):  # by its path there, by its volume here
        del disk.attrib["type"]
        (source,) = disk.findall("source")
        _remove(source)
    aliases = {full: one for one, full in pairwise(can.machines) if one in ("pc", "q35")}
    type = root.find("os/type")
    if type is not None and (machine := type.get("machine")):
        type.set("machine", aliases.get(machine, machine))
    told: dict[str, str] = {}
    _flatten(root, "", told)
    return told


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


NAMED = ("type", "model", "device", "name")


def _flatten(element: etree._Element, place: str, told: dict[str, str]) -> None:
    told[place] = (element.text or "").strip()
    told |= {f"{place}@{key}": element.get(key, "") for key in map(str, element.keys())}
    counted: Counter[str] = Counter()
    for child in element:
        name = etree.QName(child).localname
        if element.tag == "devices":
            key = "device" if name == "disk" else next((k for k in NAMED if k in child.attrib), "")
            kind = f"{name}.{child.get(key)}" if key else name
            name = f"{kind}.{counted[kind]}"
            counted[kind] += 1
        elif name in ("timer", "feature"):
            name = f"{name}.{child.get('name')}"
        elif name == "boot":
            name = f"{name}.{counted[name]}"
            counted["boot"] += 1
        _flatten(child, f"{place}/{name}".strip("/"), told)


def differences(theirs: Mapping[str, str], ours: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    for place in sorted({*theirs, *ours}):
        if theirs.get(place) != ours.get(place):
            yield place, theirs.get(place, ""), ours.get(place, "")

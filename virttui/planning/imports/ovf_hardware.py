"""The hardware of an OVF file, item by item, of the configuration that is taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lxml import etree

from virttui.libvirtxml.parse import whole
from virttui.model.provision.appliance import ApplianceNic
from virttui.planning.imports.device_models import card_model, mac_of, one_line
from virttui.planning.imports.ovf_elements import attribute, below, name
from virttui.planning.imports.ovf_units import size
from virttui.planning.imports.virtualbox import VirtualBoxMachine

Item = Mapping[str, str]

DRIVES = {"17": "disk", "15": "cdrom", "16": "cdrom", "14": "floppy"}
"""Resource types of what becomes a disk or drive."""
_BUSES = {"5": "ide", "6": "scsi", "20": "sata"}
_QUIET = frozenset({"3", "4", "5", "6", "10", "14", "15", "16", "17", "20", "23", "24"})
"""Resource types that a machine has anyhow, or that are dealt with."""
_NUMBERED = {"1": "rtl8139", "2": "e1000", "3": "virtio"}
"""oVirt's numbers of network cards."""
_ITEMS = frozenset({"Item", "StorageItem", "EthernetPortItem"})
_OLD = {"Caption": "ElementName", "InstanceId": "InstanceID"}
"""Names of OVF 0.9 and oVirt -> those of later versions."""
_MOST_VCPUS, _MOST_MEMORY = 4096, 64 * 1024**4


def items(hardware: etree._Element, configuration: str) -> list[Item]:
    """The hardware, item by item: what all configurations have, and what the one that is taken has.

    Items that only say how far a value may go (``ovf:bound``) are no hardware.
    """
    found: list[tuple[Item, bool]] = []
    for one in hardware:
        several = attribute(one, "configuration").split()
        if name(one) not in _ITEMS or attribute(one, "bound") in ("min", "max"):
            continue
        if not several or configuration in several:
            found.append((_item(one), bool(several)))
    own = {_instance(item) for item, chosen in found if chosen}
    return [item for item, chosen in found if chosen or _instance(item) not in own]


def _instance(item: Item) -> tuple[str, str]:
    return item["ResourceType"], item.get("InstanceID", "")


def _item(one: etree._Element) -> dict[str, str]:
    """The first value of each kind: of several connections or places the first is preferred."""
    found: dict[str, str] = {}
    for child in one:
        if called := name(child):
            found.setdefault(called, (child.text or "").strip())
    for old, new in _OLD.items():
        if old in found:
            found.setdefault(new, found[old])
    found.setdefault("ResourceType", "")
    return found


def of_kind(every: Iterable[Item], *kinds: str) -> list[Item]:
    """The items of some resource types."""
    return [item for item in every if item["ResourceType"] in kinds]


def called(item: Item) -> str:
    """What an item is to people."""
    words = item.get("ElementName") or item.get("Description") or ""
    return one_line(words)[:60] or f"a device of kind {item['ResourceType']}"


# -- sizes -------------------------------------------------------------------------------------


def vcpus(every: Sequence[Item], said: list[str]) -> int:
    """How many processors it has, 0 where that is not told; what makes no sense is said."""
    found = 0
    for item in of_kind(every, "3"):
        words = item.get("VirtualQuantity", "") or _sockets(item)
        number = whole(words)
        if number is None or not 0 < number <= _MOST_VCPUS:
            said.append(f"{words[:20]!r} vCPUs: no number that makes sense")
            return 0
        found += number
    return found if found <= _MOST_VCPUS else 0


def _sockets(item: Item) -> str:
    """oVirt's way: sockets, cores and threads."""
    found = 1
    if "num_of_sockets" not in item:
        return ""
    for key in ("num_of_sockets", "cpu_per_socket", "threads_per_cpu"):
        found *= whole(item.get(key, "1")) or 0
    return str(found)


def memory(every: Sequence[Item], said: list[str]) -> int:
    """How many bytes of memory it has, 0 where that is not told; what makes no sense is said."""
    found = 0
    for item in of_kind(every, "4"):
        words = item.get("VirtualQuantity", "")
        unit = item.get("VirtualQuantityUnits") or item.get("AllocationUnits") or "MegaBytes"
        number = size(words, unit)
        if number is None or not 0 < number <= _MOST_MEMORY:
            said.append(f"its memory is {words[:20]!r} in units of {unit[:40]!r}, "
                        "which makes no sense")  # fmt: skip
            return 0
        found += number
    return found if found <= _MOST_MEMORY else 0


# -- drives and cards --------------------------------------------------------------------------


def drives(every: Sequence[Item]) -> list[tuple[Item, str, str]]:
    """Its disks and drives by controller and place, each with what it is and its bus."""
    controllers = {item.get("InstanceID", ""): item for item in every}
    found = of_kind(every, *DRIVES)
    found.sort(key=lambda item: (_place(controllers.get(item.get("Parent", ""))), _slot(item)))
    made = []
    for item in found:
        device = DRIVES[item["ResourceType"]]
        bus = _bus(controllers.get(item.get("Parent", "")))
        made.append((item, device, "fdc" if device == "floppy" else bus))
    return made


def _place(controller: Item | None) -> tuple[int, str]:
    instance = (controller or {}).get("InstanceID", "")
    return len(instance), instance


def _slot(item: Item) -> int:
    return whole(item.get("AddressOnParent", "")) or 0


def _bus(controller: Item | None) -> str:
    if controller is None:
        return ""
    kind = controller.get("ResourceSubType", "").lower()
    if "nvme" in kind:
        return "nvme"
    if "virtio" in kind:
        return "virtio-scsi" if "scsi" in kind else "virtio"
    return "sata" if "ahci" in kind else _BUSES.get(controller["ResourceType"], "")


def nics(
    every: Sequence[Item], box: VirtualBoxMachine | None, turns: Mapping[str, int]
) -> Iterator[ApplianceNic]:
    """Its cards. VirtualBox tells their addresses beside them, in the same order."""
    cards = of_kind(every, "10")
    adapters = box.adapters if box is not None else ()
    alike = len(adapters) == len(cards)
    for number, item in enumerate(cards):
        mac = mac_of(item.get("Address", "")) or mac_of(item.get("MACAddress", ""))
        model = _model(item.get("ResourceSubType", ""))
        if alike:
            mac, model = mac or adapters[number].mac, model or adapters[number].model
        network = one_line(item.get("Connection", "")) or "its network"
        yield ApplianceNic(network, model, mac, turns.get(item.get("InstanceID", ""), 0))


def _model(words: str) -> str:
    """The first model of several that is known."""
    several = words.replace(",", " ").split()
    return next((one for word in several if (one := _NUMBERED.get(word) or card_model(word))), "")


def turns(
    machine: etree._Element, every: Sequence[Item], box: VirtualBoxMachine | None
) -> dict[str, int]:
    """The instances that boot, each with its turn: as VMware's section or VirtualBox says."""
    order: list[str] = []
    for section in below(machine, "BootOrderSection"):
        order += attribute(section, "instanceId").replace(",", " ").split()
    if not order and box is not None:
        kinds = {"net": [item.get("InstanceID", "") for item in of_kind(every, "10")]}
        for item, device, _ in drives(every):
            kinds.setdefault(device, []).append(item.get("InstanceID", ""))
        order = [one for kind in box.boot for one in kinds.get(kind, ())]
    return {one: turn for turn, one in enumerate(dict.fromkeys(order), 1) if one}


def left_out(every: Sequence[Item]) -> Iterator[str]:
    """What of its hardware is not here, or is otherwise, in sentences."""
    cores = max((whole(item.get("CoresPerSocket", "")) or 1 for item in of_kind(every, "3")),
                default=1)  # fmt: skip
    if cores > 1:
        yield f"how its vCPUs are on sockets ({cores} cores on each) is left out"
    for number, item in enumerate(of_kind(every, "10"), 1):
        if item.get("AutomaticAllocation", "").lower() == "false":
            yield f"card {number} was not connected there, and is here"
    for item in every:
        if item["ResourceType"] not in _QUIET:
            yield f"{called(item)} is left out"
    subtypes = {item.get("ResourceSubType", "") for item in of_kind(every, "6")} - {""}
    if subtypes:
        yield f"its SCSI controller ({', '.join(sorted(subtypes))}) is another one here"

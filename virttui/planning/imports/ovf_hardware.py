"""The hardware items of an OVF file, for the chosen configuration."""

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
"""Resource types that become a disk or drive."""
_BUSES = {"5": "ide", "6": "scsi", "20": "sata"}
_EXPECTED = frozenset({"3", "4", "5", "6", "10", "14", "15", "16", "17", "20", "23", "24"})
"""Resource types that every machine has, or that are handled here."""
_OVIRT_MODELS = {"1": "rtl8139", "2": "e1000", "3": "virtio"}
"""oVirt's numbers of network cards."""
_ITEMS = frozenset({"Item", "StorageItem", "EthernetPortItem"})
_RENAMED = {"Caption": "ElementName", "InstanceId": "InstanceID"}
"""Names of OVF 0.9 and oVirt -> names of later versions."""
_MOST_VCPUS, _MOST_MEMORY = 4096, 64 * 1024**4


def items(hardware: etree._Element, configuration: str) -> list[Item]:
    """Return the items that all configurations share, and those of the chosen one.

    Items that only limit a value (``ovf:bound``) are no hardware.
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
    """Return the first value of each element: of several connections or places the first is
    preferred."""
    found: dict[str, str] = {}
    for child in one:
        if key := name(child):
            found.setdefault(key, (child.text or "").strip())
    for old, new in _RENAMED.items():
        if old in found:
            found.setdefault(new, found[old])
    found.setdefault("ResourceType", "")
    return found


def items_of_type(all_items: Iterable[Item], *kinds: str) -> list[Item]:
    """Return the items of these resource types."""
    return [item for item in all_items if item["ResourceType"] in kinds]


def label(item: Item) -> str:
    """Return the name of an item for people."""
    words = item.get("ElementName") or item.get("Description") or ""
    return one_line(words)[:60] or f"a device of kind {item['ResourceType']}"


# -- sizes -------------------------------------------------------------------------------------


def vcpus(all_items: Sequence[Item], notes: list[str]) -> int:
    """Return the number of processors, 0 where it is not given; a senseless one adds a note."""
    found = 0
    for item in items_of_type(all_items, "3"):
        words = item.get("VirtualQuantity", "") or _sockets(item)
        number = whole(words)
        if number is None or not 0 < number <= _MOST_VCPUS:
            notes.append(f"{words[:20]!r} vCPUs: no number that makes sense")
            return 0
        found += number
    return found if found <= _MOST_VCPUS else 0


def _sockets(item: Item) -> str:
    """Return the number of processors from oVirt's sockets, cores and threads."""
    found = 1
    if "num_of_sockets" not in item:
        return ""
    for key in ("num_of_sockets", "cpu_per_socket", "threads_per_cpu"):
        found *= whole(item.get(key, "1")) or 0
    return str(found)


def memory(all_items: Sequence[Item], notes: list[str]) -> int:
    """Return the bytes of memory, 0 where they are not given; a senseless number adds a note."""
    found = 0
    for item in items_of_type(all_items, "4"):
        words = item.get("VirtualQuantity", "")
        unit = item.get("VirtualQuantityUnits") or item.get("AllocationUnits") or "MegaBytes"
        number = size(words, unit)
        if number is None or not 0 < number <= _MOST_MEMORY:
            notes.append(f"its memory is {words[:20]!r} in units of {unit[:40]!r}, "
                        "which makes no sense")  # fmt: skip
            return 0
        found += number
    return found if found <= _MOST_MEMORY else 0


# -- drives and cards --------------------------------------------------------------------------


def drives(all_items: Sequence[Item]) -> list[tuple[Item, str, str]]:
    """Return disks and drives by controller and place, each with its device type and bus."""
    controllers = {item.get("InstanceID", ""): item for item in all_items}
    found = items_of_type(all_items, *DRIVES)
    found.sort(
        key=lambda item: (_controller_order(controllers.get(item.get("Parent", ""))), _slot(item))
    )
    result = []
    for item in found:
        device = DRIVES[item["ResourceType"]]
        bus = _bus(controllers.get(item.get("Parent", "")))
        result.append((item, device, "fdc" if device == "floppy" else bus))
    return result


def _controller_order(controller: Item | None) -> tuple[int, str]:
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
    all_items: Sequence[Item], vendor: VirtualBoxMachine | None, boot_order: Mapping[str, int]
) -> Iterator[ApplianceNic]:
    """Yield the NICs. VirtualBox gives their addresses in its own section, in the same order."""
    cards = items_of_type(all_items, "10")
    adapters = vendor.adapters if vendor is not None else ()
    matching = len(adapters) == len(cards)
    for number, item in enumerate(cards):
        mac = mac_of(item.get("Address", "")) or mac_of(item.get("MACAddress", ""))
        model = _model(item.get("ResourceSubType", ""))
        if matching:
            mac, model = mac or adapters[number].mac, model or adapters[number].model
        network = one_line(item.get("Connection", "")) or "its network"
        yield ApplianceNic(network, model, mac, boot_order.get(item.get("InstanceID", ""), 0))


def _model(words: str) -> str:
    """Return the first known model of several."""
    several = words.replace(",", " ").split()
    return next(
        (one for word in several if (one := _OVIRT_MODELS.get(word) or card_model(word))), ""
    )


def boot_orders(
    machine: etree._Element, all_items: Sequence[Item], vendor: VirtualBoxMachine | None
) -> dict[str, int]:
    """Return the instances that boot, each with its order, from VMware's section or
    VirtualBox's."""
    order: list[str] = []
    for section in below(machine, "BootOrderSection"):
        order += attribute(section, "instanceId").replace(",", " ").split()
    if not order and vendor is not None:
        kinds = {"net": [item.get("InstanceID", "") for item in items_of_type(all_items, "10")]}
        for item, device, _ in drives(all_items):
            kinds.setdefault(device, []).append(item.get("InstanceID", ""))
        order = [one for kind in vendor.boot for one in kinds.get(kind, ())]
    return {one: turn for turn, one in enumerate(dict.fromkeys(order), 1) if one}


def left_out_notes(all_items: Sequence[Item]) -> Iterator[str]:
    """Yield a sentence about each piece of hardware that is left out or replaced."""
    processors = items_of_type(all_items, "3")
    cores = max((whole(item.get("CoresPerSocket", "")) or 1 for item in processors), default=1)
    if cores > 1:
        yield f"how its vCPUs are on sockets ({cores} cores on each) is left out"
    for number, item in enumerate(items_of_type(all_items, "10"), 1):
        if item.get("AutomaticAllocation", "").lower() == "false":
            yield f"card {number} was not connected there, and is here"
    for item in all_items:
        if item["ResourceType"] not in _EXPECTED:
            yield f"{label(item)} is left out"
    subtypes = {item.get("ResourceSubType", "") for item in items_of_type(all_items, "6")} - {""}
    if subtypes:
        yield f"its SCSI controller ({', '.join(sorted(subtypes))}) is another one here"

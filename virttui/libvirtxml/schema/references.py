"""libvirt's rules beyond its schemas: names and addresses that must be unique in a document."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from virttui.libvirtxml.schema.matcher import Mismatch
from virttui.libvirtxml.schema.messages import quoted
from virttui.libvirtxml.schema.size_limits import MAX_PROBLEMS
from virttui.libvirtxml.text.tree import Attribute, Tree
from virttui.libvirtxml.text.tree import Element as Node


def find_conflicts(tree: Tree, root: Node) -> tuple[list[Mismatch], list[Mismatch]]:
    """Return the conflicts that libvirt refuses, and those it accepts although they are likely
    mistakes."""
    if root.name == "domain":
        devices = root.child("devices")
        if devices is not None:
            return _in_devices(tree, root, devices)
    if root.name == "network":
        return [], [
            *_duplicates(
                tree, root.all("ip/dhcp/host"), "address {} is given", _attribute("mac", str.lower)
            ),
            *_duplicates(tree, root.all("ip/dhcp/host"), "address {} is given", _attribute("ip")),
        ]
    return [], []


def _in_devices(tree: Tree, root: Node, devices: Node) -> tuple[list[Mismatch], list[Mismatch]]:
    # The first console is the first serial port under another name.
    own = [device for device in devices.children if device.name != "console"]
    boots = [boot for device in devices.children for boot in device.all("boot")]
    # libvirt's own reader of VMX counts names anew on each bus.
    target = _target if root.get("type") == "vmware" else _attribute("dev")
    refused = [
        *_duplicates(tree, devices.all("disk/target"), "target {} is used", target),
        *_duplicates(tree, boots, "boot order {} is given", _attribute("order")),
        *_duplicates(
            tree,
            (alias for device in own for alias in device.all("alias")),
            "alias {} is used",
            _attribute("name"),
        ),
        *_duplicates(
            tree,
            (address for device in own for address in device.all("address")),
            "PCI address {} is used",
            _pci_address,
        ),
    ]
    by_system = next(root.all("os/boot"), None)
    if by_system is not None and boots:
        line = _line(tree, by_system)
        words = f"a boot order of devices does not go with the boot of os in line {line}"
        refused.append(Mismatch(boots[0].start + 1, boots[0].start + 5, words, boots[0]))
    macs = devices.all("interface/mac")
    return refused, _duplicates(
        tree, macs, "MAC address {} is used", _attribute("address", str.lower)
    )


def _attribute(
    name: str, fold: Callable[[str], str] = str
) -> Callable[[Node], tuple[str, Attribute] | None]:
    def found(node: Node) -> tuple[str, Attribute] | None:
        attribute = node.attribute(name)
        return (fold(attribute.value), attribute) if attribute and attribute.value else None

    return found


def _target(node: Node) -> tuple[str, Attribute] | None:
    """Return the name of a disk with its bus."""
    attribute = node.attribute("dev")
    if attribute is None or not attribute.value:
        return None
    bus = node.get("bus")
    return f"{attribute.value} on {bus}" if bus else attribute.value, attribute


def _pci_address(node: Node) -> tuple[str, Attribute] | None:
    """Return ``0000:00:02.0``, where all of its parts are numbers."""
    attribute = node.attribute("type")
    if attribute is None or attribute.value != "pci" or node.attribute("slot") is None:
        return None
    try:
        domain, bus, slot, function = (
            int(node.get(name) or "0", 0) for name in ("domain", "bus", "slot", "function")
        )
    except ValueError:
        return None
    return f"{domain:04x}:{bus:02x}:{slot:02x}.{function:x}", attribute


def _duplicates(
    tree: Tree,
    nodes: Iterable[Node],
    words: str,
    read: Callable[[Node], tuple[str, Attribute] | None],
) -> list[Mismatch]:
    first: dict[str, Node] = {}
    found: list[Mismatch] = []
    for node in nodes:
        one = read(node)
        if one is None:
            continue
        value, attribute = one
        other = first.setdefault(value, node)
        if other is not node and len(found) < MAX_PROBLEMS:
            message = f"{words.format(quoted(value))} in line {_line(tree, other)} already"
            found.append(Mismatch(attribute.value_start, attribute.value_end, message, node))
    return found


def _line(tree: Tree, node: Node) -> int:
    return tree.text.count("\n", 0, node.start) + 1

"""The changes of a definition that a running domain can take at once, and those that wait.

``plan_live_changes`` compares the definition before and after an edit, device by device. A change
that libvirt can attach, detach or update becomes a ``LiveChange`` with complete XML, as the running
domain has it; all others wait for the next start.
"""

from __future__ import annotations

from msgspec import Struct

from virttui.libvirtxml.parse import UNITS, whole
from virttui.libvirtxml.text.diff import label
from virttui.libvirtxml.text.span_edit import apply_edits, fragment, insert
from virttui.libvirtxml.text.tree import Element, Tree, tree
from virttui.model.commands import LiveChange, LiveOperation

_PLUGGABLE = frozenset(
    {"disk", "interface", "hostdev", "controller", "rng", "channel", "serial", "console",
     "watchdog", "memory", "filesystem", "redirdev", "input", "vsock", "shmem", "lease"}
)  # fmt: skip
"""Devices that can be plugged into and out of a running QEMU, by libvirt's hotplug code."""
_BUSES = frozenset({"virtio", "scsi", "usb", "xen"})
"""Buses whose disks can be plugged; QEMU refuses it on SATA, IDE and FDC."""
_UPDATABLE = {
    "disk": frozenset({"iotune", "throttlefilters"}),
    "drive": frozenset({"source", "@type", "iotune", "backingStore", "driver@type"}),
    "interface": frozenset(
        {"link", "source", "@type", "filterref", "bandwidth", "vlan", "coalesce"}
    ),
    "graphics": frozenset({"@passwd", "@passwdValidTo", "@connected"}),
    "memory": frozenset({"target"}),
}
"""The parts of devices that ``virDomainUpdateDeviceFlags`` changes in a running QEMU; attributes
have an ``@``.

A "drive" is a disk with a removable medium. Changes of other parts wait for the next start.
"""
_TEXTS = {"title": LiveOperation.TITLE, "description": LiveOperation.DESCRIPTION}


class LivePlan(Struct, frozen=True):
    """``steps`` can be tried now; ``waiting`` names the parts that count from the next start on."""

    steps: tuple[LiveChange, ...] = ()
    waiting: tuple[str, ...] = ()


def plan_live_changes(base: str, edited: str, live: str) -> LivePlan:
    """Plan the changes from ``base`` to ``edited`` for a domain that runs as ``live``."""
    before, after, now = (tree(text) for text in (base, edited, live))
    if before.root is None or after.root is None or now.root is None:
        return LivePlan()
    steps: list[LiveChange] = []
    waiting: list[str] = []
    _compare_devices(before, after, now, steps, waiting)
    _compare_rest(before, after, now, steps, waiting)
    return LivePlan(tuple(steps), tuple(waiting))


def identity(tree: Tree, element: Element) -> tuple[str, str]:
    """Return a device's identity in both definitions: its target or MAC address, else its
    content."""
    for path, name in _IDENTIFYING.get(element.name, ()):
        found = element.child(path) if path else element
        value = found.get(name) if found is not None else ""
        if value:
            return element.name, value.lower()
    # Devices that are alike are told apart by where the guest finds them.
    return element.name, f"{normal(tree, element, without=_ASSIGNED)} {address_of(tree, element)}"


_IDENTIFYING: dict[str, tuple[tuple[str, str], ...]] = {
    "disk": (("target", "dev"),),
    "interface": (("mac", "address"),),
    "filesystem": (("target", "dir"),),
    "channel": (("target", "name"),),
    "graphics": (("", "type"),),
}
_ASSIGNED = ("alias", "address")
"""Elements that libvirt assigns to a device, and that are no part of its identity."""


def address_of(tree: Tree, element: Element) -> str:
    """Return a device's own address, "" where it has none yet."""
    address = element.child("address")
    return normal(tree, address) if address is not None else ""


def normal(tree: Tree, element: Element, without: tuple[str, ...] = ()) -> str:
    """Return an element without meaningless differences: blanks, quotes, the order of attributes.

    ``without`` names children of its own that do not count.
    """
    parts: list[str] = []
    stack: list[Element | str] = [element]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        attributes = "".join(sorted(f" {a.name}={a.value!r}" for a in item.attributes))
        parts.append(f"<{item.name}{attributes}>{tree.text_of(item)}")
        stack.append("</>")
        skipped = without if item is element else ()
        stack += [child for child in reversed(item.children) if child.name not in skipped]
    return "".join(parts)


def is_same_device(one: Tree, element: Element, other: Tree, found: Element) -> bool:
    """True if two devices with one identity are the same: a target may hold another disk."""
    if element.name != "disk" or element.get("device") in ("cdrom", "floppy"):
        return True
    return _source_values(element) == _source_values(found)


def _source_values(disk: Element) -> list[tuple[str, str]]:
    source = disk.child("source")
    attributes = source.attributes if source is not None else []
    names = ("file", "dev", "dir", "name", "pool", "volume", "protocol")
    return sorted((a.name, a.value) for a in attributes if a.name in names)


def _devices(tree: Tree) -> dict[tuple[str, str], Element]:
    root = tree.root
    found: dict[tuple[str, str], Element] = {}
    parent = root.child("devices") if root is not None else None
    for element in parent.children if parent is not None else ():
        name, value = identity(tree, element)
        number = 1
        while (name, value) in found:
            number += 1
            value = f"{value.removesuffix(f' {number - 1}')} {number}"
        found[name, value] = element
    return found


def _compare_devices(
    before: Tree, after: Tree, now: Tree, steps: list[LiveChange], waiting: list[str]
) -> None:
    old, new, running = _devices(before), _devices(after), _devices(now)
    pairs = _changed_in_place(before, old, after, new)
    for key, element in old.items():
        if key in new or key in pairs:
            continue
        found = running.get(key)
        if (
            found is None
            or not _pluggable(element)
            or not is_same_device(before, element, now, found)
        ):
            waiting.append(f"{label(element)} removed")
        else:
            steps.append(LiveChange(LiveOperation.DETACH, label(element), fragment(now, found)))
    for key, element in new.items():
        old_key = key if key in old else next((o for o, n in pairs.items() if n == key), None)
        if old_key is None:
            _add(after, element, steps, waiting)
        elif normal(before, old[old_key]) != normal(after, element):
            found = running.get(old_key)
            if found is not None and _updatable(before, old[old_key], after, element):
                xml = _as_running(after, element, found, now)
                steps.append(LiveChange(LiveOperation.UPDATE, label(element), xml))
            else:
                waiting.append(label(element))


def _changed_in_place(
    before: Tree, old: dict[tuple[str, str], Element], after: Tree,
    new: dict[tuple[str, str], Element],
) -> dict[tuple[str, str], tuple[str, str]]:  # fmt: skip
    """Map devices without a name whose content changed, by their address: none came or went."""
    added = {
        (key[0], place): key
        for key, element in new.items()
        if key not in old and (place := address_of(after, element))
    }
    return {
        key: added[key[0], place]
        for key, element in old.items()
        if key not in new and (key[0], place := address_of(before, element)) in added
    }


def _add(after: Tree, element: Element, steps: list[LiveChange], waiting: list[str]) -> None:
    if element.name == "interface" and element.child("mac") is None:
        # Now and for the next boot it would get an address each.
        waiting.append(f"{label(element)} without a MAC address")
    elif _pluggable(element):
        steps.append(LiveChange(LiveOperation.ATTACH, label(element), fragment(after, element)))
    else:
        waiting.append(f"{label(element)} added")


def _updatable(before: Tree, old: Element, after: Tree, new: Element) -> bool:
    """True if all changed parts of a device can change while it runs."""
    drive = new.name == "disk" and new.get("device") in ("cdrom", "floppy")
    return _changed_parts(before, old, after, new) <= _UPDATABLE.get(
        "drive" if drive else new.name, frozenset()
    )


def _changed_parts(before: Tree, old: Element, after: Tree, new: Element) -> set[str]:
    """Return the names of the children that differ, and of the attributes with an ``@``."""
    attributes = {a.name for a in (*old.attributes, *new.attributes)}
    changed = {f"@{name}" for name in attributes if old.get(name) != new.get(name)}
    for name in {child.name for child in (*old.children, *new.children)}:
        if _normal_elements(before, old, name) != _normal_elements(after, new, name):
            changed.add(name)
    if "driver" in changed and _only_format(old.child("driver"), new.child("driver")):
        changed = changed - {"driver"} | {"driver@type"}
    return changed


def _only_format(old: Element | None, new: Element | None) -> bool:
    """True if two drivers differ only in the format."""
    both = [
        sorted((a.name, a.value) for a in one.attributes if a.name != "type")
        for one in (old, new)
        if one is not None
    ]
    return len(both) == 2 and both[0] == both[1]


def _pluggable(element: Element) -> bool:
    """True if QEMU can plug a device in and out; for some kinds only on some buses."""
    target, driver = element.child("target"), element.child("driver")
    if element.name == "disk":
        return target is None or target.get("bus", "virtio") in _BUSES
    if element.name == "console":
        # One of a serial port comes and goes with it.
        return target is not None and target.get("type") == "virtio"
    if element.name == "serial":
        return target is not None and target.get("type") in ("usb-serial", "pci-serial")
    if element.name == "filesystem":
        return driver is not None and driver.get("type") == "virtiofs"
    return element.name in _PLUGGABLE


def _as_running(after: Tree, element: Element, found: Element, now: Tree) -> str:
    """Return the new device with the running one's address and alias, which libvirt compares."""
    device = tree(fragment(after, element))
    root = device.root
    assert root is not None
    for name in ("alias", "address"):
        known = found.child(name)
        if root.child(name) is None and known is not None:
            device = tree(apply_edits(device.text, [insert(device, root, fragment(now, known))]))
            root = device.root
            assert root is not None
    return device.text


def _compare_rest(
    before: Tree, after: Tree, now: Tree, steps: list[LiveChange], waiting: list[str]
) -> None:
    old, new, running = before.root, after.root, now.root
    assert old is not None and new is not None and running is not None
    maximum = running.child("memory")
    limit = _bytes(now, maximum) if maximum is not None else 0
    names = dict.fromkeys([c.name for c in (*old.children, *new.children)])
    for name in names:
        if name in ("devices", "name", "uuid"):
            continue
        before_text, after_text = (
            _normal_elements(before, old, name),
            _normal_elements(after, new, name),
        )
        if before_text == after_text:
            continue
        element = new.child(name)
        if name in _TEXTS:
            words = after.text_of(element) if element is not None else ""
            steps.append(LiveChange(_TEXTS[name], name, value=words))
        elif (
            name == "memory" and element is not None and _memory_follows_maximum(after, new, limit)
        ):
            continue
        elif (
            name == "currentMemory"
            and element is not None
            and 0 < (size := _bytes(after, element)) <= limit
        ):
            steps.append(LiveChange(LiveOperation.MEMORY, "memory", value=str(size)))
        elif name == "vcpu" and element is not None and _only_current(before, old, after, element):
            number = element.get("current") or after.text_of(element)
            steps.append(LiveChange(LiveOperation.VCPUS, "vcpus", value=number))
        else:
            waiting.append(name)


def _memory_follows_maximum(after: Tree, new: Element, limit: int) -> bool:
    """True if the maximum memory only shrinks together with the current memory: the balloon does
    that now."""
    current = new.child("currentMemory")
    maximum = new.child("memory")
    if current is None or maximum is None:
        return False
    return _bytes(after, current) == _bytes(after, maximum) <= limit


def _normal_elements(tree: Tree, root: Element, name: str) -> list[str]:
    return [normal(tree, element) for element in root.all(name)]


def _bytes(tree: Tree, element: Element) -> int:
    factor = UNITS.get(element.get("unit", "KiB").lower(), 0)
    return (whole(tree.text_of(element)) or 0) * factor


def _only_current(before: Tree, old: Element, after: Tree, element: Element) -> bool:
    """True if only the number of vCPUs in use changed, and not the maximum."""
    old_vcpu = old.child("vcpu")
    if old_vcpu is None or whole(element.get("current") or after.text_of(element)) is None:
        return False
    attributes = [
        {found.name: found.value for found in one.attributes if found.name != "current"}
        for one in (old_vcpu, element)
    ]
    return attributes[0] == attributes[1] and before.text_of(old_vcpu) == after.text_of(element)

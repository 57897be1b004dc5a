"""Which changes of a definition a running domain can take at once, and which wait.

``plan`` compares the definition an edit began with and what it became, device by device. What
libvirt can attach, detach or update becomes a ``Step`` whose XML is complete, as the running
domain has it; everything else is named as waiting for the next start.
"""

from __future__ import annotations

from dataclasses import dataclass

from virttui.libvirtxml.parse import UNITS, whole
from virttui.libvirtxml.text.diff import label
from virttui.libvirtxml.text.span_edit import fragment, insert, spliced
from virttui.libvirtxml.text.tree import Element, Tree, tree
from virttui.model.commands import LiveChange, LiveOperation

_PLUGGABLE = frozenset(
    {"disk", "interface", "hostdev", "controller", "rng", "channel", "serial", "console",
     "watchdog", "memory", "filesystem", "redirdev", "input", "vsock", "shmem", "lease"}
)  # fmt: skip
"""What can be plugged into and out of a running QEMU, by libvirt's hotplug code."""
_BUSES = frozenset({"virtio", "scsi", "usb", "xen"})
"""Buses whose disks can come and go; QEMU refuses it on SATA, IDE and FDC."""
_UPDATABLE = {
    "disk": frozenset({"iotune", "throttlefilters"}),
    "drive": frozenset({"source", "@type", "iotune", "backingStore", "driver@type"}),
    "interface": frozenset(
        {"link", "source", "@type", "filterref", "bandwidth", "vlan", "coalesce"}
    ),
    "graphics": frozenset({"@passwd", "@passwdValidTo", "@connected"}),
    "memory": frozenset({"target"}),
}
"""What ``virDomainUpdateDeviceFlags`` changes in a running QEMU: the parts of each, attributes with
an ``@``. A "drive" is a disk whose medium can be changed. Anything else in it waits."""
_TEXTS = {"title": LiveOperation.TITLE, "description": LiveOperation.DESCRIPTION}


@dataclass(frozen=True, slots=True)
class LivePlan:
    """``steps`` can be tried now; ``waiting`` names what counts from the next start on."""

    steps: tuple[LiveChange, ...] = ()
    waiting: tuple[str, ...] = ()


def plan(base: str, wanted: str, live: str) -> LivePlan:
    """What becomes of the changes from ``base`` to ``wanted`` in a domain that runs as ``live``."""
    before, after, now = (tree(text) for text in (base, wanted, live))
    if before.root is None or after.root is None or now.root is None:
        return LivePlan()
    steps: list[LiveChange] = []
    waiting: list[str] = []
    _compare_devices(before, after, now, steps, waiting)
    _compare_rest(before, after, now, steps, waiting)
    return LivePlan(tuple(steps), tuple(waiting))


def identity(tree: Tree, element: Element) -> tuple[str, str]:
    """What a device is known by in both definitions: its target, its MAC address, else itself."""
    for path, name in _KNOWN_BY.get(element.name, ()):
        found = element.child(path) if path else element
        value = found.get(name) if found is not None else ""
        if value:
            return element.name, value.lower()
    # Devices that are alike are told apart by where the guest finds them.
    return element.name, f"{normal(tree, element, without=_GIVEN)} {place_of(tree, element)}"


_KNOWN_BY: dict[str, tuple[tuple[str, str], ...]] = {
    "disk": (("target", "dev"),),
    "interface": (("mac", "address"),),
    "filesystem": (("target", "dir"),),
    "channel": (("target", "name"),),
    "graphics": (("", "type"),),
}
_GIVEN = ("alias", "address")
"""What libvirt gives a device, and no part of what it is."""


def place_of(tree: Tree, element: Element) -> str:
    """A device's own address, "" where it has none yet."""
    address = element.child("address")
    return normal(tree, address) if address is not None else ""


def normal(tree: Tree, element: Element, without: tuple[str, ...] = ()) -> str:
    """An element without what has no meaning: blanks, quotes, the order of attributes.

    ``without`` names children of its own that do not count.
    """
    parts: list[str] = []
    waiting: list[Element | str] = [element]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        attributes = "".join(sorted(f" {a.name}={a.value!r}" for a in item.attributes))
        parts.append(f"<{item.name}{attributes}>{tree.text_of(item)}")
        waiting.append("</>")
        left_out = without if item is element else ()
        waiting += [child for child in reversed(item.children) if child.name not in left_out]
    return "".join(parts)


def same(one: Tree, element: Element, other: Tree, found: Element) -> bool:
    """True if two devices of one identity are the same thing: a target may hold another disk."""
    if element.name != "disk" or element.get("device") in ("cdrom", "floppy"):
        return True
    return _holds(element) == _holds(found)


def _holds(disk: Element) -> list[tuple[str, str]]:
    source = disk.child("source")
    given = source.attributes if source is not None else []
    named = ("file", "dev", "dir", "name", "pool", "volume", "protocol")
    return sorted((a.name, a.value) for a in given if a.name in named)


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
        if found is None or not _pluggable(element) or not same(before, element, now, found):
            waiting.append(f"{label(element)} removed")
        else:
            steps.append(LiveChange(LiveOperation.DETACH, label(element), fragment(now, found)))
    for key, element in new.items():
        was = key if key in old else next((o for o, n in pairs.items() if n == key), None)
        if was is None:
            _add(after, element, steps, waiting)
        elif normal(before, old[was]) != normal(after, element):
            found = running.get(was)
            if found is not None and _updatable(before, old[was], after, element):
                xml = _as_running(after, element, found, now)
                steps.append(LiveChange(LiveOperation.UPDATE, label(element), xml))
            else:
                waiting.append(label(element))


def _changed_in_place(
    before: Tree, old: dict[tuple[str, str], Element], after: Tree,
    new: dict[tuple[str, str], Element],
) -> dict[tuple[str, str], tuple[str, str]]:  # fmt: skip
    """Devices known by their content that changed it, by their address: none came or went."""
    came = {
        (key[0], place): key
        for key, element in new.items()
        if key not in old and (place := place_of(after, element))
    }
    return {
        key: came[key[0], place]
        for key, element in old.items()
        if key not in new and (key[0], place := place_of(before, element)) in came
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
    """True if everything that changed in a device can change while it runs."""
    drive = new.name == "disk" and new.get("device") in ("cdrom", "floppy")
    return _parts(before, old, after, new) <= _UPDATABLE.get(
        "drive" if drive else new.name, frozenset()
    )


def _parts(before: Tree, old: Element, after: Tree, new: Element) -> set[str]:
    """The names of the children that differ, and of the attributes with an ``@``."""
    attributes = {a.name for a in (*old.attributes, *new.attributes)}
    changed = {f"@{name}" for name in attributes if old.get(name) != new.get(name)}
    for name in {child.name for child in (*old.children, *new.children)}:
        if _all(before, old, name) != _all(after, new, name):
            changed.add(name)
    if "driver" in changed and _only_format(old.child("driver"), new.child("driver")):
        changed = changed - {"driver"} | {"driver@type"}
    return changed


def _only_format(old: Element | None, new: Element | None) -> bool:
    """True if two drivers differ in the format of what is read alone."""
    both = [
        sorted((a.name, a.value) for a in one.attributes if a.name != "type")
        for one in (old, new)
        if one is not None
    ]
    return len(both) == 2 and both[0] == both[1]


def _pluggable(element: Element) -> bool:
    """True if QEMU lets a device come and go; some do so on some buses alone."""
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
    """The new device with the address and name the running one has: libvirt compares them."""
    alone = tree(fragment(after, element))
    root = alone.root
    assert root is not None
    for name in ("alias", "address"):
        known = found.child(name)
        if root.child(name) is None and known is not None:
            alone = tree(spliced(alone.text, [insert(alone, root, fragment(now, known))]))
            root = alone.root
            assert root is not None
    return alone.text


def _compare_rest(
    before: Tree, after: Tree, now: Tree, steps: list[LiveChange], waiting: list[str]
) -> None:
    old, new, running = before.root, after.root, now.root
    assert old is not None and new is not None and running is not None
    most = running.child("memory")
    limit = _bytes(now, most) if most is not None else 0
    names = dict.fromkeys([c.name for c in (*old.children, *new.children)])
    for name in names:
        if name in ("devices", "name", "uuid"):
            continue
        was, is_now = _all(before, old, name), _all(after, new, name)
        if was == is_now:
            continue
        element = new.child(name)
        if name in _TEXTS:
            words = after.text_of(element) if element is not None else ""
            steps.append(LiveChange(_TEXTS[name], name, value=words))
        elif name == "memory" and element is not None and _given_follows(after, new, limit):
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


def _given_follows(after: Tree, new: Element, limit: int) -> bool:
    """True if the most memory only shrinks with what is given: the balloon does that now."""
    given = new.child("currentMemory")
    most = new.child("memory")
    if given is None or most is None:
        return False
    return _bytes(after, given) == _bytes(after, most) <= limit


def _all(tree: Tree, root: Element, name: str) -> list[str]:
    return [normal(tree, element) for element in root.all(name)]


def _bytes(tree: Tree, element: Element) -> int:
    factor = UNITS.get(element.get("unit", "KiB").lower(), 0)
    return (whole(tree.text_of(element)) or 0) * factor


def _only_current(before: Tree, old: Element, after: Tree, element: Element) -> bool:
    """True if only the number of vCPUs in use changed, and not how many there may be."""
    was = old.child("vcpu")
    if was is None or whole(element.get("current") or after.text_of(element)) is None:
        return False
    given = [
        {found.name: found.value for found in one.attributes if found.name != "current"}
        for one in (was, element)
    ]
    return given[0] == given[1] and before.text_of(was) == after.text_of(element)

"""What a running domain would lose or gain at its next start: its live definition against the
stored one, without all that libvirt writes only into the definition of what runs.
"""

from __future__ import annotations

from virttui.libvirtxml.live_changes import identity
from virttui.libvirtxml.text.span_edit import SpanEdit, drop_attribute, remove, spliced
from virttui.libvirtxml.text.tree import Element, Tree, tree

_RUNTIME_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "domain": ("id",),
    "interface/source": ("portid", "bridge"),
    "interface/target": ("dev", "managed"),
    "disk/source": ("index",),
    "console": ("tty",),
    "channel/target": ("state",),
    "graphics": ("port", "tlsPort", "websocket"),
    "hostdev/source": ("writeFiltering",),
}
"""What libvirt adds to elements of a domain that runs, by element or parent and element."""
_RUNTIME_ELEMENTS: dict[str, tuple[str, ...]] = {
    "disk": ("backingStore", "mirror"),
    "domain": ("resource",),
    "serial": ("source",),
    "console": ("source",),
    "channel": ("source",),
    "seclabel": ("label", "imagelabel"),
}
_CPU_FILLED = frozenset({"host-model", "maximum", ""})
"""CPU modes that libvirt replaces by what they came to when the domain starts."""


def at_rest(live: str, stored: str) -> str:
    """``live`` as it would be stored: without names, ports and labels given for this run only.

    Whatever ``stored`` says itself stays, so that only real changes are left between the two.
    """
    parsed, kept = tree(live), tree(stored)
    root, wanted = parsed.root, kept.root
    if root is None or wanted is None or root.name != "domain":
        return live
    changes: list[SpanEdit] = []
    _attributes(parsed, root, "domain", wanted, changes)
    for element in root.children:
        if element.name == "devices":
            _devices(parsed, element, kept, wanted, changes)
        elif not _keeps(element, wanted):
            changes.append(remove(parsed, element))
    cpu, asked = root.child("cpu"), wanted.child("cpu")
    if cpu is not None and (asked.get("mode") if asked is not None else "") in _CPU_FILLED:
        _swap(parsed, cpu, kept, asked, changes)
    return spliced(live, _apart(changes))


def _keeps(element: Element, wanted: Element) -> bool:
    """True if a part outside of the devices is more than a trace of this run."""
    if element.name in _RUNTIME_ELEMENTS["domain"]:
        return wanted.child(element.name) is not None
    if element.name == "seclabel" and element.get("type") == "dynamic":
        return any(found.get("type") == "dynamic" for found in wanted.all("seclabel"))
    return True


def _devices(
    parsed: Tree, devices: Element, kept: Tree, wanted: Element, changes: list[SpanEdit]
) -> None:
    known: dict[tuple[str, str], list[Element]] = {}
    stored = wanted.child("devices")
    for element in stored.children if stored is not None else ():
        known.setdefault(identity(kept, element), []).append(element)
    for element in devices.children:
        # Of several of one identity (NICs may share a MAC address) each is the next.
        alike = known.get(identity(parsed, element), [])
        twin = alike.pop(0) if alike else _nth(element, stored)
        _device(parsed, element, kept, twin, changes)


def _nth(element: Element, stored: Element | None) -> Element | None:
    """The stored device of the same kind at the same place among its kind."""
    parent = element.parent
    if stored is None or parent is None:
        return None
    number = [c for c in parent.children if c.name == element.name].index(element)
    same = list(stored.all(element.name))
    return same[number] if number < len(same) else None


def _device(
    parsed: Tree, element: Element, kept: Tree, twin: Element | None, changes: list[SpanEdit]
) -> None:
    _attributes(parsed, element, element.name, twin, changes)
    for child in element.children:
        theirs = twin.child(child.name) if twin is not None else None
        if child.name == "driver" and _empty_drive(element, twin):
            # What is not there has no format either, while it runs.
            stored = kept.text[theirs.start : theirs.end] if theirs is not None else ""
            changes.append(SpanEdit(child.start, child.end, stored))
            continue
        path = f"{element.name}/{child.name}"
        runtime = child.name in ("alias", *_RUNTIME_ELEMENTS.get(element.name, ()))
        if theirs is None and (runtime or _only_runtime(child, path)):
            changes.append(remove(parsed, child))
        else:
            _attributes(parsed, child, path, theirs, changes)


def _empty_drive(element: Element, twin: Element | None) -> bool:
    return element.child("source") is None and twin is not None and twin.child("source") is None


def _only_runtime(child: Element, path: str) -> bool:
    """True if an element would be left without anything."""
    names = {found.name for found in child.attributes}
    return not child.children and bool(names) and names <= set(_RUNTIME_ATTRIBUTES.get(path, ()))


def _attributes(
    parsed: Tree, element: Element, path: str, twin: Element | None, changes: list[SpanEdit]
) -> None:
    for name in _RUNTIME_ATTRIBUTES.get(path, ()):
        found = element.attribute(name)
        if found is None:
            continue
        stored = twin.attribute(name) if twin is not None else None
        if stored is None:
            change = drop_attribute(parsed, element, name)
            if change is not None:
                changes.append(change)
        elif path == "graphics" and stored.value == "-1":
            changes.append(SpanEdit(found.value_start, found.value_end, stored.value))


def _swap(
    parsed: Tree, cpu: Element, kept: Tree, asked: Element | None, changes: list[SpanEdit]
) -> None:
    """Show the CPU as it was asked for."""
    if asked is None:
        changes.append(remove(parsed, cpu))
    else:
        changes.append(SpanEdit(cpu.start, cpu.end, kept.text[asked.start : asked.end]))


def _apart(changes: list[SpanEdit]) -> list[SpanEdit]:
    """The changes without those inside of others."""
    outer: list[SpanEdit] = []
    for change in sorted(changes, key=lambda one: (one.start, -one.end)):
        if not outer or change.start >= outer[-1].end:
            outer.append(change)
    return outer

"""The changes that a running domain's next start brings: its live definition against the stored
one.

Everything that libvirt writes only into live definitions is left out of the comparison.
"""

from __future__ import annotations

from virttui.libvirtxml.live_changes import identity
from virttui.libvirtxml.text.span_edit import SpanEdit, apply_edits, drop_attribute, remove
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
"""Attributes that libvirt adds to a running domain's elements, by element or parent and element."""
_RUNTIME_ELEMENTS: dict[str, tuple[str, ...]] = {
    "disk": ("backingStore", "mirror"),
    "domain": ("resource",),
    "serial": ("source",),
    "console": ("source",),
    "channel": ("source",),
    "seclabel": ("label", "imagelabel"),
}
_CPU_FILLED = frozenset({"host-model", "maximum", ""})
"""CPU modes that libvirt replaces by their result when the domain starts."""


def stored_form(live: str, stored: str) -> str:
    """Return ``live`` as it would be stored: without names, ports and labels of this run.

    Values that ``stored`` has as well stay, so that only real changes are left between the two.
    """
    parsed, stored_tree = tree(live), tree(stored)
    root, stored_root = parsed.root, stored_tree.root
    if root is None or stored_root is None or root.name != "domain":
        return live
    changes: list[SpanEdit] = []
    _attributes(parsed, root, "domain", stored_root, changes)
    for element in root.children:
        if element.name == "devices":
            _devices(parsed, element, stored_tree, stored_root, changes)
        elif not _is_lasting(element, stored_root):
            changes.append(remove(parsed, element))
    live_cpu, stored_cpu = root.child("cpu"), stored_root.child("cpu")
    if (
        live_cpu is not None
        and (stored_cpu.get("mode") if stored_cpu is not None else "") in _CPU_FILLED
    ):
        _replace_cpu(parsed, live_cpu, stored_tree, stored_cpu, changes)
    return apply_edits(live, _outermost(changes))


def _is_lasting(element: Element, stored_root: Element) -> bool:
    """True if a part outside of the devices is not only a result of this run."""
    if element.name in _RUNTIME_ELEMENTS["domain"]:
        return stored_root.child(element.name) is not None
    if element.name == "seclabel" and element.get("type") == "dynamic":
        return any(found.get("type") == "dynamic" for found in stored_root.all("seclabel"))
    return True


def _devices(
    parsed: Tree, devices: Element, stored_tree: Tree, stored_root: Element, changes: list[SpanEdit]
) -> None:
    known: dict[tuple[str, str], list[Element]] = {}
    stored = stored_root.child("devices")
    for element in stored.children if stored is not None else ():
        known.setdefault(identity(stored_tree, element), []).append(element)
    for element in devices.children:
        # Of several of one identity (NICs may share a MAC address) each is the next.
        same_identity = known.get(identity(parsed, element), [])
        twin = same_identity.pop(0) if same_identity else _counterpart(element, stored)
        _device(parsed, element, stored_tree, twin, changes)


def _counterpart(element: Element, stored: Element | None) -> Element | None:
    """Return the stored device of the same kind at the same place among its kind."""
    parent = element.parent
    if stored is None or parent is None:
        return None
    number = [c for c in parent.children if c.name == element.name].index(element)
    same = list(stored.all(element.name))
    return same[number] if number < len(same) else None


def _device(
    parsed: Tree, element: Element, stored_tree: Tree, twin: Element | None, changes: list[SpanEdit]
) -> None:
    _attributes(parsed, element, element.name, twin, changes)
    for child in element.children:
        stored_child = twin.child(child.name) if twin is not None else None
        if child.name == "driver" and _empty_drive(element, twin):
            # What is not there has no format either, while it runs.
            stored = (
                stored_tree.text[stored_child.start : stored_child.end]
                if stored_child is not None
                else ""
            )
            changes.append(SpanEdit(child.start, child.end, stored))
            continue
        path = f"{element.name}/{child.name}"
        runtime = child.name in ("alias", *_RUNTIME_ELEMENTS.get(element.name, ()))
        if stored_child is None and (runtime or _only_runtime(child, path)):
            changes.append(remove(parsed, child))
        else:
            _attributes(parsed, child, path, stored_child, changes)


def _empty_drive(element: Element, twin: Element | None) -> bool:
    return element.child("source") is None and twin is not None and twin.child("source") is None


def _only_runtime(child: Element, path: str) -> bool:
    """True if an element would be empty without its runtime attributes."""
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


def _replace_cpu(
    parsed: Tree,
    cpu: Element,
    stored_tree: Tree,
    stored_cpu: Element | None,
    changes: list[SpanEdit],
) -> None:
    """Replace the live CPU by the stored one."""
    if stored_cpu is None:
        changes.append(remove(parsed, cpu))
    else:
        changes.append(
            SpanEdit(cpu.start, cpu.end, stored_tree.text[stored_cpu.start : stored_cpu.end])
        )


def _outermost(changes: list[SpanEdit]) -> list[SpanEdit]:
    """Return the changes that are not inside of others."""
    outer: list[SpanEdit] = []
    for change in sorted(changes, key=lambda one: (one.start, -one.end)):
        if not outer or change.start >= outer[-1].end:
            outer.append(change)
    return outer

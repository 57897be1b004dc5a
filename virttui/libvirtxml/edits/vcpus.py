"""The vCPUs of a domain, by their number or one by one."""

from __future__ import annotations

from virttui.libvirtxml.edits.operands import edited_text, number_of, root
from virttui.libvirtxml.parse import whole
from virttui.libvirtxml.text.span_edit import (
    SpanEdit,
    apply_edits,
    drop_attribute,
    insert,
    set_attribute,
    set_text,
)
from virttui.libvirtxml.text.tree import Element, Tree, tree
from virttui.model.errors import InvalidInput


def vcpus(parsed: Tree, words: str) -> str:
    """Set the number of vCPUs: up to the maximum they are switched on and off; above it, the
    maximum is raised."""
    number = number_of(words)
    domain = root(parsed)
    vcpu = domain.child("vcpu")
    if vcpu is None:
        xml = f"<vcpu>{number}</vcpu>"
        return edited_text(parsed.text, insert(parsed, domain, xml, domain.child("memory")))
    maximum_text = parsed.text_of(vcpu)
    limit = whole(maximum_text)
    changes: list[SpanEdit | None] = []
    if limit is not None and number < limit:
        changes.append(set_attribute(parsed, vcpu, "current", str(number)))
    else:
        changes.append(drop_attribute(parsed, vcpu, "current"))
    if limit is None or number > limit:
        _check_cells(parsed, number)
        changes += [set_text(parsed, vcpu, str(number)), *_topology(parsed, number)]
    elements = domain.child("vcpus")
    if elements is None:
        return edited_text(parsed.text, *changes)
    # One by one they decide, and what <vcpu> says of their number is not read.
    changes += _switch(parsed, list(elements.all("vcpu")), number)
    return _add_elements(edited_text(parsed.text, *changes), limit or 0, number)


def _check_cells(parsed: Tree, number: int) -> None:
    """Raise InvalidInput where libvirt would put all new vCPUs into the first NUMA cell."""
    cells = list(root(parsed).all("cpu/numa/cell"))
    if len(cells) > 1:
        raise InvalidInput(
            f"its {len(cells)} NUMA cells share its vCPUs out, and none would have the new ones",
            advice=f"write <vcpu>{number}</vcpu> and the cells in its XML",
        )


def _topology(parsed: Tree, number: int) -> list[SpanEdit]:
    """Return the edit of the sockets, since libvirt refuses a topology with another product."""
    topology = root(parsed).child("cpu/topology")
    if topology is None:
        return []
    each = 1
    for name in ("dies", "clusters", "cores", "threads"):
        each *= whole(topology.get(name, "1")) or 1
    if number % each:
        raise InvalidInput(
            f"its topology has {each} vCPUs a socket: {number} is not a multiple of that",
            advice="change <topology> in its XML",
        )
    return [set_attribute(parsed, topology, "sockets", str(number // each))]


def _switch(parsed: Tree, elements: list[Element], number: int) -> list[SpanEdit | None]:
    """Return the edits that switch vCPUs on, from the first that is off, or off, from the last
    that was added."""
    on = [one for one in elements if one.get("enabled") == "yes"]
    off = [one for one in elements if one not in on]
    changes: list[SpanEdit | None] = []
    order = max((whole(one.get("order")) or 0 for one in on), default=0)
    for place, one in enumerate(off[: max(0, number - len(on))], 1):
        changes.append(set_attribute(parsed, one, "enabled", "yes"))
        if order:
            changes.append(set_attribute(parsed, one, "order", str(order + place)))
    removable = [one for one in on if one.get("hotpluggable") != "no"]
    # A stable sort: without an order they go by their numbers.
    removable.sort(key=lambda one: whole(one.get("order")) or 0)
    surplus = len(on) - number
    if surplus > len(removable):
        fixed = len(on) - len(removable)
        raise InvalidInput(f"{fixed} of its vCPUs are always on (hotpluggable='no')")
    for one in removable[len(removable) - surplus :] if surplus > 0 else ():
        changes.append(set_attribute(parsed, one, "enabled", "no"))
        changes.append(drop_attribute(parsed, one, "order"))
    return changes


def _add_elements(text: str, old_number: int, number: int) -> str:
    """Return the text with elements for the new vCPUs, all of them on."""
    parsed = tree(text)
    parent = root(parsed).child("vcpus")
    assert parent is not None
    elements = list(parent.all("vcpu"))
    if number <= old_number:
        return text
    order = max((whole(one.get("order")) or 0 for one in elements), default=0)
    lines = [
        f"<vcpu id='{id}' enabled='yes' hotpluggable='yes'"
        + (f" order='{order + place}'" if order else "")
        + "/>"
        for place, id in enumerate(range(old_number, number), 1)
    ]
    after = elements[-1] if elements else None
    return apply_edits(text, [insert(parsed, parent, "\n".join(lines), after)])

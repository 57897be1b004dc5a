"""How many vCPUs a domain has, by their number or one by one."""

from __future__ import annotations

from virttui.libvirtxml.edits.operands import number_of, put, root
from virttui.libvirtxml.parse import whole
from virttui.libvirtxml.text.span_edit import (
    SpanEdit,
    drop_attribute,
    insert,
    set_attribute,
    set_text,
    spliced,
)
from virttui.libvirtxml.text.tree import Element, Tree, tree
from virttui.model.errors import InvalidInput


def vcpus(parsed: Tree, words: str) -> str:
    """Set how many it has: up to its most they are switched on and off; above, the most moves."""
    number = number_of(words)
    domain = root(parsed)
    vcpu = domain.child("vcpu")
    if vcpu is None:
        xml = f"<vcpu>{number}</vcpu>"
        return put(parsed.text, insert(parsed, domain, xml, domain.child("memory")))
    most = parsed.text_of(vcpu)
    limit = whole(most)
    changes: list[SpanEdit | None] = []
    if limit is not None and number < limit:
        changes.append(set_attribute(parsed, vcpu, "current", str(number)))
    else:
        changes.append(drop_attribute(parsed, vcpu, "current"))
    if limit is None or number > limit:
        _fits_cells(parsed, number)
        changes += [set_text(parsed, vcpu, str(number)), *_topology(parsed, number)]
    single = domain.child("vcpus")
    if single is None:
        return put(parsed.text, *changes)
    # One by one they decide, and what <vcpu> says of their number is not read.
    changes += _switched(parsed, list(single.all("vcpu")), number)
    return _with_new(put(parsed.text, *changes), limit or 0, number)


def _fits_cells(parsed: Tree, number: int) -> None:
    """Raises InvalidInput where libvirt would put all the new vCPUs into the first NUMA cell."""
    cells = list(root(parsed).all("cpu/numa/cell"))
    if len(cells) > 1:
        raise InvalidInput(
            f"its {len(cells)} NUMA cells share its vCPUs out, and none would have the new ones",
            advice=f"write <vcpu>{number}</vcpu> and the cells in its XML",
        )


def _topology(parsed: Tree, number: int) -> list[SpanEdit]:
    """As many sockets as make the number, since libvirt refuses a product that differs."""
    topology = root(parsed).child("cpu/topology")
    if topology is None:
        return []
    each = 1
    for name in ("dies", "clusters", "cores", "threads"):
        each *= whole(topology.get(name, "1")) or 1
    if number % each:
        raise InvalidInput(
            f"its topology has {each} vCPUs a socket: {number} is no multiple of that",
            advice="change <topology> in its XML",
        )
    return [set_attribute(parsed, topology, "sockets", str(number // each))]


def _switched(parsed: Tree, single: list[Element], number: int) -> list[SpanEdit | None]:
    """Switch vCPUs on from the first that is off, or off from the one that came last."""
    on = [one for one in single if one.get("enabled") == "yes"]
    off = [one for one in single if one not in on]
    changes: list[SpanEdit | None] = []
    order = max((whole(one.get("order")) or 0 for one in on), default=0)
    for place, one in enumerate(off[: max(0, number - len(on))], 1):
        changes.append(set_attribute(parsed, one, "enabled", "yes"))
        if order:
            changes.append(set_attribute(parsed, one, "order", str(order + place)))
    able = [one for one in on if one.get("hotpluggable") != "no"]
    # A stable sort: without an order they go by their numbers.
    able.sort(key=lambda one: whole(one.get("order")) or 0)
    surplus = len(on) - number
    if surplus > len(able):
        kept = len(on) - len(able)
        raise InvalidInput(f"{kept} of its vCPUs are always on (hotpluggable='no')")
    for one in able[len(able) - surplus :] if surplus > 0 else ():
        changes.append(set_attribute(parsed, one, "enabled", "no"))
        changes.append(drop_attribute(parsed, one, "order"))
    return changes


def _with_new(text: str, had: int, number: int) -> str:
    """Name the vCPUs above those there were, all of them on."""
    parsed = tree(text)
    single = root(parsed).child("vcpus")
    assert single is not None
    known = list(single.all("vcpu"))
    if number <= had:
        return text
    order = max((whole(one.get("order")) or 0 for one in known), default=0)
    lines = [
        f"<vcpu id='{id}' enabled='yes' hotpluggable='yes'"
        + (f" order='{order + place}'" if order else "")
        + "/>"
        for place, id in enumerate(range(had, number), 1)
    ]
    after = known[-1] if known else None
    return spliced(text, [insert(parsed, single, "\n".join(lines), after)])

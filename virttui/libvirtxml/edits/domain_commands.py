"""The commands that edit a domain itself: memory, vCPUs, title, boot order, CPU."""

from __future__ import annotations

from virttui.libvirtxml.edits.device_commands import selection
from virttui.libvirtxml.edits.domain import BOOTS
from virttui.libvirtxml.edits.edit_case import Commands, EditCase, delete_options, options
from virttui.libvirtxml.edits.operands import devices, root, size_of, size_text
from virttui.libvirtxml.parse import whole
from virttui.libvirtxml.text.tree import Tree


def memory(case: EditCase) -> Commands:
    """Change the memory, or its maximum."""
    old, new = (_sizes(one) for one in (case.before, case.after))
    lines: list[list[str]] = []
    cells = _cells(case)
    if cells:
        lines.append(case.virt_xml("--edit", "--cpu", options(*cells)))
    elif old[0] != new[0]:
        lines.append(case.virsh("setmaxmem", size_text(new[0]), "--config"))
    if case.edit.what == "memory" or (cells and old[1] != new[1]):
        lines.append(case.virsh("setmem", size_text(new[1]), *case.flags))
    return lines


def _sizes(parsed: Tree) -> tuple[int, int]:
    domain = root(parsed)
    maximum = size_of(parsed, domain.child("memory")) or 0
    return maximum, size_of(parsed, domain.child("currentMemory")) or maximum


def _cells(case: EditCase) -> list[str]:
    old, new = (list(root(one).all("cpu/numa/cell")) for one in (case.before, case.after))
    parts: list[str] = []
    for number, (old_cell, cell) in enumerate(zip(old, new, strict=True)):
        for name in ("memory", "unit"):
            if old_cell.get(name) != cell.get(name):
                parts.append(f"numa.cell{number}.{name}={cell.get(name)}")
    return parts


def vcpus(case: EditCase) -> Commands:
    """Change the number of vCPUs."""
    domain, number = root(case.before), case.edit.value()
    vcpu = domain.child("vcpu")
    limit = (whole(case.before.text_of(vcpu)) or 0) if vcpu is not None else 0
    above = (whole(number) or 0) > limit
    if domain.child("vcpus") is not None:
        return None if above else _one_by_one(case)
    if not above:
        return [case.virsh("setvcpus", number, *case.flags)]
    topology = root(case.after).child("cpu/topology")
    if topology is None:
        maximum = case.virsh("setvcpus", number, "--config", "--maximum")
        return [maximum, case.virsh("setvcpus", number, "--config")]
    # virt-xml up to 5.0 has no clusters; libvirt's own default is one, and it writes that down.
    if topology.get("clusters", "1") != "1":
        return None
    parts = [f"{one.name}={one.value}" for one in topology.attributes if one.name != "clusters"]
    cleared = ["vcpu.current="] if vcpu is not None and vcpu.get("current") else []
    return [case.virt_xml("--edit", "--vcpus", options(f"vcpus={number}", *cleared, *parts))]


def _one_by_one(case: EditCase) -> Commands:
    """Return the commands that switch single vCPUs."""
    both = [list(root(one).all("vcpus/vcpu")) for one in (case.before, case.after)]
    lines = []
    for word, state in (("--enable", "yes"), ("--disable", "no")):
        ids = [
            new.get("id")
            for old, new in zip(*both, strict=True)
            if new.get("enabled") == state != old.get("enabled")
        ]
        if ids:
            lines.append(case.virsh("setvcpu", ",".join(ids), word, *case.flags))
    return lines


def words(case: EditCase) -> Commands:
    """Change the title or the description."""
    value = case.edit.value()
    title = ["--title"] if case.edit.what == "title" else []
    text = "" if value == "none" else value
    return [case.virsh("desc", *case.flags, *title, "--new-desc", text)]


def boot(case: EditCase) -> Commands:
    """Change the boot order."""
    ordered = [(one, one.child("boot")) for one in devices(case.after)]
    new = sorted(
        (whole(boot.get("order")) or 0, place)
        for place, (_, boot) in enumerate(ordered)
        if boot is not None
    )
    lines = []
    for one in devices(case.before):
        # An order that another device is to have is free first.
        if one.child("boot") is not None:
            if (where := selection(case.before, one)) is None:
                return None
            lines.append(case.virt_xml("--edit", *where, options("xpath1.delete=./boot")))
    if not new:
        names = case.edit.value().replace(",", " ").lower().split()
        kinds = list(dict.fromkeys(BOOTS[name] for name in names))
        return [*lines, case.virt_xml("--edit", "--boot", options(*kinds))]
    for order, place in new:
        if (where := selection(case.before, devices(case.before)[place])) is None:
            return None
        lines.append(case.virt_xml("--edit", *where, options(f"boot.order={order}")))
    return lines


def cpu(case: EditCase) -> Commands:
    """Change the CPU mode and model."""
    old, new = root(case.before).child("cpu"), root(case.after).child("cpu")
    assert new is not None
    model = new.child("model")
    parts = [f"mode={new.get('mode')}"]
    if old is not None:
        removed = [a.name for a in old.attributes if new.attribute(a.name) is None]
        if not {*removed} <= {"check", "match", "migratable"}:
            return None
        parts += [f"{name}=" for name in removed]
        parts += delete_options(old, new)
    if model is not None:
        parts.append(f"model={case.after.text_of(model)}")
    return [case.virt_xml("--edit", "--cpu", options(*parts))]

"""What is looked at before anything is made: what stands in the way, and what should be known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from virttui.model.installing import Check, Ground, Level
from virttui.model.machines import Machine, Method
from virttui.model.recipes import Recipe

if TYPE_CHECKING:
    from virttui.definitions.installing.steps import Chosen

MOST_PROMISED = 3.0
"""vCPUs a core from which on it is told."""


def checks(
    machines: Sequence[Machine], recipes: Sequence[Recipe], now: Chosen, ground: Ground
) -> tuple[Check, ...]:
    """Everything that was looked at, what stands in the way first; of several, all together."""
    first = machines[0]
    found = [
        *_names(machines, ground),
        *_sizes(machines, now, ground),
        *_storage(recipes, ground),
        *_networks(first, ground),
        *_system(first, now, ground),
    ]
    order = {Level.BLOCKER: 0, Level.WARNING: 1, Level.GOOD: 2}
    return tuple(sorted(found, key=lambda check: order[check.level]))


def _names(machines: Sequence[Machine], ground: Ground) -> Iterator[Check]:
    mine = {machine.name for machine in machines}
    others = {host for name, host in ground.elsewhere if name in mine}
    if others:
        where = ", ".join(sorted(others))
        yield Check(Level.WARNING, f"a machine on {where} has such a name too")
    else:
        yield Check(Level.GOOD, "names and MAC addresses are free on every host")


def _sizes(machines: Sequence[Machine], now: Chosen, ground: Ground) -> Iterator[Check]:
    machine, least = machines[0], now.system.minimum
    memory = sum(one.memory for one in machines)
    if now.system.known and machine.memory < least.memory:
        yield Check(Level.WARNING, f"{now.system.name} wants more memory than that")
    can = ground.can
    if can is not None and can.max_vcpus and machine.vcpus > can.max_vcpus:
        yield Check(Level.BLOCKER, f"{ground.name} gives a machine {can.max_vcpus} vCPUs at most")
    if ground.memory and memory > ground.memory:
        yield Check(Level.BLOCKER, f"{ground.name} has less memory than that", "give it less")
    elif ground.memory and memory + ground.memory_promised > ground.memory:
        yield Check(Level.WARNING, f"{ground.name} would promise more memory than it has")
    if ground.cpus:
        promised = (ground.vcpus_promised + sum(one.vcpus for one in machines)) / ground.cpus
        if promised > MOST_PROMISED:
            yield Check(Level.WARNING, f"{ground.name} would promise {promised:.1f} vCPUs a core")


def _storage(recipes: Sequence[Recipe], ground: Ground) -> Iterator[Check]:
    """Space against what is taken at once, and against what may be asked one day."""
    for shelf in ground.pools:
        mine = [one for recipe in recipes for one in recipe.volumes if one.pool == shelf.key]
        if not mine:
            continue
        most = sum(step.new.capacity for step in mine)
        now = sum(len(step.content) or (0 if step.new.allocation == 0 else step.new.capacity)
                  for step in mine)  # fmt: skip
        if now > shelf.room.available:
            yield Check(Level.BLOCKER, f"{shelf.name} has less space than is taken at once",
                        "another pool, or a smaller disk")  # fmt: skip
        elif most > shelf.room.available:
            yield Check(Level.WARNING, f"{shelf.name} has less space than its disks may grow to")
        else:
            yield Check(Level.GOOD, f"{shelf.name} has room for all of its disks")


def _networks(machine: Machine, ground: Ground) -> Iterator[Check]:
    there = {value.name: value.note for value in ground.networks}
    for nic in machine.nics:
        if nic.kind == "network" and there.get(nic.source) == "is off now":
            yield Check(Level.BLOCKER, f"network {nic.source} is off", "start it (2, then s)")
    if not machine.nics:
        yield Check(Level.WARNING, "it has no network card")
    if machine.method is Method.NETWORK and not machine.nics:
        yield Check(Level.BLOCKER, "nothing to boot from: it has no network card")


def _system(machine: Machine, now: Chosen, ground: Ground) -> Iterator[Check]:
    if not now.system.known:
        yield Check(Level.WARNING, "its system is not known, so it gets what most systems can use",
                    "choose the system")  # fmt: skip
    elif now.system.ended:
        yield Check(Level.GOOD, f"{now.system.name}; looked after until {now.system.ended}")
    can = ground.can
    if can is not None and machine.firmware == "uefi" and "efi" not in can.firmwares:
        yield Check(Level.BLOCKER, f"{ground.name} has no UEFI firmware", "bios, or install OVMF")
    if can is not None and machine.virt == "qemu":
        yield Check(Level.WARNING, f"{ground.name} has no KVM: it will be slow")
    used = dict(ground.used)
    for disk in machine.disks:
        user = used.get(f"{disk.pool}/{disk.volume}" if disk.pool else disk.path)
        if user and not disk.read_only:
            yield Check(Level.BLOCKER, f"{user} has {disk.volume or disk.path} as a disk",
                        "another volume")  # fmt: skip

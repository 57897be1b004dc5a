"""What is looked at before anything is made: what stands in the way, and what should be known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from virttui.model.provision.checks import Check, WizardStep
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import DomainSpec, InstallMethod
from virttui.model.provision.plan import ProvisionPlan, VolumeStep
from virttui.model.severity import Severity
from virttui.planning.create.disk_fields import OVERLAY
from virttui.planning.create.step_context import GIB, MIB

if TYPE_CHECKING:
    from virttui.planning.create.fields import ResolvedChoices

ORDER = (Severity.ERROR, Severity.WARNING, Severity.OK)
"""What stands in the way comes first."""
MOST_PROMISED = 3.0
"""vCPUs a core from which on it is told."""


def checks(
    machines: Sequence[DomainSpec],
    plans: Sequence[ProvisionPlan],
    now: ResolvedChoices,
    context: CreateContext,
) -> tuple[Check, ...]:
    """Everything that was looked at, what stands in the way first; of several, all together."""
    first = machines[0]
    looked_at = (
        (WizardStep.WHERE, _names(machines, context)),
        (WizardStep.WHERE, not_known(context)),
        (WizardStep.WHAT, _medium(first, now, context)),
        (WizardStep.SIZE, _sizes(machines, now, context)),
        (WizardStep.DISKS, _storage(plans, context)),
        (WizardStep.DISKS, _users(first, context)),
        (WizardStep.NETWORK, _networks(first, context)),
        (WizardStep.SYSTEM, _system(first, now, context)),
        (WizardStep.EXTRAS, _firmware(first, context)),
    )
    found = [replace(one, step=step) for step, every in looked_at for one in every]
    return tuple(sorted(found, key=lambda check: ORDER.index(check.level)))


def _names(machines: Sequence[DomainSpec], context: CreateContext) -> Iterator[Check]:
    mine = {machine.name for machine in machines}
    others = {host for name, host in context.names_elsewhere if name in mine}
    macs = [nic.mac for machine in machines for nic in machine.nics if nic.mac in context.used_macs]
    if others:
        where = ", ".join(sorted(others))
        yield Check(Severity.WARNING, f"a machine on {where} has such a name too")
    for mac in macs:
        yield Check(
            Severity.ERROR, f"a machine has {mac} already", "another MAC, or none: a new one"
        )
    if not others and not macs:
        where = "every host that told" if context.unknown_hosts else "every host"
        yield Check(Severity.OK, f"names and MAC addresses are free on {where}")


def not_known(context: CreateContext) -> Iterator[Check]:
    """What could not be looked at, so that nothing is claimed of it."""
    for what in context.unknown_parts:
        yield Check(Severity.WARNING, f"not known of {context.name}: {what}")
    for host in context.unknown_hosts:
        words = f"not known: the machines of {host}"
        yield Check(Severity.WARNING, words, "a name or MAC address may be there too")


def _medium(machine: DomainSpec, now: ResolvedChoices, context: CreateContext) -> Iterator[Check]:
    """Whether what it is installed from can be read, and boots."""
    if machine.method is InstallMethod.CLOUD:
        yield from _base(now, context)
    if machine.method is not InstallMethod.MEDIUM:
        return
    place = now.values["medium"]
    if context.medium_error:
        yield Check(Severity.WARNING, f"{place}: {context.medium_error}", "choose another medium")
    elif context.medium is not None and not context.medium.bootable:
        yield Check(Severity.WARNING, f"{place} says nothing of booting", "choose another medium")
    elif context.medium is not None:
        yield Check(Severity.OK, f"{place} was read, and boots")
    elif place.startswith("/"):
        yield Check(Severity.WARNING, f"{place} is in no pool: its existence cannot be checked")


def _base(now: ResolvedChoices, context: CreateContext) -> Iterator[Check]:
    """Whether the image stays as it is: what lies on the disk of another machine is lost when
    that writes to it."""
    place, overlay = now.values["base"], now.values.get("how") == OVERLAY
    user = dict(context.volume_writers).get(place)
    if user is None:
        return
    if user in context.running:
        words = f"{place} is the disk of {user}, which runs and writes to it"
        yield Check(Severity.ERROR, words, "another image, or a copy of it made while it is off")
    elif overlay:
        words = f"{place} is the disk of {user}, which is off: its next start ruins what lies on it"
        yield Check(Severity.WARNING, words, "another image, or how = copy")
    else:
        words = f"{place} is the disk of {user}, which is off: this is a copy of that machine"
        yield Check(Severity.WARNING, words, "another image, if that is not meant")


def _sizes(
    machines: Sequence[DomainSpec], now: ResolvedChoices, context: CreateContext
) -> Iterator[Check]:
    machine, least = machines[0], now.system.minimum
    memory = sum(one.memory for one in machines)
    if now.system.known and machine.memory < least.memory:
        yield Check(
            Severity.WARNING, f"{now.system.name} wants {_about(least.memory)} of memory at least"
        )
    can = context.capabilities
    if now.system.known and machine.vcpus < least.cpus:
        yield Check(Severity.WARNING, f"{now.system.name} wants {least.cpus} vCPUs at least")
    if can is not None and can.max_vcpus and machine.vcpus > can.max_vcpus:
        yield Check(Severity.ERROR, f"{context.name} gives a machine {can.max_vcpus} vCPUs at most")
    if context.memory and memory > context.memory:
        has = f"{context.name} has {_about(context.memory)} of memory"
        yield Check(Severity.ERROR, f"{has}, {_about(memory)} is asked", "give it less")
    elif context.memory and memory + context.memory_promised > context.memory:
        part = (memory + context.memory_promised) / context.memory
        yield Check(
            Severity.WARNING, f"{context.name} would have ×{part:.2f} of its memory allocated"
        )
    elif context.memory:
        left = context.memory - context.memory_promised
        yield Check(Severity.OK, f"{context.name} has {_about(left)} of memory unallocated")
    if context.cpus:
        promised = (context.vcpus_promised + sum(one.vcpus for one in machines)) / context.cpus
        if promised > MOST_PROMISED:
            was = context.vcpus_promised / context.cpus
            words = f"{context.name} would promise ×{promised:.1f} vcpu a core (was ×{was:.1f})"
            yield Check(Severity.WARNING, words)


def _storage(plans: Sequence[ProvisionPlan], context: CreateContext) -> Iterator[Check]:
    """Space against what is taken at once, and against what may be asked one day."""
    for shelf in context.pools:
        mine = [one for plan in plans for one in plan.volumes if one.pool == shelf.key]
        if not mine:
            continue
        most = sum(step.new.capacity for step in mine)
        now = sum(_at_once(step) for step in mine)
        has = f"{shelf.name} has {_about(shelf.room.available)}"
        if now > shelf.room.available:
            yield Check(Severity.ERROR, f"{has}; {_about(now)} is taken at once",
                        "another pool, or a smaller disk")  # fmt: skip
        elif most > shelf.room.available:
            yield Check(Severity.WARNING, f"{has}; its disks may grow to {_about(most)}")
        else:
            yield Check(Severity.OK, f"{has}; at most {_about(most)} is asked")


def _at_once(step: VolumeStep) -> int:
    """The bytes that a volume takes as soon as it is made."""
    if step.content:
        return len(step.content)
    full = step.new.allocation != 0 or step.file or step.url
    return step.new.capacity if full else 0


def _about(size: int) -> str:
    """Bytes in a few signs."""
    for unit, factor in (("T", 1024 * GIB), ("G", GIB), ("M", MIB)):
        if size >= factor:
            return f"{size / factor:.1f}".removesuffix(".0") + unit
    return f"{size // 1024}K"


def _networks(machine: DomainSpec, context: CreateContext) -> Iterator[Check]:
    there = {value.name: value.note for value in context.networks}
    for nic in machine.nics:
        if nic.kind == "network" and there.get(nic.source) == "is off now":
            yield Check(Severity.ERROR, f"network {nic.source} is off", "start it (2, then s)")
    if not context.networks_known and not machine.nics:
        words = f"it would get no network card: the networks of {context.name} are not known"
        yield Check(Severity.ERROR, words, "wait until they are, or see why (2)")
    elif not machine.nics:
        yield Check(Severity.WARNING, "it has no network card")
    if machine.method is InstallMethod.NETWORK and not machine.nics:
        yield Check(Severity.ERROR, "nothing to boot from: it has no network card")


def _system(machine: DomainSpec, now: ResolvedChoices, context: CreateContext) -> Iterator[Check]:
    if not now.system.known:
        yield Check(Severity.WARNING, "unknown system: it gets safe, slow hardware (IDE, e1000)",
                    "choose a system for better")  # fmt: skip
    elif now.system.id.startswith("win11") and not machine.tpm:
        wants = f"{now.system.name} wants a TPM, which {context.name} cannot give"
        yield Check(Severity.WARNING, wants, "install swtpm there")
    elif context.medium is None and now.system in now.candidates:
        guess = f"{now.system.name} is guessed from a name; the version may be another"
        yield Check(Severity.OK, guess)
    elif now.system.end_of_support:
        yield Check(
            Severity.OK, f"{now.system.name}; looked after until {now.system.end_of_support}"
        )


def _firmware(machine: DomainSpec, context: CreateContext) -> Iterator[Check]:
    can = context.capabilities
    if can is not None and can.error:
        return
    if can is not None and not can.emulator and machine.method is not InstallMethod.CONTAINER:
        yield Check(
            Severity.WARNING, f"{context.name} tells of no emulator", "d asks whether it starts"
        )
    if can is not None and machine.firmware == "uefi" and "efi" not in can.firmwares:
        yield Check(Severity.ERROR, f"{context.name} has no UEFI firmware", "bios, or install OVMF")
    if can is not None and machine.virt == "qemu":
        words = "emulated, without KVM: it will be slow"
        if can.virt == "kvm":
            yield Check(Severity.WARNING, words, f"{context.name} has KVM, choose it under extras")
        else:
            yield Check(Severity.WARNING, f"{context.name} has no KVM: it will be slow")


def _users(machine: DomainSpec, context: CreateContext) -> Iterator[Check]:
    used = dict(context.volume_users)
    for disk in machine.disks:
        user = used.get(f"{disk.pool}/{disk.volume}" if disk.pool else disk.path)
        if user and not disk.read_only:
            place = disk.volume or disk.path
            needs = user.startswith(("overlay ", "data of ", "snapshot "))
            words = f"{user} needs {place}" if needs else f"{user} has {place} as a disk"
            yield Check(Severity.ERROR, words, "another volume")

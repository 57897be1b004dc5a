"""Checks before a machine is created: errors, warnings, and what is fine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

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
"""The order of the results."""
MAX_VCPUS_PER_CORE = 3.0
"""More vCPUs a core than this are a warning."""


def checks(
    machines: Sequence[DomainSpec],
    plans: Sequence[ProvisionPlan],
    choices: ResolvedChoices,
    context: CreateContext,
) -> tuple[Check, ...]:
    """Return the results of all checks, errors first; several machines are checked together."""
    first = machines[0]
    groups = (
        (WizardStep.WHERE, _names(machines, context)),
        (WizardStep.WHERE, unknown_facts(context)),
        (WizardStep.WHAT, _medium(first, choices, context)),
        (WizardStep.SIZE, _sizes(machines, choices, context)),
        (WizardStep.DISKS, _storage(plans, context)),
        (WizardStep.DISKS, _users(first, context)),
        (WizardStep.NETWORK, _networks(first, context)),
        (WizardStep.SYSTEM, _system(first, choices, context)),
        (WizardStep.EXTRAS, _firmware(first, context)),
    )
    results = [replace(one, step=step) for step, every in groups for one in every]
    return tuple(sorted(results, key=lambda check: ORDER.index(check.level)))


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
        where = "every host that answered" if context.unknown_hosts else "every host"
        yield Check(Severity.OK, f"names and MAC addresses are free on {where}")


def unknown_facts(context: CreateContext) -> Iterator[Check]:
    """Yield a warning for each fact of the hosts that could not be read."""
    for what in context.unknown_parts:
        yield Check(Severity.WARNING, f"not known of {context.name}: {what}")
    for host in context.unknown_hosts:
        words = f"not known: the machines of {host}"
        yield Check(Severity.WARNING, words, "a name or MAC address may be there too")


def _medium(
    machine: DomainSpec, choices: ResolvedChoices, context: CreateContext
) -> Iterator[Check]:
    """Check that the install medium can be read and boots."""
    if machine.method is InstallMethod.CLOUD:
        yield from _base(choices, context)
    if machine.method is not InstallMethod.MEDIUM:
        return
    medium = choices.values["medium"]
    if context.medium_error:
        yield Check(Severity.WARNING, f"{medium}: {context.medium_error}", "choose another medium")
    elif context.medium is not None and not context.medium.bootable:
        yield Check(Severity.WARNING, f"{medium} has no boot record", "choose another medium")
    elif context.medium is not None:
        yield Check(Severity.OK, f"{medium} was read, and boots")
    elif medium.startswith("/"):
        yield Check(Severity.WARNING, f"{medium} is in no pool: its existence cannot be checked")


def _base(choices: ResolvedChoices, context: CreateContext) -> Iterator[Check]:
    """Check that no machine writes to the image: an overlay is ruined by a write to its base."""
    image, overlay = choices.values["base"], choices.values.get("how") == OVERLAY
    user = dict(context.volume_writers).get(image)
    if user is None:
        return
    if user in context.running:
        words = f"{image} is the disk of {user}, which runs and writes to it"
        yield Check(Severity.ERROR, words, "another image, or a copy of it made while it is off")
    elif overlay:
        words = (
            f"{image} is the disk of {user}, which is off: its next start destroys overlays of it"
        )
        yield Check(Severity.WARNING, words, "another image, or how = copy")
    else:
        words = f"{image} is the disk of {user}, which is off: this is a copy of that machine"
        yield Check(Severity.WARNING, words, "another image, unless this is intended")


def _sizes(
    machines: Sequence[DomainSpec], choices: ResolvedChoices, context: CreateContext
) -> Iterator[Check]:
    machine, minimum = machines[0], choices.system.minimum
    memory = sum(one.memory for one in machines)
    if choices.system.known and machine.memory < minimum.memory:
        yield Check(
            Severity.WARNING,
            f"{choices.system.name} wants {_size_text(minimum.memory)} of memory at least",
        )
    capabilities = context.capabilities
    if choices.system.known and machine.vcpus < minimum.cpus:
        yield Check(Severity.WARNING, f"{choices.system.name} wants {minimum.cpus} vCPUs at least")
    if (
        capabilities is not None
        and capabilities.max_vcpus
        and machine.vcpus > capabilities.max_vcpus
    ):
        yield Check(
            Severity.ERROR, f"{context.name} gives a machine {capabilities.max_vcpus} vCPUs at most"
        )
    if context.memory and memory > context.memory:
        has = f"{context.name} has {_size_text(context.memory)} of memory"
        yield Check(Severity.ERROR, f"{has}, {_size_text(memory)} is needed", "give it less")
    elif context.memory and memory + context.memory_promised > context.memory:
        share = (memory + context.memory_promised) / context.memory
        yield Check(
            Severity.WARNING, f"{context.name} would have ×{share:.2f} of its memory allocated"
        )
    elif context.memory:
        unallocated = context.memory - context.memory_promised
        yield Check(
            Severity.OK, f"{context.name} has {_size_text(unallocated)} of memory unallocated"
        )
    if context.cpus:
        vcpus_per_core = (
            context.vcpus_promised + sum(one.vcpus for one in machines)
        ) / context.cpus
        if vcpus_per_core > MAX_VCPUS_PER_CORE:
            before = context.vcpus_promised / context.cpus
            ratio = f"×{vcpus_per_core:.1f} vcpu a core (was ×{before:.1f})"
            yield Check(Severity.WARNING, f"{context.name} would promise {ratio}")


def _storage(plans: Sequence[ProvisionPlan], context: CreateContext) -> Iterator[Check]:
    """Compare the free space with the size at first, and with the maximum size."""
    for target_pool in context.pools:
        steps = [one for plan in plans for one in plan.volumes if one.pool == target_pool.key]
        if not steps:
            continue
        maximum = sum(step.new.capacity for step in steps)
        choices = sum(_initial_size(step) for step in steps)
        has = f"{target_pool.name} has {_size_text(target_pool.context.available)}"
        if choices > target_pool.context.available:
            yield Check(Severity.ERROR, f"{has}; {_size_text(choices)} is needed at once",
                        "another pool, or a smaller disk")  # fmt: skip
        elif maximum > target_pool.context.available:
            yield Check(Severity.WARNING, f"{has}; its disks may grow to {_size_text(maximum)}")
        else:
            yield Check(Severity.OK, f"{has}; at most {_size_text(maximum)} is needed")


def _initial_size(step: VolumeStep) -> int:
    """Return the bytes that a volume takes as soon as it is created."""
    if step.content:
        return len(step.content)
    full = step.new.allocation != 0 or step.file or step.url
    return step.new.capacity if full else 0


def _size_text(size: int) -> str:
    """Return bytes as a short text."""
    for unit, factor in (("T", 1024 * GIB), ("G", GIB), ("M", MIB)):
        if size >= factor:
            return f"{size / factor:.1f}".removesuffix(".0") + unit
    return f"{size // 1024}K"


def _networks(machine: DomainSpec, context: CreateContext) -> Iterator[Check]:
    states = {value.name: value.note for value in context.networks}
    for nic in machine.nics:
        if nic.kind == "network" and states.get(nic.source) == "is off now":
            yield Check(Severity.ERROR, f"network {nic.source} is off", "start it (2, then s)")
    if not context.networks_known and not machine.nics:
        words = f"it would get no network card: the networks of {context.name} are not known"
        yield Check(Severity.ERROR, words, "wait until they are, or see why (2)")
    elif not machine.nics:
        yield Check(Severity.WARNING, "it has no network card")
    if machine.method is InstallMethod.NETWORK and not machine.nics:
        yield Check(Severity.ERROR, "nothing to boot from: it has no network card")


def _system(
    machine: DomainSpec, choices: ResolvedChoices, context: CreateContext
) -> Iterator[Check]:
    if not choices.system.known:
        yield Check(Severity.WARNING, "unknown system: it gets safe, slow hardware (IDE, e1000)",
                    "choose a system for better")  # fmt: skip
    elif choices.system.id.startswith("win11") and not machine.tpm:
        words = f"{choices.system.name} wants a TPM, which {context.name} cannot give"
        yield Check(Severity.WARNING, words, "install swtpm there")
    elif context.medium is None and choices.system in choices.candidates:
        words = f"{choices.system.name} is guessed from a name; the version may be another"
        yield Check(Severity.OK, words)
    elif choices.system.end_of_support:
        yield Check(
            Severity.OK,
            f"{choices.system.name}; looked after until {choices.system.end_of_support}",
        )


def _firmware(machine: DomainSpec, context: CreateContext) -> Iterator[Check]:
    capabilities = context.capabilities
    if capabilities is not None and capabilities.error:
        return
    if (
        capabilities is not None
        and not capabilities.emulator
        and machine.method is not InstallMethod.CONTAINER
    ):
        yield Check(
            Severity.WARNING, f"{context.name} reports no emulator", "d asks whether it starts"
        )
    if (
        capabilities is not None
        and machine.firmware == "uefi"
        and "efi" not in capabilities.firmwares
    ):
        yield Check(Severity.ERROR, f"{context.name} has no UEFI firmware", "bios, or install OVMF")
    if capabilities is not None and machine.virt == "qemu":
        words = "emulated, without KVM: it will be slow"
        if capabilities.virt == "kvm":
            yield Check(Severity.WARNING, words, f"{context.name} has KVM, choose it under extras")
        else:
            yield Check(Severity.WARNING, f"{context.name} has no KVM: it will be slow")


def _users(machine: DomainSpec, context: CreateContext) -> Iterator[Check]:
    used = dict(context.volume_users)
    for disk in machine.disks:
        user = used.get(f"{disk.pool}/{disk.volume}" if disk.pool else disk.path)
        if user and not disk.read_only:
            name = disk.volume or disk.path
            needs = user.startswith(("overlay ", "data of ", "snapshot "))
            words = f"{user} needs {name}" if needs else f"{user} has {name} as a disk"
            yield Check(Severity.ERROR, words, "another volume")

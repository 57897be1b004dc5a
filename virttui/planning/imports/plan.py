"""The plan of an import: the provision plan, a description of the new hardware, and the checks."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from virttui.model.domains.disk_jobs import TargetPool
from virttui.model.errors import InvalidInput
from virttui.model.provision.appliance import (
    Appliance,
    ApplianceDisk,
    ApplianceNic,
    ExistingIds,
    ImportPlan,
)
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import (
    DiskSpec,
    DomainSpec,
    HostCapabilities,
    InstallMethod,
    NicSpec,
    OperatingSystem,
)
from virttui.model.provision.plan import FileCopy, ProvisionPlan, VolumeStep
from virttui.model.volumes import FILE_POOLS, NewVolume, free_name
from virttui.planning.clone.names import expand, volume_name
from virttui.planning.domain_spec.defaults import is_q35, with_defaults
from virttui.planning.domain_spec.volume_commands import volume_commands
from virttui.planning.domain_spec.xml import domain_xml
from virttui.planning.imports.adapt_xml import ImportIdentity, adapt
from virttui.planning.imports.checks import checks
from virttui.planning.imports.fields import (
    KEEP,
    NONE,
    YES,
    disks_to_copy,
    form_fields,
    has_virtio,
    source_networks,
)
from virttui.planning.imports.hardware_fields import boot_orders, machine_sizes
from virttui.planning.imports.host_access import FIELD, apply_decision
from virttui.planning.network_pool.volume import checked_name
from virttui.planning.new_ids import IdGenerator
from virttui.planning.osinfo.catalog import OsCatalog

_ENDINGS = {"qcow2": ".qcow2", "raw": ".raw"}
_MIB, _GIB = 1024**2, 1024**3
_SECTOR = 512


class _ImportInput(Struct, frozen=True):
    """Everything that a plan is made from."""

    appliance: Appliance
    values: Mapping[str, str]
    entered: Mapping[str, str]
    context: CreateContext
    system: OperatingSystem
    capabilities: HostCapabilities
    uuid: str
    macs: tuple[str, ...]


def plan(
    entered: Mapping[str, str],
    appliance: Appliance,
    context: CreateContext,
    systems: OsCatalog,
    others: ExistingIds,
    new_ids: IdGenerator,
    scratch: str = "",
) -> ImportPlan:
    """Return the plan. Raises InvalidInput while a value is wrong."""
    fields = form_fields(entered, appliance, context, systems, others)
    values = {one.name: one.value for one in fields}
    name = _name(values["name"], context)
    keeps = values.get("uuid") == KEEP
    system = systems.by_id(values.get("system", ""))
    inputs = _ImportInput(
        appliance, values, entered, context, system, context.capabilities or HostCapabilities(),
        uuid=appliance.uuid if keeps else new_ids.for_machine(0)[0],
        macs=_macs(values, appliance, new_ids),
    )  # fmt: skip
    steps, disks = _volumes(name, inputs)
    if appliance.xml:
        plan, lines = _plan_definition(name, inputs, steps, disks)
    else:
        plan, lines = _plan_hardware(name, inputs, steps, disks)
    plan = replace(plan, scratch=scratch, equivalent_command=_equivalent_command(plan, context.uri))
    results = checks(
        plan, inputs.appliance, values, context, others, (inputs.uuid, inputs.macs), system
    )
    return ImportPlan(plan, inputs.uuid, results, tuple(lines))


def _equivalent_command(plan: ProvisionPlan, uri: str) -> str:
    """Return shell commands that do about the same."""
    lines = volume_commands(plan.volumes, uri)
    lines.append(["virsh", "-c", uri, "define", f"{plan.name}.xml"])
    return " && ".join(map(shlex.join, lines))


def _name(words: str, context: CreateContext) -> str:
    found = expand(words)
    if len(found) > 1:
        raise InvalidInput("one machine has one name")
    if found[0] in context.names:
        raise InvalidInput(f"{found[0]} is on {context.name} already")
    return found[0]


def _macs(values: Mapping[str, str], appliance: Appliance, new_ids: IdGenerator) -> tuple[str, ...]:
    """Return an address for each NIC."""
    new = [mac for number in range(len(appliance.nics)) for mac in new_ids.for_machine(number)[1]]
    keeps = values.get("macs") == KEEP
    return tuple(
        nic.mac if keeps and nic.mac else mac for nic, mac in zip(appliance.nics, new, strict=False)
    )


# -- disks -------------------------------------------------------------------------------------


def _volumes(
    name: str, inputs: _ImportInput
) -> tuple[list[VolumeStep], list[tuple[ApplianceDisk, VolumeStep]]]:
    """Return the steps that create its volumes, and each disk with its step."""
    steps: list[VolumeStep] = []
    pairs = []
    for number, disk in enumerate(disks_to_copy(inputs.appliance), 1):
        step = _volume(name, number, disk, inputs, {one.new.name for one in steps})
        steps.append(step)
        pairs.append((disk, step))
    return steps, pairs


def _volume(
    name: str, number: int, disk: ApplianceDisk, inputs: _ImportInput, taken: set[str]
) -> VolumeStep:
    pool = _require_pool(inputs.values["pool"], inputs.context)
    files = pool.context.type in FILE_POOLS
    part = disk.content
    as_it_is = part is not None and not part.convert
    format = disk.format if as_it_is else inputs.values.get("format", "raw")
    if not files and format != "raw":
        raise InvalidInput(f"{pool.name} keeps no {format}: choose a pool of files")
    ending = _ENDINGS[format] if files else ""
    if as_it_is and disk.target:
        old_name = (part.label if part is not None else "").rpartition("/")[2]
        volume = volume_name(old_name, inputs.appliance.name, name, disk.target, ending)
    else:
        volume = name + (f"-{number}" if number > 1 else "") + ending
    used = {one.name for one in pool.context.volumes} | taken
    volume = checked_name(free_name(volume, used), pool.context)
    if part is not None and part.convert:
        part = replace(part, into=format)
    if not disk.capacity and part is None:
        raise InvalidInput(f"{disk.label} is empty and has no size")
    capacity = -(-(disk.capacity or (part.size if part else 0)) // _SECTOR) * _SECTOR
    new = NewVolume(volume, capacity, format, 0)
    if not files:
        new = replace(new, format="", allocation=None)
    return VolumeStep(pool.key, pool.name, new, files=files, slice=part)


def _require_pool(name: str, context: CreateContext) -> TargetPool:
    for pool in context.pools:
        if pool.name == name:
            return pool
    raise InvalidInput("no active pool can take it")


# -- machines that are described -----------------------------------------------------------------


def _plan_hardware(
    name: str,
    inputs: _ImportInput,
    steps: list[VolumeStep],
    pairs: list[tuple[ApplianceDisk, VolumeStep]],
) -> tuple[ProvisionPlan, list[str]]:
    """Plan a machine from a description of its hardware."""
    appliance, capabilities = inputs.appliance, inputs.capabilities
    if inputs.context.container:
        raise InvalidInput(f"{inputs.context.name} runs only containers")
    bus = inputs.values.get("bus", "sata")
    cards = _nics(inputs)
    card_nics = [id(nic) for nic, _ in cards]
    order = boot_orders(
        appliance, inputs.values, [nic for nic in appliance.nics if id(nic) not in card_nics]
    )
    volumes = {id(disk): step for disk, step in pairs}
    disks = []
    for disk in appliance.disks:
        step, boot = volumes.get(id(disk)), order.get(id(disk), 0)
        if step is not None:
            format = step.new.format or "raw"
            place = (step.pool_name, step.new.name)
            disks.append(DiskSpec(*place, format=format, bus=bus, boot_order=boot))
        elif disk.device != "disk":
            disks.append(DiskSpec(device=disk.device, boot_order=boot))
    vcpus, memory = machine_sizes(inputs.values, inputs.entered, appliance)
    firmware = inputs.values["firmware"]
    machine = DomainSpec(
        name=name,
        uuid=inputs.uuid,
        method=InstallMethod.DISK,
        os=inputs.system.id,
        title=appliance.title,
        description=appliance.description,
        virt=inputs.values.get("virt", ""),
        machine=_board(bus, inputs),
        firmware=firmware,
        secure=appliance.secure and firmware == "uefi" and capabilities.secure_boot,
        vcpus=vcpus,
        memory=memory,
        disks=tuple(disks),
        nics=tuple(replace(card, boot_order=order.get(id(nic), 0)) for nic, card in cards),
        tpm=None if appliance.tpm else False,
        installs=False,
    )
    machine = with_defaults(machine, inputs.system, capabilities)
    if appliance.tpm:
        machine = replace(machine, tpm="emulator" in (capabilities.of("tpm/backendModel") or ()))
    plan = ProvisionPlan(
        name,
        domain_xml(machine, inputs.system, capabilities),
        tuple(steps),
        start=inputs.values["start"] == YES,
    )
    return plan, _hardware_lines(machine, pairs, [nic for nic, _ in cards])


def _board(bus: str, inputs: _ImportInput) -> str:
    """Return the machine type that the controllers and secure boot need, "" for the default."""
    if bus == "ide":
        return "pc" if "pc" in inputs.capabilities.machines else ""
    if bus == "sata" or inputs.values.get("firmware") == "uefi":
        return "q35" if "q35" in inputs.capabilities.machines else ""
    return ""


def _nics(inputs: _ImportInput) -> list[tuple[ApplianceNic, NicSpec]]:
    """Return the NICs: virtio where the system has the driver, else the old model or Intel's."""
    cards = []
    for nic, mac in zip(inputs.appliance.nics, inputs.macs, strict=True):
        network = inputs.values.get(
            f"network {source_networks(inputs.appliance).index(nic.network) + 1}", NONE
        )
        if network == NONE:
            continue
        bridge = network.startswith("bridge ")
        kind, source = (
            ("bridge", network.removeprefix("bridge ")) if bridge else ("network", network)
        )
        model = "virtio" if has_virtio(inputs.appliance, inputs.system) else nic.model or "e1000e"
        # VMware's own card is known to no other system than those that have virtio as well.
        model = "e1000e" if model == "vmxnet3" else model
        cards.append((nic, NicSpec(kind, source, model, mac)))
    return cards


def _hardware_lines(
    machine: DomainSpec, pairs: list[tuple[ApplianceDisk, VolumeStep]], nics: list[ApplianceNic]
) -> list[str]:
    board = "q35" if is_q35(machine) else machine.machine
    lines = [
        f"{machine.vcpus} vCPU, {machine.memory / _MIB:.0f} MiB, {board}, {machine.firmware}"
        + (", secure boot" if machine.secure else "") + (", a new TPM" if machine.tpm else "")
    ]  # fmt: skip
    disks = [one for one in machine.disks if one.device == "disk"]
    for (disk, step), one in zip(pairs, disks, strict=True):
        old_bus = f"{disk.bus} " if disk.bus else ""
        boots = f", number {one.boot_order} to boot" if one.boot_order else ""
        size = f"{step.new.capacity / _GIB:.2f} GiB"
        lines.append(
            f"{old_bus}disk {disk.label} becomes {step.new.name} on {one.bus}, {size}{boots}"
        )
    for nic, card in zip(nics, machine.nics, strict=True):
        model = (
            f"{card.model} (was {nic.model})" if nic.model not in ("", card.model) else card.model
        )
        lines.append(f"card {card.mac} on {card.source}, {model}")
    if machine.description:
        lines.append(f"its notes: {machine.description}")
    return lines


# -- definitions of libvirt's --------------------------------------------------------------------


def _plan_definition(
    name: str,
    inputs: _ImportInput,
    steps: list[VolumeStep],
    pairs: list[tuple[ApplianceDisk, VolumeStep]],
) -> tuple[ProvisionPlan, list[str]]:
    """Plan a machine from a libvirt definition, changed where this host differs."""
    appliance = inputs.appliance
    networks = {
        source: inputs.values.get(f"network {number}", NONE)
        for number, source in enumerate(source_networks(appliance), 1)
    }
    identity = ImportIdentity(
        name=name,
        uuid=inputs.uuid,
        macs=inputs.macs,
        disks={disk.target: (step.pool_name, step.new.name, step.new.format or "raw")
               for disk, step in pairs},
        networks=networks,
        drops_other_disks=bool(appliance.disks),
        nvram=appliance.nvram_path,
    )  # fmt: skip
    xml, nvram, lines = adapt(appliance.xml, identity, inputs.capabilities)
    xml, without = apply_decision(xml, inputs.values.get(FIELD, ""), inputs.context)
    lines += without
    copy = None
    if appliance.nvram is not None:
        if not nvram:
            raise InvalidInput("its definition says nothing of the NVRAM that came with it")
        copy = FileCopy("", "", nvram, appliance.nvram)
    lines += [f"disk {disk.target} becomes {step.new.name} in {step.pool_name}"
              for disk, step in pairs]  # fmt: skip
    start = inputs.values["start"] == YES
    return ProvisionPlan(name, xml, tuple(steps), start=start, nvram=copy), lines

"""What a host makes of a parcel: the recipe, what its hardware becomes, and what was looked at."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace

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
from virttui.planning.domain_spec.volume_commands import volume_lines
from virttui.planning.domain_spec.xml import machine_xml
from virttui.planning.imports.adapt_xml import ImportIdentity, adapt
from virttui.planning.imports.checks import checks
from virttui.planning.imports.fields import (
    KEEP,
    NONE,
    YES,
    disks_to_copy,
    form_fields,
    sources,
    virtio,
)
from virttui.planning.imports.hardware_fields import boot_orders, machine_sizes
from virttui.planning.imports.host_access import FIELD, decided
from virttui.planning.network_pool.volume import checked_name
from virttui.planning.new_ids import IdGenerator
from virttui.planning.osinfo.catalog import OsCatalog

_ENDINGS = {"qcow2": ".qcow2", "raw": ".raw"}
_MIB, _GIB = 1024**2, 1024**3
_SECTOR = 512


@dataclass(frozen=True, slots=True)
class _ImportInput:
    """All that a plan is made of."""

    appliance: Appliance
    values: Mapping[str, str]
    entered: Mapping[str, str]
    context: CreateContext
    system: OperatingSystem
    can: HostCapabilities
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
    """What is to be made. Raises InvalidInput, in words, while something that was typed is
    wrong."""
    fields = form_fields(entered, appliance, context, systems, others)
    values = {one.name: one.value for one in fields}
    name = _name(values["name"], context)
    keeps = values.get("uuid") == KEEP
    system = systems.by_id(values.get("system", ""))
    now = _ImportInput(
        appliance, values, entered, context, system, context.capabilities or HostCapabilities(),
        uuid=appliance.uuid if keeps else new_ids.for_machine(0)[0],
        macs=_macs(values, appliance, new_ids),
    )  # fmt: skip
    steps, disks = _volumes(name, now)
    if appliance.xml:
        plan, lines = _moved(name, now, steps, disks)
    else:
        plan, lines = _built(name, now, steps, disks)
    plan = replace(plan, scratch=scratch, equivalent_command=_line(plan, context.uri))
    told = checks(plan, now.appliance, values, context, others, (now.uuid, now.macs), system)
    return ImportPlan(plan, now.uuid, told, tuple(lines))


def _line(plan: ProvisionPlan, uri: str) -> str:
    """About the same by hand."""
    lines = volume_lines(plan.volumes, uri)
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
    """An address for each card."""
    new = [mac for number in range(len(appliance.nics)) for mac in new_ids.for_machine(number)[1]]
    keeps = values.get("macs") == KEEP
    return tuple(
        nic.mac if keeps and nic.mac else mac for nic, mac in zip(appliance.nics, new, strict=False)
    )


# -- disks -------------------------------------------------------------------------------------


def _volumes(
    name: str, now: _ImportInput
) -> tuple[list[VolumeStep], list[tuple[ApplianceDisk, VolumeStep]]]:
    """The volumes that its disks become."""
    steps: list[VolumeStep] = []
    pairs = []
    for number, disk in enumerate(disks_to_copy(now.appliance), 1):
        step = _volume(name, number, disk, now, {one.new.name for one in steps})
        steps.append(step)
        pairs.append((disk, step))
    return steps, pairs


def _volume(
    name: str, number: int, disk: ApplianceDisk, now: _ImportInput, taken: set[str]
) -> VolumeStep:
    shelf = _shelf(now.values["pool"], now.context)
    files = shelf.context.type in FILE_POOLS
    part = disk.content
    as_it_is = part is not None and not part.convert
    format = disk.format if as_it_is else now.values.get("format", "raw")
    if not files and format != "raw":
        raise InvalidInput(f"{shelf.name} keeps no {format}: choose a pool of files")
    ending = _ENDINGS[format] if files else ""
    if as_it_is and disk.target:
        old = (part.label if part is not None else "").rpartition("/")[2]
        called = volume_name(old, now.appliance.name, name, disk.target, ending)
    else:
        called = name + (f"-{number}" if number > 1 else "") + ending
    there = {one.name for one in shelf.context.volumes} | taken
    called = checked_name(free_name(called, there), shelf.context)
    if part is not None and part.convert:
        part = replace(part, into=format)
    if not disk.capacity and part is None:
        raise InvalidInput(f"{disk.label} is empty and tells no size")
    capacity = -(-(disk.capacity or (part.size if part else 0)) // _SECTOR) * _SECTOR
    new = NewVolume(called, capacity, format, 0)
    if not files:
        new = replace(new, format="", allocation=None)
    return VolumeStep(shelf.key, shelf.name, new, files=files, slice=part)


def _shelf(name: str, context: CreateContext) -> TargetPool:
    for shelf in context.pools:
        if shelf.name == name:
            return shelf
    raise InvalidInput("no pool is on that it could go to")


# -- machines that are described -----------------------------------------------------------------


def _built(
    name: str,
    now: _ImportInput,
    steps: list[VolumeStep],
    pairs: list[tuple[ApplianceDisk, VolumeStep]],
) -> tuple[ProvisionPlan, list[str]]:
    """A machine made anew of what its description says of it."""
    appliance, can = now.appliance, now.can
    if now.context.container:
        raise InvalidInput(f"{now.context.name} runs containers alone")
    bus = now.values.get("bus", "sata")
    cards = _cards(now)
    kept = [id(nic) for nic, _ in cards]
    boots = boot_orders(
        appliance, now.values, [nic for nic in appliance.nics if id(nic) not in kept]
    )
    volumes = {id(disk): step for disk, step in pairs}
    disks = []
    for disk in appliance.disks:
        step, boot = volumes.get(id(disk)), boots.get(id(disk), 0)
        if step is not None:
            format = step.new.format or "raw"
            place = (step.pool_name, step.new.name)
            disks.append(DiskSpec(*place, format=format, bus=bus, boot_order=boot))
        elif disk.device != "disk":
            disks.append(DiskSpec(device=disk.device, boot_order=boot))
    vcpus, memory = machine_sizes(now.values, now.entered, appliance)
    firmware = now.values["firmware"]
    machine = DomainSpec(
        name=name,
        uuid=now.uuid,
        method=InstallMethod.DISK,
        os=now.system.id,
        title=appliance.title,
        description=appliance.description,
        virt=now.values.get("virt", ""),
        machine=_board(bus, now),
        firmware=firmware,
        secure=appliance.secure and firmware == "uefi" and can.secure_boot,
        vcpus=vcpus,
        memory=memory,
        disks=tuple(disks),
        nics=tuple(replace(card, boot_order=boots.get(id(nic), 0)) for nic, card in cards),
        tpm=None if appliance.tpm else False,
        installs=False,
    )
    machine = with_defaults(machine, now.system, can)
    if appliance.tpm:
        machine = replace(machine, tpm="emulator" in (can.of("tpm/backendModel") or ()))
    plan = ProvisionPlan(
        name,
        machine_xml(machine, now.system, can),
        tuple(steps),
        start=now.values["start"] == YES,
    )
    return plan, _became(machine, pairs, [nic for nic, _ in cards])


def _board(bus: str, now: _ImportInput) -> str:
    """Which board: what its controllers are on, and secure boot wants; else as usual."""
    if bus == "ide":
        return "pc" if "pc" in now.can.machines else ""
    if bus == "sata" or now.values.get("firmware") == "uefi":
        return "q35" if "q35" in now.can.machines else ""
    return ""


def _cards(now: _ImportInput) -> list[tuple[ApplianceNic, NicSpec]]:
    """Its network cards: virtio where its system has the driver, else what it was, or Intel's."""
    cards = []
    for nic, mac in zip(now.appliance.nics, now.macs, strict=True):
        network = now.values.get(f"network {sources(now.appliance).index(nic.network) + 1}", NONE)
        if network == NONE:
            continue
        bridge = network.startswith("bridge ")
        kind, source = (
            ("bridge", network.removeprefix("bridge ")) if bridge else ("network", network)
        )
        model = "virtio" if virtio(now.appliance, now.system) else nic.model or "e1000e"
        # VMware's own card is known to no other system than those that have virtio as well.
        model = "e1000e" if model == "vmxnet3" else model
        cards.append((nic, NicSpec(kind, source, model, mac)))
    return cards


def _became(
    machine: DomainSpec, pairs: list[tuple[ApplianceDisk, VolumeStep]], nics: list[ApplianceNic]
) -> list[str]:
    board = "q35" if is_q35(machine) else machine.machine
    lines = [
        f"{machine.vcpus} vCPU, {machine.memory / _MIB:.0f} MiB, {board}, {machine.firmware}"
        + (", secure boot" if machine.secure else "") + (", a new TPM" if machine.tpm else "")
    ]  # fmt: skip
    made = [one for one in machine.disks if one.device == "disk"]
    for (disk, step), one in zip(pairs, made, strict=True):
        was = f"{disk.bus} " if disk.bus else ""
        boots = f", number {one.boot_order} to boot" if one.boot_order else ""
        size = f"{step.new.capacity / _GIB:.2f} GiB"
        lines.append(f"{was}disk {disk.label} becomes {step.new.name} on {one.bus}, {size}{boots}")
    for nic, card in zip(nics, machine.nics, strict=True):
        model = (
            f"{card.model} (was {nic.model})" if nic.model not in ("", card.model) else card.model
        )
        lines.append(f"card {card.mac} on {card.source}, {model}")
    if machine.description:
        lines.append(f"its notes: {machine.description}")
    return lines


# -- definitions of libvirt's --------------------------------------------------------------------


def _moved(
    name: str,
    now: _ImportInput,
    steps: list[VolumeStep],
    pairs: list[tuple[ApplianceDisk, VolumeStep]],
) -> tuple[ProvisionPlan, list[str]]:
    """The definition as it is, but for what is another on this host."""
    appliance = now.appliance
    networks = {
        source: now.values.get(f"network {number}", NONE)
        for number, source in enumerate(sources(appliance), 1)
    }
    who = ImportIdentity(
        name=name,
        uuid=now.uuid,
        macs=now.macs,
        disks={disk.target: (step.pool_name, step.new.name, step.new.format or "raw")
               for disk, step in pairs},
        networks=networks,
        alone=bool(appliance.disks),
        nvram=appliance.nvram_path,
    )  # fmt: skip
    xml, nvram, lines = adapt(appliance.xml, who, now.can)
    xml, without = decided(xml, now.values.get(FIELD, ""), now.context)
    lines += without
    copy = None
    if appliance.nvram is not None:
        if not nvram:
            raise InvalidInput("its definition says nothing of the NVRAM that came with it")
        copy = FileCopy("", "", nvram, appliance.nvram)
    lines += [f"disk {disk.target} becomes {step.new.name} in {step.pool_name}"
              for disk, step in pairs]  # fmt: skip
    start = now.values["start"] == YES
    return ProvisionPlan(name, xml, tuple(steps), start=start, nvram=copy), lines

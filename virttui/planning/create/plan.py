"""The machines that the choices describe, and the plans that create them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from virttui.libvirtxml.build import mac
from virttui.libvirtxml.edits.operands import bytes_of, number_of
from virttui.model.errors import InvalidInput
from virttui.model.provision.checks import WizardStep
from virttui.model.provision.create import XML, CreateContext, CreatePlan, DeviceSummary
from virttui.model.provision.domain_spec import DomainSpec, HostCapabilities, InstallMethod, NicSpec
from virttui.model.provision.plan import ProvisionPlan, RootFolder, VolumeStep
from virttui.planning.clone.names import expand
from virttui.planning.create.checks import checks
from virttui.planning.create.cloud_init_fields import cloud_init_of
from virttui.planning.create.fields import ResolvedChoices, resolve_choices
from virttui.planning.create.repeated_fields import further_numbers, prefix
from virttui.planning.create.sources import is_outside_host
from virttui.planning.create.step_context import NONE, YES
from virttui.planning.create.volumes import VolumePlanner, plan_disks, plan_seed, sizes_by_name
from virttui.planning.create.xml_override import apply_edited_xml
from virttui.planning.domain_spec.cloud_init import seed
from virttui.planning.domain_spec.defaults import with_defaults
from virttui.planning.domain_spec.device_xml import drive
from virttui.planning.domain_spec.device_xml import nic as card
from virttui.planning.domain_spec.virt_install import disk_option, install_line, nic_option
from virttui.planning.domain_spec.volume_commands import volume_commands
from virttui.planning.domain_spec.xml import domain_xml
from virttui.planning.new_ids import IdGenerator
from virttui.planning.osinfo.catalog import OsCatalog

# What libvirt's drivers take as a name, and what a file of that name can be called.
_NAME = re.compile(r"[A-Za-z0-9_+:.-][A-Za-z0-9_+:. -]{0,59}")


def plan(
    entered: Mapping[str, str],
    context: CreateContext,
    systems: OsCatalog,
    new_ids: IdGenerator,
    *,
    whole: bool = True,
) -> tuple[CreatePlan, ...]:
    """Return a plan for each name of the pattern.

    Without ``whole`` all machines after the first are rough copies of it, which are enough to be
    counted: two hundred machines are not planned at each key. Raises InvalidInput while a value
    makes no sense.
    """
    choices = resolve_choices(entered, context, systems)
    machine_names = expand(choices.values["name"])
    _check_several(len(machine_names), choices, entered)
    machines: list[tuple[DomainSpec, ProvisionPlan, tuple[DeviceSummary, ...]]] = []
    for number, name in enumerate(machine_names):
        if number and not whole:
            machine, plan, parts = machines[0]
            name = _checked_name(name, context)
            machines.append((replace(machine, name=name), replace(plan, name=name), parts))
            continue
        uuid, macs = new_ids.for_machine(number)
        mine = replace(context, uuid=uuid, free_macs=macs)
        machines.append(
            _plan_machine(_checked_name(name, context), choices, mine, (number, len(machine_names)))
        )
    results = checks([one[0] for one in machines], [one[1] for one in machines], choices, context)
    system = choices.system.name if choices.system.known else ""
    plans = tuple(CreatePlan(*one[:2], results, one[2], system) for one in machines)
    return (apply_edited_xml(plans[0], entered),) if len(plans) == 1 else plans


def _check_several(count: int, choices: ResolvedChoices, entered: Mapping[str, str]) -> None:
    """Reject values that several machines cannot share. Raises InvalidInput."""
    if count < 2:
        return
    values = choices.values
    if entered.get(XML):
        raise InvalidInput("edited XML is for one machine only: u discards it")
    if values.get("tarball"):
        raise InvalidInput(f"one folder cannot be the root of {count} containers")
    for field in ("medium", "base"):
        if is_outside_host(values.get(field, "")):
            raise InvalidInput(
                f"put {values[field]} into a pool first: {count} machines cannot all"
            )
    for number in (1, *further_numbers(WizardStep.NETWORK, values)):
        if values.get(f"{prefix(WizardStep.NETWORK, number)}mac"):
            raise InvalidInput(f"one MAC address cannot be {count} machines'")
    for number in (1, *further_numbers(WizardStep.DISKS, values)):
        if values.get(f"{prefix(WizardStep.DISKS, number)}volume"):
            raise InvalidInput(f"one volume cannot be the disk of {count} machines")


def _plan_machine(
    name: str, choices: ResolvedChoices, context: CreateContext, position: tuple[int, int]
) -> tuple[DomainSpec, ProvisionPlan, tuple[DeviceSummary, ...]]:
    values = choices.values
    planner = VolumePlanner(name, choices, context)
    plan_disks(planner)
    nics = tuple(_nics(values, context))
    if choices.method is InstallMethod.CLOUD:
        cloud_init = cloud_init_of(planner, *position, nics[0][1].mac if nics else "")
        plan_seed(planner, f"{name}-seed.iso", seed(cloud_init), values["pool"], "seed made here")
    capabilities = context.capabilities or HostCapabilities()
    machine = DomainSpec(
        name=name,
        uuid=context.uuid,
        method=choices.method,
        os=choices.system.id,
        title=values["title"],
        virt=values.get("virt", ""),
        firmware=values.get("firmware", ""),
        vcpus=number_of(values["vcpus"]),
        memory=bytes_of(values["memory"]),
        disks=tuple(one.disk for one in planner.disks),
        nics=tuple(nic for _, nic in nics),
        graphics=values.get("graphics", ""),
        kernel=planner.kernel or values.get("kernel", ""),
        initrd=planner.initrd or values.get("initrd", ""),
        cmdline=values.get("cmdline", ""),
        root=values.get("root", ""),
        init=values.get("init", ""),
        installs=choices.method
        in (InstallMethod.MEDIUM, InstallMethod.NETWORK, InstallMethod.TREE),
    )
    machine = with_defaults(machine, choices.system, capabilities)
    # An empty disk boots nothing, so that the firmware goes on to the medium or the network; once
    # something was installed it boots. Nobody has to define the machine again for that.
    defined = replace(machine, installs=False) if planner.steps and machine.installs else machine
    tree = choices.method is InstallMethod.TREE
    plan = ProvisionPlan(
        name=name,
        xml=domain_xml(defined, choices.system, capabilities),
        volumes=tuple(planner.steps),
        start=values["start"] == YES,
        autostart=values["autostart"] == YES,
        equivalent_command=_equivalent_command(machine, planner.steps, context.uri),
        first_boot_xml=domain_xml(machine, choices.system, capabilities) if tree else "",
        root=_root_folder(values),
    )
    return machine, plan, tuple(_device_summaries(planner, machine, [group for group, _ in nics]))


def _equivalent_command(machine: DomainSpec, steps: Sequence[VolumeStep], uri: str) -> str:
    """Return shell commands that do about the same: create the volumes, then install."""
    commands = map(shlex.join, volume_commands(steps, uri))
    return " && ".join([*commands, install_line(machine, uri)])


def _root_folder(values: Mapping[str, str]) -> RootFolder | None:
    """Return the root folder to fill from a tar file. Raises InvalidInput."""
    file, folder = values.get("tarball", ""), values.get("root", "")
    if not file:
        return None
    if not file.startswith(("~", "/")):
        raise InvalidInput(f"{file} is not a path: type one from / or ~")
    return RootFolder(file, folder)


def _checked_name(name: str, context: CreateContext) -> str:
    if not name:
        raise InvalidInput("its name is missing")
    if _NAME.fullmatch(name) is None or name != name.strip():
        raise InvalidInput(f"{name[:60]} is not a valid machine name: letters, digits, - . _ + :")
    if name in context.names:
        raise InvalidInput(f"{name} is on {context.name} already")
    return name


def _nics(values: Mapping[str, str], context: CreateContext) -> Iterator[tuple[str, NicSpec]]:
    """Yield the network cards, each with the group of its fields. Raises InvalidInput."""
    free = iter(context.free_macs)
    for number in (1, *further_numbers(WizardStep.NETWORK, values)):
        start = prefix(WizardStep.NETWORK, number)
        value = values.get(f"{start}net", NONE)
        if value in (NONE, ""):
            continue
        kind, colon, source = value.partition(":")
        if not colon:
            kind, source = "network", value
        entered_mac = values.get(f"{start}mac", "")
        address = mac(entered_mac) if entered_mac else next(free, "")
        model, portgroup = values.get(f"{start}model", ""), values.get(f"{start}portgroup", "")
        yield str(number), NicSpec(kind, source, model, address, portgroup)


def _device_summaries(
    planner: VolumePlanner, machine: DomainSpec, groups: list[str]
) -> Iterator[DeviceSummary]:
    """Yield the lines that the wizard shows of its disks and cards."""
    volume_sizes = sizes_by_name(planner.steps)
    for placed, disk in zip(planner.disks, machine.disks, strict=True):
        yield DeviceSummary(
            WizardStep.DISKS, placed.group, disk.target, placed.source, disk.pool, placed.size,
            disk.format if disk.device == "disk" else disk.device, disk.bus, drive(disk),
            f"virt-install --disk {disk_option(disk, volume_sizes)}",
        )  # fmt: skip
    for group, one in zip(groups, machine.nics, strict=True):
        source = one.source if one.kind == "network" else f"{one.kind} {one.source}".strip()
        source += f", {one.portgroup}" if one.portgroup else ""
        yield DeviceSummary(
            WizardStep.NETWORK, group, one.model, source, one.mac, xml=card(one),
            equivalent_command=f"virt-install --network {nic_option(one)}",
        )  # fmt: skip

"""The machine that the choices come to, and the recipe that makes it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from virttui.libvirtxml.build import mac
from virttui.libvirtxml.edits.operands import bytes_of, number_of
from virttui.model.errors import InvalidInput
from virttui.model.provision.checks import WizardStep
from virttui.model.provision.create import XML, CreateContext, CreatePlan, DeviceSummary
from virttui.model.provision.domain_spec import DomainSpec, HostCapabilities, InstallMethod, NicSpec
from virttui.model.provision.plan import ProvisionPlan, RootFolder, VolumeStep
from virttui.planning.clone.names import names
from virttui.planning.create.checks import checks
from virttui.planning.create.cloud_init_fields import cloud_init_of
from virttui.planning.create.fields import ResolvedChoices, resolve_choices
from virttui.planning.create.repeated_fields import further, prefix
from virttui.planning.create.sources import brought
from virttui.planning.create.step_context import NONE, YES
from virttui.planning.create.volumes import VolumePlanner, put_content, put_disks, sizes
from virttui.planning.create.xml_override import apply_edited_xml
from virttui.planning.domain_spec.cloud_init import seed
from virttui.planning.domain_spec.defaults import with_defaults
from virttui.planning.domain_spec.device_xml import drive
from virttui.planning.domain_spec.device_xml import nic as card
from virttui.planning.domain_spec.virt_install import disk_option, install_line, nic_option
from virttui.planning.domain_spec.volume_commands import volume_lines
from virttui.planning.domain_spec.xml import machine_xml
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
    """What everything that was chosen comes to: a machine for each name of the pattern.

    Without ``whole`` the machines after the first are sketches of it, good enough to be counted:
    two hundred of them are not planned with each key. Raises InvalidInput, in words, while
    something that was typed makes no sense."""
    now = resolve_choices(entered, context, systems)
    every = names(now.values["name"])
    _many(len(every), now, entered)
    made: list[tuple[DomainSpec, ProvisionPlan, tuple[DeviceSummary, ...]]] = []
    for number, name in enumerate(every):
        if number and not whole:
            machine, plan, parts = made[0]
            name = _name(name, context)
            made.append((replace(machine, name=name), replace(plan, name=name), parts))
            continue
        uuid, macs = new_ids.for_machine(number)
        mine = replace(context, uuid=uuid, free_macs=macs)
        made.append(_one(_name(name, context), now, mine, (number, len(every))))
    said = checks([one[0] for one in made], [one[1] for one in made], now, context)
    system = now.system.name if now.system.known else ""
    every_one = tuple(CreatePlan(*one[:2], said, one[2], system) for one in made)
    return (apply_edited_xml(every_one[0], entered),) if len(every_one) == 1 else every_one


def _many(count: int, now: ResolvedChoices, entered: Mapping[str, str]) -> None:
    """What one machine can have, and several at once cannot. Raises InvalidInput."""
    if count < 2:
        return
    values = now.values
    if entered.get(XML):
        raise InvalidInput("XML edited by hand is one machine's: u makes it anew")
    if values.get("tarball"):
        raise InvalidInput(f"one folder cannot be the root of {count} containers")
    for field in ("medium", "base"):
        if brought(values.get(field, "")):
            raise InvalidInput(
                f"put {values[field]} into a pool first: {count} machines cannot all"
            )
    for number in (1, *further(WizardStep.NETWORK, values)):
        if values.get(f"{prefix(WizardStep.NETWORK, number)}mac"):
            raise InvalidInput(f"one MAC address cannot be {count} machines'")
    for number in (1, *further(WizardStep.DISKS, values)):
        if values.get(f"{prefix(WizardStep.DISKS, number)}volume"):
            raise InvalidInput(f"one volume cannot be the disk of {count} machines")


def _one(
    name: str, now: ResolvedChoices, context: CreateContext, place: tuple[int, int]
) -> tuple[DomainSpec, ProvisionPlan, tuple[DeviceSummary, ...]]:
    values = now.values
    stock = VolumePlanner(name, now, context)
    put_disks(stock)
    nics = tuple(_nics(values, context))
    if now.method is InstallMethod.CLOUD:
        cloud = cloud_init_of(stock, *place, nics[0][1].mac if nics else "")
        put_content(stock, f"{name}-seed.iso", seed(cloud), values["pool"], "seed made here")
    can = context.capabilities or HostCapabilities()
    machine = DomainSpec(
        name=name,
        uuid=context.uuid,
        method=now.method,
        os=now.system.id,
        title=values["title"],
        virt=values.get("virt", ""),
        firmware=values.get("firmware", ""),
        vcpus=number_of(values["vcpus"]),
        memory=bytes_of(values["memory"]),
        disks=tuple(one.disk for one in stock.disks),
        nics=tuple(nic for _, nic in nics),
        graphics=values.get("graphics", ""),
        kernel=stock.kernel or values.get("kernel", ""),
        initrd=stock.initrd or values.get("initrd", ""),
        cmdline=values.get("cmdline", ""),
        root=values.get("root", ""),
        init=values.get("init", ""),
        installs=now.method in (InstallMethod.MEDIUM, InstallMethod.NETWORK, InstallMethod.TREE),
    )
    machine = with_defaults(machine, now.system, can)
    # An empty disk boots nothing, so that the firmware goes on to the medium or the network; once
    # something was installed it boots. Nobody has to define the machine again for that.
    last = replace(machine, installs=False) if stock.steps and machine.installs else machine
    tree = now.method is InstallMethod.TREE
    plan = ProvisionPlan(
        name=name,
        xml=machine_xml(last, now.system, can),
        volumes=tuple(stock.steps),
        start=values["start"] == YES,
        autostart=values["autostart"] == YES,
        equivalent_command=_line(machine, stock.steps, context.uri),
        first_boot_xml=machine_xml(machine, now.system, can) if tree else "",
        root=_root(values),
    )
    return machine, plan, tuple(_parts(stock, machine, [group for group, _ in nics]))


def _line(machine: DomainSpec, steps: Sequence[VolumeStep], uri: str) -> str:
    """About the same by hand: its volumes, then the machine on them."""
    made = map(shlex.join, volume_lines(steps, uri))
    return " && ".join([*made, install_line(machine, uri)])


def _root(values: Mapping[str, str]) -> RootFolder | None:
    """The folder that is filled from a tar file. Raises InvalidInput."""
    file, folder = values.get("tarball", ""), values.get("root", "")
    if not file:
        return None
    if not file.startswith(("~", "/")):
        raise InvalidInput(f"{file} is no path: type one from / or ~")
    return RootFolder(file, folder)


def _name(name: str, context: CreateContext) -> str:
    if not name:
        raise InvalidInput("its name is missing")
    if _NAME.fullmatch(name) is None or name != name.strip():
        raise InvalidInput(f"{name[:60]} is no name of a machine: letters, digits, - . _ + :")
    if name in context.names:
        raise InvalidInput(f"{name} is on {context.name} already")
    return name


def _nics(values: Mapping[str, str], context: CreateContext) -> Iterator[tuple[str, NicSpec]]:
    """Its cards, each with the group of its fields. Raises InvalidInput."""
    free = iter(context.free_macs)
    for number in (1, *further(WizardStep.NETWORK, values)):
        begin = prefix(WizardStep.NETWORK, number)
        value = values.get(f"{begin}net", NONE)
        if value in (NONE, ""):
            continue
        kind, colon, source = value.partition(":")
        if not colon:
            kind, source = "network", value
        typed = values.get(f"{begin}mac", "")
        address = mac(typed) if typed else next(free, "")
        model, portgroup = values.get(f"{begin}model", ""), values.get(f"{begin}portgroup", "")
        yield str(number), NicSpec(kind, source, model, address, portgroup)


def _parts(stock: VolumePlanner, machine: DomainSpec, groups: list[str]) -> Iterator[DeviceSummary]:
    """What the steps show of its disks and cards."""
    made = sizes(stock.steps)
    for placed, disk in zip(stock.disks, machine.disks, strict=True):
        yield DeviceSummary(
            WizardStep.DISKS, placed.group, disk.target, placed.source, disk.pool, placed.size,
            disk.format if disk.device == "disk" else disk.device, disk.bus, drive(disk),
            f"virt-install --disk {disk_option(disk, made)}",
        )  # fmt: skip
    for group, one in zip(groups, machine.nics, strict=True):
        source = one.source if one.kind == "network" else f"{one.kind} {one.source}".strip()
        source += f", {one.portgroup}" if one.portgroup else ""
        yield DeviceSummary(
            WizardStep.NETWORK, group, one.model, source, one.mac, xml=card(one),
            equivalent_command=f"virt-install --network {nic_option(one)}",
        )  # fmt: skip

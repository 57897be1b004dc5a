"""The machine that the choices come to, and the recipe that makes it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from virttui.definitions.cloning.names import names
from virttui.definitions.creating import Systems, install_line, machine_xml, seed, usual
from virttui.definitions.creating.line import disk_option, nic_option
from virttui.definitions.creating.parts import drive
from virttui.definitions.creating.parts import nic as card
from virttui.definitions.creating.volume_lines import volume_lines
from virttui.definitions.edits.asked import bytes_of, number_of
from virttui.definitions.installing.checking import checks
from virttui.definitions.installing.groups import further, prefix
from virttui.definitions.installing.place import NONE, YES
from virttui.definitions.installing.places import brought
from virttui.definitions.installing.rewriting import rewritten
from virttui.definitions.installing.steps import Chosen, chosen
from virttui.definitions.installing.storing import Stock, put_content, put_disks, sizes
from virttui.definitions.installing.telling import told
from virttui.definitions.making.writing import mac
from virttui.model.errors import BadInput
from virttui.model.installing import XML, Ground, Part, Proposal, Stage
from virttui.model.machines import HostCan, Machine, MachineNic, Method
from virttui.model.recipes import Recipe, RootFolder, VolumeStep

# What libvirt's drivers take as a name, and what a file of that name can be called.
_NAME = re.compile(r"[A-Za-z0-9_+:.-][A-Za-z0-9_+:. -]{0,59}")


Fresh = Callable[[int], tuple[str, tuple[str, ...]]]
"""The UUID and the MAC addresses of the machine with that number, nobody's yet."""


def proposed(
    given: Mapping[str, str], ground: Ground, systems: Systems, fresh: Fresh, *, whole: bool = True
) -> tuple[Proposal, ...]:
    """What everything that was chosen comes to: a machine for each name of the pattern.

    Without ``whole`` the machines after the first are sketches of it, good enough to be counted:
    two hundred of them are not planned with each key. Raises BadInput, in words, while something
    that was typed makes no sense.
    """
    now = chosen(given, ground, systems)
    every = names(now.values["name"])
    _many(len(every), now, given)
    made: list[tuple[Machine, Recipe, tuple[Part, ...]]] = []
    for number, name in enumerate(every):
        if number and not whole:
            machine, recipe, parts = made[0]
            name = _name(name, ground)
            made.append((replace(machine, name=name), replace(recipe, name=name), parts))
            continue
        uuid, macs = fresh(number)
        mine = replace(ground, uuid=uuid, macs=macs)
        made.append(_one(_name(name, ground), now, mine, (number, len(every))))
    said = checks([one[0] for one in made], [one[1] for one in made], now, ground)
    system = now.system.name if now.system.known else ""
    every_one = tuple(Proposal(*one[:2], said, one[2], system) for one in made)
    return (rewritten(every_one[0], given),) if len(every_one) == 1 else every_one


def _many(count: int, now: Chosen, given: Mapping[str, str]) -> None:
    """What one machine can have, and several at once cannot. Raises BadInput."""
    if count < 2:
        return
    values = now.values
    if given.get(XML):
        raise BadInput("XML edited by hand is one machine's: u makes it anew")
    if values.get("tarball"):
        raise BadInput(f"one folder cannot be the root of {count} containers")
    for field in ("medium", "base"):
        if brought(values.get(field, "")):
            raise BadInput(f"put {values[field]} into a pool first: {count} machines cannot all")
    for number in (1, *further(Stage.NETWORK, values)):
        if values.get(f"{prefix(Stage.NETWORK, number)}mac"):
            raise BadInput(f"one MAC address cannot be {count} machines'")
    for number in (1, *further(Stage.DISKS, values)):
        if values.get(f"{prefix(Stage.DISKS, number)}volume"):
            raise BadInput(f"one volume cannot be the disk of {count} machines")


def _one(
    name: str, now: Chosen, ground: Ground, place: tuple[int, int]
) -> tuple[Machine, Recipe, tuple[Part, ...]]:
    values = now.values
    stock = Stock(name, now, ground)
    put_disks(stock)
    nics = tuple(_nics(values, ground))
    if now.method is Method.CLOUD:
        cloud = told(stock, *place, nics[0][1].mac if nics else "")
        put_content(stock, f"{name}-seed.iso", seed(cloud), values["pool"], "seed made here")
    can = ground.can or HostCan()
    machine = Machine(
        name=name,
        uuid=ground.uuid,
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
        installs=now.method in (Method.MEDIUM, Method.NETWORK, Method.TREE),
    )
    machine = usual(machine, now.system, can)
    # An empty disk boots nothing, so that the firmware goes on to the medium or the network; once
    # something was installed it boots. Nobody has to define the machine again for that.
    last = replace(machine, installs=False) if stock.steps and machine.installs else machine
    tree = now.method is Method.TREE
    recipe = Recipe(
        name=name,
        xml=machine_xml(last, now.system, can),
        volumes=tuple(stock.steps),
        start=values["start"] == YES,
        autostart=values["autostart"] == YES,
        line=_line(machine, stock.steps, ground.uri),
        first=machine_xml(machine, now.system, can) if tree else "",
        root=_root(values),
    )
    return machine, recipe, tuple(_parts(stock, machine, [group for group, _ in nics]))


def _line(machine: Machine, steps: Sequence[VolumeStep], uri: str) -> str:
    """About the same by hand: its volumes, then the machine on them."""
    made = map(shlex.join, volume_lines(steps, uri))
    return " && ".join([*made, install_line(machine, uri)])


def _root(values: Mapping[str, str]) -> RootFolder | None:
    """The folder that is filled from a tar file. Raises BadInput."""
    file, folder = values.get("tarball", ""), values.get("root", "")
    if not file:
        return None
    if not file.startswith(("~", "/")):
        raise BadInput(f"{file} is no path: type one from / or ~")
    return RootFolder(file, folder)


def _name(name: str, ground: Ground) -> str:
    if not name:
        raise BadInput("its name is missing")
    if _NAME.fullmatch(name) is None or name != name.strip():
        raise BadInput(f"{name[:60]} is no name of a machine: letters, digits, - . _ + :")
    if name in ground.names:
        raise BadInput(f"{name} is on {ground.name} already")
    return name


def _nics(values: Mapping[str, str], ground: Ground) -> Iterator[tuple[str, MachineNic]]:
    """Its cards, each with the group of its fields. Raises BadInput."""
    free = iter(ground.macs)
    for number in (1, *further(Stage.NETWORK, values)):
        begin = prefix(Stage.NETWORK, number)
        value = values.get(f"{begin}net", NONE)
        if value in (NONE, ""):
            continue
        kind, colon, source = value.partition(":")
        if not colon:
            kind, source = "network", value
        typed = values.get(f"{begin}mac", "")
        address = mac(typed) if typed else next(free, "")
        model, portgroup = values.get(f"{begin}model", ""), values.get(f"{begin}portgroup", "")
        yield str(number), MachineNic(kind, source, model, address, portgroup)


def _parts(stock: Stock, machine: Machine, groups: list[str]) -> Iterator[Part]:
    """What the steps show of its disks and cards."""
    made = sizes(stock.steps)
    for placed, disk in zip(stock.disks, machine.disks, strict=True):
        yield Part(
            Stage.DISKS, placed.group, disk.target, placed.source, disk.pool, placed.size,
            disk.format if disk.device == "disk" else disk.device, disk.bus, drive(disk),
            f"virt-install --disk {disk_option(disk, made)}",
        )  # fmt: skip
    for group, one in zip(groups, machine.nics, strict=True):
        source = one.source if one.kind == "network" else f"{one.kind} {one.source}".strip()
        source += f", {one.portgroup}" if one.portgroup else ""
        yield Part(
            Stage.NETWORK, group, one.model, source, one.mac, xml=card(one),
            line=f"virt-install --network {nic_option(one)}",
        )  # fmt: skip

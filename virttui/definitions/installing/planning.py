"""The machine that the choices come to, and the recipe that makes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from virttui.definitions.cloning.names import names
from virttui.definitions.creating import Systems, hashed, install_line, machine_xml, seed, usual
from virttui.definitions.edits.asked import bytes_of, number_of
from virttui.definitions.installing.checking import checks
from virttui.definitions.installing.places import local, volume_at
from virttui.definitions.installing.steps import (
    COPY,
    NONE,
    OVERLAY,
    YES,
    Chosen,
    chosen,
)
from virttui.definitions.volumes import checked_name
from virttui.model.disks import Shelf
from virttui.model.errors import BadInput
from virttui.model.installing import Ground, Proposal
from virttui.model.machines import (
    CloudInit,
    HostCan,
    Machine,
    MachineDisk,
    MachineNic,
    Method,
)
from virttui.model.recipes import Recipe, VolumeStep
from virttui.model.volumes import FILE_POOLS, NewVolume

# What libvirt's drivers take as a name, and what a file of that name can be called.
_NAME = re.compile(r"[A-Za-z0-9_+:.-][A-Za-z0-9_+:. -]{0,59}")
_CHAINED = frozenset({"qcow2", "raw", "qed", "vmdk", "vdi"})
"""The formats that QEMU reads a backing file in; an ISO image is raw."""


Fresh = Callable[[int], tuple[str, tuple[str, ...]]]
"""The UUID and the MAC addresses of the machine with that number, nobody's yet."""


def proposed(
    given: Mapping[str, str],
    ground: Ground,
    systems: Systems,
    fresh: Fresh,
    keys: Sequence[str] = (),
) -> tuple[Proposal, ...]:
    """What everything that was chosen comes to: a machine for each name of the pattern.

    ``keys`` are SSH keys that were read of a file. Raises BadInput, in words, while something that
    was typed makes no sense.
    """
    now = chosen(given, ground, systems)
    made: list[tuple[Machine, Recipe]] = []
    for number, name in enumerate(names(now.values["name"])):
        uuid, macs = fresh(number)
        mine = replace(ground, uuid=uuid, macs=macs)
        made.append(_one(_name(name, ground), now, mine, keys, systems))
    told = checks([machine for machine, _ in made], [recipe for _, recipe in made], now, ground)
    return tuple(Proposal(machine, recipe, told) for machine, recipe in made)


def _one(
    name: str, now: Chosen, ground: Ground, keys: Sequence[str], systems: Systems
) -> tuple[Machine, Recipe]:
    values = now.values
    steps: list[VolumeStep] = []
    disks: list[MachineDisk] = []
    _media(now, ground, steps, disks)
    _disks(name, now, ground, steps, disks)
    if now.method is Method.CLOUD:
        _seed(name, now, ground, keys, steps, disks)
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
        disks=tuple(disks),
        nics=_nics(values, ground),
        graphics=values.get("graphics", ""),
        kernel=values.get("kernel", ""),
        initrd=values.get("initrd", ""),
        cmdline=values.get("cmdline", ""),
        root=values.get("root", ""),
        init=values.get("init", ""),
        installs=now.method in (Method.MEDIUM, Method.NETWORK),
    )
    machine = usual(machine, now.system, can)
    # An empty disk boots nothing, so that the firmware goes on to the medium or the network; once
    # something was installed it boots. Nobody has to define the machine again for that.
    last = replace(machine, installs=False) if steps and machine.installs else machine
    recipe = Recipe(
        name=name,
        xml=machine_xml(last, now.system, can),
        volumes=tuple(steps),
        start=values["start"] == YES,
        autostart=values["autostart"] == YES,
        line=install_line(machine, ground.uri, {s.new.name: s.new.capacity for s in steps}),
    )
    return machine, recipe


def _name(name: str, ground: Ground) -> str:
    if not name:
        raise BadInput("its name is missing")
    if _NAME.fullmatch(name) is None or name != name.strip():
        raise BadInput(f"{name[:60]} is no name of a machine: letters, digits, - . _ + :")
    if name in ground.names:
        raise BadInput(f"{name} is on {ground.name} already")
    return name


def _media(now: Chosen, ground: Ground, steps: list[VolumeStep], disks: list[MachineDisk]) -> None:
    """The medium it is installed from, uploaded first where it is a file of this machine."""
    if now.method is not Method.MEDIUM:
        return
    place = now.values["medium"]
    if not place:
        raise BadInput("choose a medium, or type the path of one")
    drive = MachineDisk(format="raw", device="cdrom", read_only=True)
    if local(place):
        shelf = _shelf(now.values.get("upload", ""), ground)
        step = _uploaded(place, shelf)
        steps.append(step)
        disks.append(replace(drive, pool=shelf.name, volume=step.new.name))
    elif place.startswith("/"):
        disks.append(replace(drive, path=place))
    else:
        pool, slash, volume = place.partition("/")
        if not slash or not volume:
            raise BadInput(f"{place} is neither pool/volume nor a path")
        disks.append(replace(drive, pool=pool, volume=volume))


def _uploaded(file: str, shelf: Shelf) -> VolumeStep:
    """The volume that a file of this machine becomes; how large it is is known when it is read."""
    name = checked_name(file.rpartition("/")[2], shelf.room)
    return VolumeStep(shelf.key, shelf.name, NewVolume(name, 0, "raw", 0), file=file)


def _shelf(name: str, ground: Ground) -> Shelf:
    for shelf in ground.pools:
        if shelf.name == name:
            return shelf
    raise BadInput(f"no pool that is on is called {name}" if name else "no pool is on")


def _disks(
    name: str, now: Chosen, ground: Ground, steps: list[VolumeStep], disks: list[MachineDisk]
) -> None:
    """Its own disk, made, put on top of an image or copied from one; then the one for data."""
    values = now.values
    if now.method is Method.DISK:
        found = volume_at(ground, values["disk"])
        if found is None:
            raise BadInput(f"no volume is called {values['disk'] or 'that'}")
        shelf, volume = found
        disks.insert(0, MachineDisk(shelf.name, volume.name, format=volume.format or "raw"))
    elif now.method is not Method.CONTAINER and values.get("size", NONE) not in ("", NONE):
        shelf = _shelf(values["pool"], ground)
        step = _own_disk(name, now, ground, shelf, steps)
        steps.append(step)
        disks.insert(0, MachineDisk(shelf.name, step.new.name, format=step.new.format or "raw"))
    if data := values.get("data", ""):
        shelf = _shelf(values.get("pool", "") or _first_pool(ground), ground)
        new = _new(f"{name}-data", bytes_of(data), "qcow2", shelf)
        steps.append(VolumeStep(shelf.key, shelf.name, new))
        disks.insert(1, MachineDisk(shelf.name, new.name, format=new.format or "raw"))


def _first_pool(ground: Ground) -> str:
    return max(ground.pools, key=lambda one: one.room.available).name if ground.pools else ""


def _own_disk(
    name: str, now: Chosen, ground: Ground, shelf: Shelf, steps: list[VolumeStep]
) -> VolumeStep:
    values = now.values
    size = bytes_of(values["size"])
    if now.method is not Method.CLOUD:
        return VolumeStep(shelf.key, shelf.name, _new(name, size, values.get("format", ""), shelf))
    base = values["base"]
    if local(base):
        raise BadInput("upload the image first (i in the storage pane), then choose it")
    found = volume_at(ground, base)
    if found is None:
        raise BadInput(f"no image is called {base}" if base else "choose an image")
    where, image = found
    if size < image.capacity:
        raise BadInput("the disk is smaller than its image")
    if values.get("how", COPY) == OVERLAY:
        under = image.format if image.format in _CHAINED else "raw"
        new = replace(_new(name, size, "qcow2", shelf), backing=image.path, backing_format=under)
        return VolumeStep(shelf.key, shelf.name, new)
    new = _new(name, size, values.get("format", ""), shelf)
    return VolumeStep(shelf.key, shelf.name, new, copy_of=(where.key, image.name))


def _new(name: str, size: int, format: str, shelf: Shelf) -> NewVolume:
    files = shelf.room.type in FILE_POOLS
    format = (format or "qcow2") if files else ""
    full = f"{name}.{format}" if files else name
    return NewVolume(checked_name(full, shelf.room), size, format, 0 if files else None)


def _seed(
    name: str,
    now: Chosen,
    ground: Ground,
    keys: Sequence[str],
    steps: list[VolumeStep],
    disks: list[MachineDisk],
) -> None:
    """What tells the image who it is at its first boot, on a small disk.

    It is no CD-ROM: the kernels of slim cloud images (Debian's genericcloud) have no driver for the
    controller that would be on, and cloud-init looks at every disk for its label.
    """
    values = now.values
    typed = values.get("keys", "")
    lines = [typed] if typed.startswith(("ssh-", "ecdsa-", "sk-")) else list(keys)
    password = values.get("password", "")
    cloud = CloudInit(
        hostname=values.get("hostname") or name,
        user=values.get("user", ""),
        password=hashed(password) if password else "",
        keys=tuple(lines),
        instance=ground.uuid,
    )
    shelf = _shelf(values["pool"], ground)
    content = seed(cloud)
    new = NewVolume(checked_name(f"{name}-seed.iso", shelf.room), len(content), "raw", 0)
    steps.append(VolumeStep(shelf.key, shelf.name, new, content=content))
    disks.append(MachineDisk(shelf.name, new.name, format="raw", read_only=True))


def _nics(values: Mapping[str, str], ground: Ground) -> tuple[MachineNic, ...]:
    found = []
    for field, mac in zip(("net", "net2"), (*ground.macs, "", ""), strict=False):
        value = values.get(field, NONE)
        if value == NONE:
            continue
        kind, colon, source = value.partition(":")
        if not colon:
            kind, source = "network", value
        found.append(MachineNic(kind, source, mac=mac))
    return tuple(found)

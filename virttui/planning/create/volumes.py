"""The volumes of a new machine: which are made, and what each disk is on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from virttui.libvirtxml.edits.operands import bytes_of
from virttui.model.domains.disk_jobs import TargetPool
from virttui.model.errors import InvalidInput
from virttui.model.provision.checks import WizardStep
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import DiskSpec, InstallMethod
from virttui.model.provision.lookups import Lookup, LookupKind, LookupResult
from virttui.model.provision.plan import VolumeStep
from virttui.model.volumes import FILE_POOLS, NewVolume
from virttui.planning.create.disk_fields import EXISTING, OVERLAY
from virttui.planning.create.fields import ResolvedChoices
from virttui.planning.create.repeated_fields import further, prefix
from virttui.planning.create.sources import brought, far, file_name, shelf_of, volume_at
from virttui.planning.create.step_context import NONE
from virttui.planning.network_pool.volume import checked_name

_CHAINED = frozenset({"qcow2", "raw", "qed", "vmdk", "vdi"})
"""The formats that QEMU reads a backing file in; an ISO image is raw."""


@dataclass(frozen=True, slots=True)
class PlannedDisk:
    """A disk with what its step says of it: the group of its fields, its source, its bytes."""

    disk: DiskSpec
    group: str = ""
    source: str = ""
    size: int = 0


@dataclass
class VolumePlanner:
    """What is collected while a machine is planned: steps in order, disks in order.

    ``kernel`` and ``initrd`` are paths of the host of what an install tree boots.
    """

    name: str
    now: ResolvedChoices
    context: CreateContext
    steps: list[VolumeStep] = field(default_factory=list)
    disks: list[PlannedDisk] = field(default_factory=list)
    kernel: str = ""
    initrd: str = ""


def put_disks(stock: VolumePlanner) -> None:
    """Its own disks, then the medium it is installed from. Raises InvalidInput."""
    method = stock.now.method
    if method is InstallMethod.CONTAINER:
        return
    if method is InstallMethod.DISK:
        stock.disks.append(_existing(stock, stock.now.values["disk"], "", ""))
    elif method is InstallMethod.CLOUD:
        _on_image(stock)
    else:
        _disk(stock, 1)
    for number in further(WizardStep.DISKS, stock.now.values):
        _disk(stock, number)
    if method is InstallMethod.MEDIUM:
        _medium(stock)
    elif method is InstallMethod.TREE:
        _kernel(stock)


def pool_called(name: str, context: CreateContext) -> TargetPool:
    """The pool of that name. Raises InvalidInput."""
    shelf = shelf_of(context, name)
    if shelf is None:
        raise InvalidInput(f"no pool that is on is called {name}" if name else "no pool is on")
    return shelf


def _disk(stock: VolumePlanner, number: int) -> None:
    values, begin, group = stock.now.values, prefix(WizardStep.DISKS, number), str(number)
    how, bus = values.get(f"{begin}how", ""), values.get(f"{begin}bus", "")
    if how == NONE:
        return
    if how == EXISTING:
        stock.disks.append(_existing(stock, values[f"{begin}volume"], group, bus))
        return
    shelf = pool_called(values[f"{begin}pool"], stock.context)
    size = bytes_of(values[f"{begin}size"])
    name = stock.name if number == 1 else f"{stock.name}-{number}"
    new = _new(name, size, values.get(f"{begin}format", ""), shelf)
    stock.steps.append(VolumeStep(shelf.key, shelf.name, new))
    disk = DiskSpec(shelf.name, new.name, format=new.format or "raw", bus=bus)
    stock.disks.append(PlannedDisk(disk, group, "made here, empty", size))


def _existing(stock: VolumePlanner, place: str, group: str, bus: str) -> PlannedDisk:
    found = volume_at(stock.context, place)
    if found is None:
        raise InvalidInput(f"no volume is called {place or 'that'}")
    shelf, volume = found
    if any((one.disk.pool, one.disk.volume) == (shelf.name, volume.name) for one in stock.disks):
        raise InvalidInput(f"{place} is one of its disks already")
    disk = DiskSpec(shelf.name, volume.name, format=volume.format or "raw", bus=bus)
    return PlannedDisk(disk, group, f"volume {volume.name}", volume.capacity)


def _on_image(stock: VolumePlanner) -> None:
    """Its disk, on top of an image or copied from one, which is brought first if it has to be."""
    values, context = stock.now.values, stock.context
    base, how = values["base"], values["how"]
    if not base:
        raise InvalidInput("choose an image, or type the path or URL of one")
    if brought(base):
        shelf, step, image = _brought(stock, base)
        where, name, format, path = shelf.key, step.new.name, image.format, _path(shelf, step)
        capacity = image.capacity
        stock.steps.append(step)
    else:
        found = volume_at(context, base)
        if found is None:
            raise InvalidInput(f"no image is called {base}")
        where, name = found[0].key, found[1].name
        format, path, capacity = found[1].format, found[1].path, found[1].capacity
    size = bytes_of(values["size"])
    if size < capacity:
        raise InvalidInput("the disk is smaller than its image")
    shelf = pool_called(values["pool"], context)
    if how == OVERLAY:
        under = format if format in _CHAINED else "raw"
        new = replace(_new(stock.name, size, "qcow2", shelf), backing=path, backing_format=under)
        made = VolumeStep(shelf.key, shelf.name, new)
    else:
        new = _new(stock.name, size, values.get("format", ""), shelf)
        made = VolumeStep(shelf.key, shelf.name, new, copy_of=(where, name))
    stock.steps.append(made)
    disk = DiskSpec(shelf.name, new.name, format=new.format or "raw", bus=values.get("bus", ""))
    source = f"overlay of {name}" if how == OVERLAY else f"copy of {name}"
    stock.disks.append(PlannedDisk(disk, "1", source, size))


def _path(shelf: TargetPool, step: VolumeStep) -> str:
    """Where a volume of a pool that keeps files will be."""
    if not shelf.path:
        raise InvalidInput(f"{shelf.name} has no folder: put it into another pool")
    return f"{shelf.path.rstrip('/')}/{step.new.name}"


def _brought(stock: VolumePlanner, place: str) -> tuple[TargetPool, VolumeStep, LookupResult]:
    """What puts a file of this machine, or of the web, into a pool, and what it is."""
    found = _found(stock, Lookup(LookupKind.IMAGE, place), f"{place} is being looked at")
    shelf = pool_called(stock.now.values.get("upload", ""), stock.context)
    name = file_name(place)
    if volume_at(stock.context, f"{shelf.name}/{name}") is not None:
        raise InvalidInput(f"{name} is in {shelf.name} already: choose {shelf.name}/{name}")
    name = checked_name(name, shelf.room)
    new = NewVolume(name, found.size, "raw", 0)
    if far(place):
        return shelf, VolumeStep(shelf.key, shelf.name, new, url=place), found
    return shelf, VolumeStep(shelf.key, shelf.name, new, file=place), found


def _found(stock: VolumePlanner, lookup: Lookup, said: str) -> LookupResult:
    found = stock.context.lookup_results.get(lookup)
    if found is None:
        raise InvalidInput(said)
    if found.error:
        raise InvalidInput(found.error)
    return found


def _medium(stock: VolumePlanner) -> None:
    """The medium it is installed from."""
    place = stock.now.values["medium"]
    if not place:
        raise InvalidInput("choose a medium, or type the path or URL of one")
    drive = DiskSpec(format="raw", device="cdrom", read_only=True)
    if brought(place):
        shelf, step, found = _brought(stock, place)
        stock.steps.append(step)
        disk = replace(drive, pool=shelf.name, volume=step.new.name)
        stock.disks.append(PlannedDisk(disk, "", step.new.name, found.size))
    elif place.startswith("/"):
        stock.disks.append(PlannedDisk(replace(drive, path=place), "", place))
    else:
        pool, slash, volume = place.partition("/")
        if not slash or not volume:
            raise InvalidInput(f"{place} is neither pool/volume nor a path")
        known = volume_at(stock.context, place)
        size = known[1].capacity if known is not None else 0
        stock.disks.append(PlannedDisk(replace(drive, pool=pool, volume=volume), "", volume, size))


def _kernel(stock: VolumePlanner) -> None:
    """What an install tree boots, put into a pool for the first start."""
    url = stock.now.values["tree"]
    if not far(url):
        raise InvalidInput("type the URL of an install tree: https://…")
    tree = _found(stock, Lookup(LookupKind.TREE, url), f"{url} is being looked at").tree
    if tree is None:
        raise InvalidInput(f"{url} is no install tree")
    shelf = pool_called(stock.now.values["upload"], stock.context)
    paths = []
    for file, word in ((tree.kernel, "kernel"), (tree.initrd, "initrd")):
        new = NewVolume(checked_name(f"{stock.name}-{word}", shelf.room), file.size, "raw", 0)
        step = VolumeStep(
            shelf.key, shelf.name, new, url=file.url, sha256=file.sha256, temporary=True
        )
        stock.steps.append(step)
        paths.append(_path(shelf, step))
    stock.kernel, stock.initrd = paths


def _new(name: str, size: int, format: str, shelf: TargetPool) -> NewVolume:
    files = shelf.room.type in FILE_POOLS
    format = (format or "qcow2") if files else ""
    full = f"{name}.{format}" if files else name
    return NewVolume(checked_name(full, shelf.room), size, format, 0 if files else None)


def put_content(stock: VolumePlanner, name: str, content: bytes, pool: str, source: str) -> None:
    """A small disk that holds this, read-only: a seed."""
    shelf = pool_called(pool, stock.context)
    new = NewVolume(checked_name(name, shelf.room), len(content), "raw", 0)
    stock.steps.append(VolumeStep(shelf.key, shelf.name, new, content=content))
    disk = DiskSpec(shelf.name, new.name, format="raw", read_only=True)
    stock.disks.append(PlannedDisk(disk, "", source, len(content)))


def sizes(steps: list[VolumeStep]) -> dict[str, int]:
    """The volumes that virt-install would make too, by name, with their bytes."""
    return {step.new.name: step.new.capacity for step in steps}

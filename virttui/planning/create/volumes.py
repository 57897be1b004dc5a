"""The disks of a new machine, and the volumes to create for them."""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec import Struct
from msgspec.structs import replace

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
from virttui.planning.create.repeated_fields import further_numbers, prefix
from virttui.planning.create.sources import (
    file_name,
    is_outside_host,
    is_url,
    pool_named,
    volume_at,
)
from virttui.planning.create.step_context import NONE
from virttui.planning.network_pool.volume import checked_name

_BACKING_FORMATS = frozenset({"qcow2", "raw", "qed", "vmdk", "vdi"})
"""The formats that QEMU can read a backing file in; an ISO image is raw."""


class PlannedDisk(Struct, frozen=True):
    """A disk, and its line in the wizard's step: the group of its fields, its source, its bytes."""

    disk: DiskSpec
    group: str = ""
    source: str = ""
    size: int = 0


@dataclass
class VolumePlanner:
    """Collects the volume steps and the disks of a machine, in order.

    ``kernel`` and ``initrd`` are paths on the host of an install tree's files.
    """

    name: str
    choices: ResolvedChoices
    context: CreateContext
    steps: list[VolumeStep] = field(default_factory=list)
    disks: list[PlannedDisk] = field(default_factory=list)
    kernel: str = ""
    initrd: str = ""


def plan_disks(planner: VolumePlanner) -> None:
    """Plan the machine's own disks, then its install medium. Raises InvalidInput."""
    method = planner.choices.method
    if method is InstallMethod.CONTAINER:
        return
    if method is InstallMethod.DISK:
        planner.disks.append(_existing(planner, planner.choices.values["disk"], "", ""))
    elif method is InstallMethod.CLOUD:
        _plan_image_disk(planner)
    else:
        _plan_disk(planner, 1)
    for number in further_numbers(WizardStep.DISKS, planner.choices.values):
        _plan_disk(planner, number)
    if method is InstallMethod.MEDIUM:
        _plan_medium(planner)
    elif method is InstallMethod.TREE:
        _plan_kernel(planner)


def require_pool(name: str, context: CreateContext) -> TargetPool:
    """Return the active pool of that name. Raises InvalidInput."""
    target_pool = pool_named(context, name)
    if target_pool is None:
        raise InvalidInput(f"no active pool is called {name}" if name else "no pool is active")
    return target_pool


def _plan_disk(planner: VolumePlanner, number: int) -> None:
    values, start, group = planner.choices.values, prefix(WizardStep.DISKS, number), str(number)
    how, bus = values.get(f"{start}how", ""), values.get(f"{start}bus", "")
    if how == NONE:
        return
    if how == EXISTING:
        planner.disks.append(_existing(planner, values[f"{start}volume"], group, bus))
        return
    target_pool = require_pool(values[f"{start}pool"], planner.context)
    size = bytes_of(values[f"{start}size"])
    name = planner.name if number == 1 else f"{planner.name}-{number}"
    new = _new_volume(name, size, values.get(f"{start}format", ""), target_pool)
    planner.steps.append(VolumeStep(target_pool.key, target_pool.name, new))
    disk = DiskSpec(target_pool.name, new.name, format=new.format or "raw", bus=bus)
    planner.disks.append(PlannedDisk(disk, group, "made here, empty", size))


def _existing(planner: VolumePlanner, source: str, group: str, bus: str) -> PlannedDisk:
    found = volume_at(planner.context, source)
    if found is None:
        raise InvalidInput(f"no volume is called {source or 'that'}")
    target_pool, volume = found
    if any(
        (one.disk.pool, one.disk.volume) == (target_pool.name, volume.name) for one in planner.disks
    ):
        raise InvalidInput(f"{source} is one of its disks already")
    disk = DiskSpec(target_pool.name, volume.name, format=volume.format or "raw", bus=bus)
    return PlannedDisk(disk, group, f"volume {volume.name}", volume.capacity)


def _plan_image_disk(planner: VolumePlanner) -> None:
    """Plan a disk on top of an image or copied from one, which is uploaded first if needed."""
    values, context = planner.choices.values, planner.context
    base, how = values["base"], values["how"]
    if not base:
        raise InvalidInput("choose an image, or type the path or URL of one")
    if is_outside_host(base):
        target_pool, step, image = _plan_upload(planner, base)
        where, name, format, path = (
            target_pool.key,
            step.new.name,
            image.format,
            _volume_path(target_pool, step),
        )
        capacity = image.capacity
        planner.steps.append(step)
    else:
        found = volume_at(context, base)
        if found is None:
            raise InvalidInput(f"no image is called {base}")
        where, name = found[0].key, found[1].name
        format, path, capacity = found[1].format, found[1].path, found[1].capacity
    size = bytes_of(values["size"])
    if size < capacity:
        raise InvalidInput("the disk is smaller than its image")
    target_pool = require_pool(values["pool"], context)
    if how == OVERLAY:
        backing_format = format if format in _BACKING_FORMATS else "raw"
        new = replace(
            _new_volume(planner.name, size, "qcow2", target_pool),
            backing=path,
            backing_format=backing_format,
        )
        disk_step = VolumeStep(target_pool.key, target_pool.name, new)
    else:
        new = _new_volume(planner.name, size, values.get("format", ""), target_pool)
        disk_step = VolumeStep(target_pool.key, target_pool.name, new, copy_of=(where, name))
    planner.steps.append(disk_step)
    disk = DiskSpec(
        target_pool.name, new.name, format=new.format or "raw", bus=values.get("bus", "")
    )
    source = f"overlay of {name}" if how == OVERLAY else f"copy of {name}"
    planner.disks.append(PlannedDisk(disk, "1", source, size))


def _volume_path(target_pool: TargetPool, step: VolumeStep) -> str:
    """Return the future path of a volume in a pool of files."""
    if not target_pool.path:
        raise InvalidInput(f"{target_pool.name} has no folder: put it into another pool")
    return f"{target_pool.path.rstrip('/')}/{step.new.name}"


def _plan_upload(
    planner: VolumePlanner, source: str
) -> tuple[TargetPool, VolumeStep, LookupResult]:
    """Return the step that puts a file of this computer or the web into a pool, and its facts."""
    found = _lookup_result(planner, Lookup(LookupKind.IMAGE, source), f"{source} is being read")
    target_pool = require_pool(planner.choices.values.get("upload", ""), planner.context)
    name = file_name(source)
    if volume_at(planner.context, f"{target_pool.name}/{name}") is not None:
        raise InvalidInput(
            f"{name} is in {target_pool.name} already: choose {target_pool.name}/{name}"
        )
    name = checked_name(name, target_pool.context)
    new = NewVolume(name, found.size, "raw", 0)
    if is_url(source):
        return target_pool, VolumeStep(target_pool.key, target_pool.name, new, url=source), found
    return target_pool, VolumeStep(target_pool.key, target_pool.name, new, file=source), found


def _lookup_result(planner: VolumePlanner, lookup: Lookup, missing: str) -> LookupResult:
    found = planner.context.lookup_results.get(lookup)
    if found is None:
        raise InvalidInput(missing)
    if found.error:
        raise InvalidInput(found.error)
    return found


def _plan_medium(planner: VolumePlanner) -> None:
    """Plan the install medium."""
    source = planner.choices.values["medium"]
    if not source:
        raise InvalidInput("choose a medium, or type the path or URL of one")
    drive = DiskSpec(format="raw", device="cdrom", read_only=True)
    if is_outside_host(source):
        target_pool, step, found = _plan_upload(planner, source)
        planner.steps.append(step)
        disk = replace(drive, pool=target_pool.name, volume=step.new.name)
        planner.disks.append(PlannedDisk(disk, "", step.new.name, found.size))
    elif source.startswith("/"):
        planner.disks.append(PlannedDisk(replace(drive, path=source), "", source))
    else:
        pool, slash, volume = source.partition("/")
        if not slash or not volume:
            raise InvalidInput(f"{source} is neither pool/volume nor a path")
        known = volume_at(planner.context, source)
        size = known[1].capacity if known is not None else 0
        planner.disks.append(
            PlannedDisk(replace(drive, pool=pool, volume=volume), "", volume, size)
        )


def _plan_kernel(planner: VolumePlanner) -> None:
    """Plan an install tree's kernel and initrd, in a pool for the first start."""
    url = planner.choices.values["tree"]
    if not is_url(url):
        raise InvalidInput("type the URL of an install tree: https://…")
    tree = _lookup_result(planner, Lookup(LookupKind.TREE, url), f"{url} is being read").tree
    if tree is None:
        raise InvalidInput(f"{url} is not an install tree")
    target_pool = require_pool(planner.choices.values["upload"], planner.context)
    paths = []
    for file, word in ((tree.kernel, "kernel"), (tree.initrd, "initrd")):
        new = NewVolume(
            checked_name(f"{planner.name}-{word}", target_pool.context), file.size, "raw", 0
        )
        step = VolumeStep(
            target_pool.key, target_pool.name, new, url=file.url, sha256=file.sha256, temporary=True
        )
        planner.steps.append(step)
        paths.append(_volume_path(target_pool, step))
    planner.kernel, planner.initrd = paths


def _new_volume(name: str, size: int, format: str, target_pool: TargetPool) -> NewVolume:
    files = target_pool.context.type in FILE_POOLS
    format = (format or "qcow2") if files else ""
    full = f"{name}.{format}" if files else name
    return NewVolume(checked_name(full, target_pool.context), size, format, 0 if files else None)


def plan_seed(planner: VolumePlanner, name: str, content: bytes, pool: str, source: str) -> None:
    """Plan a small read-only disk with this content: a cloud-init seed."""
    target_pool = require_pool(pool, planner.context)
    new = NewVolume(checked_name(name, target_pool.context), len(content), "raw", 0)
    planner.steps.append(VolumeStep(target_pool.key, target_pool.name, new, content=content))
    disk = DiskSpec(target_pool.name, new.name, format="raw", read_only=True)
    planner.disks.append(PlannedDisk(disk, "", source, len(content)))


def sizes_by_name(steps: list[VolumeStep]) -> dict[str, int]:
    """Return the bytes of the volumes that virt-install would create too, by name."""
    return {step.new.name: step.new.capacity for step in steps}

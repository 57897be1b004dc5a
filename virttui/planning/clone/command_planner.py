"""The commands that create the clones of a domain: volumes, definitions, names, addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind, ObjectId
from virttui.model.provision.clone import (
    CloneSource,
    CloneTargetHost,
    DiskCloneMode,
    SourceDisk,
)
from virttui.model.provision.plan import FileCopy, ProvisionPlan, Sysprep, VolumeStep
from virttui.model.volumes import FILE_POOLS, NewVolume, free_name
from virttui.planning.clone.cloud_init import host_name, seed_for_clone
from virttui.planning.clone.disk_options import COPIES, CloneOption, volume_place
from virttui.planning.clone.names import OVERLAY_SUFFIX, volume_name
from virttui.planning.clone.virt_clone import equivalent_command, source_equivalent_command
from virttui.planning.clone.xml import (
    CloneIdentity,
    NewDisk,
    clone_xml,
    count_nics,
    macs_of,
    nvram_path,
    with_disks,
)
from virttui.planning.new_ids import IdGenerator

_ENDINGS = {"qcow2": ".qcow2", "raw": ".raw"}


@dataclass(slots=True)
class CloneCommandPlanner:
    """Plans the clones of one source, one after the other.

    It keeps the names of new volumes and the MAC addresses, so that none is used twice.
    """

    source: CloneSource
    target: CloneTargetHost
    options: Mapping[str, CloneOption]
    new_ids: IdGenerator = field(default_factory=lambda: IdGenerator(()))
    result_lines: list[str] = field(default_factory=list)
    sysprep: bool = False
    _taken: dict[str, set[str]] = field(default_factory=dict)

    def _free_name(self, pool: ObjectId, name: str) -> str:
        """Return a name that no volume of a pool has or will have."""
        if pool.uuid not in self._taken:
            known = (self.source.volumes, self.target.volumes)
            self._taken[pool.uuid] = {name for names in known for name in names.get(pool.uuid, ())}
        free = free_name(name, self._taken[pool.uuid])
        self._taken[pool.uuid].add(free)
        return free

    # -- the source itself -------------------------------------------------------------------

    def source_on_overlays(self) -> list[Command]:
        """Return a command that puts the source on overlays where its disks become bases, else
        none.

        It comes before all others.
        """
        source, target = self.source, Target(Kind.DOMAIN, self.source.key, self.source.name)
        steps: list[VolumeStep] = []
        disks: dict[str, NewDisk] = {}
        for disk in source.disks:
            if self.options[disk.target].mode is not DiskCloneMode.LINKED or disk.pool is None:
                continue
            stem = (disk.volume.rpartition(".")[0] or disk.volume).removesuffix(OVERLAY_SUFFIX)
            name = self._free_name(disk.pool, f"{stem}{OVERLAY_SUFFIX}.qcow2")
            new = NewVolume(name, disk.capacity, "qcow2", 0, backing=disk.path,
                            backing_format=disk.format)  # fmt: skip
            steps.append(VolumeStep(disk.pool, disk.pool_name, new))
            path = f"{disk.path.rpartition('/')[0]}/{name}"
            disks[disk.target] = NewDisk("file", path, "qcow2")
            self.result_lines.append(
                f"{source.name} {disk.target} continues on {name}, an overlay of {disk.volume}"
            )
        if not disks:
            return []
        plan = ProvisionPlan(
            source.name, with_disks(source.xml, disks), tuple(steps), replaces_xml=source.xml,
            equivalent_command=source_equivalent_command(steps, source, self.target),
        )  # fmt: skip
        return [Command(Verb.PROVISION, target, plan)]

    # -- one clone ---------------------------------------------------------------------------

    def clone(self, name: str, *, start: bool) -> Command:
        """Return the command that creates one clone."""
        source, uuid = self.source, self.new_ids.uuid()
        addresses = [self.new_ids.mac() for _ in range(count_nics(source.xml))]
        self.result_lines.append(" ".join([name, *addresses]))
        macs = tuple(zip(macs_of(source.xml), addresses, strict=True))
        steps: list[VolumeStep] = []
        disks: dict[str, NewDisk | None] = {}
        for disk in source.disks:
            option = self.options[disk.target]
            if option.mode is DiskCloneMode.SKIP:
                disks[disk.target] = None
            elif option.mode in COPIES:
                step = self._step(disk, name)
                if option.mode is DiskCloneMode.SEED and disk.seed is not None:
                    step = _with_content(step, seed_for_clone(disk.seed, name, uuid, macs))
                steps.append(step)
                disks[disk.target] = self._new_disk(disk, step)
            self.result_lines.append(f"  {self._description(disk, steps)}")
        identity = CloneIdentity(name, uuid, tuple(addresses), disks)
        nvram = nvram_path(source.xml, identity, source.nvram)
        identity = replace(identity, nvram=nvram)
        copy = FileCopy(source.key.host, source.nvram, nvram) if nvram and source.nvram else None
        plan = ProvisionPlan(
            name, clone_xml(source.xml, identity), tuple(steps), start=start, nvram=copy,
            read_only_bases=tuple(step.new.backing for step in steps if step.new.backing),
            sysprep=self._sysprep(name, disks),
        )  # fmt: skip
        plan = replace(
            plan,
            equivalent_command=""
            if source.snapshot  # virt-clone knows no snapshots
            else equivalent_command(plan, addresses, self.source, self.target, self.options),
        )
        target = Target(Kind.DOMAIN, ObjectId(self.target.host, uuid), name)
        return Command(Verb.PROVISION, target, plan)

    def _sysprep(self, name: str, disks: Mapping[str, NewDisk | None]) -> Sysprep | None:
        """Return the virt-sysprep run on the clone's own volumes, without shared disks and the
        seed."""
        if not self.sysprep:
            return None
        hows = {target: self.options[target].mode for target in disks}
        own = [
            (one.path, one.format)
            for target, one in disks.items()
            if one is not None and hows[target] is not DiskCloneMode.SEED and one.kind != "volume"
        ]
        return Sysprep(tuple(own), host_name(name)) if own else None

    def _step(self, disk: SourceDisk, clone: str) -> VolumeStep:
        """Return the step that creates one disk's volume."""
        option = self.options[disk.target]
        pool = option.pool
        if pool is None:
            raise InvalidInput(f"no pool was chosen for {disk.target}")
        files = pool.type in FILE_POOLS
        if option.mode is DiskCloneMode.SEED:
            name = volume_name(disk.volume, self.source.name, clone, disk.target, None)
            new = NewVolume(
                self._free_name(pool.key, name), 0, "raw" if files else "", 0 if files else None
            )
            return VolumeStep(pool.key, pool.name, new, files=files)
        overlay = option.mode in (DiskCloneMode.LINKED, DiskCloneMode.BASE)
        format = "qcow2" if overlay else _copy_format(disk) if files else ""
        copy_format = _copy_format(disk) if files else "raw"
        changes = overlay or copy_format != disk.detected_format or not files
        changes = changes or bool(self.source.snapshot)  # its files end in names of snapshots
        ending = (_ENDINGS[format] if files else "") if changes else None
        if overlay and disk.volume.endswith(".qcow2"):
            ending = None
        name = volume_name(disk.volume or disk.path.rpartition("/")[2], self.source.name, clone,
                           disk.target, ending)  # fmt: skip
        name = self._free_name(pool.key, name)
        new = NewVolume(name, disk.capacity, format, 0 if files else None)
        if overlay:
            based = option.mode is DiskCloneMode.BASE
            backing, of = (disk.backing, disk.backing_format) if based else (disk.path, disk.format)
            new = replace(new, backing=backing, backing_format=of)
            return VolumeStep(pool.key, pool.name, new)
        if self.source.active and disk.live:
            return VolumeStep(pool.key, pool.name, new, files=files,
                              mirror_of=(self.source.key.uuid, disk.target))  # fmt: skip
        if disk.pool is None:
            raise InvalidInput(f"{disk.target} is in no pool")
        return VolumeStep(
            pool.key, pool.name, new, copy_of=(disk.pool, disk.volume), files=files,
            reflink=option.mode is DiskCloneMode.REFLINK, streamed=self._streams(disk, option),
        )  # fmt: skip

    def _streams(self, disk: SourceDisk, option: CloneOption) -> bool:
        """True if a disk is copied byte by byte through this computer, which can be cancelled at
        once.

        That is also done where a pool detects another format than the raw one its guest reads: the
        guest may have written that header itself, and libvirt would follow its backing file to any
        file of the host.
        """
        if option.mode is not DiskCloneMode.FULL or option.pool is None:
            return False
        if disk.format == "raw" and disk.detected_format not in ("raw", ""):
            return True
        files = option.pool.type in FILE_POOLS and disk.pool_type in FILE_POOLS
        return (
            self.target.local and files and not disk.backing and _copy_format(disk) == disk.format
        )

    def is_cancellable(self, disk: SourceDisk) -> bool:
        """True if copying a disk can be cancelled at once, or nothing is copied."""
        option = self.options[disk.target]
        if option.mode is not DiskCloneMode.FULL or self.target.host != self.source.key.host:
            return True
        return (self.source.active and disk.live) or self._streams(disk, option)

    def _new_disk(self, disk: SourceDisk, step: VolumeStep) -> NewDisk:
        pool = self.options[disk.target].pool
        if pool is None:
            raise InvalidInput(f"no pool was chosen for {disk.target}")
        kind, where = volume_place(pool, step.new.name)
        return NewDisk(kind, where, step.new.format or "raw", pool.name)

    def describe(self, disk: SourceDisk, clone: str) -> str:
        """Return a line about a disk of a clone."""
        steps = [self._step(disk, clone)] if self.options[disk.target].mode in COPIES else []
        return self._description(disk, steps)

    def _description(self, disk: SourceDisk, steps: Sequence[VolumeStep]) -> str:
        option = self.options[disk.target]
        if option.mode is DiskCloneMode.SKIP:
            return f"{disk.target} is left out"
        if option.mode is DiskCloneMode.SHARE:
            return f"{disk.target} {disk.path}, shared"
        words = {DiskCloneMode.LINKED: "linked", DiskCloneMode.BASE: "linked to the same base",
                 DiskCloneMode.SEED: "new seed"}  # fmt: skip
        how = words.get(option.mode, "reflink" if option.mode is DiskCloneMode.REFLINK else "copy")
        return f"{disk.target} {steps[-1].new.name} in {steps[-1].pool_name}, {how}"


def _with_content(step: VolumeStep, content: bytes) -> VolumeStep:
    return replace(step, new=replace(step.new, capacity=len(content)), content=content)


def _copy_format(disk: SourceDisk) -> str:
    """Return the format of a copy in a pool of files: the same if libvirt can create it, else
    raw."""
    return disk.format if disk.format in _ENDINGS else "raw"

"""A form that clones a domain: its fields, what they come to, and the commands that make it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from virttui.model.commands import Command, Target, Verb
from virttui.model.documents import Document, Option
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.model.identity import Kind, ObjectId
from virttui.model.provision.clone import (
    ClonePlan,
    ClonePreview,
    CloneSource,
    CloneTargetHost,
    DiskCloneMode,
    SourceDisk,
)
from virttui.model.provision.plan import FileCopy, ProvisionPlan, Sysprep, VolumeStep
from virttui.model.volumes import FILE_POOLS, NewVolume, free_name
from virttui.planning.clone.cloud_init import host_name, renewed
from virttui.planning.clone.disk_options import (
    COPIES,
    CloneOption,
    choices,
    chosen,
    field_of,
    place,
    usual,
)
from virttui.planning.clone.disk_options import value_of as shown
from virttui.planning.clone.names import OWN, names, next_name, volume_name
from virttui.planning.clone.virt_clone import by_hand, source_by_hand
from virttui.planning.clone.warnings import PROGRAM, notes_of, renewed_in, room_for
from virttui.planning.clone.xml import (
    CloneIdentity,
    NewDisk,
    cloned,
    macs_of,
    moved,
    nics,
    nvram_for,
)
from virttui.planning.form import choice
from virttui.planning.new_ids import IdGenerator

Sites = Sequence[CloneTargetHost]
_LISTED = 12
"""So many clones are listed with their volumes before they are worked out."""
ONE_BY_ONE = "one by one"
_ENDINGS = {"qcow2": ".qcow2", "raw": ".raw"}


def target_host(entered: FormValues, source: CloneSource, sites: Sites) -> CloneTargetHost:
    """The host that is chosen, else that of the source."""
    wanted = entered.get("host", "")
    own = next((site for site in sites if site.host == source.key.host), sites[0])
    return next((site for site in sites if site.name == wanted), own)


def form_fields(entered: FormValues, source: CloneSource, sites: Sites) -> tuple[FormField, ...]:
    """The fields, with the values they have as given or else as usual."""
    site = target_host(entered, source, sites)
    proposed = next_name(source.name, site.names)
    name = FormField(
        "name", "new name", entered.get("name", proposed), note=_counted(entered, proposed)
    )
    fields = [name]
    if len(sites) > 1:
        hosts = tuple(
            Option(one.name, "same host" if one.host == source.key.host else "another host")
            for one in sites
        )
        fields.append(choice("host", "host", hosts, entered, usual=site.name))
    starts = [Option("no", "it stays off"), Option("yes", "each as soon as it is created")]
    if _count(entered, proposed) > 1:
        starts.append(Option(ONE_BY_ONE, "when the one before answers"))
    fields.append(choice("start", "start", starts, entered))
    if source.sysprep and site.host == source.key.host:
        seeded = any(disk.seed is not None for disk in source.disks)
        inside = (
            Option("as it is", "but for its seed" if seeded else "nothing is reset"),
            Option(PROGRAM, "machine-id, ssh keys, host name"),
        )
        fields.append(choice("inside", "inside", inside, entered))
    for disk in source.disks:
        able = choices(disk, source, site)
        options = tuple(shown(one, disk) for one in able.values())
        typed, first = entered.get(field_of(disk), ""), usual(disk, source, site)
        value = typed if typed in able else first.name if first is not None else ""
        fields.append(FormField(field_of(disk), _label(disk), value, options, only=True))
    return tuple(fields)


def _label(disk: SourceDisk) -> str:
    return disk.target if disk.device == "disk" else f"{disk.target} {disk.device}"


def _count(entered: FormValues, proposed: str) -> int:
    try:
        return len(names(entered.get("name", proposed)))
    except InvalidInput:
        return 1


def _counted(entered: FormValues, proposed: str) -> str:
    count = _count(entered, proposed)
    return f"{count} clones" if count > 1 else "or web-{01..20}, web-{a,b}"


def preview(entered: FormValues, source: CloneSource, sites: Sites) -> ClonePreview:
    """What it comes to. Raises InvalidInput, in words, while it cannot be made."""
    site = target_host(entered, source, sites)
    found = _names(entered, source, site)
    ways = {disk.target: chosen(entered, disk, source, site) for disk in source.disks}
    _same_kind(source, ways)
    room = room_for(source, site, ways, len(found))
    first = _Making(source, site, ways)
    told = [tuple(first.says(disk, name) for disk in source.disks) for name in found[:_LISTED]]
    meaning = f"{found[0]} is created from {source.name}."
    if len(found) > 1:
        meaning = f"{len(found)} clones: {found[0]} … {found[-1]}."
    ends = all(first.ends(disk) for disk in source.disks)
    notes = notes_of(source, site, ways, found, ends=ends, sysprep=_resets(entered, source, site))
    made = [disk for disk in source.disks if ways[disk.target].how in COPIES]
    copied = sum(disk.allocation for disk in made if ways[disk.target].how is DiskCloneMode.FULL)
    called = "its name is" if len(found) == 1 else f"{len(found)} names are"
    checks = (f"{called} free on {site.name}", *room)
    return ClonePreview(
        found, meaning, told[0], notes, tuple(told[1:]), checks,
        renewed_in(source, ways, sysprep=_resets(entered, source, site)),
        len(made) * len(found), copied * len(found), ends,
    )  # fmt: skip


def _resets(entered: FormValues, source: CloneSource, site: CloneTargetHost) -> bool:
    """True if virt-sysprep is run: only where it was offered."""
    able = source.sysprep and site.host == source.key.host
    return able and entered.get("inside") == PROGRAM


def _names(entered: FormValues, source: CloneSource, site: CloneTargetHost) -> tuple[str, ...]:
    found = names(entered.get("name", next_name(source.name, site.names)))
    taken = [name for name in found if name in site.names]
    if taken:
        raise InvalidInput(f"{site.name} has a domain called {taken[0]} already")
    return found


def _same_kind(source: CloneSource, ways: Mapping[str, CloneOption]) -> None:
    """A disk that is written to by several guests at once loses what is on it."""
    for disk in source.disks:
        if (
            ways[disk.target].how is DiskCloneMode.SHARE
            and not disk.shared
            and disk.device == "disk"
        ):
            raise InvalidInput(
                f"{disk.target} is written to: two guests on it destroy it. Mark it read-only or"
                " shareable first, or copy it"
            )


def plan(
    entered: FormValues,
    source: CloneSource,
    sites: Sites,
    new_ids: IdGenerator,
) -> ClonePlan:
    """All that makes the clones. Raises InvalidInput while they cannot be made."""
    known = preview(entered, source, sites)
    site = target_host(entered, source, sites)
    ways = {disk.target: chosen(entered, disk, source, site) for disk in source.disks}
    making = _Making(
        source,
        site,
        ways,
        new_ids,
        sysprep=_resets(entered, source, site),
    )
    before = making.source_on_overlays()
    made = [making.clone(name, start=entered.get("start") == "yes") for name in known.names]
    after: list[Command] = []
    if entered.get("start") == ONE_BY_ONE and len(made) > 1:
        # All are made first: who waits for an agent keeps no copy waiting.
        after = [Command(Verb.START, command.target) for command in made]
    stepwise = bool(before or after)
    return ClonePlan((*before, *made, *after), known, tuple(making.made), in_sequence=stepwise)


@dataclass(slots=True)
class _Making:
    """What is made of one source, one clone after the other; names and MACs are given once."""

    source: CloneSource
    site: CloneTargetHost
    ways: Mapping[str, CloneOption]
    new_ids: IdGenerator = field(default_factory=lambda: IdGenerator(()))
    made: list[str] = field(default_factory=list)
    sysprep: bool = False
    _taken: dict[str, set[str]] = field(default_factory=dict)

    def _free(self, pool: ObjectId, name: str) -> str:
        """A name that no volume of a pool has, and that none will have."""
        if pool.uuid not in self._taken:
            known = (self.source.volumes, self.site.volumes)
            self._taken[pool.uuid] = {name for told in known for name in told.get(pool.uuid, ())}
        found = free_name(name, self._taken[pool.uuid])
        self._taken[pool.uuid].add(found)
        return found

    # -- the source itself -------------------------------------------------------------------

    def source_on_overlays(self) -> list[Command]:
        """Put the source on overlays of its own where its disks become bases: first of all."""
        source, target = self.source, Target(Kind.DOMAIN, self.source.key, self.source.name)
        steps: list[VolumeStep] = []
        disks: dict[str, NewDisk] = {}
        for disk in source.disks:
            if self.ways[disk.target].how is not DiskCloneMode.LINKED or disk.pool is None:
                continue
            stem = (disk.volume.rpartition(".")[0] or disk.volume).removesuffix(OWN)
            name = self._free(disk.pool, f"{stem}{OWN}.qcow2")
            new = NewVolume(name, disk.capacity, "qcow2", 0, backing=disk.path,
                            backing_format=disk.format)  # fmt: skip
            steps.append(VolumeStep(disk.pool, disk.pool_name, new))
            path = f"{disk.path.rpartition('/')[0]}/{name}"
            disks[disk.target] = NewDisk("file", path, "qcow2")
            self.made.append(f"{source.name} {disk.target} goes on on {name}, over {disk.volume}")
        if not disks:
            return []
        plan = ProvisionPlan(
            source.name, moved(source.xml, disks), tuple(steps), replaces_xml=source.xml,
            equivalent_command=source_by_hand(steps, source, self.site),
        )  # fmt: skip
        document = Document(Kind.DOMAIN, source.key, source.name)
        return [Command(Verb.PROVISION, target, document=document, plan=plan)]

    # -- one clone ---------------------------------------------------------------------------

    def clone(self, name: str, *, start: bool) -> Command:
        """The command that makes one clone."""
        source, uuid = self.source, self.new_ids.uuid()
        addresses = [self.new_ids.mac() for _ in range(nics(source.xml))]
        self.made.append(" ".join([name, *addresses]))
        macs = tuple(zip(macs_of(source.xml), addresses, strict=True))
        steps: list[VolumeStep] = []
        disks: dict[str, NewDisk | None] = {}
        for disk in source.disks:
            way = self.ways[disk.target]
            if way.how is DiskCloneMode.SKIP:
                disks[disk.target] = None
            elif way.how in COPIES:
                step = self._step(disk, name)
                if way.how is DiskCloneMode.SEED and disk.seed is not None:
                    step = _with(step, renewed(disk.seed, name, uuid, macs))
                steps.append(step)
                disks[disk.target] = self._on(disk, step)
            self.made.append(f"  {self._told(disk, steps)}")
        who = CloneIdentity(name, uuid, tuple(addresses), disks)
        nvram = nvram_for(source.xml, who, source.nvram)
        who = replace(who, nvram=nvram)
        copy = FileCopy(source.key.host, source.nvram, nvram) if nvram and source.nvram else None
        plan = ProvisionPlan(
            name, cloned(source.xml, who), tuple(steps), start=start, nvram=copy,
            read_only_bases=tuple(step.new.backing for step in steps if step.new.backing),
            sysprep=self._sysprep(name, disks),
        )  # fmt: skip
        plan = replace(
            plan, equivalent_command=by_hand(plan, addresses, self.source, self.site, self.ways)
        )
        target = Target(Kind.DOMAIN, ObjectId(self.site.host, uuid), name)
        return Command(Verb.PROVISION, target, plan=plan)

    def _sysprep(self, name: str, disks: Mapping[str, NewDisk | None]) -> Sysprep | None:
        """What is reset in the clone's own volumes: none that it shares, and no seed."""
        if not self.sysprep:
            return None
        hows = {target: self.ways[target].how for target in disks}
        own = [
            (one.path, one.format)
            for target, one in disks.items()
            if one is not None and hows[target] is not DiskCloneMode.SEED and one.kind != "volume"
        ]
        return Sysprep(tuple(own), host_name(name)) if own else None

    def _step(self, disk: SourceDisk, clone: str) -> VolumeStep:
        """The volume of one disk."""
        way = self.ways[disk.target]
        pool = way.pool
        if pool is None:
            raise InvalidInput(f"no pool was chosen for {disk.target}")
        files = pool.type in FILE_POOLS
        if way.how is DiskCloneMode.SEED:
            name = volume_name(disk.volume, self.source.name, clone, disk.target, None)
            new = NewVolume(
                self._free(pool.key, name), 0, "raw" if files else "", 0 if files else None
            )
            return VolumeStep(pool.key, pool.name, new, files=files)
        overlay = way.how in (DiskCloneMode.LINKED, DiskCloneMode.BASE)
        format = "qcow2" if overlay else _format(disk) if files else ""
        known = _format(disk) if files else "raw"
        changes = overlay or known != disk.detected_format or not files
        ending = (_ENDINGS[format] if files else "") if changes else None
        if overlay and disk.volume.endswith(".qcow2"):
            ending = None
        name = volume_name(disk.volume or disk.path.rpartition("/")[2], self.source.name, clone,
                           disk.target, ending)  # fmt: skip
        name = self._free(pool.key, name)
        new = NewVolume(name, disk.capacity, format, 0 if files else None)
        if overlay:
            based = way.how is DiskCloneMode.BASE
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
            reflink=way.how is DiskCloneMode.REFLINK, streamed=self._streams(disk, way),
        )  # fmt: skip

    def _streams(self, disk: SourceDisk, way: CloneOption) -> bool:
        """True if it is copied as it is, byte by byte, by us: that can be ended at once.

        Also where a pool takes for an image what its guest reads as raw: the guest may have
        written that itself, and libvirt would follow it to any file of the host.
        """
        if way.how is not DiskCloneMode.FULL or way.pool is None:
            return False
        if disk.format == "raw" and disk.detected_format not in ("raw", ""):
            return True
        files = way.pool.type in FILE_POOLS and disk.pool_type in FILE_POOLS
        return self.site.local and files and not disk.backing and _format(disk) == disk.format

    def ends(self, disk: SourceDisk) -> bool:
        """True if its copy, where it is one, can be broken off at once."""
        way = self.ways[disk.target]
        if way.how is not DiskCloneMode.FULL or self.site.host != self.source.key.host:
            return True
        return (self.source.active and disk.live) or self._streams(disk, way)

    def _on(self, disk: SourceDisk, step: VolumeStep) -> NewDisk:
        pool = self.ways[disk.target].pool
        if pool is None:
            raise InvalidInput(f"no pool was chosen for {disk.target}")
        kind, where = place(pool, step.new.name)
        return NewDisk(kind, where, step.new.format or "raw", pool.name)

    def says(self, disk: SourceDisk, clone: str) -> str:
        """What becomes of a disk, in words."""
        steps = [self._step(disk, clone)] if self.ways[disk.target].how in COPIES else []
        return self._told(disk, steps)

    def _told(self, disk: SourceDisk, steps: Sequence[VolumeStep]) -> str:
        way = self.ways[disk.target]
        if way.how is DiskCloneMode.SKIP:
            return f"{disk.target} is left out"
        if way.how is DiskCloneMode.SHARE:
            return f"{disk.target} {disk.path}, shared"
        words = {DiskCloneMode.LINKED: "linked", DiskCloneMode.BASE: "linked to the same base",
                 DiskCloneMode.SEED: "new seed"}  # fmt: skip
        how = words.get(way.how, "reflink" if way.how is DiskCloneMode.REFLINK else "copy")
        return f"{disk.target} {steps[-1].new.name} in {steps[-1].pool_name}, {how}"


def _with(step: VolumeStep, content: bytes) -> VolumeStep:
    return replace(step, new=replace(step.new, capacity=len(content)), content=content)


def _format(disk: SourceDisk) -> str:
    """The format of a copy in a pool of files: the same where libvirt makes such, else raw."""
    return disk.format if disk.format in _ENDINGS else "raw"

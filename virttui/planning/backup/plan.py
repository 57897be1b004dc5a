"""What the next backup of a domain does, of what is known of it at this moment; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from virttui.libvirtxml.backup.read import Checkpoint, DiskDefinition
from virttui.model.backup.arguments import BackupArguments, BackupMode, BackupPlan, PlannedDisk
from virttui.model.backup.chains import chain_of, damaged, newest_first
from virttui.model.backup.manifest import BackupDisk, BackupKind, LeftOut, StoredBackup
from virttui.model.volumes import FILE_POOLS
from virttui.planning.backup import names


class DiskFacts(Struct, frozen=True):
    """A disk of the domain; sizes are bytes, None where libvirt does not tell.

    ``bitmaps``: its image can store dirty bitmaps, as far as is known.
    """

    definition: DiskDefinition
    capacity: int | None = None
    allocation: int | None = None
    bitmaps: bool = True


class BackupFacts(Struct, frozen=True):
    """What is known before a backup. ``backups`` are those of the domain in the pool.

    ``available`` are the free bytes of the pool, None where it does not tell. ``agent``: the guest
    agent is connected. ``tpm``: the domain has an emulated TPM. ``job`` is what libvirt does on the
    domain now, "" for nothing. ``volumes`` are the names of those in the pool.
    ``saved``: it has a saved state.
    """

    name: str
    active: bool
    disks: tuple[DiskFacts, ...]
    checkpoints: tuple[Checkpoint, ...] = ()
    backups: tuple[StoredBackup, ...] = ()
    pool_type: str = "dir"
    pool_path: str = ""
    available: int | None = None
    agent: bool = False
    nvram: str = ""
    tpm: bool = False
    job: str = ""
    internal_snapshots: int = 0
    volumes: tuple[str, ...] = ()
    saved: bool = False


def plan_backup(
    facts: BackupFacts, arguments: BackupArguments, moment: float, token: str
) -> BackupPlan:
    """Return what a backup at ``moment`` does; ``token`` makes its checkpoint's name unique."""
    id = _free_id(facts, moment)
    stem = names.stem(facts.name, id)
    chosen, left_out = _selected(facts, arguments)
    base, because = _base(facts, arguments.mode)
    planned = tuple(_disk(disk, stem, base, facts) for disk in chosen)
    kind = BackupKind.FULL
    if base is not None and any(one.backing for one in planned):
        kind = (
            BackupKind.DIFFERENTIAL
            if arguments.mode is BackupMode.DIFFERENTIAL
            else BackupKind.INCREMENTAL
        )
        planned = tuple(replace(one, kind=kind) if one.backing else one for one in planned)
    else:
        base = None
    has_bitmap = any(one.bitmap for one in planned)
    plan = BackupPlan(
        id=id,
        kind=kind,
        stem=stem,
        disks=planned,
        left_out=(*left_out, *_never_in_it(facts)),
        base=base,
        checkpoint=names.checkpoint_name(id, token) if has_bitmap else "",
        quiesce=arguments.quiesce and facts.agent and facts.active,
        starts_paused=not facts.active and arguments.start_paused,
        nvram=facts.nvram,
        available=facts.available,
        full_because=because if base is None else "",
    )
    blockers = tuple(_blockers(facts, arguments, plan))
    return replace(plan, blockers=blockers, warnings=tuple(_warnings(facts, plan)))


def _free_id(facts: BackupFacts, moment: float) -> str:
    """The id of this second, or of the first one after it that no volume's name has."""
    while True:
        id = names.backup_id(moment)
        stem = names.stem(facts.name, id)
        if not any(one.startswith(stem) for one in facts.volumes):
            return id
        moment += 1


def _selected(
    facts: BackupFacts, arguments: BackupArguments
) -> tuple[list[DiskFacts], list[LeftOut]]:
    """The disks that are in it, and the others with the reason."""
    chosen: list[DiskFacts] = []
    left_out: list[LeftOut] = []
    for disk in facts.disks:
        definition = disk.definition
        if not definition.source:
            continue
        left_out_by_hand = definition.target in arguments.without
        reason = "you left it out" if left_out_by_hand else _why_not(disk, active=facts.active)
        if reason:
            left_out.append(LeftOut(definition.target, reason))
        else:
            chosen.append(disk)
    return chosen, left_out


def _why_not(disk: DiskFacts, *, active: bool) -> str:
    """Why a disk is in no backup, "" where it is in it."""
    definition = disk.definition
    if definition.device in ("cdrom", "floppy"):
        return f"it is a {definition.device}"
    if definition.device == "lun":
        return "it is a device of the host that is passed through: only its server can copy it"
    if definition.read_only:
        return "it is read-only: nothing is written to it"
    if definition.transient:
        return "it is transient: what is written to it is dropped when the domain is off"
    if definition.encrypted:
        return "it is encrypted, and its backup would not be: anybody could read it"
    if definition.format not in ("qcow2", "raw"):
        return f"its format is {definition.format}, and QEMU backs up qcow2 and raw"
    if not disk.capacity and active:
        return "its size is not known"
    return ""


def _never_in_it(facts: BackupFacts) -> list[LeftOut]:
    if not facts.tpm:
        return []
    return [
        LeftOut("tpm", "libvirt does not hand out the state of a TPM: a restored one begins empty")
    ]


# -- the backup that it follows ------------------------------------------------------------------


def _base(facts: BackupFacts, mode: BackupMode) -> tuple[StoredBackup | None, str]:
    """The backup that this one follows, or None and why there is none."""
    if mode is BackupMode.FULL:
        return None, ""
    found = newest_first(facts.backups)
    if not found:
        return None, "it is the first one in this pool"
    reasons: list[str] = []
    for backup in found:
        candidate = backup
        if mode is BackupMode.DIFFERENTIAL:
            full = _full_of(backup, facts.backups)
            if full is None:
                continue
            candidate = full
        if reason := _unfit(candidate, facts):
            reasons.append(reason)
            # An older one would leave out of the chain what this one knows; only a broken or
            # deleted one is passed over.
            continue
        return candidate, ""
    return None, reasons[0] if reasons else "none of its backups is complete"


def _full_of(backup: StoredBackup, backups: Sequence[StoredBackup]) -> StoredBackup | None:
    return None if damaged(backup, backups) else chain_of(backup.manifest.id, backups)[0]


def _unfit(backup: StoredBackup, facts: BackupFacts) -> str:
    """Why nothing can follow a backup, "" where something can."""
    id, checkpoint = backup.manifest.id, backup.manifest.checkpoint
    if why := damaged(backup, facts.backups):
        return f"the backup {id} is not complete: {why}"
    if checkpoint is None:
        return f"the backup {id} has no checkpoint: its disks hold no bitmaps"
    if checkpoint.name not in {one.name for one in facts.checkpoints}:
        return f"the checkpoint of the backup {id} is gone from the host"
    return ""


def _disk(disk: DiskFacts, stem: str, base: StoredBackup | None, facts: BackupFacts) -> PlannedDisk:
    """One disk: incremental where the backup before has it and its checkpoint covers it."""
    definition, capacity = disk.definition, disk.capacity or 0
    target = definition.target
    bitmap = definition.format == "qcow2" and disk.bitmaps
    planned = PlannedDisk(
        target=target,
        kind=BackupKind.FULL,
        capacity=capacity,
        format=definition.format,
        source=definition.source,
        volume=names.disk_volume(stem, target),
        estimate=disk.allocation,
        bitmap=bitmap,
    )
    reason = _no_bitmap(disk)
    if base is None or reason:
        return replace(planned, reason=reason)
    before = base.manifest.disk(target)
    checkpoint = base.manifest.checkpoint
    known = next(
        (one for one in facts.checkpoints if checkpoint and one.name == checkpoint.name), None
    )
    if reason := _cannot_follow(before, capacity, known, target):
        return replace(planned, reason=reason)
    assert before is not None and known is not None
    return replace(
        planned,
        kind=BackupKind.INCREMENTAL,
        since=known.name,
        backing=before.volume,
        estimate=known.sizes.get(target),
    )


def _no_bitmap(disk: DiskFacts) -> str:
    if disk.definition.format != "qcow2":
        return "it is raw: it is copied in full each time"
    if not disk.bitmaps:
        return (
            "its qcow2 is of version 2, which stores no bitmaps: it is copied in full each time; "
            "qemu-img amend -o compat=1.1 cures it while the domain is off"
        )
    return ""


def _cannot_follow(
    before: BackupDisk | None, capacity: int, known: Checkpoint | None, target: str
) -> str:
    if before is None:
        return "it is new: the backup before does not have it"
    if capacity and before.capacity != capacity:
        return "it was resized since the backup before"
    if known is None or target not in known.disks:
        return "the checkpoint of the backup before does not cover it"
    return ""


# -- what stands against it, and what has to be said -----------------------------------------------


def _blockers(facts: BackupFacts, arguments: BackupArguments, plan: BackupPlan) -> Iterable[str]:
    if not facts.active and not arguments.start_paused:
        yield f"{facts.name} is off: libvirt backs up running domains; start it, paused if need be"
    if not facts.active and facts.saved:
        yield "it has a saved state, which a start would take: start it, or drop the state (W)"
    if facts.job:
        yield f"libvirt does another job on it now ({facts.job}): wait for its end, or end it"
    if facts.pool_type not in FILE_POOLS:
        yield f"{arguments.pool_name} is a pool of type {facts.pool_type}: a backup needs files"
    if not plan.disks:
        yield "no disk of it can be backed up"
    unknown = set(arguments.without) - {disk.definition.target for disk in facts.disks}
    if unknown:
        yield f"it has no disk {', '.join(sorted(unknown))}"
    wanted = (BackupMode.INCREMENTAL, BackupMode.DIFFERENTIAL)
    if arguments.mode in wanted and plan.base is None:
        because = plan.full_because or "none of its disks can follow the backup before"
        yield f"no {arguments.mode} backup is possible: {because}"
    estimate = plan.estimate
    if estimate is not None and facts.available is not None and estimate > facts.available:
        yield f"it does not fit into {arguments.pool_name}: free some space there first"


def _warnings(facts: BackupFacts, plan: BackupPlan) -> Iterable[str]:
    folder = facts.pool_path.rstrip("/") + "/"
    beside = [one.target for one in plan.disks if facts.pool_path and one.source.startswith(folder)]
    if beside:
        disks = ", ".join(beside)
        yield f"the backup lies beside {disks}: what breaks that disk breaks both"
    if plan.checkpoint and facts.internal_snapshots:
        yield (
            "it has internal snapshots: once it has checkpoints libvirt cannot revert to one; "
            "the revert would end the guest"
        )
    if plan.starts_paused:
        yield (
            "it is off: it is started paused for the copy and ended after it; "
            "none of its instructions is run"
        )
    if facts.active and not facts.agent:
        yield "its agent is not connected: its file systems are saved as after a power cut"

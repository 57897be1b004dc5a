"""The arguments of the commands on backups, and what is planned before one."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from virttui.model.backup.manifest import BackupKind, LeftOut, StoredBackup
from virttui.model.identity import ObjectId


class BackupMode(StrEnum):
    """What kind of backup is asked for. AUTOMATIC: incremental where that can be, else full."""

    AUTOMATIC = "automatic"
    FULL = "full"
    INCREMENTAL = "incremental"
    DIFFERENTIAL = "differential"


class BackupArguments(Struct, frozen=True):
    """BACK_UP: a backup of the domain into ``pool`` of its host.

    ``quiesce``: the guest's writes are held for the moment of it, where its agent answers.
    ``without`` are the targets of disks that are left out. ``start_paused``: a domain that is off
    is started paused for it, and ended after it; no instruction of it is run.
    """

    pool: ObjectId
    pool_name: str
    mode: BackupMode = BackupMode.AUTOMATIC
    quiesce: bool = True
    without: tuple[str, ...] = ()
    start_paused: bool = False


class VerifyArguments(Struct, frozen=True):
    """VERIFY_BACKUP: the backups of these ids in ``pool`` with all that they need; without ids all
    of the domain."""

    pool: ObjectId
    pool_name: str
    ids: tuple[str, ...] = ()


class DeleteBackupArguments(Struct, frozen=True):
    """DELETE_BACKUP: the backups of these ids in ``pool``, none of which another one needs."""

    pool: ObjectId
    pool_name: str
    ids: tuple[str, ...]


class PlannedDisk(Struct, frozen=True):
    """What a backup will hold of one disk.

    ``since`` is the checkpoint that an incremental one begins at, ``backing`` the volume that it
    lies on. ``estimate`` are the bytes that it will take, None where nothing tells. ``reason`` says
    why it is full where the others are not, "" where nothing is to be said. ``bitmap``: the
    checkpoint covers it, so that it can be incremental next time.
    """

    target: str
    kind: BackupKind
    capacity: int
    format: str
    source: str
    volume: str
    since: str = ""
    backing: str = ""
    estimate: int | None = None
    reason: str = ""
    bitmap: bool = False


class BackupPlan(Struct, frozen=True):
    """What a backup would do at this moment.

    ``blockers`` are sentences that forbid it; ``warnings`` do not. ``base`` is the backup that it
    follows, None for a full one. ``checkpoint`` is the name of the one that is made, "" for none.
    ``starts_paused``: the domain is off, and is started paused for it.
    ``nvram`` is the path of the firmware variables, "" without. ``full_because`` says why it is
    full where incremental was possible in principle.
    """

    id: str
    kind: BackupKind
    stem: str
    disks: tuple[PlannedDisk, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    base: StoredBackup | None = None
    checkpoint: str = ""
    quiesce: bool = False
    starts_paused: bool = False
    nvram: str = ""
    available: int | None = None
    full_because: str = ""
    blockers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def estimate(self) -> int | None:
        """The bytes of all disks; None where one of them is not known."""
        sizes = [one.estimate for one in self.disks]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None

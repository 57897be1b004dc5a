"""Backups for tests of planners: chains without files."""

from __future__ import annotations

from virttui.model.backup.manifest import (
    BackupCheck,
    BackupCheckpoint,
    BackupDisk,
    BackupKind,
    BackupManifest,
    Consistency,
    StoredBackup,
)

UUID = "6dd8a1bb-2f4a-4b2a-8f0e-0c6f3a1d2b77"
POOL = "11111111-2222-4333-8444-555555555555"
DAY = 86_400.0
MOMENT = 1_796_000_000.0
GIB = 1024**3


def backup_id(day: int) -> str:
    """The id of a backup of a day."""
    return f"202611{day:02}T010000Z"


def stored(
    day: int,
    parent: int | None = None,
    *,
    disks: tuple[str, ...] = ("vda",),
    good: bool | None = None,
    missing: tuple[str, ...] = (),
    checkpoint: bool = True,
    capacity: int = 10 * GIB,
) -> StoredBackup:
    """A backup of a day of November, on the one of ``parent``; ``good``: what a verify found."""
    id, before = backup_id(day), backup_id(parent) if parent is not None else ""
    kind = BackupKind.INCREMENTAL if before else BackupKind.FULL
    found = tuple(
        BackupDisk(
            target, kind, capacity, "qcow2", f"/images/web-{target}", f"web-{id}-{target}.qcow2",
            f"web-{before}-{target}.qcow2" if before else "", GIB, "0" * 64,
        )
        for target in disks
    )  # fmt: skip
    manifest = BackupManifest(
        id=id,
        uuid=UUID,
        domain="web",
        kind=kind,
        begun=MOMENT + day * DAY,
        ended=MOMENT + day * DAY + 60,
        consistency=Consistency.CRASH,
        disks=found,
        definition="<domain/>",
        parent=before,
        checkpoint=BackupCheckpoint(f"virttui-{id}-abc") if checkpoint else None,
    )
    check = None if good is None else BackupCheck(id, MOMENT + (day + 1) * DAY, good, "")
    return StoredBackup(POOL, "vault", f"web-{id}.backup.json", manifest, check, missing)

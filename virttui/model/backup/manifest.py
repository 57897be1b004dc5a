"""The manifest of a backup: everything that a restore needs to know, in one JSON file beside it.

``docs/backup.md`` describes the file for people; what it is called and what it holds is frozen.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

FORMAT = "virttui-backup"
VERSION = 1


class BackupKind(StrEnum):
    """What a backup holds of a disk.

    FULL: all of it. INCREMENTAL: what was written since the backup before. DIFFERENTIAL: what was
    written since the full one of its chain.
    """

    FULL = "full"
    INCREMENTAL = "incremental"
    DIFFERENTIAL = "differential"


class Consistency(StrEnum):
    """The state of the guest's file systems at the moment of a backup.

    QUIESCED: its agent held the writes, so that file systems are whole. CRASH: as after a power
    cut. OFF: the domain was off.
    """

    QUIESCED = "quiesced"
    CRASH = "crash-consistent"
    OFF = "off"


class BackupDisk(Struct, frozen=True):
    """One disk in a backup. ``target`` is its name in the definition ("vda"); sizes are bytes.

    ``source`` is the image that it had, in ``format``, with ``capacity`` for the guest. ``volume``
    is the qcow2 file of the backup, ``backing`` the volume that it lies on, "" for a full one.
    ``size`` is the length of that file, and ``sha256`` the checksum of its bytes.
    """

    target: str
    kind: BackupKind
    capacity: int
    format: str
    source: str
    volume: str
    backing: str = ""
    size: int = 0
    sha256: str = ""


class BackupFile(Struct, frozen=True):
    """A file in a backup that is no disk. ``what`` is "nvram"; ``path`` is where it was."""

    what: str
    path: str
    volume: str
    size: int
    sha256: str


class LeftOut(Struct, frozen=True):
    """A part of a domain that is not in a backup ("vdb", "tpm"), and why."""

    what: str
    reason: str


class BackupCheckpoint(Struct, frozen=True):
    """The checkpoint that was made with a backup; ``parent`` is the one before it in libvirt.

    ``xml`` defines it again on a host that does not know it.
    """

    name: str
    parent: str = ""
    xml: str = ""


class BackupManifest(Struct, frozen=True):
    """One backup of one domain, in a pool. Moments are seconds since 1970.

    ``id`` is its moment in UTC, once for each domain and pool. ``parent`` is the id of the backup
    that this one needs, "" for a full one. ``frozen_seconds`` is how long the guest's writes were
    held. ``definition`` is the stored one, without passwords. ``sha256`` is the checksum of the
    manifest itself without that field.
    """

    id: str
    uuid: str
    domain: str
    kind: BackupKind
    begun: float
    ended: float
    consistency: Consistency
    disks: tuple[BackupDisk, ...]
    definition: str
    parent: str = ""
    host: str = ""
    libvirt: str = ""
    frozen_seconds: float | None = None
    files: tuple[BackupFile, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    checkpoint: BackupCheckpoint | None = None
    format: str = FORMAT
    version: int = VERSION
    sha256: str = ""

    def disk(self, target: str) -> BackupDisk | None:
        """The disk of a target, or None."""
        return next((one for one in self.disks if one.target == target), None)

    @property
    def size(self) -> int:
        """The bytes of its volumes."""
        return sum(one.size for one in self.disks) + sum(one.size for one in self.files)

    @property
    def volumes(self) -> tuple[str, ...]:
        """The names of the volumes that it alone has, without the manifest."""
        return (*(one.volume for one in self.disks), *(one.volume for one in self.files))


class BackupCheck(Struct, frozen=True):
    """What verifying a backup found: ``lines`` say it, each with whether it is well.

    ``at`` is in seconds since 1970. ``manifest`` is the checksum of the manifest that was verified.
    """

    id: str
    at: float
    good: bool
    manifest: str
    lines: tuple[tuple[bool, str], ...] = ()


class StoredBackup(Struct, frozen=True):
    """A backup as it was found in a pool. ``manifest_volume`` is the name of its manifest.

    ``check`` is what the last verification found, None where there was none. ``missing`` are the
    volumes of it that the pool does not have.
    """

    pool: str
    pool_name: str
    manifest_volume: str
    manifest: BackupManifest
    check: BackupCheck | None = None
    missing: tuple[str, ...] = ()

    @property
    def verified(self) -> float | None:
        """When it was verified to be good, None where it was not."""
        return self.check.at if self.check is not None and self.check.good else None

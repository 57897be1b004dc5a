"""Whether backups can be restored: every file is read again and compared with its manifest.

A backup is good when its own files are, and those of every backup that it needs. What was found is
kept beside it in the pool, so that other programs and other computers know it too.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

import libvirt

from virttui import formatting
from virttui.appliances.qemu_img import check_qcow2, missing_program
from virttui.hypervisor.backup.checksums import checksum_of
from virttui.hypervisor.backup.small_volumes import find_volume, write_volume
from virttui.hypervisor.backup.stored import backups_in
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.calls import or_none
from virttui.hypervisor.connection.types import Connection, PoolHandle, VolumeHandle
from virttui.hypervisor.provision.upload_download import length_of
from virttui.hypervisor.queries.host_files import HostFiles
from virttui.libvirtxml import read
from virttui.model.backup.arguments import VerifyArguments
from virttui.model.backup.chains import chain_of, newest_first
from virttui.model.backup.manifest import BackupCheck, BackupDisk, BackupFile, StoredBackup
from virttui.model.commands import Command
from virttui.model.errors import InvalidInput, Refused
from virttui.planning.backup.manifest_file import check_bytes
from virttui.planning.backup.names import check_volume

Line = tuple[bool, str]
"""Whether something is well, and a sentence about it."""


def verify(
    connection: Connection, command: Command, arguments: VerifyArguments, control: TaskControl
) -> str:
    """Verify backups of a domain with all that they need; returns words.

    Raises Refused that names the first that is not good; all are looked at before.
    """
    pool = connection.storagePoolLookupByUUIDString(arguments.pool.uuid)
    count, size = require_good(connection, pool, command.target.key.uuid, arguments.ids, control)
    read_bytes = formatting.short_size(size)
    return f"{formatting.counted(count, 'backup')} verified, {read_bytes} read: all agree"


def require_good(
    connection: Connection,
    pool: PoolHandle,
    uuid: str,
    ids: Sequence[str],
    control: TaskControl,
) -> tuple[int, int]:
    """Verify backups of a domain with all that they need, all of its backups without ``ids``.

    Returns how many were looked at, and their bytes. Raises Refused that names the first one that
    is not good.
    """
    backups = backups_in(connection, pool, uuid=uuid).backups
    ids = ids or tuple(one.manifest.id for one in newest_first(backups))
    if not ids:
        raise Refused(f"{pool.name()} has no backup of it")
    work = _Verification(connection, pool, backups, control)
    needed = work.needed(ids)
    checks = work.check(needed)
    bad = [checks[id] for id in ids if not checks[id].good]
    if bad:
        first = next((words for good, words in bad[0].lines if not good), "it is not complete")
        others = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise Refused(
            f"the backup {bad[0].id} is not good: {first}{others}",
            advice="take a full one now; restore an older one that verifies",
        )
    return len(needed), work.done


class _Verification:
    """Verifies backups of one domain in one pool; each file is read once."""

    def __init__(
        self,
        connection: Connection,
        pool: PoolHandle,
        backups: Sequence[StoredBackup],
        control: TaskControl,
    ) -> None:
        self._connection, self._pool, self._control = connection, pool, control
        self._backups = backups
        self._files = HostFiles.of(connection)
        self._total = self.done = 0

    def needed(self, ids: Sequence[str]) -> tuple[StoredBackup, ...]:
        """These backups and all that they need, oldest first. Raises InvalidInput for an id that
        no backup has."""
        known = {one.manifest.id: one for one in self._backups}
        found: dict[str, StoredBackup] = {}
        for id in ids:
            if id not in known:
                raise InvalidInput(f"there is no backup {id} in {self._pool.name()}")
            try:
                chain: tuple[StoredBackup, ...] = chain_of(id, self._backups)
            except InvalidInput:
                chain = (known[id],)  # its own files are looked at, and the gap is told
            found |= {one.manifest.id: one for one in chain}
        return tuple(reversed(newest_first(found.values())))

    def check(self, backups: Sequence[StoredBackup]) -> dict[str, BackupCheck]:
        """Read all files of some backups, oldest first; what was found is written beside each."""
        self._total = sum(one.manifest.size for one in backups)
        found: dict[str, BackupCheck] = {}
        for backup in backups:
            manifest = backup.manifest
            lines = [line for disk in manifest.disks for line in self._disk(disk)]
            lines += [self._file(file) for file in manifest.files]
            if manifest.parent:
                lines.append(self._parent(backup, found))
            good = all(well for well, _ in lines)
            check = BackupCheck(manifest.id, time.time(), good, manifest.sha256, tuple(lines))
            self._write(backup, check)
            found[manifest.id] = check
        return found

    def _parent(self, backup: StoredBackup, found: dict[str, BackupCheck]) -> Line:
        """Whether the backup that it needs is there, fits, and is good."""
        parent = backup.manifest.parent
        try:
            chain_of(backup.manifest.id, self._backups)
        except InvalidInput as error:
            return False, error.message
        before = found.get(parent)
        if before is None or not before.good:
            return False, f"it needs {parent}, which is not good"
        return True, f"it needs {parent}, which is good"

    def _disk(self, disk: BackupDisk) -> list[Line]:
        volume = find_volume(self._pool, disk.volume)
        if volume is None:
            return [(False, f"{disk.volume} is not in {self._pool.name()}")]
        lines = [self._content(disk.volume, volume, disk.size, disk.sha256)]
        lines.append(self._header(disk, volume))
        lines += self._structure(disk.volume, volume)
        return lines

    def _file(self, file: BackupFile) -> Line:
        volume = find_volume(self._pool, file.volume)
        if volume is None:
            return False, f"{file.volume} is not in {self._pool.name()}"
        return self._content(file.volume, volume, file.size, file.sha256)

    def _content(self, name: str, volume: VolumeHandle, size: int, sha256: str) -> Line:
        """Whether a file is as long as it was, and has the same bytes."""
        length = or_none(self._connection, partial(length_of, volume))
        if length != size:
            there = "unknown" if length is None else f"{length} bytes"
            return False, f"{name}: its length is {there}, and was {size} bytes"
        try:
            _, found = checksum_of(self._connection, volume, self._advance)
        except (OSError, libvirt.libvirtError) as error:
            if not self._connection.isAlive():
                raise
            return False, f"{name} cannot be read: {error}"
        if found != sha256:
            return False, f"{name}: its bytes are not what was written (SHA-256 differs)"
        return True, f"{name}: {formatting.size(size)}, SHA-256 agrees"

    def _advance(self, count: int) -> None:
        self.done += count
        self._control.advance(count, self._total)

    def _header(self, disk: BackupDisk, volume: VolumeHandle) -> Line:
        """Whether the header of an image says what its manifest does."""
        facts = read.volume(volume.XMLDesc(0))
        backing = facts.backing.rpartition("/")[2]
        if (facts.format, facts.capacity, backing) != ("qcow2", disk.capacity, disk.backing):
            below = f"on {backing}" if backing else "on nothing"
            return False, (
                f"{disk.volume}: its header says {facts.format or 'no format'}, "
                f"{facts.capacity} bytes, {below}"
            )
        return True, f"{disk.volume}: its header agrees"

    def _structure(self, name: str, volume: VolumeHandle) -> list[Line]:
        """What ``qemu-img check`` says, where the file can be read from here; else nothing."""
        if self._files is None or missing_program():
            return []
        try:
            with self._files.open(volume.path()) as file:
                problem = check_qcow2(file.fileno(), self._control.check)
        except (OSError, InvalidInput) as error:
            return [(False, f"{name} cannot be checked: {error}")]
        return [(not problem, f"{name}: {problem or 'qemu-img check finds nothing wrong'}")]

    def _write(self, backup: StoredBackup, check: BackupCheck) -> None:
        """Keep what was found beside the backup, in place of what was found before."""
        name = check_volume(backup.manifest_volume)
        before = find_volume(self._pool, name)
        if before is not None:
            before.delete(0)
        write_volume(self._connection, self._pool, name, check_bytes(check))

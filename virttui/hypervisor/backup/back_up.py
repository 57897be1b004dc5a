"""A backup of a running domain into a pool of its host, in push mode.

What is written is planned from what is so when it begins. The volumes are made by us, each on the
one of the backup before, so that the files of the pool are a chain that every tool can read.
Whatever comes between, the volumes and the checkpoint are deleted again; what is left after a kill
has no manifest: ``:leftovers`` lists the volumes, and the next backup deletes the checkpoint.
"""

from __future__ import annotations

import logging
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256

import libvirt
from msgspec.structs import replace

from virttui import formatting
from virttui.hypervisor.backup.checkpoints import delete_checkpoint, forget_broken, stale
from virttui.hypervisor.backup.checksums import checksum_of
from virttui.hypervisor.backup.facts import checkpoints_of, read_facts
from virttui.hypervisor.backup.paused_start import started_paused
from virttui.hypervisor.backup.push_job import end_dead_job, follow
from virttui.hypervisor.backup.small_volumes import find_volume, read_volume, write_volume
from virttui.hypervisor.backup.stored import backups_in
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.calls import or_none
from virttui.hypervisor.connection.streams import BREAKS
from virttui.hypervisor.connection.types import Connection, DomainHandle, PoolHandle
from virttui.hypervisor.guest_agent.freeze import FreezeResult, while_frozen
from virttui.hypervisor.provision.copy_volume import old_file
from virttui.hypervisor.provision.steps import RollbackLog
from virttui.hypervisor.provision.upload_download import length_of
from virttui.libvirtxml import read
from virttui.libvirtxml.backup.write import (
    BackupTarget,
    backup_xml,
    checkpoint_xml,
    target_volume_xml,
)
from virttui.model.backup.arguments import BackupArguments, BackupMode, BackupPlan
from virttui.model.backup.manifest import (
    BackupCheckpoint,
    BackupDisk,
    BackupFile,
    BackupManifest,
    Consistency,
    LeftOut,
)
from virttui.model.commands import Command
from virttui.model.errors import OperationError, PartiallyDone, Refused
from virttui.model.provision.plan import CreatedResource, ResourceKind
from virttui.persistence.provision_journal import Journal
from virttui.planning.backup import names
from virttui.planning.backup.manifest_file import manifest_bytes
from virttui.planning.backup.plan import plan_backup

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Backups of one host that are at work at once; more would slow each other and the guests."""
_MOST_NVRAM = 64 * 1024**2
_BROKEN = re.compile(
    r"missing or broken bitmap|[Bb]itmap.*(not found in backing chain|already exists|inconsistent)"
    r"|Bitmap already exists"
)
_VERSION_2 = re.compile(r"[Cc]annot store dirty bitmaps in qcow2 v2")


def back_up(
    connection: Connection, command: Command, arguments: BackupArguments, control: TaskControl
) -> str:
    """Back up a domain; returns words. Raises OperationError or libvirtError; nothing is left then.

    An automatic one whose bitmaps are broken becomes a full one, and says so.
    """
    domain = connection.lookupByUUIDString(command.target.key.uuid)
    pool = connection.storagePoolLookupByUUIDString(arguments.pool.uuid)
    with (
        _turn(command.target.key.host, control),
        started_paused(domain, allowed=arguments.start_paused) as was_off,
    ):
        work = _Backup(connection, domain, pool, command, control, was_off=was_off)
        return _taken(work, domain, pool, arguments)


def _taken(
    work: _Backup, domain: DomainHandle, pool: PoolHandle, arguments: BackupArguments
) -> str:
    """Take a backup of a domain that runs, with what has to be tidied up before; words."""
    connection = domain.connect()
    if domain.isActive() and end_dead_job(domain):
        log.info("%s: a backup job that had ended was ended", domain.name())
    deleted = delete_stale(domain, pool)
    plan = _plan(connection, domain, arguments)
    notes = [f"checkpoints of backups that failed were deleted: {deleted}"] if deleted else []
    try:
        manifest = work.take(plan)
    except libvirt.libvirtError as error:
        again = _instead(connection, domain, arguments, error)
        if again is None:
            raise
        plan, note = again
        notes.append(note)
        manifest = work.take(plan)
    return "; ".join([_result(manifest, plan, arguments.pool_name), *notes])


_turns: dict[str, threading.BoundedSemaphore] = {}
_making_turns = threading.Lock()


@contextmanager
def _turn(host: str, control: TaskControl) -> Iterator[None]:
    """Wait until fewer than ``AT_ONCE`` others are at work on the host. Raises Cancelled."""
    with _making_turns:
        turn = _turns.setdefault(host, threading.BoundedSemaphore(AT_ONCE))
    while not turn.acquire(timeout=0.25):
        control.check()
    try:
        yield
    finally:
        turn.release()


def delete_stale(domain: DomainHandle, pool: PoolHandle) -> int:
    """Delete the checkpoints of backups into a pool that never became complete; how many."""
    connection = domain.connect()
    complete = backups_in(connection, pool, uuid=domain.UUIDString()).backups
    ids = {one.manifest.id for one in complete}
    found = stale(checkpoints_of(domain, sizes=False), pool.UUIDString(), ids)
    if not domain.isActive():
        return 0
    return sum(not delete_checkpoint(domain, name) for name in found)


def plan_now(connection: Connection, uuid: str, arguments: BackupArguments) -> BackupPlan:
    """What a backup would do at this moment, and what forbids it. Raises libvirtError."""
    domain = connection.lookupByUUIDString(uuid)
    pool = connection.storagePoolLookupByUUIDString(arguments.pool.uuid)
    facts = read_facts(connection, domain, pool)
    return plan_backup(facts, arguments, time.time(), secrets.token_hex(3))


def _plan(connection: Connection, domain: DomainHandle, arguments: BackupArguments) -> BackupPlan:
    """The plan of this moment. Raises Refused for what stands against it."""
    plan = plan_now(connection, domain.UUIDString(), arguments)
    if plan.blockers:
        raise Refused(plan.blockers[0], advice="; ".join(plan.blockers[1:]))
    return plan


def _instead(
    connection: Connection,
    domain: DomainHandle,
    arguments: BackupArguments,
    error: libvirt.libvirtError,
) -> tuple[BackupPlan, str] | None:
    """The full backup that is taken where bitmaps cannot be used, with words; None for others."""
    message = error.get_error_message() or ""
    if arguments.mode is not BackupMode.AUTOMATIC or not connection.isAlive():
        return None
    if _VERSION_2.search(message):
        plan = _plan(connection, domain, replace(arguments, mode=BackupMode.FULL))
        disks = tuple(replace(one, bitmap=False) for one in plan.disks)
        note = "without a checkpoint: its qcow2 images are of version 2 and store no bitmaps"
        return replace(plan, disks=disks, checkpoint=""), note
    if _BROKEN.search(message):
        forget_broken(domain, checkpoints_of(domain, sizes=False))
        plan = _plan(connection, domain, replace(arguments, mode=BackupMode.FULL))
        return plan, "full, since the bitmaps of the backup before are gone from its images"
    return None


def _result(manifest: BackupManifest, plan: BackupPlan, pool: str) -> str:
    size = formatting.short_size(manifest.size)
    words = f"{manifest.kind} backup {manifest.id} is in {pool}: {size}, {manifest.consistency}"
    if manifest.frozen_seconds is not None:
        words += f", writes were held for {formatting.span(manifest.frozen_seconds)}"
    if plan.full_because:
        words += f"; full, since {plan.full_because}"
    lost = [one for one in manifest.left_out if "left it out" not in one.reason]
    lost = [one for one in lost if not one.reason.startswith("it is a ")]
    if lost:
        words += f"; not in it: {', '.join(one.what for one in lost)}"
    return words


class _Backup:
    """One backup at work: its volumes, its job, its manifest."""

    def __init__(
        self,
        connection: Connection,
        domain: DomainHandle,
        pool: PoolHandle,
        command: Command,
        control: TaskControl,
        *,
        was_off: bool,
    ) -> None:
        self._connection, self._domain, self._pool = connection, domain, pool
        self._command, self._control = command, control
        self._was_off = was_off
        self._files: list[BackupFile] = []
        self._left_out: list[LeftOut] = []
        self._freeze = FreezeResult(None)

    def take(self, plan: BackupPlan) -> BackupManifest:
        """Carry a plan out. Raises what came between, once all that was made is deleted again."""
        self._files, self._left_out = [], []
        name = self._command.target.name
        journal = Journal(self._command.target.key, name, what="backing up")
        undo, done = RollbackLog(journal), False
        try:
            manifest = self._take(plan, undo)
            done = True
        except BREAKS as error:
            alive = bool(self._connection.isAlive())
            problem = self._delete_checkpoint(plan) if alive else ""
            left = undo.all(alive=alive)
            done = alive and not left
            if left and alive:
                why = error.message if isinstance(error, OperationError) else str(error)
                raise PartiallyDone(
                    f"{why}; could not be removed: {', '.join(left)}",
                    advice=":leftovers lists and removes it when the host answers",
                ) from error
            if problem:
                raise _with_note(error, plan.checkpoint) from error
            raise
        finally:
            journal.close(done=done)
        return manifest

    def _take(self, plan: BackupPlan, undo: RollbackLog) -> BackupManifest:
        begun = time.time()
        definition = self._definition()
        targets = [self._target(one.volume, one.capacity, one.backing, undo) for one in plan.disks]
        backup = backup_xml(
            [
                BackupTarget(disk.target, path, disk.since)
                for disk, path in zip(plan.disks, targets, strict=True)
            ],
            self._others(plan),
        )
        checkpoint = self._checkpoint_xml(plan)
        self._control.check()
        begin = partial(
            self._domain.backupBegin,
            backup,
            checkpoint or None,
            libvirt.VIR_DOMAIN_BACKUP_BEGIN_REUSE_EXTERNAL,
        )
        moment = time.time()
        if plan.quiesce:
            self._freeze = while_frozen(self._domain, begin)
        else:
            begin()
        if plan.nvram:
            self._save_nvram(plan, undo)
        follow(self._domain, self._control)
        disks = self._read_back(plan)
        manifest = BackupManifest(
            id=plan.id,
            uuid=self._command.target.key.uuid,
            domain=self._domain.name(),
            kind=plan.kind,
            begun=moment,
            ended=max(time.time(), begun),
            consistency=self._consistency(),
            disks=disks,
            definition=definition,
            parent=plan.base.manifest.id if plan.base is not None else "",
            host=or_none(self._connection, self._connection.getHostname) or "",
            libvirt=_version(self._connection.getLibVersion()),
            frozen_seconds=self._freeze.seconds,
            files=tuple(self._files),
            left_out=(*plan.left_out, *self._left_out),
            checkpoint=self._checkpoint(plan),
        )
        self._write_manifest(plan, manifest, undo)
        return manifest

    def _definition(self) -> str:
        """The stored definition, without passwords; of a transient domain the live one."""
        stored = bool(self._domain.isPersistent())
        return self._domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE if stored else 0)

    def _others(self, plan: BackupPlan) -> list[str]:
        """The disks of the domain that are in no backup: libvirt wants each to be named."""
        inside = {one.target for one in plan.disks}
        disks = read.domain(self._domain.XMLDesc(0)).disks
        return [one.target for one in disks if one.target not in inside]

    def _checkpoint_xml(self, plan: BackupPlan) -> str:
        if not plan.checkpoint:
            return ""
        description = names.checkpoint_description(self._pool.UUIDString(), plan.id)
        bitmaps = {one.target: one.bitmap for one in plan.disks}
        bitmaps |= dict.fromkeys(self._others(plan), False)
        return checkpoint_xml(plan.checkpoint, description, bitmaps)

    def _target(self, name: str, capacity: int, backing: str, undo: RollbackLog) -> str:
        """Make the volume that a disk is written to; returns its path."""
        self._absent(name)
        piece = CreatedResource(
            ResourceKind.VOLUME, name, self._pool.UUIDString(), self._pool.name()
        )
        undo.begins(piece)
        volume = self._pool.createXML(target_volume_xml(name, capacity, backing), 0)
        undo.created(piece, lambda: volume.delete(0))
        return volume.path()

    def _absent(self, name: str) -> None:
        if find_volume(self._pool, name) is not None:
            raise Refused(f"{name} is in {self._pool.name()} already", advice="try again")

    def _save_nvram(self, plan: BackupPlan, undo: RollbackLog) -> None:
        """Copy the firmware variables; where libvirt does not hand them out that is noted."""
        try:
            with old_file(self._connection, plan.nvram) as volume:
                data = b"" if volume is None else read_volume(self._connection, volume, _MOST_NVRAM)
        except (libvirt.libvirtError, OperationError) as error:
            if not self._connection.isAlive():
                raise
            why = str(error)
            data = b""
        else:
            why = f"{plan.nvram} is not there"
        if not data:
            self._left_out.append(LeftOut("nvram", f"its variables cannot be read: {why}"))
            return
        name = names.nvram_volume(plan.stem)
        self._small(name, data, undo)
        self._files.append(
            BackupFile("nvram", plan.nvram, name, len(data), sha256(data).hexdigest())
        )

    def _small(self, name: str, data: bytes, undo: RollbackLog) -> None:
        self._absent(name)
        piece = CreatedResource(
            ResourceKind.VOLUME, name, self._pool.UUIDString(), self._pool.name()
        )
        undo.begins(piece)
        write_volume(self._connection, self._pool, name, data)
        undo.created(piece, lambda: self._pool.storageVolLookupByName(name).delete(0))

    def _read_back(self, plan: BackupPlan) -> tuple[BackupDisk, ...]:
        """What lies in the pool now: each volume with its length and its checksum."""
        found = [(disk, self._pool.storageVolLookupByName(disk.volume)) for disk in plan.disks]
        total = sum(length_of(volume) for _, volume in found)
        self._control.reach(0, 0)
        disks = []
        for disk, volume in found:
            facts = read.volume(volume.XMLDesc(0))
            if (facts.format, facts.capacity) != ("qcow2", disk.capacity):
                raise Refused(f"{disk.volume} is no qcow2 of {disk.capacity} bytes any more")
            size, checksum = checksum_of(
                self._connection, volume, lambda count: self._control.advance(count, total)
            )
            disks.append(
                BackupDisk(
                    target=disk.target,
                    kind=disk.kind,
                    capacity=disk.capacity,
                    format=disk.format,
                    source=disk.source,
                    volume=disk.volume,
                    backing=disk.backing,
                    size=size,
                    sha256=checksum,
                )
            )
        return tuple(disks)

    def _consistency(self) -> Consistency:
        if self._was_off:
            return Consistency.OFF
        return Consistency.CRASH if self._freeze.seconds is None else Consistency.QUIESCED

    def _checkpoint(self, plan: BackupPlan) -> BackupCheckpoint | None:
        """The checkpoint as libvirt has it now. Raises Refused where somebody deleted it."""
        if not plan.checkpoint:
            return None
        known = {one.name: one for one in checkpoints_of(self._domain, sizes=False)}
        if plan.checkpoint not in known:
            raise Refused("its checkpoint was deleted by somebody else meanwhile")
        handle = self._domain.checkpointLookupByName(plan.checkpoint, 0)
        xml = handle.getXMLDesc(libvirt.VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN)
        return BackupCheckpoint(plan.checkpoint, known[plan.checkpoint].parent, xml)

    def _write_manifest(
        self, plan: BackupPlan, manifest: BackupManifest, undo: RollbackLog
    ) -> None:
        self._control.check()
        self._small(names.manifest_volume(plan.stem), manifest_bytes(manifest), undo)

    def _delete_checkpoint(self, plan: BackupPlan) -> str:
        """Delete the checkpoint of a backup that failed; why it is still there, "" if not."""
        if not plan.checkpoint:
            return ""
        try:
            return delete_checkpoint(self._domain, plan.checkpoint)
        except libvirt.libvirtError as error:
            return error.get_error_message() or "the host does not answer"


def _with_note(error: BaseException, checkpoint: str) -> OperationError:
    """The error, with the note that its checkpoint is still there."""
    found = translate.operation_error(error) if isinstance(error, libvirt.libvirtError) else error
    kind = type(found) if isinstance(found, OperationError) else Refused
    message = found.message if isinstance(found, OperationError) else str(found)
    note = f"the checkpoint {checkpoint} is still there: the next backup deletes it"
    advice = found.advice if isinstance(found, OperationError) else ""
    quoted = found.libvirt_message if isinstance(found, OperationError) else ""
    return kind(f"{message}; {note}", advice=advice, libvirt_message=quoted)


def _version(number: int) -> str:
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"

"""A domain that is off, written into one file of this machine: definition, disks, NVRAM, checksums.

Everything comes by streams, so that its host may be anywhere. A disk that lies on others is first
copied by its host into one whole volume, which goes again. When anything comes between, nothing is
left of the file.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import libvirt

from virttui.appliances.archive_writer import ArchiveEntry, ArchiveWriter
from virttui.appliances.open_appliance import FORMAT, MANIFEST, SUMS
from virttui.formatting import size as sized
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.calls import xml_of
from virttui.hypervisor.connection.streams import BREAKS
from virttui.hypervisor.connection.types import Connection, DomainHandle, VolumeHandle
from virttui.hypervisor.provision import copy_volume
from virttui.hypervisor.provision.clone_source import source_of
from virttui.hypervisor.provision.journaled_volume import noted
from virttui.hypervisor.provision.upload_download import length_of, receive_content
from virttui.hypervisor.queries.delete_plan import snapshots_of
from virttui.hypervisor.queries.firmware import firmware_of
from virttui.libvirtxml import read
from virttui.model.commands import ArchiveArguments, Command
from virttui.model.errors import InvalidInput, PartiallyDone, Refused
from virttui.model.identity import ObjectId
from virttui.model.provision.clone import CloneSource, SourceDisk
from virttui.model.volumes import NewVolume

_RUNS = "{} is running; its disks would change while being read"
_MEDIA = ("cdrom", "floppy")


def archive(
    connection: Connection, command: Command, arguments: ArchiveArguments, control: TaskControl
) -> str:
    """Write a domain into a file. Raises Refused while it runs, InvalidInput about the
    file.

    Cancelled when ended by hand: nothing is left then.
    """
    domain = connection.lookupByUUIDString(command.target.key.uuid)
    _off(domain)
    source = source_of(connection, command.target.key)
    disks = [_readable(disk) for disk in source.disks if disk.device not in _MEDIA]
    path = Path(arguments.file).expanduser().absolute()
    _room(path, disks)
    packer = ArchiveWriter(path)
    try:
        notes = _notes(domain, source)
        manifest = _packed(connection, domain, source, disks, packer, control)
        manifest["told"] = notes
        packer.add(MANIFEST, json.dumps(manifest, indent=1).encode())
        _off(domain)
        length = packer.finish()
    except BREAKS:
        packer.abort()
        raise
    what = f"{len(disks)} disks" if len(disks) != 1 else "1 disk"
    return f"is in {path}: {sized(length)}, {what}, its passwords; only you may read it"


def _room(path: Path, disks: list[SourceDisk]) -> None:
    """Raises InvalidInput where its disks have surely no room; holes are known only on the way."""
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError as error:
        raise InvalidInput(f"{path.parent}: {error.strerror}") from error
    needed = sum(disk.allocation for disk in disks)
    if needed > free:
        raise InvalidInput(
            f"{path.parent} has {sized(free)} free, and its disks take {sized(needed)}",
            advice="choose another folder",
        )


def _off(domain: DomainHandle) -> None:
    if domain.isActive():
        raise Refused(
            _RUNS.format(domain.name()),
            advice="shut it down (S), or clone it (C) and archive the clone",
        )


def _readable(disk: SourceDisk) -> SourceDisk:
    """Raises Refused for a disk that no stream of libvirt's can read."""
    if disk.pool is None and (disk.kind != "file" or disk.path.startswith("/dev/")):
        raise Refused(
            f"disk {disk.target} is {disk.path}, which is in no pool",
            advice="create a pool that holds it (3, then n)",
        )
    if disk.format not in ("raw", "qcow2"):
        raise Refused(
            f"disk {disk.target} is a {disk.format}, and only raw and qcow2 are archived",
            advice="clone it (C), which makes a qcow2, and archive the clone",
        )
    return disk


def _notes(domain: DomainHandle, source: CloneSource) -> list[str]:
    """Sentences about what the archive lacks."""
    root = read.domain(source.xml)
    notes = []
    if snapshots_of(domain):
        notes.append("its snapshots are not in the archive")
    if source.saved:
        notes.append("its saved state is not in the archive: it boots fresh")
    if "<tpm" in source.xml:
        notes.append("what its TPM holds is not in the archive: it gets a new one")
    if any(disk.device in _MEDIA for disk in root.disks if disk.source):
        notes.append("its drives are empty: media are not in the archive")
    if "<filesystem" in source.xml:
        notes.append("host folders it was given are not in the archive")
    if "<encryption" in source.xml:
        notes.append("the secrets of its encrypted disks are not in the archive")
    return notes


def _packed(
    connection: Connection, domain: DomainHandle, source: CloneSource, disks: list[SourceDisk],
    packer: ArchiveWriter,
    control: TaskControl,
) -> dict[str, Any]:  # fmt: skip
    """Write all there is; returns the manifest."""
    first = packer.add("domain.xml", source.xml.encode())
    files, entries = [first], []
    for disk in disks:
        control.reach(0, 0)
        with _volume(connection, disk, control) as (volume, format):
            packed = _disk(connection, volume, f"{disk.target}.{format}", packer, control)
        _off(domain)
        files.append(packed)
        entries.append({
            "target": disk.target, "member": packed.member, "format": format,
            "capacity": disk.capacity or packed.size, "digest": f"sha256:{packed.digest}",
        })  # fmt: skip
    manifest: dict[str, Any] = {
        FORMAT: 1,
        "name": source.name,
        "uuid": source.key.uuid,
        "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "host": connection.getHostname(),
        "libvirt": connection.getLibVersion(),
        "definition": {"member": first.member, "digest": f"sha256:{first.digest}"},
        "disks": entries,
    }
    code, path = firmware_of(connection, source.xml, source.nvram)
    nvram = _nvram(connection, path, packer, control)
    if nvram is not None:
        files.append(nvram)
        digest = f"sha256:{nvram.digest}"
        entry = {"member": nvram.member, "digest": digest, "path": path, "firmware": code}
        manifest["nvram"] = entry
    sums = "".join(f"{one.file_digest}  {one.member}\n" for one in files if one.file_digest)
    packer.add(SUMS, sums.encode())
    return manifest


@contextmanager
def _volume(
    connection: Connection, disk: SourceDisk, control: TaskControl
) -> Iterator[tuple[VolumeHandle, str]]:
    """The volume of a disk with nothing under it, and its format."""
    if disk.pool is None:
        with copy_volume.old_file(connection, disk.path) as volume:
            if volume is None:
                raise Refused(f"disk {disk.target}: {disk.path} is not there")
            if read.volume(xml_of(volume)).backing:
                raise Refused(
                    f"disk {disk.target} has a backing file and is in no pool",
                    advice="create a pool for its folder (3, then n)",
                )
            yield volume, disk.format
        return
    pool = connection.storagePoolLookupByUUIDString(disk.pool.uuid)
    volume = pool.storageVolLookupByName(disk.volume)
    if not disk.backing:
        yield volume, disk.format
        return
    new = NewVolume(f"virttui-{uuid4()}.qcow2", disk.capacity, "qcow2", 0)
    with noted(connection, ObjectId(disk.pool.host, ""), pool, new.name, "archiving"):
        whole = copy_volume.copy(connection, disk.pool.host, pool, new, volume, control)
        try:
            yield whole, "qcow2"
        finally:
            _delete(whole, f"{new.name} in {disk.pool_name}")


def _delete(volume: VolumeHandle, name: str) -> None:
    """Take away what was flattened. Raises PartiallyDone where it stays."""
    try:
        volume.delete(0)
    except libvirt.libvirtError as error:
        raise PartiallyDone(
            f"no archive was written, and {name} could not be deleted",
            advice=":leftovers lists and removes it when the host answers",
            libvirt_message=error.get_error_message(),
        ) from error


def _disk(
    connection: Connection,
    volume: VolumeHandle,
    name: str,
    packer: ArchiveWriter,
    control: TaskControl,
) -> ArchiveEntry:
    """Write the content of a volume, holes as holes."""
    size = length_of(volume)
    into = packer.begin(name, size)
    control.reach(0, size)

    def take(data: bytes) -> None:
        into.add_data(data)
        control.advance(len(data), size)

    def skip(length: int) -> None:
        into.add_hole(length)
        control.advance(length, size)

    receive_content(connection, volume, size, take, skip)
    return into.finish()


def _nvram(
    connection: Connection, path: str, packer: ArchiveWriter, control: TaskControl
) -> ArchiveEntry | None:
    """The variables of its firmware, None where it has none (yet)."""
    if not path.startswith("/"):
        return None
    with copy_volume.old_file(connection, path) as volume:
        if volume is None:
            return None
        return _disk(connection, volume, "nvram.fd", packer, control)

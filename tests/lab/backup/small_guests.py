"""A guest that sits at its firmware's prompt, with small disks that are written from outside."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.fleet_client import RecordingClient
from tests.lab import guests, xml
from tests.lab.daemon import Lab
from tests.lab.processes import run
from virttui.model.backup.arguments import BackupArguments, BackupMode
from virttui.model.commands import Command, Verb
from virttui.model.identity import Kind
from virttui.model.tasks import Task

MIB = 1024**2


def define_small(lab: Lab, name: str, *, raw: bool = True, start: bool = True) -> None:
    """Define a guest with a qcow2 disk vda of 16 MiB, and a raw vdb of 4 MiB, and start it."""
    folder = guests.pool_folder(lab)
    run("qemu-img", "create", "-q", "-f", "qcow2", str(folder / f"{name}.qcow2"), "16M")
    devices = xml.file_disk(f"{guests.POOL}/{name}.qcow2", "vda")
    if raw:
        run("qemu-img", "create", "-q", "-f", "raw", str(folder / f"{name}.raw"), "4M")
        devices += xml.file_disk(f"{guests.POOL}/{name}.raw", "vdb", "raw")
    devices += (
        "    <disk type='file' device='cdrom'><target dev='hda' bus='ide'/><readonly/></disk>\n"
    )
    devices += "    <interface type='network'><source network='isolated'/></interface>\n"
    lab.virsh("define", "/dev/stdin", text=xml.still(name, devices, memory_mib=32))
    if start:
        lab.virsh("start", name)


class DiskContent:
    """What was written to the disks of a small guest so far: the truth that backups are held to."""

    def __init__(self, lab: Lab, name: str) -> None:
        self._lab, self._name = lab, name
        self._disks = [bytearray(16 * MIB), bytearray(4 * MIB)]

    def write(self, pattern: int, place: int, length: int, *, disk: int = 0) -> None:
        """Write to a disk of the running guest as the guest itself would. Sizes are bytes."""
        self._disks[disk][place : place + length] = bytes([pattern]) * length
        device = f"/machine/peripheral/virtio-disk{disk}/virtio-backend"
        words = f'qemu-io -d {device} "write -P {pattern} {place} {length}"'
        said = self._lab.virsh("qemu-monitor-command", self._name, "--hmp", words)
        assert "rror" not in said, said

    def sha256(self, disk: int = 0) -> str:
        """The checksum of what the guest sees on a disk."""
        return hashlib.sha256(self._disks[disk]).hexdigest()


def content(image: Path, *, format: str = "qcow2") -> str:
    """The SHA-256 of what a guest sees in an image, through its chain."""
    raw = image.with_name(f"{image.name}.content")
    try:
        run("qemu-img", "convert", "-U", "-f", format, "-O", "raw", str(image), str(raw))
        return hashlib.sha256(raw.read_bytes()).hexdigest()
    finally:
        raw.unlink(missing_ok=True)


def back_up(
    client: RecordingClient,
    name: str,
    pool: str = "default",
    mode: BackupMode = BackupMode.AUTOMATIC,
    *,
    start_paused: bool = False,
) -> Task:
    """Back a guest up, and wait for the end of it."""
    place = client.target(pool, Kind.POOL)
    arguments = BackupArguments(place.key, pool, mode, start_paused=start_paused)
    command = Command(Verb.BACK_UP, client.target(name), arguments)
    return client.done(client.fleet.submit([command])[0])

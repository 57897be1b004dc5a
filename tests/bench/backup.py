"""What is measured of backups: 1 GiB with 256 MiB of data, full and incremental, beside virsh."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.lab import guests, xml
from tests.lab.daemon import Lab
from tests.lab.processes import run, wait_until

from .budgets import Row, Table, median
from .plan import BenchError, Plan

MIB = 1024**2
NAME = "saved"
_DEVICE = "/machine/peripheral/virtio-disk0/virtio-backend"

# One backup in a process of its own: the seconds of the call that makes it.
_BACK_UP = """
import sys, time, libvirt
from virttui.hypervisor.backup.back_up import back_up
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.model.backup.arguments import BackupArguments, BackupMode
from virttui.model.commands import Command, Target, Verb
from virttui.model.identity import Kind, ObjectId

uri, name, mode = sys.argv[1:]
connection = libvirt.open(uri)
pool = connection.storagePoolLookupByName("default")
uuid = connection.lookupByName(name).UUIDString()
place = ObjectId("bench", pool.UUIDString())
arguments = BackupArguments(place, "default", BackupMode(mode), quiesce=False)
command = Command(Verb.BACK_UP, Target(Kind.DOMAIN, ObjectId("bench", uuid), name), arguments)
began = time.monotonic()
back_up(connection, command, arguments, TaskControl(lambda progress: None))
print(time.monotonic() - began)
"""

_TARGETS = """\
<domainbackup mode='push'>{since}<disks><disk name='vda' type='file'>\
<target file='{file}'/><driver type='qcow2'/></disk></disks></domainbackup>
"""
_CHECKPOINT = "<domaincheckpoint><name>{name}</name></domaincheckpoint>\n"


def backup(table: Table, plan: Plan) -> None:
    """1 GiB with a quarter of data, full and incremental, against virsh with sha256sum."""
    size, data = 2 * plan.image, plan.image // 2
    with Lab("bench-backup") as lab:
        guests.furnish_lab(lab)
        guest = _Guest(lab, size, data)
        for kind, written in (("full", 0), ("incremental", max(1, data // 16))):
            ours: list[float] = []
            theirs: list[tuple[float, float]] = []
            for number in range(plan.runs):
                guest.write(written)
                ours.append(_ours(lab, kind))
                guest.write(written)
                theirs.append(guest.by_virsh(kind, number))
            took, copied = median(ours), median([one for one, _ in theirs])
            whole = median([one + more for one, more in theirs])
            note = f"{took:.2f} s; virsh {copied:.2f} s, and with sha256sum {whole:.2f} s"
            known = "backup against virsh"
            what = f"{known}, {kind}, {written or data} of {size} MiB"
            table.add(Row(what, whole / took, note=note, budget=known))


class _Guest:
    """A guest at its firmware's prompt, whose disk is written from outside."""

    def __init__(self, lab: Lab, size: int, data: int) -> None:
        self._lab, self._place, self._checkpoint = lab, 0, ""
        self._folder = guests.pool_folder(lab)
        image = self._folder / f"{NAME}.qcow2"
        source = self._folder / "data.raw"
        with source.open("wb") as file:
            for _ in range(data):
                file.write(os.urandom(MIB))
            file.truncate(size * MIB)
        run("qemu-img", "convert", "-O", "qcow2", str(source), str(image))
        source.unlink()
        disk = xml.file_disk(f"{guests.POOL}/{NAME}.qcow2", "vda")
        lab.virsh("define", "/dev/stdin", text=xml.still(NAME, disk, memory_mib=32))
        lab.virsh("start", NAME)

    def write(self, mib: int) -> None:
        """Write so many MiB to its disk, each time to another place."""
        for _ in range(mib):
            line = f'qemu-io -d {_DEVICE} "write {self._place}M 1M"'
            self._lab.virsh("qemu-monitor-command", NAME, "--hmp", line)
            self._place += 1

    def by_virsh(self, kind: str, number: int) -> tuple[float, float]:
        """Seconds of a backup, and of ``sha256sum`` on its file, by hand."""
        file = f"{guests.POOL}/by-hand-{kind}-{number}.qcow2"
        since = f"<incremental>{self._checkpoint}</incremental>" if kind == "incremental" else ""
        self._checkpoint = f"hand-{kind}-{number}"
        backup = self._written("backup.xml", _TARGETS.format(file=file, since=since))
        checkpoint = self._written("checkpoint.xml", _CHECKPOINT.format(name=self._checkpoint))
        began = time.monotonic()
        self._lab.virsh("backup-begin", NAME, backup, checkpoint)
        wait_until(self._is_done, 60, "the end of the backup by virsh", 0.01)
        copied = time.monotonic() - began
        run("sha256sum", str(self._folder / Path(file).name))
        return copied, time.monotonic() - began - copied

    def _is_done(self) -> bool:
        return "None" in self._lab.virsh("domjobinfo", NAME)

    def _written(self, name: str, text: str) -> str:
        path = self._folder / name
        path.write_text(text)
        return str(path)


def _ours(lab: Lab, kind: str) -> float:
    line = [sys.executable, "-P", "-c", _BACK_UP, lab.uri, NAME, kind]
    told = subprocess.run(line, capture_output=True, text=True, check=False)
    if told.returncode:
        raise BenchError(told.stderr.strip().splitlines()[-1])
    return float(told.stdout)

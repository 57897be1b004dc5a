"""What is measured of transfers: 512 MiB up and down, beside virsh with --sparse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.lab import guests
from tests.lab.daemon import Lab

from .budgets import Row, Table, median
from .plan import Plan

MIB = 1024**2
CASES = {"mostly empty": 64, "half full": 2}
"""One of so many parts of the image is data, in pieces that lie apart."""

# One transfer in a process of its own: its seconds, and by how much it grew at most (MiB).
_MOVE = """
import json, sys, time, libvirt
from virttui.hypervisor.provision import upload_download
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.model.commands import Command, Target, Verb
from virttui.model.identity import Kind, ObjectId
from virttui.model.volumes import VolumeOperation

def resident():
    return int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) / 1024

uri, verb, name, file = sys.argv[1:]
connection = libvirt.open(uri)
pool = connection.storagePoolLookupByName('default')
target = Target(Kind.VOLUME, ObjectId('bench', name), name)
work = VolumeOperation(ObjectId('bench', pool.UUIDString()), 'default', file=file)
command = Command(Verb(verb), target, work)
before, began = resident(), time.monotonic()
said = getattr(upload_download, verb)(connection, command, work, TaskControl(lambda progress: None))
print(json.dumps([time.monotonic() - began, resident() - before, said]))
"""


def image(path: Path, size: int, data: int) -> None:
    """A file of ``size`` MiB with so many MiB of data, spread in up to 8 pieces."""
    pieces = min(8, data)
    piece = os.urandom(MIB)
    with path.open("wb") as file:
        file.truncate(size * MIB)
        for number in range(pieces):
            file.seek(number * (size * MIB // pieces))
            for _ in range(data // pieces):
                file.write(piece)


def transfers(table: Table, plan: Plan) -> None:
    """512 MiB up and down against virsh --sparse, mostly empty and half full; memory."""
    size = plan.image
    with Lab("bench-transfers") as lab:
        guests.furnish_lab(lab)
        for case, part in CASES.items():
            source = plan.folder / "image"
            image(source, size, max(1, size // part))
            ours: dict[str, list[float]] = {"upload": [], "download": []}
            theirs: dict[str, list[float]] = {"upload": [], "download": []}
            grown = 0.0
            for _ in range(plan.runs):
                for verb, way in (("upload", source), ("download", plan.folder / "back")):
                    seconds, more = _ours(lab, verb, way)
                    ours[verb].append(seconds)
                    theirs[verb].append(_virsh(lab, verb, way, size))
                    grown = max(grown, more)
                lab.virsh("vol-delete ours default; vol-delete theirs default")
            for verb, took in ours.items():
                speed, beside = size / median(took), size / median(theirs[verb])
                note = f"{speed:.0f} MiB/s, virsh {beside:.0f} MiB/s"
                known = f"{verb} against virsh"
                what = f"{known}, {size} MiB {case}"
                table.add(Row(what, speed / beside, note=note, budget=known))
            known = "transfer, memory grown"
            table.add(Row(f"{size} MiB {case}: memory grown", grown, budget=known))


def _ours(lab: Lab, verb: str, file: Path) -> tuple[float, float]:
    line = [sys.executable, "-P", "-c", _MOVE, lab.uri, verb, "ours", str(file)]
    told = subprocess.run(line, stdout=subprocess.PIPE, text=True, check=True)
    if verb == "download":
        file.unlink()
    seconds, grown, _ = json.loads(told.stdout)
    return float(seconds), float(grown)


def _virsh(lab: Lab, verb: str, file: Path, size: int) -> float:
    """The same with virsh, its start included, in a volume of its own."""
    began = time.monotonic()
    if verb == "upload":
        lab.virsh("vol-create-as", "default", "theirs", str(size * MIB), "--allocation", "0")
        lab.virsh("vol-upload", "theirs", str(file), "default", "--sparse")
    else:
        lab.virsh("vol-download", "theirs", str(file), "default", "--sparse")
    seconds = time.monotonic() - began
    if verb == "download":
        file.unlink()
    return seconds

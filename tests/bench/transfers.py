"""What is measured of transfers: 512 MiB up and down, beside virsh with --sparse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.lab import guests
from tests.lab.daemon import Lab

from .budgets import Row, Table, median
from .rows import Plan

MIB = 1024**2
SIZE = 512 * MIB
CASES = {"mostly empty": 8, "half full": 256}
"""MiB of data in an image of 512 MiB, in pieces that lie apart."""

# One transfer in a process of its own: its seconds, and by how much it grew at most (MiB).
_MOVE = """
import json, sys, time, libvirt
from virttui.hypervisor import transfer
from virttui.hypervisor.rope import Rope
from virttui.model.commands import Command, Target, Verb
from virttui.model.identity import Key, Kind
from virttui.model.volumes import VolumeWork

def resident():
    return int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) / 1024

uri, verb, name, file = sys.argv[1:]
connection = libvirt.open(uri)
pool = connection.storagePoolLookupByName('default')
target = Target(Kind.VOLUME, Key('bench', name), name)
work = VolumeWork(Key('bench', pool.UUIDString()), 'default', file=file)
command = Command(Verb(verb), target, volume=work)
before, began = resident(), time.monotonic()
said = getattr(transfer, verb)(connection, command, Rope(lambda progress: None))
print(json.dumps([time.monotonic() - began, resident() - before, said]))
"""


def image(path: Path, data: int) -> None:
    """A file of 512 MiB with so many MiB of data, spread in 8 pieces."""
    piece = os.urandom(MIB)
    with path.open("wb") as file:
        file.truncate(SIZE)
        for number in range(8):
            file.seek(number * (SIZE // 8))
            for _ in range(data // 8):
                file.write(piece)


def transfers(table: Table, plan: Plan) -> None:
    """512 MiB up and down against virsh --sparse, mostly empty and half full; memory."""
    with Lab("bench-transfers") as lab:
        guests.furnish_lab(lab)
        for case, data in CASES.items():
            source = plan.folder / "image"
            image(source, data)
            ours: dict[str, list[float]] = {"upload": [], "download": []}
            theirs: dict[str, list[float]] = {"upload": [], "download": []}
            grown = 0.0
            for _ in range(plan.runs):
                for verb, way in (("upload", source), ("download", plan.folder / "back")):
                    seconds, more = _ours(lab, verb, way)
                    ours[verb].append(seconds)
                    theirs[verb].append(_virsh(lab, verb, way))
                    grown = max(grown, more)
                lab.virsh("vol-delete ours default; vol-delete theirs default")
            for verb, seconds in ours.items():
                speed, beside = 512 / median(seconds), 512 / median(theirs[verb])
                note = f"{speed:.0f} MiB/s, virsh {beside:.0f} MiB/s"
                what = f"{verb} of 512 MiB {case}: time against virsh"
                table.add(Row(what, beside / speed, "", note, budget="transfer against virsh"))
            what = f"512 MiB {case}: memory grown"
            table.add(Row(what, grown, budget="transfer, memory grown", unit="MiB"))


def _ours(lab: Lab, verb: str, file: Path) -> tuple[float, float]:
    line = [sys.executable, "-c", _MOVE, lab.uri, verb, "ours", str(file)]
    told = subprocess.run(line, capture_output=True, text=True, check=True)
    if verb == "download":
        file.unlink()
    seconds, grown, _ = json.loads(told.stdout)
    return float(seconds), float(grown)


def _virsh(lab: Lab, verb: str, file: Path) -> float:
    """The same with virsh, its start included, in a volume of its own."""
    began = time.monotonic()
    if verb == "upload":
        lab.virsh("vol-create-as", "default", "theirs", str(SIZE), "--allocation", "0")
        lab.virsh("vol-upload", "theirs", str(file), "default", "--sparse")
    else:
        lab.virsh("vol-download", "theirs", str(file), "default", "--sparse")
    seconds = time.monotonic() - began
    if verb == "download":
        file.unlink()
    return seconds


LABS: tuple[Callable[[Table, Plan], None], ...] = (transfers,)

"""What is measured on generated scenes: libvirt's own test driver, inside the app's process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import scene
from .app import COLOURS, App
from .budgets import Row, Table, median, p99

SIZES = (1_000, 10_000)
LINK = 0.03
# Two thirds of the rows change in the measurements of bytes, all of them in that of CPU time.
MOST, ALL = 0.67, 1.0

_OPEN = """
import sys, time, libvirt
began = time.monotonic()
connection = libvirt.open(sys.argv[1])
print(time.monotonic() - began)
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """How thorough to be: ``runs`` of each start, ``seconds`` of watching, ``keys`` a run."""

    folder: Path
    runs: int = 3
    seconds: float = 15.0
    keys: int = 100


def starts(table: Table, plan: Plan) -> None:
    """First frame and first full table, libvirt's own opening of the file subtracted."""
    for size in SIZES:
        uri = scene.write(plan.folder, size)
        for delay in (0.0, LINK):
            frames, tables, parsing = [], [], []
            for _ in range(plan.runs):
                parsing.append(_opening(uri))
                with App(["-c", uri], scene.NAMED, delay=delay) as app:
                    frame, full = app.first_paints()
                frames.append(frame)
                tables.append(full - parsing[-1])
            label = f"{size:,} domains{_link(delay)}"
            table.add(Row(f"first frame, {label}", median(frames), budget="first frame"))
            note = f"{median(parsing):.2f} s of parsing subtracted"
            known = "" if delay or size != SIZES[0] else "first full table, 1,000 domains"
            what = f"first full table, {label}"
            table.add(Row(what, median(tables), "s", note, budget=known))
        for command in ("list --all", "domstats"):
            seconds = _virsh(uri, *command.split()) - median(parsing)
            note = "for comparison, parsing subtracted"
            table.add(Row(f"virsh {command}, {size:,} domains", seconds, "s", note))


def load(table: Table, plan: Plan) -> None:
    """CPU and memory with everything visible changing, then keys while polling."""
    for size in SIZES:
        uri = scene.write(plan.folder, size)
        cpus, sizes, written, keys = [], [], [], []
        for _ in range(plan.runs):
            with App(["-c", uri], scene.NAMED, changing=ALL) as app:
                app.settle()
                cpu, kilobytes = app.over(plan.seconds)
                cpus.append(cpu)
                written.append(kilobytes)
                sizes.append(app.memory())
                keys += app.keys(plan.keys)
        table.add(Row(f"cpu, {size:,} domains", median(cpus)))
        table.add(Row(f"memory, {size:,} domains", median(sizes), note=_bare(uri)))
        what = f"bytes a tick, sorted by CPU, {size:,} domains"
        table.add(Row(what, median(written), "KB", "every row changes, and its place"))
        _keys(table, keys, f"{size:,} domains")


def slow_link(table: Table, plan: Plan) -> None:
    """Keys while every call takes 30 ms longer."""
    for size in SIZES:
        uri = scene.write(plan.folder, size)
        with App(["-c", uri], scene.NAMED, changing=ALL, delay=LINK) as app:
            app.settle()
            cpu = app.over(plan.seconds)[0]
            keys = app.keys(plan.keys)
        known = f"cpu, {size:,} domains"
        table.add(Row(f"cpu, {size:,} domains{_link(LINK)}", cpu, budget=known))
        _keys(table, keys, f"{size:,} domains", LINK)


def bytes_written(table: Table, plan: Plan) -> None:
    """What goes down the line in a tick."""
    uri = scene.write(plan.folder, SIZES[0])
    for colours in COLOURS:
        with App(["-c", uri], scene.NAMED, changing=MOST, colours=colours) as app:
            app.settle()
            app.sort_by_name()
            app.over(1.0)
            written = app.over(plan.seconds)[1]
        table.add(Row(f"bytes a tick, {colours}", written, note="two thirds of the rows change"))
    uri = scene.write(plan.folder, SIZES[0], running=False)
    with App(["-c", uri], scene.NAMED) as app:
        app.settle()
        cpu, written = app.over(plan.seconds)
    table.add(Row("bytes a tick, nothing changing", written, note=f"{cpu:.1f} % of a core"))


SCENES: tuple[Callable[[Table, Plan], None], ...] = (starts, load, slow_link, bytes_written)


def _keys(table: Table, waits: list[float], label: str, delay: float = 0.0) -> None:
    note = f"median {median(waits):.1f}, worst {max(waits):.1f} of {len(waits)}"
    known = f"key to paint p99, {label}"
    table.add(Row(f"{known}{_link(delay)}", p99(waits), note=note, budget=known))


def _link(delay: float) -> str:
    return f", +{delay * 1000:.0f} ms a call" if delay else ""


def _opening(uri: str) -> float:
    """Seconds that libvirt alone takes to open a scene: nearly all of it is parsing the file."""
    told = subprocess.run(
        [sys.executable, "-c", _OPEN, uri], capture_output=True, text=True, check=True
    )
    return float(told.stdout)


def _bare(uri: str) -> str:
    """What Python with libvirt and an open scene takes of memory, for comparison."""
    program = f"{_OPEN}\nprint(open('/proc/self/status').read().split('VmRSS:')[1].split()[0])"
    told = subprocess.run(
        [sys.executable, "-c", program, uri], capture_output=True, text=True, check=True
    )
    return f"Python and libvirt with the scene open: {int(told.stdout.split()[-1]) / 1024:.0f} MiB"


def _virsh(uri: str, *arguments: str) -> float:
    began = time.monotonic()
    subprocess.run(["virsh", "-c", uri, *arguments], capture_output=True, check=True)
    return time.monotonic() - began

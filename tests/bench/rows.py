"""What is measured on generated scenes: libvirt's own test driver, inside the app's process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

from . import scene
from .app import COLOURS, App
from .budgets import Row, Table, median, waits
from .plan import LINK, Plan

FEW, MANY = "1,000 domains", "10,000 domains"
"""How the budgets call the two sizes of a plan."""
# Two thirds of the rows change in the measurements of bytes, all of them in that of CPU time.
MOST, ALL = 0.67, 1.0

_IMPORT = "import textual.app"
_OPEN = """
import sys, time, libvirt
began = time.monotonic()
connection = libvirt.open(sys.argv[1])
print(time.monotonic() - began)
"""
_RESIDENT = """
import sys, libvirt
connections = [libvirt.open(uri) for uri in sys.argv[1:]]
print(open('/proc/self/status').read().split('VmRSS:')[1].split()[0])
"""


def starts(table: Table, plan: Plan) -> None:
    """First frame and first full table, libvirt's own opening of the file subtracted."""
    imports = [_seconds_of(_IMPORT) for _ in range(plan.runs)]
    note = "for comparison, Python's own start included"
    table.add(Row(_IMPORT, median(imports), "s", note))
    for scale, size in zip((FEW, MANY), plan.domains, strict=False):
        uri = scene.write(plan.folder, size)
        for delay in plan.links:
            frames, tables, parsing = [], [], []
            for _ in range(plan.runs):
                parsing.append(opening(uri))
                with App(["-c", uri], scene.NAMED, delay=delay) as app:
                    frame, full = app.first_paints()
                frames.append(frame)
                tables.append(full - parsing[-1])
            what = f"{size:,} domains{link(delay)}"
            table.add(Row(f"first frame, {what}", median(frames), budget="first frame"))
            if not delay:
                against = "first frame against import textual.app"
                ratio = median(frames) / median(imports)
                table.add(Row(f"{against}, {what}", ratio, budget=against))
            note = f"{median(parsing):.2f} s of parsing subtracted"
            known = "" if delay or scale != FEW else f"first full table, {FEW}"
            table.add(Row(f"first full table, {what}", median(tables), "s", note, known))
        for command in ("list --all", "domstats"):
            seconds = virsh_seconds(uri, *command.split()) - median(parsing)
            note = "for comparison, parsing subtracted"
            table.add(Row(f"virsh {command}, {size:,} domains", seconds, "s", note))


def load(table: Table, plan: Plan) -> None:
    """CPU and memory with everything visible changing, then keys while polling."""
    for scale, size in zip((FEW, MANY), plan.domains, strict=False):
        uri = scene.write(plan.folder, size)
        cpus, sizes, written, keys = [], [], [], []
        for _ in range(plan.runs):
            with App(["-c", uri], scene.NAMED, changing=ALL) as app:
                app.settle(plan)
                cpu, kilobytes = app.over(plan.seconds)
                cpus.append(cpu)
                written.append(kilobytes)
                sizes.append(app.memory())
                keys += app.keys(plan.keys)
        what = f"{size:,} domains"
        table.add(Row(f"cpu, {what}", median(cpus), budget=f"cpu, {scale}"))
        table.add(memory_row(f"memory, {what}", median(sizes), uri, scale))
        note = "every row changes, and its place"
        table.add(Row(f"bytes a tick, sorted by CPU, {what}", median(written), "KB", note))
        known = f"key to paint p99, {scale}"
        table.add(waits(f"key to paint p99, {what}", keys, known))


def slow_link(table: Table, plan: Plan) -> None:
    """CPU and keys while every call takes 30 ms longer."""
    for scale, size in zip((FEW, MANY), plan.domains, strict=False):
        uri = scene.write(plan.folder, size)
        with App(["-c", uri], scene.NAMED, changing=ALL, delay=LINK) as app:
            app.settle(plan)
            cpu = app.over(plan.seconds)[0]
            keys = app.keys(plan.keys)
        what = f"{size:,} domains{link(LINK)}"
        table.add(Row(f"cpu, {what}", cpu, budget=f"cpu, {scale}"))
        known = f"key to paint p99, {scale}"
        table.add(waits(f"key to paint p99, {what}", keys, known))


def bytes_written(table: Table, plan: Plan) -> None:
    """What goes down the line in a tick."""
    uri = scene.write(plan.folder, plan.domains[0])
    for colours in list(COLOURS)[: plan.colours]:
        with App(["-c", uri], scene.NAMED, changing=MOST, colours=colours) as app:
            app.settle(plan)
            app.sort_by_name()
            app.over(plan.window)
            written = app.over(plan.seconds)[1]
        what = f"bytes a tick, {colours}"
        table.add(Row(what, written, note="two thirds of the rows change", budget=what))
    uri = scene.write(plan.folder, plan.domains[0], running=False)
    with App(["-c", uri], scene.NAMED) as app:
        app.settle(plan)
        cpu, written = app.over(plan.seconds)
    what = "bytes a tick, nothing changing"
    table.add(Row(what, written, note=f"{cpu:.1f} % of a core", budget=what))


def link(delay: float) -> str:
    """How a row tells that calls took longer."""
    return f", +{delay * 1000:.0f} ms a call" if delay else ""


def memory_row(what: str, taken: float, uri: str, scale: str, note: str = "") -> Row:
    """A row of an app's memory in MiB; of many domains without the bare driver's share."""
    bare = resident([uri])
    share = 0.0 if scale == FEW else bare
    said = f"{taken:.0f} in all; Python and libvirt with the scene open take {bare:.0f}"
    note = f"{said}; {note}" if note else said
    return Row(what, taken - share, note=note, budget=f"memory, {scale}")


def virsh_seconds(uri: str, *arguments: str) -> float:
    """What virsh takes for a command, its own start included."""
    began = time.monotonic()
    subprocess.run(["virsh", "-c", uri, *arguments], capture_output=True, check=True)
    return time.monotonic() - began


def _seconds_of(statement: str) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-P", "-c", statement], check=True)
    return time.monotonic() - began


def opening(uri: str) -> float:
    """Seconds that libvirt alone takes to open a scene: nearly all of it is parsing the file."""
    told = subprocess.run(
        [sys.executable, "-c", _OPEN, uri], capture_output=True, text=True, check=True
    )
    return float(told.stdout)


def resident(uris: Sequence[str]) -> float:
    """MiB that Python with libvirt takes with all scenes open."""
    command = [sys.executable, "-c", _RESIDENT, *uris]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return int(told.stdout) / 1024

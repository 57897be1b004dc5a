"""What is measured under stress: choosing among many, full histories, bulk work."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from . import scene
from .app import App
from .budgets import Row, Table, waits
from .plan import Plan
from .rows import ALL, FEW, MANY, link, memory_row

_COUNT = re.compile(r"domains (\d+)(?: of \d+)? ")
_ORDER = re.compile(r" sort (\S+)")

# Fills the rings of one host as an hour of ticks does, and says what they take in MiB.
_FILL = """
import sys
from virttui.metrics import history

def resident():
    return int(open('/proc/self/status').read().split('VmRSS:')[1].split()[0]) / 1024

rings, uuids = history.History(), [f'{n:036}' for n in range(int(sys.argv[1]))]
before = resident()
for step in range(history.COARSE_LENGTH + 1):
    for uuid in uuids:
        rings.coarse.add(uuid, 0.5, 1e6, 1e6)
    rings.coarse.close(step * history.COARSE_STEP)
for tick in range(history.FINE_LENGTH):
    for uuid in uuids[:history.FINE_SAMPLES]:
        rings.fine.record(uuid, float(tick), (0.5,) * 8)
print(resident() - before)
"""


def choosing(table: Table, plan: Plan) -> None:
    """Filter as it is typed, and sort, among 10,000 domains while polling."""
    size = plan.domains[-1]
    uri = scene.write(plan.folder, size)
    filters: list[float] = []
    with App(["-c", uri], scene.NAMED, changing=ALL) as app:
        app.settle(plan)
        app.sort_by_name()
        for _ in range(max(1, plan.keys // 10)):
            # Digits are in names, titles and UUIDs: each narrows the list further.
            filters += filtered(app, plan.digits, found(_COUNT))
        command_runner = "I<" * max(1, plan.keys // 5)
        sorts = [app.changed(key, found(_ORDER)) for key in command_runner]
    what, known = f"key to paint p99, {size:,} domains", f"filter and sort p99, {MANY}"
    table.add(waits(f"filter, {what}", filters, known))
    table.add(waits(f"sort, {what}", sorts, known))


def histories(table: Table, plan: Plan) -> None:
    """Memory after an hour: the settled app's, and what its rings take when they are full."""
    for scale, size in zip((FEW, MANY), plan.domains, strict=False):
        uri = scene.write(plan.folder, size)
        with App(["-c", uri], scene.NAMED, changing=ALL) as app:
            app.settle(plan)
            settled = app.memory()
        running = sum(number % 4 != 0 for number in range(size))
        told = subprocess.run(
            [sys.executable, "-P", "-c", _FILL, str(running)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        rings = float(told.stdout)
        note = f"{rings:.0f} of them for rings filled beside it"
        what = f"memory with full histories, {size:,} domains"
        table.add(memory_row(what, settled + rings, uri, scale, note))


def bulk(table: Table, plan: Plan) -> None:
    """Start 200 marked domains: how long until the last runs, and keys meanwhile."""
    uri = scene.write(plan.folder, plan.together, running=False)
    for delay in plan.links:
        with App(["-c", uri], scene.NAMED, delay=delay) as app:
            app.settle(plan)
            app.sort_by_name()
            took, keys = _start_all(app, plan.together)
        what = f"{plan.together} started at once"
        table.add(Row(f"{what}: seconds{link(delay)}", took, "s"))
        table.add(waits(f"{what}: key to paint p99{link(delay)}", keys, f"key to paint p99, {FEW}"))


def _start_all(app: App, count: int) -> tuple[float, list[float]]:
    """Start all domains at once; the seconds until all run, and milliseconds of keys meanwhile."""
    app.child.write("g*s")
    app.wait_text(f"Start {count}")
    began = app.child.write("y")
    # The batch's own page is left, so that the keys are the table's.
    app.wait_text("start: ")
    app.child.write("\x1b")
    app.wait_text("start: ", gone=True)
    keys: list[float] = []
    while not keys or not app.shows(f"{count}/{count} up"):
        keys.append(prompt(app))
    return time.monotonic() - began, keys


def prompt(app: App) -> float:
    """Milliseconds until the filter's prompt is there; it is left again."""
    took = app.until("/", _prompts)
    _leave_prompt(app)
    return took


def filtered(app: App, digits: str, seen: Callable[[Sequence[str]], str]) -> list[float]:
    """Type a filter, and leave it; milliseconds from each digit to what is ``seen`` of it."""
    app.until("/", _prompts)
    took = [app.changed(digit, seen) for digit in digits]
    _leave_prompt(app)
    return took


def found(pattern: re.Pattern[str]) -> Callable[[Sequence[str]], str]:
    """What a pattern's group finds in the first line that has it, or ""."""
    return lambda lines: next((hit[1] for line in lines if (hit := pattern.search(line))), "")


def _prompts(lines: Sequence[str]) -> bool:
    return any("esc discard" in line for line in lines)


def _leave_prompt(app: App) -> None:
    # Not measured: after an escape the app waits for what may follow it.
    app.child.write("\x1b")
    app.wait(lambda: not _prompts(app.lines), "the prompt to go")

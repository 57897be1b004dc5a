"""What is measured under stress: choosing among many, full histories, bulk work, a storm."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from tests.churn import Churn
from tests.lab.daemon import Lab

from . import scene
from .app import App
from .budgets import Row, Table, median, p99
from .rows import ALL, LINK, SIZES, Plan

BULK, STORM, STORM_SECONDS = 200, 1_000, 30.0
_COUNT = re.compile(r"domains (\d+)(?: of \d+)? ")
_ORDER = re.compile(r" sort (\S+)")
_FULL = f"{BULK}/{BULK} up"

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
        rings.coarse.hear(uuid, 0.5, 1e6, 1e6)
    rings.coarse.close(step * history.COARSE_STEP)
for tick in range(history.FINE_LENGTH):
    for uuid in uuids[:history.FINE_KEPT]:
        rings.fine.record(uuid, float(tick), (0.5,) * 8)
print(resident() - before)
"""


def choosing(table: Table, plan: Plan) -> None:
    """Filter as it is typed, and sort, among 10,000 domains while polling."""
    uri = scene.write(plan.folder, SIZES[-1])
    filters: list[float] = []
    sorts: list[float] = []
    with App(["-c", uri], scene.NAMED, changing=ALL) as app:
        app.settle()
        app.sort_by_name()
        for _ in range(max(1, plan.keys // 10)):
            app.until("/", prompts)
            # Digits are in names, titles and UUIDs: each narrows the list further.
            filters += [changed(app, digit, _COUNT) for digit in "713"]
            leave_prompt(app)
        sorts += [changed(app, key, _ORDER) for key in "I<" * (plan.keys // 5)]
    label = f"key to paint p99, {SIZES[-1]:,} domains"
    table.add(waits(f"filter, {label}", filters))
    table.add(waits(f"sort, {label}", sorts))


def histories(table: Table, plan: Plan) -> None:
    """Memory after an hour: the settled app's, and what its rings take when they are full."""
    for size in SIZES:
        uri = scene.write(plan.folder, size)
        with App(["-c", uri], scene.NAMED, changing=ALL) as app:
            app.settle()
            bare = app.memory()
        running = sum(number % 4 != 0 for number in range(size))
        told = subprocess.run(
            [sys.executable, "-c", _FILL, str(running)], capture_output=True, text=True, check=True
        )
        rings = float(told.stdout)
        note = f"{bare:.0f} after a minute, and {rings:.0f} for rings filled beside it"
        table.add(Row(f"memory with full histories, {size:,} domains", bare + rings, note=note))


def bulk(table: Table, plan: Plan) -> None:
    """Start 200 marked domains: how long until the last runs, and keys meanwhile."""
    uri = scene.write(plan.folder, BULK, running=False)
    for delay in (0.0, LINK):
        far = f", +{delay * 1000:.0f} ms a call" if delay else ""
        waits: list[float] = []
        with App(["-c", uri], scene.NAMED, delay=delay) as app:
            app.settle()
            app.sort_by_name()
            app.child.write("g*s")
            app.wait(lambda: "Start 200" in "\n".join(app.lines), "the question")
            began = app.child.write("y")
            # The batch's own page is left, so that the keys are the table's.
            app.wait(lambda: "start: " in "\n".join(app.lines), "the batch's page")
            app.child.write("\x1b")
            app.wait(lambda: "start: " not in "\n".join(app.lines), "its end")
            while _FULL not in "\n".join(app.lines):
                waits.append(_prompt(app))
            took = time.monotonic() - began
        table.add(Row(f"200 started at once: seconds{far}", took, "s"))
        table.add(waits(f"200 started at once: key to paint p99{far}", waits))


def churn(table: Table, plan: Plan) -> None:
    """Another client changes 1,000 domains as fast as it can: keys meanwhile."""
    waits: list[float] = []
    named = re.compile(r"\bchurn-\d{5}\b")
    with (
        Lab("bench-churn") as lab,
        Churn(lab.test_uri, STORM) as other,
        App(["-c", lab.test_uri], named) as app,
    ):
        app.settle()
        began, cpu = time.monotonic(), app.cpu_seconds()
        other.begin(STORM_SECONDS)
        while other.busy:
            waits.append(_prompt(app))
        share = 100 * (app.cpu_seconds() - cpu) / (time.monotonic() - began)
        changes = other.changes()
    table.add(waits("1,000 changed by another: key to paint p99", waits))
    rate = f"{changes / STORM_SECONDS:,.0f} changes a second"
    table.add(Row("1,000 changed by another: cpu", share, "%", rate))


SCENES: tuple[Callable[[Table, Plan], None], ...] = (choosing, histories, bulk)
LABS: tuple[Callable[[Table, Plan], None], ...] = (churn,)


def _prompt(app: App) -> float:
    """Milliseconds until the filter's prompt is there; it is left again."""
    took = app.until("/", prompts)
    leave_prompt(app)
    return took


def prompts(lines: Sequence[str]) -> bool:
    """Whether the prompt is open."""
    return any("esc drop it" in line for line in lines)


def leave_prompt(app: App) -> None:
    """Close the prompt."""
    # Not measured: after an escape the app waits for what may follow it.
    app.child.write("\x1b")
    app.wait(lambda: not prompts(app.lines), "the prompt to go")


def changed(app: App, key: str, pattern: re.Pattern[str]) -> float:
    """Press a key; milliseconds until what ``pattern`` finds is another."""
    before = _found(app.lines, pattern)
    return app.until(key, lambda lines: _found(lines, pattern) not in ("", before))


def _found(lines: Sequence[str], pattern: re.Pattern[str]) -> str:
    return next((found[1] for line in lines if (found := pattern.search(line))), "")


def waits(what: str, figures: list[float]) -> Row:
    """A row for milliseconds from keys to their paint."""
    note = f"median {median(figures):.1f}, worst {max(figures):.1f} of {len(figures)}"
    return Row(what, p99(figures), "ms", note)

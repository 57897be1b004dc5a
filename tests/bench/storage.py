"""What is measured of storage: a pool of very many volumes, opened, moved in and filtered."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from tests.lab import guests
from tests.lab.daemon import Lab

from .app import App
from .budgets import Row, Table
from .rows import Plan
from .stress import changed, leave_prompt, prompts, waits

VOLUMES = 5_000
FOLDER = "/var/lib/libvirt/many"
NAMED = re.compile(r"\bdisk-\d{5}\.qcow2\b")
_ROW = re.compile(r"^.[* ]disk-\d{5}\.qcow2 +(\S*)")
_COUNT = re.compile(r"volumes[^\n]*? (\d+)(?: of \d+)? ")


def storage(table: Table, plan: Plan) -> None:
    """A pool of 5,000 volumes: its first screen, all of it, then keys and filters in it."""
    with Lab("bench-storage") as lab:
        guests.fill(lab.folder / "lib" / "many", VOLUMES)
        lab.virsh("pool-define-as", "many", "dir", "--target", FOLDER)
        lab.virsh("pool-start", "many")
        opened, last, moves, filters = [], [], [], []
        for _ in range(plan.runs):
            with App(["-c", lab.uri], NAMED) as app:
                app.child.write("3")
                app.wait(lambda app=app: "many" in "\n".join(app.lines), "the pool")
                opened.append(app.until("\r", lambda lines: _shown(lines) > 5) / 1000)
                last.append(app.until("G", _all_read) / 1000)
                moves += _moves(app, plan.keys)
                filters += _filters(app, plan.keys)
    label = f"a pool of {VOLUMES:,} volumes"
    table.add(Row(f"{label}: first screen", max(opened)))
    table.add(Row(f"{label}: its last ones in full, from then", max(last), "s"))
    table.add(waits(f"{label}: key to paint p99", moves))
    table.add(waits(f"{label}: filter, key to paint p99", filters))


def _shown(lines: Sequence[str]) -> int:
    return sum(_ROW.match(line) is not None for line in lines)


def _all_read(lines: Sequence[str]) -> bool:
    last = any(f"disk-{VOLUMES - 1:05}" in line for line in lines)
    return last and all(found[1] == "qcow2" for line in lines if (found := _ROW.match(line)))


def _moves(app: App, count: int) -> list[float]:
    """Half a page up and down again: a new cursor and new rows."""
    found = []
    for number in range(count):
        before = app.selected
        key = "\x15" if number % 2 == 0 else "\x04"
        found.append(app.until(key, lambda lines, before=before: app.chosen(lines) != before))
    return found


def _filters(app: App, count: int) -> list[float]:
    found: list[float] = []
    for _ in range(max(1, count // 10)):
        app.until("/", prompts)
        found += [changed(app, digit, _COUNT) for digit in "713"]
        leave_prompt(app)
    return found


LABS: tuple[Callable[[Table, Plan], None], ...] = (storage,)

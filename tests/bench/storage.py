"""What is measured of storage: a pool of very many volumes, opened, moved in and filtered."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.lab import guests
from tests.lab.daemon import Lab

from .app import App
from .budgets import Row, Table, waits
from .plan import Plan
from .rows import FEW, MANY
from .stress import filtered, found

FOLDER = "/var/lib/libvirt/many"
NAMED = re.compile(r"\bdisk-\d{5}\.qcow2\b")
_ROW = re.compile(r"^.[* ]disk-\d{5}\.qcow2 +(\S*)")
_COUNT = re.compile(r"volumes[^\n]*? (\d+)(?: of \d+)? ")


@dataclass(slots=True)
class _Seen:
    """What was measured in a pool: ``read`` in seconds, the others in milliseconds."""

    opened: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    read: list[float] = field(default_factory=list)
    moves: list[float] = field(default_factory=list)
    filters: list[float] = field(default_factory=list)


def storage(table: Table, plan: Plan) -> None:
    """A pool of 5,000 volumes: its first screen, all of it, then keys and filters in it."""
    seen = _Seen()
    with Lab("bench-storage") as lab:
        guests.fill(lab.folder / "lib" / "many", plan.volumes)
        lab.virsh("pool-define-as", "many", "dir", "--target", FOLDER)
        lab.virsh("pool-start", "many")
        for _ in range(plan.runs):
            with App(["-c", lab.uri], NAMED) as app:
                _visit(app, plan, seen)
    what = f"a pool of {plan.volumes:,} volumes"
    known = "a pool of 5,000 volumes: first screen"
    table.add(Row(f"{what}: first screen", max(seen.opened) / 1000, budget=known))
    note = "while they are read"
    table.add(Row(f"{what}: the cursor on its last", max(seen.ends), "ms", note))
    table.add(Row(f"{what}: all of it read", max(seen.read), "s"))
    table.add(waits(f"{what}: key to paint p99", seen.moves, f"key to paint p99, {FEW}"))
    known = f"filter and sort p99, {MANY}"
    table.add(waits(f"{what}: filter, key to paint p99", seen.filters, known))


def _visit(app: App, plan: Plan, seen: _Seen) -> None:
    last = f"disk-{plan.volumes - 1:05}.qcow2"
    app.child.write("3")
    app.wait_text("many")
    began = time.monotonic()
    seen.opened.append(app.until("\r", lambda lines: _shown(lines) > 5))
    seen.ends.append(app.until("G", lambda lines: app.chosen(lines) == last))
    # What is known is sorted before what is not yet. So the last ones, read as soon as they are in
    # view, leave it, and are there again when all others have been read, too.
    app.wait(lambda: _in_full(app.lines, last), "the last volumes in full")
    seen.read.append(time.monotonic() - began)
    # Half a page up and down again: a new cursor and new rows.
    seen.moves += [app.changed("\x15\x04"[n % 2], app.chosen) for n in range(plan.keys)]
    for _ in range(max(1, plan.keys // 10)):
        seen.filters += filtered(app, plan.digits, found(_COUNT))


def _shown(lines: Sequence[str]) -> int:
    return sum(_ROW.match(line) is not None for line in lines)


def _in_full(lines: Sequence[str], last: str) -> bool:
    rows = [row for line in lines if (row := _ROW.match(line))]
    return any(last in row[0] for row in rows) and all(row[1] == "qcow2" for row in rows)

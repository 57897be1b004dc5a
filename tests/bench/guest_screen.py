"""What is measured of guests' screens: one that does not change, and reading its text."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from pathlib import Path

from tests.lab import guests
from tests.lab.daemon import Lab
from virttui.terminal.images.reading import read_screen

from .app import App
from .budgets import Row, Table, median
from .plan import Plan

NAME = "guest"
_READINGS = 20


def screen(table: Table, plan: Plan) -> None:
    """A guest's text screen that stays the same: bytes painted; a picture of it, read."""
    with Lab("bench-screen") as lab:
        guests.furnish_lab(lab)
        guests.define_guest(lab, NAME)
        guests.wait_booted(lab, NAME)
        with App(["-c", lab.uri], re.compile(NAME)) as app:
            app.wait(lambda: app.rows, "the guest")
            app.child.write("v")
            app.wait_text(f"{NAME} login:")
            # Up to a minute the line above says for how many seconds it runs.
            app.wait_text("running 1m")
            app.over(1.0)
            written = [app.over(1.0)[1] * 1000 for _ in range(max(3, round(plan.seconds)))]
        known = "guest screen, text unchanged"
        note = f"in {len(written)} s; most in one {max(written):.0f} B"
        table.add(Row(known, median(written), note=note, budget=known))
        data = _screenshot(lab)
    took = []
    for _ in range(_READINGS):
        began = time.perf_counter()
        read_screen(data)
        took.append((time.perf_counter() - began) * 1e3)
    note = f"{len(data) / 1000:.1f} KB of PNG; the first {took[0]:.1f}"
    table.add(Row("reading a text screen", median(took), "ms", note))


def _screenshot(lab: Lab) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "screen"
        command = ["virsh", "-q", "-c", lab.uri, "screenshot", NAME, str(path)]
        subprocess.run(command, check=True, capture_output=True)
        return path.read_bytes()

"""What is measured of the guest's terminal, with both emulators."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from virttui.terminal.engine import ENGINES, engine_of
from virttui.terminal.screen import TerminalScreen
from virttui.terminal.search import find

from .budgets import Row, Table, median
from .plan import Plan

_LINE = b"\x1b[32m[  OK  ]\x1b[m Started a service with a name of some length, number %06d.\r\n"
_REPEATED = 20


def terminal(table: Table, plan: Plan) -> None:
    """What the emulators of the consoles take: output, reading rows, a search of all lines."""
    log = b"".join(_LINE % number for number in range(plan.logged))
    for module in ENGINES:
        name = "pyte" if "pyte" in module else "libghostty-vt"
        screen = TerminalScreen(engine=engine_of(module, 80, 24))
        seconds = _seconds(partial(screen.feed, log))
        note = f"{screen.line_count:,} lines kept"
        table.add(Row(f"output of a boot, {name}", len(log) / 1e6 / seconds, "MB/s", note))
        for what, output in (("a scrolled screen", b"\r\nx"), ("one row", b"x\b")):
            took = [_read(screen, output) for _ in range(_REPEATED)]
            table.add(Row(f"reading {what}, {name}", median(took) * 1e3, "ms"))
        seconds = _seconds(partial(find, screen, "number 0"))
        table.add(Row(f"a search of all lines, {name}", seconds * 1e3, "ms", note))
        screen.close()


def _read(screen: TerminalScreen, output: bytes) -> float:
    screen.feed(output)
    return _seconds(screen.update)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began

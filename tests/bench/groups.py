"""The groups of measurements, and each at work in a process of its own.

So a group that fails, for whatever reason, ends alone; one leaves nothing to the next in memory;
and the package that is measured, also by a group that calls it in its own process, is the one that
PYTHONPATH names.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from .budgets import Row, Table
from .plan import BenchError, Measure, Plan

CHECKOUT = Path(__file__).parents[2]
# A lab takes a while to end.
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Group:
    """A function in a ``module`` of this package, and whether it needs a ``lab``."""

    name: str
    module: str
    lab: bool = False

    @property
    def measure(self) -> Measure:
        """The function. ImportError where the package under test lacks what it calls."""
        module = import_module(f"{__package__}.{self.module}")
        measure: Measure = getattr(module, self.name.replace("-", "_"))
        return measure

    @property
    def about(self) -> str:
        """What it measures, in a line."""
        return (self.measure.__doc__ or "").splitlines()[0]


GROUPS = (
    Group("starts", "rows"),
    Group("load", "rows"),
    Group("slow-link", "rows"),
    Group("bytes-written", "rows"),
    Group("choosing", "stress"),
    Group("histories", "stress"),
    Group("bulk", "stress"),
    Group("fleet", "fleet"),
    Group("workbench", "workbench"),
    Group("terminal", "terminal"),
    Group("bulk-calls", "faults", lab=True),
    Group("daemon", "daemon", lab=True),
    Group("frozen-guest", "faults", lab=True),
    Group("dead-host", "faults", lab=True),
    Group("churn", "churn", lab=True),
    Group("storage", "storage", lab=True),
    Group("transfers", "transfers", lab=True),
    Group("cloning", "cloning", lab=True),
    Group("backup", "backup", lab=True),
    Group("console", "console", lab=True),
    Group("screen", "guest_screen", lab=True),
)

GROWTH = Group("growth", "growth")
"""What ``scripts/bench --plot`` measures, and nothing else."""


def run(group: Group, table: Table, plan: Plan, package: Path = CHECKOUT) -> None:
    """Measure in a process of its own, the package in the folder ``package``.

    BenchError with what the process said last when it failed; the rows before that are told.
    """
    path = os.pathsep.join(dict.fromkeys((str(package), str(CHECKOUT))))
    command = [sys.executable, "-P", "-m", "tests.bench", group.name, plan.to_json()]
    with (
        tempfile.TemporaryFile("w+") as complaints,
        _running(command, os.environ | {"PYTHONPATH": path}, complaints.fileno()) as process,
    ):
        assert process.stdout is not None
        for told in process.stdout:
            table.add(Row(**json.loads(told)))
        if status := process.wait():
            complaints.seek(0)
            raise BenchError(complaints.read().strip() or f"it ended with {status}")


def run_all(
    groups: Iterable[Group], table: Table, plan: Plan, show_message: Callable[[str], None]
) -> list[str]:
    """Measure one after the other; one that fails says why. The names of those that failed."""
    failed: list[str] = []
    for group in groups:
        try:
            run(group, table, plan)
        except BenchError as error:
            failed.append(group.name)
            show_message(f"{group.name} failed: {error}")
    return failed


@contextmanager
def _running(
    command: list[str], env: dict[str, str], complaints: int
) -> Iterator[subprocess.Popen[str]]:
    """A process that is interrupted once and waited for, however this one is left."""
    process = subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=complaints,
        text=True,
        # Ctrl+c in the terminal is for this process alone: a second one would cut off the end of
        # a lab.
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

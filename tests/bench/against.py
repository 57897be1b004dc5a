"""The same groups on this checkout and on another revision, in turns, and what came of both."""

from __future__ import annotations

import compileall
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from .budgets import Row, Table, line, median
from .groups import CHECKOUT, Group, run
from .plan import BenchError, Plan

# What is measured of a revision; the measurements are always this checkout's.
PACKAGE = ("virttui", "styles")


@contextmanager
def revision(name: str) -> Iterator[Path]:
    """The package of a revision in a folder that goes again. BenchError when there is none."""
    with tempfile.TemporaryDirectory(prefix="virttui-bench-") as place:
        command = ["git", "-C", str(CHECKOUT), "archive", "--format=tar", name, *PACKAGE]
        with tempfile.TemporaryFile() as packed:
            done = subprocess.run(command, stdout=packed, stderr=subprocess.PIPE, text=True)
            if done.returncode:
                raise BenchError(f"git has no package of {name}: {done.stderr.strip()}")
            packed.seek(0)
            subprocess.run(["tar", "-x", "-C", place], stdin=packed, check=True)
        yield Path(place)


def compare(
    groups: Sequence[Group], plan: Plan, name: str, show_message: Callable[[str], None]
) -> list[str]:
    """Measure both, one run of each in turns, and print a table; the groups that failed."""
    failed: list[str] = []
    with revision(name) as other:
        # As the checkout is after its first start.
        compileall.compile_dir(other, quiet=2)
        sides = ((CHECKOUT, "this checkout"), (other, name))
        show_message(line(("what", "here", name[:12], "ratio", "", "")))
        for group in groups:
            here: dict[str, list[Row]] = defaultdict(list)
            there: dict[str, list[Row]] = defaultdict(list)
            for package, side in sides * plan.runs:
                table = Table(partial(_keep, here if package == CHECKOUT else there))
                try:
                    run(group, table, replace(plan, runs=1), package)
                except BenchError as error:
                    failed.append(group.name)
                    show_message(f"{group.name} failed on {side}: {error}")
                    break
            for what in dict.fromkeys([*here, *there]):
                show_message(_line(what, here[what], there[what]))
    return failed


def _keep(told: dict[str, list[Row]], row: Row) -> None:
    told[row.what].append(row)


def _line(what: str, here: list[Row], there: list[Row]) -> str:
    """One figure of both: medians, and how many times the other's this one is."""
    ours, theirs = _median(here), _median(there)
    ratio = f"{ours.figure / theirs.figure:.2f}" if ours and theirs and theirs.figure else ""
    note = f"of {len(here)} and {len(there)} runs"
    return line((what, ours.said if ours else "–", theirs.said if theirs else "–", ratio, "", note))


def _median(rows: list[Row]) -> Row | None:
    return replace(rows[0], figure=median(row.figure for row in rows)) if rows else None

"""The budgets, and how a measured figure is printed beside one."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

BUDGETS: dict[str, tuple[float, str]] = {
    "first frame": (0.35, "s"),
    "first full table, 1,000 domains": (0.8, "s"),
    "cpu, 1,000 domains": (3.0, "%"),
    "cpu, 10,000 domains": (8.0, "%"),
    "bytes a tick, truecolor": (8.0, "KB"),
    "bytes a tick, 256 colours": (6.0, "KB"),
    "bytes a tick, 16 colours": (6.0, "KB"),
    "bytes a tick, nothing changing": (0.2, "KB"),
    "key to paint p99, 1,000 domains": (30.0, "ms"),
    "key to paint p99, 10,000 domains": (60.0, "ms"),
    "filter, key to paint p99, 10,000 domains": (50.0, "ms"),
    "sort, key to paint p99, 10,000 domains": (50.0, "ms"),
    "workbench, key to paint p99, 200 lines": (30.0, "ms"),
    "workbench, key to paint p99, 1,000 lines": (30.0, "ms"),
    "workbench, key to paint p99, 10,000 lines": (60.0, "ms"),
    "bulk calls a tick and host": (3.0, ""),
    "a pool of 5,000 volumes: first screen": (0.5, "s"),
    "a pool of 5,000 volumes: key to paint p99": (30.0, "ms"),
    "a pool of 5,000 volumes: filter, key to paint p99": (50.0, "ms"),
    "transfer against virsh": (1.25, ""),
    "linked clone": (2.0, "s"),
    "transfer, memory grown": (100.0, "MiB"),
    "memory, 1,000 domains": (100.0, "MiB"),
    "memory, 10,000 domains": (200.0, "MiB"),
    "memory with full histories, 1,000 domains": (100.0, "MiB"),
    "memory with full histories, 10,000 domains": (200.0, "MiB"),
    "frozen guest among 100: age of other rows": (2.0, "ticks"),
    "frozen guest among 100: key to paint p99": (30.0, "ms"),
    "dead host among 5: age of other rows": (2.0, "ticks"),
    "dead host among 5: key to paint p99": (30.0, "ms"),
}
"""What may be spent, by what is measured. A row without one is printed for comparison."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure. ``budget`` names the entry of BUDGETS when ``what`` is not it."""

    what: str
    figure: float | None
    unit: str = ""
    note: str = ""
    budget: str = ""

    @property
    def allowed(self) -> float | None:
        """What may be spent, or None where nothing is said."""
        return BUDGETS.get(self.budget or self.what, (None, ""))[0]

    @property
    def over(self) -> bool:
        """Whether more was spent than may be."""
        return self.figure is not None and self.allowed is not None and self.figure > self.allowed

    def cells(self) -> tuple[str, str, str, str, str, str]:
        """What, figure, budget, ratio, verdict, note."""
        unit = self.unit or BUDGETS.get(self.budget or self.what, (0, ""))[1]
        if self.figure is None:
            return (self.what, "–", "", "", "skipped", self.note)
        if self.allowed is None:
            return (self.what, _number(self.figure, unit), "", "", "", self.note)
        return (
            self.what,
            _number(self.figure, unit),
            _number(self.allowed, unit),
            f"{self.figure / self.allowed:.2f}",
            "over" if self.over else "ok",
            self.note,
        )


def median(figures: Iterable[float]) -> float:
    """The median of several runs."""
    return statistics.median(figures)


def p99(figures: Sequence[float]) -> float:
    """The figure that one of a hundred passes."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


class Table:
    """Rows printed as they are measured, in fixed columns."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.rows: list[Row] = []
        self.say = say
        say(_line(("what", "figure", "budget", "ratio", "", "")))

    def add(self, row: Row) -> None:
        """Print one row."""
        self.rows.append(row)
        self.say(_line(row.cells()))


def _line(cells: Sequence[str]) -> str:
    what, figure, budget, ratio, verdict, note = cells
    line = f"{what:56} {figure:>11} {budget:>10} {ratio:>6}  {verdict:7} {note}".rstrip()
    return line[: max(100, shutil.get_terminal_size((200, 24)).columns)]


def _number(figure: float, unit: str) -> str:
    digits = 0 if figure >= 100 else 1 if figure >= 10 else 2
    return f"{figure:.{digits}f} {unit}".rstrip()

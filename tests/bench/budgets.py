"""The budgets, and how a measured figure is printed beside one."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Budget:
    """``limit`` is what may be spent at most; or, with ``least``, what has to be reached."""

    limit: float
    unit: str
    least: bool = False

    def kept(self, figure: float) -> bool:
        """Whether a figure is within the budget."""
        return figure >= self.limit if self.least else figure <= self.limit


BUDGETS: dict[str, Budget] = {
    "first frame": Budget(0.35, "s"),
    "first frame against import textual.app": Budget(2.0, "×"),
    "first full table, 1,000 domains": Budget(0.8, "s"),
    "cpu, 1,000 domains": Budget(3.0, "%"),
    "cpu, 10,000 domains": Budget(8.0, "%"),
    "bytes a tick, truecolor": Budget(8.0, "KB"),
    "bytes a tick, 256 colours": Budget(6.0, "KB"),
    "bytes a tick, 16 colours": Budget(6.0, "KB"),
    "bytes a tick, nothing changing": Budget(0.2, "KB"),
    "key to paint p99, 1,000 domains": Budget(30.0, "ms"),
    "key to paint p99, 10,000 domains": Budget(60.0, "ms"),
    "filter and sort p99, 10,000 domains": Budget(50.0, "ms"),
    "bulk calls a tick and host": Budget(3.0, "calls"),
    "memory, 1,000 domains": Budget(100.0, "MiB"),
    # Without what Python and libvirt take with the scene open: the driver lives in the app.
    "memory, 10,000 domains": Budget(90.0, "MiB"),
    "libvirtd's cpu against others": Budget(0.5, "×"),
    "age of other rows": Budget(2.0, "ticks"),
    "fleet of 50 hosts: cpu": Budget(8.0, "%"),
    "fleet of 50 hosts: key to paint p99": Budget(60.0, "ms"),
    "fleet of 50 hosts: memory": Budget(90.0, "MiB"),
    "console throughput against virsh": Budget(1.0, "×", least=True),
    "console echo p99": Budget(25.0, "ms"),
    "upload against virsh": Budget(1.0, "×", least=True),
    "download against virsh": Budget(1.0, "×", least=True),
    "backup against virsh": Budget(0.95, "×", least=True),
    "migration time against virsh": Budget(1.05, "×"),
    "scripts/test": Budget(12 * 60.0, "s"),
    "scripts/test --fast": Budget(60.0, "s"),
}
"""What may be spent: the table of the design, one entry a figure."""

FURTHER: dict[str, Budget] = {
    "a pool of 5,000 volumes: first screen": Budget(0.5, "s"),
    "guest screen, text unchanged": Budget(1.0, "B/s"),
    "linked clone": Budget(2.0, "s"),
    "transfer, memory grown": Budget(100.0, "MiB"),
}
"""What the design does not say: limits that were set when these features were made."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure. ``budget`` names an entry of BUDGETS or FURTHER, "" none.

    A row without one is printed for comparison, in its own ``unit``.
    """

    what: str
    figure: float
    unit: str = ""
    note: str = ""
    budget: str = ""

    def __post_init__(self) -> None:
        if self.budget and self.budget not in BUDGETS and self.budget not in FURTHER:
            raise KeyError(f"{self.what}: there is no budget called {self.budget}")

    @property
    def allowed(self) -> Budget | None:
        """What may be spent, or None where nothing is said."""
        return BUDGETS.get(self.budget) or FURTHER.get(self.budget)

    @property
    def missed(self) -> bool:
        """Whether more was spent than may be, or less reached than has to be."""
        return self.allowed is not None and not self.allowed.kept(self.figure)

    @property
    def said(self) -> str:
        """The figure with its unit."""
        return number(self.figure, self.allowed.unit if self.allowed else self.unit)

    def cells(self) -> tuple[str, str, str, str, str, str]:
        """What, figure, budget, ratio, verdict, note."""
        if self.allowed is None:
            return (self.what, self.said, "", "", "", self.note)
        limit = number(self.allowed.limit, self.allowed.unit)
        return (
            self.what,
            self.said,
            f"{'≥' if self.allowed.least else '≤'} {limit}",
            f"{self.figure / self.allowed.limit:.2f}",
            "ok" if not self.missed else "under" if self.allowed.least else "over",
            self.note,
        )


def median(figures: Iterable[float]) -> float:
    """The median of several runs."""
    return statistics.median(figures)


def p99(figures: Sequence[float]) -> float:
    """The figure that one of a hundred passes."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def waits(what: str, figures: Sequence[float], budget: str = "") -> Row:
    """A row for milliseconds from keys to their paint."""
    note = f"median {median(figures):.1f}, worst {max(figures):.1f} of {len(figures)}"
    return Row(what, p99(figures), "ms", note, budget)


@dataclass(slots=True)
class Table:
    """The rows of a group; ``tell`` hears each as soon as it was measured."""

    tell: Callable[[Row], None]
    rows: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Tell one row."""
        self.rows.append(row)
        self.tell(row)


def heading() -> str:
    """The line above the rows."""
    return line(("what", "figure", "budget", "ratio", "", ""))


def line(cells: Sequence[str]) -> str:
    """One row in fixed columns."""
    what, figure, budget, ratio, verdict, note = cells
    text = f"{what:58} {figure:>11} {budget:>12} {ratio:>6}  {verdict:5} {note}".rstrip()
    return text[: max(100, shutil.get_terminal_size((200, 24)).columns)]


def number(figure: float, unit: str) -> str:
    """A figure with as many digits as say something."""
    digits = 0 if figure >= 100 else 1 if figure >= 10 else 2
    return f"{figure:.{digits}f} {unit}".rstrip()

"""Which tests one worker runs together, which come first, and where the time of a run went.

With several workers (``scripts/test``; pytest-xdist's ``loadgroup``) the tests that share what
takes long to make are one group, and one worker runs a group. The groups that took longest come
first, by ``durations.json``, which ``--record-durations`` writes anew.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DURATIONS = ROOT / "tests" / "durations.json"
"""Group -> seconds that its tests took, for groups of a second and more."""
SLOW_TESTS = ROOT / "tests" / "slow-tests.json"
"""Test -> seconds that it took, for tests of ``SLOW_SECONDS`` and more outside of ``SLOW``."""
SLOW_SECONDS = 0.2

SHARED_LAB = {
    "tests/lab/provision/test_domain_spec.py": "shared lab, machines",
    "tests/lab/domains/test_devices.py": "shared lab, machines",
    "tests/lab/domains/test_schema.py": "shared lab, machines",
}
"""Modules whose tests of the shared lab have one of their own, beside that of all others."""


SLOW = (
    "tests/attack",
    "tests/bench",
    "tests/e2e",
    "tests/lab",
    "tests/screens/base/test_memory.py",
    "tests/terminal/test_exit.py",
    "tests/terminal/test_memory.py",
    "tests/terminal/test_scrollback.py",
    "tests/test_packaging.py",
)
"""Folders and modules that need a lab, start the whole program or try something hundreds of times.

``--fast`` does not even collect them: importing them takes each worker half a second.
"""
_SLOW_PATHS = {ROOT / one for one in SLOW}


def is_slow(path: Path) -> bool:
    """Whether a folder or module is one of ``SLOW``."""
    return path in _SLOW_PATHS


def without_slow(items: list[pytest.Item]) -> list[pytest.Item]:
    """Take the tests of ``SLOW_TESTS`` out; returns those that were."""
    slow: dict[str, float] = json.loads(SLOW_TESTS.read_text()) if SLOW_TESTS.exists() else {}
    left_out = [item for item in items if item.nodeid in slow]
    items[:] = [item for item in items if item.nodeid not in slow]
    return left_out


def group_of(item: pytest.Item) -> str:
    """The group of a test.

    All tests of the shared lab are a group or two. Other tests of a lab are a group when a fixture
    of their module is shared, and else each is its own. Tests without a lab go by their module.
    """
    module = item.nodeid.partition("::")[0]
    if item.get_closest_marker("lab") is None:
        return module
    fixtures = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
    ours = {
        name: found[-1].scope for name, found in fixtures.items() if found[-1].baseid[:5] == "tests"
    }
    if ours.get("lab") == "session":
        return SHARED_LAB.get(module, "shared lab")
    return module if "module" in ours.values() else item.nodeid


def arrange(items: list[pytest.Item]) -> None:
    """Put the tests of a group side by side, the longest group first, and mark each."""
    durations: dict[str, float] = json.loads(DURATIONS.read_text()) if DURATIONS.exists() else {}
    groups: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        groups[group_of(item)].append(item)
    for name, members in groups.items():
        for item in members:
            if name != item.nodeid:
                item.add_marker(pytest.mark.xdist_group(name))
    longest_first = sorted(groups, key=lambda name: -durations.get(name, 0.0))
    items[:] = [item for name in longest_first for item in groups[name]]


def check(items: list[pytest.Item]) -> None:
    """Raise UsageError where pytest-xdist took no notice of the groups.

    Each test would then make what its group shares, and the run take half as long again.
    """
    marked = (item for item in items if item.get_closest_marker("xdist_group"))
    if any(item.nodeid.rfind("@") <= item.nodeid.rfind("]") for item in marked):
        raise pytest.UsageError("this pytest and this pytest-xdist do not group tests together")


@dataclass
class Part:
    """The tests of one folder: how many, the seconds in them, and from when to when they ran."""

    tests: int = 0
    seconds: float = 0.0
    begun: float = float("inf")
    ended: float = 0.0


@dataclass(eq=False)
class Record:
    """Hears of every test of a run, in the process that the user started."""

    parts: dict[str, Part] = field(default_factory=lambda: defaultdict(Part))
    groups: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    each: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # As pytest-xdist writes it: TEST@GROUP; a name in brackets may have the sign, too.
        grouped = report.nodeid.rfind("@") > report.nodeid.rfind("]")
        test, _, group = report.nodeid.rpartition("@") if grouped else ("", "", report.nodeid)
        folders = Path(report.nodeid.partition("::")[0]).parent.parts
        part = self.parts["/".join(folders[:2])]
        part.tests += report.when == "call"
        part.seconds += report.duration
        part.begun, part.ended = min(part.begun, report.start), max(part.ended, report.stop)
        self.groups[group] += report.duration
        self.each[test or group] += report.duration

    def lines(self) -> Iterator[str]:
        """A line for each part, the one that ended last at the end."""
        begun = min((part.begun for part in self.parts.values()), default=0.0)
        yield f"{'part':20} {'tests':>6} {'seconds in them':>16} {'ran from':>9} {'to':>7}"
        for name, part in sorted(self.parts.items(), key=lambda one: one[1].ended):
            since, until = part.begun - begun, part.ended - begun
            yield f"{name:20} {part.tests:6} {part.seconds:16.1f} {since:9.1f} {until:7.1f}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if sum(part.tests for part in self.parts.values()) > 1:
            terminalreporter.section("parts, in seconds")
            for line in self.lines():
                terminalreporter.line(line)

    def save(self) -> None:
        """Keep how long each group and each slow test took."""
        told = {name: round(seconds) for name, seconds in self.groups.items() if seconds >= 1}
        DURATIONS.write_text(json.dumps(told, indent=0, sort_keys=True) + "\n")
        slow = {
            test: round(seconds, 1)
            for test, seconds in self.each.items()
            if seconds >= SLOW_SECONDS and not test.startswith(SLOW)
        }
        SLOW_TESTS.write_text(json.dumps(slow, indent=0, sort_keys=True) + "\n")

"""Each group of the bench runs to its end on a tiny scene and tells its rows.

Nothing here looks at a figure: the scenes are too small to say anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from . import against, groups
from .budgets import Row, Table
from .groups import GROUPS, Group
from .growth import FIGURES
from .plan import BenchError, Plan, tiny
from .plot import picture, slope, slopes

ROWS = {
    "starts": 6,
    "load": 4,
    "slow-link": 2,
    "bytes-written": 2,
    "choosing": 2,
    "histories": 1,
    "bulk": 2,
    "fleet": 3,
    "workbench": 3,
    "terminal": 8,
    "bulk-calls": 1,
    "daemon": 4,
    "frozen-guest": 4,
    "dead-host": 2,
    "churn": 2,
    "storage": 5,
    "transfers": 6,
    "cloning": 3,
    "backup": 2,
    "console": 2,
    "screen": 2,
}
"""How many rows each group has on a tiny scene."""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The scenes are written once for all groups."""
    return tiny(tmp_path_factory.mktemp("scenes"))


SCENES = [group for group in GROUPS if not group.lab]
LABS = [group for group in GROUPS if group.lab]


@pytest.mark.parametrize("group", SCENES, ids=lambda group: group.name)
def test_a_group_runs_to_its_end(group: Group, plan: Plan) -> None:
    assert rows_of(group, plan) == ROWS[group.name]


@pytest.mark.lab
@pytest.mark.parametrize("group", LABS, ids=lambda group: group.name)
def test_a_group_of_a_lab_runs_to_its_end(group: Group, plan: Plan) -> None:
    if os.geteuid() != 0:
        pytest.skip("the lab needs root, for namespaces and libvirtd")
    assert rows_of(group, plan) == ROWS[group.name]


def rows_of(group: Group, plan: Plan) -> int:
    """How many different rows a group tells."""
    told: list[Row] = []
    groups.run(group, Table(told.append), plan)
    return len({row.what for row in told})


def test_what_grows_is_measured_and_drawn(plan: Plan) -> None:
    told: list[Row] = []
    groups.run(groups.GROWTH, Table(told.append), plan)
    figures = {row.what: row.figure for row in told}
    assert len(figures) == len(FIGURES) * (len(plan.sizes) + len(plan.counts))
    drawn = ElementTree.fromstring(picture(figures, plan))
    lines = list(drawn.iter("{http://www.w3.org/2000/svg}polyline"))
    assert len(lines) == 2 * len(FIGURES)
    assert len(slopes(figures, plan)) == 2 * len(FIGURES)


def test_a_slope_is_what_each_further_one_adds() -> None:
    assert slope([(100, 5.0), (200, 6.0), (1000, 14.0)]) == pytest.approx(0.01)
    assert slope([(1, 3.0)]) == 0.0


def test_one_that_fails_tells_its_error(plan: Plan) -> None:
    with pytest.raises(BenchError, match="StopIteration"):
        groups.run(Group("broken", "rows"), Table(lambda row: None), plan)


def test_after_one_that_fails_the_rest_goes_on(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(group: Group, table: Table, plan: Plan) -> None:
        table.add(Row(group.name, 1.0))
        if group.name == "load":
            raise BenchError("nothing was shown")

    monkeypatch.setattr(groups, "run", run)
    said: list[str] = []
    table = Table(lambda row: None)
    assert groups.run_all(GROUPS[:3], table, plan, said.append) == ["load"]
    assert [row.what for row in table.rows] == ["starts", "load", "slow-link"]
    assert said == ["load failed: nothing was shown"]


@pytest.mark.skipif(not (groups.CHECKOUT / ".git").exists(), reason="not a checkout of git")
def test_a_revision_is_there_for_a_while() -> None:
    with against.revision("HEAD") as folder:
        assert (folder / "virttui" / "__main__.py").exists()
        assert (folder / "styles").is_dir()
        assert not (folder / "tests").exists()
    assert not folder.exists()
    missing = against.revision("no-such-revision")
    with pytest.raises(BenchError, match="no package of no-such-revision"), missing:
        pass


def test_two_revisions_are_measured_in_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Path] = []
    said: list[str] = []

    @contextmanager
    def revision(name: str) -> Iterator[Path]:
        yield tmp_path

    def run(group: Group, table: Table, plan: Plan, package: Path) -> None:
        taken.append(package)
        table.add(Row("seconds", 1.0 if package == tmp_path else 3.0, "s"))
        if group.name == "load":
            raise BenchError("nothing was shown")

    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(against, "revision", revision)
    monkeypatch.setattr(against, "run", run)
    failed = against.compare(GROUPS[:2], replace(tiny(tmp_path), runs=2), "v1", said.append)
    assert taken == [groups.CHECKOUT, tmp_path] * 2 + [groups.CHECKOUT]
    assert failed == ["load"]
    assert " ".join(said[1].split()) == "seconds 3.00 s 1.00 s 3.00 of 2 and 2 runs"
    assert said[2] == "load failed on this checkout: nothing was shown"
    assert said[3].split()[:4] == ["seconds", "3.00", "s", "–"]


def test_every_group_says_what_it_measures() -> None:
    assert all(group.about for group in GROUPS)
    assert len({group.name for group in GROUPS}) == len(GROUPS) == len(ROWS)


def test_a_plan_is_the_same_in_another_process(tmp_path: Path) -> None:
    for plan in (Plan(tmp_path), tiny(tmp_path)):
        assert Plan.from_json(plan.to_json()) == plan


def test_a_budget_is_a_limit_or_what_has_to_be_reached() -> None:
    assert Row("x", 0.36, budget="first frame").missed
    assert not Row("x", 0.34, budget="first frame").missed
    assert Row("x", 0.9, budget="upload against virsh").cells()[2:5] == (
        "≥ 1.00 ×",
        "0.90",
        "under",
    )
    assert not Row("x", 1.1, budget="upload against virsh").missed
    assert not Row("x", 1e9, "s").missed, "it has none"
    with pytest.raises(KeyError, match="no budget called"):
        Row("x", 1.0, budget="first fame")

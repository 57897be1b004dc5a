from __future__ import annotations

import itertools

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from virttui.panes.domains import graph_drawer
from virttui.panes.domains.columns import COLUMNS, DROPS, EXTRA
from virttui.panes.domains.pane import DOMAINS, minimum
from virttui.render.columns import (
    Column,
    HideRule,
    RowFlags,
    StateCell,
    header,
    layout,
    row,
    state_cell,
)
from virttui.render.glyphs import RenderContext
from virttui.render.line import Background, Line, Role, Run, length, plain
from virttui.store.fleet_state import FleetState, FleetStore


def shown(width: int, *, several: bool = True) -> list[str]:
    without = EXTRA if several else EXTRA | {"host"}
    shape = layout(COLUMNS, DROPS, width, minimum=minimum(width), without=without)
    return [placed.column.id for placed in shape.columns]


def test_narrow_screens_fold_rates_and_keep_the_host() -> None:
    assert shown(80) == ["name", "state", "cpu", "mem", "disk", "net", "host"]


def test_one_host_gives_its_place_to_the_address() -> None:
    assert shown(80, several=False) == ["name", "state", "cpu", "mem", "disk", "net", "address"]


def test_the_reference_width() -> None:
    assert shown(120) == [
        "name", "state", "bar", "cpu", "mem", "read", "write", "rx", "tx", "address", "host",
        "auto",
    ]  # fmt: skip


@pytest.mark.parametrize("width", range(40, 260))
def test_every_width_is_filled_and_never_passed(width: int) -> None:
    shape = layout(COLUMNS, DROPS, width, minimum=minimum(width), without=EXTRA)
    last = shape.columns[-1]
    assert last.start + last.width == width
    assert shape.columns[0].width >= min(minimum(width), 10)


def test_columns_never_overlap() -> None:
    for width in range(40, 200, 7):
        placed = layout(COLUMNS, DROPS, width, minimum=minimum(width), without=EXTRA).columns
        for one, other in itertools.pairwise(placed):
            assert one.start + one.width < other.start


def fleet_state() -> FleetState:
    store = FleetStore(fleet.SPECS, fleet.NOW)
    for inventory in fleet.inventories():
        store.apply_inventory(inventory)
    return store.fleet_state(fleet.NOW, fleet.EPOCH)


LOOK = RenderContext(now=fleet.NOW, epoch=fleet.EPOCH)


def line_of(name: str, flags: RowFlags = RowFlags()) -> Line:  # noqa: B008 - frozen
    rows = {item.domain.name: item for item in DOMAINS.rows(fleet_state())}
    shape = DOMAINS.shape(DOMAINS.choice(), DOMAINS.hidden(fleet_state(), DOMAINS.choice()), 120)
    return row(shape, rows[name], DOMAINS.row_role(rows[name]), LOOK, flags)


@pytest.mark.parametrize("name", [domain.name for domain, _ in fleet.domains()])
def test_a_row_takes_its_cells_in_at_most_five_runs(name: str) -> None:
    line = line_of(name)
    assert length(line) == 120
    assert len(line) <= 5


def test_rows_that_are_off_are_one_muted_run() -> None:
    line = line_of("old-wiki")
    assert {run.role for run in line if run.text.strip()} == {Role.MUTED}
    assert len(line) == 1


def test_on_the_cursor_row_muted_becomes_text() -> None:
    line = line_of("old-wiki", RowFlags(cursor=True))
    assert all(run.background is Background.CURSOR for run in line)
    assert Role.MUTED not in {run.role for run in line}


def test_without_the_focus_only_the_bar_is_left() -> None:
    line = line_of("gitlab", RowFlags(cursor=True, focused=False))
    assert line[0] == Run("▌", Role.ACCENT) or line[0].text.startswith("▌")
    assert {run.background for run in line} == {Background.PLAIN}


def test_a_marked_name_is_in_accent() -> None:
    line = line_of("gitlab", RowFlags(marked=True))
    assert line[0].text.startswith(" *gitlab")
    assert line[0].role is Role.ACCENT_STRONG


def test_the_sort_mark_keeps_the_right_edge() -> None:
    shape = DOMAINS.shape(DOMAINS.choice(), DOMAINS.hidden(fleet_state(), DOMAINS.choice()), 120)
    still = plain(header(shape, "", False, LOOK))
    by_cpu = plain(header(shape, "cpu", True, LOOK))
    assert still.index("CPU%") == by_cpu.index("CPU%")
    assert by_cpu[by_cpu.index("CPU%") - 1] == "▼"
    by_memory = plain(header(shape, "mem", True, LOOK))
    assert still.index("USED/MEM") == by_memory.index("USED/MEM")
    assert plain(header(shape, "name", False, LOOK)).startswith("  ▲NAME ")
    assert length(header(shape, "auto", True, LOOK)) == 120


def test_an_alarm_is_one_block() -> None:
    cell = state_cell(StateCell("×", "crashed", alarm=True), Role.TEXT)
    assert cell == (Run("× crashed     ", Role.ALARM),)


def test_an_age_stands_at_the_right_edge() -> None:
    cell = state_cell(StateCell("●", "running", age="42s"), Role.MUTED)
    assert plain(cell) == "● running   42s"


def test_a_column_that_stands_in_comes_when_its_own_go() -> None:
    columns: tuple[Column[str], ...] = (
        Column("a", "A", 4, lambda item, look: item, flex=True),
        Column("b", "B", 9, lambda item, look: item),
        Column("c", "C", 3, lambda item, look: item),
    )
    drops = (HideRule(("b",), ("c",)),)
    assert [p.column.id for p in layout(columns, drops, 16).columns] == ["a", "b"]
    assert [p.column.id for p in layout(columns, drops, 12).columns] == ["a", "c"]


def test_a_host_called_by_its_uri_leaves_a_rule_its_title() -> None:
    found = fleet.inventory("kvm01")
    uri = "qemu+unix:///system?socket=/tmp/a-lab/run/libvirt/libvirt-sock"
    long = replace(found, host=replace(found.host, name=uri))
    shown = [
        plain(line) for line in graph_drawer._sides(long, fleet_state(), RenderContext(), 40, 18)
    ]
    assert any("networks" in line and "qemu" in line for line in shown)
    assert any("storage" in line for line in shown)

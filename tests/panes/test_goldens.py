"""Whole screens as plain text, at the three sizes of the design."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.scenes import fleet
from virttui.model.identity import ObjectId
from virttui.model.queries import (
    FileUsersQuery,
    FileUsersResult,
    VolumesQuery,
    VolumesResult,
)
from virttui.panes.domains.pane import LANGUAGE
from virttui.panes.main.view_state import MainViewState
from virttui.render.columns import RowFlags
from virttui.render.filter import Filter
from virttui.render.glyphs import ASCII, UNICODE, RenderContext
from virttui.render.line import length, plain
from virttui.render.list_view import TableContent
from virttui.store.fleet_state import FleetStore

Golden = Callable[[str, list[str]], None]
SIZES = ((80, 24), (120, 36), (200, 60))
LOOK = RenderContext(UNICODE, True, fleet.NOW, fleet.EPOCH)


def view_state_of(size: tuple[int, int], *, silent: bool = False) -> MainViewState:
    store = FleetStore(fleet.SPECS, fleet.NOW)
    for inventory in fleet.inventories():
        quiet = silent and inventory.host.id == "kvm02"
        store.apply_inventory(fleet.silent(inventory) if quiet else inventory)
    for task in fleet.tasks():
        store.apply_task(task)
    for event in fleet.host_events():
        store.apply_event(event)
    pool = ObjectId("kvm01", "pool-default")
    store.apply_query_result(VolumesResult(VolumesQuery(pool), volumes=fleet.volumes()))
    store.apply_query_result(FileUsersResult(FileUsersQuery(ObjectId("kvm01", ""))))
    view_state = MainViewState()
    view_state.resize(*size)
    view_state.update(store.fleet_state(fleet.NOW, fleet.EPOCH))
    return view_state


def table(shown: TableContent, height: int, look: RenderContext) -> list[str]:
    view = shown.view
    cursor = view.cursor
    rows = [
        look.with_glyphs(
            view.listing.line(
                item,
                shown.shape,
                look,
                RowFlags(item.key == cursor.cursor, item.key in cursor.marks, shown.focused),
            )
        )
        for item in view.listing.rows[cursor.offset : cursor.offset + height]
    ]
    lines = [look.with_glyphs(shown.head), *(rows or [(), shown.words])]
    assert all(length(line) == shown.shape.width for line in [lines[0], *rows])
    return [plain(line) for line in lines] + [""] * (height + 1 - len(lines))


def screen(view_state: MainViewState, look: RenderContext = LOOK) -> list[str]:
    frame = view_state.frame(look)
    width, height = view_state.size
    lines = [plain(look.with_glyphs(line)) for line in (frame.tabs, *frame.strip, frame.rule)]
    assert all(len(line) == width for line in lines)
    lines += table(frame.table, frame.grid.rows, look)
    if frame.lower is not None:
        lines.append(plain(frame.lower_rule))
        lines += table(frame.lower, frame.grid.lower - 2, look)
    lines += [plain(look.with_glyphs(line)) for line in frame.below]
    lines += [plain(look.with_glyphs(line)) for line in (frame.answer, frame.keys)]
    assert len(lines) == height
    return [line.rstrip() for line in lines]


@pytest.mark.parametrize("size", SIZES)
def test_domains(golden: Golden, size: tuple[int, int]) -> None:
    view_state = view_state_of(size)
    view_state.view.cursor.jump(fleet.key("db-primary-01"), view_state.height)
    view_state.view.cursor.marks |= {fleet.key("ci-runner-01"), fleet.key("ci-runner-02")}
    golden(f"domains-{size[0]}x{size[1]}", screen(view_state))


def test_filtered_domains(golden: Golden) -> None:
    view_state = view_state_of((80, 24))
    found = LANGUAGE.parse("host:kvm*")
    assert isinstance(found, Filter)
    view_state.narrow(found)
    golden("domains-filtered-80x24", screen(view_state))


def test_ascii(golden: Golden) -> None:
    view_state = view_state_of((80, 24))
    lines = screen(view_state, RenderContext(ASCII, True, fleet.NOW, fleet.EPOCH))
    assert all(line.isascii() for line in lines)
    golden("domains-ascii-80x24", lines)


def test_ascii_moves_no_column(golden: Golden) -> None:
    view_state = view_state_of((120, 36))
    fancy = screen(view_state)
    simple = screen(view_state, RenderContext(ASCII, True, fleet.NOW, fleet.EPOCH))
    for one, other in zip(fancy[:22], simple[:22], strict=True):
        letters = {(x, c) for x, c in enumerate(one) if c.isascii() and c.isalnum()}
        assert letters <= set(enumerate(other))


def test_a_silent_host(golden: Golden) -> None:
    view_state = view_state_of((120, 36), silent=True)
    view_state.view.cursor.jump(fleet.key("ci-runner-01"), view_state.height)
    golden("host-silent-120x36", screen(view_state))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("pane", ["networks", "hosts", "tasks", "events", "storage"])
def test_other_panes(golden: Golden, pane: str, size: tuple[int, int]) -> None:
    view_state = view_state_of(size)
    view_state.open(pane)
    golden(f"{pane}-{size[0]}x{size[1]}", screen(view_state))


@pytest.mark.parametrize("size", SIZES)
def test_volumes(golden: Golden, size: tuple[int, int]) -> None:
    view_state = view_state_of(size)
    view_state.open("storage")
    view_state.open_pool(ObjectId("kvm01", "pool-default"))
    golden(f"volumes-{size[0]}x{size[1]}", screen(view_state))


@pytest.mark.parametrize("width", [40, 53, 60, 79, 100, 119, 159, 160, 189, 190, 250])
@pytest.mark.parametrize("height", [10, 15, 16, 29, 30, 55, 56, 70])
@pytest.mark.parametrize("zoomed", [False, True])
def test_every_size_is_filled_exactly(width: int, height: int, zoomed: bool) -> None:
    view_state = view_state_of((width, height))
    view_state.zoomed = zoomed
    for pane in ("domains", "networks", "storage", "hosts", "tasks", "events"):
        view_state.open(pane)
        assert max(map(len, screen(view_state))) <= width
    view_state.open("storage")
    view_state.open_pool(ObjectId("kvm01", "pool-default"))
    screen(view_state)

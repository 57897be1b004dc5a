"""Cursor, marks, bulk actions, and what survives sort, filter and reconnect."""

from __future__ import annotations

from functools import partial

import pytest
from msgspec.structs import replace
from textual.geometry import Region

from tests.scenes import fleet, look
from tests.scenes.running_app import FixedClock, RunningApp, running_app
from virttui.formatting import clock as clock_words
from virttui.modals.base.confirm import ConfirmDialog
from virttui.model.commands import Verb
from virttui.model.errors import OperationError
from virttui.model.inventory import ConnectionState, DomainState, Inventory
from virttui.model.tasks import TaskState
from virttui.render.line import Run
from virttui.widgets.line_view import LineView, last_change


async def test_cursor_and_marks_survive_sort_filter_and_reconnect() -> None:
    async with running_app() as ui:
        ui.put_cursor("web-01")
        await ui.press("space")
        ui.put_cursor("gitlab")
        await ui.press("space")
        held = {fleet.key("web-01"), fleet.key("gitlab")}
        ui.put_cursor("mail-01")
        await ui.press("greater_than_sign", "I")
        assert ui.cursor() == "mail-01"
        await ui.press("slash")
        await ui.type("mail")
        await ui.press("enter")
        assert ui.cursor() == "mail-01"
        assert "2 hidden" in ui.text("rule")
        ui.view_state.narrow(type(ui.view_state.view.choice.filter)())
        lost = [fleet.silent(inventory) for inventory in fleet.inventories()]
        await ui.publish(*lost)
        empty = [replace(i, domains={}, usage={}, listed=False) for i in lost]
        await ui.publish(*empty)
        await ui.publish(*fleet.inventories())
        assert ui.cursor() == "mail-01"
        assert ui.view_state.view.cursor.marks == held
        assert "* 2 marked" in ui.text("rule")


async def test_marks_of_what_is_gone_are_dropped() -> None:
    async with running_app() as ui:
        ui.put_cursor("gitlab")
        await ui.press("space")
        await ui.publish(fleet.small("kvm01", ["alone"]))
        assert ui.view_state.view.cursor.marks == set()


async def test_bulk_asks_once_and_lists_every_target() -> None:
    async with running_app((80, 24)) as ui:
        for name in ("web-01", "web-02", "gitlab", "db-replica-02"):
            ui.put_cursor(name)
            await ui.press("space")
        assert ui.text("keys").startswith(" on 4 marked:")
        await ui.press("S")
        body = ui.text("body")
        assert "Shut down these 3 on 2 hosts" in body
        for name in ("web-01", "web-02", "gitlab"):
            assert name in body
        assert "db-replica-02 is paused and cannot answer: skipped" in body
        assert "Shut down 3" in body
        await ui.press("down", "space")
        assert "Shut down 2" in ui.text("body")
        await ui.press("y")
        assert len(ui.backend.commands) == 2
        assert {c.verb for c in ui.backend.commands} == {Verb.SHUTDOWN}
        assert ui.view_state.view.cursor.marks == set()


async def test_a_long_list_of_targets_is_scrolled_never_cut() -> None:
    async with running_app((80, 24)) as ui:
        await ui.press("asterisk", "w")
        seen: set[str] = set()
        for _ in range(45):
            seen |= set(ui.text("body").split())
            await ui.press("down")
        running = {d.name for d, _ in fleet.domains() if d.state is DomainState.RUNNING}
        assert {name for name in running if len(name) < 20} <= seen


async def test_escape_takes_one_layer_at_a_time() -> None:
    async with running_app() as ui:
        await ui.press("slash")
        await ui.type("web")
        await ui.press("enter", "space")
        await ui.press("escape")
        assert ui.view_state.view.cursor.marks == set()
        assert ui.view_state.view.choice.filter
        await ui.press("escape")
        assert not ui.view_state.view.choice.filter


async def test_a_task_at_work_is_shown_and_its_end_is_told() -> None:
    clock = FixedClock()
    async with running_app(clock=clock) as ui:
        ui.put_cursor("gitlab")
        task = fleet.task(7, Verb.SHUTDOWN, "gitlab", TaskState.RUNNING, 3)
        await ui.publish(task)
        assert "» shut down 3s" in ui.text("table")
        clock.moved = 5
        ui.app.update_screen()
        assert "» shut down 8s" in ui.text("table")
        done = replace(task, state=TaskState.DONE, words="off after 6 s", ended_at=fleet.NOW + 3)
        await ui.publish(done)
        assert ui.text("answer") == " gitlab  off after 6 s"
        clock.moved = 11
        ui.app.update_screen()
        assert "off after" not in ui.text("answer")


async def test_a_failed_task_gives_its_advice_and_its_story() -> None:
    async with running_app() as ui:
        task = fleet.task(
            7, Verb.SHUTDOWN, "gitlab", TaskState.FAILED, 90, ended_at=fleet.NOW,
            trouble=OperationError("the guest ignored ACPI for 90 s", advice="try D force off",
                            libvirt_message="timed out"),
        )  # fmt: skip
        await ui.publish(task)
        assert "gitlab  shut down: the guest ignored ACPI for 90 s. try D" in ui.text("answer")
        await ui.press("5")
        assert "× failed" in ui.text("table")
        detail_lines = ui.text("below")
        for words in ("the guest ignored ACPI", "timed out", "try D force off", "virsh -c"):
            assert words in detail_lines


async def test_old_figures_are_muted_and_unknown_ones_are_dashes() -> None:
    clock = FixedClock()
    async with running_app(messages=[fleet.small("edge1", ["a"])], clock=clock) as ui:
        row = next(line for line in ui.text("table").splitlines() if " a " in line)
        assert row.split()[:3] == ["▌", "a", "●"] or "● running" in row
        assert "–" in row
        clock.moved = 10
        ui.app.update_screen()
        assert ui.view_state.view.row.usage.cpu_old(fleet.NOW + 10)


async def test_a_deleted_row_hands_the_cursor_to_its_neighbour() -> None:
    before = fleet.small("kvm01", ["a", "b", "c"])
    async with running_app(messages=[before]) as ui:
        await ui.press("I", "g", "down")
        assert ui.cursor() == "b"
        domains = {u: d for u, d in before.domains.items() if d.name != "b"}
        await ui.publish(replace(before, domains=domains))
        assert ui.cursor() == "c"


async def test_only_what_changed_is_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_app() as ui:
        regions: list[Region] = []

        def refresh(*some: Region, **_more: object) -> None:
            regions.extend(some)

        for lines in ui.console.query("LineView").results():
            monkeypatch.setattr(lines, "refresh", refresh)
        ui.app.update_screen()
        assert regions == []
        inventory = fleet.inventory("kvm01", ui.view_state.view.cursor.cursor)
        key = fleet.key("gitlab").uuid
        usage = dict(inventory.usage)
        usage[key] = replace(usage[key], rx=99e6)
        await ui.publish(replace(inventory, usage=usage, trail=None))
        table = [r for r in regions if r.height == 1 and 60 < r.width < 100]
        assert len(table) == 1
        # It ends with the RX column: what stands right of it did not change.
        assert table[0].right <= 83


def silent_all() -> list[Inventory]:
    return [fleet.silent(inventory) for inventory in fleet.inventories()]


async def test_a_confirm_freezes_what_is_behind() -> None:
    async with running_app() as ui:
        ui.put_cursor("gitlab")
        await ui.press("D")
        assert isinstance(ui.app.screen, ConfirmDialog)
        before = ui.console.query_one("#table", LineView).text
        await ui.publish(fleet.small("kvm01", ["alone"]))
        assert ui.console.query_one("#table", LineView).text == before
        await ui.press("escape")
        assert "alone" in ui.text("table")


async def test_many_that_are_left_out_are_rows_of_the_list() -> None:
    async with running_app((80, 24)) as ui:
        for name in ("gitlab", "old-wiki", "crm-test", "win-golden", "edge-test"):
            ui.put_cursor(name)
            await ui.press("space")
        await ui.press("S")
        body = ui.text("body")
        assert "Shut down 1" in body
        for name in ("old-wiki", "crm-test", "win-golden", "edge-test"):
            line = next(line for line in body.splitlines() if name in line)
            assert "is off, skipped" in line
        await ui.press("down", "space", "y")
        assert [c.target.name for c in ui.backend.commands] == ["gitlab"]


def box_fits(ui: RunningApp, bottom: int) -> bool:
    return 0 < ui.app.screen.query_one("#box").region.bottom <= bottom


async def test_forms_fit_the_smallest_terminal() -> None:
    for key, name in (("D", "gitlab"), ("r", "old-wiki"), ("U", "old-wiki")):
        async with running_app((40, 10)) as ui:
            ui.backend.plan = look.PLAN
            ui.put_cursor(name)
            await ui.press(key)
            await ui.wait_for(partial(box_fits, ui, 9), "the box")
            assert "Cancel" in ui.screen_text()


def test_a_shorter_line_leaves_nothing_of_the_longer_one() -> None:
    assert last_change((Run("a" * 30),), (Run("b" * 5),)) == 30
    assert last_change((Run("a" * 5),), (Run("b" * 30),)) == 30


async def test_the_list_behind_a_sheet_says_its_age() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        top = ui.console.query_one("#top", LineView)
        assert "as of" not in top.text and "every 1 s" in top.text
        moment = clock_words(fleet.EPOCH)
        ui.put_cursor("web-01")
        await ui.press("D")
        assert f"as of {moment}" in top.text and "all well" not in top.text
        clock.moved += 6.0
        ui.app.update_screen()
        await ui.settle()
        assert f"as of {moment}" in top.text, "it stands still, and says so"
        await ui.press("escape")
        await ui.settle()
        assert "as of" not in top.text


async def test_nothing_is_well_before_anybody_answered() -> None:
    asked = [replace(one, host=replace(one.host, phase=ConnectionState.CONNECTING), domains={},
    networks={},
                     pools={}) for one in fleet.inventories()]  # fmt: skip
    async with running_app(messages=asked) as ui:
        assert "asking 3" in ui.text("top") and "all well" not in ui.text("top")


async def test_the_column_that_a_list_is_sorted_by_is_shown() -> None:
    async with running_app((120, 36)) as ui:
        assert " LAT" not in ui.text("table").splitlines()[0]
        await ui.type(":sort latency")
        await ui.press("enter")
        head = ui.text("table").splitlines()[0]
        assert "▼" in head and "LAT" in head


async def test_a_group_of_one_state_counts_its_domains_alone() -> None:
    async with running_app((120, 36)) as ui:
        await ui.type(":group state")
        await ui.press("enter")
        headings = [line for line in ui.text("table").splitlines() if " domain" in line]
        assert headings and not any("running" in line.split("domain")[1] for line in headings)
        await ui.type(":group host")
        await ui.press("enter")
        assert "running" in ui.text("table")

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
    async with running_app() as made:
        made.put_cursor("web-01")
        await made.press("space")
        made.put_cursor("gitlab")
        await made.press("space")
        held = {fleet.key("web-01"), fleet.key("gitlab")}
        made.put_cursor("mail-01")
        await made.press("greater_than_sign", "I")
        assert made.cursor() == "mail-01"
        await made.press("slash")
        await made.type("mail")
        await made.press("enter")
        assert made.cursor() == "mail-01"
        assert "2 hidden" in made.text("rule")
        made.view_state.narrow(type(made.view_state.view.choice.filter)())
        lost = [fleet.silent(inventory) for inventory in fleet.inventories()]
        await made.publish(*lost)
        empty = [replace(i, domains={}, usage={}, listed=False) for i in lost]
        await made.publish(*empty)
        await made.publish(*fleet.inventories())
        assert made.cursor() == "mail-01"
        assert made.view_state.view.cursor.marks == held
        assert "* 2 marked" in made.text("rule")


async def test_marks_of_what_is_gone_are_dropped() -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        await made.press("space")
        await made.publish(fleet.small("kvm01", ["alone"]))
        assert made.view_state.view.cursor.marks == set()


async def test_bulk_asks_once_and_lists_every_target() -> None:
    async with running_app((80, 24)) as made:
        for name in ("web-01", "web-02", "gitlab", "db-replica-02"):
            made.put_cursor(name)
            await made.press("space")
        assert made.text("keys").startswith(" on 4 marked:")
        await made.press("S")
        body = made.text("body")
        assert "Shut down these 3 on 2 hosts" in body
        for name in ("web-01", "web-02", "gitlab"):
            assert name in body
        assert "db-replica-02 is paused and cannot answer: skipped" in body
        assert "Shut down 3" in body
        await made.press("down", "space")
        assert "Shut down 2" in made.text("body")
        await made.press("y")
        assert len(made.backend.commands) == 2
        assert {c.verb for c in made.backend.commands} == {Verb.SHUTDOWN}
        assert made.view_state.view.cursor.marks == set()


async def test_a_long_list_of_targets_is_scrolled_never_cut() -> None:
    async with running_app((80, 24)) as made:
        await made.press("asterisk", "w")
        seen: set[str] = set()
        for _ in range(45):
            seen |= set(made.text("body").split())
            await made.press("down")
        running = {d.name for d, _ in fleet.domains() if d.state is DomainState.RUNNING}
        assert {name for name in running if len(name) < 20} <= seen


async def test_escape_takes_one_layer_at_a_time() -> None:
    async with running_app() as made:
        await made.press("slash")
        await made.type("web")
        await made.press("enter", "space")
        await made.press("escape")
        assert made.view_state.view.cursor.marks == set()
        assert made.view_state.view.choice.filter
        await made.press("escape")
        assert not made.view_state.view.choice.filter


async def test_a_task_at_work_is_shown_and_its_end_is_told() -> None:
    clock = FixedClock()
    async with running_app(clock=clock) as made:
        made.put_cursor("gitlab")
        task = fleet.task(7, Verb.SHUTDOWN, "gitlab", TaskState.RUNNING, 3)
        await made.publish(task)
        assert "» shut down 3s" in made.text("table")
        clock.moved = 5
        made.app.update_screen()
        assert "» shut down 8s" in made.text("table")
        done = replace(task, state=TaskState.DONE, words="off after 6 s", ended_at=fleet.NOW + 3)
        await made.publish(done)
        assert made.text("answer") == " gitlab  off after 6 s"
        clock.moved = 11
        made.app.update_screen()
        assert "off after" not in made.text("answer")


async def test_a_failed_task_gives_its_advice_and_its_story() -> None:
    async with running_app() as made:
        task = fleet.task(
            7, Verb.SHUTDOWN, "gitlab", TaskState.FAILED, 90, ended_at=fleet.NOW,
            trouble=OperationError("the guest ignored ACPI for 90 s", advice="try D force off",
                            libvirt_message="timed out"),
        )  # fmt: skip
        await made.publish(task)
        assert "gitlab  shut down: the guest ignored ACPI for 90 s. try D" in made.text("answer")
        await made.press("5")
        assert "× failed" in made.text("table")
        detail_lines = made.text("below")
        for words in ("the guest ignored ACPI", "timed out", "try D force off", "virsh -c"):
            assert words in detail_lines


async def test_old_figures_are_muted_and_unknown_ones_are_dashes() -> None:
    clock = FixedClock()
    async with running_app(messages=[fleet.small("edge1", ["a"])], clock=clock) as made:
        row = next(line for line in made.text("table").splitlines() if " a " in line)
        assert row.split()[:3] == ["▌", "a", "●"] or "● running" in row
        assert "–" in row
        clock.moved = 10
        made.app.update_screen()
        assert made.view_state.view.row.usage.cpu_old(fleet.NOW + 10)


async def test_a_deleted_row_hands_the_cursor_to_its_neighbour() -> None:
    before = fleet.small("kvm01", ["a", "b", "c"])
    async with running_app(messages=[before]) as made:
        await made.press("I", "g", "down")
        assert made.cursor() == "b"
        domains = {u: d for u, d in before.domains.items() if d.name != "b"}
        await made.publish(replace(before, domains=domains))
        assert made.cursor() == "c"


async def test_only_what_changed_is_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_app() as made:
        regions: list[Region] = []

        def refresh(*some: Region, **_more: object) -> None:
            regions.extend(some)

        for lines in made.console.query("LineView").results():
            monkeypatch.setattr(lines, "refresh", refresh)
        made.app.update_screen()
        assert regions == []
        inventory = fleet.inventory("kvm01", made.view_state.view.cursor.cursor)
        key = fleet.key("gitlab").uuid
        usage = dict(inventory.usage)
        usage[key] = replace(usage[key], rx=99e6)
        await made.publish(replace(inventory, usage=usage, trail=None))
        table = [r for r in regions if r.height == 1 and 60 < r.width < 100]
        assert len(table) == 1
        # It ends with the RX column: what stands right of it did not change.
        assert table[0].right <= 83


def silent_all() -> list[Inventory]:
    return [fleet.silent(inventory) for inventory in fleet.inventories()]


async def test_a_confirm_freezes_what_is_behind() -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        await made.press("D")
        assert isinstance(made.app.screen, ConfirmDialog)
        before = made.console.query_one("#table", LineView).text
        await made.publish(fleet.small("kvm01", ["alone"]))
        assert made.console.query_one("#table", LineView).text == before
        await made.press("escape")
        assert "alone" in made.text("table")


async def test_many_that_are_left_out_are_rows_of_the_list() -> None:
    async with running_app((80, 24)) as made:
        for name in ("gitlab", "old-wiki", "crm-test", "win-golden", "edge-test"):
            made.put_cursor(name)
            await made.press("space")
        await made.press("S")
        body = made.text("body")
        assert "Shut down 1" in body
        for name in ("old-wiki", "crm-test", "win-golden", "edge-test"):
            line = next(line for line in body.splitlines() if name in line)
            assert "is off, skipped" in line
        await made.press("down", "space", "y")
        assert [c.target.name for c in made.backend.commands] == ["gitlab"]


def box_fits(made: RunningApp, bottom: int) -> bool:
    return 0 < made.app.screen.query_one("#box").region.bottom <= bottom


async def test_forms_fit_the_smallest_terminal() -> None:
    for key, name in (("D", "gitlab"), ("r", "old-wiki"), ("U", "old-wiki")):
        async with running_app((40, 10)) as made:
            made.backend.plan = look.PLAN
            made.put_cursor(name)
            await made.press(key)
            await made.wait_for(partial(box_fits, made, 9), "the box")
            assert "Cancel" in made.screen_text()


def test_a_shorter_line_leaves_nothing_of_the_longer_one() -> None:
    assert last_change((Run("a" * 30),), (Run("b" * 5),)) == 30
    assert last_change((Run("a" * 5),), (Run("b" * 30),)) == 30


async def test_the_list_behind_a_sheet_says_its_age() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as made:
        top = made.console.query_one("#top", LineView)
        assert "as of" not in top.text and "every 1 s" in top.text
        moment = clock_words(fleet.EPOCH)
        made.put_cursor("web-01")
        await made.press("D")
        assert f"as of {moment}" in top.text and "all well" not in top.text
        clock.moved += 6.0
        made.app.update_screen()
        await made.settle()
        assert f"as of {moment}" in top.text, "it stands still, and says so"
        await made.press("escape")
        await made.settle()
        assert "as of" not in top.text


async def test_nothing_is_well_before_anybody_answered() -> None:
    asked = [replace(one, host=replace(one.host, phase=ConnectionState.CONNECTING), domains={},
    networks={},
                     pools={}) for one in fleet.inventories()]  # fmt: skip
    async with running_app(messages=asked) as made:
        assert "asking 3" in made.text("top") and "all well" not in made.text("top")


async def test_the_column_that_a_list_is_sorted_by_is_shown() -> None:
    async with running_app((120, 36)) as made:
        assert " LAT" not in made.text("table").splitlines()[0]
        await made.type(":sort latency")
        await made.press("enter")
        head = made.text("table").splitlines()[0]
        assert "▼" in head and "LAT" in head


async def test_a_group_of_one_state_counts_its_domains_alone() -> None:
    async with running_app((120, 36)) as made:
        await made.type(":group state")
        await made.press("enter")
        headings = [line for line in made.text("table").splitlines() if " domain" in line]
        assert headings and not any("running" in line.split("domain")[1] for line in headings)
        await made.type(":group host")
        await made.press("enter")
        assert "running" in made.text("table")
